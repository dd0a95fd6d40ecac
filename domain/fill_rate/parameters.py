"""Logistic parameters agreed with a customer (METRO's five): what an order must keep to, and which lines broke it.

A customer that orders less, later or for another day than was agreed has caused the miss itself; that comes out of the
parameters alone, whatever else happened (features X14, D4).
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from types import MappingProxyType
from typing import Any

from domain.agreements import AgreedLogistics, in_force
from domain.calendars import CALENDAR_UNKNOWN, NO_CALENDAR, WorkingDays, working_day
from domain.fill_rate.choices import Keep, QuantityBasis
from domain.fill_rate.demand import NOTHING, case_size, demands, each_factor
from domain.fill_rate.facts import LineFacts
from domain.fill_rate.form import Finding, read_fields, written_out
from domain.fill_rate.policy import Cancellation, Denominator
from domain.order import ScheduleLine
from domain.refusal import Refusal
from domain.values import local_date

PARAMETERS_NOT_VALID = Refusal(
    "logistics.not_valid",
    "The logistic parameters are not valid: {findings}. Correct these fields; a field left out is not agreed.",
)

BELOW_MOQ = "BELOW_MOQ"
SHORT_LEAD_TIME = "SHORT_LEAD_TIME"
OFF_SCHEDULE = "OFF_SCHEDULE"
SUPPLIER_HOLIDAY = "SUPPLIER_HOLIDAY"
BANK_HOLIDAY = "BANK_HOLIDAY"

# Our code -> the number under which METRO's scorecard knows it, in the order of the numbers.
CUSTOMER_NUMBERS: Mapping[str, str] = MappingProxyType(
    {BELOW_MOQ: "21", SHORT_LEAD_TIME: "22", OFF_SCHEDULE: "23", SUPPLIER_HOLIDAY: "24", BANK_HOLIDAY: "25"}
)

# What the customer orders in the end; what we cancelled ourselves does not make its order small.
_ORDERED_NOW = Denominator(
    quantity_basis=QuantityBasis.LATEST_AMENDED, cancellation=Cancellation(supplier=Keep.KEEP, auto_expiry=Keep.KEEP)
)
_LONGEST_DAYS = 366
_WEEKS_AROUND = 4  # by which a day off on a weekday that is otherwise worked is told from a weekend
_DAY = timedelta(days=1)


@dataclass(frozen=True)
class LogisticParameters:
    """Blank is not agreed. Weekdays are ISO (1 is Monday), none named is any; lead and transit times are calendar days.

    ``calendar`` names the bank holidays. ``excused`` False: the customer is at fault, but its scorecard does not forgive it.
    """

    minimum_order_cases: Decimal | None = None
    lead_time_days: int | None = None
    delivery_weekdays: tuple[int, ...] = ()
    supplier_holidays: tuple[date, ...] = ()
    calendar: str | None = None
    transit_days: int | None = None
    excused: bool = True


ParametersOf = Callable[[LineFacts], LogisticParameters | None]


def always(parameters: LogisticParameters | None) -> ParametersOf:
    """The same for every line."""
    return lambda line: parameters


def as_agreed(agreed: Sequence[AgreedLogistics]) -> ParametersOf:
    """Those in force on the day the line was ordered: that is when the customer could keep to them.

    ``agreed`` is in the order of the log: of two for one first day the later holds.
    """
    read = {one.first_day: parameters_from(one.parameters) for one in agreed}

    def parameters_of(line: LineFacts) -> LogisticParameters | None:
        found = in_force(agreed, ordered_on(line))
        return read[found.first_day] if found is not None else None

    return parameters_of


# The JSON form.


def parameters_from(said: Mapping[str, Any], calendars: Collection[str] | None = None) -> LogisticParameters:
    """What the JSON says; refused with every defect in it. ``calendars``: those there are, where that is known."""
    found: list[Finding] = []
    parameters = read_fields(LogisticParameters, said, "", found)
    if not found:
        found += [Finding(pointer, message) for pointer, message in _impossible(parameters, calendars)]
    if found:
        raise PARAMETERS_NOT_VALID(findings="; ".join(map(str, found)))
    read: LogisticParameters = parameters
    return read


def parameters_json(parameters: LogisticParameters) -> dict[str, Any]:
    """All of them, every field written out."""
    written: dict[str, Any] = written_out(parameters)
    return written


def _impossible(parameters: LogisticParameters, calendars: Collection[str] | None) -> Iterator[tuple[str, str]]:
    """Each as (JSON pointer, sentence)."""
    cases, weekdays = parameters.minimum_order_cases, parameters.delivery_weekdays
    if cases is not None and cases < 0:
        yield "/minimumOrderCases", f"{cases} is below 0; send the fewest cases of an order, or leave it out"
    for name, days in (("leadTimeDays", parameters.lead_time_days), ("transitDays", parameters.transit_days)):
        if days is not None and not 0 <= days <= _LONGEST_DAYS:
            yield f"/{name}", f"{days} is not between 0 and {_LONGEST_DAYS} days"
    wrong = [day for day in weekdays if not 1 <= day <= 7]
    if wrong:
        yield "/deliveryWeekdays", f"{', '.join(map(str, wrong))} is no weekday; 1 is Monday, 7 is Sunday"
    if len(parameters.supplier_holidays) > _LONGEST_DAYS:
        yield "/supplierHolidays", f"{len(parameters.supplier_holidays)} days are more than {_LONGEST_DAYS}; agree them by year"
    named = parameters.calendar
    if named == NO_CALENDAR or (named is not None and calendars is not None and named not in calendars):
        known = f"; there are {', '.join(sorted(calendars))}" if calendars is not None else ""
        yield "/calendar", f"{named} is no calendar of bank holidays{known}"


# What an order broke.


def excuses(
    line: LineFacts,
    order_lines: Sequence[LineFacts],
    parameters: LogisticParameters | None,
    calendars: Mapping[str, WorkingDays],
    *,
    asked: ScheduleLine | None = None,
    at: datetime | None = None,
) -> tuple[str, ...]:
    """Which of the five the line breaks, in the order of the customer's numbers.

    ``order_lines`` are all lines of its order; ``asked`` is the part of the line's schedule, the earliest where left out.
    """
    if parameters is None:
        return ()
    wanted = line.requested_on if asked is None else asked.requested_on
    broken = {
        BELOW_MOQ: _below_minimum(order_lines, parameters, at),
        SHORT_LEAD_TIME: _short_notice(line, wanted, parameters),
        OFF_SCHEDULE: bool(parameters.delivery_weekdays) and wanted.isoweekday() not in parameters.delivery_weekdays,
        SUPPLIER_HOLIDAY: wanted in parameters.supplier_holidays,
        BANK_HOLIDAY: parameters.calendar is not None and bank_holiday(wanted, parameters.calendar, calendars),
    }
    return tuple(code for code in CUSTOMER_NUMBERS if broken[code])


def ordered_on(line: LineFacts) -> date:
    """A line that came with a later change was ordered on that day."""
    if line.added_by is None:
        return line.ordered_on
    return local_date(line.known.at, line.original.schedule[0].zone or "UTC")


def _short_notice(line: LineFacts, wanted: date, parameters: LogisticParameters) -> bool:
    days = parameters.lead_time_days
    return days is not None and (wanted - ordered_on(line)).days < days


def _below_minimum(order_lines: Sequence[LineFacts], parameters: LogisticParameters, at: datetime | None) -> bool:
    if parameters.minimum_order_cases is None:
        return False
    lacking = Fraction(parameters.minimum_order_cases)
    for line in order_lines:
        if lacking <= 0:
            break
        lacking -= _cases(line, at)
    return lacking > 0


def _cases(line: LineFacts, at: datetime | None) -> Fraction:
    """What the customer orders of the line, as it last said, in cases."""
    said = [line.known.at, *(one.at for one in line.amendments), *(one.at for one in line.cancellations)]
    until = at or max(said)
    wanted = sum((quantity for _, quantity in demands(line, _ORDERED_NOW, until)), NOTHING)
    return wanted * each_factor(line.original) / case_size(line.original)


def bank_holiday(day: date, calendar: str, calendars: Mapping[str, WorkingDays]) -> bool:
    """Not worked, though the weekday mostly is; a day that the calendar does not know is an error, not a guess."""
    worked = working_day(calendar, day, calendars)
    if worked is None:
        raise CALENDAR_UNKNOWN(calendar=calendar, day=day, year=day.year)
    if worked:
        return False
    weeks = [n for n in range(-_WEEKS_AROUND, _WEEKS_AROUND + 1) if n]
    around = [working_day(calendar, day + 7 * n * _DAY, calendars) for n in weeks]
    return around.count(True) > around.count(False)
