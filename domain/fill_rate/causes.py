"""Why a line can be missed: every cause with the department that has to act and the party at fault (features X14)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType

from domain.fill_rate.facts import CauseFound, HoldSpan, LineFacts
from domain.fill_rate.parameters import CUSTOMER_NUMBERS
from domain.order import FreightTerms
from domain.order_findings import Department, Party

_FINANCE, _LOGISTICS, _MARKETING, _NONE = Department.FINANCE, Department.LOGISTICS, Department.MARKETING, Department.NONE
_PRODUCTION, _SALES = Department.PRODUCTION, Department.SALES


@dataclass(frozen=True, slots=True)
class Cause:
    """``number`` is what the customer calls it, where it has a number of its own."""

    code: str
    department: Department
    party: Party
    number: str | None = None


# Not wanted any more, though the policy still counts it.
CUSTOMER_CANCELLED = Cause("CUSTOMER_CANCELLED", _SALES, Party.CUSTOMER)
CUSTOMER_REDUCED = Cause("CUSTOMER_REDUCED", _SALES, Party.CUSTOMER)
# Never sent. A credit hold is ours, unless the customer was overdue (definitions 1.1).
CREDIT_HOLD = Cause("CREDIT_HOLD", _FINANCE, Party.US)
CUSTOMER_OVERDUE = Cause("CREDIT_HOLD", _FINANCE, Party.CUSTOMER)
CUT_AT_CONFIRMATION = Cause("CUT_AT_CONFIRMATION", _PRODUCTION, Party.US)
NOT_CONFIRMED = Cause("NOT_CONFIRMED", _SALES, Party.US)
WE_CANCELLED = Cause("WE_CANCELLED", _SALES, Party.US)
CLOSED_SHORT = Cause("CLOSED_SHORT", _PRODUCTION, Party.US)
EXPIRED = Cause("EXPIRED", _LOGISTICS, Party.US)
NOT_SHIPPED = Cause("NOT_SHIPPED", _LOGISTICS, Party.US)
# Sent, but it does not count.
LATER_DELIVERY = Cause("LATER_DELIVERY", _LOGISTICS, Party.US)
DAMAGED = Cause("DAMAGED", _LOGISTICS, Party.US)
REFUSED_OUR_FAULT = Cause("REFUSED_OUR_FAULT", _LOGISTICS, Party.US)
REFUSED_BY_CUSTOMER = Cause("REFUSED_BY_CUSTOMER", _SALES, Party.CUSTOMER)
BROKEN_CASE = Cause("BROKEN_CASE", _LOGISTICS, Party.US)
LOST_IN_TRANSIT = Cause("LOST_IN_TRANSIT", _LOGISTICS, Party.CARRIER)
NOT_ON_ADVICE = Cause("NOT_ON_ADVICE", _LOGISTICS, Party.UNKNOWN)
RECEIPT_DIFFERS = Cause("RECEIPT_DIFFERS", _LOGISTICS, Party.UNKNOWN)
NO_RECEIPT = Cause("NO_RECEIPT", _LOGISTICS, Party.UNKNOWN)
UNEXPLAINED = Cause("UNEXPLAINED", _NONE, Party.UNKNOWN)
# It came, but not in time.
APPOINTMENT_LATE = Cause("APPOINTMENT_LATE", _SALES, Party.CUSTOMER)
APPOINTMENT_EARLY = Cause("APPOINTMENT_EARLY", _SALES, Party.CUSTOMER)
DATE_MOVED = Cause("DATE_MOVED", _SALES, Party.CUSTOMER)
NO_APPOINTMENT = Cause("NO_APPOINTMENT", _LOGISTICS, Party.US)
NO_ARRIVAL_EVIDENCE = Cause("NO_ARRIVAL_EVIDENCE", _LOGISTICS, Party.UNKNOWN)
DISPATCHED_LATE = Cause("DISPATCHED_LATE", _LOGISTICS, Party.US)
DISPATCHED_EARLY = Cause("DISPATCHED_EARLY", _LOGISTICS, Party.US)
CARRIER_LATE = Cause("CARRIER_LATE", _LOGISTICS, Party.CARRIER)
CARRIER_EARLY = Cause("CARRIER_EARLY", _LOGISTICS, Party.CARRIER)
# It came in time and whole, but the line does not pass.
OVER_DELIVERED = Cause("OVER_DELIVERED", _LOGISTICS, Party.US)
PAPERS_MISSING = Cause("PAPERS_MISSING", _LOGISTICS, Party.US)

# Exclusions that the customer granted; every other code granted is the customer's own doing.
GRANTED: Mapping[str, tuple[Department, Party]] = MappingProxyType(
    {
        "FORCE_MAJEURE": (_NONE, Party.UNKNOWN),
        "IMPORT": (_NONE, Party.UNKNOWN),
        "RECALL": (_PRODUCTION, Party.US),
        "DISCONTINUED": (_MARKETING, Party.US),
    }
)

# Words in the code of a reason to hold that speak of what the customer has not paid in time.
_OVERDUE = frozenset({"OVERDUE", "DUNNING"})


def excused_by(code: str) -> Cause:
    """The cause of a line that broke an agreed logistic parameter."""
    return Cause(code, _SALES, Party.CUSTOMER, CUSTOMER_NUMBERS.get(code))


def granted(code: str) -> Cause:
    """The cause of a line for which the customer granted an exclusion."""
    department, party = GRANTED.get(code, (_SALES, Party.CUSTOMER))
    return Cause(code, department, party, CUSTOMER_NUMBERS.get(code))


def found(finding: CauseFound) -> Cause:
    """The cause that a person named."""
    return Cause(
        finding.cause, Department(finding.department), Party(finding.fault), CUSTOMER_NUMBERS.get(finding.cause)
    )


def held(span: HoldSpan) -> Cause:
    words = {word for reason in span.reasons for word in reason.code.split("_")}
    return CUSTOMER_OVERDUE if words & _OVERDUE else CREDIT_HOLD


def carried(cause: Cause, line: LineFacts) -> Cause:
    """Where the customer has the goods collected, the carrier is the customer's."""
    collects = cause.party is Party.CARRIER and line.freight_terms == FreightTerms.COLLECT
    return replace(cause, party=Party.CUSTOMER) if collects else cause


def with_breach(cause: Cause, code: str) -> Cause:
    """A cause of our side together with a breach of the customer's that is not excused: both are at fault for the units."""
    match cause.party:
        case Party.CUSTOMER | Party.BOTH:
            return cause
        case Party.UNKNOWN:
            return excused_by(code)
    return replace(cause, party=Party.BOTH, number=CUSTOMER_NUMBERS.get(code))
