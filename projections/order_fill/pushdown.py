"""How a policy sees a lot, in SQL: rules 2 to 6 and 9 of definitions 1.4 as comparisons of days and of whole shares.

Which policies can be asked like this is said by ``eligible``; every other is evaluated line by line.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property

from domain.fill_rate.choices import (
    APPOINTMENTS,
    BucketBy,
    CaseRounding,
    CreditMode,
    DayUnit,
    EarlyArrival,
    Keep,
    Metric,
    NonWorkingTarget,
    OnExceed,
    PassLevel,
    QuantityBasis,
    QuantityEvidence,
    RecogniseAt,
    SplitRule,
    Target,
    ToleranceKind,
    WeightUnit,
    WindowKind,
    WithoutAppointment,
    ZeroLine,
)
from domain.fill_rate.lots import DELIVERIES
from domain.fill_rate.policy import Denominator, FillRatePolicy, InFull, OnTime, Scope

TARGETS = {Target.PROMISED_FIRST: "promised_first", Target.PROMISED_LATEST: "promised_last"}
_BASES = {QuantityBasis.FIRST_CONFIRMED: "confirmed_first", QuantityBasis.LATEST_CONFIRMED: "confirmed_last"}
_EVIDENCE = {
    QuantityEvidence.RECEIVING_ADVICE: "advised", QuantityEvidence.POD: "signed", QuantityEvidence.ASN: "sent",
}  # fmt: skip
_FINEST = 10**6  # a percentage's numerator and denominator; with shares of at most 10**9 their products fit into 64 bits


def eligible(policy: FillRatePolicy) -> bool:
    """Whether lots say all that the policy asks for."""
    weight = policy.weight_unit
    bare = policy.scope == Scope() and not policy.conditions and weight is not WeightUnit.SKU_LOCATION
    by_day = policy.period.bucket_by is BucketBy.REQUESTED_ORIGINAL and policy.period.recognise_at is RecogniseAt.WINDOW_CLOSE
    mixed = weight is WeightUnit.LINE and policy.pass_level is PassLevel.ORDER and policy.credit_mode is CreditMode.PROPORTIONAL
    return bare and by_day and not mixed and policy.split_deliveries is not SplitRule.FIRST_ONLY and (
        _plain_days(policy.on_time) and _plain_quantities(policy.in_full) and _plain_demand(policy.denominator)
    )  # fmt: skip


def _plain_days(rule: OnTime) -> bool:
    days = rule.window_kind is WindowKind.DAY and rule.target not in APPOINTMENTS and rule.time_zone == "SHIP_TO"
    calendar = rule.day_unit is DayUnit.CALENDAR and rule.non_working_target is NonWorkingTarget.NONE
    return days and calendar and bool(rule.arrival_evidence)


def _plain_quantities(rule: InFull) -> bool:
    under, over = rule.under_tolerance, rule.over_tolerance
    percent = all(
        not value or (kind is ToleranceKind.PERCENT and 0 < value.numerator < _FINEST and value.denominator < _FINEST)
        for kind, value in ((under.kind, under.value), (over.kind, over.value))
    )
    known = rule.quantity_evidence and all(kind in _EVIDENCE for kind in rule.quantity_evidence)
    return percent and bool(known) and not rule.whole_cases_only


def _plain_demand(rule: Denominator) -> bool:
    kept = rule.cancellation.supplier is Keep.KEEP and rule.cancellation.auto_expiry is Keep.KEEP
    bare = rule.case_rounding is CaseRounding.NONE and rule.demand_cap is None
    return kept and bare and (rule.quantity_basis not in _BASES or rule.zero_quantity_line is ZeroLine.EXCLUDE)


@dataclass(frozen=True)
class Sight:
    """How a policy sees a lot, in SQL. ``today`` is a day by which every zone agrees what has closed of the orders asked.

    ``all_closed``: every window of them has. Quantities are shares of ``whole``; booleans stand in conditions only.
    """

    policy: FillRatePolicy
    today: int
    all_closed: bool

    @cached_property
    def demand(self) -> str:
        basis = _BASES.get(self.policy.denominator.quantity_basis)
        return "whole" if basis is None else f"COALESCE({basis}, whole)"

    @cached_property
    def came(self) -> str:
        return _sum(self._quantity(number) for number in range(1, DELIVERIES + 1))

    @cached_property
    def in_time(self) -> str:
        return _sum(
            f"CASE WHEN {self._punctual(number)} THEN {self._quantity(number)} ELSE 0 END"
            for number in range(1, DELIVERIES + 1)
        )

    @cached_property
    def counted(self) -> str | None:
        """Rule 9: full or closed, and something is wanted; None where that holds of every lot."""
        wanted = [] if self.demand == "whole" else [f"{self.demand} > 0"]
        recognised = [] if self.all_closed else [f"({self._closed} OR {self._seen} >= {self.demand})"]
        return " AND ".join(wanted + recognised) or None

    @cached_property
    def pending(self) -> str | None:
        return None if self.all_closed else f"NOT {self._closed} AND {self._seen} < {self.demand}"

    @property
    def _seen(self) -> str:
        """What came of which a record says that it was at the place; that it left does not say so."""
        records = (f"COALESCE(advised_{n}, signed_{n}, {self._arrival(n)})" for n in range(1, DELIVERIES + 1))
        return _sum(
            f"CASE WHEN {record} IS NOT NULL THEN {self._quantity(number)} ELSE 0 END" for number, record in enumerate(records, 1)
        )

    @property
    def _closed(self) -> str:
        rule = self.policy.on_time
        return f"({TARGETS.get(rule.target, 'requested')} + {rule.latest_days + 1} <= {self.today})"

    def _quantity(self, number: int) -> str:
        """Rule 4: the first evidence available."""
        kinds = self.policy.in_full.quantity_evidence
        return f"COALESCE({', '.join([*(f'{_EVIDENCE[kind]}_{number}' for kind in kinds), '0'])})"

    def _punctual(self, number: int) -> str:
        """Rule 3: whether the arrival's day lies in the window; unknown without one, which is not in time."""
        rule, arrived = self.policy.on_time, self._arrival(number)
        if rule.without_appointment is WithoutAppointment.FAIL:
            arrived = f"CASE WHEN booked_{number} = 1 THEN {arrived} END"
        target = TARGETS.get(rule.target, "requested")
        last = f"{target} + {rule.latest_days}"
        if rule.earliest_days is None:
            return f"{arrived} <= {last}"
        first = f"{target} + {rule.earliest_days}"
        if rule.early_arrival is EarlyArrival.PASS:
            return f"({arrived} < {first} OR {arrived} <= {last})"
        return f"{arrived} BETWEEN {first} AND {last}"

    def _arrival(self, number: int) -> str:
        """The day of the first arrival recorded; without an appointment, where that matters, of the receipt."""
        rule = self.policy.on_time
        days = [f"{kind.value.lower()}_{number}" for kind in rule.arrival_evidence]
        arrived = f"COALESCE({', '.join(days)})" if len(days) > 1 else days[0]
        if rule.without_appointment is WithoutAppointment.RECEIPT_POSTED:
            arrived = f"CASE WHEN booked_{number} = 1 THEN {arrived} ELSE receipt_posted_{number} END"
        return arrived

    @property
    def voided(self) -> str | None:
        """Rule 5: with ALL_ON_TIME one part that was not in time takes the credit from all."""
        return f"{self.in_time} < {self.came}" if self.policy.split_deliveries is SplitRule.ALL_ON_TIME else None

    def quantity(self, metric: Metric) -> str:
        return self.in_time if metric is Metric.OTIF else self.came

    def passes(self, metric: Metric) -> str:
        """Rule 6, all or nothing."""
        if metric is Metric.ON_TIME:
            return f"({self.came} > 0 AND {self.in_time} = {self.came})"
        quantity, rule = self.quantity(metric), self.policy.in_full
        under, over = rule.under_tolerance.value, rule.over_tolerance
        least, whole = f"{self.demand} * {100 * under.denominator - under.numerator}", f"{quantity} * {100 * under.denominator}"
        tests = [f"{whole} >= {least}" if under else f"{quantity} >= {self.demand}"]
        if over.value is not None and over.on_exceed is OnExceed.FAIL:
            scale = 100 * over.value.denominator
            tests.append(f"{quantity} * {scale} <= {self.demand} * {scale + over.value.numerator}")
        if self.voided is not None:
            tests.append(f"NOT {self.voided}")
        return f"({' AND '.join(tests)})"


def _left(rule: InFull) -> int:
    """What of D must have come, in the parts that the tolerance is compared in."""
    return 100 * rule.under_tolerance.value.denominator - rule.under_tolerance.value.numerator


def _sum(parts: Iterable[str]) -> str:
    return f"({' + '.join(parts)})"
