"""What all commands on master data share: the same again is recognised, outside numbers name one thing each."""

from __future__ import annotations

from typing import Any

from domain.identifier import Identifier
from domain.refusal import Kind, Refusal
from services.command import Answer
from services.event_log.json_form import AnyAggregate
from services.event_log.work import Work
from services.http import href

REGISTERED_OTHERWISE = Refusal(
    "master.registered_otherwise",
    "{kind} {id} is registered with other particulars ({differing}). Use the commands that agree anew, or another number.",
    Kind.CONFLICT,
)


def master_answer(kind: str, aggregate: AnyAggregate, status: int = 200) -> Answer:
    return Answer(status, {kind: aggregate.id, "href": href(f"{kind}s", aggregate.id), "version": aggregate.version})


def same_or_refused(kind: str, aggregate: AnyAggregate, said: dict[str, Any]) -> Answer:
    """Registering again: the same is recognised, other particulars are refused naming them."""
    differing = [name for name, value in said.items() if getattr(aggregate.state, name) != value]
    if differing:
        raise REGISTERED_OTHERWISE(kind=kind, id=aggregate.id.partition("/")[2], differing=differing)
    return master_answer(kind, aggregate)


def assign(work: Work, scheme: str, value: str, to: str) -> None:
    """Let an outside number name one of our streams; refused while it names another."""
    known = work.find(Identifier, Identifier.stream(scheme, value))
    if known is None:
        work.add(Identifier.assign(scheme, value, to))
    else:
        known.assign_to(to)


def at_partner(kind: str, aggregate: AnyAggregate, collection: str, status: int = 200) -> Answer:
    _, partner, part = aggregate.id.split("/")
    address = href("partners", f"partner/{partner}/{collection}/{part}")
    return Answer(status, {kind: aggregate.id, "href": address, "version": aggregate.version})
