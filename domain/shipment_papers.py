"""ShipmentPapers: which evidence documents speak of a shipment, kept by the shipment's name before it is known."""

from __future__ import annotations

from dataclasses import dataclass

from domain.aggregate import Aggregate


@dataclass
class ShipmentPapersState:
    shipment: str
    documents: tuple[str, ...]


class ShipmentPapers(Aggregate[ShipmentPapersState]):
    """``shipment-papers/{the shipment's parts}``: how a shipment that leaves finds what was stated of it before."""

    KIND = "shipment-papers"
    STATE = ShipmentPapersState
    STATE_VERSION = 1

    class Named(Aggregate.Created):
        """The first document that names the shipment; both are streams."""

        TYPE = "shipment_papers.named/1"
        shipment: str
        document: str

        def apply(self, papers: ShipmentPapers) -> None:
            papers.state = ShipmentPapersState(self.shipment, (self.document,))

    class NamedAgain(Aggregate.Event):
        """Another document that does."""

        TYPE = "shipment_papers.named_again/1"
        shipment: str
        document: str

        def apply(self, papers: ShipmentPapers) -> None:
            papers.state.documents += (self.document,)

    @staticmethod
    def stream(shipment: str) -> str:
        """``shipment`` is the stream of the shipment."""
        return f"shipment-papers/{shipment.partition('/')[2]}"

    @classmethod
    def named(cls, shipment: str, document: str) -> ShipmentPapers:
        return cls.begin(cls.Named, cls.stream(shipment), shipment=shipment, document=document)

    def name_again(self, document: str) -> None:
        """A document that was named before is silent."""
        if document not in self.state.documents:
            self.happened(self.NamedAgain, shipment=self.state.shipment, document=document)
