"""Whenever ..., then ...: what the orders service does about facts, its own and those of receivables."""

from __future__ import annotations

from collections.abc import Sequence

from domain.agreements import ConfirmationMode
from domain.credit import reason_sentence
from domain.credit_account import CreditAccount
from domain.day import Day
from domain.order import HoldReason, Order
from domain.recorded import RecordedEvent
from projections import deadlines
from services.command import Command
from services.orders import evidence_policies
from services.orders.edi import policies as edi_policies
from services.orders.ordering import ConfirmAsOrdered, ExpireOrder, FreeDelivery, HoldDelivery, HoldOrder, ReleaseOrder
from services.orders.shipping import TimeOutReceipt
from services.reactions import Policy, Sight


def release_or_hold_as_credit_decided(recorded: RecordedEvent, _: Sight) -> Sequence[Command]:
    match recorded.event:
        case CreditAccount.Reserved(order=order, revision=revision):
            return [ReleaseOrder(order=order, revision=revision, reservation=recorded.reference)]
        case CreditAccount.ReleasedByPerson(order=order, revision=revision):
            return [ReleaseOrder(order=order, revision=revision, reservation=recorded.reference)]
        case CreditAccount.ReservationRefused(order=order, revision=revision, reasons=reasons):
            held = tuple(HoldReason(r.code, r.figure, r.limit, r.excess, reason_sentence(r)) for r in reasons)
            return [HoldOrder(order=order, revision=revision, reasons=held)]
    return []


def let_goods_go_as_credit_decided(recorded: RecordedEvent, _: Sight) -> Sequence[Command]:
    match recorded.event:
        case CreditAccount.DeliveryHeld(order=order, reasons=reasons):
            held = tuple(HoldReason(r.code, r.figure, r.limit, r.excess, reason_sentence(r)) for r in reasons)
            return [HoldDelivery(order=order, reasons=held)]
        case CreditAccount.DeliveryPassed(order=order) | CreditAccount.ReleasedByPerson(order=order):
            return [FreeDelivery(order=order, decision=recorded.reference)]
    return []


def confirm_what_was_released(recorded: RecordedEvent, _: Sight) -> Sequence[Command]:
    """Where confirmation is agreed as AUTO; the number names the revision, so it is given once."""
    event = recorded.event
    if not isinstance(event, Order.Released):
        return []
    if event.confirmation is not ConfirmationMode.AUTO:
        return []
    return [ConfirmAsOrdered(order=event.originator_id, confirmation=f"auto-{event.revision}")]


def let_deadlines_pass(recorded: RecordedEvent, sight: Sight) -> Sequence[Command]:
    """On the beginning of a day: orders past their cancel-after date, receipts that were waited for too long."""
    event = recorded.event
    if not isinstance(event, Day.Began):
        return []
    with sight.view("deadlines", recorded) as connection:
        passed = deadlines.due(connection, event.date, event.zone)
    commands: list[Command] = []
    for due in passed:
        if due.kind == deadlines.CANCEL_AFTER:
            commands.append(ExpireOrder(order=due.subject, day=event.date))
        else:
            commands.append(TimeOutReceipt(shipment=due.subject, day=event.date))
    return commands


ON_RECEIVABLES = (
    Policy(
        "release_or_hold_as_credit_decided",
        (CreditAccount.Reserved, CreditAccount.ReleasedByPerson, CreditAccount.ReservationRefused),
        release_or_hold_as_credit_decided,
    ),
    Policy(
        "let_goods_go_as_credit_decided",
        (CreditAccount.DeliveryHeld, CreditAccount.DeliveryPassed, CreditAccount.ReleasedByPerson),
        let_goods_go_as_credit_decided,
    ),
    *edi_policies.ON_RECEIVABLES,
)
ON_ORDERS = (
    Policy("confirm_what_was_released", (Order.Released,), confirm_what_was_released),
    Policy("let_deadlines_pass", (Day.Began,), let_deadlines_pass),
    *evidence_policies.ON_ORDERS,
    *edi_policies.ON_ORDERS,
)
