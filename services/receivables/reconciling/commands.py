"""The commands on customers' statements: received in versions, a difference resolved by a person, agreed."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Any, ClassVar

from pydantic import Field, model_validator

from domain.aggregate import natural_id
from domain.debtor import Debtor
from domain.deduction import Deduction
from domain.invoice import Invoice
from domain.invoice_facts import InvoiceKind
from domain.payment_terms import Baseline
from domain.settlement import Settlement
from domain.statement import Statement, StatementCutOffs
from domain.statement_lines import (
    AgreedDocument, Agreement, DifferenceClass, LineKind, Resolution, StatementContent, StatementLine,
)
from domain.statement_refusals import (
    COMPANY_UNKNOWN, CURRENCY_DIFFERS, CUT_OFF_TAKEN, DOCUMENT_UNKNOWN, SUPERSEDES_ANOTHER,
)
from services.calendars import working_days_for
from services.command import Answer, Command
from services.event_log.work import NOT_KNOWN, Work
from services.fields import PLAIN_TEXT, Amount, Code, CurrencyCode, Day, Part, Price, Quantity, SignedAmount, Text
from services.http import href
from services.receivables.numbering import series_stream

LINES_PER_STATEMENT = 20_000
STATEMENT_LIMIT = 5_000_000

StatementName = Annotated[str, Field(min_length=1, max_length=4_000, pattern=PLAIN_TEXT)]
Place = Annotated[int, Field(ge=1, le=LINES_PER_STATEMENT, description="The line's place in the statement, from 1.")]


class StatedLine(Part):
    """A line as the customer states it. Receivable positive: payments, credits, returns and fees are below zero."""

    document: Code
    kind: LineKind = LineKind.INVOICE
    dated_on: Day
    amount: SignedAmount
    quantity: Quantity | None = None
    unit_price: Price | None = None
    tax: Amount | None = None
    reference: Code | None = Field(None, description="Our number, where the document's is the customer's own.")


class StatementHeading(Command):
    """``supersedes``: the number of the statement for the same cut-off in whose place this one holds."""

    company: Code
    partner: Code
    number: Code
    version: int = Field(1, ge=1, le=1_000_000)
    cut_off: Day
    currency: CurrencyCode | None = None
    balance: SignedAmount
    supersedes: Code | None = None

    def streams(self) -> tuple[str, ...]:
        own = Statement.stream(self.company, self.partner, self.number)
        return (own, Debtor.stream(self.partner), StatementCutOffs.stream(self.company, self.partner))


class RecordStatement(StatementHeading):
    """A customer's statement of what is open at the end of its cut-off day. A higher version replaces the one before."""

    NAME: ClassVar[str] = "statement.record"
    lines: tuple[StatedLine, ...] = Field((), max_length=LINES_PER_STATEMENT)


class StatementFile(StatementHeading):
    """The same with its lines as the text of a CSV file: columns document, dated_on, amount and, where stated, kind, quantity,
    unit_price, tax, reference. Every row that cannot be taken is named with its column; then nothing is kept."""

    NAME: ClassVar[str] = "statement.record_csv"
    csv: str = Field(min_length=1, max_length=STATEMENT_LIMIT)


class ResolveDifference(Command):
    """A person says which document of ours a line speaks of, or of which class a difference is, or both."""

    NAME: ClassVar[str] = "statement.resolve"
    statement: StatementName
    line: Place | None = None
    document: Code | None = Field(None, description="With line: our document it speaks of. Alone: ours that they do not list.")
    difference_class: DifferenceClass | None = None
    reason: Text

    def streams(self) -> tuple[str, ...]:
        return (statement_stream(self.statement),)

    @model_validator(mode="after")
    def _says_something(self) -> ResolveDifference:
        if self.line is None and (self.document is None or self.difference_class is None):
            raise ValueError("send line with document or difference_class, or document with difference_class")
        if self.document is None and self.difference_class is None:
            raise ValueError("send document, difference_class or both: nothing is said otherwise")
        return self


class AskToAgree(Command):
    """Both sides agree on both balances and on every difference. Refused while anything is unexplained."""

    NAME: ClassVar[str] = "statement.agree"
    statement: StatementName
    agreed_on: Day


class AgreeStatement(Command):
    """The same with the match that it rests on: made by the statement's own door, from our ledger at known positions."""

    NAME: ClassVar[str] = "statement.agree_matched"
    statement: StatementName
    agreed_on: Day
    our_balance: SignedAmount
    bridge: dict[DifferenceClass, SignedAmount]
    documents: tuple[AgreedDocument, ...]
    unexplained: dict[str, SignedAmount]
    known_at: dict[str, int]
    seen: int

    def streams(self) -> tuple[str, ...]:
        return (statement_stream(self.statement), *(one.document for one in self.documents))


def statement_stream(statement: str) -> str:
    """The stream of a statement as addresses name it: ``{company}/{partner}/{number}``."""
    return statement if statement.startswith("statement/") and statement.count("/") > 2 else f"statement/{statement}"


def statement_answer(statement: Statement, status: int = 200) -> Answer:
    """``version`` is that of the record, ``stated_version`` the newest that the customer sent."""
    state = statement.state
    body = {
        "statement": statement.id, "href": href("statements", statement.id), "version": statement.version,
        "stated_version": state.content.version, "state": state.status, "balance": state.content.balance,
        "lines": len(state.content.lines),
    }
    return Answer(status, body)


def record_statement(work: Work, command: RecordStatement) -> Answer:
    debtor = work.get(Debtor, Debtor.stream(command.partner))
    _check_company(work, command, debtor)
    content = _content(command, debtor)
    known = work.find(Statement, Statement.stream(command.company, command.partner, command.number))
    if known is not None:
        known.receive_again(content)
        return statement_answer(known)
    statement = Statement.receive(
        company=command.company, partner=command.partner, account=debtor.state.account, number=command.number,
        content=content, supersedes=command.supersedes,
    )
    cut_offs = work.find(StatementCutOffs, StatementCutOffs.stream(command.company, command.partner))
    if cut_offs is None:
        cut_offs = work.add(StatementCutOffs.open(command.company, command.partner))
    _supersede(work, command, statement, cut_offs.holding(content))
    cut_offs.take(content, statement.id)
    return statement_answer(work.add(statement), 201)


def _check_company(work: Work, command: RecordStatement, debtor: Debtor) -> None:
    """The partner's company, or another of ours that has invoiced somebody in the year."""
    known = debtor.state.company
    if command.company != known and not work.exists(series_stream(command.company, InvoiceKind.INVOICE, command.cut_off)):
        raise COMPANY_UNKNOWN(company=command.company, partner=command.partner, known=known)


def _content(command: RecordStatement, debtor: Debtor) -> StatementContent:
    state = debtor.state
    if command.currency not in (None, state.currency):
        raise CURRENCY_DIFFERS(
            statement=command.number, currency=command.currency, partner=command.partner, agreed=state.currency
        )
    lines = tuple(
        StatementLine(
            place, line.document, line.kind, line.dated_on, line.amount, line.quantity, line.unit_price, line.tax,
            line.reference,
        )
        for place, line in enumerate(command.lines, 1)
    )
    return StatementContent(command.version, command.cut_off, state.currency, command.balance, lines)


def _supersede(work: Work, command: RecordStatement, statement: Statement, holding: str | None) -> None:
    """One statement holds for a cut-off; another takes its place only where it says so."""
    named = command.supersedes and Statement.stream(command.company, command.partner, command.supersedes)
    if named is None and holding is not None:
        raise CUT_OFF_TAKEN(
            cut_off=command.cut_off, currency=statement.state.content.currency, limit=holding, statement=statement.id,
            known=work.get(Statement, holding).state.number,
        )
    if named is None:
        return
    if named != holding:
        limit = f"{holding} holds" if holding else "none holds for that day"
        raise SUPERSEDES_ANOTHER(statement=statement.id, cut_off=command.cut_off, figure=named, limit=limit)
    work.get(Statement, named).supersede(statement.id)


def resolve_difference(work: Work, command: ResolveDifference) -> Answer:
    stream = statement_stream(command.statement)
    statement = work.get(Statement, stream)
    named = None if command.document is None else _document(work, statement, command.document)
    alone = command.line is None
    statement.resolve(Resolution(
        line=command.line, document=named if alone else None, said=command.difference_class,
        pairs_with=None if alone else named, reason=command.reason, by=work.context.actor,
    ))
    return statement_answer(statement)


def _document(work: Work, statement: Statement, name: str) -> str:
    """The stream of a document, payment or deduction of the statement's customer."""
    state = statement.state
    own = tuple(f"{natural_id(kind, state.company, state.partner)}/" for kind in (Settlement.KIND, Deduction.KIND))
    for stream in (name, Invoice.stream(state.company, name)):
        if stream.startswith(f"{Invoice.KIND}/") and work.exists(stream):
            invoice = work.get(Invoice, stream).state
            if (invoice.company, invoice.partner) == (state.company, state.partner):
                return stream
    for stream in (name, Settlement.stream(state.company, state.partner, name), f"{Deduction.KIND}/{name}"):
        if stream.startswith(own) and work.exists(stream):
            return stream
    raise DOCUMENT_UNKNOWN(document=name, partner=state.partner)


def agree_statement(work: Work, command: AgreeStatement) -> Answer:
    """Agreed documents whose terms count from this day get their dates; what they do not list gets none (T13)."""
    stream = statement_stream(command.statement)
    statement = work.find(Statement, stream)
    if statement is None:
        raise NOT_KNOWN(kind=Statement.KIND, id=stream.partition("/")[2])
    agreement = Agreement(
        command.agreed_on, command.our_balance, command.bridge, command.documents, command.known_at, work.context.actor
    )
    statement.agree(agreement, command.unexplained, command.seen)
    dated = _date_documents(work, statement, command.agreed_on)
    answer = statement_answer(statement)
    return Answer(200, {**answer.body, "dated": dated})


def _date_documents(work: Work, statement: Statement, day: date) -> list[str]:
    agreement = statement.state.agreement
    streams = [one.document for one in agreement.documents] if agreement else []
    work.fetch(streams)
    dated = []
    for stream in streams:
        if not stream.startswith(f"{Invoice.KIND}/"):
            continue
        invoice = work.get(Invoice, stream)
        before = invoice.state.due_on
        invoice.baseline_known(Baseline.STATEMENT_AGREED_DATE, day, working_days_for(invoice.state.terms))
        if invoice.state.due_on != before:
            dated.append(stream)
    return dated


HANDLERS: dict[type[Command], Any] = {
    RecordStatement: record_statement,
    ResolveDifference: resolve_difference,
    AgreeStatement: agree_statement,
}
