"""The credit account against an independent plain model, over random lives of a few orders."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from domain.aggregate import deciding_at
from domain.credit_account import CreditAccount

ON = date(2025, 6, 15)
MOMENT = datetime(2025, 6, 15, tzinfo=UTC)
ORDERS = st.sampled_from(["O1", "O2", "O3", "O4", "O5"])
AMOUNTS = st.integers(0, 70).map(Decimal)


class CreditLife(RuleBasedStateMachine):
    """The model: per order what is open, a list of held requests in turn, and plain sums."""

    @initialize(strict=st.booleans())
    def open(self, strict: bool) -> None:
        with deciding_at(MOMENT):
            self.account = CreditAccount.open("A", "USD", "UTC", strict_fifo=strict)
            self.account.agree_limit(Decimal(100), ON, None, ON)
        self.limit = Decimal(100)
        self.strict = strict
        self.open_of: dict[str, Decimal] = {}
        self.queue: list[tuple[str, Decimal]] = []
        self.revisions: dict[str, int] = {}
        self.waiting: dict[str, Decimal] = {}
        self.owed = Decimal(0)
        self.overridden = Decimal(0)
        self.shipments = 0
        self.last_shipment: tuple[str, str, Decimal] | None = None

    def exposed(self) -> Decimal:
        return sum(self.open_of.values()) + sum(self.waiting.values()) + self.owed

    def examine(self) -> None:
        for order, amount in list(self.queue):
            more = amount - self.open_of.get(order, Decimal(0))
            if more <= 0 or self.exposed() + more <= self.limit:
                self.open_of[order] = amount
                self.queue.remove((order, amount))
            elif self.strict:
                return

    def queued(self, order: str) -> int | None:
        return next((n for n, (name, _) in enumerate(self.queue) if name == order), None)

    @rule(order=ORDERS, amount=AMOUNTS)
    def reserve(self, order: str, amount: Decimal) -> None:
        self.revisions[order] = self.revisions.get(order, 0) + 1
        with deciding_at(MOMENT):
            self.account.reserve(order, self.revisions[order], amount, ON)
        more = amount - self.open_of.get(order, Decimal(0))
        place = self.queued(order)
        if more <= 0 or self.exposed() + more <= self.limit:
            self.open_of[order] = amount
            if place is not None:
                del self.queue[place]
            self.examine()
        elif place is not None:
            self.queue[place] = (order, amount)
        else:
            self.queue.append((order, amount))

    @rule(order=ORDERS, amount=AMOUNTS)
    def the_same_request_again_is_silent(self, order: str, amount: Decimal) -> None:
        known = self.queued(order) is not None or self.open_of.get(order, 0) > 0
        if known:
            before = self.account.version
            with deciding_at(MOMENT):
                self.account.reserve(order, self.revisions[order], amount, ON)
            assert self.account.version == before

    @rule(order=ORDERS, amount=AMOUNTS)
    def reduce(self, order: str, amount: Decimal) -> None:
        with deciding_at(MOMENT):
            self.account.reduce(order, amount, ON)
        place = self.queued(order)
        if place is not None:
            self.queue[place] = (order, min(self.queue[place][1], amount))
            if amount == 0:
                del self.queue[place]
        if order in self.open_of:
            self.open_of[order] = min(self.open_of[order], amount)
        self.examine()

    @rule(order=ORDERS, amount=st.integers(1, 80).map(Decimal))
    def deliver(self, order: str, amount: Decimal) -> None:
        self.shipments += 1
        shipment = f"S{self.shipments}"
        self.last_shipment = (order, shipment, amount)
        with deciding_at(MOMENT):
            self.account.record_delivery(order, shipment, amount, ON)
        before = self.exposed()
        self.open_of[order] = max(self.open_of.get(order, Decimal(0)) - amount, Decimal(0))
        self.waiting[shipment] = amount
        self.overridden += self.exposed() - before  # more than was open: gone without a check
        place = self.queued(order)
        if place is not None:
            left = max(self.queue[place][1] - amount, Decimal(0))
            self.queue[place] = (order, left)
            if left == 0:
                del self.queue[place]
        self.examine()

    @precondition(lambda self: self.last_shipment is not None and self.last_shipment[1] in self.waiting)
    @rule()
    def the_same_delivery_again_is_silent(self) -> None:
        assert self.last_shipment is not None
        before = self.account.version
        with deciding_at(MOMENT):
            self.account.record_delivery(*self.last_shipment, ON)
        assert self.account.version == before

    @precondition(lambda self: self.waiting)
    @rule()
    def invoice(self) -> None:
        shipment = next(iter(self.waiting))
        amount = self.waiting.pop(shipment)
        self.owed += amount
        with deciding_at(MOMENT):
            self.account.record_invoice(f"I-{shipment}", amount, ON, shipment=shipment)
        self.examine()

    @precondition(lambda self: self.owed > 0)
    @rule(share=st.integers(1, 4))
    def pay(self, share: int) -> None:
        amount = self.owed // share
        self.owed -= amount
        with deciding_at(MOMENT):
            self.account.record_payment("P", amount, ON)
        self.examine()

    @precondition(lambda self: self.queue)
    @rule()
    def a_person_releases_the_oldest(self) -> None:
        order, amount = self.queue.pop(0)
        self.overridden += amount - self.open_of.get(order, Decimal(0))
        self.open_of[order] = amount
        with deciding_at(MOMENT):
            self.account.release_by_person(order, self.revisions[order], "li", "wang", ON)

    @invariant()
    def the_account_agrees_with_the_model(self) -> None:
        state = self.account.state
        assert {name: kept.amount for name, kept in state.orders.items()} == {
            name: amount for name, amount in self.open_of.items() if amount > 0
        }
        queue = sorted(state.held.items(), key=lambda item: item[1].turn)
        assert [(name, held.amount) for name, held in queue] == self.queue
        assert state.totals.delivered == sum(self.waiting.values())
        assert state.totals.receivable == self.owed
        assert state.totals.open_orders == sum(kept.amount for kept in state.orders.values())
        assert self.account.exposure() == self.exposed()

    @invariant()
    def only_a_person_or_goods_gone_put_exposure_over_the_limit(self) -> None:
        assert self.account.exposure() <= self.limit + self.overridden

    @invariant()
    def nobody_who_fits_waits(self) -> None:
        """Strict order: only the head of the queue has a claim."""
        for order, amount in self.queue[:1] if self.strict else self.queue:
            more = amount - self.open_of.get(order, Decimal(0))
            assert self.exposed() + more > self.limit


CreditLife.TestCase.settings = settings(max_examples=60, stateful_step_count=30, deadline=None)
TestCreditLife = CreditLife.TestCase
