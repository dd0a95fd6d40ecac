"""How a credit account decides: reserving, releasing, checking deliveries, and looking again at what waits.

A command is about one account of the group and decides for the day and the log position it was given.
"""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

from eventsourcing.domain import CanMutateAggregate

from domain import credit_facts as facts
from domain.aggregate import Aggregate
from domain.credit import StageAmounts
from domain.credit_balances import CreditAccountState
from domain.credit_book import Commitment, HeldRequest, Planned, counted
from domain.credit_counting import horizon_end
from domain.credit_judging import Judgement, Question, excess_of, judge
from domain.credit_refusals import (
    AMOUNT_NEGATIVE,
    APPROVER_LACKS_AUTHORITY,
    NOTHING_RESERVED,
    ORDER_NOT_HELD,
    REQUESTER_CANNOT_APPROVE,
)
from domain.values import ZERO


class CreditDecisions(Aggregate[CreditAccountState]):
    """``acting`` is the account of the group that the command is about; "" is the one whose stream this is."""

    KIND = "credit"
    STATE = CreditAccountState

    acting = ""
    seen = 0

    def happened(self, event_class: type[CanMutateAggregate[str]], **facts: Any) -> None:
        """As the aggregate declares the fact: the library gives every aggregate event classes of its own."""
        super().happened(getattr(type(self), event_class.__name__), **facts)

    def asked(self, account: str, seen: int) -> None:
        """About which account the next command is, and up to which position of the log it knows."""
        self.acting = "" if account == self.state.account else account
        self.seen = seen

    def reserve(
        self,
        order: str,
        revision: int,
        amount: Decimal,
        on: date,
        *,
        currency: str = "",
        plan: tuple[Planned, ...] = (),
    ) -> None:
        """``amount`` is the whole undelivered value of the order; only what it adds is checked.

        Not checked are a prepaid order, and a released one that stays within its release.
        """
        self._not_negative(order, amount)
        known = self.state.revision_of(order)
        if known is not None and revision <= known:
            return
        account, kept_in = self.state.whose(order) or (self.acting, self._currency(currency))
        asked = Question(order, amount, on, account, kept_in, plan)
        found = judge(self.state, asked)
        if not found.reasons:
            self._reserve(asked, revision)
            self.examine_held(on)
            return
        values = {"exposure": found.exposure, "limit": found.limit, "reasons": found.reasons}
        self.happened(
            facts.ReservationRefused,
            order=order,
            revision=revision,
            amount=amount,
            on=on,
            **values,
            **self._decision(account, on),
            currency=kept_in,
            plan=plan,
        )

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
        """Over the limit on a person's word; the limit stays and later checks see the excess.

        Also the goods of a reserved order that wait for credit.
        """
        held = self._waiting(order, revision)
        name = held.account or self.state.account
        policy = self.state.book(held.account).policy_on(on).policy
        asks = held.amount - self.state.committed(order)
        again = asks <= 0 and order in self.state.delivery_holds
        asked = Question(order, held.amount, on, held.account, held.currency, held.plan, again)
        excess = excess_of(judge(self.state, asked).reasons, held.amount if again else asks)
        if requester == approver:
            raise REQUESTER_CANNOT_APPROVE(approver=approver, order=order, figure=excess)
        bound = authority if authority is not None else policy.authority_of(approver)
        if bound is not None and excess > bound:
            figures = {"figure": excess, "limit": bound, "excess": excess - bound}
            raise APPROVER_LACKS_AUTHORITY(order=order, account=name, approver=approver, **figures)
        values = {"revision": revision, "amount": held.amount, "moved": StageAmounts(open_orders=asks), "excess": excess}
        values |= {"requester": requester, "approver": approver, "valid_days": policy.release_days, "on": on}
        values |= {"deviation_percent": policy.release_deviation_percent, "currency": held.currency, "plan": held.plan}
        self.happened(facts.ReleasedByPerson, order=order, **values, **self._decision(held.account, on))

    def reduce(self, order: str, amount: Decimal, on: date) -> None:
        """The order's open part is worth ``amount`` from now on: never blocks, never raises; 0 closes it."""
        self._not_negative(order, amount)
        held, committed = self.state.held.get(order), self.state.committed(order)
        if amount < max(committed, held.amount if held else ZERO):
            account, currency = self.state.whose(order) or ("", "")
            moved = StageAmounts(open_orders=min(amount - committed, ZERO))
            whose = {"account": account, "currency": currency}
            self.happened(facts.ReservationReduced, order=order, amount=amount, moved=moved, on=on, **whose)
            self.examine_held(on)

    def check_delivery(self, order: str, on: date) -> Judgement:
        """At goods issue: exposure, the order's own part in it, must lie within the limit, and no other rule may fail.

        Not checked while a release is good. What fails waits as a delivery hold; no reservation changes.
        """
        kept = self.state.orders.get(order)
        if kept is None:
            raise NOTHING_RESERVED(account=self.acting or self.state.account, order=order)
        return self._check_delivery(order, kept, on)

    def examine_held(self, on: date) -> None:
        """Reserve for every held request that fits now, oldest first, and let goods go that fit again.

        Strict order: a request that does not fit keeps the younger ones of its account waiting; in strict order at the
        top, those of the whole group.
        """
        for order in list(self.state.delivery_holds):
            self._check_delivery(order, self.state.orders[order], on)
        waiting: set[str] = set()
        for order, held in sorted(self.state.held.items(), key=lambda item: item[1].turn):
            if held.account in waiting:
                continue
            asked = Question(order, held.amount, on, held.account, held.currency, held.plan)
            if not judge(self.state, asked).reasons:
                self._reserve(asked, held.revision)
            elif self._strict("", on):
                return
            elif self._strict(held.account, on):
                waiting.add(held.account)

    def begin_day(self, on: date) -> None:
        """The turn of dated limits and rules; orders that come within the horizon are checked."""
        for order, kept in list(self.state.orders.items()):
            if kept.unchecked:
                until = horizon_end(self.state.book(kept.account).policy_on(on).policy, on)
                if counted(kept.amount, kept.plan, until) == kept.amount:
                    self._check_delivery(order, kept, on)
        self.examine_held(on)

    def _check_delivery(self, order: str, kept: Commitment, on: date) -> Judgement:
        asked = Question(order, kept.amount, on, kept.account, kept.currency, kept.plan, again=True)
        found, waits = judge(self.state, asked), order in self.state.delivery_holds
        released = self.state.is_free(order, kept.amount, on)
        values = {"order": order, "exposure": found.exposure, "limit": found.limit, "on": on}
        values |= self._decision(kept.account, on)
        if not found.reasons:
            self.happened(facts.DeliveryPassed, released=released, **values)
            return Judgement((), found.exposure, found.limit)
        if not waits:
            self.happened(facts.DeliveryHeld, reasons=found.reasons, **values)
        return found

    def _waiting(self, order: str, revision: int) -> HeldRequest:
        """What is held of the order: its request, or goods of what is reserved."""
        state, held = self.state, self.state.held.get(order)
        kept = state.orders.get(order)
        if held is None and kept is not None and order in state.delivery_holds:
            whose = (kept.account, kept.currency, kept.plan)
            held = HeldRequest(kept.revision, kept.amount, 0, state.delivery_holds[order], *whose)
        if held is None or held.revision != revision:
            known = [f"{name} revision {one.revision}" for name, one in state.held.items()]
            raise ORDER_NOT_HELD(account=state.account, order=order, revision=revision, held=known or "none")
        return held

    def _reserve(self, asked: Question, revision: int) -> None:
        book = self.state.book(asked.account)
        until = horizon_end(book.policy_on(asked.day).policy, asked.day)
        self.happened(
            facts.Reserved,
            order=asked.order,
            revision=revision,
            amount=asked.amount,
            moved=StageAmounts(open_orders=asked.amount - self.state.committed(asked.order)),
            on=asked.day,
            **self._decision(asked.account, asked.day),
            currency=asked.currency,
            plan=asked.plan,
            unchecked=counted(asked.amount, asked.plan, until) != asked.amount,
        )

    def _decision(self, account: str, on: date) -> dict[str, object]:
        """What every decision says of itself."""
        version = self.state.book(account).policy_on(on).version
        return {"seen": self.seen, "policy_version": version, "account": account}

    def _strict(self, account: str, on: date) -> bool:
        book = self.state.book(account)
        return book.strict_fifo or book.policy_on(on).policy.strict_fifo

    def _currency(self, currency: str) -> str:
        """As it is kept: "" for the account's own."""
        return "" if currency == self.state.book(self.acting).currency else currency

    def _not_negative(self, document: str, amount: Decimal) -> None:
        if amount < 0:
            name = self.acting or self.state.account
            raise AMOUNT_NEGATIVE(account=name, document=document, figure=amount, excess=-amount)
