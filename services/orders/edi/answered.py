"""What another service says of a document that is for it: it had its effect there, or is to be held for a person."""

from __future__ import annotations

from typing import Any, ClassVar

from domain.interchange import EdiDocument
from services.command import Answer, Command
from services.event_log.work import Work
from services.fields import Stream
from services.orders.edi.addresses import EdiStream
from services.orders.edi.applying import document_answer


class AcceptDocument(Command):
    """The other service has done what the document asks; ``effect`` is the stream that it made there."""

    NAME: ClassVar[str] = "edi.accept_document"
    document: EdiStream
    effect: Stream
    remark: str = ""

    def streams(self) -> tuple[str, ...]:
        return (self.document,)


class HoldDocument(Command):
    """The other service could not do it; why, as code and sentence."""

    NAME: ClassVar[str] = "edi.hold_document"
    document: EdiStream
    code: str
    reason: str

    def streams(self) -> tuple[str, ...]:
        return (self.document,)


def accept_document(work: Work, command: AcceptDocument) -> Answer:
    document = work.get(EdiDocument, command.document)
    document.accept(command.effect, command.remark)
    return document_answer(document)


def hold_document(work: Work, command: HoldDocument) -> Answer:
    """A document held here before it got there keeps its reason."""
    document = work.get(EdiDocument, command.document)
    if document.state.outcome == "received":
        document.hold(command.code, command.reason)
    return document_answer(document)


HANDLERS: dict[type[Command], Any] = {AcceptDocument: accept_document, HoldDocument: hold_document}
