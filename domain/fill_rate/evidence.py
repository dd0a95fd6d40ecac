"""What the evidence says of one delivery of a line: when it came and how much of it counts (definitions 1.4 rules 3, 4)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from fractions import Fraction
from zoneinfo import ZoneInfo

from domain.calendars import WorkingDays
from domain.fill_rate.choices import (
    QuantityEvidence,
    Rejection,
    Substitution,
    Target,
    WindowKind,
    WithoutAppointment,
)
from domain.fill_rate.demand import NOTHING, Want, case_size, each_factor, exact, total
from domain.fill_rate.facts import Appointment, Arrival, Delivery, LineFacts, Refusal, Substitute
from domain.fill_rate.policy import InFull, OnTime
from domain.fill_rate.windows import Punctuality, Window, slot_window, window_on
from domain.shipment import ArrivalEvidence
from domain.values import Side


@dataclass(frozen=True, slots=True)
class Counted:
    """How much of a delivery line counts, in the ordered unit; ``fault_credit``: refused at the customer's fault."""

    own: Fraction
    fault_credit: Fraction
    evidence: QuantityEvidence | None
    reasons: tuple[str, ...] = ()

    @property
    def total(self) -> Fraction:
        return self.own + self.fault_credit if self.fault_credit else self.own


@dataclass(frozen=True, slots=True)
class Arrived:
    """The arrival that counts: when and by which record; ``at`` None where no record says so."""

    at: datetime | None
    evidence: ArrivalEvidence | None
    reasons: tuple[str, ...] = ()


_NONE = Decimal(0)
NO_APPOINTMENT = "NO_APPOINTMENT"
NOT_KNOWN = Counted(NOTHING, NOTHING, None)


def arrival_of(delivery: Delivery, rule: OnTime, at: datetime) -> Arrived:
    """The first available evidence of the arrival; of one kind the customer's own record before ours, the latest first."""
    if rule.without_appointment is WithoutAppointment.IGNORE or booked(delivery, at):
        return _first_available(delivery, rule, at)
    if rule.without_appointment is WithoutAppointment.FAIL:
        found = _first_available(delivery, rule, at)
        return Arrived(found.at, found.evidence, (*found.reasons, NO_APPOINTMENT))
    posted = _recorded(delivery, ArrivalEvidence.RECEIPT_POSTED, at)
    return Arrived(posted, ArrivalEvidence.RECEIPT_POSTED if posted else None, (NO_APPOINTMENT,))


def booked(delivery: Delivery, at: datetime) -> tuple[Appointment, ...]:
    """The appointments that were made by then."""
    return tuple(one for one in delivery.appointments if one.known.at <= at)


def _first_available(delivery: Delivery, rule: OnTime, at: datetime) -> Arrived:
    for kind in rule.arrival_evidence:
        moment = _recorded(delivery, kind, at)
        if moment is not None:
            return Arrived(moment, kind)
    return Arrived(None, None, ("NO_ARRIVAL_EVIDENCE",))


def _recorded(delivery: Delivery, kind: ArrivalEvidence, at: datetime) -> datetime | None:
    said = [one for one in delivery.arrivals if one.evidence is kind and one.at <= at]
    if said:
        return _believed(said).at
    if kind is ArrivalEvidence.POD_SIGNED:
        return min((one.at for one in delivery.proofs if one.at <= at), default=None)
    if kind is ArrivalEvidence.FREIGHT_READY and delivery.dispatched_at is not None:
        return delivery.dispatched_at if delivery.dispatched_at <= at else None  # what has left was ready
    if kind is ArrivalEvidence.RECEIPT_POSTED:
        return min((one.at for one in delivery.advices if one.at <= at), default=None)
    return None


def _believed(said: list[Arrival]) -> Arrival:
    of_customer = [one for one in said if one.by is Side.CUSTOMER]
    return (of_customer or said)[-1]


def target_day(want: Want, target: Target, at: datetime) -> date:
    """The day aimed at, where it is not an appointment's; without a promise the day originally asked for."""
    original = want.asked.requested_on
    if target is Target.REQUESTED_CURRENT:
        return want.now.requested_on if want.now is not None else original
    if target in (Target.PROMISED_FIRST, Target.PROMISED_LATEST):
        said = [one for one in want.line.confirmations if one.known.at <= at]
        if said:
            parts = said[0 if target is Target.PROMISED_FIRST else -1].parts
            days = [part.promised_on for part in parts if part.promised_on is not None and part.quantity > 0]
            return max(days, default=original)
    return original


def window_for(
    want: Want, delivery: Delivery | None, rule: OnTime, at: datetime, calendars: Mapping[str, WorkingDays]
) -> Window:
    """The window by which the delivery, or as yet none, is judged."""
    zone = want.zone if rule.time_zone == "SHIP_TO" else rule.time_zone
    if rule.target in (Target.APPOINTMENT_FIRST, Target.APPOINTMENT_LATEST):
        slots = booked(delivery, at) if delivery is not None else ()
        if slots:
            slot = slots[0 if rule.target is Target.APPOINTMENT_FIRST else -1]
            slot_from = slot.slot_from or slot.at.astimezone(ZoneInfo(zone)).replace(tzinfo=None)
            if rule.window_kind is WindowKind.SLOT:
                return slot_window(slot_from, slot.slot_to or slot_from, zone, rule)
            return window_on(slot_from.date(), zone, rule, calendars)
    return window_on(target_day(want, rule.target, at), zone, rule, calendars)


def punctuality_of(
    want: Want, delivery: Delivery, arrived: Arrived, rule: OnTime, at: datetime, calendars: Mapping[str, WorkingDays]
) -> Punctuality | None:
    """EARLY, ON_TIME or LATE; without evidence LATE once the window has closed, before that not known (None)."""
    window = window_for(want, delivery, rule, at, calendars)
    if arrived.at is not None:
        if rule.without_appointment is WithoutAppointment.FAIL and NO_APPOINTMENT in arrived.reasons:
            return Punctuality.LATE
        return window.punctuality(arrived.at)
    return Punctuality.LATE if window.has_closed(at) else None


def counted(line: LineFacts, delivery: Delivery, rule: InFull, at: datetime, shared: Fraction | None = None) -> Counted:
    """Evidence quantity less what was rejected, with the substitutes that count; the first evidence available wins.

    ``shared`` is the line's part of an advice that names only the item (rule 4).
    """
    for kind in rule.quantity_evidence:
        found = _by(kind, line, delivery, rule, at, shared)
        if found is not None:
            return found
    return NOT_KNOWN


def _by(
    kind: QuantityEvidence, line: LineFacts, delivery: Delivery, rule: InFull, at: datetime, shared: Fraction | None
) -> Counted | None:
    if kind is QuantityEvidence.RECEIVING_ADVICE:
        return _by_advice(line, delivery, rule, at, shared)
    if kind is QuantityEvidence.POD:
        proofs = [one for one in delivery.proofs if one.at <= at]
        if not proofs:
            return None
        quantity = total(exact(one.quantity) for one in proofs)
        extra = _substituted(line, [s for one in proofs for s in one.substitutes], rule)
        return _presented(line, delivery, kind, quantity, extra, rule, at)
    if kind is QuantityEvidence.ASN and delivery.quantity is not None:
        left = delivery.dispatched_at
        if left is None or left <= at:
            return _presented(line, delivery, kind, exact(delivery.quantity), NOTHING, rule, at)
    return None


def _by_advice(
    line: LineFacts, delivery: Delivery, rule: InFull, at: datetime, shared: Fraction | None
) -> Counted | None:
    """Accepted, and what was refused at the customer's fault as far as it was presented and not accepted."""
    advices = [one for one in delivery.advices if one.at <= at]
    if not advices:
        return None
    named = [one for one in advices if one.accepted is not None]
    if not named:
        return Counted(NOTHING, NOTHING, QuantityEvidence.RECEIVING_ADVICE, ("NOT_ON_ADVICE",))
    own_lines = [one for one in named if not one.of_item]
    accepted = total(exact(one.accepted or _NONE) for one in own_lines)
    received = total(exact(one.received or _NONE) for one in own_lines)
    if shared:
        accepted, received = accepted + shared, received + shared
    ours, theirs = _refused(delivery.refusals, at)
    credit = NOTHING
    if theirs and rule.rejection is Rejection.COUNT_CUSTOMER_FAULT:
        presented = max(received, exact(delivery.quantity) if delivery.quantity is not None else received)
        credit = min(theirs, max(presented - accepted, NOTHING))
    extra = _substituted(line, [s for one in named for s in one.substitutes], rule)
    kept = received == accepted and not theirs
    reasons = _reasons(ours if ours or kept else max(received - accepted - theirs, NOTHING), theirs, extra)
    return _counted(line, delivery, QuantityEvidence.RECEIVING_ADVICE, Counted(accepted, credit, None, reasons), extra, rule)


def _presented(
    line: LineFacts, delivery: Delivery, kind: QuantityEvidence, quantity: Fraction, extra: Fraction, rule: InFull, at: datetime
) -> Counted:
    """What was presented (or sent), less what was refused."""
    ours, theirs = _refused(delivery.refusals, at)
    counts = rule.rejection is Rejection.COUNT_CUSTOMER_FAULT
    credit = min(theirs, max(quantity - ours, NOTHING)) if theirs and counts else NOTHING
    own = max(quantity - ours - theirs, NOTHING) if ours or theirs else quantity
    return _counted(line, delivery, kind, Counted(own, credit, None, _reasons(ours, theirs, extra)), extra, rule)


def _counted(
    line: LineFacts, delivery: Delivery, kind: QuantityEvidence, said: Counted, extra: Fraction, rule: InFull
) -> Counted:
    """What was said in the shipped unit, in the ordered one, with the substitutes that count."""
    own, credit = said.own, said.fault_credit
    if line.amendments or rule.whole_cases_only:
        scale = _scale(line, delivery)
        own, credit = _countable(line, own * scale, credit * scale, rule)
    return Counted(own + extra if extra else own, credit, kind, said.reasons)


def _refused(refusals: Iterable[Refusal], at: datetime) -> tuple[Fraction, Fraction]:
    """(at the supplier's fault, at the customer's fault)."""
    ours = theirs = NOTHING
    for one in refusals:
        if one.at > at:
            continue
        if one.fault is Side.CUSTOMER:
            theirs += exact(one.quantity)
        else:
            ours += exact(one.quantity)
    return ours, theirs


def _reasons(ours: Fraction, theirs: Fraction, extra: Fraction) -> tuple[str, ...]:
    said = (("REFUSED_SUPPLIER_FAULT", ours), ("REFUSED_CUSTOMER_FAULT", theirs), ("SUBSTITUTED", extra))
    return tuple(code for code, quantity in said if quantity)


def _substituted(line: LineFacts, substitutes: Iterable[Substitute], rule: InFull) -> Fraction:
    """Substitutes that count, converted through eaches into the ordered unit."""
    if rule.substitution is Substitution.NONE:
        return NOTHING
    whole = NOTHING
    for one in substitutes:
        if one.approved or rule.substitution is Substitution.ALWAYS:
            whole += _whole_cases(line, exact(one.base_quantity) / each_factor(line.original), rule)
    return whole


def _countable(line: LineFacts, own: Fraction, credit: Fraction, rule: InFull) -> tuple[Fraction, Fraction]:
    """What came and what was refused at the customer's fault: of both together only whole cases, where only those count."""
    whole = _whole_cases(line, own + credit, rule)
    credit = min(credit, whole)
    return whole - credit, credit


def _whole_cases(line: LineFacts, quantity: Fraction, rule: InFull) -> Fraction:
    if not rule.whole_cases_only:
        return quantity
    cases = quantity * each_factor(line.original) / case_size(line.original)
    return Fraction(cases.numerator // cases.denominator) * case_size(line.original) / each_factor(line.original)


def _scale(line: LineFacts, delivery: Delivery) -> Fraction:
    """Units first ordered in a unit shipped: 1 unless the customer changed the unit."""
    if not line.amendments or not delivery.quantity or delivery.base_quantity is None:
        return Fraction(1)
    return Fraction(delivery.base_quantity) / Fraction(delivery.quantity) / each_factor(line.original)
