"""Matching a customer's statement with our ledger, line by line: every difference typed, the bridge of both balances.

definitions.md 4.3 and S3. A pure function of their lines, our ledger at the cut-off, the evidence and what persons said.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal

from domain.statement_differences import Difference, Evidence, LedgerLine, Pair, typed
from domain.statement_explaining import Known, explain_both, explain_ours, explain_theirs
from domain.statement_lines import AgreedDocument, DifferenceClass, Resolution, StatementContent, StatementLine
from domain.statement_pairing import as_they_list_payments, named_by_them
from domain.values import ZERO


@dataclass(frozen=True)
class Matching:
    """All pairs, theirs in their order, then what only we have. Ours + the bridge = theirs, always."""

    our_balance: Decimal
    their_balance: Decimal
    pairs: tuple[Pair, ...]

    @property
    def differences(self) -> list[Difference]:
        return [one for pair in self.pairs for one in pair.differences]

    @property
    def bridge(self) -> dict[DifferenceClass, Decimal]:
        """What each class comes to; a class without a difference is left out."""
        sums: dict[DifferenceClass, Decimal] = defaultdict(lambda: ZERO)
        for one in self.differences:
            if one.difference_class not in (None, DifferenceClass.MATCHED):
                assert one.difference_class is not None
                sums[one.difference_class] += one.amount
        return {name: sums[name] for name in DifferenceClass if name in sums}

    @property
    def unexplained(self) -> Decimal:
        """What no class explains."""
        return self.their_balance - self.our_balance - sum(self.bridge.values(), ZERO)

    @property
    def to_resolve(self) -> dict[str, Decimal]:
        """Where something is unexplained, even where two of it cancel out."""
        return {
            pair.about: pair.unexplained
            for pair in self.pairs
            if any(one.difference_class is None for one in pair.differences)
        }

    @property
    def agreed_documents(self) -> tuple[AgreedDocument, ...]:
        """Documents of ours that they list as owed: what both sides say is undisputed (T13)."""
        listed = [pair for pair in self.pairs if pair.lines and pair.ours is not None and pair.our_open > 0]
        agreed = []
        for pair in listed:
            assert pair.ours is not None
            undisputed = min(pair.our_open, max(pair.theirs, ZERO))
            if undisputed > 0:
                agreed.append(AgreedDocument(pair.ours.item, undisputed, pair.our_open - undisputed))
        return tuple(agreed)


def match_statement(
    content: StatementContent, ledger: Iterable[LedgerLine], evidence: Mapping[str, Evidence],
    resolutions: Sequence[Resolution] = (),
) -> Matching:
    """``ledger``: every document known, what is open of it as of the cut-off; ``evidence`` by the document's stream."""
    ours = as_they_list_payments({line.item: line for line in ledger}, content)
    said = {one.about: one for one in resolutions}
    named = named_by_them(content.lines, ours, said)
    taken: dict[str, list[StatementLine]] = defaultdict(list)
    for line in content.lines:
        if (item := named.item_of.get(line.number)) is not None:
            taken[item].append(line)
    known = Known.of(content.cut_off, content.currency, evidence, frozenset(taken), ours.values())
    pairs = []
    done: set[str] = set()
    for line in content.lines:
        item = named.item_of.get(line.number)
        if line.number in named.repeated:
            pairs.append(_pair((line,), None, [_duplicate(line)]))
        elif item is None:
            pairs.append(_pair((line,), None, explain_theirs(line, known)))
        elif item not in done:
            done.add(item)
            lines = tuple(taken[item])
            pairs.append(_pair(lines, ours[item], explain_both(lines, ours[item], known)))
    only_ours = [line for item, line in sorted(ours.items()) if item not in done and line.open != 0]
    pairs += [_pair((), line, explain_ours(line, known)) for line in only_ours]
    pairs = [_as_said(pair, said) for pair in pairs]
    balance = sum((line.open for line in ours.values()), ZERO)
    return Matching(balance, content.total, tuple(pairs))


def _pair(lines: tuple[StatementLine, ...], ours: LedgerLine | None, differences: list[Difference]) -> Pair:
    return Pair(lines, ours, tuple(differences))


def _duplicate(line: StatementLine) -> Difference:
    return typed(DifferenceClass.DUPLICATE_AT_CUSTOMER, line.amount, (line.document,))


def _as_said(pair: Pair, said: Mapping[str, Resolution]) -> Pair:
    """A person's class takes the place of what is unexplained; where all is explained, of all of it."""
    words = [said[f"line {line.number}"] for line in pair.lines if f"line {line.number}" in said]
    if pair.ours is not None:
        words += [said[f"document {name}"] for name in (pair.ours.number, pair.ours.item) if f"document {name}" in said]
    word = next((one for one in words if one.said is not None), None)
    if word is None or word.said is None or all(one.amount == 0 for one in pair.differences):
        return pair
    open_ones = [one for one in pair.differences if one.difference_class is None]
    replaced = open_ones or list(pair.differences)
    kept = [one for one in pair.differences if one not in replaced]
    amount = sum((one.amount for one in replaced), ZERO)
    documents = tuple(dict.fromkeys(name for one in replaced for name in one.documents))
    return replace(pair, differences=(*kept, typed(word.said, amount, documents, said_by=word.by)))
