"""A document that came in, with what its handlers need: who sent it, on which day, under which profile."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from domain.agreements import EdiProfile
from domain.identifier import DUNS, GLN, Identifier, normalised, place_scheme
from domain.interchange import EdiDocument
from domain.refusal import Refusal, Refused
from domain.ship_to import ShipTo
from domain.trading_partner import TradingPartner
from domain.values import local_date
from services.event_log.work import Work
from services.orders.order_lines import find_place

PLACE_UNKNOWN = Refusal(
    "edi.place_unknown",
    "{document}: {partner} has no place known as {qualifier} {place}. Agree the place or its number, then try again;"
    " an unknown one is never made up.",
)

# N103 (66): who assigned the number of a party. 92 the buyer, 91 the seller, UL a GLN, 1 and 9 DUNS.
SCHEMES: Mapping[str, str] = {"UL": GLN, "1": DUNS, "9": DUNS}
ASSIGNED_BY_SELLER = "91"


@dataclass(frozen=True)
class Incoming:
    """``name`` is what a clerk calls it: "850 PO-7 (interchange 41)"."""

    work: Work
    stream: str
    name: str
    type: str
    document: dict[str, Any]
    partner: TradingPartner
    company: str
    profile: EdiProfile
    day: date

    @property
    def tail(self) -> str:
        """Which document it was, by its control numbers: unique for ever, and short enough for a change number."""
        return "-".join(self.stream.split("/")[3:])


def incoming(work: Work, document: EdiDocument) -> Incoming:
    """The document as it was received. The sender is known: one of an unknown sender is not effective."""
    received = work.first_fact(document.id)
    state = document.state
    assert state.partner is not None and state.company is not None
    partner = work.get(TradingPartner, TradingPartner.stream(state.partner))
    day = local_date(work.context.at, partner.state.zone)
    number = received.document.get("number") or received.document.get("trace") or received.control
    control = document.id.split("/")[3]
    return Incoming(
        work, document.id, f"{received.type} {number} (interchange {control})", received.type, received.document,
        partner, state.company, partner.edi_profile_on(day), day,
    )


def find_party_place(paper: Incoming, qualifier: str | None, number: str) -> ShipTo:
    """The place that a party's number names; refused when nothing is agreed under it."""
    place = _by_scheme(paper, qualifier, number) if qualifier in SCHEMES else _by_partner(paper, qualifier, number)
    if place is None or place.state.partner != paper.partner.state.partner:
        raise PLACE_UNKNOWN(
            document=paper.name, partner=paper.partner.state.partner, qualifier=qualifier or "", place=number
        )
    return place


def _by_scheme(paper: Incoming, qualifier: str | None, number: str) -> ShipTo | None:
    try:
        value = normalised(SCHEMES[qualifier or ""], number)
    except Refused:
        return None
    return _identified(paper.work, SCHEMES[qualifier or ""], value)


def _by_partner(paper: Incoming, qualifier: str | None, number: str) -> ShipTo | None:
    """The partner's own number goes before ours of the same spelling, except where it says it is ours (91)."""
    partner = paper.partner.state.partner
    named = None if qualifier == ASSIGNED_BY_SELLER else _identified(paper.work, place_scheme(partner), number)
    return named or find_place(paper.work, partner, number)


def _identified(work: Work, scheme: str, value: str) -> ShipTo | None:
    identifier = work.find(Identifier, Identifier.stream(scheme, value))
    to = identifier.state.to if identifier is not None else None
    return work.find(ShipTo, to) if to is not None and to.startswith("place/") else None
