"""Master data for lists and pages: companies, partners with all that is agreed, places, items, prices, numbers, taxes.

Each row keeps the state its stream has built up, so that a question of what is in force on a day is answered by the
same domain functions as in the aggregates.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlalchemy import Column, Connection, Date, Index, MetaData, Table, Text, select

from domain.company import Company
from domain.identifier import Identifier
from domain.item import Item, ItemState
from domain.price import PriceAgreement, PriceState
from domain.recorded import RecordedEvent
from domain.ship_to import ShipTo, ShipToState
from domain.tax import TaxRates, TaxRatesState
from domain.trading_partner import TradingPartner, TradingPartnerState
from projections.columns import Packed, key
from projections.paging import Listed, Order, listed, prefixed
from projections.view import Needs, Page, Row, View

METADATA = MetaData()

COMPANIES = Table(
    "companies", METADATA,
    Column("stream", key(), primary_key=True), Column("company", key(), nullable=False),
    Column("name", Text, nullable=False), Column("zone", Text, nullable=False),
    Column("country", Text, nullable=False), Column("currency", Text, nullable=False),
    Column("edi_qualifier", Text, nullable=False), Column("edi_id", Text, nullable=False),
)  # fmt: skip

PARTNERS = Table(
    "partners", METADATA,
    Column("stream", key(), primary_key=True), Column("partner", key(), nullable=False),
    Column("name", key(), nullable=False), Column("company", key(), nullable=False),
    Column("currency", Text, nullable=False), Column("zone", Text, nullable=False),
    Column("parent", key()), Column("account", key(), nullable=False), Column("closed_on", Date),
    Column("state", Packed(TradingPartnerState), nullable=False),
    Index("partners_by_number", "partner"),
)  # fmt: skip

PLACES = Table(
    "places", METADATA,
    Column("stream", key(), primary_key=True), Column("partner", key(), nullable=False),
    Column("place", key(), nullable=False), Column("state", Packed(ShipToState), nullable=False),
    Index("places_by_partner", "partner", "place"),
)  # fmt: skip

ITEMS = Table(
    "items", METADATA,
    Column("stream", key(), primary_key=True), Column("item", key(), nullable=False),
    Column("description", Text, nullable=False), Column("tax_category", Text, nullable=False),
    Column("base_unit", Text, nullable=False), Column("discontinued_from", Date),
    Column("state", Packed(ItemState), nullable=False),
    Index("items_by_number", "item"),
)  # fmt: skip

PRICES = Table(
    "prices", METADATA,
    Column("stream", key(), primary_key=True), Column("partner", key(), nullable=False),
    Column("item", key(), nullable=False), Column("state", Packed(PriceState), nullable=False),
    Index("prices_by_partner", "partner", "item"), Index("prices_by_item", "item", "partner"),
)  # fmt: skip

IDENTIFIERS = Table(
    "identifiers", METADATA,
    Column("stream", key(), primary_key=True), Column("scheme", key(), nullable=False),
    Column("value", key(), nullable=False), Column("names", key()),
    Index("identifiers_by_holder", "names"),
)  # fmt: skip

TAXES = Table(
    "taxes", METADATA,
    Column("stream", key(), primary_key=True), Column("place", key(), nullable=False),
    Column("state", Packed(TaxRatesState), nullable=False),
)  # fmt: skip

VIEW = View("master_data", 3, METADATA)

# Fold

# Which columns repeat what the state holds, for lists and searches.
SHOWN: dict[Table, tuple[str, ...]] = {
    PARTNERS: ("partner", "name", "company", "currency", "zone", "parent", "account", "closed_on"),
    PLACES: ("partner", "place"),
    ITEMS: ("item", "description", "tax_category", "base_unit", "discontinued_from"),
    PRICES: ("partner", "item"),
    TAXES: ("place",),
}


@dataclass
class _Kept:
    """What an event's ``apply`` changes: anything with a state."""

    state: Any = None


def _keep(table: Table, first: type[Any], *later: type[Any]) -> None:
    """Rows of ``table`` follow the events of one aggregate."""

    def begin(recorded: RecordedEvent, page: Page) -> None:
        kept = _Kept()
        recorded.event.apply(kept)  # type: ignore[union-attr]
        page.put(table, stream=recorded.stream, state=kept.state, **_shown(table, kept))

    def go_on(recorded: RecordedEvent, page: Page) -> None:
        row = page.row(table, recorded.stream)
        kept = _Kept(row["state"])
        recorded.event.apply(kept)  # type: ignore[union-attr]
        row.update(state=kept.state, **_shown(table, kept))

    def needs(event: Any) -> Needs:
        return {table: [(event.originator_id,)]}

    VIEW.on(first)(begin)
    VIEW.on(*later, needs=needs)(go_on)


def _shown(table: Table, kept: _Kept) -> Row:
    return {name: getattr(kept.state, name) for name in SHOWN[table]}


_keep(
    PARTNERS,
    TradingPartner.Registered,
    TradingPartner.CreditLimitAgreed,
    TradingPartner.PaymentTermsAgreed,
    TradingPartner.FillRatePolicyAgreed,
    TradingPartner.DeductionAgreementAgreed,
    TradingPartner.LogisticParametersAgreed,
    TradingPartner.InvoicingAgreed,
    TradingPartner.ConfirmationAgreed,
    TradingPartner.EdiProfileAgreed,
    TradingPartner.Closed,
)
_keep(PLACES, ShipTo.Agreed, ShipTo.AgreedAnew, ShipTo.Withdrawn)
_keep(ITEMS, Item.Registered, Item.PacksAgreed, Item.Categorised, Item.Discontinued)
_keep(PRICES, PriceAgreement.Opened, PriceAgreement.Agreed)
_keep(TAXES, TaxRates.PlaceOpened, TaxRates.RateAgreed)


@VIEW.on(Company.Registered)
def _company_registered(recorded: RecordedEvent, page: Page) -> None:
    event: Any = recorded.event
    names = ("company", "name", "zone", "country", "currency", "edi_qualifier", "edi_id")
    page.put(COMPANIES, stream=event.originator_id, **{name: getattr(event, name) for name in names})


@VIEW.on(Identifier.Assigned, Identifier.AssignedAgain)
def _assigned(recorded: RecordedEvent, page: Page) -> None:
    event: Any = recorded.event
    page.put(IDENTIFIERS, stream=event.originator_id, scheme=event.scheme, value=event.value, names=event.to)


@VIEW.on(Identifier.Withdrawn, needs=lambda event: {IDENTIFIERS: [(event.originator_id,)]})
def _withdrawn(recorded: RecordedEvent, page: Page) -> None:
    page.row(IDENTIFIERS, recorded.stream)["names"] = None


# Queries


def companies(connection: Connection) -> list[Row]:
    return [dict(row) for row in connection.execute(select(COMPANIES).order_by(COMPANIES.c.company)).mappings()]


def find_partners(
    connection: Connection,
    company: str | None = None,
    name_prefix: str | None = None,
    limit: int = 50,
    after: str | None = None,
) -> Listed:
    """Partners by number; ``state`` holds every agreement with its first day."""
    query = select(PARTNERS)
    if company is not None:
        query = query.where(PARTNERS.c.company == company)
    if name_prefix:
        query = query.where(prefixed(PARTNERS.c.name, name_prefix))
    return listed(connection, query, Order((PARTNERS.c.partner, PARTNERS.c.stream)), limit, after)


def partner(connection: Connection, number: str) -> Row | None:
    """One partner with its ``places`` and the outside ``numbers`` that name it."""
    stream = TradingPartner.stream(number)
    row = _one(connection, PARTNERS, stream)
    if row is None:
        return None
    query = select(PLACES).where(PLACES.c.partner == number).order_by(PLACES.c.place)
    found = [dict(place) for place in connection.execute(query).mappings()]
    return row | {"places": found, "numbers": numbers(connection, stream)}


def find_places(connection: Connection, partner: str, limit: int = 50, after: str | None = None) -> Listed:
    query = select(PLACES).where(PLACES.c.partner == partner)
    return listed(connection, query, Order((PLACES.c.place, PLACES.c.stream)), limit, after)


def place(connection: Connection, partner: str, number: str) -> Row | None:
    stream = ShipTo.stream(partner, number)
    row = _one(connection, PLACES, stream)
    return None if row is None else row | {"numbers": numbers(connection, stream)}


def find_items(
    connection: Connection, number_prefix: str | None = None, limit: int = 50, after: str | None = None
) -> Listed:
    query = select(ITEMS) if not number_prefix else select(ITEMS).where(prefixed(ITEMS.c.item, number_prefix))
    return listed(connection, query, Order((ITEMS.c.item, ITEMS.c.stream)), limit, after)


def item(connection: Connection, number: str) -> Row | None:
    """One item with the outside ``numbers`` that name it and its ``prices`` by partner."""
    stream = Item.stream(number)
    row = _one(connection, ITEMS, stream)
    if row is None:
        return None
    query = select(PRICES).where(PRICES.c.item == number).order_by(PRICES.c.partner)
    prices = [dict(price) for price in connection.execute(query).mappings()]
    return row | {"numbers": numbers(connection, stream), "prices": prices}


def find_prices(
    connection: Connection,
    partner: str | None = None,
    item: str | None = None,
    limit: int = 50,
    after: str | None = None,
) -> Listed:
    given = {PRICES.c.partner: partner, PRICES.c.item: item}
    query = select(PRICES).where(*(column == value for column, value in given.items() if value is not None))
    return listed(connection, query, Order((PRICES.c.partner, PRICES.c.item, PRICES.c.stream)), limit, after)


def price(connection: Connection, partner: str, item: str) -> Row | None:
    return _one(connection, PRICES, PriceAgreement.stream(partner, item))


def numbers(connection: Connection, stream: str) -> list[Row]:
    """The outside numbers that name a stream now."""
    c = IDENTIFIERS.c
    query = select(c.scheme, c.value).where(c.names == stream).order_by(c.scheme, c.value)
    return [dict(row) for row in connection.execute(query).mappings()]


def taxes(connection: Connection) -> list[Row]:
    return [dict(row) for row in connection.execute(select(TAXES).order_by(TAXES.c.place)).mappings()]


def _one(connection: Connection, table: Table, stream: str) -> Row | None:
    found = connection.execute(select(table).where(table.c.stream == stream)).mappings().one_or_none()
    return None if found is None else dict(found)
