"""An item: its packs in base units, its tax category, and the prices agreed for it with a partner."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from fractions import Fraction

from domain.aggregate import Aggregate, natural_id
from domain.agreements import in_force, with_agreement
from domain.codes import check_currency
from domain.identifier import gtin14
from domain.refusal import Kind, Refusal
from domain.values import plain

PRICE_DECIMALS = 6

UNIT_UNKNOWN = Refusal(
    "item.unit_unknown",
    "Item {item} has no unit {unit}; its units are {units}. Order in one of these or agree the pack first.",
)
UNIT_TWICE = Refusal("item.unit_twice", "Item {item} has the unit {unit} twice. Send each unit once.")
PACK_QUANTITY = Refusal(
    "item.pack_quantity",
    "A {unit} of item {item} cannot hold {quantity} {base_unit}; a pack holds more than 0, the base unit"
    " exactly 1.",
)
GTIN_TWICE = Refusal(
    "item.gtin_twice",
    "GTIN {gtin} is given to both the {first} and the {second} of item {item}. Each pack needs its own GTIN.",
)
NO_PACKS_YET = Refusal(
    "item.no_packs_yet",
    "Item {item} is valid from {valid_from}, after {day}. Order it for a later day or agree packs from an"
    " earlier one.",
)
DISCONTINUED_BEFORE_VALID = Refusal(
    "item.discontinued_before_valid",
    "Item {item} is valid from {valid_from} and cannot be discontinued from {from_day}. Name a later day.",
)
PRICE_NOT_AGREED = Refusal(
    "price.not_agreed",
    "No price of item {item} is agreed with partner {partner} on {day}. Agree one with a first day on or"
    " before {day}.",
    Kind.NOT_FOUND,
)
PRICE_MALFORMED = Refusal(
    "price.malformed",
    "The price {price} per {per} {unit} of item {item} is refused: a price is 0 or more with at most 6"
    " decimals, per a number above 0. State it per more units if it needs more decimals.",
)


@dataclass(frozen=True)
class Pack:
    """One unit an item is ordered in: each, case, layer, pallet."""

    unit: str
    quantity_in_base: Decimal
    gtin: str | None = None
    weight_kg: Decimal | None = None
    volume_m3: Decimal | None = None


@dataclass(frozen=True)
class AgreedPacks:
    first_day: date
    packs: tuple[Pack, ...]


@dataclass(frozen=True)
class AgreedPrice:
    """``price`` for ``per`` units of ``unit``: 13.31 per 100 EA."""

    first_day: date
    currency: str
    price: Decimal
    per: Decimal
    unit: str


def find_pack(packs: Iterable[Pack], unit: str, item: str = "") -> Pack:
    known = packs if isinstance(packs, tuple) else tuple(packs)
    for pack in known:
        if pack.unit == unit:
            return pack
    raise UNIT_UNKNOWN(item=item, unit=unit, units=[pack.unit for pack in known])


def base_quantity(packs: Iterable[Pack], quantity: Decimal, unit: str, item: str = "") -> Decimal:
    """``quantity`` of ``unit`` in base units."""
    return quantity * find_pack(packs, unit, item).quantity_in_base


def price_in_unit(
    agreed: AgreedPrice, packs: Iterable[Pack], unit: str, item: str = ""
) -> tuple[Decimal, Decimal]:
    """The agreed price for the unit ordered, as (price, per): exact, as both are scaled."""
    known = tuple(packs)
    if unit == agreed.unit:
        find_pack(known, unit, item)
        return agreed.price, agreed.per
    ordered = find_pack(known, unit, item).quantity_in_base
    ratio = Fraction(ordered) / Fraction(find_pack(known, agreed.unit, item).quantity_in_base)
    return agreed.price * ratio.numerator, agreed.per * ratio.denominator


@dataclass
class ItemState:
    item: str
    description: str
    tax_category: str
    base_unit: str
    packs: tuple[AgreedPacks, ...]
    discontinued_from: date | None = None


class Item(Aggregate[ItemState]):
    """Something we sell, under our own number (decision 33)."""

    KIND = "item"
    STATE = ItemState
    STATE_VERSION = 1

    class Registered(Aggregate.Created):
        TYPE = "item.registered/1"
        item: str
        description: str
        tax_category: str
        base_unit: str
        packs: tuple[Pack, ...]
        valid_from: date

        def apply(self, item: Item) -> None:
            packs = (AgreedPacks(self.valid_from, self.packs),)
            item.state = ItemState(self.item, self.description, self.tax_category, self.base_unit, packs)

    class PacksAgreed(Aggregate.Event):
        TYPE = "item.packs_agreed/1"
        packs: tuple[Pack, ...]
        first_day: date

        def apply(self, item: Item) -> None:
            item.state.packs = with_agreement(item.state.packs, AgreedPacks(self.first_day, self.packs))

    class Discontinued(Aggregate.Event):
        TYPE = "item.discontinued/1"
        from_day: date

        def apply(self, item: Item) -> None:
            item.state.discontinued_from = self.from_day

    @staticmethod
    def stream(item: str) -> str:
        return natural_id("item", item)

    @classmethod
    def register(
        cls,
        *,
        item: str,
        description: str,
        tax_category: str,
        base_unit: str,
        packs: Iterable[Pack],
        valid_from: date,
    ) -> Item:
        """A new item; its base unit is a pack of 1 whether or not it is named."""
        return cls.begin(
            cls.Registered,
            cls.stream(item),
            item=item,
            description=description,
            tax_category=tax_category,
            base_unit=base_unit,
            packs=_checked(item, base_unit, packs),
            valid_from=valid_from,
        )

    def agree_packs(self, packs: Iterable[Pack], first_day: date) -> None:
        """All packs as they are from ``first_day``; the same again is silent."""
        agreed = AgreedPacks(first_day, _checked(self.state.item, self.state.base_unit, packs))
        if agreed not in self.state.packs:
            self.happened(self.PacksAgreed, packs=agreed.packs, first_day=first_day)

    def discontinue(self, from_day: date) -> None:
        """No longer sold from ``from_day`` on."""
        valid_from = self.state.packs[0].first_day
        if from_day < valid_from:
            raise DISCONTINUED_BEFORE_VALID(item=self.state.item, valid_from=valid_from, from_day=from_day)
        if from_day != self.state.discontinued_from:
            self.happened(self.Discontinued, from_day=from_day)

    def packs_on(self, day: date) -> tuple[Pack, ...]:
        """The packs in force on ``day``."""
        agreed = in_force(self.state.packs, day)
        if agreed is None:
            raise NO_PACKS_YET(item=self.state.item, valid_from=self.state.packs[0].first_day, day=day)
        return agreed.packs

    def sold_on(self, day: date) -> bool:
        """Whether the item is in our range on ``day``."""
        until = self.state.discontinued_from
        return self.state.packs[0].first_day <= day and (until is None or day < until)


def _checked(item: str, base_unit: str, packs: Iterable[Pack]) -> tuple[Pack, ...]:
    known = tuple(replace(pack, gtin=gtin14(pack.gtin)) if pack.gtin else pack for pack in packs)
    if all(pack.unit != base_unit for pack in known):
        known = (Pack(base_unit, Decimal(1)), *known)
    units: set[str] = set()
    gtins: dict[str, str] = {}
    for pack in known:
        if pack.unit in units:
            raise UNIT_TWICE(item=item, unit=pack.unit)
        units.add(pack.unit)
        if pack.quantity_in_base <= 0 or (pack.unit == base_unit and pack.quantity_in_base != 1):
            held = plain(pack.quantity_in_base)
            raise PACK_QUANTITY(unit=pack.unit, item=item, quantity=held, base_unit=base_unit)
        if pack.gtin and pack.gtin in gtins:
            raise GTIN_TWICE(gtin=pack.gtin, first=gtins[pack.gtin], second=pack.unit, item=item)
        if pack.gtin:
            gtins[pack.gtin] = pack.unit
    return known


@dataclass
class PriceState:
    partner: str
    item: str
    prices: tuple[AgreedPrice, ...] = ()


class PriceAgreement(Aggregate[PriceState]):
    """The prices of one item agreed with one partner, by first day."""

    KIND = "price"
    STATE = PriceState
    STATE_VERSION = 1

    class Opened(Aggregate.Created):
        TYPE = "price.opened/1"
        partner: str
        item: str

        def apply(self, price: PriceAgreement) -> None:
            price.state = PriceState(self.partner, self.item)

    class Agreed(Aggregate.Event):
        TYPE = "price.agreed/1"
        partner: str
        item: str
        currency: str
        price: Decimal
        per: Decimal
        unit: str
        first_day: date

        def apply(self, price: PriceAgreement) -> None:
            agreed = AgreedPrice(self.first_day, self.currency, self.price, self.per, self.unit)
            price.state.prices = with_agreement(price.state.prices, agreed)

    @staticmethod
    def stream(partner: str, item: str) -> str:
        return natural_id("price", partner, item)

    @classmethod
    def open(cls, partner: str, item: str) -> PriceAgreement:
        """Start the stream of a partner's prices of an item; agree the first one next."""
        return cls.begin(cls.Opened, cls.stream(partner, item), partner=partner, item=item)

    def agree(self, *, currency: str, price: Decimal, per: Decimal, unit: str, first_day: date) -> None:
        """The price from ``first_day``; one for the same day gives way, the same price again is silent."""
        check_currency(currency)
        if price < 0 or per <= 0 or -int(price.normalize().as_tuple().exponent) > PRICE_DECIMALS:
            raise PRICE_MALFORMED(price=plain(price), per=plain(per), unit=unit, item=self.state.item)
        if AgreedPrice(first_day, currency, price, per, unit) not in self.state.prices:
            names = {"partner": self.state.partner, "item": self.state.item}
            figures = {"currency": currency, "price": price, "per": per, "unit": unit, "first_day": first_day}
            self.happened(self.Agreed, **names, **figures)

    def price_on(self, day: date) -> AgreedPrice | None:
        """The price in force on ``day``; None where none is agreed yet."""
        return in_force(self.state.prices, day)
