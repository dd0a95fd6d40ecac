"""Why a delivery was not in time: by who set the day, when it could leave, when it left, and how long the way is (X14)."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import date
from zoneinfo import ZoneInfo

from domain.fill_rate import causes as why
from domain.fill_rate.case import DAY, Case, last_day
from domain.fill_rate.causes import Cause
from domain.fill_rate.choices import APPOINTMENTS, Target
from domain.fill_rate.evidence import NO_APPOINTMENT, booked, window_for
from domain.fill_rate.judging import JudgedDelivery
from domain.fill_rate.windows import Punctuality, Window
from domain.order_findings import Party
from domain.values import Side


@dataclass(frozen=True)
class Trip:
    """One delivery of a want that was not in time, in days at the place."""

    case: Case
    each: JudgedDelivery

    @property
    def window(self) -> Window:
        asking = self.case.asking
        return window_for(self.case.one.want, self.each.delivery, asking.policy.on_time, asking.at, asking.calendars)

    @property
    def left_on(self) -> date | None:
        moment = self.each.delivery.dispatched_at
        return None if moment is None else self.case.local_day(moment)

    @property
    def arrived_on(self) -> date | None:
        moment = self.each.arrived.at
        return None if moment is None else self.case.local_day(moment)

    @property
    def transit_days(self) -> int | None:
        """As agreed, or as the ship notice planned it; the shorter where both are known."""
        planned, left = self.each.delivery.expected_on, self.left_on
        known = [] if self.case.transit_days is None else [self.case.transit_days]
        if planned is not None and left is not None:
            known.append(max((planned - left).days, 0))
        return min(known, default=None)

    @property
    def due_on(self) -> date | None:
        """When it should have arrived, having left when it did."""
        left, days = self.left_on, self.transit_days
        return None if left is None or days is None else left + days * DAY

    def appointment_on(self) -> date | None:
        """The day of the last appointment, where the customer gave it and the policy does not judge by it."""
        slots = booked(self.each.delivery, self.case.at)
        if not slots or slots[-1].by is not Side.CUSTOMER or self.case.asking.policy.on_time.target in APPOINTMENTS:
            return None
        slot = slots[-1]
        return slot.slot_from.date() if slot.slot_from is not None else self.case.local_day(slot.at)

    def moved_by_days(self) -> int:
        """By how many days the customer itself moved the day, where the policy still judges by the first one."""
        want = self.case.one.want
        if self.case.asking.policy.on_time.target is not Target.REQUESTED_ORIGINAL or want.now is None:
            return 0
        return (want.now.requested_on - want.asked.requested_on).days


def not_in_time(case: Case, each: JudgedDelivery) -> Cause:
    """The cause of a delivery that was early or late."""
    trip = Trip(case, each)
    found = _early(trip) if each.punctuality is Punctuality.EARLY else _late(trip)
    return why.carried(found, case.line)


def _late(trip: Trip) -> Cause:
    """A later day that the customer gave explains it; where even that was missed, both sides are at fault."""
    last = last_day(trip.window, trip.case.zone)
    given = list(_later_days(trip, last))
    if not given:
        return _our_side(trip, last)
    day, cause = max(given, key=lambda each: each[0])
    if trip.arrived_on is not None and trip.arrived_on <= day:
        return cause
    ours = _our_side(trip, day)
    at_fault = ours.party in (Party.US, Party.CARRIER)
    return replace(cause, party=Party.BOTH, department=ours.department) if at_fault else cause


def _later_days(trip: Trip, last: date) -> Iterator[tuple[date, Cause]]:
    appointed = trip.appointment_on()
    if appointed is not None and appointed > last:
        yield appointed, why.APPOINTMENT_LATE
    if trip.moved_by_days() > 0:
        yield last + trip.moved_by_days() * DAY, why.DATE_MOVED


def _our_side(trip: Trip, last: date) -> Cause:
    """The first rule that applies; ``last`` is the last day that was in time."""
    return next((cause for rule in LATE if (cause := rule(trip, last)) is not None), why.UNEXPLAINED)


def _released_too_late(trip: Trip, last: date) -> Cause | None:
    """Credit held the order beyond the day on which it had to leave."""
    leave_by = last - (trip.transit_days or 0) * DAY
    for span in trip.case.line.holds:
        until = None if span.until is None else trip.case.local_day(span.until.at)
        if until is not None and until > leave_by and trip.case.local_day(span.since.at) <= leave_by:
            return why.held(span)
    return None


def _without_appointment(trip: Trip, last: date) -> Cause | None:
    return why.NO_APPOINTMENT if NO_APPOINTMENT in trip.each.reasons else None


def _left_too_late(trip: Trip, last: date) -> Cause | None:
    """Without a known time on the way only what left after the window had closed is known to have left too late."""
    left, due, window = trip.each.delivery.dispatched_at, trip.due_on or trip.left_on, trip.window
    if left is None or due is None:
        return None
    too_late = left > window.closes and last == last_day(window, trip.case.zone)
    return why.DISPATCHED_LATE if too_late or due > last else None


def _nobody_saw_it(trip: Trip, last: date) -> Cause | None:
    return why.NO_ARRIVAL_EVIDENCE if trip.each.arrived.at is None else None


def _long_on_the_way(trip: Trip, last: date) -> Cause | None:
    return why.CARRIER_LATE if trip.due_on is not None and trip.due_on <= last else None


LATE: tuple[Callable[[Trip, date], Cause | None], ...] = (
    _released_too_late,
    _without_appointment,
    _left_too_late,
    _nobody_saw_it,
    _long_on_the_way,
)


def _early(trip: Trip) -> Cause:
    """Wished so by the customer, or sooner on the way than planned, or sent too early."""
    opens = trip.window.opens
    if opens is None or trip.arrived_on is None:
        return why.UNEXPLAINED
    first = opens.astimezone(ZoneInfo(trip.case.zone)).date()
    appointed = trip.appointment_on()
    if appointed is not None and appointed < first:
        return why.APPOINTMENT_EARLY
    if trip.moved_by_days() < 0 and trip.arrived_on >= first + trip.moved_by_days() * DAY:
        return why.DATE_MOVED
    return why.CARRIER_EARLY if trip.due_on is not None and trip.due_on >= first else why.DISPATCHED_EARLY
