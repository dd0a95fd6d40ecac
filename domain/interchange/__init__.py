"""EDI traffic as facts: payloads and interchanges in, the documents read from them, documents out, control numbers.

Raw bytes are kept beside the log before anything is parsed; the facts carry their SHA-256.
"""

from __future__ import annotations

from domain.interchange.document import EdiDocument, EdiDocumentState, OrderPaper
from domain.interchange.finding import Finding, kept
from domain.interchange.incoming import Interchange
from domain.interchange.outgoing import ControlNumbers, OutboundDocument
from domain.interchange.payload import Payload

__all__ = [
    "ControlNumbers",
    "EdiDocument",
    "EdiDocumentState",
    "Finding",
    "Interchange",
    "OrderPaper",
    "OutboundDocument",
    "Payload",
    "kept",
]
