"""What became of a document that was applied."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Outcome:
    """``effect`` is the stream that it made or changed; ``remark`` what a clerk should know of it."""

    effect: str
    remark: str = ""
