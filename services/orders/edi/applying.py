"""The command that applies a document: it has its whole effect, or is held for a person with a sentence."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, ClassVar

from domain.interchange import EdiDocument
from domain.refusal import Refusal, Refused
from services.command import Answer, Command
from services.event_log.work import Work
from services.http import href
from services.orders.edi.addresses import EdiStream
from services.orders.edi.acknowledged import apply_acknowledgment
from services.orders.edi.incoming import Incoming, incoming
from services.orders.edi.order_changes import apply_order_change
from services.orders.edi.outcome import Outcome
from services.orders.edi.purchase_orders import apply_purchase_order
from services.orders.edi.receiving_advices import apply_receiving_advice

KIND_UNUSED = Refusal(
    "edi.kind_unused",
    "{document} is kept and has no effect: nothing here is done with documents of its kind ({kind}). Read it and decide.",
)

# Documents that another service applies: it reacts to the fact that they were received and answers with its own.
FOR_OTHERS = frozenset({"remittance_advice"})

APPLIED: Mapping[str, Callable[[Incoming], Outcome]] = {
    "purchase_order": apply_purchase_order,
    "order_change": apply_order_change,
    "receiving_advice": apply_receiving_advice,
    "functional_acknowledgment": apply_acknowledgment,
}


class ApplyDocument(Command):
    """Let a received document have its effect. One that was applied or held before is left as it is."""

    NAME: ClassVar[str] = "edi.apply_document"
    document: EdiStream

    def streams(self) -> tuple[str, ...]:
        return (self.document,)


def apply_document(work: Work, command: ApplyDocument) -> Answer:
    document = work.get(EdiDocument, command.document)
    apply(work, document)
    return document_answer(document)


def apply(work: Work, document: EdiDocument) -> None:
    """A refused document has moved nothing but itself: commands check before anything happens."""
    state = document.state
    if state.outcome != "received" or not state.effective or state.kind in FOR_OTHERS:
        return
    before = set(work.moved())
    paper = incoming(work, document)
    try:
        outcome = APPLIED.get(state.kind, _unused)(paper)
    except Refused as refusal:
        if set(work.moved()) - before:
            raise AssertionError(f"{document.id} was refused after something had moved") from refusal
        document.hold(refusal.code, str(refusal))
    else:
        document.accept(outcome.effect, outcome.remark)


def _unused(paper: Incoming) -> Outcome:
    raise KIND_UNUSED(document=paper.name, kind=paper.document.get("document") or paper.type)


def document_answer(document: EdiDocument, status: int = 200) -> Answer:
    state = document.state
    body = {
        "document": document.id, "href": href("edi/documents", document.id), "version": document.version,
        "outcome": state.outcome, "effect": state.effect, "code": state.code or None, "reason": state.reason or None,
    }
    return Answer(status, body)


HANDLERS: dict[type[Command], Any] = {ApplyDocument: apply_document}
