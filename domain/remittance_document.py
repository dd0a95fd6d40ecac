"""RemittanceDocument: what became of a remittance advice that came by EDI; orders answers its document with it."""

from __future__ import annotations

from dataclasses import dataclass

from domain.aggregate import Aggregate


@dataclass
class RemittanceDocumentState:
    document: str
    settlement: str | None
    code: str = ""


class RemittanceDocument(Aggregate[RemittanceDocumentState]):
    """The outcome of one EDI document, ``remittance-document/{the document's parts}``."""

    KIND = "remittance-document"
    STATE = RemittanceDocumentState
    STATE_VERSION = 1

    class Settled(Aggregate.Created):
        """``document`` is the stream of the EdiDocument, ``settlement`` what it made; ``remark`` for a person."""

        TYPE = "remittance_document.settled/1"
        document: str
        settlement: str
        remark: str

        def apply(self, document: RemittanceDocument) -> None:
            document.state = RemittanceDocumentState(self.document, self.settlement)

    class Refused(Aggregate.Created):
        """Nothing was posted: why, as code and sentence; the document is to be held for a person."""

        TYPE = "remittance_document.refused/1"
        document: str
        code: str
        reason: str

        def apply(self, document: RemittanceDocument) -> None:
            document.state = RemittanceDocumentState(self.document, None, self.code)

    class SettledAfterAll(Aggregate.Event):
        """Tried again by a person, it was posted."""

        TYPE = "remittance_document.settled_after_all/1"
        document: str
        settlement: str
        remark: str

        def apply(self, document: RemittanceDocument) -> None:
            document.state = RemittanceDocumentState(self.document, self.settlement)

    class RefusedAgain(Aggregate.Event):
        TYPE = "remittance_document.refused_again/1"
        document: str
        code: str
        reason: str

        def apply(self, document: RemittanceDocument) -> None:
            document.state.code = self.code

    @staticmethod
    def stream(document: str) -> str:
        """``document`` is the stream of the EdiDocument."""
        return f"remittance-document/{document.partition('/')[2]}"

    @classmethod
    def settled(cls, document: str, settlement: str, remark: str) -> RemittanceDocument:
        facts = {"document": document, "settlement": settlement, "remark": remark}
        return cls.begin(cls.Settled, cls.stream(document), **facts)

    @classmethod
    def refused(cls, document: str, code: str, reason: str) -> RemittanceDocument:
        return cls.begin(cls.Refused, cls.stream(document), document=document, code=code, reason=reason)

    def settle_after_all(self, settlement: str, remark: str) -> None:
        facts = {"document": self.state.document, "settlement": settlement, "remark": remark}
        self.happened(self.SettledAfterAll, **facts)

    def refuse_again(self, code: str, reason: str) -> None:
        self.happened(self.RefusedAgain, document=self.state.document, code=code, reason=reason)
