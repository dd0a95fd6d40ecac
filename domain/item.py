"""An item: its packs in base units, its tax category, the category that customers count it to."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal

from domain.aggregate import Aggregate, natural_id
from domain.agreements import in_force, with_agreement
from domain.identifier import gtin14
from domain.refusal import Refusal
from domain.values import plain

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


def find_pack(packs: Iterable[Pack], unit: str, item: str = "") -> Pack:
    known = packs if isinstance(packs, tuple) else tuple(packs)
    for pack in known:
        if pack.unit == unit:
            return pack
    raise UNIT_UNKNOWN(item=item, unit=unit, units=[pack.unit for pack in known])


def base_quantity(packs: Iterable[Pack], quantity: Decimal, unit: str, item: str = "") -> Decimal:
    """``quantity`` of ``unit`` in base units."""
    return quantity * find_pack(packs, unit, item).quantity_in_base


# What is called a case where it is not said: our own word and the codes of X12 (CA) and UN/ECE Rec. 20 (CS, CT: carton).
CASE_UNITS = ("CS", "CA", "CT")


def case_size(packs: Iterable[Pack]) -> Decimal | None:
    """Base units a case; None where the item has none."""
    held = {pack.unit: pack.quantity_in_base for pack in packs}
    return next((held[unit] for unit in CASE_UNITS if unit in held), None)


@dataclass
class ItemState:
    item: str
    description: str
    tax_category: str
    base_unit: str
    packs: tuple[AgreedPacks, ...]
    discontinued_from: date | None = None
    category: str | None = None


class Item(Aggregate[ItemState]):
    """Something we sell, under our own number (decision 33)."""

    KIND = "item"
    STATE = ItemState
    STATE_VERSION = 2

    class Registered(Aggregate.Created):
        TYPE = "item.registered/1"
        item: str
        description: str
        tax_category: str
        base_unit: str
        packs: tuple[Pack, ...]
        valid_from: date
        category: str | None = None

        def apply(self, item: Item) -> None:
            packs = (AgreedPacks(self.valid_from, self.packs),)
            item.state = ItemState(self.item, self.description, self.tax_category, self.base_unit, packs)
            item.state.category = self.category

    class PacksAgreed(Aggregate.Event):
        TYPE = "item.packs_agreed/1"
        packs: tuple[Pack, ...]
        first_day: date

        def apply(self, item: Item) -> None:
            item.state.packs = with_agreement(item.state.packs, AgreedPacks(self.first_day, self.packs))

    class Categorised(Aggregate.Event):
        """Orders that come from now on carry the category; those that came before keep theirs."""

        TYPE = "item.categorised/1"
        category: str

        def apply(self, item: Item) -> None:
            item.state.category = self.category

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
        category: str | None = None,
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
            category=category,
        )

    def categorise(self, category: str) -> None:
        """Which category customers' agreements count the item to; the same again is silent."""
        if category != self.state.category:
            self.happened(self.Categorised, category=category)

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
