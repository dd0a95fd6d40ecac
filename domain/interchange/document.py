"""One transaction set read from an interchange, and what became of it; which document states an order."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from domain.aggregate import Aggregate, natural_id
from domain.interchange.finding import Finding
from domain.refusal import Kind, Refusal

ALREADY_DECIDED = Refusal(
    "edi.already_decided",
    "Document {document} was {outcome} before and cannot be {asked} now. Only a document that is held can.",
    Kind.CONFLICT,
)
SYNTAX_REJECTED = Refusal(
    "edi.syntax_rejected",
    "Document {document} was rejected for its syntax: {reason}. Ask the sender for a corrected one.",
    Kind.CONFLICT,
)


@dataclass
class EdiDocumentState:
    """``outcome`` is received, accepted, held or refused; ``effective`` False while nothing may come of it."""

    kind: str
    partner: str | None
    outcome: str = "received"
    effect: str | None = None
    effective: bool = True
    verdict: str = "A"
    code: str = ""
    reason: str = ""
    company: str | None = None


class EdiDocument(Aggregate[EdiDocumentState]):
    """``edi-document/{sender}/{receiver}/{interchange}/{group}/{set}``, by their control numbers.

    A document for another service is the fact that it was received; that service's policy reacts to it
    (decision 38).
    """

    KIND = "edi-document"
    STATE = EdiDocumentState

    class Received(Aggregate.Created):
        """``kind`` is ours (purchase_order), ``type`` the standard's (850); ``document`` is canonical.

        ``effective`` False: kept without effect whatever it says (rejected, sender unknown, test traffic).
        """

        TYPE = "edi.document_received/1"
        interchange: str
        kind: str
        type: str
        version: str
        control: str
        partner: str | None
        company: str | None
        test: bool
        verdict: str
        document: dict[str, Any]
        findings: tuple[Finding, ...]
        effective: bool = True

        def apply(self, document: EdiDocument) -> None:
            document.state = EdiDocumentState(
                self.kind, self.partner, effective=self.effective, verdict=self.verdict, company=self.company
            )

    class Accepted(Aggregate.Event):
        """It had its effect: ``effect`` is the stream it made or changed."""

        TYPE = "edi.document_accepted/1"
        effect: str
        remark: str

        def apply(self, document: EdiDocument) -> None:
            document.state.outcome = "accepted"
            document.state.effect = self.effect

    class Held(Aggregate.Event):
        """Kept for a person, without effect: why, as code and sentence."""

        TYPE = "edi.document_held/1"
        code: str
        reason: str

        def apply(self, document: EdiDocument) -> None:
            document.state.outcome = "held"
            document.state.code, document.state.reason = self.code, self.reason

    class Refused(Aggregate.Event):
        """It will have no effect: its syntax was rejected, or a person dismissed it."""

        TYPE = "edi.document_refused/1"
        code: str
        reason: str

        def apply(self, document: EdiDocument) -> None:
            document.state.outcome = "refused"
            document.state.code, document.state.reason = self.code, self.reason

    class TriedAgain(Aggregate.Event):
        """A person has repaired what it was held for: it counts as if it had come now, with all it says.

        ``kind``, ``partner`` and the rest are repeated so that the service it is for needs no look-up.
        """

        TYPE = "edi.document_tried_again/1"
        kind: str
        type: str
        partner: str
        company: str
        document: dict[str, Any]

        def apply(self, document: EdiDocument) -> None:
            document.state.partner, document.state.company = self.partner, self.company
            document.state.outcome = "received"
            document.state.effective = True

    @staticmethod
    def stream(*controls: str) -> str:
        """Sender, receiver and the control numbers of interchange, group and set."""
        return natural_id("edi-document", *controls)

    @classmethod
    def receive(cls, stream: str, **facts: Any) -> EdiDocument:
        return cls.begin(cls.Received, stream, **facts)

    @property
    def settled(self) -> bool:
        """Accepted or refused: nothing more comes of it."""
        return self.state.outcome in ("accepted", "refused")

    def accept(self, effect: str, remark: str = "") -> None:
        if not self.settled:
            self.happened(self.Accepted, effect=effect, remark=remark)

    def hold(self, code: str, reason: str) -> None:
        """For a person; the same reason again is silent."""
        if not self.settled and (self.state.outcome, self.state.code, self.state.reason) != ("held", code, reason):
            self.happened(self.Held, code=code, reason=reason)

    def refuse(self, code: str, reason: str) -> None:
        """Dismiss it; dismissed before is silent, accepted before is refused."""
        if self.state.outcome == "accepted":
            raise ALREADY_DECIDED(document=self.id, outcome=self.state.outcome, asked="dismissed")
        if self.state.outcome != "refused":
            self.happened(self.Refused, code=code, reason=reason)

    def check_can_be_tried(self) -> None:
        """Refuse to try again what is rejected, dismissed or done."""
        if self.state.verdict == "R":
            raise SYNTAX_REJECTED(document=self.id, reason=self.state.reason)
        if self.settled:
            raise ALREADY_DECIDED(document=self.id, outcome=self.state.outcome, asked="tried again")

    def try_again(self, **facts: Any) -> None:
        """Let it count as if it had come now."""
        self.check_can_be_tried()
        self.happened(self.TriedAgain, **facts)


@dataclass
class OrderPaperState:
    order: str
    document: str


class OrderPaper(Aggregate[OrderPaperState]):
    """Which EDI document states an order as it now is: ``edi-order/{company}/{partner}/{number}/{release}``.

    What we send about the order repeats the customer's own numbers, qualifiers and references from it.
    """

    KIND = "edi-order"
    STATE = OrderPaperState

    class Stated(Aggregate.Created):
        TYPE = "edi.order_stated/1"
        order: str
        document: str

        def apply(self, paper: OrderPaper) -> None:
            paper.state = OrderPaperState(self.order, self.document)

    class StatedAnew(Aggregate.Event):
        TYPE = "edi.order_stated_anew/1"
        document: str

        def apply(self, paper: OrderPaper) -> None:
            paper.state.document = self.document

    @staticmethod
    def stream(order: str) -> str:
        return f"edi-order/{order.partition('/')[2]}"

    @classmethod
    def state_order(cls, order: str, document: str) -> OrderPaper:
        return cls.begin(cls.Stated, cls.stream(order), order=order, document=document)

    def state_anew(self, document: str) -> None:
        if self.state.document != document:
            self.happened(self.StatedAnew, document=document)
