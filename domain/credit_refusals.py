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
