"""Orders at random through the real services: place, change, cancel, ship, receive, invoice by policy, pay, reverse.

Every command is given twice with its key. Every page of facts reaches each view twice: the first time the view dies
after its rows are written and before they are committed. In the end each view equals its replay from zero.
"""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Sequence
from decimal import Decimal
from pathlib import Path
from typing import Any

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from domain.credit_account import CreditAccount
from domain.invoice import Invoice
from domain.order import Order
from domain.recorded import RecordedEvent
from projections import bank, open_items
from projections.projector import Feed, Projector
from services.command import Answer, Command
from services.orders.ordering import AmendOrder, CancelLine
from services.orders.shipping import DispatchShipment, RecordReceipt
from services.reactions import Reactor
from services.receivables.settling import ReverseSettlement
from services.receivables.stated_payment import RecordRemittance
from services.verifying import verify
from services.wired import Wired
from services.wiring import wire
from tests.conftest import Master, asking, seed_master, settings_for

LOOKED_AT = (bank.VIEW.name, open_items.VIEW.name)  # by policies
MEMORY = Path("/dev/shm")  # what is tried here does not depend on a disk
QUANTITIES = st.integers(1, 40)


def gross(quantity: int) -> Decimal:
    """2.50 a piece and 19 % tax, each rounded once to the cent."""
    net = Decimal("2.50") * quantity
    return net + (net * Decimal("0.19")).quantize(Decimal("0.01"), rounding="ROUND_HALF_UP")


class Broken(Exception):
    """The view's process has died."""


class TwiceFeed:
    """A log as a view reads it; the view dies once in every page, after its rows and before its commit."""

    def __init__(self, feed: Feed) -> None:
        self.feed = feed
        self.log = feed.log
        self.begun: set[int] = set()
        self.die = False

    def read(
        self, after: int, limit: int, event_classes: Sequence[type] | None = None
    ) -> tuple[list[RecordedEvent], int]:
        self.die = after not in self.begun
        self.begun.add(after)
        return self.feed.read(after, limit, event_classes)

    def last_position(self) -> int:
        return self.feed.last_position()

    def generation(self) -> int:
        if self.die:
            self.die = False
            raise Broken
        return self.feed.generation()


class OrderToCash(RuleBasedStateMachine):
    """The model: per order what is ordered, gone and shipped; per invoice what is open; per payment what it cleared."""

    @initialize(tight=st.booleans())
    def begin(self, tight: bool) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="o2c-machine-", dir=MEMORY if MEMORY.is_dir() else None))
        self.wired: Wired = wire(settings_for(self.folder, None))
        self.limit = Decimal(500) if tight else Decimal(1_000_000)
        self.master: Master = seed_master(self.wired, credit_limit=f"{self.limit}.00", roles=())
        self.numbers = 0
        self.quantity: dict[str, int] = {}
        self.gone: dict[str, int] = {}
        self.shipped: dict[str, int] = {}
        self.shipments: dict[str, tuple[str, int]] = {}
        self.receipts: dict[str, int] = {}
        self.open: dict[str, Decimal] = {}
        self.gross: dict[str, Decimal] = {}
        self.payments: dict[str, tuple[str, Decimal]] = {}
        self.pump()

    def pump(self) -> None:
        """Every reaction to everything, then what the model has to hear of: invoices issued by policy."""
        while any([self.react(reactor) for reactor in self.wired.reactors]):
            pass
        feed = self.wired.feeds["receivables"]
        for recorded in feed.read(0, 10_000, [Invoice.Issued])[0]:
            if recorded.stream not in self.open:
                self.open[recorded.stream] = self.gross[recorded.stream] = recorded.event.gross

    def react(self, reactor: Reactor) -> int:
        """One page of it; what policies look at has heard of the facts before."""
        for name in LOOKED_AT:
            self.fold_twice(self.wired.projectors[name])
        return reactor.react_page()

    def give(self, service: str, command: Command) -> Answer:
        """Twice with one key: one effect, one answer."""
        context = asking("machine", key=f"k{self.number()}")
        application = self.wired.applications[service]
        first = application.handle(command, context)
        again = application.handle(command, context)
        assert (again.status, again.text, again.replayed) == (first.status, first.text, True)
        self.pump()
        return first

    def number(self) -> int:
        self.numbers += 1
        return self.numbers

    def rest(self, order: str) -> int:
        return self.quantity[order] - self.gone[order] - self.shipped[order]

    def state(self, order: str) -> Any:
        found = self.wired.applications["orders"].look(Order, self.master.stream(order))
        assert found is not None
        return found.state

    @rule(quantity=QUANTITIES)
    def place(self, quantity: int) -> None:
        order = f"PO-{self.number()}"
        command = self.master.order(order, str(quantity))
        assert self.give("orders", command).status == 201
        self.quantity[order], self.gone[order], self.shipped[order] = quantity, 0, 0
        assert self.give("orders", command).status == 200, "the same order again is the same order"

    @precondition(lambda self: self.quantity)
    @rule(data=st.data(), quantity=QUANTITIES)
    def change(self, data: st.DataObject, quantity: int) -> None:
        order = data.draw(st.sampled_from(sorted(self.quantity)))
        line = {"number": "1", "item": self.master.items[0], "quantity": str(quantity), "unit": "EA"}
        command = AmendOrder.model_validate({
            "order": self.master.stream(order), "change": f"C-{self.number()}", "amended_on": "2026-02-21",
            "ship_to": self.master.place, "requested_on": "2026-03-02", "lines": [line],
        })
        closed = self.state(order).closed
        status = self.give("orders", command).status
        assert (status == 200) == (closed is None and quantity >= self.gone[order] + self.shipped[order])
        if status == 200:
            self.quantity[order] = quantity

    @precondition(lambda self: self.quantity)
    @rule(data=st.data(), quantity=QUANTITIES)
    def cancel(self, data: st.DataObject, quantity: int) -> None:
        order = data.draw(st.sampled_from(sorted(self.quantity)))
        command = CancelLine.model_validate({
            "order": self.master.stream(order), "line": "1", "quantity": str(quantity), "by": "customer", "reason": "less",
        })
        status = self.give("orders", command).status
        assert (status == 200) == (quantity <= self.rest(order))
        if status == 200:
            self.gone[order] += quantity

    @precondition(lambda self: self.quantity)
    @rule(data=st.data(), quantity=QUANTITIES)
    def ship(self, data: st.DataObject, quantity: int) -> None:
        order = data.draw(st.sampled_from(sorted(self.quantity)))
        released = self.state(order).credit == "RELEASED"
        number = f"S-{self.number()}"
        command = DispatchShipment.model_validate({
            "company": self.master.company, "number": number, "partner": self.master.partner,
            "ship_to": self.master.place, "dispatched_at": "2026-03-01T08:30:00Z",
            "lines": [{"order": self.master.stream(order), "line": "1", "quantity": str(quantity)}],
        })
        status = self.give("orders", command).status
        assert (status == 201) == (released and quantity <= self.rest(order))
        if status == 201:
            self.shipped[order] += quantity
            self.shipments[number] = (order, quantity)

    @precondition(lambda self: self.shipments)
    @rule(data=st.data(), accepted=QUANTITIES)
    def receive(self, data: st.DataObject, accepted: int) -> None:
        number = data.draw(st.sampled_from(sorted(self.shipments)))
        order, quantity = self.shipments[number]
        self.receipts[number] = self.receipts.get(number, 0) + 1
        count = str(min(accepted, quantity))
        line = {"order": self.master.stream(order), "line": "1", "received": count, "accepted": count}
        command = RecordReceipt.model_validate({
            "shipment": f"{self.master.company}/{number}", "document": f"R-{number}", "version": self.receipts[number],
            "received_on": "2026-03-03", "lines": [line],
        })
        assert self.give("orders", command).status == 200

    @precondition(lambda self: any(self.open.values()))
    @rule(data=st.data(), part=st.integers(1, 3))
    def pay(self, data: st.DataObject, part: int) -> None:
        invoice = data.draw(st.sampled_from(sorted(name for name, rest in self.open.items() if rest > 0)))
        amount = (self.open[invoice] / part).quantize(Decimal("0.01"), rounding="ROUND_UP")
        item = {"reference": invoice.rpartition("/")[2], "paid": str(amount), "partial": part > 1}
        reference = f"P-{self.number()}"
        command = RecordRemittance.model_validate({
            "company": self.master.company, "partner": self.master.partner, "reference": reference,
            "paid_on": "2026-03-20", "amount": str(amount), "items": [item],
        })
        assert self.give("receivables", command).status == 201
        self.open[invoice] -= amount
        self.payments[reference] = (invoice, amount)
        assert self.give("receivables", command).status == 200

    @precondition(lambda self: self.payments)
    @rule(data=st.data())
    def reverse(self, data: st.DataObject) -> None:
        reference = data.draw(st.sampled_from(sorted(self.payments)))
        invoice, amount = self.payments.pop(reference)
        settlement = f"{self.master.company}/{self.master.partner}/{reference}"
        assert self.give("receivables", ReverseSettlement(settlement=settlement, reason="bounced")).status == 200
        self.open[invoice] += amount

    @rule()
    def fold(self) -> None:
        """The views hear of it: every page twice, once for nothing."""
        for projector in self.wired.projectors.values():
            self.fold_twice(projector)

    def fold_twice(self, projector: Projector) -> None:
        feeds = {log: TwiceFeed(feed) for log, feed in projector.feeds.items()}
        mortal = Projector(projector.view, projector.feeds, projector.engine)
        mortal.feeds = feeds
        for log, feed in feeds.items():
            while mortal.reached[log] < feed.last_position():
                try:
                    mortal.fold_page(log, 7)
                except Broken:
                    continue
        projector.reached = mortal.reached

    @rule()
    def restart(self) -> None:
        self.wired.close()
        self.wired = wire(settings_for(self.folder, None))

    @invariant()
    def orders_stand_as_in_the_model(self) -> None:
        for order, quantity in getattr(self, "quantity", {}).items():
            line = self.state(order).lines["1"]
            assert (line.quantity, line.gone, line.dispatched, line.open) == (
                quantity, self.gone[order], self.shipped[order], self.rest(order)
            )

    @invariant()
    def every_shipment_is_invoiced_once_and_money_is_conserved(self) -> None:
        if not hasattr(self, "open"):
            return
        assert sorted(self.gross.values()) == sorted(gross(quantity) for _, quantity in self.shipments.values())
        receivables = self.wired.applications["receivables"]
        for invoice, rest in self.open.items():
            found = receivables.look(Invoice, invoice)
            assert found is not None and found.state.open == rest
        account = receivables.look(CreditAccount, CreditAccount.stream(self.master.partner))
        assert account is not None
        totals = account.state.totals
        assert totals.receivable == sum(self.open.values())
        assert (totals.delivered, totals.unapplied_cash, totals.unapplied_credits) == (0, 0, 0)
        assert account.exposure() <= self.limit + sum(amount for _, amount in self.payments.values()) + self.reversed_cash()

    def reversed_cash(self) -> Decimal:
        """What a bounced payment may push over the limit: it is not asked for."""
        return sum(self.gross.values(), Decimal(0))

    def teardown(self) -> None:
        if not hasattr(self, "wired"):
            return
        self.fold()
        try:
            assert verify(self.wired) == [], "logs, states and views against their replays"
            assert [parked for a in self.wired.applications.values() for parked in a.store.parked()] == []
        finally:
            self.wired.close()
            shutil.rmtree(self.folder, ignore_errors=True)


OrderToCash.TestCase.settings = settings(
    max_examples=12, stateful_step_count=18, deadline=None, suppress_health_check=list(HealthCheck), derandomize=True
)
TestOrderToCash = OrderToCash.TestCase
