"""Why a credit account refuses a command; a request that does not fit is no refusal but a fact."""

from __future__ import annotations

from domain.refusal import Kind, Refusal

AMOUNT_NEGATIVE = Refusal(
    "credit.amount_negative",
    "Account {account}: {document} states {figure}, the least is 0, short by {excess}. "
    "Send the amount that stands, not the difference.",
)
INCREASE_ENDS_BEFORE_IT_BEGINS = Refusal(
    "credit.last_day_before_first",
    "Account {account}: a limit of {figure} from {first_day} cannot end on {last_day}, {excess} days earlier. "
    "Give a last day on or after {first_day}.",
)
ORDER_NOT_HELD = Refusal(
    "credit.order_not_held",
    "Account {account} holds no request for {order} at revision {revision}; it holds {held}. "
    "Read the order again: it may have been released, changed or cancelled since.",
    Kind.CONFLICT,
)
REQUESTER_CANNOT_APPROVE = Refusal(
    "credit.requester_cannot_approve",
    "{approver} asked for the release of {order} ({figure} over the limit) and cannot approve it. "
    "Ask another person who may release credit.",
    Kind.FORBIDDEN,
)
APPROVER_LACKS_AUTHORITY = Refusal(
    "credit.approver_lacks_authority",
    "{order} goes {figure} over the limit of account {account}; {approver} may release up to {limit}, "
    "{excess} less. Ask a person with higher authority.",
    Kind.FORBIDDEN,
)
NOTHING_RESERVED = Refusal(
    "credit.nothing_reserved",
    "Account {account} has nothing reserved for {order}: it is held, was delivered or cancelled. Read the order again.",
    Kind.CONFLICT,
)
ITEM_NOT_OPEN = Refusal(
    "credit.item_not_open",
    "Account {account}: {limit} is open of {item}, {figure} cannot be disputed, {excess} too much. Name what is open.",
    Kind.CONFLICT,
)
DRAFT_UNKNOWN = Refusal(
    "credit.draft_unknown",
    "Account {account} holds no draft {draft}. Check its number; one that has ended is no longer held.",
    Kind.CONFLICT,
)
RATE_NOT_POSITIVE = Refusal(
    "credit.rate_not_positive",
    "{pair} at {figure} is no rate. Send how many units of the first currency are one of the second, above 0.",
)
IN_ANOTHER_GROUP = Refusal(
    "credit.in_another_group",
    "Account {account} already belongs to the group of {group}. Accounts stay in their group; name a parent within it.",
    Kind.CONFLICT,
)
NO_SUCH_MEMBER = Refusal(
    "credit.no_such_member",
    "Account {account} is no member of the group of {group}. Check both names.",
    Kind.NOT_FOUND,
)
ABOVE_ITSELF = Refusal(
    "credit.above_itself",
    "Account {account} cannot stand below {parent}, which is itself or stands below it. Name another parent.",
)
