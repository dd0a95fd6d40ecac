"""What a credit account, or a group of them, remembers, and how each movement shifts it from stage to stage.

Only what is still open is kept: an order leaves when nothing of it is reserved or asked for, a shipment when
its invoice and its goods have both been heard of, an item when nothing of it is owed.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal

from domain.credit import StageAmounts
from domain.credit_book import (
    AccountBook,
    AgreedRate,
    Commitment,
    Draft,
    HeldRequest,
    ItemShift,
    Planned,
    Receivable,
    Release,
    Unbilled,
)
from domain.values import ZERO

NOTHING_UNBILLED = Unbilled()


@dataclass
class CreditAccountState(AccountBook):
    """``decided_in`` is the account in whose stream this one is decided, once it was placed in a group."""

    orders: dict[str, Commitment] = field(default_factory=dict)
    held: dict[str, HeldRequest] = field(default_factory=dict)
    unbilled: dict[str, Unbilled] = field(default_factory=dict)
    next_turn: int = 1
    items: dict[str, Receivable] = field(default_factory=dict)
    members: dict[str, AccountBook] = field(default_factory=dict)
    rates: dict[str, tuple[AgreedRate, ...]] = field(default_factory=dict)
    releases: dict[str, Release] = field(default_factory=dict)
    delivery_holds: dict[str, date] = field(default_factory=dict)
    drafts: dict[str, Draft] = field(default_factory=dict)
    prepaid: dict[str, Decimal] = field(default_factory=dict)
    decided_in: str | None = None

    # What is known

    def committed(self, order: str) -> Decimal:
        return self.orders[order].amount if order in self.orders else ZERO

    def revision_of(self, order: str) -> int | None:
        """The latest revision that was decided on, whether reserved or held."""
        known = [kept.revision for kept in (self.orders.get(order), self.held.get(order)) if kept is not None]
        return max(known, default=None)

    def whose(self, order: str) -> tuple[str, str] | None:
        """The account and currency of an order that is known."""
        known = self.orders.get(order) or self.held.get(order)
        return None if known is None else (known.account, known.currency)

    def book(self, account: str) -> AccountBook:
        return self if account in ("", self.account) else self.members[account]

    def ancestors(self, account: str) -> Iterator[AccountBook]:
        """The parent of an account, its parent, and so on up to the group's own account."""
        parent = self.book(account).parent
        while parent is not None:
            book = self.book(parent)
            yield book
            parent = book.parent if book is not self else None

    def below(self, book: AccountBook) -> list[AccountBook]:
        """The account and all that stand below it."""
        if not self.members:
            return [book]
        found = [book]
        for one in found:  # grows while it is walked
            found += [member for member in self.members.values() if member.parent == one.account]
        return found

    def is_free(self, order: str, amount: Decimal, on: date) -> bool:
        """Not checked: an order that is paid for already, and a released one within its release."""
        release = self.releases.get(order)
        prepaid = self.prepaid.get(order, ZERO) >= amount > 0
        return prepaid or (release is not None and release.covers(amount, on))

    def has_heard_of(self, order: str, shipment: str) -> bool:
        unbilled, commitment = self.unbilled.get(shipment), self.orders.get(order)
        return bool(unbilled and order in unbilled.orders) or bool(
            commitment and shipment in commitment.shipments
        )

    # How amounts move: conservation says that what leaves one stage enters the next

    def move_of_delivery(self, order: str, shipment: str, amount: Decimal, fulfils: Decimal) -> StageAmounts:
        """Open orders never fall below zero; more goods than were open raise what is delivered."""
        value = self.unbilled.get(shipment, NOTHING_UNBILLED).value
        awaiting = max(value + amount, ZERO) - max(value, ZERO)
        return StageAmounts(open_orders=-min(fulfils, self.committed(order)), delivered=awaiting)

    def move_of_invoice(self, gross: Decimal, shipment: str | None, delivered: Decimal) -> StageAmounts:
        value = self.unbilled.get(shipment, NOTHING_UNBILLED).value if shipment else ZERO
        leaving = max(value, ZERO) - max(value - delivered, ZERO)
        return StageAmounts(delivered=-leaving, receivable=gross)

    def awaiting_invoice(self, shipment: str | None) -> Decimal:
        return max(self.unbilled.get(shipment, NOTHING_UNBILLED).value, ZERO) if shipment else ZERO

    # Remembering, for the facts

    def shift(self, account: str, currency: str, moved: StageAmounts) -> None:
        book = self.book(account)
        if currency in ("", book.currency):
            book.totals += moved
        else:
            book.foreign[currency] = book.foreign.get(currency, StageAmounts()) + moved

    def commit(self, order: str, commitment: Commitment) -> None:
        self.held.pop(order, None)
        shipments = self.orders[order].shipments if order in self.orders else ()
        self._keep_order(order, replace(commitment, shipments=shipments))

    def hold(
        self,
        order: str,
        revision: int,
        amount: Decimal,
        on: date,
        account: str = "",
        currency: str = "",
        plan: tuple[Planned, ...] = (),
    ) -> None:
        """A request asked for again keeps its place in the queue."""
        earlier = self.held.get(order)
        turn, asked_on = (earlier.turn, earlier.asked_on) if earlier else (self.next_turn, on)
        self.held[order] = HeldRequest(revision, amount, turn, asked_on, account, currency, plan)
        self.next_turn = max(self.next_turn, turn + 1)

    def lower(self, order: str, amount: Decimal) -> None:
        if order in self.orders:
            kept = self.orders[order]
            self._keep_order(order, replace(kept, amount=min(kept.amount, amount)))
        if order in self.held:
            held = self.held[order]
            self._keep_held(order, replace(held, amount=min(held.amount, amount)))

    def deliver(self, order: str, shipment: str, waiting: Unbilled, fulfils: Decimal) -> None:
        """``waiting``: what left the yard for the order, and whose it is."""
        if order in self.orders:
            kept = self.orders[order]
            left = max(kept.amount - fulfils, ZERO)
            self._keep_order(order, replace(kept, amount=left, shipments=(*kept.shipments, shipment)))
        if order in self.held:
            held = self.held[order]
            self._keep_held(order, replace(held, amount=max(held.amount - fulfils, ZERO)))
        if order in self.releases:
            release = self.releases[order]
            self.releases[order] = replace(release, delivered=release.delivered + fulfils)
        self.delivery_holds.pop(order, None)  # they are gone; what is left is checked before it leaves
        known = self.unbilled.get(shipment, NOTHING_UNBILLED)
        more = replace(waiting, value=known.value + waiting.value, orders=(*known.orders, order))
        self._keep_unbilled(shipment, more)

    def bill(self, shipment: str | None, delivered: Decimal, account: str = "", currency: str = "") -> None:
        if shipment is not None:
            awaiting = self.unbilled.get(shipment, Unbilled(account=account, currency=currency))
            self._keep_unbilled(shipment, replace(awaiting, value=awaiting.value - delivered))

    def owe(self, item: str, receivable: Receivable) -> None:
        """An item of its amount more; a due day that was heard of before stays."""
        known = self.items.get(item, Receivable())
        due_on = receivable.due_on or known.due_on
        self._keep_item(item, replace(receivable, amount=known.amount + receivable.amount, due_on=due_on))

    def settle(self, shifts: Iterable[ItemShift], account: str = "", currency: str = "") -> None:
        for one in shifts:
            known = self.items.get(one.item)
            if known is not None or one.amount > 0:
                known = known or Receivable(due_on=one.due_on, account=account, currency=currency)
                amount = known.amount + one.amount
                disputed = min(max(known.disputed + one.disputed, ZERO), max(amount, ZERO))
                self._keep_item(one.item, replace(known, amount=amount, disputed=disputed))

    def fall_due(self, item: str, receivable: Receivable) -> None:
        self.items[item] = replace(self.items.get(item, receivable), due_on=receivable.due_on)

    def hand_over(self, group: str) -> None:
        """Everything that was kept here is kept in the stream of ``group`` from now on."""
        self.decided_in = group
        self.totals, self.foreign = StageAmounts(), {}
        for kept in (self.orders, self.held, self.unbilled, self.items, self.members, self.releases, self.drafts):
            kept.clear()
        self.delivery_holds.clear()
        self.prepaid.clear()

    def pass_delivery(self, order: str) -> None:
        """It was checked: no longer held, and no longer waiting for the horizon to reach it."""
        self.delivery_holds.pop(order, None)
        if order in self.orders:
            self.orders[order] = replace(self.orders[order], unchecked=False)

    def _keep_order(self, order: str, commitment: Commitment) -> None:
        if commitment.amount > 0:
            self.orders[order] = commitment
        else:
            self.orders.pop(order, None)
            self.releases.pop(order, None)
            self.prepaid.pop(order, None)
            self.delivery_holds.pop(order, None)

    def _keep_held(self, order: str, request: HeldRequest) -> None:
        if request.amount > 0:
            self.held[order] = request
        else:
            self.held.pop(order, None)

    def _keep_unbilled(self, shipment: str, unbilled: Unbilled) -> None:
        if unbilled.value != 0:
            self.unbilled[shipment] = unbilled
        else:
            self.unbilled.pop(shipment, None)

    def _keep_item(self, item: str, receivable: Receivable) -> None:
        if receivable.amount > 0:
            self.items[item] = receivable
        else:
            self.items.pop(item, None)
