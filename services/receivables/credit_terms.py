"""The commands that agree something about a credit account, and those that persons give about its items and goods."""

from __future__ import annotations

from decimal import Decimal
from typing import Annotated, Any, ClassVar

from pydantic import Field

from domain.credit_account import CreditAccount
from domain.credit_book import Cover, CoverKind, DraftKind
from domain.credit_policy import credit_policy_from, credit_policy_json
from services.command import Answer, Command
from services.event_log.work import Work
from services.fields import Amount, Code, CurrencyCode, Day, DecimalText, JsonObject, Stream, Text
from services.receivables.credit_accounts import credit_account, credit_answer
from services.receivables.crediting import AgreeLimit, agree_limit

ExchangeRate = Annotated[Decimal, DecimalText("7.25", 9, 9, gt=0)]
Percent = Annotated[Decimal, DecimalText("90", 3, 6)]


class AgreeAccountLimit(AgreeLimit):
    """The limit of an account of its own, for example at the top of a group, from its first day on."""

    NAME: ClassVar[str] = "credit.agree_account_limit"
    first_day: Day
    last_day: Day | None = None


class AgreeCreditPolicy(Command):
    """The account's credit rules from a day on: what counts, what is checked, who may release how much.

    A field that is left out has its default. Decisions taken before stay what they were, and name the version they saw.
    """

    NAME: ClassVar[str] = "credit.agree_policy"
    account: Code
    policy: JsonObject
    first_day: Day


class AgreeCover(Command):
    """What an insurer bears of the account's debts, or a letter of credit of one item (its order, shipment or invoice)."""

    NAME: ClassVar[str] = "credit.agree_cover"
    account: Code
    document: Code
    kind: CoverKind
    amount: Amount
    quota_percent: Percent = Decimal(100)
    first_day: Day
    last_day: Day | None = None
    item: Annotated[str, Field(max_length=4_000)] = ""


class RecordRate(Command):
    """``rate`` units of ``currency`` are one unit of ``against``, from the day on; it holds for the account's group."""

    NAME: ClassVar[str] = "credit.record_rate"
    account: Code
    currency: CurrencyCode
    against: CurrencyCode
    rate: ExchangeRate
    first_day: Day


class BlockAccount(Command):
    """Nothing more is reserved or delivered; what is reserved stays."""

    NAME: ClassVar[str] = "credit.block"
    account: Code
    reason: Text


class UnblockAccount(BlockAccount):
    """Requests are judged again, those held first."""

    NAME: ClassVar[str] = "credit.unblock"


class PlaceUnder(Command):
    """The account, with all that stands below it, is decided together with the group of ``parent`` from now on."""

    NAME: ClassVar[str] = "credit.place_under"
    account: Code
    parent: Code


class OpenGroupAccount(Command):
    """A credit account that no trading partner has: the top or a branch of a group."""

    NAME: ClassVar[str] = "credit.open_group_account"
    account: Code
    currency: CurrencyCode
    zone: Code


class DisputeItem(Command):
    """How much of an open item the customer contests from now on; 0.00 ends it."""

    NAME: ClassVar[str] = "credit.dispute_item"
    account: Code
    item: Stream
    disputed: Amount


class RecordPrepayment(Command):
    """How much of an order is paid in advance, in all; a wholly prepaid order is no matter of credit."""

    NAME: ClassVar[str] = "credit.record_prepayment"
    account: Code
    order: Stream
    amount: Amount


class RecordDraft(Command):
    """A bill of exchange was received: the customer's counts until it matures, the bank's only where agreed."""

    NAME: ClassVar[str] = "credit.record_draft"
    account: Code
    draft: Code
    kind: DraftKind
    amount: Amount
    matures_on: Day


class EndDraft(Command):
    """The draft was honoured, or not: then reverse the payment it was."""

    NAME: ClassVar[str] = "credit.end_draft"
    account: Code
    draft: Code
    honoured: bool = True


class CheckDelivery(Command):
    """Before goods leave: whether credit still stands; what does not pass waits as a delivery hold."""

    NAME: ClassVar[str] = "credit.check_delivery"
    account: Code
    order: Stream


def agree_policy(work: Work, command: AgreeCreditPolicy) -> Answer:
    policy = credit_policy_from(command.policy)
    account, day = credit_account(work, command.account)
    account.agree_policy(policy, command.first_day, day)
    agreed = account.state.book(command.account).policy_on(max(command.first_day, day))
    policy_json = credit_policy_json(agreed.policy)
    return credit_answer(account, command.account, policy_version=agreed.version, policy=policy_json)


def agree_cover(work: Work, command: AgreeCover) -> Answer:
    account, day = credit_account(work, command.account)
    values = command.model_dump(exclude={"account"})
    account.agree_cover(Cover(**values), day)
    return credit_answer(account, command.account)


def record_rate(work: Work, command: RecordRate) -> Answer:
    account, day = credit_account(work, command.account)
    account.record_rate(command.currency, command.against, command.rate, command.first_day, day)
    return credit_answer(account, command.account)


def block(work: Work, command: BlockAccount) -> Answer:
    account, _ = credit_account(work, command.account)
    account.block(command.reason)
    return credit_answer(account, command.account)


def unblock(work: Work, command: UnblockAccount) -> Answer:
    account, day = credit_account(work, command.account)
    account.unblock(command.reason, day)
    return credit_answer(account, command.account)


def open_group_account(work: Work, command: OpenGroupAccount) -> Answer:
    known = work.find(CreditAccount, CreditAccount.stream(command.account))
    if known is not None:
        return credit_answer(known, command.account)
    opened = work.add(CreditAccount.open(command.account, command.currency, command.zone))
    return credit_answer(opened, command.account, 201)


def place_under(work: Work, command: PlaceUnder) -> Answer:
    """Balances move by events, in one transaction of both streams."""
    member, _ = credit_account(work, command.account)
    group, day = credit_account(work, command.parent)
    if member is group:
        group.move_member(command.account, command.parent, day)
        return credit_answer(group, command.account)
    own = work.get(CreditAccount, CreditAccount.stream(command.account))
    balances = own.leave_for(command.parent, group.state.account)
    group.admit(balances, command.parent, day)
    return credit_answer(group, command.account)


def dispute_item(work: Work, command: DisputeItem) -> Answer:
    account, day = credit_account(work, command.account)
    account.dispute_item(command.item, command.disputed, day)
    return credit_answer(account, command.account)


def record_prepayment(work: Work, command: RecordPrepayment) -> Answer:
    account, day = credit_account(work, command.account)
    account.record_prepayment(command.order, command.amount, day)
    return credit_answer(account, command.account)


def record_draft(work: Work, command: RecordDraft) -> Answer:
    account, day = credit_account(work, command.account)
    account.receive_draft(command.draft, command.kind, command.amount, command.matures_on, day)
    return credit_answer(account, command.account)


def end_draft(work: Work, command: EndDraft) -> Answer:
    account, day = credit_account(work, command.account)
    account.end_draft(command.draft, command.honoured, day)
    return credit_answer(account, command.account)


def check_delivery(work: Work, command: CheckDelivery) -> Answer:
    """Answers with all failing reasons; a hold is a decision, no refusal."""
    account, day = credit_account(work, command.account)
    found = account.check_delivery(command.order, day)
    return credit_answer(
        account, command.account, order=command.order, passed=not found.reasons, reasons=found.reasons,
        exposure=found.exposure, limit=found.limit,
    )


HANDLERS: dict[type[Command], Any] = {
    AgreeAccountLimit: agree_limit,
    AgreeCreditPolicy: agree_policy,
    AgreeCover: agree_cover,
    RecordRate: record_rate,
    BlockAccount: block,
    UnblockAccount: unblock,
    OpenGroupAccount: open_group_account,
    PlaceUnder: place_under,
    DisputeItem: dispute_item,
    RecordPrepayment: record_prepayment,
    RecordDraft: record_draft,
    EndDraft: end_draft,
    CheckDelivery: check_delivery,
}
