"""Bank lines in as JSON or CSV, matched with our payments in either order; what has no counterpart is listed both ways."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from typing import Annotated, Any, ClassVar, cast

from fastapi import APIRouter, Query, Request
from pydantic import Field
from starlette.concurrency import run_in_threadpool
from starlette.responses import Response

from domain.bank_entry import BankEntry
from domain.bank_matching import bank_matches, only_bank_match
from domain.group_payment import GroupPayment
from domain.recorded import RecordedEvent
from domain.settlement import Settlement
from projections import bank
from projections.bank import BankSearch
from services.bodies import check_depth, check_json, parse, read_body
from services.command import Answer, Command
from services.csv_rows import Findings, given_cells, line_of, rows
from services.describing import Recorded
from services.event_log.work import Work
from services.fields import Code, CurrencyCode, Day, Part, SignedAmount, Stream, Text
from services.http import command_route, context_of, door_of, href, principal_of, query_route, raw_route, reading, respond
from services.problem import Problem
from services.queries import Cursor, Limit, MinPosition, after_of, found, json_answer, page_answer
from services.reactions import Policy, Sight

LOG = "receivables"
LINES_PER_STATEMENT = 10_000
BODY_LIMIT = 10_000_000
CSV_PATH = "/bank-lines:csv"
COLUMNS = ("line", "booked_on", "amount", "currency", "text", "partner")
NEEDED = ("line", "booked_on", "amount", "currency")

HEADING = {"company": "acme", "bank_account": "DE89370400440532013000"}
EXAMPLE = {**HEADING, "lines": [
    {"line": "2026-04-01/17", "booked_on": "2026-04-01", "amount": "227.88", "currency": "EUR", "text": "R-4711 CARREFOUR"},
]}  # fmt: skip
EXAMPLE_FILE = {**HEADING, "csv": "line,booked_on,amount,currency,text\n2026-04-01/17,2026-04-01,227.88,EUR,R-4711 CARREFOUR\n"}


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

# Doors


async def record_csv(request: Request) -> Response:
    """The file is read off the event loop; it becomes the same command as its JSON form."""
    principal = principal_of(request, "settlement.record")
    check_json(request)
    raw = await read_body(request, BODY_LIMIT)
    check_depth(raw)
    file = cast(BankFile, parse(BankFile, raw, {}))
    context = context_of(request, principal, f"/v1{CSV_PATH}", raw)
    command = await run_in_threadpool(read_bank_lines, file)
    given = await door_of(request).applications[LOG].submit_async(command, context)
    return respond(request, LOG, replace(given, status=422) if given.status == 404 else given)


def read_bank_lines(file: BankFile) -> RecordBankLines:
    """The command that the file stands for; a problem with every bad row where there is one."""
    findings = Findings()
    read = [
        line_of(StatedBankLine, number, given_cells(cells), findings)
        for number, cells in rows(file.csv, COLUMNS, NEEDED, findings)
    ]
    lines = tuple(line for line in read if line is not None)
    findings.check()
    if not 1 <= len(lines) <= LINES_PER_STATEMENT:
        raise Problem(422, "not_valid", f"/csv: {len(lines)} lines; a file holds 1 to {LINES_PER_STATEMENT}")
    return RecordBankLines.model_construct(company=file.company, bank_account=file.bank_account, lines=lines)


Matched = Annotated[bool | None, Query(description="Only those that have a counterpart, or only those that have none.")]


def bank_router() -> APIRouter:
    router = APIRouter(prefix="/v1", tags=["bank"])
    command_route(
        router, "/bank-lines", RecordBankLines, log=LOG, permission="settlement.record", status=201,
        summary="Record lines of a bank statement", examples=[EXAMPLE], limit=BODY_LIMIT,
    )
    raw_route(
        router, CSV_PATH, record_csv, permission="settlement.record", status=201, name=BankFile.NAME,
        summary="Record lines of a bank statement as CSV", description=BankFile.__doc__ or "", body=BankFile,
        examples=[EXAMPLE_FILE], answer=Recorded,
    )
    for action, command, summary in (
        ("match", MatchBankLine, "Say which payment a line is"), ("unmatch", UnmatchBankLine, "Take a match back"),
    ):
        command_route(
            router, f"/bank-lines/{{entry:path}}:{action}", command, log=LOG, permission="settlement.record", summary=summary,
            stream=_entry_of,
        )
    return router


def bank_queries() -> APIRouter:
    router = APIRouter(prefix="/v1", tags=["bank"])

    @query_route(
        router, "/bank-lines", permission="settlement.read", name="bank.lines", summary="Lines of bank statements by day"
    )
    def lines(
        request: Request, *, company: str | None = None, partner: str | None = None, matched: Matched = None,
        first_day: date | None = None, last_day: date | None = None, limit: Limit = 50, cursor: Cursor = None,
        min_position: MinPosition = None,
    ) -> Response:
        after = after_of(request, cursor)
        with reading(request, bank.VIEW.name) as connection:
            page = bank.find_lines(connection, BankSearch(company, partner, matched, first_day, last_day), limit, after)
        for row in page.rows:
            row["href"] = href("bank-lines", row["entry_id"])
        return page_answer(request, page)

    @query_route(
        router, "/bank-payments", permission="settlement.read", name="bank.payments",
        summary="Payments of ours and whether the bank shows them",
    )
    def payments(
        request: Request, *, company: str | None = None, partner: str | None = None, matched: Matched = None,
        first_day: date | None = None, last_day: date | None = None, limit: Limit = 50, cursor: Cursor = None,
        min_position: MinPosition = None,
    ) -> Response:
        """Advised but not (yet) on the bank: `matched=false`. A group payment stands for its settlements."""
        after = after_of(request, cursor)
        with reading(request, bank.VIEW.name) as connection:
            page = bank.find_payments(connection, BankSearch(company, partner, matched, first_day, last_day), limit, after)
        return page_answer(request, page)

    @query_route(
        router, "/bank-lines/unmatched", permission="settlement.read", name="bank.unmatched",
        summary="What the bank and our books do not have in common, by currency",
    )
    def unmatched(request: Request, *, company: str | None = None, min_position: MinPosition = None) -> Response:
        with reading(request, bank.VIEW.name) as connection:
            return json_answer({"items": bank.unmatched_totals(connection, company), "next": None})

    @query_route(
        router, "/bank-lines/{entry:path}/proposals", permission="settlement.read", name="bank.proposals",
        summary="Which payment a line may be",
    )
    def proposals(request: Request, entry: str, min_position: MinPosition = None) -> Response:
        """The most likely first, each with reasons, confidence and what the amounts are apart."""
        with reading(request, bank.VIEW.name) as connection:
            row = found("bank line", entry, bank.line(connection, entry_stream(entry)))
            line = bank.line_of(row)
            matches = [] if row["payment"] is not None else bank_matches(line, bank.payments_open(connection, line))[:20]
        return json_answer({"entry": line.line, "payment": row["payment"], "items": matches})

    @query_route(
        router, "/bank-lines/{entry:path}", permission="settlement.read", name="bank.line", summary="One line of a statement"
    )
    def line(request: Request, entry: str) -> Response:
        """As it stands in the log now. The ETag is for If-Match."""
        known = found("bank line", entry, door_of(request).applications[LOG].look(BankEntry, entry_stream(entry)))
        body = {"entry": known.id, "href": href("bank-lines", known.id), "version": known.version}
        return json_answer({**body, **_shown(known)}, version=known.version)

    return router


def _shown(entry: BankEntry) -> dict[str, Any]:
    state = entry.state
    line = {name: getattr(state.line, name) for name in ("company", "booked_on", "amount", "currency", "text", "partner")}
    return {**line, "bank_account": state.bank_account, "payment": state.payment, "matched_by": state.matched_by}


def _entry_of(command: object) -> str:
    return entry_stream(command.entry)  # type: ignore[attr-defined]


ROUTERS = (bank_router, bank_queries)
