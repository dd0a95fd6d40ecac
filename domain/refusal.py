"""Refusals: a code with parameters; the sentence a clerk reads is rendered from them (decision 41)."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Any


class Kind(StrEnum):
    """How a door answers: what is missing, what contradicts, what breaks a rule, what is not allowed."""

    NOT_FOUND = "not_found"
    CONFLICT = "conflict"
    RULE = "rule"
    FORBIDDEN = "forbidden"


class Refused(Exception):
    """A command that was not carried out: nothing was stored, ``str()`` says why and what to do next."""

    def __init__(self, refusal: Refusal, parameters: dict[str, Any]) -> None:
        self.refusal = refusal
        self.code = refusal.code
        self.kind = refusal.kind
        self.parameters = {name: _plain(value) for name, value in parameters.items()}
        super().__init__(refusal.sentence.format(**self.parameters))


@dataclass(frozen=True)
class Refusal:
    """One reason to refuse: ``raise LINE_UNKNOWN(order=..., line=...)``.

    The sentence states the figure, the limit, the true excess, the document and the next step.
    """

    code: str
    sentence: str
    kind: Kind = Kind.RULE

    def __call__(self, **parameters: Any) -> Refused:
        return Refused(self, parameters)


def _plain(value: Any) -> Any:
    """A parameter as JSON can carry it; decimals in plain notation, collections as a listed text."""
    if isinstance(value, (set, frozenset, list, tuple)):
        return ", ".join(str(_plain(part)) for part in (sorted(value) if isinstance(value, (set, frozenset)) else value))
    if value is None or isinstance(value, (bool, int, str)):
        return value
    return format(value, "f") if hasattr(value, "as_tuple") else str(value)
