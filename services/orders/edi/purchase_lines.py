"""From the canonical lines of a purchase order to order lines: items, units, prices, days and places."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Any

from domain.refusal import Refusal
from services.orders.edi.incoming import Incoming, find_party_place

SEVERAL_PLACES = Refusal(
    "edi.several_places",
    "{document}: it is to be delivered to {places} at once without saying how much to which. Ask the customer.",
)
PRICE_BASIS_UNKNOWN = Refusal(
    "edi.price_basis_unknown",
    "{document}, line {line}: its price of {price} is on the basis {basis}, which is not known here. Ask the customer"
    " what the price is for.",
)
SPLIT_TWICE = Refusal(
    "edi.split_twice",
    "{document}, line {line}: it is split over places and over days without saying how the two meet. Ask the customer.",
)
SCHEDULED_UNIT = Refusal(
    "edi.scheduled_unit",
    "{document}, line {line}: it is ordered in {unit} and scheduled in {scheduled}. Ask the customer for one unit.",
)

SEVERAL_CURRENCIES = Refusal(
    "edi.several_currencies",
    "{document}: it is in {currencies} at once. Ask the customer for an order in one currency.",
)

# X12 235: whose number it is. The first kind that is ours wins; the rest must name the same item.
ITEM_QUALIFIERS: Mapping[str, str] = {
    **dict.fromkeys(("UP", "UK", "UA", "EN", "SRV"), "gtin"),
    **dict.fromkeys(("IN", "BP", "CB", "PI", "SK"), "customer"),
    **dict.fromkeys(("VN", "VP", "VA", "SA"), "item"),
}

# X12 639: for how many units of the line the price is. Kinds of price (contract, quoted, net) are for one.
PRICE_BASES: Mapping[str, Decimal] = {
    **dict.fromkeys(("PE", "UM", "CA", "CT", "QT", "NT", "QE", "TE", "LE", "WE"), Decimal(1)),
    "HP": Decimal(100), "TP": Decimal(1000),
}

# Which day is asked for, the first that is stated: the day itself, else the last day in time, else the first day
# allowed; a day of shipping only where no day of delivery is stated, because no time of transit is agreed.
REQUESTED_DAYS = (
    "requested_on", "deliver_not_after", "deliver_not_before", "requested_ship_on", "ship_not_after", "ship_not_before",
)


def requested_day(document: Mapping[str, Any]) -> str | None:
    return next((document[name] for name in REQUESTED_DAYS if document.get(name)), None)


def currency_of(paper: Incoming) -> str | None:
    """As stated for the whole order, or the same for each line; None leaves it to the agreement."""
    stated = {line.get("currency") for line in paper.document.get("lines") or []} | {paper.document.get("currency")}
    named = {currency for currency in stated if currency}
    if len(named) > 1:
        raise SEVERAL_CURRENCIES(document=paper.name, currencies=named)
    return named.pop() if named else None


def header_place(paper: Incoming) -> str | None:
    """Where the whole order goes, by N1*ST; None where each line says so itself."""
    return _place_of(paper, paper.document.get("parties") or [])


def _place_of(paper: Incoming, parties: list[dict[str, Any]]) -> str | None:
    named = {
        find_party_place(paper, one.get("id_qualifier"), one["id"]).state.place
        for one in parties if one.get("role") == "ST" and one.get("id")
    }
    if len(named) > 1:
        raise SEVERAL_PLACES(document=paper.name, places=named)
    return named.pop() if named else None


def ordered_line(paper: Incoming, line: Mapping[str, Any]) -> dict[str, Any]:
    """One line in the form of ``OrderedLine``; what it leaves out is left to the order's head."""
    number, code = line["number"], line.get("unit") or ""
    fields: dict[str, Any] = {
        "number": number, "quantity": line.get("quantity"), "unit": paper.profile.unit_codes.get(code, code),
        "ship_to": _place_of(paper, line.get("parties") or []), "requested_on": line.get("requested_on"),
        **_items(paper, line),
    }
    if line.get("price") is not None:
        fields |= {"price": line["price"], "price_per": _price_per(paper, line)}
    schedule = list(_schedule(paper, line))
    if schedule:
        fields["schedule"] = schedule
    return fields


def _items(paper: Incoming, line: Mapping[str, Any]) -> dict[str, Any]:
    """What names the item; a qualifier that nobody has agreed the meaning of names nothing."""
    schemes = {**ITEM_QUALIFIERS, **paper.profile.item_qualifiers}
    numbers: list[dict[str, str]] = []
    ours: str | None = None
    for one in line.get("items") or []:
        scheme, value = schemes.get(one.get("qualifier") or ""), (one.get("id") or "").strip()
        if scheme == "item":
            ours = ours or value or None
        elif scheme is not None and value:
            numbers.append({"scheme": scheme, "value": value})
    return {"item": ours, "item_numbers": numbers}


def _price_per(paper: Incoming, line: Mapping[str, Any]) -> Decimal:
    """For how many units of the line its price is."""
    basis, quantity, unit = line.get("price_basis"), line.get("price_quantity"), line.get("price_unit")
    if "price_quantity" in line:  # EDIFACT says it as a number and a unit
        if unit in (None, line.get("unit")):
            return Decimal(quantity) if quantity else Decimal(1)
        basis = f"{quantity or 1} {unit}"
    per = PRICE_BASES.get(basis or "PE")
    if per is None:
        raise PRICE_BASIS_UNKNOWN(document=paper.name, line=line["number"], price=line["price"], basis=basis)
    return per


def _schedule(paper: Incoming, line: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    """What is wanted where (SDQ) or when (SCH): several places on one day, or one place on several days."""
    splits, days = line.get("splits") or [], line.get("schedule") or []
    if splits and len(days) > 1:
        raise SPLIT_TWICE(document=paper.name, line=line["number"])
    default = line.get("requested_on") or requested_day(paper.document)
    for one in splits:
        place = find_party_place(paper, one.get("place_qualifier"), one["place"])
        day = days[0].get("date") if days else None
        yield {"ship_to": place.state.place, "requested_on": day or default, "quantity": one["quantity"]}
    if splits:
        return
    place_named = _place_of(paper, line.get("parties") or []) or header_place(paper)
    for one in days:
        if one.get("unit") not in (None, line.get("unit")):
            raise SCHEDULED_UNIT(
                document=paper.name, line=line["number"], unit=line.get("unit"), scheduled=one["unit"]
            )
        yield {"ship_to": place_named, "requested_on": one.get("date") or default, "quantity": one["quantity"]}
