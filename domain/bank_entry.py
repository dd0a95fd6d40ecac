"""BankEntry: one line of a bank statement, and the payment it is matched with (I3: both say the same amount)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from domain.aggregate import Aggregate, natural_id
from domain.bank_matching import BankLine
from domain.refusal import Kind, Refusal
from domain.settlement import Settlement
from domain.values import ZERO

OTHER_CONTENT = Refusal(
    "bank_entry.other_content",
    "Line {line} of bank account {bank_account} was recorded before over {limit}; this one over {figure} says something else."
    " The bank's own line number names a line for ever; check the statement.",
    Kind.CONFLICT,
)
MATCHED_ALREADY = Refusal(
    "bank_entry.matched_already",
    "{what} is matched with {other} already, by {by}. Take that back first, if it was wrong.",
    Kind.CONFLICT,
)
AMOUNT_DIFFERS = Refusal(
    "bank_entry.amount_differs",
    "The bank booked {figure}, remittance {reference} states {limit}, {excess} apart. A remittance and its bank line say the"
    " same amount (I3): record the remittance anew over what came, or look for the rest.",
)
OF_ANOTHER = Refusal(
    "bank_entry.of_another",
    "Bank line {line} is of company {company} in {currency}, remittance {reference} of {other} in {paid_in}. They do not belong"
    " together.",
)
SETTLEMENT_REVERSED = Refusal(
    "bank_entry.settlement_reversed", "Remittance {reference} was reversed; no bank line stands for it.", Kind.CONFLICT
)


@dataclass
class BankEntryState:
    line: BankLine
    bank_account: str
    payment: str | None = None  # the stream of a settlement or of a group payment
    matched_by: str = ""


class BankEntry(Aggregate[BankEntryState]):
    """The same line again is the same entry."""

    KIND = "bank-entry"
    STATE = BankEntryState
    STATE_VERSION = 1

    class Recorded(Aggregate.Created):
        TYPE = "bank_entry.recorded/1"
        company: str
        bank_account: str
        line: str
        booked_on: date
        amount: Decimal
        currency: str
        text: str
        partner: str | None

        def apply(self, entry: BankEntry) -> None:
            line = BankLine(
                self.originator_id, self.company, self.booked_on, self.amount, self.currency, self.text, self.partner
            )
            entry.state = BankEntryState(line, self.bank_account)

    class Matched(Aggregate.Event):
        """``why``: CLERK, or the reasons of the only match; ``by`` who said so."""

        TYPE = "bank_entry.matched/1"
        payment: str
        why: str
        by: str

        def apply(self, entry: BankEntry) -> None:
            entry.state.payment, entry.state.matched_by = self.payment, self.by

    class Unmatched(Aggregate.Event):
        TYPE = "bank_entry.unmatched/1"
        payment: str
        reason: str

        def apply(self, entry: BankEntry) -> None:
            entry.state.payment, entry.state.matched_by = None, ""

    @staticmethod
    def stream(company: str, bank_account: str, line: str) -> str:
        return natural_id("bank-entry", company, bank_account, line)

    @classmethod
    def record(
        cls, *, company: str, bank_account: str, line: str, booked_on: date, amount: Decimal, currency: str, text: str,
        partner: str | None,
    ) -> BankEntry:
        facts = {"booked_on": booked_on, "amount": amount, "currency": currency, "text": text, "partner": partner}
        stream = cls.stream(company, bank_account, line)
        return cls.begin(cls.Recorded, stream, company=company, bank_account=bank_account, line=line, **facts)

    def record_again(self, booked_on: date, amount: Decimal, currency: str, text: str, partner: str | None) -> None:
        """The same says nothing new; another content under the bank's number is refused."""
        known = self.state.line
        if (booked_on, amount, currency, text, partner) != (
            known.booked_on, known.amount, known.currency, known.text, known.partner
        ):
            raise OTHER_CONTENT(line=self.id, bank_account=self.state.bank_account, limit=known.amount, figure=amount)

    def match(self, payment: str, settlements: Sequence[Settlement], why: str, by: str) -> None:
        """``payment``: the stream of the settlement, or of the group payment whose ``settlements`` these are."""
        state, line = self.state, self.state.line
        if state.payment == payment:
            return
        if state.payment is not None:
            raise MATCHED_ALREADY(what=self.id, other=state.payment, by=state.matched_by)
        for settlement in settlements:
            _check_belongs(line, settlement)
        amount = sum((one.state.remittance.amount for one in settlements), ZERO)
        if line.amount != amount:
            reference = settlements[0].state.remittance.reference
            raise AMOUNT_DIFFERS(reference=reference, figure=line.amount, limit=amount, excess=line.amount - amount)
        self.happened(self.Matched, payment=payment, why=why, by=by)
        for settlement in settlements:
            settlement.happened(Settlement.FoundOnBank, entry=self.id, by=by)

    def unmatch(self, settlements: Sequence[Settlement], reason: str) -> None:
        """``settlements``: those of the payment it is matched with."""
        if self.state.payment is None:
            return
        self.happened(self.Unmatched, payment=self.state.payment, reason=reason)
        for settlement in settlements:
            settlement.happened(Settlement.NotOnBank, entry=self.id)


def _check_belongs(line: BankLine, settlement: Settlement) -> None:
    state, paid = settlement.state, settlement.state.remittance
    if state.bank_entry is not None:
        raise MATCHED_ALREADY(what=settlement.id, other=state.bank_entry, by=state.banked_by)
    if state.reversed:
        raise SETTLEMENT_REVERSED(reference=paid.reference)
    if (line.company, line.currency) != (paid.company, paid.currency):
        figures = {"company": line.company, "currency": line.currency, "other": paid.company, "paid_in": paid.currency}
        raise OF_ANOTHER(line=line.line, reference=paid.reference, **figures)
