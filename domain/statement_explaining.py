"""Why a line of the customer's statement differs from ours: by dates, uses, stated figures, then by the trade's papers."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from fractions import Fraction
from itertools import combinations

from domain.statement_differences import (
    DEDUCTION, NO_EVIDENCE, OF_DEDUCTION, PAYMENT, Difference, Evidence, LedgerLine, NextAction, PresumedFault, of_agreed,
    typed, unexplained,
)
from domain.statement_lines import DifferenceClass, LineKind, StatementLine
from domain.tax import line_amounts
from domain.values import ZERO

_C = DifferenceClass
_FEES = frozenset({LineKind.FEE, LineKind.DEDUCTION})


@dataclass(frozen=True)
class Known:
    """What explaining looks at: evidence, which of ours they list, bills for the same goods, payments that came later."""

    cut_off: date
    currency: str
    evidence: Mapping[str, Evidence]
    listed: frozenset[str]
    billing: Mapping[str, Sequence[LedgerLine]]
    later_payments: Mapping[Decimal, Sequence[str]]

    @classmethod
    def of(
        cls, cut_off: date, currency: str, evidence: Mapping[str, Evidence], listed: frozenset[str],
        ledger: Iterable[LedgerLine],
    ) -> Known:
        billing: dict[str, list[LedgerLine]] = defaultdict(list)
        later: dict[Decimal, list[str]] = defaultdict(list)
        for line in ledger:
            if line.billed_for:
                billing[line.billed_for].append(line)
            if line.kind == PAYMENT and line.dated_on > cut_off and line.item not in listed:
                later[line.original].append(line.item)
        return cls(cut_off, currency, evidence, listed, billing, later)


def explain_both(lines: Sequence[StatementLine], ours: LedgerLine, known: Known) -> list[Difference]:
    """Both sides have it."""
    theirs = sum((line.amount for line in lines), ZERO)
    difference = theirs - ours.open
    documents = (*dict.fromkeys(line.document for line in lines), ours.item)
    if difference == 0:
        return [typed(_C.MATCHED, ZERO, documents)]
    if ours.dated_on > known.cut_off:
        return [typed(_C.TIMING, difference, documents)]
    if theirs == -ours.open:
        return [typed(_C.SIGN_ERROR, difference, documents)]
    found = _by_uses(difference, documents, ours, known) or _by_figures(lines, documents, ours, known)
    found = found or _by_papers(difference, documents, ours, known)
    rest = difference - sum((one.amount for one in found), ZERO)
    return [*found, unexplained(rest, documents)] if rest else found


def _by_uses(
    difference: Decimal, documents: tuple[str, ...], ours: LedgerLine, known: Known
) -> list[Difference]:
    """They have booked what reached us after the cut-off, or not booked what had reached us."""
    for uses, sign, said in (
        ([use for use in ours.uses if use.on > known.cut_off], -1, _C.TIMING),
        ([use for use in ours.uses if use.on <= known.cut_off], 1, _C.MISSING_AT_CUSTOMER),
    ):
        for some in (uses, *([use] for use in uses)):
            if some and sign * sum((use.total for use in some), ZERO) == difference:
                return [typed(said, difference, (*documents, *dict.fromkeys(use.by for use in some)))]
    return []


def _by_figures(
    lines: Sequence[StatementLine], documents: tuple[str, ...], ours: LedgerLine, known: Known
) -> list[Difference]:
    """Their quantity, price or tax beside ours. Price on their quantity, quantity at our price, each with our tax rate."""
    billed, line = ours.figures, lines[0]
    stated = (line.quantity, line.unit_price, line.tax) != (None, None, None)
    if billed is None or len(lines) > 1 or not stated or line.amount < 0:
        return []
    quantity = billed.quantity if line.quantity is None else line.quantity
    price, per = (billed.unit_price, billed.price_per) if line.unit_price is None else (line.unit_price, Decimal(1))
    if Fraction(price) / Fraction(per) == Fraction(billed.unit_price) / Fraction(billed.price_per):
        price, per = billed.unit_price, billed.price_per
    at_theirs = line_amounts(quantity, price, per, billed.tax_rate, known.currency)
    at_ours = line_amounts(quantity, billed.unit_price, billed.price_per, billed.tax_rate, known.currency)
    as_billed = line_amounts(billed.quantity, billed.unit_price, billed.price_per, billed.tax_rate, known.currency)
    papers = known.evidence.get(ours.item, NO_EVIDENCE)
    parts = (
        (_C.PRICE_DIFF, at_theirs.gross - at_ours.gross, papers.price_variance),
        (_C.QTY_DIFF, at_ours.gross - as_billed.gross, papers.quantity_variance),
        (_C.TAX_DIFF, ZERO if line.tax is None else line.tax - at_theirs.tax, papers.tax_variance),
    )
    return [of_agreed(said, part, documents, variance, papers) for said, part, variance in parts if part]


def _by_papers(
    difference: Decimal, documents: tuple[str, ...], ours: LedgerLine, known: Known
) -> list[Difference]:
    """They leave off exactly what the three-way match finds wrong."""
    papers = known.evidence.get(ours.item, NO_EVIDENCE)
    variances = (
        (_C.PRICE_DIFF, papers.price_variance), (_C.QTY_DIFF, papers.quantity_variance), (_C.TAX_DIFF, papers.tax_variance),
    )  # fmt: skip
    there = [(said, variance) for said, variance in variances if variance]
    for count in range(1, len(there) + 1):
        for some in combinations(there, count):
            if -sum((variance for _, variance in some), ZERO) == difference:
                return [of_agreed(said, -variance, documents, variance, papers) for said, variance in some]
    return []


def explain_ours(line: LedgerLine, known: Known) -> list[Difference]:
    """They do not list it."""
    amount, documents = -line.open, (line.item,)
    if line.kind == DEDUCTION:
        said = OF_DEDUCTION.get(line.reason, _C.FEE_NOT_AGREED)
        named = (line.item, *filter(None, (line.about or line.settlement,)))
        return [typed(
            said, amount, named, fault=PresumedFault.UNDETERMINED, action=NextAction.SETTLE_THE_DEDUCTION
        )]  # fmt: skip
    if line.billed_for:
        listed = [one.item for one in known.billing[line.billed_for] if one.item != line.item and one.item in known.listed]
        if listed:
            return [typed(_C.DUPLICATE_AT_SUPPLIER, amount, (line.item, listed[0]))]
    if known.evidence.get(line.item, NO_EVIDENCE).on_the_way(known.cut_off):
        return [typed(_C.TIMING, amount, documents)]
    return [typed(_C.MISSING_AT_CUSTOMER, amount, documents)]


def explain_theirs(line: StatementLine, known: Known) -> list[Difference]:
    """We do not have it."""
    if line.kind is LineKind.PAYMENT:
        later = known.later_payments.get(line.amount, ())
        if len(later) == 1:
            return [typed(_C.TIMING, line.amount, (line.document, later[0]))]
        return [typed(_C.MISSING_AT_SUPPLIER, line.amount, (line.document,), action=NextAction.TRACE_THE_PAYMENT)]
    said = _C.FEE_NOT_AGREED if line.kind in _FEES else _C.MISSING_AT_SUPPLIER
    return [typed(said, line.amount, (line.document,))]
