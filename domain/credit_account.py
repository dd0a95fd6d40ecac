"""CreditAccount: the one place where credit is given (decisions 17 and 31).

Reserving is a decision on the account's own state. What lowers exposure or raises the limit lets the account
look again at the requests it holds, oldest first, in the same command.
"""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from domain import credit_facts as facts
from domain.aggregate import Aggregate, natural_id
from domain.credit import BaseLimit, LimitInForce, StageAmounts, TemporaryIncrease
from domain.credit_balances import CreditAccountState
from domain.credit_refusals import (
    AMOUNT_NEGATIVE,
    APPROVER_LACKS_AUTHORITY,
    INCREASE_ENDS_BEFORE_IT_BEGINS,
    ORDER_NOT_HELD,
    REQUESTER_CANNOT_APPROVE,
)
from domain.values import ZERO


class CreditAccount(Aggregate[CreditAccountState]):
    """The credit given to one customer account, with everything that uses it up."""

    KIND = "credit"
    STATE = CreditAccountState
    STATE_VERSION = 1

    Opened = facts.Opened
    LimitAgreed = facts.LimitAgreed
    LimitRaisedTemporarily = facts.LimitRaisedTemporarily
    Reserved = facts.Reserved
    ReservationRefused = facts.ReservationRefused
    ReleasedByPerson = facts.ReleasedByPerson
    ReservationReduced = facts.ReservationReduced
    GoodsDelivered = facts.GoodsDelivered
    Invoiced = facts.Invoiced
    InvoiceVoided = facts.InvoiceVoided
    Credited = facts.Credited
    Paid = facts.Paid
    PaymentReversed = facts.PaymentReversed

    @staticmethod
    def stream(account: str) -> str:
        return natural_id("credit", account)

    @classmethod
    def open(cls, account: str, currency: str, zone: str, *, strict_fifo: bool = False) -> CreditAccount:
        """``strict_fifo``: a held request that does not fit keeps the younger ones waiting."""
        values = {"account": account, "currency": currency, "zone": zone, "strict_fifo": strict_fifo}
        return cls.begin(cls.Opened, cls.stream(account), **values)

    def exposure(self) -> Decimal:
        return self.state.totals.exposure()

    def limit_on(self, day: date) -> LimitInForce:
        return self.state.limit(day)

    def agree_limit(self, amount: Decimal, first_day: date, last_day: date | None, on: date) -> None:
        self._not_negative(f"the limit from {first_day}", amount)
        self._in_order(amount, first_day, last_day)
        if BaseLimit(first_day, amount, last_day) not in self.state.limits:
            self.happened(self.LimitAgreed, amount=amount, first_day=first_day, last_day=last_day)
            self.examine_held(on)

    def raise_limit_temporarily(self, amount: Decimal, first_day: date, last_day: date, on: date) -> None:
        self._not_negative(f"the increase from {first_day}", amount)
        self._in_order(amount, first_day, last_day)
        if TemporaryIncrease(first_day, last_day, amount) not in self.state.increases:
            self.happened(self.LimitRaisedTemporarily, amount=amount, first_day=first_day, last_day=last_day)
            self.examine_held(on)

    def reserve(self, order: str, revision: int, amount: Decimal, on: date) -> None:
        """``amount`` is the whole undelivered value of the order; only what it adds is checked."""
        self._not_negative(order, amount)
        known = self.state.revision_of(order)
        if known is not None and revision <= known:
            return
        reasons = self.state.judged(order, amount, on)
        if not reasons:
            self._reserve(order, revision, amount, on)
            self.examine_held(on)
            return
        values = {"exposure": self.exposure(), "limit": self.limit_on(on).total, "reasons": reasons}
        self.happened(self.ReservationRefused, order=order, revision=revision, amount=amount, on=on, **values)

    def release_by_person(
        self,
        order: str,
        revision: int,
        requester: str,
        approver: str,
        on: date,
        *,
        authority: Decimal | None = None,
    ) -> None:
        """Over the limit on a person's word; the limit stays and later checks see the excess."""
        account, held = self.state.account, self.state.held.get(order)
        if held is None or held.revision != revision:
            known = [f"{name} revision {kept.revision}" for name, kept in self.state.held.items()]
            raise ORDER_NOT_HELD(account=account, order=order, revision=revision, held=known or "none")
        excess = max((reason.excess for reason in self.state.judged(order, held.amount, on)), default=ZERO)
        if requester == approver:
            raise REQUESTER_CANNOT_APPROVE(approver=approver, order=order, figure=excess)
        if authority is not None and excess > authority:
            figures = {"figure": excess, "limit": authority, "excess": excess - authority}
            raise APPROVER_LACKS_AUTHORITY(order=order, account=account, approver=approver, **figures)
        moved = StageAmounts(open_orders=held.amount - self.state.committed(order))
        values = {"requester": requester, "approver": approver, "excess": excess, "moved": moved, "on": on}
        self.happened(self.ReleasedByPerson, order=order, revision=revision, amount=held.amount, **values)

    def reduce(self, order: str, amount: Decimal, on: date) -> None:
        """The order's open part is worth ``amount`` from now on: never blocks, never raises; 0 closes it."""
        self._not_negative(order, amount)
        held, committed = self.state.held.get(order), self.state.committed(order)
        if amount < max(committed, held.amount if held else ZERO):
            moved = StageAmounts(open_orders=min(amount - committed, ZERO))
            self.happened(self.ReservationReduced, order=order, amount=amount, moved=moved, on=on)
            self.examine_held(on)

    def record_delivery(
        self, order: str, shipment: str, amount: Decimal, on: date, *, fulfils: Decimal | None = None
    ) -> None:
        """Goods of ``amount`` have left; no check, the risk is taken. ``fulfils`` where over-delivery is known."""
        if not self.state.has_heard_of(order, shipment):
            used = amount if fulfils is None else fulfils
            moved = self.state.move_of_delivery(order, shipment, amount, used)
            values = {"moved": moved, "amount": amount, "fulfils": used, "on": on}
            self.happened(self.GoodsDelivered, order=order, shipment=shipment, **values)
            self.examine_held(on)

    def record_invoice(
        self,
        invoice: str,
        gross: Decimal,
        on: date,
        *,
        shipment: str | None = None,
        delivered: Decimal | None = None,
    ) -> None:
        """Never blocked. ``delivered``: the shipment's value billed by it, by default all that waits."""
        if delivered is None:
            delivered = self.state.awaiting_invoice(shipment) or (gross if shipment else ZERO)
        moved = self.state.move_of_invoice(gross, shipment, delivered)
        values = {"moved": moved, "shipment": shipment, "delivered": delivered, "on": on}
        self.happened(self.Invoiced, invoice=invoice, **values)
        self.examine_held(on)

    def record_void(
        self,
        invoice: str,
        gross: Decimal,
        on: date,
        *,
        shipment: str | None,
        delivered: Decimal | None = None,
    ) -> None:
        """Its goods wait for an invoice again. The figures are those of the invoice; same defaults too."""
        back = (gross if shipment else ZERO) if delivered is None else delivered
        moved = self.state.move_of_invoice(-gross, shipment, -back)
        values = {"moved": moved, "shipment": shipment, "delivered": back, "on": on}
        self.happened(self.InvoiceVoided, invoice=invoice, **values)
        self.examine_held(on)

    def record_credit(self, document: str, amount: Decimal, on: date) -> None:
        """A credit memo of ``amount`` (above 0) waits to be applied."""
        self._not_negative(document, amount)
        self.happened(self.Credited, document=document, moved=StageAmounts(unapplied_credits=amount), on=on)
        self.examine_held(on)

    def record_payment(
        self,
        settlement: str,
        cleared: Decimal,
        on: date,
        *,
        on_account: Decimal = ZERO,
        credits: Decimal = ZERO,
    ) -> None:
        """``cleared`` leaves the receivable; ``on_account`` waits for its invoice; ``credits`` were used up."""
        moved = StageAmounts(receivable=-cleared, unapplied_cash=on_account, unapplied_credits=-credits)
        self.happened(self.Paid, settlement=settlement, moved=moved, on=on)
        self.examine_held(on)

    def reverse_payment(
        self,
        settlement: str,
        cleared: Decimal,
        on: date,
        *,
        on_account: Decimal = ZERO,
        credits: Decimal = ZERO,
    ) -> None:
        """Undo what ``record_payment`` recorded with the same figures; no check, the money is gone."""
        moved = -StageAmounts(receivable=-cleared, unapplied_cash=on_account, unapplied_credits=-credits)
        self.happened(self.PaymentReversed, settlement=settlement, moved=moved, on=on)
        self.examine_held(on)

    def examine_held(self, on: date) -> None:
        """Reserve for every held request that fits now, oldest first; also a day's turn of dated limits."""
        for order, held in sorted(self.state.held.items(), key=lambda item: item[1].turn):
            if not self.state.judged(order, held.amount, on):
                self._reserve(order, held.revision, held.amount, on)
            elif self.state.strict_fifo:
                return

    def _reserve(self, order: str, revision: int, amount: Decimal, on: date) -> None:
        moved = StageAmounts(open_orders=amount - self.state.committed(order))
        self.happened(self.Reserved, order=order, revision=revision, amount=amount, moved=moved, on=on)

    def _not_negative(self, document: str, amount: Decimal) -> None:
        if amount < 0:
            raise AMOUNT_NEGATIVE(
                account=self.state.account, document=document, figure=amount, excess=-amount
            )

    def _in_order(self, amount: Decimal, first_day: date, last_day: date | None) -> None:
        if last_day is not None and last_day < first_day:
            values = {"first_day": first_day, "last_day": last_day, "excess": (first_day - last_day).days}
            raise INCREASE_ENDS_BEFORE_IT_BEGINS(account=self.state.account, figure=amount, **values)
