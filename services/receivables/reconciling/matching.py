"""A statement matched with our ledger as known at one moment, and how a match, its bridge and its pairs are shown."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any

from fastapi import Query, Request
from pydantic import TypeAdapter, ValidationError
from sqlalchemy import Connection

from domain.statement import StatementState
from domain.statement_differences import Difference, LedgerLine, Pair
from domain.statement_lines import StatementLine
from domain.statement_matching import Matching, match_statement
from domain.values import ZERO, round_money
from projections import reconciliation
from services.fields import Moment
from services.known_at import position_at
from services.http import asked_positions, door_of, positions_in
from services.problem import Problem

VIEW = reconciliation.VIEW.name
LOGS = ("orders", "receivables")


@dataclass(frozen=True)
class Matched:
    """A matching with the positions it was made from: asking with the same positions gives the same."""

    matching: Matching
    currency: str
    known_at: dict[str, int]


KnownAt = Annotated[
    str | None, Query(description="What was known then: positions (receivables=42,orders=7) or an instant; left out: now.")
]
_INSTANT: TypeAdapter[datetime] = TypeAdapter(Moment)


def known_positions(request: Request, known_at: str | None) -> dict[str, int]:
    """What was known then; a log that is left out, and no answer at all, mean what is folded now."""
    door = door_of(request)
    reached = door.projectors[VIEW].reached
    folded = {log: reached.get(log, 0) for log in LOGS}
    if known_at is not None and "=" not in known_at:
        return _positions_at(request, known_at, folded)
    asked = positions_in(known_at or "")
    for log, position in asked.items():
        if log not in folded or position > folded[log]:
            raise Problem(
                422, "not_valid", f"/known_at: {log}={position} is not known yet; here it is {shown_positions(folded)}"
            )
    return folded | asked


def _positions_at(request: Request, text: str, folded: dict[str, int]) -> dict[str, int]:
    """The last positions recorded at or before an instant."""
    try:
        instant = _INSTANT.validate_python(text.replace(" ", "+"))  # a + that a query string read as a space
    except ValidationError:
        raise Problem(
            422, "not_valid", f"/known_at: {text} is neither positions such as receivables=42 nor an instant with its offset"
        ) from None
    logs = door_of(request).logs
    at = {log: position_at(logs[log], instant) for log in LOGS if log in logs}
    return {log: min(position, at.get(log, 0)) for log, position in folded.items()}


def wait_until_folded(request: Request, min_position: str | None = None, *, all_of_it: bool = False) -> None:
    """Before something is pinned to now: what the request asks for, or all that is recorded by now."""
    door = door_of(request)
    wanted = asked_positions(request) | positions_in(min_position or "")
    if all_of_it:
        wanted = {log: store.last_position() for log, store in door.logs.items() if log in LOGS}
    door.projectors[VIEW].wait_for(wanted, door.wait_s)


def shown_positions(known: Mapping[str, int]) -> str:
    return ",".join(f"{log}={position}" for log, position in sorted(known.items()))


def matched(connection: Connection, state: StatementState, known: dict[str, int]) -> Matched:
    """The newest version's lines and all resolutions, beside our ledger as known at ``known``."""
    content = state.content
    ledger = reconciliation.ledger_of(
        connection, state.company, state.partner, content.currency, content.cut_off, known["receivables"], _listed(state)
    )
    open_ones = [line.item for line in ledger if line.open != 0 and line.kind == "INVOICE"]
    evidence = reconciliation.evidence_of(connection, state.company, state.partner, open_ones, known)
    return Matched(match_statement(content, ledger, evidence, state.resolutions), content.currency, known)


def _listed(state: StatementState) -> Iterator[str]:
    """Every number of ours that a line, or a person, may mean."""
    for line in state.content.lines:
        yield line.document
        if line.reference is not None:
            yield line.reference
    for word in state.resolutions:
        yield from filter(None, (word.document, word.pairs_with))


def shown_match(found: Matched, *, only_differences: bool = False) -> dict[str, Any]:
    """Both balances, the bridge, what is unexplained, and every pair with its differences."""
    matching = found.matching
    equal = sum((pair.our_open for pair in matching.pairs if pair.lines and not _differs(pair)), ZERO)
    return {
        "known_at": shown_positions(found.known_at),
        "our_balance": round_money(matching.our_balance, found.currency),
        "their_balance": round_money(matching.their_balance, found.currency),
        "matched": round_money(equal, found.currency),
        "bridge": [{"class": name, "amount": amount} for name, amount in matching.bridge.items()],
        "unexplained": round_money(matching.unexplained, found.currency),
        "to_resolve": [{"about": about, "amount": amount} for about, amount in matching.to_resolve.items()],
        "pairs": [_shown_pair(pair) for pair in matching.pairs if _differs(pair) or not only_differences],
    }


def _differs(pair: Pair) -> bool:
    return any(one.amount != 0 for one in pair.differences)


def _shown_pair(pair: Pair) -> dict[str, Any]:
    return {
        "about": pair.about,
        "theirs": pair.theirs,
        "ours": pair.our_open,
        "difference": pair.theirs - pair.our_open,
        "lines": [_shown_line(line) for line in pair.lines],
        "document": None if pair.ours is None else _shown_document(pair.ours),
        "differences": [_shown_difference(one) for one in pair.differences],
    }


def _shown_line(line: StatementLine) -> dict[str, Any]:
    return {name: getattr(line, name) for name in StatementLine.__dataclass_fields__}


def _shown_document(line: LedgerLine) -> dict[str, Any]:
    names = ("item", "number", "kind", "dated_on", "original", "open")
    return {name: getattr(line, name) for name in names}


def _shown_difference(one: Difference) -> dict[str, Any]:
    return {
        "class": one.difference_class or "UNEXPLAINED", "amount": one.amount, "documents": one.documents,
        "presumed_fault": one.fault, "next_action": one.action, "cleared_by": one.cleared_by,
        "said_by": one.said_by,
    }

