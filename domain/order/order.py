"""The order aggregate: commands that check first and then say what happened."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import date, datetime
from decimal import Decimal

from domain.aggregate import Aggregate, natural_id
from domain.agreements import ConfirmationMode
from domain.order import checks, facts
from domain.order import refusals as no
from domain.order.content import change_digest, content_digest, replacement
from domain.order.line import ConfirmedLine, LineState, OrderLine, amended, open_amounts
from domain.order.state import Closure, Credit, Door, Flow, FreightTerms, HoldReason, OrderState
from domain.tax import NOTHING, Amounts
from domain.values import ZERO, LineQuantity, Side


class Order(Aggregate[OrderState]):
    """A purchase order of a customer; the same number sent twice is the same order (decision 37)."""

    KIND = "order"
    STATE = OrderState
    STATE_VERSION = 3

    class Placed(facts.Placed): ...

    class AmendedByCustomer(facts.AmendedByCustomer): ...

    class Released(facts.Released): ...

    class Held(facts.Held): ...

    class DeliveryHeld(facts.DeliveryHeld): ...

    class DeliveryFreed(facts.DeliveryFreed): ...

    class Confirmed(facts.Confirmed): ...

    class LineCancelled(facts.LineCancelled): ...

    class Cancelled(facts.Cancelled): ...

    class Expired(facts.Expired): ...

    class GoodsDispatched(facts.GoodsDispatched): ...

    class ClosedShort(facts.ClosedShort): ...

    @staticmethod
    def stream(company: str, partner: str, number: str, release: str = "") -> str:
        """The same purchase order sent twice is the same stream."""
        return natural_id("order", company, partner, number, release)

    @classmethod
    def place(
        cls,
        *,
        company: str,
        partner: str,
        purchase_order_number: str,
        ordered_on: date,
        currency: str,
        account: str,
        lines: Iterable[OrderLine],
        door: Door = Door.REST,
        release: str = "",
        confirmation: ConfirmationMode = ConfirmationMode.AUTO,
        cancel_after: date | None = None,
        digest: str | None = None,
        freight_terms: FreightTerms | None = None,
        flow: Flow | None = None,
    ) -> Order:
        """A new order, pending until credit has decided. ``digest`` only where the door has its own."""
        wanted = tuple(lines)
        checks.check_head(purchase_order_number, currency)
        checks.check_placed_lines(purchase_order_number, wanted)
        total = sum((Amounts(line.net, line.tax, line.gross) for line in wanted), NOTHING)
        return cls.begin(
            cls.Placed,
            cls.stream(company, partner, purchase_order_number, release),
            company=company,
            partner=partner,
            purchase_order_number=purchase_order_number,
            release=release,
            ordered_on=ordered_on,
            currency=currency,
            account=account,
            confirmation=confirmation,
            **{"cancel_after": cancel_after, "door": door, "freight_terms": freight_terms, "flow": flow},
            content_digest=digest or content_digest(currency, ordered_on, cancel_after, wanted),
            lines=wanted,
            **vars(total),
        )

    def amend_by_customer(
        self, change: str, lines: Iterable[OrderLine], removed: Iterable[str] = (), *, amended_on: date,
        said_at: datetime | None = None,
    ) -> None:
        """The customer's change ``change``: ``lines`` whole in their new values, ``removed`` by number.

        A line's quantity is its new total, counting what was cancelled or dispatched of it before (so does
        definitions 1.4 rule 2). The order is pending again until credit has decided about the new revision.
        """
        changed, gone = tuple(lines), tuple(dict.fromkeys(removed))
        self._amend(change, change_digest(changed, gone), changed, gone, amended_on, said_at)

    def replace_by_customer(self, change: str, wanted: Iterable[OrderLine], *, amended_on: date) -> None:
        """The customer's change that states the whole order anew (BEG01 05); no difference is silent.

        A line that is not named is removed, except one of which nothing is open or dispatched any more.
        """
        named = tuple(wanted)
        digest = change_digest(named, ["all others"])
        if self.state.changes.get(change) == digest:
            return
        now = {n: at.line for n, at in self.state.lines.items() if at.open or at.dispatched}
        live = now | {
            line.number: self.state.lines[line.number].line
            for line in named
            if line.number in self.state.lines
        }
        changed, removed = replacement(live, named)
        if changed or removed:
            self._amend(change, digest, tuple(changed), tuple(removed), amended_on)

    def release(self, revision: int, reservation: str) -> None:
        """Credit has reserved for ``revision``; an answer about an older revision says nothing."""
        state = self.state
        if revision == state.revision and state.credit is not Credit.RELEASED and not state.closed:
            values = {"reservation": reservation, "confirmation": state.confirmation}
            self.happened(self.Released, revision=revision, **values)

    def hold(self, revision: int, reasons: Iterable[HoldReason]) -> None:
        """Credit has refused ``revision``; once released, a revision is not held again."""
        state, why = self.state, tuple(reasons)
        if revision != state.revision or state.credit is Credit.RELEASED or state.closed:
            return
        if state.credit is Credit.HELD and state.hold_reasons == why:
            return
        self.happened(self.Held, revision=revision, reasons=why)

    def hold_delivery(self, reasons: Iterable[HoldReason]) -> None:
        """Credit lets no goods go; what has left before is not touched."""
        why = tuple(reasons)
        if not self.state.closed and self.state.delivery_hold != why:
            self.happened(self.DeliveryHeld, reasons=why)

    def free_delivery(self, decision: str) -> None:
        if self.state.delivery_hold:
            self.happened(self.DeliveryFreed, decision=decision)

    def confirm(self, confirmation: str, lines: Iterable[ConfirmedLine]) -> None:
        """What we promise, whole lines at a time; the same confirmation number again is silent."""
        promised = tuple(lines)
        known = self.state.confirmations.get(confirmation)
        if known == promised:
            return
        if known is not None:
            raise no.CONFIRMATION_NUMBER_REUSED(
                confirmation=confirmation, order=self.state.purchase_order_number
            )
        checks.check_confirmation(self.state, confirmation, promised)
        self.happened(self.Confirmed, confirmation=confirmation, lines=promised)

    def confirm_as_ordered(self, confirmation: str) -> None:
        """What was asked for, when it was asked for (confirmation AUTO).

        Silent where the number was given before, and where the order has moved on: amended since, its next
        release will confirm it; closed, there is nothing left to promise.
        """
        ready = self.state.credit is Credit.RELEASED and not self.state.closed
        if ready and confirmation not in self.state.confirmations:
            self.confirm(confirmation, checks.as_ordered(self.state.lines))

    def cancel_line(
        self, number: str, quantity: Decimal, *, by: Side, reason: str, said_at: datetime | None = None
    ) -> None:
        """Take ``quantity`` of what is still open out of the order."""
        line = checks.find_line(self.state, number)
        checks.check_cancellation(self.state.purchase_order_number, line, quantity)
        after = self._open_gross_after(
            [LineQuantity(number, quantity)], lambda at, q: at.with_cancelled(q, by)
        )
        self.happened(
            self.LineCancelled,
            account=self.state.account,
            number=number,
            quantity=quantity,
            by=by,
            reason=reason,
            open_gross=after,
            said_at=said_at,
        )

    def cancel(self, *, by: Side, reason: str, said_at: datetime | None = None) -> None:
        """Take everything still open out of the order; an order cancelled before is silent."""
        if self.state.closed is Closure.CANCELLED:
            return
        parts = self._everything_open("cancel")
        what = {"by": by, "reason": reason, "lines": parts, "said_at": said_at}
        self.happened(self.Cancelled, account=self.state.account, open_gross=ZERO, **what)

    def expire(self, day: date) -> None:
        """``day`` has begun after the customer's cancel-after date: what is open lapses, at nobody's word."""
        last = self.state.cancel_after
        if self.state.closed or last is None:
            return
        if day <= last:
            raise no.NOT_YET_EXPIRED(order=self.state.purchase_order_number, cancel_after=last, day=day)
        self.happened(
            self.Expired,
            account=self.state.account,
            day=day,
            lines=self._everything_open("expire"),
            open_gross=ZERO,
        )

    def close_short(self, reason: str) -> None:
        """We will not deliver what is still open; an order closed short before is silent."""
        if self.state.closed is Closure.CLOSED_SHORT:
            return
        parts = self._everything_open("close short")
        self.happened(
            self.ClosedShort, account=self.state.account, reason=reason, lines=parts, open_gross=ZERO
        )

    def record_dispatch(
        self, shipment: str, lines: Iterable[LineQuantity], *, tolerance: Decimal = ZERO
    ) -> None:
        """Goods left in ``shipment``; ``tolerance`` is the over-delivery allowed, a fraction of the line."""
        parts = checks.summed(lines)
        known = self.state.shipments.get(shipment)
        if known == parts:
            return
        if known is not None:
            raise no.SHIPMENT_REUSED(shipment=shipment, order=self.state.purchase_order_number)
        checks.check_dispatch(self.state, shipment, parts, tolerance)
        after = self._open_gross_after(parts, lambda at, q: at.with_dispatched(q))
        self.happened(self.GoodsDispatched, shipment=shipment, lines=parts, open_gross=after)

    def open_value(self) -> Decimal:
        """Gross value of what is still to be delivered; what credit has to cover."""
        return open_amounts(self.state.lines.values(), self.state.currency).gross

    def gross_of(self, number: str, quantity: Decimal) -> Decimal:
        """What ``quantity`` of a line comes to with tax."""
        return checks.find_line(self.state, number).line.amounts(quantity, self.state.currency).gross

    def same_content(self, digest: str) -> bool:
        """Whether ``digest`` is of the content as placed (decision 37)."""
        return digest == self.state.content_digest

    def _amend(
        self,
        change: str,
        digest: str,
        changed: tuple[OrderLine, ...],
        removed: tuple[str, ...],
        amended_on: date,
        said_at: datetime | None = None,
    ) -> None:
        state = self.state
        known = state.changes.get(change)
        if known == digest:
            return
        if known is not None:
            raise no.CHANGE_NUMBER_REUSED(change=change, order=state.purchase_order_number)
        checks.check_amendment(state, change, changed, removed)
        removed_open = tuple(LineQuantity(number, state.lines[number].open) for number in removed)
        left = open_amounts(amended(state.lines, changed, removed_open).values(), state.currency)
        self.happened(
            self.AmendedByCustomer,
            account=self.state.account,
            change=change,
            lines=changed,
            removed=removed,
            removed_open=removed_open,
            amended_on=amended_on,
            revision=state.revision + 1,
            content_digest=digest,
            said_at=said_at,
            **vars(left),
        )

    def _everything_open(self, act: str) -> tuple[LineQuantity, ...]:
        parts = checks.open_parts(self.state.lines)
        if not parts:
            raise no.NOTHING_OPEN(order=self.state.purchase_order_number, act=act)
        return parts

    def _open_gross_after(
        self, parts: Iterable[LineQuantity], move: Callable[[LineState, Decimal], LineState]
    ) -> Decimal:
        after = dict(self.state.lines)
        for part in parts:
            after[part.number] = move(after[part.number], part.quantity)
        return open_amounts(after.values(), self.state.currency).gross
