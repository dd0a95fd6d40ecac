"""Judging the lines of one order by a policy: what was wanted, what came, when, and what of it counts.

The steps are those of definitions 1.4, in its order: D (2), punctuality of each delivery (3), countable quantity (4),
split rule (5), exclusions (8), recognition (9). What each line is worth is ``credit`` (6, 7).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from fractions import Fraction

from domain.calendars import WorkingDays
from domain.fill_rate.allocation import Came, coming
from domain.fill_rate.choices import (
    APPOINTMENTS,
    Authority,
    Condition,
    ExclusionEffect,
    QuantityEvidence,
    RecogniseAt,
    SplitRule,
    ZeroLine,
)
from domain.fill_rate.demand import NOTHING, Want, confirmed, demands, quantity_now, share_of, total
from domain.fill_rate.evidence import Arrived, booked, punctuality_of, window_for
from domain.fill_rate.facts import Delivery, LineFacts
from domain.fill_rate.policy import FillRatePolicy
from domain.fill_rate.windows import Punctuality, Window, counts_as_on_time
from domain.values import Side

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


def judge_order(lines: Sequence[LineFacts], asking: Asking) -> list[Judged]:
    """The wants of one order's lines, judged; the lines must be all lines of the order."""
    policy, at = asking.policy, asking.at
    wanted = [demands(line, policy.denominator, at) for line in lines]
    came = coming(lines, wanted, policy, at)
    judged = [_judge(want, d, came[want.line.number], asking) for parts in wanted for want, d in parts]
    return judged if policy.period.recognise_at is RecogniseAt.WINDOW_CLOSE else _until_closed(lines, judged, at)


def _judge(want: Want, d: Fraction, came: Sequence[Came], asking: Asking) -> Judged:
    policy, at = asking.policy, asking.at
    judged = _deliveries(want, came, asking)
    admitted = [one for one in judged if one.admitted and one.quantity.numerator > 0]
    q_all = total(one.quantity for one in admitted)
    q_on_time = total(one.quantity for one in admitted if one.on_time)
    all_on_time = all(one.on_time for one in admitted)
    if QuantityEvidence.CONFIRMATION in policy.in_full.quantity_evidence:
        q_all = q_on_time = _confirmed(want, at)
    exclusion, effect = _exclusion(want.line, policy, at)
    window = _window(want, came, asking)
    return Judged(
        want=want,
        status=_status(want, d, admitted, effect, window, asking),
        d=d,
        q_all=q_all,
        q_on_time=q_on_time,
        all_on_time=bool(admitted) and all_on_time,
        voided=policy.split_deliveries is SplitRule.ALL_ON_TIME and not all_on_time,
        conditions_met=not policy.conditions or _conditions_met(_seen(want, came), policy.conditions, at),
        passed=effect is ExclusionEffect.PASS,
        exclusion=exclusion,
        deliveries=judged,
        window=window,
    )


def _window(want: Want, came: Sequence[Came], asking: Asking) -> Window:
    """The window after whose end the want is judged: that of its first delivery with an appointment, else of its day."""
    rule, first = asking.policy.on_time, None
    if rule.target in APPOINTMENTS:
        here = (one.delivery for one in came if one.delivery.ship_to in (None, want.asked.ship_to))
        first = next((one for one in here if booked(one, asking.at)), None)
    return window_for(want, first, rule, asking.at, asking.calendars)


def _deliveries(want: Want, came: Sequence[Came], asking: Asking) -> tuple[JudgedDelivery, ...]:
    rule, at = asking.policy.on_time, asking.at
    judged: list[JudgedDelivery] = []
    for one in came:
        punctuality = punctuality_of(want, one.delivery, one.arrived, rule, at, asking.calendars)
        on_time = punctuality is not None and counts_as_on_time(punctuality, rule.early_arrival)
        reasons = (*one.said.reasons, *one.arrived.reasons, *(() if one.admitted else ("NOT_FIRST_DELIVERY",)))
        quantity = one.shares[want.part]
        judged.append(
            JudgedDelivery(
                one.delivery, one.arrived, punctuality, on_time, one.admitted, quantity, one.said.evidence, reasons
            )
        )
    return tuple(judged)


def _confirmed(want: Want, at: datetime) -> Fraction:
    """What was last confirmed of the want; nothing confirmed is nothing promised."""
    said = [one for one in want.line.confirmations if one.known.at <= at]
    if not said:
        return NOTHING
    return share_of(want, confirmed(said[-1]))


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
    want: Want, d: Fraction, admitted: Sequence[JudgedDelivery], effect: ExclusionEffect | None, window: Window, asking: Asking
) -> Status:
    """A want is counted before its window closes if all of it has come; a ship notice alone does not say so (rule 9)."""
    if effect is ExclusionEffect.EXCLUDE:
        return Status.EXCLUDED
    if d == 0:
        counts = asking.policy.denominator.zero_quantity_line is ZeroLine.COUNT_AS_FULL
        return Status.COUNTED if counts else Status.ZERO
    if effect is ExclusionEffect.PASS or window.has_closed(asking.at):
        return Status.COUNTED
    if total(one.quantity for one in admitted if _has_come(one, asking.at)) >= d:
        return Status.COUNTED
    promised = QuantityEvidence.CONFIRMATION in asking.policy.in_full.quantity_evidence
    if promised and any(one.known.at <= asking.at for one in want.line.confirmations):
        return Status.COUNTED
    return Status.PENDING


def _until_closed(lines: Sequence[LineFacts], judged: list[Judged], at: datetime) -> list[Judged]:
    """With ORDER_CLOSE nothing of an order counts while something of it is still to come.

    Nothing more being to come recognises a line before its window closes, but not while its goods are on their way.
    """
    if all(_closed(line, at) for line in lines):
        counts = [one.status is Status.PENDING and not _on_its_way(one, at) for one in judged]
        return [_with_status(one, Status.COUNTED) if now else one for one, now in zip(judged, counts, strict=True)]
    return [_with_status(one, Status.PENDING) if one.status is Status.COUNTED else one for one in judged]


def _closed(line: LineFacts, at: datetime) -> bool:
    """Whether nothing of the line is to come any more: all of it left or was cancelled, expired, closed short."""
    gone = sum(one.quantity for one in line.cancellations if one.at <= at)
    left = sum(one.quantity or 0 for one in line.deliveries if one.dispatched_at is None or one.dispatched_at <= at)
    return gone + left >= quantity_now(line, at)


def _on_its_way(one: Judged, at: datetime) -> bool:
    """Whether goods of the line have left of which no record says yet that they came."""
    left = (each for each in one.deliveries if (each.delivery.dispatched_at or at) <= at)
    return any(not _has_come(each, at) for each in left)


def _has_come(one: JudgedDelivery, at: datetime) -> bool:
    """Whether any record says that the goods were at the place."""
    said = one.delivery
    return (
        one.arrived.at is not None
        or any(each.at <= at for each in said.advices)
        or any(each.at <= at for each in said.proofs)
        or any(each.at <= at for each in said.refusals)
    )


def _with_status(one: Judged, status: Status) -> Judged:
    values = {name: getattr(one, name) for name in Judged.__slots__}
    return Judged(**{**values, "status": status})


def _seen(want: Want, came: Sequence[Came]) -> list[Delivery]:
    """What came for the want, also what was refused whole: what replaced it does not undo the damage."""
    return [
        one.delivery
        for one in came
        if one.admitted
        and (one.shares[want.part] > 0 or (one.said.total == 0 and one.delivery.ship_to in (None, want.asked.ship_to)))
    ]


def _conditions_met(seen: Sequence[Delivery], conditions: Sequence[Condition], at: datetime) -> bool:
    """UNDAMAGED: nothing of it was refused or advised as damaged. DOCUMENTS: announced by a ship notice, no papers refused."""
    for one in seen:
        said = {refusal.reason.upper() for refusal in one.refusals if refusal.at <= at}
        if Condition.DOCUMENTS in conditions and (one.quantity is None or said & _PAPERS):
            return False
        said |= {(advice.condition or "").upper() for advice in one.advices if advice.at <= at}
        if Condition.UNDAMAGED in conditions and said & _DAMAGE:
            return False
    return True
