"""What is different between two judgements of the same lines: other facts, another moment, another definition."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from domain.fill_rate.credit import Contribution

Key = tuple[str, str, int]


@dataclass(frozen=True)
class Changed:
    """A want that adds something else; one side is None where the want is in one of the figures only."""

    key: Key
    before: Contribution | None
    after: Contribution | None


def changed(before: Iterable[Contribution], after: Iterable[Contribution]) -> list[Changed]:
    """Every want whose contribution or status differs, in the order of the keys."""
    old = {one.judged.want.key: one for one in before}
    new = {one.judged.want.key: one for one in after}
    return [
        Changed(key, old.get(key), new.get(key))
        for key in sorted({*old, *new})
        if _worth(old.get(key)) != _worth(new.get(key))
    ]


def _worth(one: Contribution | None) -> object:
    return None if one is None else (one.judged.status, one.numerator, one.denominator)
