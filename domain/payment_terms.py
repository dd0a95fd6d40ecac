"""Payment terms (账期): what was agreed, and the dates it gives. definitions.md 3.1 and 3.2.

Order of operations: baseline, rule, clamp to the month's end, roll. A discount date rolls the same way.
The rule kind is explicit, never read out of a name: "30 days end of month" has two lawful readings.
"""

from __future__ import annotations

from calendar import monthrange
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from enum import StrEnum

from domain.calendars import NO_CALENDAR, Roll, WorkingDays, every_day, rolled
from domain.refusal import Refusal
from domain.values import ZERO, round_money, split_money

_DAYS = range(1, 32)
_HUNDRED = Decimal(100)

TERMS_INCONSISTENT = Refusal(
    "payment_terms.inconsistent",
    "The payment terms cannot be agreed: {part} is {figure}, it must be {limit}. Correct {part} and agree again.",
)


class Baseline(StrEnum):
    """The day from which the terms count."""

    INVOICE_DATE = "INVOICE_DATE"
    GOODS_RECEIPT_DATE = "GOODS_RECEIPT_DATE"
    STATEMENT_AGREED_DATE = "STATEMENT_AGREED_DATE"
    INVOICE_ACCEPTED_DATE = "INVOICE_ACCEPTED_DATE"
    ORDER_DATE = "ORDER_DATE"


class RuleKind(StrEnum):
    """How a due date follows from the baseline."""

    NET_DAYS = "NET_DAYS"
    EOM_PLUS_DAYS = "EOM_PLUS_DAYS"
    DAYS_THEN_EOM = "DAYS_THEN_EOM"
    DAY_OF_MONTH = "DAY_OF_MONTH"
    BRACKETS = "BRACKETS"


class DiscountBase(StrEnum):
    """What a discount's percent is taken of."""

    GROSS = "GROSS"
    NET_OF_TAX = "NET_OF_TAX"


class RunKind(StrEnum):
    """When the customer pays what is due."""

    NONE = "NONE"
    WEEKLY = "WEEKLY"
    MONTHLY = "MONTHLY"
    FIRST_BUSINESS_DAY = "FIRST_BUSINESS_DAY"


@dataclass(frozen=True)
class Bracket:
    """A baseline on ``from_day``..``to_day`` is due on ``day``, ``months`` later."""

    from_day: int
    to_day: int
    months: int
    day: int


@dataclass(frozen=True)
class DueRule:
    """One rule; only the fields that its kind reads count."""

    kind: RuleKind
    days: int = 0
    months: int = 0
    day: int = 31
    cutoff_day: int = 31
    brackets: tuple[Bracket, ...] = ()


@dataclass(frozen=True)
class Instalment:
    """A share of the invoice with its own rule; equal percents are equal parts."""

    percent: Decimal
    rule: DueRule


@dataclass(frozen=True)
class Discount:
    """A cash discount for paying by its date, ``grace_days`` later at most."""

    percent: Decimal
    rule: DueRule
    base: DiscountBase = DiscountBase.GROSS
    grace_days: int = 0


@dataclass(frozen=True)
class PaymentRun:
    """The customer's payment run: gives the expected cash date, never the due date."""

    kind: RunKind = RunKind.NONE
    weekday: int = 1  # ISO: Monday is 1
    day: int = 1


@dataclass(frozen=True)
class LegalMaximum:
    """The longest term the law allows; it warns and never shortens a date."""

    start: Baseline
    days: int


@dataclass(frozen=True)
class PaymentTerms:
    """What a customer and we agreed about paying. Every default means "nothing special"."""

    rule: DueRule
    baseline: Baseline = Baseline.INVOICE_DATE
    instalments: tuple[Instalment, ...] = ()
    discounts: tuple[Discount, ...] = ()
    roll: Roll = Roll.NONE
    calendar: str = NO_CALENDAR
    customer_payment_run: PaymentRun = PaymentRun()
    legal_maximum: LegalMaximum | None = None


@dataclass(frozen=True)
class DueDate:
    """One date on which a part of the invoice falls due; the parts are in the terms' order."""

    unrolled: date
    due_on: date


@dataclass(frozen=True)
class DiscountDate:
    """A discount and the last value date that earns it, grace included."""

    discount: Discount
    discount_on: date
    last_day: date


@dataclass(frozen=True)
class LegalWarning:
    """A due date beyond the legal maximum: it stays, a person should know."""

    due_on: date
    days: int
    limit: int
    excess: int


@dataclass(frozen=True)
class Schedule:
    """Every date that the terms give for one baseline."""

    due: tuple[DueDate, ...]
    discounts: tuple[DiscountDate, ...]
    warnings: tuple[LegalWarning, ...] = ()

    @property
    def due_on(self) -> date:
        """The day on which the last part falls due."""
        return max(part.due_on for part in self.due)


def due_dates(
    terms: PaymentTerms,
    baseline: date,
    working_days: WorkingDays = every_day,
    *,
    received_on: date | None = None,
) -> Schedule:
    """The schedule for one baseline date; ``received_on`` serves a legal maximum counted from receipt."""
    rules = [part.rule for part in terms.instalments] or [terms.rule]
    due = tuple(_due_date(terms, rule, baseline, working_days) for rule in rules)
    discounts = []
    for discount in terms.discounts:
        day = _due_date(terms, discount.rule, baseline, working_days).due_on
        discounts.append(DiscountDate(discount, day, day + timedelta(days=discount.grace_days)))
    return Schedule(due, tuple(discounts), _legal_warnings(terms, due, baseline, received_on))


def unrolled_date(rule: DueRule, baseline: date) -> date:
    """The rule alone: no day off is looked at."""
    match rule.kind:
        case RuleKind.NET_DAYS:
            return baseline + timedelta(days=rule.days)
        case RuleKind.EOM_PLUS_DAYS:
            return _month_day(baseline, rule.months, 31) + timedelta(days=rule.days)
        case RuleKind.DAYS_THEN_EOM:
            return _month_day(baseline + timedelta(days=rule.days), 0, 31)
        case RuleKind.DAY_OF_MONTH:
            late = 1 if baseline.day > rule.cutoff_day else 0
            return _month_day(baseline, rule.months + late, rule.day)
        case RuleKind.BRACKETS:
            bracket = next(b for b in rule.brackets if b.from_day <= baseline.day <= b.to_day)
            return _month_day(baseline, bracket.months, bracket.day)


def instalment_amounts(terms: PaymentTerms, gross: Decimal, currency: str) -> list[Decimal]:
    """``gross`` in the terms' parts; the last takes the remainder."""
    if not terms.instalments:
        return [gross]
    return split_money(gross, [part.percent for part in terms.instalments], currency)


def discount_amount(discount: Discount, net: Decimal, gross: Decimal, currency: str) -> Decimal:
    """What the discount is worth on an invoice of ``net`` and ``gross``."""
    base = gross if discount.base is DiscountBase.GROSS else net
    return round_money(base * discount.percent / _HUNDRED, currency)


def expected_cash_on(run: PaymentRun, due_on: date, working_days: WorkingDays = every_day) -> date:
    """The first payment run on or after the due date: a run on the due date itself still pays it."""
    match run.kind:
        case RunKind.NONE:
            return due_on
        case RunKind.WEEKLY:
            return due_on + timedelta(days=(run.weekday - due_on.isoweekday()) % 7)
        case RunKind.MONTHLY:
            this_month = _month_day(due_on, 0, run.day)
            return this_month if this_month >= due_on else _month_day(due_on, 1, run.day)
        case RunKind.FIRST_BUSINESS_DAY:
            first = rolled(due_on.replace(day=1), Roll.FOLLOWING, working_days)
            return (
                first if first >= due_on else rolled(_month_day(due_on, 1, 1), Roll.FOLLOWING, working_days)
            )


def check_terms(terms: PaymentTerms) -> None:
    """Refuse terms that could not give a date for every day or an amount for every part."""
    for rule in (terms.rule, *(p.rule for p in terms.instalments), *(d.rule for d in terms.discounts)):
        _check_rule(rule)
    percents = [part.percent for part in terms.instalments]
    if any(percent <= 0 for percent in percents):
        raise TERMS_INCONSISTENT(part="an instalment's percent", figure=min(percents), limit="above 0")
    if len(set(percents)) > 1 and sum(percents, ZERO) != _HUNDRED:
        raise TERMS_INCONSISTENT(
            part="the instalments' total", figure=sum(percents, ZERO), limit="100 percent"
        )
    for discount in terms.discounts:
        if not 0 < discount.percent < _HUNDRED:
            raise TERMS_INCONSISTENT(
                part="a discount's percent", figure=discount.percent, limit="above 0 and below 100"
            )
    if terms.roll is not Roll.NONE and terms.calendar == NO_CALENDAR:
        raise TERMS_INCONSISTENT(
            part="the calendar", figure=NO_CALENDAR, limit=f"named, to roll {terms.roll}"
        )


def _check_rule(rule: DueRule) -> None:
    if rule.days < 0 or rule.months < 0:
        raise TERMS_INCONSISTENT(
            part="a rule's days or months", figure=min(rule.days, rule.months), limit="0 or more"
        )
    for day in (rule.day, rule.cutoff_day, *(b.day for b in rule.brackets)):
        if day not in _DAYS:
            raise TERMS_INCONSISTENT(part="a day of the month", figure=day, limit="1 to 31")
    if rule.kind is RuleKind.BRACKETS:
        covered = [day for b in rule.brackets for day in range(b.from_day, b.to_day + 1)]
        if sorted(covered) != list(_DAYS):
            raise TERMS_INCONSISTENT(
                part="the brackets' days", figure=sorted(covered), limit="1 to 31, each exactly once"
            )


def _due_date(terms: PaymentTerms, rule: DueRule, baseline: date, working_days: WorkingDays) -> DueDate:
    day = unrolled_date(rule, baseline)
    return DueDate(day, rolled(day, terms.roll, working_days, terms.calendar))


def _month_day(day: date, months: int, day_of_month: int) -> date:
    """The day of the month ``months`` later; a day the month does not have is its last."""
    year, month0 = divmod(day.year * 12 + day.month - 1 + months, 12)
    return date(year, month0 + 1, min(day_of_month, monthrange(year, month0 + 1)[1]))


def _legal_warnings(
    terms: PaymentTerms, due: tuple[DueDate, ...], baseline: date, received_on: date | None
) -> tuple[LegalWarning, ...]:
    law = terms.legal_maximum
    start = baseline if law and law.start is terms.baseline else received_on
    if law is None or start is None:
        return ()
    spans = [(part.due_on, (part.due_on - start).days) for part in due]
    return tuple(LegalWarning(day, n, law.days, n - law.days) for day, n in spans if n > law.days)
