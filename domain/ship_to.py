"""A place goods are delivered to: its zone decides what a date means there, its tax place what tax is due."""

from __future__ import annotations

from dataclasses import asdict, dataclass

from domain.aggregate import Aggregate, natural_id
from domain.codes import check_country, check_zone
from domain.identifier import gln as checked_gln
from domain.refusal import Kind, Refusal

PLACE_WITHDRAWN = Refusal(
    "place.withdrawn",
    "Place {place} of partner {partner} has been withdrawn and takes no {act}. Agree it anew first.",
    Kind.CONFLICT,
)


@dataclass(frozen=True)
class Place:
    """What is agreed about a place; ``zone`` is an IANA name, ``tax_place`` names its tax rates."""

    name: str
    zone: str
    country: str
    tax_place: str
    region: str | None = None
    gln: str | None = None
    banner: str | None = None


@dataclass
class ShipToState:
    partner: str
    place: str
    agreed: Place
    withdrawn: bool = False


class ShipTo(Aggregate[ShipToState]):
    """A store or distribution centre of a partner."""

    KIND = "place"
    STATE = ShipToState
    STATE_VERSION = 1

    class Agreed(Aggregate.Created):
        TYPE = "place.agreed/1"
        partner: str
        place: str
        name: str
        zone: str
        country: str
        region: str | None
        gln: str | None
        banner: str | None
        tax_place: str

        def apply(self, ship_to: ShipTo) -> None:
            agreed = Place(
                self.name, self.zone, self.country, self.tax_place, self.region, self.gln, self.banner
            )
            ship_to.state = ShipToState(self.partner, self.place, agreed)

    class AgreedAnew(Aggregate.Event):
        """All of the place's particulars as they are now; also ends a withdrawal."""

        TYPE = "place.agreed_anew/1"
        partner: str
        place: str
        name: str
        zone: str
        country: str
        region: str | None
        gln: str | None
        banner: str | None
        tax_place: str

        def apply(self, ship_to: ShipTo) -> None:
            agreed = Place(
                self.name, self.zone, self.country, self.tax_place, self.region, self.gln, self.banner
            )
            ship_to.state.agreed = agreed
            ship_to.state.withdrawn = False

    class Withdrawn(Aggregate.Event):
        TYPE = "place.withdrawn/1"
        partner: str
        place: str

        def apply(self, ship_to: ShipTo) -> None:
            ship_to.state.withdrawn = True

    @staticmethod
    def stream(partner: str, place: str) -> str:
        return natural_id("place", partner, place)

    @classmethod
    def agree(cls, partner: str, place: str, particulars: Place) -> ShipTo:
        """A new place of ``partner`` under the partner's own or our number for it."""
        agreed = asdict(_checked(particulars))
        return cls.begin(cls.Agreed, cls.stream(partner, place), partner=partner, place=place, **agreed)

    def agree_anew(self, particulars: Place) -> None:
        """The particulars have become others; the same again is silent."""
        agreed = _checked(particulars)
        if agreed != self.state.agreed or self.state.withdrawn:
            names = {"partner": self.state.partner, "place": self.state.place}
            self.happened(self.AgreedAnew, **names, **asdict(agreed))

    def withdraw(self) -> None:
        """Nothing more is delivered here; withdrawn before is silent."""
        if not self.state.withdrawn:
            self.happened(self.Withdrawn, partner=self.state.partner, place=self.state.place)

    def check_takes(self, act: str) -> None:
        """Refuse ``act`` at a place that was withdrawn."""
        if self.state.withdrawn:
            raise PLACE_WITHDRAWN(place=self.state.place, partner=self.state.partner, act=act)


def _checked(place: Place) -> Place:
    check_zone(place.zone)
    check_country(place.country)
    number = checked_gln(place.gln) if place.gln else None
    return Place(place.name, place.zone, place.country, place.tax_place, place.region, number, place.banner)
