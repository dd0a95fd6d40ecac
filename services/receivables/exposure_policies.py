"""Whenever ..., then ...: how the credit account follows what receivables itself records, and the turn of days.

Every amount is at one stage at a time (C6): an invoice takes from "delivered" what its goods were worth when they
left and adds to the receivable what it bills.
"""

from __future__ import annotations

from collections.abc import Sequence

from domain.day import Day
from domain.deduction import Deduction
from domain.invoice import Invoice
from domain.invoice_facts import InvoiceKind
from domain.recorded import RecordedEvent
from domain.settlement import Settlement
from domain.shipment_billing import ShipmentBilling
from domain.values import ZERO
from projections import credit_exposure
from services.command import Command
from services.reactions import Policy, Sight
from services.receivables.credit_items import items_of
from services.receivables.crediting import (
    ExamineHeld, RecordCredited, RecordDue, RecordInvoiced, RecordPaid, RecordPaidFromAccount, RecordPaymentReversed,
    RecordVoided,
)


def owe_what_is_invoiced(recorded: RecordedEvent, _: Sight) -> Sequence[Command]:
    """An invoice of a shipment is followed through the shipment's billing, which knows what its goods were worth."""
    event = recorded.event
    if not isinstance(event, Invoice.Issued):
        return []
    if event.kind is InvoiceKind.CREDIT_MEMO:
        return [RecordCredited(
            account=event.account, document=event.originator_id, amount=-event.gross, currency=event.currency
        )]
    if event.shipment is None:
        return [RecordInvoiced(
            account=event.account, invoice=event.originator_id, gross=event.gross, delivered=ZERO, due_on=event.due_on,
            currency=event.currency,
        )]
    if event.due_on is None:
        return []
    return [RecordDue(
        account=event.account, invoice=event.originator_id, due_on=event.due_on, expected=True, currency=event.currency
    )]


def know_when_it_is_due(recorded: RecordedEvent, sight: Sight) -> Sequence[Command]:
    """The account of an invoice never changes, so that looking it up gives the same command every time."""
    event = recorded.event
    if not isinstance(event, Invoice.DueDatesKnown) or event.due_on is None:
        return []
    invoice = sight.look(Invoice, event.originator_id)
    if invoice is None or invoice.state.kind is InvoiceKind.CREDIT_MEMO:
        return []
    return [RecordDue(account=invoice.state.account, invoice=event.originator_id, due_on=event.due_on)]


def owe_what_is_billed_of_a_shipment(recorded: RecordedEvent, _: Sight) -> Sequence[Command]:
    match recorded.event:
        case ShipmentBilling.Invoiced() as event:
            invoice, gross = event.invoice, event.gross
        case ShipmentBilling.NotAccepted() as event:  # nothing is billed, and these goods wait no longer
            invoice, gross = event.originator_id, ZERO
        case _:
            return []
    return [RecordInvoiced(
        account=event.account, invoice=invoice, gross=gross, shipment=event.shipment, delivered=event.delivered
    )]


def no_longer_owe_what_is_voided(recorded: RecordedEvent, _: Sight) -> Sequence[Command]:
    match recorded.event:
        case ShipmentBilling.InvoiceWithdrawn() as withdrawn:
            return [RecordVoided(
                account=withdrawn.account, invoice=withdrawn.invoice, gross=withdrawn.gross,
                shipment=withdrawn.shipment, delivered=withdrawn.delivered,
            )]
        case Invoice.Voided(kind=InvoiceKind.CREDIT_MEMO) as memo:
            return [RecordPaid(
                account=memo.account, settlement=memo.originator_id, cleared=ZERO, on_account=ZERO, credits=-memo.gross
            )]
        case Invoice.Voided(shipment=None) as voided:
            return [RecordVoided(
                account=voided.account, invoice=voided.originator_id, gross=voided.gross, shipment=None, delivered=ZERO
            )]
    return []


def owe_less_when_paid(recorded: RecordedEvent, _: Sight) -> Sequence[Command]:
    match recorded.event:
        case Settlement.Allocated() as paid:
            return [RecordPaid(
                account=paid.account, settlement=paid.originator_id, cleared=paid.cleared, on_account=paid.on_account,
                credits=paid.credits_used,
            )]
        case Settlement.Reversed() as bounced:
            return [RecordPaymentReversed(
                account=bounced.account, settlement=bounced.originator_id, cleared=bounced.cleared,
                on_account=bounced.on_account, credits=bounced.credits_used,
            )]
        case Deduction.Credited() as resolved:
            return [RecordPaid(
                account=resolved.account, settlement=resolved.originator_id, cleared=resolved.amount, on_account=ZERO,
                credits=resolved.amount,
            )]
        case Settlement.PutOnAccount() as back:
            return [RecordPaid(
                account=back.account, settlement=back.originator_id, cleared=ZERO, on_account=back.amount, credits=ZERO
            )]
        case Deduction.WrittenOff() as given_up:
            return [RecordPaid(
                account=given_up.account, settlement=given_up.document, cleared=given_up.amount, on_account=ZERO,
                credits=ZERO,
            )]
    return []


def owe_less_when_paid_from_account(recorded: RecordedEvent, _: Sight) -> Sequence[Command]:
    event = recorded.event
    if not isinstance(event, Settlement.AllocatedFromAccount):
        return []
    return [RecordPaidFromAccount(
        account=event.account, settlement=event.originator_id, cleared=event.cleared, on_account=-event.amount,
        credits=event.credits_used, items=items_of(event.allocations),
    )]


def examine_what_is_held(recorded: RecordedEvent, sight: Sight) -> Sequence[Command]:
    """A new day may begin or end a limit: accounts of its zone that hold requests, or watch a horizon, look again."""
    event = recorded.event
    if not isinstance(event, Day.Began):
        return []
    with sight.view(credit_exposure.VIEW.name, recorded) as connection:
        accounts = credit_exposure.held_accounts(connection, event.zone)
    return [ExamineHeld(account=account, day=event.date) for account in accounts]


ON_RECEIVABLES = (
    Policy("owe_what_is_invoiced", (Invoice.Issued,), owe_what_is_invoiced),
    Policy("know_when_it_is_due", (Invoice.DueDatesKnown,), know_when_it_is_due),
    Policy(
        "owe_what_is_billed_of_a_shipment",
        (ShipmentBilling.Invoiced, ShipmentBilling.NotAccepted),
        owe_what_is_billed_of_a_shipment,
    ),
    Policy(
        "no_longer_owe_what_is_voided",
        (ShipmentBilling.InvoiceWithdrawn, Invoice.Voided),
        no_longer_owe_what_is_voided,
    ),
    Policy(
        "owe_less_when_paid",
        (Settlement.Allocated, Settlement.Reversed, Deduction.Credited, Settlement.PutOnAccount, Deduction.WrittenOff),
        owe_less_when_paid,
    ),
    Policy("owe_less_when_paid_from_account", (Settlement.AllocatedFromAccount,), owe_less_when_paid_from_account),
    Policy("examine_what_is_held", (Day.Began,), examine_what_is_held),
)
