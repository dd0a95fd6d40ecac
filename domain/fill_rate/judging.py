"""Judging the lines of one order by a policy: what was wanted, what came, when, and what of it counts.

The steps are those of definitions 1.4, in its order: D (2), punctuality of each delivery (3), countable quantity (4),
split rule (5), exclusions (8), recognition (9). What each line is worth is ``credit`` (6, 7).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from fractions import Fraction

from domain.calendars import WorkingDays
from domain.fill_rate.allocation import parts_of, shared_advice
from domain.fill_rate.choices import (
    Authority,
    Condition,
    ExclusionEffect,
    QuantityEvidence,
    RecogniseAt,
    SplitRule,
    ZeroLine,
)
from domain.fill_rate.demand import NOTHING, Want, confirmed, demand, wants
from domain.fill_rate.evidence import Arrived, Counted, arrival_of, counted, punctuality_of, window_for
from domain.fill_rate.facts import Delivery, LineFacts
from domain.fill_rate.policy import FillRatePolicy
from domain.fill_rate.windows import Punctuality, Window, counts_as_on_time
from domain.values import Side

_LAST = datetime.max.replace(tzinfo=UTC)
_DAMAGE = frozenset({"DAMAGED", "DAMAGE", "BROKEN", "01"})  # 01: X12 element 412, damaged
_PAPERS = frozenset({"DOCUMENTS", "NO_DOCUMENTS", "WRONG_DOCUMENTS"})


class Status(StrEnum):
    """COUNTED, not yet to be counted (PENDING), taken out (EXCLUDED), or nothing was wanted (ZERO)."""

    COUNTED = "COUNTED"
    PENDING = "PENDING"
    EXCLUDED = "EXCLUDED"
    ZERO = "ZERO"


@dataclass(frozen=True, slots=True)
class JudgedDelivery:
    """One delivery of a want: ``quantity`` is what counts of it, in the ordered unit."""

    delivery: Delivery
    arrived: Arrived
    punctuality: Punctuality | None
    on_time: bool
    admitted: bool
    quantity: Fraction
    evidence: QuantityEvidence | None
    reasons: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Judged:
    """A want judged. ``d``, ``q_all``, ``q_on_time``: ordered unit, uncapped. ``passed``: an exclusion gives full credit.

    ``voided``: the split rule ALL_ON_TIME gives no credit because a part was not on time.
    """

    want: Want
    status: Status
    d: Fraction
    q_all: Fraction
    q_on_time: Fraction
    all_on_time: bool
    voided: bool
    conditions_met: bool
    passed: bool
    exclusion: str | None
    deliveries: tuple[JudgedDelivery, ...]
    window: Window

    @property
    def line(self) -> LineFacts:
        return self.want.line

    @property
    def zero_counts(self) -> bool:
        """Nothing was wanted and the policy counts that as full."""
        return self.status is Status.COUNTED and self.d == 0


@dataclass(frozen=True, slots=True)
class Asking:
    """By what the lines are judged: the policy, the moment (business time), the calendars it may name."""

    policy: FillRatePolicy
    at: datetime
    calendars: Mapping[str, WorkingDays]


Parts = dict[tuple[str, str], tuple[Counted, list[Fraction]]]  # (line, shipment) -> counted, the share of each want


def judge_order(lines: Sequence[LineFacts], asking: Asking) -> list[Judged]:
    """The wants of one order's lines, judged; the lines must be all lines of the order."""
    policy, at = asking.policy, asking.at
    parts = [(want, demand(want, policy.denominator, at)) for line in lines for want in wants(line)]
    first = _first_delivery(lines, asking) if policy.split_deliveries is SplitRule.FIRST_ONLY else None
    split = _quantities(lines, parts, asking)
    judged = [_judge(want, d, split, first, asking) for want, d in parts]
    return judged if policy.period.recognise_at is RecogniseAt.WINDOW_CLOSE else _until_closed(lines, judged, at)


def _first_delivery(lines: Sequence[LineFacts], asking: Asking) -> str | None:
    """The shipment that came first against the order; one whose arrival no record tells comes after those."""
    rule = asking.policy.on_time
    came = {
        one.shipment: (arrival_of(one, rule, asking.at).at or _LAST, one.known.position)
        for line in lines
        for one in line.deliveries
    }
    return min(came, key=lambda shipment: came[shipment]) if came else None


def _quantities(lines: Sequence[LineFacts], parts: Sequence[tuple[Want, Fraction]], asking: Asking) -> Parts:
    """What counts of each delivery line, and the share of each of the line's wants in it."""
    wanted: dict[str, list[tuple[Want, Fraction]]] = {}
    for want, d in parts:
        wanted.setdefault(want.line.number, []).append((want, d))
    shared = shared_advice(lines, wanted, asking.at)
    split: Parts = {}
    for line in lines:
        for delivery in line.deliveries:
            key = (line.number, delivery.shipment)
            said = counted(line, delivery, asking.policy.in_full, asking.at, shared.get(key))
            split[key] = (said, parts_of(said.total, delivery, wanted[line.number]))
    return split


def _judge(want: Want, d: Fraction, split: Parts, first: str | None, asking: Asking) -> Judged:
    policy, at = asking.policy, asking.at
    judged = _deliveries(want, split, first, asking)
    admitted = [one for one in judged if one.admitted and one.quantity > 0]
    q_all = sum((one.quantity for one in admitted), NOTHING)
    q_on_time = sum((one.quantity for one in admitted if one.on_time), NOTHING)
    all_on_time = all(one.on_time for one in admitted)
    if QuantityEvidence.CONFIRMATION in policy.in_full.quantity_evidence:
        q_all = q_on_time = _confirmed(want, at)
    exclusion, effect = _exclusion(want.line, policy, at)
    window = _window(want, asking)
    return Judged(
        want=want,
        status=_status(want, d, q_all, effect, window, asking),
        d=d,
        q_all=q_all,
        q_on_time=q_on_time,
        all_on_time=bool(admitted) and all_on_time,
        voided=policy.split_deliveries is SplitRule.ALL_ON_TIME and not all_on_time,
        conditions_met=_conditions_met(admitted, policy.conditions),
        passed=effect is ExclusionEffect.PASS,
        exclusion=exclusion,
        deliveries=judged,
        window=window,
    )


def _window(want: Want, asking: Asking) -> Window:
    """The window after whose end the want is judged: that of its first delivery with an appointment, else of its day."""
    booked = next((one for one in want.line.deliveries if one.appointments), None)
    return window_for(want, booked, asking.policy.on_time, asking.at, asking.calendars)


def _deliveries(want: Want, split: Parts, first: str | None, asking: Asking) -> tuple[JudgedDelivery, ...]:
    """In the order of arrival; goods refused at the customer's fault and brought again count once (rule 4)."""
    rule, at = asking.policy.on_time, asking.at
    came = [(arrival_of(one, rule, at), one) for one in want.line.deliveries]
    if len(came) > 1:
        came.sort(key=lambda each: (each[0].at or _LAST, each[1].known.position))
    outstanding = NOTHING
    judged: list[JudgedDelivery] = []
    for arrived, delivery in came:
        said, shares = split[want.line.number, delivery.shipment]
        quantity = shares[want.part]
        admitted = first is None or delivery.shipment == first
        if admitted and (outstanding or said.fault_credit):
            credit = min(said.fault_credit, quantity)
            again = min(quantity - credit, outstanding)
            quantity, outstanding = quantity - again, outstanding - again + credit
        punctuality = punctuality_of(want, delivery, arrived, rule, at, asking.calendars)
        on_time = punctuality is not None and counts_as_on_time(punctuality, rule.early_arrival)
        reasons = (*said.reasons, *arrived.reasons, *(() if admitted else ("NOT_FIRST_DELIVERY",)))
        judged.append(
            JudgedDelivery(delivery, arrived, punctuality, on_time, admitted, quantity, said.evidence, reasons)
        )
    return tuple(judged)


def _confirmed(want: Want, at: datetime) -> Fraction:
    """What was last confirmed of the want; nothing confirmed is nothing promised."""
    said = [one for one in want.line.confirmations if one.known.at <= at]
    if not said:
        return NOTHING
    whole = Fraction(want.line.original.quantity)
    share = Fraction(want.asked.quantity) / whole if whole else NOTHING
    return confirmed(said[-1]) * share


def _exclusion(line: LineFacts, policy: FillRatePolicy, at: datetime) -> tuple[str | None, ExclusionEffect | None]:
    """The exclusion that applies: one that the policy names, granted by whom it asks for; EXCLUDE before PASS."""
    found: tuple[str | None, ExclusionEffect | None] = (None, None)
    for one in line.exclusions:
        effect = policy.exclusions.get(one.code)
        granted = policy.exclusion_authority is Authority.ANY or one.granted_by is Side.CUSTOMER
        if effect is None or not granted or one.known.at > at:
            continue
        if effect is ExclusionEffect.EXCLUDE:
            return one.code, effect
        found = one.code, effect
    return found


def _status(
    want: Want, d: Fraction, q_all: Fraction, effect: ExclusionEffect | None, window: Window, asking: Asking
) -> Status:
    if effect is ExclusionEffect.EXCLUDE:
        return Status.EXCLUDED
    if d == 0:
        counts = asking.policy.denominator.zero_quantity_line is ZeroLine.COUNT_AS_FULL
        return Status.COUNTED if counts else Status.ZERO
    if q_all >= d or effect is ExclusionEffect.PASS or window.has_closed(asking.at):
        return Status.COUNTED
    promised = QuantityEvidence.CONFIRMATION in asking.policy.in_full.quantity_evidence
    if promised and any(one.known.at <= asking.at for one in want.line.confirmations):
        return Status.COUNTED
    return Status.PENDING


def _until_closed(lines: Sequence[LineFacts], judged: list[Judged], at: datetime) -> list[Judged]:
    """With ORDER_CLOSE nothing of an order counts while something of it is still to come."""
    if all(_closed(line, at) for line in lines):
        return [_with_status(one, Status.COUNTED) if one.status is Status.PENDING else one for one in judged]
    return [_with_status(one, Status.PENDING) if one.status is Status.COUNTED else one for one in judged]


def _closed(line: LineFacts, at: datetime) -> bool:
    """Whether nothing of the line is to come any more: all of it left or was cancelled, expired, closed short."""
    amended = [one for one in line.amendments if one.at <= at]
    quantity = amended[-1].quantity if amended else line.original.quantity
    gone = sum(one.quantity for one in line.cancellations if one.at <= at)
    left = sum(one.quantity or 0 for one in line.deliveries if one.dispatched_at is None or one.dispatched_at <= at)
    return gone + left >= quantity


def _with_status(one: Judged, status: Status) -> Judged:
    values = {name: getattr(one, name) for name in Judged.__slots__}
    return Judged(**{**values, "status": status})


def _conditions_met(admitted: Sequence[JudgedDelivery], conditions: Sequence[Condition]) -> bool:
    """UNDAMAGED: nothing of it was refused or advised as damaged. DOCUMENTS: announced by a ship notice, no papers refused."""
    if not conditions:
        return True
    for one in admitted:
        said = {refusal.reason.upper() for refusal in one.delivery.refusals}
        if Condition.DOCUMENTS in conditions and (one.delivery.quantity is None or said & _PAPERS):
            return False
        said |= {(advice.condition or "").upper() for advice in one.delivery.advices}
        if Condition.UNDAMAGED in conditions and said & _DAMAGE:
            return False
    return True
