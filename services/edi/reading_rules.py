"""How one partner's documents are read: the knobs of the partner's EDI profile that reading needs."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class ReadingRules:
    """`charset` None means: find out. `accepted_versions` are beginnings of GS08, or for EDIFACT of
    "D:96A"; older releases have other segments and 6-digit dates, so they are refused unless listed.
    `lenient_group_count` takes a GE01 or IEA01 larger than the content as a warning, for partners whose
    network splits a batch."""

    charset: str | None = None
    accepted_versions: tuple[str, ...] = (
        "004010",
        "004020",
        "004030",
        "004040",
        "004050",
        "004060",
        "005010",
        "D:93A",
        "D:96A",
        "D:96B",
        "D:97A",
        "D:01B",
    )
    lenient_group_count: bool = False

    def accepts(self, version: str) -> bool:
        return version.startswith(self.accepted_versions)
