"""Which document of ours a line of the customer's statement speaks of, which lines are there twice, and payments listed.

A customer that lists a payment lists the invoices it paid too: then ours are shown before that payment.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal

from domain.statement_differences import DEDUCTION, PAYMENT, LedgerLine, Use
from domain.statement_lines import LineKind, Resolution, StatementContent, StatementLine
from domain.values import ZERO

# A reference of such a line names the document that it is about, unless that is our memo about the same.
_BY_MEMO = frozenset({LineKind.CREDIT_MEMO, LineKind.RETURN, LineKind.FEE, LineKind.DEDUCTION})
_MEMO = "CREDIT_MEMO"


@dataclass(frozen=True)
class Named:
    """By line: the item of ours it speaks of; the lines that say again what another line says."""

    item_of: dict[int, str]
    repeated: frozenset[int]


def named_by_them(
    lines: Sequence[StatementLine], ours: Mapping[str, LedgerLine], said: Mapping[str, Resolution]
) -> Named:
    """A person's word first, then the document's number, then the reference."""
    index = _Index(ours)
    item_of: dict[int, str] = {}
    seen: set[object] = set()
    repeated: set[int] = set()
    for line in lines:
        word = said.get(f"line {line.number}")
        if word is not None and word.pairs_with is not None:
            item = index.any(word.pairs_with)
        elif (alike := _alike(line)) in seen:
            repeated.add(line.number)
            continue
        else:
            seen.add(alike)
            item = index.named_by(line)
        if item is not None:
            item_of[line.number] = item
    for number in _stated_again(lines, item_of, ours):
        repeated.add(number)
        del item_of[number]
    return Named(item_of, frozenset(repeated))


def _alike(line: StatementLine) -> object:
    return replace(line, number=0, document=plain_number(line.document))


def _stated_again(
    lines: Sequence[StatementLine], item_of: Mapping[int, str], ours: Mapping[str, LedgerLine]
) -> list[int]:
    """Lines of one document that do not add up to it, while one of them alone does: the others of that amount."""
    groups: dict[str, list[StatementLine]] = defaultdict(list)
    for line in lines:
        if line.number in item_of:
            groups[item_of[line.number]].append(line)
    again = []
    for item, group in groups.items():
        wanted = ours[item].open
        alone = [line.number for line in group if line.amount == wanted]
        if len(alone) > 1 and wanted and sum((line.amount for line in group), ZERO) != wanted:
            again += alone[1:]
    return again


class _Index:
    """Our documents and payments by number, however the customer writes it."""

    def __init__(self, ours: Mapping[str, LedgerLine]) -> None:
        self._items = ours
        self._documents: dict[str, str] = {}
        self._payments: dict[str, str] = {}
        self._deductions: dict[str, str] = {}
        for item, line in ours.items():
            kept = {PAYMENT: self._payments, DEDUCTION: self._deductions}.get(line.kind, self._documents)
            kept[plain_number(line.number)] = item

    def any(self, name: str) -> str | None:
        """By stream or number, whatever it is."""
        number = plain_number(name)
        if name in self._items:
            return name
        return self._documents.get(number) or self._payments.get(number) or self._deductions.get(number)

    def named_by(self, line: StatementLine) -> str | None:
        if line.kind is LineKind.PAYMENT:
            return self._payments.get(plain_number(line.document)) or self._payments.get(plain_number(line.reference or ""))
        found = self._documents.get(plain_number(line.document))
        if found is not None or line.reference is None:
            return found
        meant = self._documents.get(plain_number(line.reference))
        if meant is None:
            return None
        is_memo = self._items[meant].kind == _MEMO
        return meant if is_memo == (line.kind in _BY_MEMO) and line.kind is not LineKind.OTHER else None


def plain_number(number: str) -> str:
    """A document's number however it is written: spaces and capitals tell no two apart."""
    return "".join(number.split()).casefold()


def as_they_list_payments(ours: Mapping[str, LedgerLine], content: StatementContent) -> dict[str, LedgerLine]:
    """Undo on paper each payment that they list, as far as it stood at the cut-off; the sum stays what it was."""
    index = _Index(ours)
    found = {index.named_by(line) for line in content.lines if line.kind is LineKind.PAYMENT}
    listed = {item for item in found if item is not None and ours[item].dated_on <= content.cut_off}
    if not listed:
        return dict(ours)
    shown = dict(ours)
    uses: dict[str, list[tuple[str, Use]]] = defaultdict(list)
    kept_back: dict[str, list[str]] = defaultdict(list)
    for item, line in ours.items():
        for use in line.uses:
            if use.by in listed and use.on <= content.cut_off:
                uses[use.by].append((item, use))
        if line.settlement in listed and line.kind == DEDUCTION:
            kept_back[str(line.settlement)].append(item)
    for payment in sorted(listed):
        _before(payment, uses[payment], kept_back[payment], shown)
    return shown


def _before(payment: str, uses: list[tuple[str, Use]], kept_back: list[str], shown: dict[str, LedgerLine]) -> None:
    deducted = sum((use.deducted for _, use in uses), ZERO)
    whole = deducted == sum((shown[item].open for item in kept_back), ZERO)
    balanced = sum((use.credit for _, use in uses), ZERO) == 0
    for item, use in uses:
        back = use.cash + (use.deducted if whole else ZERO) + (use.credit if balanced else ZERO)
        line = shown[item]
        rest = replace(use, total=use.total - back)
        place = line.uses.index(use)
        left = (*line.uses[:place], *((rest,) if rest.total else ()), *line.uses[place + 1 :])
        shown[item] = replace(line, open=line.open + back, uses=left)
    cash = sum((use.cash for _, use in uses), ZERO)
    undone = {item for item, _ in uses}
    later = tuple(use for use in shown[payment].uses if use.by not in undone)
    shown[payment] = replace(shown[payment], open=shown[payment].open - cash, uses=later)
    for item in kept_back if whole else ():
        shown[item] = replace(shown[item], open=ZERO)


def open_on(original: Decimal, dated_on: date, uses: Sequence[Use], day: date) -> Decimal:
    """What is open of a document at the end of ``day``."""
    if dated_on > day:
        return ZERO
    return original - sum((use.total for use in uses if use.on <= day), ZERO)
