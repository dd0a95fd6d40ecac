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
