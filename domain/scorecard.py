"""What a scorecard says, as a value: a figure for a period, and the lines behind it as the customer counts them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from fractions import Fraction

from domain.fill_rate.choices import Metric
from domain.fill_rate.periods import CALENDARS, period_named
from domain.refusal import Refusal, Refused
from domain.values import ZERO, exact_text, plain, utc

NOTHING_REPORTED = Refusal(
    "score.nothing_reported",
    "Scorecard {number} states neither a figure nor lines. Send numerator and denominator, or a rate, or the lines.",
)
FIGURE_TWICE = Refusal(
    "score.figure_twice",
    "Scorecard {number} states the figure {numerator}/{denominator} and the rate {rate}. Send the exact figure alone where"
    " it is known, else the rate alone.",
)
FIGURE_HALF = Refusal(
    "score.figure_half",
    "Scorecard {number} states the {given} {figure} without its {missing}. Send both, or the rate alone.",
)
FIGURE_NEGATIVE = Refusal(
    "score.figure_negative",
    "Scorecard {number} states {figure} as its {name}, the least is 0. Send the figure after all corrections.",
)
DENOMINATOR_ZERO = Refusal(
    "score.denominator_zero",
    "Scorecard {number} states {numerator} of 0. Send the denominator, or 0 and 0 where nothing was due.",
)
RATE_ABOVE_ONE = Refusal(
    "score.rate_above_one",
    "Scorecard {number} states the rate {rate}, {excess} above the limit 1. Write 92 % as 0.92; a figure above 100 % is"
    " sent as numerator and denominator.",
)
CALENDAR_UNKNOWN = Refusal(
    "score.calendar_unknown",
    "Scorecard {number} counts its period by {calendar}; the calendars known are {calendars}. Name one of these.",
)
LINE_UNNAMED = Refusal(
    "score.line_unnamed",
    "Scorecard {number}: a line of order {order} names neither its number nor its item. Send one of the two.",
)
ORDERED_NEGATIVE = Refusal(
    "score.ordered_negative",
    "Scorecard {number}: {line} of order {order} has {figure} ordered, the least is 0. Send what the customer counts as"
    " ordered.",
)
NOTHING_TO_CORRECT = Refusal(
    "score.nothing_to_correct",
    "Scorecard {number} version 1: {line} of order {order} has {figure} received, the least is 0; nothing was reported"
    " before that it could correct. Send a correction in version 2 or later.",
)
CORRECTED_BELOW_ZERO = Refusal(
    "score.corrected_below_zero",
    "Scorecard {number} version {version}: what is received of {line} of order {order} sums to {figure}, {excess} below"
    " the least 0. Send the line whole, with its corrections, in one version.",
)


class Listing(StrEnum):
    """Whether a scorecard lists every line that it counts, or only those that failed."""

    ALL = "ALL"
    FAILED = "FAILED"


class Result(StrEnum):
    PASSED = "PASSED"
    FAILED = "FAILED"


@dataclass(frozen=True)
class ReportedLine:
    """A row of a scorecard. ``order`` is the customer's purchase order number; quantities are as the customer counts.

    Rows of one line add up: a second receipt has ``ordered`` 0, a correction ``received`` below 0. ``arrived_at`` is the
    customer's instant of arrival; ``excused`` the cause for which the customer does not hold the line against us.
    """

    order: str
    line: str | None
    item: str | None
    ordered: Decimal
    received: Decimal
    arrived_at: datetime | None = None
    excused: str | None = None
    result: Result | None = None

    @property
    def key(self) -> tuple[str, str, str]:
        """Rows with the same key speak of the same line."""
        return self.order, self.line or "", "" if self.line else self.item or ""

    @property
    def name(self) -> str:
        return f"line {self.line}" if self.line else f"item {self.item}"


@dataclass(frozen=True)
class Scorecard:
    """One version of a scorecard: exact numerator and denominator, or a rate alone, or lines alone; all as text."""

    metric: Metric
    calendar: str
    period: str
    policy_id: str | None = None
    numerator: str | None = None
    denominator: str | None = None
    rate: str | None = None
    listing: Listing = Listing.ALL
    lines: tuple[ReportedLine, ...] = ()

    @property
    def has_figure(self) -> bool:
        return self.rate is not None or self.denominator is not None

    @property
    def value(self) -> Fraction | None:
        """The figure stated; None where none is, or 0/0."""
        if self.rate is not None:
            return Fraction(self.rate)
        if self.numerator is None or self.denominator is None or not Fraction(self.denominator):
            return None
        return Fraction(self.numerator) / Fraction(self.denominator)

    def differing(self, other: Scorecard) -> tuple[str, ...]:
        """Which fields say something else; the order of the lines says nothing."""
        words = ("metric", "calendar", "period", "policy_id", "listing")
        found = [name for name in words if getattr(self, name) != getattr(other, name)]
        figures = ("numerator", "denominator", "rate")
        found += [name for name in figures if _number(getattr(self, name)) != _number(getattr(other, name))]
        if sorted(self.lines, key=_place) != sorted(other.lines, key=_place):
            found.append("lines")
        return tuple(found)


def received_by_line(lines: Iterable[ReportedLine]) -> Mapping[tuple[str, str, str], Decimal]:
    """What was received of each line after its corrections."""
    sums: dict[tuple[str, str, str], Decimal] = {}
    for line in lines:
        sums[line.key] = sums.get(line.key, ZERO) + line.received
    return sums


def check(number: str, version: int, card: Scorecard) -> None:
    """Refuse what says nothing or contradicts itself."""
    if card.calendar not in CALENDARS:
        raise CALENDAR_UNKNOWN(number=number, calendar=card.calendar, calendars=CALENDARS)
    period_named(card.period, card.calendar)
    _check_figure(number, card)
    for line in card.lines:
        check_line(number, version, line)
    for _, refused in below_zero(number, version, card.lines):
        raise refused


def check_line(number: str, version: int, line: ReportedLine) -> None:
    """Refuse one row by itself."""
    if not line.line and not line.item:
        raise LINE_UNNAMED(number=number, order=line.order)
    names = {"number": number, "line": line.name, "order": line.order}
    if line.ordered < 0:
        raise ORDERED_NEGATIVE(figure=plain(line.ordered), **names)
    if line.received < 0 and version == 1:
        raise NOTHING_TO_CORRECT(figure=plain(line.received), **names)


def below_zero(number: str, version: int, lines: Iterable[ReportedLine]) -> Iterator[tuple[int, Refused]]:
    """The corrections of lines of which they take back more than was received: each by its place, with its refusal."""
    counted = tuple(lines)
    sums = received_by_line(counted)
    for place, line in enumerate(counted):
        left = sums[line.key]
        if left < 0 and line.received < 0:
            figures = {"figure": plain(left), "excess": plain(-left)}
            yield place, CORRECTED_BELOW_ZERO(number=number, version=version, line=line.name, order=line.order, **figures)


def _check_figure(number: str, card: Scorecard) -> None:
    exact = {"numerator": card.numerator, "denominator": card.denominator}
    given = {name: figure for name, figure in {**exact, "rate": card.rate}.items() if figure is not None}
    if not given and not card.lines:
        raise NOTHING_REPORTED(number=number)
    for name, figure in given.items():
        if Fraction(figure) < 0:
            raise FIGURE_NEGATIVE(number=number, name=name, figure=figure)
    if card.rate is not None:
        if len(given) > 1:
            raise FIGURE_TWICE(number=number, rate=card.rate, **{name: figure or "-" for name, figure in exact.items()})
        if Fraction(card.rate) > 1:
            raise RATE_ABOVE_ONE(number=number, rate=card.rate, excess=exact_text(Fraction(card.rate) - 1))
    elif len(given) == 1:
        ((name, figure),) = given.items()
        (missing,) = exact.keys() - given.keys()
        raise FIGURE_HALF(number=number, given=name, figure=figure, missing=missing)
    elif card.numerator and card.denominator and not Fraction(card.denominator) and Fraction(card.numerator):
        raise DENOMINATOR_ZERO(number=number, numerator=card.numerator)


def _number(text: str | None) -> Fraction | None:
    """A figure as its number: 9.50 and 19/2 are the same."""
    return None if text is None else Fraction(text)


def _place(line: ReportedLine) -> tuple[str, ...]:
    when = utc(line.arrived_at).isoformat() if line.arrived_at else ""
    return (*line.key, when, plain(line.received), plain(line.ordered), line.item or "", line.excused or "", line.result or "")
