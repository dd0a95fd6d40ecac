"""The command that takes a remittance advice read from EDI (X12 820) and says what became of it.

Whatever cannot be posted is a fact with its reason, never an error: orders answers its document with that fact.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any, ClassVar

from domain.debtor import Debtor
from domain.refusal import Refusal, Refused
from domain.remittance import Adjustment, Remittance, RemittanceItem, RemittanceItemKind
from domain.remittance_document import RemittanceDocument
from domain.settlement import Settlement
from domain.values import ZERO
from services.command import Answer, Command
from services.event_log.work import Work
from services.receivables.settling import settle

# BPR01: D, P, U and X tell a bank to move money; such a document is not an advice to us (edi.md 3.7).
BANK_INSTRUCTIONS = frozenset("DPUX")
REJECTED = "R"
KINDS = {"IV": RemittanceItemKind.INVOICE, "CM": RemittanceItemKind.CREDIT_MEMO}
PARTIAL_PAYMENT = "PP"

TEST = Refusal(
    "remittance.test", "{document} is marked as a test; it is kept without effect. Send it with the usage indicator P."
)
NOT_READABLE = Refusal(
    "remittance.rejected", "{document} was rejected when it was read; correct what its findings name and send it again."
)
BANK_INSTRUCTION = Refusal(
    "remittance.bank_instruction",
    "{document} has handling code {handling}, which instructs a bank and advises nothing. Send it to the bank; ours is"
    " C or I.",
)
DEBIT = Refusal(
    "remittance.debit",
    "{document} says that {total} is drawn from us (BPR03 D). A person has to settle it with the customer.",
)
INCOMPLETE = Refusal(
    "remittance.incomplete",
    "{document} states no {what}, without which nothing can be posted. Send it again with {what}.",
)
PARTNER_UNKNOWN = Refusal(
    "remittance.partner_unknown",
    "The sender of {document} ({partner}) is no trading partner of ours yet. Register the partner, then record it by"
    " hand.",
)
ITEM_WITHOUT_AMOUNT = Refusal(
    "remittance.item_without_amount",
    "{document} names {reference} without an amount paid or a gross amount. Send it again with RMR04.",
)


class RecordAdvice(Command):
    """A remittance advice came by EDI; ``advice`` is the document as it was read.

    ``again`` where a person has repaired what it was refused for.
    """

    NAME: ClassVar[str] = "settlement.record_advice"
    document: str
    partner: str | None
    company: str | None
    test: bool
    verdict: str
    advice: dict[str, Any]
    again: bool = False

    def streams(self) -> tuple[str, ...]:
        known = (RemittanceDocument.stream(self.document),)
        return known if self.partner is None else (*known, Debtor.stream(self.partner))


def record_advice(work: Work, command: RecordAdvice) -> Answer:
    outcome = work.find(RemittanceDocument, RemittanceDocument.stream(command.document))
    if outcome is None:
        outcome = work.add(_outcome(work, command))
    elif command.again and outcome.state.settlement is None:
        _try_again(work, command, outcome)
    state = outcome.state
    return Answer(200, {"document": state.document, "settlement": state.settlement, "code": state.code})


def _outcome(work: Work, command: RecordAdvice) -> RemittanceDocument:
    settled = _settled(work, command)
    if isinstance(settled, Refused):
        return RemittanceDocument.refused(command.document, settled.code, str(settled))
    return RemittanceDocument.settled(command.document, *settled)


def _try_again(work: Work, command: RecordAdvice, outcome: RemittanceDocument) -> None:
    settled = _settled(work, command)
    if isinstance(settled, Refused):
        outcome.refuse_again(settled.code, str(settled))
    else:
        outcome.settle_after_all(*settled)


def _settled(work: Work, command: RecordAdvice) -> tuple[str, str] | Refused:
    """The settlement with a remark, or why there is none."""
    try:
        debtor = _payer(work, command)
        settlement, is_new = settle(work, advised_remittance(command, debtor), debtor)
    except Refused as refused:
        if any(aggregate.pending_events for aggregate in work.touched.values()):
            raise  # something moved: the whole command is undone instead
        return refused
    return settlement.id, _remark(settlement, is_new)


def _payer(work: Work, command: RecordAdvice) -> Debtor:
    """The sender, once it is clear that the document asks us to post something."""
    _check_usable(command)
    debtor = None if command.partner is None else work.find(Debtor, Debtor.stream(command.partner))
    if debtor is None:
        raise PARTNER_UNKNOWN(document=command.document, partner=command.partner or "unknown")
    return debtor


def _check_usable(command: RecordAdvice) -> None:
    document, advice = command.document, command.advice
    handling = advice.get("handling") or ""
    if command.verdict == REJECTED:
        raise NOT_READABLE(document=document)
    if command.test:
        raise TEST(document=document)
    if handling in BANK_INSTRUCTIONS:
        raise BANK_INSTRUCTION(document=document, handling=handling)
    if advice.get("credit_debit") == "D":
        raise DEBIT(document=document, total=advice.get("total"))


def advised_remittance(command: RecordAdvice, debtor: Debtor) -> Remittance:
    """The document as a remittance of the debtor; refused where it states too little."""
    advice = command.advice
    paid_on = advice.get("paid_on") or advice.get("check_dated_on") or advice.get("created_on")
    needed = {"payment date": paid_on, "trace number": advice.get("trace"), "total": advice.get("total")}
    for what, stated in needed.items():
        if not stated:
            raise INCOMPLETE(document=command.document, what=what)
    return Remittance(
        company=command.company or debtor.state.company, partner=debtor.state.partner, account=debtor.state.account,
        reference=advice["trace"], paid_on=date.fromisoformat(str(paid_on)),
        currency=advice.get("currency") or debtor.state.currency, amount=Decimal(advice["total"]),
        items=tuple(_item(command.document, entry) for entry in advice.get("entries", ())),
        adjustments=_adjustments(advice.get("adjustments", ()), 1), method=advice.get("method"),
    )


def _item(document: str, entry: Mapping[str, Any]) -> RemittanceItem:
    """An RMR. X12 signs what was taken off below zero; a sender of the other sign is read as meant.

    With more paid than the gross, net and gross are rather in each other's place: that is left for the finding.
    """
    inside = list(entry.get("adjustments", ()))
    if entry.get("reason_amount") and Decimal(entry["reason_amount"]):
        inside.append({"amount": entry["reason_amount"], "reason": entry.get("reason"), "reference": None})
    read = _as_signed(document, entry, inside, -1)
    other = _as_signed(document, entry, inside, 1)
    if read.adds_up or (read.gross is not None and read.paid > read.gross and read.adds_up_only_swapped):
        return read
    return other if other.adds_up or (other.adds_up_only_swapped and not read.adds_up_only_swapped) else read


def _as_signed(
    document: str, entry: Mapping[str, Any], inside: Sequence[Mapping[str, Any]], sign: int
) -> RemittanceItem:
    gross, discount = _amount(entry.get("gross")), _amount(entry.get("discount")) or ZERO
    adjustments = _adjustments(inside, sign)
    stated = _amount(entry.get("paid"))
    if stated is None and gross is None:
        raise ITEM_WITHOUT_AMOUNT(document=document, reference=entry.get("reference") or "an item")
    item = RemittanceItem(
        reference=entry.get("reference") or "-", kind=KINDS.get(entry.get("kind") or "", RemittanceItemKind.OTHER),
        gross=gross, paid=stated if stated is not None else ZERO, discount=discount, adjustments=adjustments,
        partial=entry.get("payment_action") == PARTIAL_PAYMENT,
    )
    if stated is not None or gross is None:
        return item
    return replace(item, paid=gross - discount - item.adjusted)


def _adjustments(stated: Sequence[Mapping[str, Any]], sign: int) -> tuple[Adjustment, ...]:
    return tuple(
        Adjustment(sign * (_amount(one.get("amount")) or ZERO), one.get("reason") or "", one.get("reference"))
        for one in stated
    )


def _amount(text: str | None) -> Decimal | None:
    return Decimal(text) if text else None


def _remark(settlement: Settlement, is_new: bool) -> str:
    """What a person should look at, in one line."""
    if not is_new:
        return "recorded before"
    done = settlement.state.proposal
    findings = done.findings if done else ()
    return "; ".join(f"{finding.code} {finding.reference} {finding.amount}" for finding in findings)


HANDLERS: dict[type[Command], Any] = {RecordAdvice: record_advice}
