"""The digest of a figure: the same for the same contributions, in whatever order they are handed over."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable

from domain.fill_rate.credit import Contribution
from domain.values import exact_text


def contributions_digest(contributions: Iterable[Contribution]) -> str:
    """SHA-256 over every want's key, status, numerator and denominator, in the order of the keys."""
    lines = sorted(
        "\x1f".join(
            (*map(str, one.judged.want.key), one.judged.status, exact_text(one.numerator), exact_text(one.denominator))
        )
        for one in contributions
    )
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()
