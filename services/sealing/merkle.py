"""The Merkle tree of RFC 6962 section 2.1 over SHA-256: leaves and nodes are hashed apart, so neither passes as the other."""

from __future__ import annotations

from collections.abc import Sequence
from hashlib import sha256

LEAF = b"\x00"
NODE = b"\x01"
EMPTY = sha256().digest()
SIZE = 32


def leaf_hash(data: bytes) -> bytes:
    return sha256(LEAF + data).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    return sha256(NODE + left + right).digest()


def root(leaves: Sequence[bytes]) -> bytes:
    """The root over leaf hashes. Level by level, an odd last node is taken up as it is: the tree of the RFC."""
    level = list(leaves)
    if not level:
        return EMPTY
    while len(level) > 1:
        level = _above(level)
    return level[0]


def path(leaves: Sequence[bytes], index: int) -> list[bytes]:
    """The inclusion path of leaf ``index``: the neighbours on the way up, the lowest first."""
    level, found = list(leaves), []
    while len(level) > 1:
        neighbour = index ^ 1
        if neighbour < len(level):
            found.append(level[neighbour])
        level, index = _above(level), index // 2
    return found


def root_of_path(leaf: bytes, index: int, count: int, steps: Sequence[bytes]) -> bytes | None:
    """The root that a leaf and its path lead to; None where the path does not fit a tree of ``count`` leaves."""
    if not 0 <= index < count:
        return None
    found, last, left = leaf, count - 1, list(steps)
    while last > 0:
        if index % 2 or index < last:
            if not left:
                return None
            step = left.pop(0)
            found = node_hash(step, found) if index % 2 else node_hash(found, step)
        index, last = index // 2, last // 2
    return None if left else found


def _above(level: list[bytes]) -> list[bytes]:
    above = [sha256(NODE + level[i] + level[i + 1]).digest() for i in range(0, len(level) - 1, 2)]
    return above if len(level) % 2 == 0 else [*above, level[-1]]


def split(leaves: bytes) -> list[bytes]:
    """Leaf hashes that are kept in one row."""
    return [leaves[i : i + SIZE] for i in range(0, len(leaves), SIZE)]
