"""Whenever ..., then ...: what the receivables service does about facts, its own and those of orders."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from domain.order import Order
from domain.recorded import RecordedEvent
from domain.shipment import Shipment
from domain.trading_partner import TradingPartner
from services.command import Command
from services.reactions import Policy, Sight
from services.receivables.crediting import (
    AgreeLimit, OpenAccount, RecordGoodsOut, ReduceReservation, ReserveCredit,
)


FIRST_REVISION = 1


def keep_the_account_as_agreed(recorded: RecordedEvent, _: Sight) -> Sequence[Command]:
    match recorded.event:
        case TradingPartner.Registered(account=account, currency=currency, zone=zone):
            return [OpenAccount(account=account, currency=currency, zone=zone)]
        case TradingPartner.CreditLimitAgreed(account=account, amount=amount, first_day=first, last_day=last):
            return [AgreeLimit(account=account, amount=amount, first_day=first, last_day=last)]
    return []


def reserve_credit_for_what_is_ordered(recorded: RecordedEvent, _: Sight) -> Sequence[Command]:
    event = recorded.event
    match event:
        case Order.Placed(account=account, gross=gross):
            return [ReserveCredit(account=account, order=event.originator_id, revision=FIRST_REVISION, amount=gross)]
        case Order.AmendedByCustomer(account=account, revision=revision, gross=gross):
            return [ReserveCredit(account=account, order=event.originator_id, revision=revision, amount=gross)]
    return []


def give_back_what_is_no_longer_ordered(recorded: RecordedEvent, _: Sight) -> Sequence[Command]:
    event = recorded.event
    match event:
        case Order.LineCancelled() | Order.Cancelled() | Order.Expired() | Order.ClosedShort():
            return [ReduceReservation(account=event.account, order=event.originator_id, amount=event.open_gross)]
    return []


def move_exposure_with_the_goods(recorded: RecordedEvent, _: Sight) -> Sequence[Command]:
    """Each order's share of a shipment leaves its reservation and waits for the invoice."""
    event = recorded.event
    if not isinstance(event, Shipment.Dispatched):
        return []
    shares: dict[str, Any] = {}
    for line in event.lines:
        shares[line.order] = shares.get(line.order, 0) + line.gross
    return [
        RecordGoodsOut(
            account=event.account, order=order, shipment=event.originator_id, amount=amount,
            fulfils=event.fulfils.get(order),
        )
        for order, amount in shares.items()
    ]


ON_ORDERS = (
    Policy(
        "keep_the_account_as_agreed",
        (TradingPartner.Registered, TradingPartner.CreditLimitAgreed),
        keep_the_account_as_agreed,
    ),
    Policy(
        "reserve_credit_for_what_is_ordered",
        (Order.Placed, Order.AmendedByCustomer),
        reserve_credit_for_what_is_ordered,
    ),
    Policy(
        "give_back_what_is_no_longer_ordered",
        (Order.LineCancelled, Order.Cancelled, Order.Expired, Order.ClosedShort),
        give_back_what_is_no_longer_ordered,
    ),
    Policy("move_exposure_with_the_goods", (Shipment.Dispatched,), move_exposure_with_the_goods),
)
