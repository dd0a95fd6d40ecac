"""Whenever ..., then ...: what the receivables service does about the facts of the orders log."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from typing import Any

from domain.agreements import InvoicedQuantity, InvoiceTrigger
from domain.allocation import NO_TOLERANCE, Tolerance
from domain.credit_book import Planned
from domain.dispute.agreement import fine_rule
from domain.dispute.fines import rule_of
from domain.dispute.terms import DeductionTerms, terms_from
from domain.fill_rate.form import policy_from
from domain.interchange import EdiDocument
from domain.order import Order, OrderLine
from domain.recorded import RecordedEvent
from domain.refusal import Refused
from domain.shipment import Shipment
from domain.shipment_billing import goods_key
from domain.trading_partner import TradingPartner
from domain.values import ZERO, split_money
from services.command import Command
from services.reactions import Policy, Sight
from services.receivables.advising import RecordAdvice
from services.receivables.billing import CreditShipment, DateByReceipt, InvoiceShipment, OpenBilling, RecordCount
from services.receivables.crediting import AgreeLimit, OpenAccount, RecordGoodsOut, ReduceReservation, ReserveCredit
from services.receivables.debtors import KeepTerms, KeepTolerance, RegisterDebtor
from services.receivables.deduction_terms import KeepDeductionTerms, KeepFineRule

FIRST_REVISION = 1
REMITTANCE_ADVICE = "remittance_advice"


def keep_the_account_as_agreed(recorded: RecordedEvent, _: Sight) -> Sequence[Command]:
    match recorded.event:
        case TradingPartner.Registered(account=account, currency=currency, zone=zone):
            return [OpenAccount(account=account, currency=currency, zone=zone)]
        case TradingPartner.CreditLimitAgreed(account=account, amount=amount, first_day=first, last_day=last):
            return [AgreeLimit(account=account, amount=amount, first_day=first, last_day=last)]
    return []


def know_the_debtor(recorded: RecordedEvent, _: Sight) -> Sequence[Command]:
    match recorded.event:
        case TradingPartner.Registered(partner=partner, company=company, account=account, currency=currency):
            return [RegisterDebtor(partner=partner, company=company, account=account, currency=currency)]
        case TradingPartner.PaymentTermsAgreed(partner=partner, terms=terms, first_day=first):
            return [KeepTerms(partner=partner, terms=terms, first_day=first)]
        case TradingPartner.DeductionAgreementAgreed(partner=partner, agreement=agreement, first_day=first):
            kept = KeepTolerance(partner=partner, tolerance=tolerance_of(agreement), first_day=first)
            return [kept, KeepDeductionTerms(partner=partner, terms=deduction_terms_of(agreement), first_day=first)]
    return []


def know_how_the_debtor_fines(recorded: RecordedEvent, _: Sight) -> Sequence[Command]:
    """What of a fill-rate policy a fine is computed anew by."""
    event = recorded.event
    if not isinstance(event, TradingPartner.FillRatePolicyAgreed):
        return []
    try:
        rule = rule_of(policy_from(event.policy))
    except Refused:
        return []
    if rule is None:
        return []
    return [KeepFineRule(partner=event.partner, rule=fine_rule(event.policy_id, event.first_day, rule))]


def deduction_terms_of(agreement: dict[str, Any]) -> DeductionTerms:
    """Nothing of an agreement that cannot be read: new ones are refused at the door, old ones stay as they were."""
    try:
        return terms_from(agreement)
    except Refused:
        return DeductionTerms()


def tolerance_of(agreement: dict[str, Any]) -> Tolerance:
    """``{"tolerance": {"amount": "10.00", "percent": "0.5"}}``; a blank part disables it, zero would not."""
    stated = agreement.get("tolerance")
    if not isinstance(stated, dict):
        return NO_TOLERANCE
    try:
        amount, percent = (Decimal(str(stated[name])) for name in ("amount", "percent"))
    except (KeyError, ArithmeticError):
        return NO_TOLERANCE
    return Tolerance(amount, percent) if amount.is_finite() and percent.is_finite() else NO_TOLERANCE


def reserve_credit_for_what_is_ordered(recorded: RecordedEvent, _: Sight) -> Sequence[Command]:
    event = recorded.event
    match event:
        case Order.Placed(account=account, gross=gross, currency=currency, lines=lines):
            return [ReserveCredit(
                account=account, order=event.originator_id, revision=FIRST_REVISION, amount=gross, currency=currency,
                plan=planned(lines, currency),
            )]
        case Order.AmendedByCustomer(account=account, revision=revision, gross=gross):
            return [ReserveCredit(account=account, order=event.originator_id, revision=revision, amount=gross)]
    return []


def planned(lines: Sequence[OrderLine], currency: str) -> tuple[Planned, ...]:
    """The value asked for by the day on which it is asked for; a line's own value by its quantities."""
    by_day: dict[date, Decimal] = {}
    for line in lines:
        parts = split_money(line.gross, [wanted.quantity for wanted in line.schedule], currency) if line.gross else []
        for wanted, part in zip(line.schedule, parts, strict=False):
            by_day[wanted.requested_on] = by_day.get(wanted.requested_on, ZERO) + part
    return tuple(Planned(day, amount) for day, amount in sorted(by_day.items()))


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


def bill_what_was_dispatched(recorded: RecordedEvent, _: Sight) -> Sequence[Command]:
    """Every shipment waits for its invoice; where agreed so, it is issued as the goods leave."""
    event = recorded.event
    if not isinstance(event, Shipment.Dispatched):
        return []
    opened = OpenBilling(
        shipment=event.originator_id, company=event.company, partner=event.partner, account=event.account,
        currency=event.currency, terms=event.terms, lines=event.lines,
    )
    if event.invoicing.trigger is not InvoiceTrigger.DISPATCH:
        return [opened]
    invoiced = InvoiceShipment(
        shipment=event.originator_id, company=event.company, document="dispatch", issued_on=event.dispatched_on,
        received_on=None, lines=event.lines,
    )
    return [opened, invoiced]


def bill_what_was_received(recorded: RecordedEvent, _: Sight) -> Sequence[Command]:
    """What the advice gives to be invoiced, what it takes back, and the day that terms may count from."""
    event = recorded.event
    if not isinstance(event, Shipment.Received):
        return []
    shipment, document = event.originator_id, f"receipt:{event.document}:{event.version}"
    commands: list[Command] = []
    if event.billed:
        commands.append(InvoiceShipment(
            shipment=shipment, company=event.company, document=document, issued_on=event.received_on,
            received_on=event.received_on, lines=event.billed,
        ))
    if event.overbilled:
        commands.append(CreditShipment(
            shipment=shipment, document=f"{document}:less", issued_on=event.received_on, lines=event.overbilled
        ))
    terms = event.invoicing
    if terms.trigger is not InvoiceTrigger.DISPATCH and terms.quantity is InvoicedQuantity.ACCEPTED:
        keys = tuple(goods_key(line.order, line.line) for line in event.lines)
        commands.append(RecordCount(shipment=shipment, document=document, keys=keys))
    return [*commands, DateByReceipt(shipment=shipment, received_on=event.received_on)]


def bill_what_nobody_counted(recorded: RecordedEvent, _: Sight) -> Sequence[Command]:
    event = recorded.event
    if not isinstance(event, Shipment.ReceiptTimedOut) or not event.billed:
        return []
    return [InvoiceShipment(
        shipment=event.originator_id, company=event.company, document="timeout", issued_on=event.day,
        received_on=None, lines=event.billed,
    )]


def settle_what_an_advice_says(recorded: RecordedEvent, _: Sight) -> Sequence[Command]:
    """An advice that has come, unless orders keeps it without effect; and one that a person lets try again."""
    match recorded.event:
        case EdiDocument.Received(kind=kind, effective=True) as came if kind == REMITTANCE_ADVICE:
            return [RecordAdvice(
                document=came.originator_id, partner=came.partner, company=came.company, test=came.test,
                verdict=came.verdict, advice=came.document,
            )]
        case EdiDocument.TriedAgain(kind=kind) as again if kind == REMITTANCE_ADVICE:
            return [RecordAdvice(
                document=again.originator_id, partner=again.partner, company=again.company, test=False, verdict="A",
                advice=again.document, again=True,
            )]
    return []


ON_ORDERS = (
    Policy(
        "keep_the_account_as_agreed",
        (TradingPartner.Registered, TradingPartner.CreditLimitAgreed),
        keep_the_account_as_agreed,
    ),
    Policy(
        "know_the_debtor",
        (TradingPartner.Registered, TradingPartner.PaymentTermsAgreed, TradingPartner.DeductionAgreementAgreed),
        know_the_debtor,
    ),
    Policy("know_how_the_debtor_fines", (TradingPartner.FillRatePolicyAgreed,), know_how_the_debtor_fines),
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
    Policy("bill_what_was_dispatched", (Shipment.Dispatched,), bill_what_was_dispatched),
    Policy("bill_what_was_received", (Shipment.Received,), bill_what_was_received),
    Policy("bill_what_nobody_counted", (Shipment.ReceiptTimedOut,), bill_what_nobody_counted),
    Policy(
        "settle_what_an_advice_says", (EdiDocument.Received, EdiDocument.TriedAgain), settle_what_an_advice_says
    ),
)
