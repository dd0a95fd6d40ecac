"""The commands on a credit account: its limit, the reservations and every movement of exposure (decision 31)."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any, ClassVar

from domain.credit_account import CreditAccount
from domain.credit_book import ItemShift, Planned
from services.command import Answer, Command
from services.event_log.work import Work
from services.fields import Amount, Code, Day, Stream
from services.receivables.credit_accounts import credit_account, credit_answer
from services.receivables.credit_items import currency_of, items_paid, items_reversed


class OpenAccount(Command):
    """A credit account for a partner; opened before is silent."""

    NAME: ClassVar[str] = "credit.open"
    account: Code
    currency: str
    zone: str


class AgreeLimit(Command):
    """The limit agreed with the partner, as the account keeps it."""

    NAME: ClassVar[str] = "credit.agree_limit"
    account: Code
    amount: Amount
    first_day: date
    last_day: date | None = None


class RaiseLimitTemporarily(Command):
    """A temporary increase, first and last day inclusive."""

    NAME: ClassVar[str] = "credit.raise_limit_temporarily"
    account: Code
    amount: Amount
    first_day: Day
    last_day: Day


class ReserveCredit(Command):
    """Ask for an order's whole undelivered value; only what it adds is checked."""

    NAME: ClassVar[str] = "credit.reserve"
    account: str
    order: Stream
    revision: int
    amount: Decimal
    currency: str = ""
    plan: tuple[Planned, ...] = ()


class ReduceReservation(Command):
    """The order's open part is worth less from now on."""

    NAME: ClassVar[str] = "credit.reduce"
    account: str
    order: Stream
    amount: Decimal


class RecordGoodsOut(Command):
    """Goods of the order have left: what was reserved for them is now delivered."""

    NAME: ClassVar[str] = "credit.record_delivery"
    account: str
    order: Stream
    shipment: Stream
    amount: Decimal
    fulfils: Decimal | None = None


class RecordInvoiced(Command):
    """An invoice was issued: what was delivered is now receivable."""

    NAME: ClassVar[str] = "credit.record_invoice"
    account: str
    invoice: Stream
    gross: Decimal
    shipment: Stream | None = None
    delivered: Decimal | None = None
    due_on: date | None = None
    currency: str = ""


class RecordDue(Command):
    """From which day on an invoice counts as overdue; ``expected`` where its amount is about to come."""

    NAME: ClassVar[str] = "credit.record_due"
    account: str
    invoice: Stream
    due_on: date
    expected: bool = False
    currency: str = ""


class RecordVoided(Command):
    """An invoice was voided: its goods wait for another one."""

    NAME: ClassVar[str] = "credit.record_void"
    account: str
    invoice: Stream
    gross: Decimal
    shipment: Stream | None
    delivered: Decimal


class RecordCredited(Command):
    """A credit memo waits to be applied."""

    NAME: ClassVar[str] = "credit.record_credit"
    account: str
    document: Stream
    amount: Decimal
    currency: str = ""


class RecordPaid(Command):
    """Money came in: what it cleared, what stays on account, which credits it used."""

    NAME: ClassVar[str] = "credit.record_payment"
    account: str
    settlement: Stream
    cleared: Decimal
    on_account: Decimal
    credits: Decimal


class RecordPaidFromAccount(RecordPaid):
    """What was on account pays documents: by how much it changes which open item."""

    NAME: ClassVar[str] = "credit.record_payment_from_account"
    items: tuple[ItemShift, ...]


class RecordPaymentReversed(RecordPaid):
    """The money was taken back."""

    NAME: ClassVar[str] = "credit.reverse_payment"


class ReleaseHeldOrder(Command):
    """Release an order that does not fit, on the word of two persons; who asks for it never approves it."""

    NAME: ClassVar[str] = "credit.release_held_order"
    account: Code
    order: Stream
    revision: int
    requester: Code


class ExamineHeld(Command):
    """Look again at what is held: ``day`` has begun, and with it limits may have begun or ended."""

    NAME: ClassVar[str] = "credit.examine_held"
    account: str
    day: date


def open_account(work: Work, command: OpenAccount) -> Answer:
    known = work.find(CreditAccount, CreditAccount.stream(command.account))
    if known is not None:
        return credit_answer(known, command.account)
    opened = work.add(CreditAccount.open(command.account, command.currency, command.zone))
    return credit_answer(opened, command.account, 201)


def agree_limit(work: Work, command: AgreeLimit) -> Answer:
    account, day = credit_account(work, command.account)
    account.agree_limit(command.amount, command.first_day, command.last_day, day)
    return credit_answer(account, command.account)


def raise_limit_temporarily(work: Work, command: RaiseLimitTemporarily) -> Answer:
    account, day = credit_account(work, command.account)
    account.raise_limit_temporarily(command.amount, command.first_day, command.last_day, day)
    return credit_answer(account, command.account)


def reserve_credit(work: Work, command: ReserveCredit) -> Answer:
    account, day = credit_account(work, command.account)
    account.reserve(
        command.order, command.revision, command.amount, day, currency=command.currency, plan=command.plan
    )
    return credit_answer(account, command.account)


def reduce_reservation(work: Work, command: ReduceReservation) -> Answer:
    account, day = credit_account(work, command.account)
    account.reduce(command.order, command.amount, day)
    return credit_answer(account, command.account)


def record_goods_out(work: Work, command: RecordGoodsOut) -> Answer:
    account, day = credit_account(work, command.account)
    account.record_delivery(command.order, command.shipment, command.amount, day, fulfils=command.fulfils)
    return credit_answer(account, command.account)


def record_invoiced(work: Work, command: RecordInvoiced) -> Answer:
    account, day = credit_account(work, command.account)
    account.record_invoice(
        command.invoice, command.gross, day, shipment=command.shipment, delivered=command.delivered,
        due_on=command.due_on, currency=command.currency,
    )
    return credit_answer(account, command.account)


def record_due(work: Work, command: RecordDue) -> Answer:
    account, day = credit_account(work, command.account)
    account.record_due(command.invoice, command.due_on, day, expected=command.expected, currency=command.currency)
    return credit_answer(account, command.account)


def record_voided(work: Work, command: RecordVoided) -> Answer:
    account, day = credit_account(work, command.account)
    account.record_void(command.invoice, command.gross, day, shipment=command.shipment, delivered=command.delivered)
    return credit_answer(account, command.account)


def record_credited(work: Work, command: RecordCredited) -> Answer:
    account, day = credit_account(work, command.account)
    account.record_credit(command.document, command.amount, day, currency=command.currency)
    return credit_answer(account, command.account)


def record_paid(work: Work, command: RecordPaid) -> Answer:
    account, day = credit_account(work, command.account)
    account.record_payment(
        command.settlement, command.cleared, day, on_account=command.on_account, credits=command.credits,
        items=items_paid(work, command.settlement, command.cleared), currency=currency_of(work, command.settlement),
    )
    return credit_answer(account, command.account)


def record_paid_from_account(work: Work, command: RecordPaidFromAccount) -> Answer:
    account, day = credit_account(work, command.account)
    account.record_payment(
        command.settlement, command.cleared, day, on_account=command.on_account, credits=command.credits,
        items=command.items, currency=currency_of(work, command.settlement),
    )
    return credit_answer(account, command.account)


def record_payment_reversed(work: Work, command: RecordPaymentReversed) -> Answer:
    account, day = credit_account(work, command.account)
    account.reverse_payment(
        command.settlement, command.cleared, day, on_account=command.on_account, credits=command.credits,
        items=items_reversed(work, command.settlement), currency=currency_of(work, command.settlement),
    )
    return credit_answer(account, command.account)


def release_held_order(work: Work, command: ReleaseHeldOrder) -> Answer:
    account, day = credit_account(work, command.account)
    account.release_by_person(command.order, command.revision, command.requester, work.context.actor, day)
    return credit_answer(account, command.account)


def examine_held(work: Work, command: ExamineHeld) -> Answer:
    account, _ = credit_account(work, command.account)
    account.begin_day(command.day)
    return credit_answer(account, command.account)


HANDLERS: dict[type[Command], Any] = {
    OpenAccount: open_account,
    AgreeLimit: agree_limit,
    RaiseLimitTemporarily: raise_limit_temporarily,
    ReserveCredit: reserve_credit,
    ReduceReservation: reduce_reservation,
    RecordGoodsOut: record_goods_out,
    RecordInvoiced: record_invoiced,
    RecordDue: record_due,
    RecordVoided: record_voided,
    RecordCredited: record_credited,
    RecordPaid: record_paid,
    RecordPaidFromAccount: record_paid_from_account,
    RecordPaymentReversed: record_payment_reversed,
    ReleaseHeldOrder: release_held_order,
    ExamineHeld: examine_held,
}
