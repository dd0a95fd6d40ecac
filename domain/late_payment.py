"""What paying late or early is worth: late interest by law or agreement (T14), the yearly price of a discount (T10).

Rates are data with their source; which one applies is for the caller to say.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from fractions import Fraction

from domain.receivable_items import Movement
from domain.refusal import Refusal
from domain.values import ZERO, round_money

_DAYS_OF_A_YEAR = 365
_HUNDRED = Decimal(100)

DISPUTED_EXCEEDS = Refusal(
    "late_payment.disputed_exceeds",
    "{figure} of {limit} cannot be disputed: that is {excess} more than the whole. Dispute at most {limit}.",
)


@dataclass(frozen=True)
class LateRate:
    """``daily`` interest on what is paid late, in force from ``first_day``, with where it was read."""

    jurisdiction: str
    daily: Decimal
    first_day: date
    source: str


# Where the parties agreed nothing. The 2025 text of the regulation came into force on 2025-06-01; its article on the
# rate was not read, the figure is that of the 2020 text (sources S46 and S47).
STATUTORY = (
    LateRate("CN", Decimal("0.0005"), date(2020, 9, 1), "S47: regulation on payments to SMEs, 2020 text, 0.05 % a day"),
)


def statutory_rate(jurisdiction: str, day: date, rates: Iterable[LateRate] = STATUTORY) -> LateRate | None:
    """The rate in force on ``day``; None where none is known."""
    known = [rate for rate in rates if rate.jurisdiction == jurisdiction and rate.first_day <= day]
    return max(known, key=lambda rate: rate.first_day, default=None)


def undisputed(amount: Decimal, disputed: Decimal) -> Decimal:
    """The part that must be paid in time: what is disputed in good faith neither delays it nor bears interest."""
    if not ZERO <= disputed <= amount:
        raise DISPUTED_EXCEEDS(figure=disputed, limit=amount, excess=disputed - amount)
    return amount - disputed


def days_late(due_on: date, paid_on: date) -> int:
    """Days from the due day to the day of payment; none where it was paid in time."""
    return max((paid_on - due_on).days, 0)


def late_interest(amount: Decimal, days: int, daily: Decimal, currency: str, disputed: Decimal = ZERO) -> Decimal:
    """Simple interest on the undisputed part, rounded once."""
    return round_money(Fraction(undisputed(amount, disputed)) * Fraction(daily) * days, currency)


def accrued_interest(
    movements: Iterable[Movement], due_on: date, as_of: date, daily: Decimal, currency: str
) -> Decimal:
    """Interest on every day's undisputed balance since the due day, rounded once; paying the principal keeps it owed."""
    balance_days = sum(((m.amount - m.disputed) * days_late(max(due_on, m.on), as_of) for m in movements), ZERO)
    return round_money(Fraction(max(balance_days, ZERO)) * Fraction(daily), currency)


def implied_yearly_price(percent: Decimal, discount_on: date, due_on: date) -> Fraction | None:
    """What a buyer pays a year, simply, for not taking a discount: 2/10 net 30 is (2/98) x 365/20.

    None where the discount's day is the due day: then nothing is bought with it.
    """
    days = (due_on - discount_on).days
    if days <= 0 or not ZERO <= percent < _HUNDRED:
        return None
    return Fraction(percent) / Fraction(_HUNDRED - percent) * Fraction(_DAYS_OF_A_YEAR, days)
