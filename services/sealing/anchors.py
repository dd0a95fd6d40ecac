"""Anchors: every sealed block as one line of JSON in a file that the operator ships elsewhere.

Whoever can write the database can also cut off its end, seals included; only what was taken away before shows that.
"""

from __future__ import annotations

import json
import os
import threading
from collections.abc import Iterable
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import Any

from services.sealing.block import Block

NAMES = {field.name: field.type for field in fields(Block)}


@dataclass(frozen=True)
class Anchor:
    """A block's header with its hash, signature and key."""

    block: Block
    public_key: str
    signature: str

    def as_json(self) -> dict[str, Any]:
        return {**asdict(self.block), "hash": self.block.hash, "public_key": self.public_key, "signature": self.signature}


class AnchorFile:
    """Lines are only ever added; each is on the disk before the next block is sealed."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._writing = threading.Lock()

    def append(self, anchors: Iterable[Anchor]) -> None:
        text = "".join(json.dumps(anchor.as_json(), separators=(",", ":")) + "\n" for anchor in anchors)
        if not text:
            return
        with self._writing:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            with self.path.open("ab+") as out:
                if out.tell() and not self._ends_with_a_line(out):
                    text = "\n" + text  # a line was cut off by a crash: it stays alone
                out.write(text.encode())
                out.flush()
                os.fsync(out.fileno())

    @staticmethod
    def _ends_with_a_line(out: Any) -> bool:
        out.seek(-1, os.SEEK_END)
        return bool(out.read(1) == b"\n")

    def read(self) -> tuple[list[Anchor], list[int]]:
        """The anchors in order, and the numbers of lines that are none."""
        if not self.path.exists():
            return [], []
        anchors: list[Anchor] = []
        unreadable: list[int] = []
        with self.path.open("rb") as lines:
            for number, line in enumerate(lines, 1):
                anchor = anchor_of(line)
                if anchor is not None:
                    anchors.append(anchor)
                elif line.strip():
                    unreadable.append(number)
        return anchors, unreadable


def anchor_of(line: bytes) -> Anchor | None:
    """The anchor of a line; None where it is none, or its hash is not that of its header."""
    try:
        found = json.loads(line)
        block = Block(**{name: found[name] for name in NAMES})
        whole = all(isinstance(getattr(block, name), int if kind == "int" else str) for name, kind in NAMES.items())
        if not whole or found["hash"] != block.hash:
            return None
        return Anchor(block, str(found["public_key"]), str(found["signature"]))
    except (ValueError, KeyError, TypeError):
        return None
