"""A customer's definition of a filled order, as an immutable value (definitions 1.3); every field has its default.

Blank (None) means "not evaluated", which is not the same as zero. ``domain.fill_rate.form`` reads and writes the JSON.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from fractions import Fraction
from types import MappingProxyType

from domain.fill_rate.choices import (
    Authority,
    BucketBy,
    CapBasis,
    CaseRounding,
    Comparison,
    Condition,
    CreditMode,
    DayUnit,
    DemandBasis,
    EarlyArrival,
    ExclusionEffect,
    Keep,
    Metric,
    NonWorkingTarget,
    OnExceed,
    PassLevel,
    PenaltyBase,
    PenaltyLevel,
    PenaltyScope,
    QuantityBasis,
    QuantityEvidence,
    RecogniseAt,
    Rejection,
    SplitRule,
    Substitution,
    Target,
    ToleranceKind,
    Trigger,
    WeightUnit,
    WindowKind,
    WithoutAppointment,
    ZeroLine,
)
from domain.order import Flow, FreightTerms
from domain.shipment import ArrivalEvidence


@dataclass(frozen=True)
class Scope:
    """Which lines the policy speaks of; a field left out takes all. The policy that names more fields wins."""

    banner: str | None = None
    ship_to: str | None = None
    category: str | None = None
    freight_terms: FreightTerms | None = None
    flow: Flow | None = None


@dataclass(frozen=True)
class Cancellation:
    customer_before_cutoff: Keep = Keep.EXCLUDE
    customer_after_cutoff: Keep = Keep.EXCLUDE
    supplier: Keep = Keep.KEEP
    auto_expiry: Keep = Keep.KEEP


@dataclass(frozen=True)
class DemandCap:
    """Caps the sum of an item's denominators in a period at ``factor`` times that of the period a year before."""

    basis: DemandBasis
    factor: Fraction


@dataclass(frozen=True)
class Denominator:
    """``amendment_cutoff`` counts back from 00:00 local of the original requested date."""

    quantity_basis: QuantityBasis = QuantityBasis.ORIGINAL
    amendment_cutoff: timedelta = timedelta(0)
    cancellation: Cancellation = Cancellation()
    zero_quantity_line: ZeroLine = ZeroLine.EXCLUDE
    case_rounding: CaseRounding = CaseRounding.NONE
    demand_cap: DemandCap | None = None


@dataclass(frozen=True)
class UnderTolerance:
    """Used by ALL_OR_NOTHING only; ABSOLUTE is in the ordered unit."""

    kind: ToleranceKind = ToleranceKind.PERCENT
    value: Fraction = Fraction(0)


@dataclass(frozen=True)
class OverTolerance:
    """``value`` None: over-delivery is not evaluated."""

    kind: ToleranceKind = ToleranceKind.PERCENT
    value: Fraction | None = None
    on_exceed: OnExceed = OnExceed.CAP


@dataclass(frozen=True)
class InFull:
    """``quantity_evidence``: the first that is available wins."""

    quantity_evidence: tuple[QuantityEvidence, ...] = (
        QuantityEvidence.RECEIVING_ADVICE, QuantityEvidence.POD, QuantityEvidence.ASN,
    )  # fmt: skip
    under_tolerance: UnderTolerance = UnderTolerance()
    over_tolerance: OverTolerance = OverTolerance()
    substitution: Substitution = Substitution.NONE
    whole_cases_only: bool = False
    rejection: Rejection = Rejection.COUNT_CUSTOMER_FAULT


@dataclass(frozen=True)
class OnTime:
    """``earliest_days`` None: earliness is not evaluated. ``time_zone`` is SHIP_TO or an IANA name."""

    target: Target = Target.REQUESTED_ORIGINAL
    window_kind: WindowKind = WindowKind.DAY
    earliest_days: int | None = None
    latest_days: int = 0
    time_of_day: str | None = None
    slot_early_minutes: int = 0
    slot_late_minutes: int = 0
    day_unit: DayUnit = DayUnit.CALENDAR
    calendar: str | None = None
    non_working_target: NonWorkingTarget = NonWorkingTarget.NONE
    time_zone: str = "SHIP_TO"
    early_arrival: EarlyArrival = EarlyArrival.FAIL
    arrival_evidence: tuple[ArrivalEvidence, ...] = (ArrivalEvidence.GATE_ARRIVAL,)
    without_appointment: WithoutAppointment = WithoutAppointment.IGNORE


@dataclass(frozen=True)
class PeriodRule:
    """``calendar``: GREGORIAN_MONTH, ISO_WEEK, WEEK_SUN_SAT or FISCAL_<name>."""

    bucket_by: BucketBy = BucketBy.REQUESTED_ORIGINAL
    calendar: str = "GREGORIAN_MONTH"
    recognise_at: RecogniseAt = RecogniseAt.WINDOW_CLOSE


@dataclass(frozen=True)
class Goal:
    rate: Fraction
    comparison: Comparison = Comparison.GTE

    def met(self, rate: Fraction) -> bool:
        """Compared on the exact rate, never on a rounded one."""
        return rate >= self.rate if self.comparison is Comparison.GTE else rate > self.rate


@dataclass(frozen=True)
class PenaltyCap:
    """At most ``pct`` percent of the basis."""

    pct: Fraction
    of: CapBasis = CapBasis.CATEGORY_ORDERED_VALUE


@dataclass(frozen=True)
class Waiver:
    """No penalty while the rate of the last ``trailing_weeks`` weeks is above ``rate_above`` (not equal)."""

    trailing_weeks: int
    rate_above: Fraction


@dataclass(frozen=True)
class Penalty:
    """``rate`` is a fraction of the base; for FLAT_PER_PO it is an amount a purchase order.

    ``min_turnover``: no penalty for a supplier whose turnover with the customer is below it (blank: none).
    ``max_age_days``: no penalty for a failure older than this when it is invoiced (blank: any age).
    """

    trigger: Trigger
    base: PenaltyBase
    rate: Fraction
    scope: PenaltyScope = PenaltyScope.ALL_NONCOMPLIANT
    level: PenaltyLevel = PenaltyLevel.PERIOD
    grace_days: int = 0
    charge_case_once: bool = True
    cap: PenaltyCap | None = None
    waiver: Waiver | None = None
    min_turnover: Fraction | None = None
    max_age_days: int | None = None


@dataclass(frozen=True)
class FillRatePolicy:
    """One version of one definition. ``effective_to`` is exclusive; ``preset`` says where it came from."""

    policy_id: str | None = None
    customer_id: str | None = None
    preset: str | None = None
    scope: Scope = Scope()
    effective_from: date | None = None
    effective_to: date | None = None
    metric: Metric = Metric.FILL
    conditions: tuple[Condition, ...] = ()
    weight_unit: WeightUnit = WeightUnit.CASE
    credit_mode: CreditMode = CreditMode.PROPORTIONAL
    pass_level: PassLevel = PassLevel.LINE
    denominator: Denominator = Denominator()
    in_full: InFull = InFull()
    on_time: OnTime = OnTime()
    split_deliveries: SplitRule = SplitRule.ACCUMULATE_IN_WINDOW
    exclusions: Mapping[str, ExclusionEffect] = field(default_factory=lambda: MappingProxyType({}))
    exclusion_authority: Authority = Authority.CUSTOMER_GRANTED
    period: PeriodRule = PeriodRule()
    goal: Goal | None = None
    penalty: Penalty | None = None
