"""The words a fill-rate policy chooses from (definitions 1.3): what each field may say."""

from __future__ import annotations

from enum import StrEnum


class Metric(StrEnum):
    FILL = "FILL"
    ON_TIME = "ON_TIME"
    OTIF = "OTIF"


class Condition(StrEnum):
    """Extra all-or-nothing conditions (SCOR perfect order)."""

    UNDAMAGED = "UNDAMAGED"
    DOCUMENTS = "DOCUMENTS"


class WeightUnit(StrEnum):
    CASE = "CASE"
    EACH = "EACH"
    LINE = "LINE"
    SKU_LOCATION = "SKU_LOCATION"
    ORDER = "ORDER"
    VALUE = "VALUE"


QUANTITY_WEIGHTS = frozenset({WeightUnit.CASE, WeightUnit.EACH, WeightUnit.VALUE})


class CreditMode(StrEnum):
    PROPORTIONAL = "PROPORTIONAL"
    ALL_OR_NOTHING = "ALL_OR_NOTHING"


class PassLevel(StrEnum):
    LINE = "LINE"
    ORDER = "ORDER"


class QuantityBasis(StrEnum):
    ORIGINAL = "ORIGINAL"
    AMENDED_AT_CUTOFF = "AMENDED_AT_CUTOFF"
    LATEST_AMENDED = "LATEST_AMENDED"
    FIRST_CONFIRMED = "FIRST_CONFIRMED"
    LATEST_CONFIRMED = "LATEST_CONFIRMED"


class Keep(StrEnum):
    """What a cancelled quantity does to the denominator."""

    EXCLUDE = "EXCLUDE"
    KEEP = "KEEP"


class ZeroLine(StrEnum):
    EXCLUDE = "EXCLUDE"
    COUNT_AS_FULL = "COUNT_AS_FULL"


class CaseRounding(StrEnum):
    NONE = "NONE"
    DOWN = "DOWN"
    UP = "UP"
    NEAREST = "NEAREST"


class DemandBasis(StrEnum):
    SAME_PERIOD_LAST_YEAR = "SAME_PERIOD_LAST_YEAR"


class QuantityEvidence(StrEnum):
    RECEIVING_ADVICE = "RECEIVING_ADVICE"
    POD = "POD"
    ASN = "ASN"
    CONFIRMATION = "CONFIRMATION"


class ToleranceKind(StrEnum):
    PERCENT = "PERCENT"
    ABSOLUTE = "ABSOLUTE"


class OnExceed(StrEnum):
    CAP = "CAP"
    FAIL = "FAIL"


class Substitution(StrEnum):
    NONE = "NONE"
    APPROVED = "APPROVED"
    ALWAYS = "ALWAYS"


class Rejection(StrEnum):
    COUNT_CUSTOMER_FAULT = "COUNT_CUSTOMER_FAULT"
    COUNT_NONE = "COUNT_NONE"


class Target(StrEnum):
    REQUESTED_ORIGINAL = "REQUESTED_ORIGINAL"
    REQUESTED_CURRENT = "REQUESTED_CURRENT"
    PROMISED_FIRST = "PROMISED_FIRST"
    PROMISED_LATEST = "PROMISED_LATEST"
    APPOINTMENT_FIRST = "APPOINTMENT_FIRST"
    APPOINTMENT_LATEST = "APPOINTMENT_LATEST"


APPOINTMENTS = frozenset({Target.APPOINTMENT_FIRST, Target.APPOINTMENT_LATEST})


class WindowKind(StrEnum):
    DAY = "DAY"
    TIME_OF_DAY = "TIME_OF_DAY"
    SLOT = "SLOT"


class DayUnit(StrEnum):
    CALENDAR = "CALENDAR"
    BUSINESS = "BUSINESS"


class NonWorkingTarget(StrEnum):
    NONE = "NONE"
    FOLLOWING = "FOLLOWING"
    PRECEDING = "PRECEDING"


class EarlyArrival(StrEnum):
    FAIL = "FAIL"
    PASS = "PASS"  # noqa: S105


class WithoutAppointment(StrEnum):
    IGNORE = "IGNORE"
    FAIL = "FAIL"
    RECEIPT_POSTED = "RECEIPT_POSTED"


class SplitRule(StrEnum):
    FIRST_ONLY = "FIRST_ONLY"
    ACCUMULATE_IN_WINDOW = "ACCUMULATE_IN_WINDOW"
    ALL_ON_TIME = "ALL_ON_TIME"


class ExclusionEffect(StrEnum):
    EXCLUDE = "EXCLUDE"
    PASS = "PASS"  # noqa: S105


class Authority(StrEnum):
    CUSTOMER_GRANTED = "CUSTOMER_GRANTED"
    ANY = "ANY"


class BucketBy(StrEnum):
    REQUESTED_ORIGINAL = "REQUESTED_ORIGINAL"
    RECEIVED = "RECEIVED"
    ORDERED = "ORDERED"


class RecogniseAt(StrEnum):
    WINDOW_CLOSE = "WINDOW_CLOSE"
    ORDER_CLOSE = "ORDER_CLOSE"


class Comparison(StrEnum):
    GTE = "GTE"
    GT = "GT"


class Trigger(StrEnum):
    BELOW_GOAL = "BELOW_GOAL"
    EACH_FAILURE = "EACH_FAILURE"


class PenaltyBase(StrEnum):
    COST_OF_SHORT = "COST_OF_SHORT"
    COST_OF_LATE = "COST_OF_LATE"
    COST_OF_NONCOMPLIANT = "COST_OF_NONCOMPLIANT"
    INVOICE = "INVOICE"
    FLAT_PER_PO = "FLAT_PER_PO"


class PenaltyScope(StrEnum):
    ALL_NONCOMPLIANT = "ALL_NONCOMPLIANT"
    GAP_TO_GOAL = "GAP_TO_GOAL"


class PenaltyLevel(StrEnum):
    PERIOD = "PERIOD"
    ORDER = "ORDER"


class CapBasis(StrEnum):
    CATEGORY_ORDERED_VALUE = "CATEGORY_ORDERED_VALUE"
