"""What we repeat to a customer in its own words: item numbers, unit codes, places and references as it wrote them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Protocol

from domain.agreements import EdiProfile
from domain.identifier import Identifier, place_scheme
from domain.interchange import EdiDocument, OrderPaper
from domain.item import Item
from domain.order.content import line_key
from domain.refusal import Refused
from domain.ship_to import ShipTo
from domain.trading_partner import TradingPartner
from domain.values import plain
from services.event_log.work import Work
from services.orders.edi.incoming import Incoming, find_party_place, incoming
from services.orders.edi.purchase_lines import ITEM_QUALIFIERS

PRICE_DECIMALS = Decimal("0.000001")
PER_HUNDRED, PER_THOUSAND = Decimal(100), Decimal(1000)
GTIN_QUALIFIERS = (("00", "UP", 12), ("0", "EN", 13), ("", "UK", 14))  # by how many leading zeros the GTIN-14 has


class TradedLine(Protocol):
    """A line of an order, a shipment or an invoice."""

    @property
    def item(self) -> str: ...
    @property
    def customer_item(self) -> str | None: ...
    @property
    def unit(self) -> str: ...


@dataclass(frozen=True)
class CustomerPaper:
    """The customer's order as it last stated it by EDI; ``paper`` is None for an order of another door."""

    work: Work
    partner: str
    profile: EdiProfile
    paper: Incoming | None

    def items(self, number: str, line: TradedLine) -> list[dict[str, str]]:
        """Every number of the item: the customer's own as it wrote them, and ours."""
        stated = self._stated(number, line)
        pairs = [dict(pair) for pair in stated.get("items") or []] if stated else self._own_items(line)
        if not any(self._scheme(pair["qualifier"]) == "item" for pair in pairs):
            pairs.append({"qualifier": "VN", "id": line.item})
        return pairs

    def unit(self, number: str, line: TradedLine) -> str:
        """The customer's code for the unit that was ordered."""
        stated, codes = self._stated(number, line), self.profile.unit_codes
        code = stated.get("unit") if stated else None
        if code is not None and codes.get(code, code) == line.unit:
            return str(code)
        return next((theirs for theirs, ours in codes.items() if ours == line.unit), line.unit)

    def place(self, place: ShipTo) -> dict[str, Any]:
        """A place by the number the customer wrote; else its GLN; else its number, saying whose it is."""
        state = place.state
        for party in self._stated_places():
            if self._means(party, place):
                qualifier, number = party.get("id_qualifier"), party["id"]
                return {"role": "ST", "name": state.agreed.name, "id_qualifier": qualifier, "id": number}
        if state.agreed.gln:
            return {"role": "ST", "name": state.agreed.name, "id_qualifier": "UL", "id": state.agreed.gln}
        theirs = self.work.find(Identifier, Identifier.stream(place_scheme(self.partner), state.place))
        by_buyer = theirs is not None and theirs.state.to == place.id
        return {
            "role": "ST", "name": state.agreed.name, "id_qualifier": "92" if by_buyer else "91", "id": state.place
        }

    def references(self, *qualifiers: str) -> list[dict[str, str]]:
        """What the customer wants to see again (department, vendor number, merchandise type)."""
        stated = self.paper.document.get("references") or [] if self.paper else []
        return [dict(one) for one in stated if one.get("qualifier") in qualifiers and one.get("value")]

    def _stated(self, number: str, line: TradedLine) -> Mapping[str, Any] | None:
        """The line as the customer wrote it, unless it is of another item by now."""
        lines = self.paper.document.get("lines") or [] if self.paper else []
        stated: Mapping[str, Any] | None = next((one for one in lines if line_key(one["number"]) == line_key(number)), None)
        for pair in (stated or {}).get("items") or []:
            scheme = self._scheme(pair.get("qualifier") or "")
            expected = {"item": line.item, "customer": line.customer_item}.get(scheme or "")
            if expected is not None and expected != pair.get("id"):
                return None
        return stated

    def _scheme(self, qualifier: str) -> str | None:
        return {**ITEM_QUALIFIERS, **self.profile.item_qualifiers}.get(qualifier)

    def _own_items(self, line: TradedLine) -> list[dict[str, str]]:
        pairs = [{"qualifier": "VN", "id": line.item}]
        item = self.work.find(Item, Item.stream(line.item))
        packs = item.state.packs[-1].packs if item is not None and item.state.packs else ()
        gtin = next((pack.gtin for pack in packs if pack.unit == line.unit and pack.gtin), None)
        if gtin is not None:
            pairs.append(_gtin_pair(gtin.zfill(14)))
        if line.customer_item is not None:
            known = self.profile.item_qualifiers.items()
            qualifier = next((theirs for theirs, scheme in known if scheme == "customer"), "IN")
            pairs.append({"qualifier": qualifier, "id": line.customer_item})
        return pairs

    def _stated_places(self) -> Iterable[Mapping[str, Any]]:
        document: Mapping[str, Any] = self.paper.document if self.paper else {}
        for holder in (document, *(document.get("lines") or [])):
            yield from (one for one in holder.get("parties") or [] if one.get("role") == "ST" and one.get("id"))
            for split in holder.get("splits") or []:
                yield {"id_qualifier": split.get("place_qualifier"), "id": split["place"]}

    def _means(self, party: Mapping[str, Any], place: ShipTo) -> bool:
        assert self.paper is not None
        try:
            return find_party_place(self.paper, party.get("id_qualifier"), party["id"]).id == place.id
        except Refused:
            return False


def customer_paper(work: Work, order: str, partner: TradingPartner, profile: EdiProfile) -> CustomerPaper:
    known = work.find(OrderPaper, OrderPaper.stream(order))
    document = work.find(EdiDocument, known.state.document) if known is not None else None
    return CustomerPaper(work, partner.state.partner, profile, incoming(work, document) if document else None)


def _gtin_pair(gtin: str) -> dict[str, str]:
    qualifier, length = next((q, n) for zeros, q, n in GTIN_QUALIFIERS if gtin.startswith(zeros))
    return {"qualifier": qualifier, "id": gtin[-length:]}


def price_fields(price: Decimal, per: Decimal) -> dict[str, str | None]:
    """A price as X12 says it: for one, for a hundred (HP) or for a thousand (TP); another basis is computed for one."""
    basis = {PER_HUNDRED: "HP", PER_THOUSAND: "TP"}.get(per)
    if basis is None and per != 1:
        price = (price / per).quantize(PRICE_DECIMALS)
    return {"price": plain(price), "price_basis": basis}
