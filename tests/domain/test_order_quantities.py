"""Nothing ordered is lost: whatever is done to an order, each unit of each line is in exactly one place."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from domain.aggregate import deciding_at
from domain.order import ConfirmationMode, Order, OrderLine
from domain.order.content import change_digest
from domain.refusal import Refused
from domain.tax import line_amounts
from domain.values import LineQuantity, Side
from tests.domain.order_facts import FOUR, ORDERED_ON, TEN, line_of
from tests.given import MOMENT, replayed

NUMBERS = st.sampled_from(["1", "2", "3"])
QUANTITIES = st.decimals(min_value="-1", max_value="30", places=1)
TENTH = Decimal("0.1")
TOLERANCES = st.sampled_from([Decimal(0), TENTH])


def priced(number: str, quantity: Decimal) -> OrderLine:
    base = FOUR if number == "2" else TEN
    amounts = line_amounts(quantity, base.unit_price, base.price_per, base.tax_rate, "USD")
    return line_of(str(quantity), base, str(amounts.net), str(amounts.tax), number)


@dataclass
class Tally:
    """A line counted from the facts alone, beside what the order itself remembers."""

    ordered: Decimal
    places: dict[str, Decimal] = field(default_factory=dict)

    def add(self, place: str, quantity: Decimal) -> None:
        assert quantity > 0
        self.places[place] = self.places.get(place, Decimal(0)) + quantity


class AnOrder(RuleBasedStateMachine):
    @initialize(first=QUANTITIES.filter(lambda q: q > 0), last=st.sampled_from([None, date(2026, 3, 5)]))
    def place(self, first: Decimal, last: date | None) -> None:
        with deciding_at(MOMENT):
            self.order = Order.place(
                company="acme",
                partner="p",
                purchase_order_number="PO",
                ordered_on=ORDERED_ON,
                currency="USD",
                account="p",
                confirmation=ConfirmationMode.MANUAL,
                cancel_after=last,
                lines=[priced("1", first), priced("2", Decimal(4))],
            )
        self.facts: list[Any] = []
        self.tallies: dict[str, Tally] = {}
        self.originals = {"1": first, "2": Decimal(4)}
        self.count(self.order.collect_events())

    def give(self, command: Any) -> None:
        with deciding_at(MOMENT):
            try:
                command()
            except Refused as refused:
                assert not self.order.collect_events(), f"refused and happened: {refused}"
        self.count(self.order.collect_events())

    def count(self, events: Any) -> None:
        for event in events:
            self.facts.append(event)
            match event:
                case Order.Placed(lines=lines):
                    self.tallies = {line.number: Tally(line.quantity) for line in lines}
                case Order.AmendedByCustomer(lines=lines, removed_open=removed):
                    for line in lines:
                        self.tallies.setdefault(line.number, Tally(line.quantity)).ordered = line.quantity
                        self.originals.setdefault(line.number, line.quantity)
                    self.move("cancelled", [part for part in removed if part.quantity])
                case Order.LineCancelled(number=number, quantity=quantity):
                    self.tallies[number].add("cancelled", quantity)
                case Order.Cancelled(lines=parts):
                    self.move("cancelled", parts)
                case Order.Expired(lines=parts):
                    self.move("expired", parts)
                case Order.GoodsDispatched(lines=parts):
                    self.move("dispatched", parts)
                case Order.ClosedShort(lines=parts):
                    self.move("closed short", parts)

    def move(self, place: str, parts: Any) -> None:
        for part in parts:
            self.tallies[part.number].add(place, part.quantity)

    @rule(number=NUMBERS, quantity=QUANTITIES, by=st.sampled_from(Side))
    def cancel_line(self, number: str, quantity: Decimal, by: Side) -> None:
        self.give(lambda: self.order.cancel_line(number, quantity, by=by, reason="r"))

    @rule(number=NUMBERS, quantity=QUANTITIES, change=st.integers(1, 4), drop=st.booleans())
    def amend(self, number: str, quantity: Decimal, change: int, drop: bool) -> None:
        lines = [priced(number, quantity)]
        removed = ["2"] if drop and number != "2" else []
        self.give(lambda: self.order.amend_by_customer(str(change), lines, removed, amended_on=ORDERED_ON))
        if str(change) in self.order.state.changes:
            known = self.order.state.changes[str(change)]
            assert known == change_digest(lines, removed) or len(self.facts) > 1

    @rule(behind=st.integers(0, 1))
    def release(self, behind: int) -> None:
        self.give(lambda: self.order.release(self.order.state.revision - behind, "r"))

    @rule(number=NUMBERS, quantity=QUANTITIES, shipment=st.integers(1, 6), tolerance=TOLERANCES)
    def dispatch(self, number: str, quantity: Decimal, shipment: int, tolerance: Decimal) -> None:
        parts = [LineQuantity(number, quantity)]
        self.give(lambda: self.order.record_dispatch(f"s-{shipment}", parts, tolerance=tolerance))

    @rule(number=NUMBERS, shipment=st.integers(7, 12), beyond=TOLERANCES)
    def dispatch_the_rest(self, number: str, shipment: int, beyond: Decimal) -> None:
        line = self.order.state.lines.get(number)
        if line is not None:
            parts = [LineQuantity(number, line.open + beyond * line.quantity)]
            self.give(lambda: self.order.record_dispatch(f"s-{shipment}", parts, tolerance=TENTH))

    @rule()
    def confirm(self) -> None:
        self.give(lambda: self.order.confirm_as_ordered(f"c-{len(self.facts)}"))

    @rule(end=st.sampled_from(["cancel", "close short", "expire"]), really=st.integers(0, 3))
    def end(self, end: str, really: int) -> None:
        if really:
            return
        if end == "cancel":
            self.give(lambda: self.order.cancel(by=Side.CUSTOMER, reason="r"))
        elif end == "close short":
            self.give(lambda: self.order.close_short("r"))
        else:
            self.give(lambda: self.order.expire(date(2026, 3, 6)))

    @invariant()
    def each_unit_is_in_one_place(self) -> None:
        for number, tally in self.tallies.items():
            line = self.order.state.lines[number]
            gone = sum(tally.places.values(), Decimal(0))
            assert line.open >= 0
            assert line.over >= 0
            assert not (line.open and line.over)
            assert tally.ordered == line.quantity
            assert line.quantity + line.over == line.open + gone
            assert line.dispatched == tally.places.get("dispatched", 0)
            assert line.cancelled == tally.places.get("cancelled", 0)

    @invariant()
    def no_more_leaves_than_the_tolerance_allows(self) -> None:
        for line in self.order.state.lines.values():
            assert line.over <= max(TENTH * (line.quantity - line.gone), Decimal(0))

    @invariant()
    def the_original_is_never_overwritten(self) -> None:
        for number, quantity in self.originals.items():
            assert self.order.state.lines[number].ordered == quantity

    @invariant()
    def closed_means_that_nothing_is_open(self) -> None:
        open_lines = [line for line in self.order.state.lines.values() if line.open]
        assert (self.order.state.closed is None) == bool(open_lines)
        assert (self.order.open_value() > 0) == bool(open_lines) or self.order.open_value() == 0

    @invariant()
    def the_last_open_value_said_is_the_open_value(self) -> None:
        said = [getattr(event, "open_gross", getattr(event, "gross", None)) for event in self.facts]
        figures = [figure for figure in said if figure is not None]
        assert figures[-1] == self.order.open_value()

    def teardown(self) -> None:
        if hasattr(self, "order"):
            again = replayed(Order, tuple(self.facts), self.order.id)
            assert again is not None
            assert again.state == self.order.state


TestAnOrder = AnOrder.TestCase
TestAnOrder.settings = settings(
    max_examples=80, stateful_step_count=25, deadline=None, suppress_health_check=[HealthCheck.too_slow]
)
