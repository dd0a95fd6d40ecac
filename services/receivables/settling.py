"""The commands on payments: a remittance with all it pays, its reversal, and a deduction resolved by a credit memo."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import date
from decimal import Decimal
from typing import Any, ClassVar

from pydantic import Field

from domain.credit_account import CreditAccount
from domain.debtor import Debtor
from domain.deduction import Deduction
from domain.dispute.agreement import NOTHING_AGREED, DeductionAgreement
from domain.invoice import Invoice
from domain.invoice_facts import InvoiceKind
from domain.payment_matching import SEARCHED_AT_MOST
from domain.refusal import Refusal
from domain.remittance import Adjustment, Remittance, RemittanceItem, RemittanceItemKind
from domain.deduction_postings import credit_deduction
from domain.settlement import Settlement, apply_remittance, reverse_settlement
from domain.values import ZERO, local_date, minor_unit, round_money
from services.command import Answer, Command
from services.event_log.work import Work
from services.fields import Amount, Code, CurrencyCode, Day, OptionalCode, Part, SignedAmount, Stream, Text
from services.http import href
from services.receivables.reversing import bounced, disputes_of, let_fall_away, undone

ITEMS_PER_REMITTANCE = 20_000
REMITTANCE_LIMIT = 10_000_000
ADJUSTMENTS_PER_ITEM = 100

AMOUNT_TOO_FINE = Refusal(
    "settlement.amount_too_fine",
    "Remittance {reference} states {figure} for {what}; {currency} has no part smaller than {limit}."
    " Send whole units of {limit}.",
)
DOES_NOT_SUM = Refusal(
    "settlement.advice_does_not_sum",
    "Remittance {reference} pays {limit}, its advice adds up to {figure}, {excess} more. Correct the advice; if the money came"
    " so, send it with keep_anyway and all of it stays on account.",
)
NOT_A_MEMO = Refusal(
    "deduction.not_a_memo",
    "{document} is a {kind} of account {account}; a deduction of account {wanted} is resolved by a credit memo of that"
    " account. Name one, or issue it about the invoice.",
)


class StatedAdjustment(Part):
    """An amount with the customer's own reason code: X12 426 as sent, EDIFACT as 4465:4, or our own name."""

    amount: SignedAmount
    reason: OptionalCode = ""
    reference: Code | None = None


class PaidItem(Part):
    """One document paid; an adjustment above zero was taken off. A credit memo used is paid below zero."""

    reference: Code
    kind: RemittanceItemKind = RemittanceItemKind.INVOICE
    gross: SignedAmount | None = None
    paid: SignedAmount
    discount: Amount = ZERO
    adjustments: tuple[StatedAdjustment, ...] = Field((), max_length=ADJUSTMENTS_PER_ITEM)
    partial: bool = False


class RemittanceHeading(Command):
    """What a payment says of itself."""

    company: Code
    partner: Code
    reference: Code
    paid_on: Day
    currency: CurrencyCode | None = None
    amount: Amount
    method: Code | None = None
    keep_anyway: bool = Field(
        False, description="The money is here though its advice claims more than was paid: keep all of it on account."
    )


class RecordRemittance(RemittanceHeading):
    """A payment with its advice: everything it pays is applied at once. The same again is the same settlement."""

    NAME: ClassVar[str] = "settlement.record_remittance"
    items: tuple[PaidItem, ...] = Field((), max_length=ITEMS_PER_REMITTANCE)
    adjustments: tuple[StatedAdjustment, ...] = Field((), max_length=ITEMS_PER_REMITTANCE)
    among: tuple[Code, ...] = Field(
        (), max_length=SEARCHED_AT_MOST,
        description="Without items: the documents among which an exact match is looked for; else all that are open.",
    )

    def streams(self) -> tuple[str, ...]:
        paid = {Invoice.stream(self.company, item.reference) for item in self.items}
        return (Settlement.stream(self.company, self.partner, self.reference), Debtor.stream(self.partner), *paid)


class RemittanceFile(RemittanceHeading):
    """The same with its items as the text of a CSV file: columns reference, paid and, where stated, kind, gross, discount,
    partial, adjustment, reason. A row without paid adds an adjustment to the reference above it; one without reference is an
    adjustment beside the items (below zero: kept back). Every row that cannot be taken is named; then nothing is kept."""

    NAME: ClassVar[str] = "settlement.record_remittance_csv"
    csv: str = Field(min_length=1, max_length=REMITTANCE_LIMIT)


class ReverseSettlement(Command):
    """The payment bounced: exactly what it did is undone."""

    NAME: ClassVar[str] = "settlement.reverse"
    settlement: Stream
    reason: Text
    reversed_on: Day | None = Field(None, description="The day the bank took it back; left out: today in the account's zone.")

    def streams(self) -> tuple[str, ...]:
        return (settlement_stream(self.settlement),)


class CreditDeduction(Command):
    """Resolve a deduction, as far as it is open, by all that is open of a credit memo."""

    NAME: ClassVar[str] = "deduction.credit"
    deduction: Stream
    credit_memo: Code


def settlement_stream(settlement: str) -> str:
    """The stream of a settlement as addresses name it: ``{company}/{partner}/{reference}``."""
    return settlement if settlement.startswith("settlement/") else f"settlement/{settlement}"


def deduction_stream(deduction: str) -> str:
    """The stream of a deduction as addresses name it: ``{company}/{partner}/{reference}/{number}``."""
    return deduction if deduction.startswith("deduction/") else f"deduction/{deduction}"


def settlement_answer(settlement: Settlement, status: int = 200) -> Answer:
    """What the payment did; the findings are for a person to look at."""
    done = settlement.state.done
    body = {
        "settlement": settlement.id, "href": href("settlements", settlement.id), "version": settlement.version,
        "reversed": settlement.state.reversed, "on_account": done.on_account if done else ZERO,
        "residual": done.residual if done else ZERO,
        "deductions": [part.deduction for part in done.deductions] if done else [],
        "findings": done.findings if done else (),
    }
    return Answer(status, body)


def record_remittance(work: Work, command: RecordRemittance) -> Answer:
    debtor = work.get(Debtor, Debtor.stream(command.partner))
    remittance = stated_remittance(command, debtor)
    if remittance.residual < 0 and not command.keep_anyway:
        figures = {"figure": remittance.stated, "limit": remittance.amount, "excess": -remittance.residual}
        raise DOES_NOT_SUM(reference=command.reference, **figures)
    settlement, is_new = settle(work, remittance, debtor, command.among)
    return settlement_answer(settlement, 201 if is_new else 200)


def settle(
    work: Work, remittance: Remittance, debtor: Debtor, among: Iterable[str] = ()
) -> tuple[Settlement, bool]:
    """Receive and apply; a remittance that was heard of before says nothing new. Refused before anything moves."""
    known = work.find(Settlement, Settlement.stream(remittance.company, remittance.partner, remittance.reference))
    if known is not None:
        known.receive_again(remittance)
        return known, False
    settlement = Settlement.receive(remittance)
    invoices = _paid_documents(work, remittance, among)
    agreement = work.find(DeductionAgreement, DeductionAgreement.stream(remittance.partner))
    terms = NOTHING_AGREED if agreement is None else agreement.terms_on(remittance.paid_on)
    deductions = apply_remittance(settlement, invoices, debtor.tolerance_on(remittance.paid_on), terms.reason)
    for deduction in deductions:
        work.add(deduction)
    return work.add(settlement), True


def _paid_documents(work: Work, remittance: Remittance, among: Iterable[str]) -> list[Invoice]:
    """The account's own documents that the advice names; one of another account counts as unknown."""
    named = [item.reference for item in remittance.items] or list(among)
    streams = list(dict.fromkeys(Invoice.stream(remittance.company, reference) for reference in named))
    work.fetch(streams)
    found = (work.find(Invoice, stream) for stream in streams)
    return [invoice for invoice in found if invoice is not None and invoice.state.account == remittance.account]


def stated_remittance(command: RecordRemittance, debtor: Debtor) -> Remittance:
    """The remittance as the domain keeps it; amounts finer than the currency has are refused."""
    currency = command.currency or debtor.state.currency
    whole = _whole(command.reference, currency)
    return Remittance(
        company=command.company, partner=command.partner, account=debtor.state.account, reference=command.reference,
        paid_on=command.paid_on, currency=currency, amount=whole(command.amount, "the payment"),
        items=remittance_items(command.items, command.reference, currency),
        adjustments=_adjustments(command.adjustments, "the payment", whole), method=command.method,
    )


def remittance_items(stated: Iterable[PaidItem], reference: str, currency: str) -> tuple[RemittanceItem, ...]:
    """The items as the domain keeps them; amounts finer than the currency has are refused."""
    whole = _whole(reference, currency)
    return tuple(
        RemittanceItem(
            item.reference, item.kind, None if item.gross is None else whole(item.gross, item.reference),
            whole(item.paid, item.reference), whole(item.discount, item.reference),
            _adjustments(item.adjustments, item.reference, whole), item.partial,
        )
        for item in stated
    )


def _adjustments(
    stated: Iterable[StatedAdjustment], what: str, whole: Callable[[Decimal, str], Decimal]
) -> tuple[Adjustment, ...]:
    return tuple(Adjustment(whole(a.amount, f"an adjustment of {what}"), a.reason, a.reference) for a in stated)


def _whole(reference: str, currency: str) -> Callable[[Decimal, str], Decimal]:
    limit = minor_unit(currency)

    def whole(figure: Decimal, what: str) -> Decimal:
        rounded = round_money(figure, currency)
        if rounded != figure:
            raise AMOUNT_TOO_FINE(reference=reference, figure=figure, what=what, currency=currency, limit=limit)
        return rounded

    return whole


def reverse(work: Work, command: ReverseSettlement) -> Answer:
    settlement = work.get(Settlement, settlement_stream(command.settlement))
    if bounced(work, settlement, command.reason):
        return settlement_answer(settlement)
    done = settlement.state.done
    taken = [part.deduction for part in done.deductions] if done else []
    paid = [part.invoice for part in done.allocations] if done else []
    work.fetch([*taken, *paid])
    deductions = {stream: work.get(Deduction, stream) for stream in taken}
    memos = [memo for deduction in deductions.values() for memo in deduction.state.credited]
    work.fetch(memos)
    documents = {stream: work.get(Invoice, stream) for stream in [*paid, *memos]}
    disputes = disputes_of(work, deductions.values())
    on = _reversed_on(work, command, settlement)
    resolved = undone(work, deductions.values(), [documents[stream] for stream in paid])
    reverse_settlement(settlement, documents, deductions, command.reason, resolved, on)
    let_fall_away(disputes, command.reason, work.context.actor)
    return settlement_answer(settlement)


def _reversed_on(work: Work, command: ReverseSettlement, settlement: Settlement) -> date:
    """Not before it was paid: what was open in between was paid in between."""
    paid = settlement.state.remittance
    account = work.find(CreditAccount, CreditAccount.stream(paid.account))
    today = local_date(work.context.at, account.state.zone if account is not None else "UTC")
    return max(command.reversed_on or today, paid.paid_on)


def resolve_deduction(work: Work, command: CreditDeduction) -> Answer:
    deduction = work.get(Deduction, deduction_stream(command.deduction))
    state = deduction.state
    memo = work.get(Invoice, Invoice.stream(state.company, command.credit_memo))
    if memo.state.kind is not InvoiceKind.CREDIT_MEMO or memo.state.account != state.account:
        raise NOT_A_MEMO(
            document=command.credit_memo, kind=memo.state.kind, account=memo.state.account, wanted=state.account
        )
    credit_deduction(deduction, memo, bearers(work, deduction))
    body = {
        "deduction": deduction.id, "href": href("deductions", deduction.id), "version": deduction.version,
        "outstanding": state.outstanding,
    }
    return Answer(200, body)


def bearers(work: Work, deduction: Deduction) -> list[Invoice]:
    """The invoice it was taken from; one taken beside the items is borne by those its settlement reduced."""
    if deduction.state.invoice is not None:
        return [work.get(Invoice, deduction.state.invoice)]
    done = work.get(Settlement, deduction.state.settlement).state.done
    streams = [part.invoice for part in done.allocations if part.deducted > 0] if done else []
    work.fetch(streams)
    return [work.get(Invoice, stream) for stream in streams]


HANDLERS: dict[type[Command], Any] = {
    RecordRemittance: record_remittance,
    ReverseSettlement: reverse,
    CreditDeduction: resolve_deduction,
}
