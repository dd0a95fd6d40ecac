"""Documents in versions (definitions 1.4 rule 10): which one holds, whatever the order in which they were heard."""

from __future__ import annotations

from collections.abc import Hashable, Iterable
from typing import Protocol, TypeVar


class Versioned(Protocol):
    """``document``: sender, kind and number; ``rank`` orders statements of one version; ``voids``: it is taken back."""

    @property
    def document(self) -> Hashable: ...
    @property
    def version(self) -> int: ...
    @property
    def rank(self) -> int: ...
    @property
    def voids(self) -> bool: ...


V = TypeVar("V", bound=Versioned)


def in_force(said: Iterable[V]) -> list[V]:
    """The highest version of each document, by when it was first heard of; one that was cancelled says nothing any more.

    A duplicate of an old version never overrides a newer one; the order in which they come makes no difference.
    """
    newest: dict[Hashable, V] = {}
    for one in said:
        known = newest.get(one.document)
        if known is None or (one.version, one.rank) > (known.version, known.rank):
            newest[one.document] = one
    return [one for one in newest.values() if not one.voids]
