"""What a customer's purchase order says, by whichever door: its digest, and how two of them differ."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from datetime import date
from decimal import Decimal
from fractions import Fraction

from domain.order.line import OrderLine
from domain.values import EXACT, exact_text, plain


def content_digest(
    currency: str, ordered_on: date, cancel_after: date | None, lines: Iterable[OrderLine]
) -> str:
    """The same for the same wish, in whatever units, order of lines and notation it is written."""
    head = (currency, str(ordered_on), str(cancel_after or ""))
    return _digest([*head, *(text for line in _ordered(lines) for text in _line_texts(line))])


def change_digest(lines: Iterable[OrderLine], removed: Iterable[str]) -> str:
    """The same for the same change of an order."""
    changed = [text for line in _ordered(lines) for text in _line_texts(line)]
    return _digest([*changed, "removed", *sorted(removed)])


def differences(before: Iterable[OrderLine], again: Iterable[OrderLine]) -> tuple[str, ...]:
    """Each thing that ``again`` says otherwise than ``before``, as a clerk would say it."""
    old, new = ({line_key(line.number): line for line in lines} for lines in (before, again))
    found = [f"line {number} is missing" for number in old if number not in new]
    found += [f"line {number} is new" for number in new if number not in old]
    for number in old:
        if number in new:
            found += _line_differences(number, old[number], new[number])
    return tuple(found)


def replacement(
    now: Mapping[str, OrderLine], wanted: Iterable[OrderLine]
) -> tuple[list[OrderLine], list[str]]:
    """What a change that replaces the whole order (BEG01 05) amends and removes."""
    new = {line.number: line for line in wanted}
    changed = [
        line for number, line in new.items() if number not in now or _line_differences("", now[number], line)
    ]
    return changed, [number for number in now if number not in new]


def line_key(number: str) -> str:
    """Line numbers as compared: partners write 1, 01 and 001 for the same line."""
    return number.lstrip("0") or number


def _line_differences(number: str, old: OrderLine, new: OrderLine) -> list[str]:
    pairs = [
        ("item", old.item, new.item),
        ("quantity", _quantity(old), _quantity(new)),
        ("price", _price(old), _price(new)),
        ("schedule", _schedule(old), _schedule(new)),
    ]
    base = old.base_quantity == new.base_quantity
    value = _value(old) == _value(new)
    same = {"quantity": base, "price": value or (not base and old.customer_price == new.customer_price)}
    wishes = {"schedule": _schedule_in_base(old) == _schedule_in_base(new)}
    return [
        f"line {number} {name} is {after}, was {before}"
        for name, before, after in pairs
        if before != after and not (same | wishes).get(name, False)
    ]


def _ordered(lines: Iterable[OrderLine]) -> list[OrderLine]:
    return sorted(lines, key=lambda line: line_key(line.number))


def _line_texts(line: OrderLine) -> list[str]:
    value = _value(line)
    price = "None" if value is None else exact_text(value)
    base = exact_text(line.base_quantity)
    if len(line.schedule) == 1 and line.schedule[0].quantity == line.quantity:  # the usual line: all of it at once
        part = line.schedule[0]
        return [line_key(line.number), line.item, base, price, f"{part.ship_to}|{part.requested_on}|{base}"]
    return [line_key(line.number), line.item, base, price, *_schedule_in_base(line)]


def _value(line: OrderLine) -> Decimal | Fraction | None:
    """The customer's price times the quantity, exact: the same however units and price basis are written."""
    if line.customer_price is None:
        return None
    value = EXACT.multiply(line.customer_price, line.quantity)
    return value if line.price_per in (0, 1) else Fraction(value) / Fraction(line.price_per)


def _schedule_in_base(line: OrderLine) -> list[str]:
    def base(quantity: Decimal) -> str:
        if quantity == line.quantity:
            return exact_text(line.base_quantity)
        if not line.quantity:  # a malformed line is compared before it is refused
            return exact_text(quantity)
        return exact_text(Fraction(quantity) * Fraction(line.base_quantity) / Fraction(line.quantity))

    return sorted(f"{part.ship_to}|{part.requested_on}|{base(part.quantity)}" for part in line.schedule)


def _quantity(line: OrderLine) -> str:
    return f"{plain(line.quantity)} {line.unit}"


def _price(line: OrderLine) -> str:
    if line.customer_price is None:
        return "not stated"
    return f"{plain(line.customer_price)} per {plain(line.price_per)} {line.unit}"


def _schedule(line: OrderLine) -> str:
    parts = sorted((str(part.requested_on), part.ship_to, plain(part.quantity)) for part in line.schedule)
    return " and ".join(f"{quantity} to {ship_to} on {day}" for day, ship_to, quantity in parts)


def _digest(texts: Iterable[str]) -> str:
    return hashlib.sha256("\x1f".join(texts).encode()).hexdigest()
