"""The commands on a retailer's own score: a scorecard is reported, in a first or a later version, or taken back."""

from __future__ import annotations

import re
from decimal import Decimal
from typing import Annotated, Any, ClassVar
from urllib.parse import unquote

from pydantic import AfterValidator, Field, TypeAdapter, WithJsonSchema
from pydantic_core import PydanticCustomError

from domain.fill_rate.choices import Metric
from domain.retailer_score import RetailerScore
from domain.scorecard import Listing, ReportedLine, Result, Scorecard
from domain.trading_partner import TradingPartner
from domain.values import utc
from services.command import Answer, Command
from services.event_log.work import NOT_KNOWN, Work
from services.fields import Code, DecimalText, Moment, Part, QuantityOrZero, Stream, Text
from services.http import href

LINES_PER_SCORE = 20_000
SCORE_LIMIT = 5_000_000

EXACT = re.compile(r"[0-9]{1,12}(\.[0-9]{1,6}|/[1-9][0-9]{0,11})?")


def _exact(text: str) -> str:
    if not EXACT.fullmatch(text):
        raise PydanticCustomError("exact_text", 'send an exact figure as text, for example "192", "0.96" or "19/20"')
    return text


Figure = Annotated[
    str, AfterValidator(_exact), WithJsonSchema({"type": "string", "pattern": EXACT.pattern, "examples": ["192", "19/20"]})
]
SignedQuantity = Annotated[Decimal, DecimalText("92", 9, 6, signed=True)]


class ScoredLine(Part):
    """A row of a scorecard; rows of one line add up. In a later version ``received`` below 0 corrects what was reported."""

    order: Code
    line: Code | None = None
    item: Code | None = None
    ordered: QuantityOrZero
    received: SignedQuantity
    arrived_at: Moment | None = None
    excused: Code | None = None
    result: Result | None = None


class Heading(Command):
    """``order`` in the lines is the customer's purchase order number. The figure is exact, or a rate alone, or in the lines."""

    partner: Code
    number: Code
    version: int = Field(1, ge=1, le=1_000_000)
    metric: Metric
    policy_id: Code | None = None
    calendar: Code
    period: Code
    numerator: Figure | None = None
    denominator: Figure | None = None
    rate: Figure | None = None
    listing: Listing = Listing.ALL


class ReportRetailerScore(Heading):
    """A customer's own figure for our deliveries in a period. A higher version replaces, an older one changes nothing."""

    NAME: ClassVar[str] = "score.report"
    lines: tuple[ScoredLine, ...] = Field((), max_length=LINES_PER_SCORE)

    def streams(self) -> tuple[str, ...]:
        return (RetailerScore.stream(self.partner, self.number), TradingPartner.stream(self.partner))


class ScoreFile(Heading):
    """The same with its lines as the text of a CSV file; columns order, line or item, ordered, received and, where known,
    arrived_at, excused, result. Every row that cannot be taken is named; then nothing is kept."""

    NAME: ClassVar[str] = "score.report_csv"
    csv: str = Field(min_length=1, max_length=SCORE_LIMIT)


class VoidRetailerScore(Command):
    """The customer took its scorecard back; ``version`` and all before it no longer count (left out: what is known)."""

    NAME: ClassVar[str] = "score.void"
    score: Stream
    version: int | None = Field(None, ge=1, le=1_000_000)
    reason: Text

    def streams(self) -> tuple[str, ...]:
        return (score_stream(self.score),)


def score_stream(score: str) -> str:
    """The stream of a scorecard as addresses name it: ``{partner}/{number}``."""
    return score if score.startswith("score/") else f"score/{score}"


def score_answer(score: RetailerScore, status: int = 200) -> Answer:
    """``version`` is that of the record, ``reported_version`` the newest of the scorecard."""
    state = score.state
    body = {
        "score": score.id, "href": href("retailer-scores", score.id), "version": score.version,
        "reported_version": state.version, "void": state.is_void,
    }
    return Answer(status, body)


def reported_line(line: ScoredLine) -> ReportedLine:
    arrived = utc(line.arrived_at) if line.arrived_at else None
    return ReportedLine(
        line.order, line.line, line.item, line.ordered, line.received, arrived, line.excused, line.result
    )


def report_score(work: Work, command: ReportRetailerScore) -> Answer:
    """A closed period changes nothing here: what the customer says is kept."""
    work.get(TradingPartner, TradingPartner.stream(command.partner))
    card = Scorecard(
        command.metric, command.calendar, command.period, command.policy_id, command.numerator, command.denominator,
        command.rate, command.listing, tuple(map(reported_line, command.lines)),
    )
    known = work.find(RetailerScore, RetailerScore.stream(command.partner, command.number))
    if known is not None:
        known.report_anew(command.version, card)
        return score_answer(known)
    return score_answer(work.add(RetailerScore.report(command.partner, command.number, command.version, card)), 201)


def void_score(work: Work, command: VoidRetailerScore) -> Answer:
    """A cancellation that comes before its scorecard is kept too, where it says of which version it is."""
    stream = score_stream(command.score)
    known = work.find(RetailerScore, stream)
    if known is not None:
        known.void(command.version or max(known.state.version, known.state.voided), command.reason)
        return score_answer(known)
    if command.version is None:
        raise _not_known(stream)
    partner, number = _named(stream)
    work.get(TradingPartner, TradingPartner.stream(partner))
    return score_answer(work.add(RetailerScore.void_unseen(partner, number, command.version, command.reason)), 201)


_CODE = TypeAdapter(Code)


def _named(stream: str) -> tuple[str, str]:
    """Partner and number of a stream that does not exist yet; refused where no scorecard could be called so."""
    parts = [unquote(part) for part in stream.split("/")[1:]]
    try:
        partner, number = map(_CODE.validate_python, parts)
    except ValueError:
        raise _not_known(stream) from None
    if RetailerScore.stream(partner, number) != stream:
        raise _not_known(stream)
    return partner, number


def _not_known(stream: str) -> Exception:
    return NOT_KNOWN(kind=RetailerScore.KIND, id=stream.partition("/")[2])


HANDLERS: dict[type[Command], Any] = {ReportRetailerScore: report_score, VoidRetailerScore: void_score}
