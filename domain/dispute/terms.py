"""What is agreed with a customer about deductions, as data: its reason codes, clocks, band of write-offs, rules of law.

Read from the deduction agreement; the tolerance in it is read elsewhere:

    {"reasons": {"SH01": "SHORTAGE"},
     "disputes": {"window_days": 90, "by_reason": {"LATE_FINE": {"window_days": 14}}, "calendar": "CN",
                  "write_off": {"band": "1000.00", "days": 30}, "supplier_percent": "60", "law": ["CN"],
                  "rules": [{"rule": "CAP", "kind": "OVER_CAP", "percent": "2", "source": "contract 7.2"}]}}
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from decimal import Decimal
from typing import Any

from domain.deduction_reasons import DeductionReason, reason_of
from domain.dispute.checks import RULES, LegalRule, RuleKind
from domain.dispute.clocks import ClockTerms
from domain.refusal import Refusal

TERMS_MALFORMED = Refusal(
    "deductions.terms_malformed", "The deduction agreement says {figure} under {place}; {wanted} is needed. Correct it there."
)

_LONGEST_WINDOW = 3_660
_CLOCKS = ("window_days", "acknowledge_business_days", "evidence_percent", "escalate_percent")
_DISPUTES = frozenset({*_CLOCKS, "by_reason", "calendar", "write_off", "supplier_percent", "law", "rules"})


@dataclass(frozen=True)
class WriteOffTerms:
    """Up to ``band`` one person may write off, counted over ``days``; None: never alone."""

    band: Decimal | None = None
    days: int = 30


@dataclass(frozen=True)
class DeductionTerms:
    """Nothing agreed: the standard codes, two business days to acknowledge, every write-off by two persons."""

    reasons: dict[str, DeductionReason] = field(default_factory=dict)
    clock: ClockTerms = field(default_factory=ClockTerms)
    by_reason: dict[DeductionReason, ClockTerms] = field(default_factory=dict)
    write_off: WriteOffTerms = field(default_factory=WriteOffTerms)
    supplier_percent: Decimal | None = None
    rules: tuple[LegalRule, ...] = ()

    def reason(self, customer_reason: str) -> DeductionReason:
        """Our reason for the customer's code: as agreed with it, else X12 426 or EDIFACT 4465."""
        agreed = self.reasons.get(customer_reason.strip().upper())
        return reason_of(customer_reason) if agreed is None else agreed

    def clock_of(self, reason: DeductionReason) -> ClockTerms:
        return self.by_reason.get(reason, self.clock)


def terms_from(agreement: Mapping[str, Any]) -> DeductionTerms:
    """The terms in a deduction agreement, whole; refused with the place of what cannot be read."""
    stated = _object(agreement.get("reasons", {}), "reasons")
    reasons = {code.strip().upper(): _reason(name, f"reasons/{code}") for code, name in stated.items()}
    said = _object(agreement.get("disputes", {}), "disputes")
    unknown = sorted(said.keys() - _DISPUTES)
    if unknown:
        raise _malformed("disputes", unknown[0], f"one of {', '.join(sorted(_DISPUTES))}")
    clock = _clock(said, ClockTerms(calendar=_text(said.get("calendar"), "disputes/calendar")), "disputes")
    by_reason = {
        _reason(name, "disputes/by_reason"): _clock(_object(own, f"by_reason/{name}"), clock, f"by_reason/{name}")
        for name, own in _object(said.get("by_reason", {}), "disputes/by_reason").items()
    }
    percent = said.get("supplier_percent")
    return DeductionTerms(
        reasons, clock, by_reason, _write_off(_object(said.get("write_off", {}), "disputes/write_off")),
        None if percent is None else _figure(percent, "disputes/supplier_percent", Decimal(100)), _rules(said),
    )  # fmt: skip


def _clock(said: Mapping[str, Any], before: ClockTerms, place: str) -> ClockTerms:
    given: dict[str, Any] = {name: _whole(said[name], f"{place}/{name}") for name in _CLOCKS if said.get(name) is not None}
    return replace(before, **given)


def _write_off(said: Mapping[str, Any]) -> WriteOffTerms:
    band = said.get("band")
    days = _whole(said.get("days", WriteOffTerms.days), "write_off/days")
    return WriteOffTerms(None if band is None else _figure(band, "write_off/band"), days)


def _rules(said: Mapping[str, Any]) -> tuple[LegalRule, ...]:
    """The named bodies of law, then the contract's own rules."""
    named, own = said.get("law", ()), said.get("rules", ())
    for value, place in ((named, "disputes/law"), (own, "disputes/rules")):
        if not isinstance(value, list | tuple):
            raise _malformed(place, value, "a list")
    rules: list[LegalRule] = []
    for law in named:
        if law not in RULES:
            raise _malformed("disputes/law", law, f"one of {', '.join(RULES)}")
        rules += RULES[law]
    return (*rules, *(_rule(_object(one, f"rules/{n}"), f"rules/{n}") for n, one in enumerate(own, start=1)))


def _rule(said: Mapping[str, Any], place: str) -> LegalRule:
    kind = str(said.get("kind"))
    if kind not in RuleKind.__members__:
        raise _malformed(f"{place}/kind", kind, f"one of {', '.join(RuleKind)}")
    name, source = (_text(said.get(field), f"{place}/{field}") for field in ("rule", "source"))
    if name is None or source is None:
        raise _malformed(f"{place}/{'source' if name else 'rule'}", None, "a text")
    days = _whole(said["days"], f"{place}/days") if RuleKind(kind) is RuleKind.TOO_LATE and "days" in said else None
    percent = _figure(said["percent"], f"{place}/percent", Decimal(100)) if "percent" in said else None
    if (kind == RuleKind.TOO_LATE and days is None) or (kind == RuleKind.OVER_CAP and percent is None):
        raise _malformed(place, kind, "days for TOO_LATE, percent for OVER_CAP")
    reasons = tuple(_reason(one, f"{place}/reasons") for one in said.get("reasons", ()))
    fees = tuple(str(fee) for fee in said.get("fees", ()))
    return LegalRule(name, RuleKind(kind), source, reasons, fees, days, percent)


def _reason(name: Any, place: str) -> DeductionReason:
    if name not in DeductionReason.__members__:
        raise _malformed(place, name, f"one of {', '.join(DeductionReason)}")
    return DeductionReason(name)


def _object(value: Any, place: str) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise _malformed(place, value, "an object")
    return value


def _text(value: Any, place: str) -> str | None:
    if value is not None and not isinstance(value, str):
        raise _malformed(place, value, "a text")
    return value


def _whole(value: Any, place: str) -> int:
    if not isinstance(value, int) or isinstance(value, bool) or not 0 <= value <= _LONGEST_WINDOW:
        raise _malformed(place, value, f"a whole number from 0 to {_LONGEST_WINDOW}")
    return value


def _figure(value: Any, place: str, most: Decimal | None = None) -> Decimal:
    try:
        figure = Decimal(str(value))
    except ArithmeticError:
        raise _malformed(place, value, "a decimal as text") from None
    if not figure.is_finite() or figure < 0 or (most is not None and figure > most):
        raise _malformed(place, value, "a decimal from 0" + ("" if most is None else f" to {most}"))
    return figure


def _malformed(place: str, figure: Any, wanted: str) -> Exception:
    return TERMS_MALFORMED(place=place, figure=str(figure), wanted=wanted)
