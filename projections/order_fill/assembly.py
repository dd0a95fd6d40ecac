"""From the facts of an order, its shipments and the papers about them to the facts of each of its lines."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any

from domain.fill_rate import facts as known_as
from domain.fill_rate.facts import HoldSpan, Known, LineFacts
from domain.order import OrderLine
from domain.values import Side
from projections.order_fill import tables as told
from projections.order_fill.papers import Told, deliveries

Lists = dict[str, list[Any]]
Added = Mapping[str, tuple[Known, str]]  # line -> when it was added to the order, and by which change

_HEADER = (
    "company", "partner", "purchase_order_number", "release", "account", "currency", "ordered_on", "cancel_after",
    "freight_terms", "flow",
)  # fmt: skip


@dataclass(frozen=True)
class OrderTold:
    """All that is known of one order: its row, and the facts by subject, each in the log's order."""

    row: Mapping[str, Any]
    of_order: Sequence[Told]
    of_shipments: Mapping[str, Sequence[Told]]
    of_papers: Mapping[str, Sequence[Told]]

    @property
    def last_position(self) -> int:
        """The place in the log of the latest of it."""
        placed: int = self.row["position"]
        said = (self.of_order, *self.of_shipments.values(), *self.of_papers.values())
        return max([placed, *(item.known.position for facts in said for item in facts)])


def assembled(order: OrderTold) -> Iterator[LineFacts]:
    """The lines in the order in which they came."""
    row = order.row
    known = Known(row["position"], row["at"], row["recorded_at"], row["actor"])
    lines: dict[str, OrderLine] = {line.number: line for line in row["lines"]}
    now = dict(lines)
    added: dict[str, tuple[Known, str]] = {}
    heard: dict[str, Lists] = {}
    for item in order.of_order:
        if isinstance(item.fact, told.Amended):
            for line in item.fact.lines:
                now[line.number] = line
                if line.number not in lines:
                    lines[line.number] = line
                    added[line.number] = item.known, item.fact.change
        for number, name, value in _of_lines(item, now, added):
            _hear(heard, number, name, value)
    if order.of_shipments or order.of_papers:
        for number, delivery in deliveries(row["order_id"], row["partner"], lines, order.of_shipments, order.of_papers):
            _hear(heard, number, "deliveries", delivery)
    header = {"order": row["order_id"], "holds": _holds(order.of_order), **{name: row[name] for name in _HEADER}}
    exclusions = _exclusions(order.of_order)
    for number, line in lines.items():
        since, added_by = added.get(number, (known, None))
        lists: dict[str, Any] = {name: tuple(values) for name, values in heard.get(number, {}).items()}
        own = tuple(one for said, one in exclusions if not said or number in said)
        yield LineFacts(number=number, known=since, added_by=added_by, original=line, exclusions=own, **header, **lists)


def _hear(heard: dict[str, Lists], number: str, name: str, value: Any) -> None:
    heard.setdefault(number, {}).setdefault(name, []).append(value)


def _of_lines(item: Told, now: Mapping[str, OrderLine], added: Added) -> Iterator[tuple[str, str, Any]]:
    """(line, list, value) for each line a fact of the order speaks of; ``now``: the lines as last amended."""
    match item.fact:
        case told.Amended() as amended:
            for number, amendment in _amendments(item.known, amended, now, added):
                yield number, "amendments", amendment
        case told.TakenOut(cause=cause, by=by, reason=reason, said_at=said_at, lines=gone):
            for part in gone:
                at = said_at or item.known.at
                yield part.number, "cancellations", known_as.Cancellation(item.known, cause, by, at, part.quantity, reason)
        case told.Confirmed(confirmation=number, lines=promised):
            parts: dict[str, list[known_as.PromisedPart]] = {}
            for line in promised:
                promise = known_as.PromisedPart(line.quantity, line.promised_on, line.reason)
                parts.setdefault(line.number, []).append(promise)
            for name, said in parts.items():
                yield name, "confirmations", known_as.Confirmation(item.known, number, tuple(said))
        case told.Caused(line=number, cause=cause, fault=fault, department=department, reason=reason):
            yield number, "causes", known_as.CauseFound(item.known, cause, fault, department, reason)


def _amendments(
    known: Known, fact: told.Amended, now: Mapping[str, OrderLine], added: Added
) -> Iterator[tuple[str, known_as.Amendment]]:
    """Lines in new values; a line taken out is amended to what of it had gone before (definitions F09)."""
    at = fact.said_at or known.at
    for line in fact.lines:
        since = added.get(line.number)
        if since is None or since[0].position != known.position:  # what added the line is no amendment of it
            yield line.number, known_as.Amendment(known, Side.CUSTOMER, fact.change, at, line.quantity, line)
    for part in fact.removed_open:
        line = now[part.number]
        left = max(line.quantity - part.quantity, Decimal(0))
        yield part.number, known_as.Amendment(known, Side.CUSTOMER, fact.change, at, left, line)


def _holds(of_order: Sequence[Told]) -> tuple[HoldSpan, ...]:
    """A hold ends when credit releases, refuses anew, or the customer amends (then credit is asked again)."""
    spans: list[HoldSpan] = []
    for item in of_order:
        if not isinstance(item.fact, told.Held | told.Released | told.Amended):
            continue
        if spans and spans[-1].until is None:
            spans[-1] = replace(spans[-1], until=item.known)
        if isinstance(item.fact, told.Held):
            spans.append(HoldSpan(item.known, None, item.fact.reasons))
    return tuple(spans)


def _exclusions(of_order: Sequence[Told]) -> list[tuple[tuple[str, ...], known_as.Exclusion]]:
    """(lines, exclusion) of those that were not withdrawn; no lines: the whole order."""
    found: dict[str, tuple[tuple[str, ...], known_as.Exclusion]] = {}
    for item in of_order:
        if isinstance(item.fact, told.Excluded):
            said = item.fact
            found[said.exclusion] = (
                said.lines, known_as.Exclusion(item.known, said.code, said.granted_by, said.reference)
            )
        elif isinstance(item.fact, told.ExclusionGone):
            found.pop(item.fact.exclusion, None)
    return list(found.values())
