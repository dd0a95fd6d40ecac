"""The shipment aggregate: dispatch, and the evidence of what became of the goods."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from domain.aggregate import Aggregate, natural_id
from domain.agreements import InvoiceTrigger, InvoicingTerms
from domain.codes import check_currency, check_zone
from domain.payment_terms import PaymentTerms
from domain.shipment import billing, checks, facts
from domain.shipment import refusals as no
from domain.shipment.lines import (
    BEFORE_LEAVING, ArrivalEvidence, AwaitedReceipt, DeliveredLine, ReceivedLine, RefusedLine, ShipmentLine, Slot,
)
from domain.shipment.state import ShipmentState
from domain.values import Side, local_date, utc


class Shipment(Aggregate[ShipmentState]):
    """Goods of one or more orders on their way to one place."""

    KIND = "shipment"
    STATE = ShipmentState
    STATE_VERSION = 2

    class Dispatched(facts.Dispatched): ...

    class AppointmentMade(facts.AppointmentMade): ...

    class Arrived(facts.Arrived): ...

    class Delivered(facts.Delivered): ...

    class RefusedInPart(facts.RefusedInPart): ...

    class Received(facts.Received): ...

    class ReceiptTimedOut(facts.ReceiptTimedOut): ...

    @staticmethod
    def stream(company: str, number: str) -> str:
        return natural_id("shipment", company, number)

    @classmethod
    def dispatch(
        cls, *, company: str, number: str, partner: str, account: str, currency: str, ship_to: str, zone: str,
        seller_zone: str, dispatched_at: datetime, lines: Iterable[ShipmentLine], invoicing: InvoicingTerms,
        terms: PaymentTerms | None, expected_on: date | None = None, carrier: str | None = None,
        bill_of_lading: str | None = None, fulfils: Mapping[str, Decimal] | None = None,
    ) -> Shipment:
        """The goods have left. Each order records its share of them in the same command.

        ``fulfils``: by how much the open value of each order fell; what credit gives back.
        """
        check_currency(currency)
        check_zone(zone)
        check_zone(seller_zone)
        carried = tuple(lines)
        checks.check_quantities("The packing list", number, carried)
        checks.check_once("The packing list", number, carried)
        moment = utc(dispatched_at)
        names = {"company": company, "number": number, "partner": partner, "account": account}
        way = {"ship_to": ship_to, "zone": zone, "seller_zone": seller_zone, "expected_on": expected_on}
        return cls.begin(
            cls.Dispatched,
            cls.stream(company, number),
            currency=currency,
            dispatched_at=moment,
            dispatched_on=local_date(moment, seller_zone),
            carrier=carrier,
            bill_of_lading=bill_of_lading,
            invoicing=invoicing,
            terms=terms,
            lines=carried,
            fulfils=dict(fulfils or {}),
            **names,
            **way,
        )

    def dispatch_again(
        self, *, partner: str, ship_to: str, dispatched_at: datetime, lines: Iterable[ShipmentLine]
    ) -> None:
        """The same shipment number again: the same goods are silent, other goods are refused."""
        state = self.state
        same = {
            "partner": partner == state.partner,
            "ship-to": ship_to == state.ship_to,
            "time of dispatch": utc(dispatched_at) == state.dispatched_at,
            "goods": {(*line.key, line.quantity) for line in lines}
            == {(*line.key, line.quantity) for line in state.lines},
        }
        if not all(same.values()):
            differing = [what for what, is_same in same.items() if not is_same]
            raise no.SHIPMENT_DIFFERS(shipment=state.number, differing=differing)

    def make_appointment(
        self, at: datetime, reference: str, by: Side, slot_from: datetime | None = None, slot_to: datetime | None = None
    ) -> None:
        """A slot is booked; the same slot under the same reference again is silent. Its bounds are local times."""
        checks.check_slot(self.state.number, reference, slot_from, slot_to)
        slot = Slot(utc(at), slot_from, slot_to)
        if self.state.appointments.get(reference) != slot:
            facts = {"at": slot.at, "slot_from": slot_from, "slot_to": slot_to}
            self.happened(self.AppointmentMade, reference=reference, by=by, **facts)

    def arrive(self, at: datetime, evidence: ArrivalEvidence, by: Side = Side.SUPPLIER) -> None:
        """``by`` says on ``evidence`` when the truck was there; the same said again is silent."""
        before = evidence in BEFORE_LEAVING
        moment = utc(at) if before else self._after_dispatch(f"The arrival ({evidence})", at)
        if self.state.arrivals.get(f"{by}:{evidence}") != moment:
            self.happened(self.Arrived, at=moment, evidence=evidence, by=by)

    def deliver(self, at: datetime, document: str, lines: Iterable[DeliveredLine]) -> None:
        """A proof of delivery; the same document again is silent."""
        presented, name = tuple(lines), f"Proof of delivery {document}"
        if self._seen(name, self.state.deliveries.get(document), presented):
            return
        moment = self._after_dispatch(name, at)
        checks.check_quantities(name, self.state.number, presented)
        checks.check_within_shipped(self.state, name, presented, self.state.deliveries.values())
        on = local_date(moment, self.state.zone)
        self.happened(self.Delivered, at=moment, delivered_on=on, document=document, lines=presented)

    def refuse_in_part(self, at: datetime, document: str, lines: Iterable[RefusedLine]) -> None:
        """Goods were sent back at the door; a line may be named once for each fault."""
        refused, name = tuple(lines), f"Refusal {document}"
        if self._seen(name, self.state.refused_in.get(document), refused):
            return
        moment = self._after_dispatch(name, at)
        checks.check_quantities(name, self.state.number, refused)
        checks.check_within_shipped(self.state, name, refused, self.state.refused_in.values())
        self.happened(self.RefusedInPart, at=moment, document=document, lines=refused)

    def receive(
        self, document: str, version: int, received_on: date, lines: Iterable[ReceivedLine],
        posted_at: datetime | None = None,
    ) -> None:
        """The customer's receiving advice; its counts may exceed what we shipped: they are its own.

        A higher version replaces; the same one again, or an older one arriving late, is silent.
        """
        counted, name = tuple(lines), f"Receiving advice {document}"
        known = self.state.advices.get(document)
        if known is not None and version < known.version:
            return
        if known is not None and version == known.version:
            self._seen(f"{name} version {version}", known.lines, counted)
            return
        state = self.state
        checks.check_advice(state, document, version, counted)
        billed, overbilled = billing.billed_by_receipt(state, document, counted)
        self.happened(
            self.Received,
            document=document,
            version=version,
            replaces=known.version if known else None,
            received_on=received_on,
            lines=counted,
            billed=billed,
            overbilled=overbilled,
            posted_at=None if posted_at is None else utc(posted_at),
            **self._for_the_invoice(),
        )

    def take_back_receipt(self, document: str, version: int, on: date) -> None:
        """The customer has cancelled its advice, or it speaks of other goods in this version.

        What it gave to be invoiced is credited. An advice that never counted here, and one already taken back,
        says nothing.
        """
        state = self.state
        known = state.advices.get(document)
        if known is None or not known.lines or version < known.version:
            return
        if version == known.version:
            self._seen(f"Receiving advice {document} version {version}", known.lines, ())
        self.happened(
            self.Received,
            document=document,
            version=version,
            replaces=known.version,
            received_on=on,
            lines=(),
            billed=(),
            overbilled=billing.taken_back(state, document),
            awaited=self._awaited_without(document),
            **self._for_the_invoice(),
        )

    def _awaited_without(self, document: str) -> AwaitedReceipt | None:
        """Where a time-out is agreed and no other advice has come, the receipt is waited for again."""
        state = self.state
        others = any(advice.lines for name, advice in state.advices.items() if name != document)
        if others or state.timed_out or state.invoicing.trigger is not InvoiceTrigger.RECEIPT_OR_TIMEOUT:
            return None
        return AwaitedReceipt(self.receipt_due_on(), state.zone)

    def time_out_receipt(self, day: date) -> None:
        """``day`` has begun without a receiving advice: where agreed so, what was shipped is invoiced."""
        state = self.state
        if (
            state.invoicing.trigger is not InvoiceTrigger.RECEIPT_OR_TIMEOUT
            or state.advised()
            or state.timed_out
        ):
            return
        if day > self.receipt_due_on():
            self.happened(self.ReceiptTimedOut, day=day, billed=state.lines, **self._for_the_invoice())

    def receipt_due_on(self) -> date:
        """The last day on which the receiving advice is waited for."""
        state = self.state
        counted_from = state.delivered_on or state.expected_on or state.dispatched_on
        return counted_from + timedelta(days=state.invoicing.timeout_days)

    def _for_the_invoice(self) -> dict[str, Any]:
        names = ("company", "number", "partner", "account", "currency", "invoicing", "terms")
        return {name: getattr(self.state, name) for name in names}

    def _seen(self, name: str, known: object, again: object) -> bool:
        if known is not None and known != again:
            raise no.DOCUMENT_REUSED(document=name, shipment=self.state.number)
        return known is not None

    def _after_dispatch(self, name: str, at: datetime) -> datetime:
        moment, left = utc(at), self.state.dispatched_at
        if moment < left:
            raise no.BEFORE_DISPATCH(
                document=name,
                shipment=self.state.number,
                at=moment.isoformat(),
                dispatched_at=left.isoformat(),
            )
        return moment
