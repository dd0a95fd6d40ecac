"""Bank lines, matched with our payments in either order: the commands and the policy."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar

from pydantic import Field

from domain.bank_entry import BankEntry
from domain.bank_matching import only_bank_match
from domain.group_payment import GroupPayment
from domain.recorded import RecordedEvent
from domain.settlement import Settlement
from projections import bank
from services.command import Answer, Command
from services.event_log.work import Work
from services.fields import Code, CurrencyCode, Day, Part, SignedAmount, Stream, Text
from services.http import href
from services.reactions import Policy, Sight

LOG = "receivables"
LINES_PER_STATEMENT = 10_000
BODY_LIMIT = 10_000_000


class StatedBankLine(Part):
    """``line`` is the bank's own number of it, unique in the account. Money that left is below zero."""

    line: Code
    booked_on: Day
    amount: SignedAmount
    currency: CurrencyCode
    text: str = Field("", max_length=2_000)
    partner: Code | None = Field(None, description="The payer, where you know it.")


class BankHeading(Command):
    company: Code
    bank_account: Code


class RecordBankLines(BankHeading):
    """Lines of a bank statement. A line known already says nothing new; one that contradicts a known one is refused, and then
    nothing is kept. A line whose payment is the only one that fits is matched with it by itself."""

    NAME: ClassVar[str] = "bank.record_lines"
    lines: tuple[StatedBankLine, ...] = Field(min_length=1, max_length=LINES_PER_STATEMENT)


class BankFile(BankHeading):
    """The same with its lines as the text of a CSV file: columns line, booked_on, amount, currency and, where stated, text,
    partner. Every row that cannot be taken is named with its column; then nothing is kept."""

    NAME: ClassVar[str] = "bank.record_csv"
    csv: str = Field(min_length=1, max_length=BODY_LIMIT)


class MatchBankLine(Command):
    """This line is that payment (a settlement or a group payment); both say the same amount."""

    NAME: ClassVar[str] = "bank.match"
    entry: Stream
    payment: Stream

    why: ClassVar[str] = "CLERK"


class TakeOnlyBankMatch(MatchBankLine):
    """What the only payment that fits asks for."""

    NAME: ClassVar[str] = "bank.take_only_match"
    why: ClassVar[str] = "ONLY_MATCH"


class UnmatchBankLine(Command):
    """The line is not that payment."""

    NAME: ClassVar[str] = "bank.unmatch"
    entry: Stream
    reason: Text


def entry_stream(name: str) -> str:
    """The stream of a bank line as addresses name it: ``{company}/{bank account}/{line}``."""
    return name if name.startswith("bank-entry/") else f"bank-entry/{name}"


def payment_stream(name: str) -> str:
    """``settlement/...`` or ``group-payment/...``; without either it is a settlement."""
    return name if name.startswith(("settlement/", "group-payment/")) else f"settlement/{name}"


def record_lines(work: Work, command: RecordBankLines) -> Answer:
    streams = [BankEntry.stream(command.company, command.bank_account, line.line) for line in command.lines]
    work.fetch(streams)
    new = 0
    for stream, line in zip(streams, command.lines, strict=True):
        known = work.find(BankEntry, stream)
        facts: dict[str, Any] = {"booked_on": line.booked_on, "amount": line.amount, "currency": line.currency}
        facts |= {"text": line.text, "partner": line.partner}
        if known is None:
            heading: dict[str, Any] = {"company": command.company, "bank_account": command.bank_account, "line": line.line}
            work.add(BankEntry.record(**heading, **facts))
            new += 1
        else:
            known.record_again(**facts)
    entries = [{"entry": stream, "href": href("bank-lines", stream)} for stream in streams]
    return Answer(201 if new else 200, {"recorded": new, "known": len(streams) - new, "lines": entries})


def match_line(work: Work, command: MatchBankLine) -> Answer:
    entry = work.get(BankEntry, entry_stream(command.entry))
    payment = payment_stream(command.payment)
    entry.match(payment, _settlements(work, payment), command.why, work.context.actor)
    return _answer(entry)


def unmatch_line(work: Work, command: UnmatchBankLine) -> Answer:
    entry = work.get(BankEntry, entry_stream(command.entry))
    payment = entry.state.payment
    entry.unmatch([] if payment is None else _settlements(work, payment), command.reason)
    return _answer(entry)


def _settlements(work: Work, payment: str) -> list[Settlement]:
    if payment.startswith("settlement/"):
        return [work.get(Settlement, payment)]
    return [work.get(Settlement, name) for name in work.get(GroupPayment, payment).state.settlements]


def _answer(entry: BankEntry) -> Answer:
    return Answer(200, {
        "entry": entry.id, "href": href("bank-lines", entry.id), "version": entry.version, "payment": entry.state.payment,
    })


HANDLERS: dict[type[Command], Any] = {
    RecordBankLines: record_lines, MatchBankLine: match_line, TakeOnlyBankMatch: match_line, UnmatchBankLine: unmatch_line,
}

# Policy


def match_what_the_bank_shows(recorded: RecordedEvent, sight: Sight) -> Sequence[Command]:
    """A line looks for its payment, a payment for its line: whichever comes second finds the first."""
    event = recorded.event
    with sight.view(bank.VIEW.name, recorded) as connection:
        if isinstance(event, BankEntry.Recorded):
            row = bank.line(connection, event.originator_id)
            lines = [bank.line_of(row)] if row is not None and row["payment"] is None else []
        else:
            paid = bank.payment(connection, recorded.stream)
            free = paid is not None and paid["counts"] and paid["entry"] is None
            lines = bank.lines_open(connection, bank.payment_of(paid)) if paid is not None and free else []
        found = [only_bank_match(line, bank.payments_open(connection, line)) for line in lines]
    taken = {match.settlement: match for match in reversed(found) if match is not None}
    return [TakeOnlyBankMatch(entry=match.line, payment=match.settlement) for match in taken.values()]


ON_RECEIVABLES = (
    Policy(
        "match_what_the_bank_shows", (BankEntry.Recorded, Settlement.RemittanceReceived, GroupPayment.Received),
        match_what_the_bank_shows,
    ),
)  # fmt: skip
