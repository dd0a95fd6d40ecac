"""What is hashed and what is signed: a stored row as a leaf, a block's header. Never change either: old proofs rest on it."""

from __future__ import annotations

import json
import struct
from dataclasses import asdict, dataclass
from enum import StrEnum
from hashlib import sha256
from typing import Any

from services.event_log.contract import EventRow
from services.event_log.seals import SealRow
from services.sealing import merkle

FORM = "o2c-block/1"
ROW = b"o2c-event/1\n"
BLOCK = b"\x02"
FIELDS = ("position", "stream", "version", "type", "data", "decided_at", "recorded_at", "actor", "command_id", "causation",
          "correlation")  # fmt: skip
NOTHING_BEFORE = "0" * 64
_LENGTHS = struct.Struct(f">{len(FIELDS) + 1}q")


class Segment(StrEnum):
    """How a block stands to the one before: the first of all, the next, or the first after the log was restored."""

    BEGINS = "BEGINS"
    CONTINUES = "CONTINUES"
    RESTORED = "RESTORED"


def row_bytes(log: str, row: EventRow) -> bytes:
    """The log's name and every field of the stored row as UTF-8, each with its length in 8 bytes before all of them;
    what is absent has the length -1."""
    texts = [log.encode()]
    lengths = [len(texts[0])]
    for value in row:
        if value is None:
            lengths.append(-1)
        else:
            text = (value if value.__class__ is str else str(_whole(value))).encode()
            texts.append(text)
            lengths.append(len(text))
    return ROW + _LENGTHS.pack(*lengths) + b"".join(texts)


def _whole(value: Any) -> int:
    if value.__class__ is not int:
        raise TypeError(f"a stored row holds text and whole numbers, not {value!r}")
    return int(value)


def leaf_of(log: str, row: EventRow) -> bytes:
    return merkle.leaf_hash(row_bytes(log, row))


@dataclass(frozen=True)
class Block:
    """The header of a block over the positions ``first`` to ``last``. ``root`` and ``previous`` are hex; ``previous`` is
    the hash of the block before."""

    log: str
    height: int
    generation: int
    segment: str
    first: int
    last: int
    root: str
    previous: str
    sealed_at: str

    @property
    def header(self) -> bytes:
        """What is signed: JSON with sorted names and no spaces."""
        fields = {"form": FORM, **asdict(self)}
        return json.dumps(fields, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()

    @property
    def hash(self) -> str:
        return sha256(BLOCK + self.header).hexdigest()

    @property
    def count(self) -> int:
        return self.last - self.first + 1


def block_of(log: str, row: SealRow) -> Block:
    """The header of a kept seal."""
    return Block(
        log, row.height, row.generation, row.segment, row.first, row.last, row.root, row.previous, row.sealed_at
    )
