"""Why something is not agreed with a trading partner as asked."""

from __future__ import annotations

from domain.refusal import Kind, Refusal

LIMIT_NEGATIVE = Refusal(
    "partner.limit_negative",
    "A credit limit of {amount} {currency} for partner {partner} is below 0. Agree 0 to give no credit.",
)
LIMIT_IN_ANOTHER_CURRENCY = Refusal(
    "partner.limit_in_another_currency",
    "Partner {partner} is kept in {currency}; a credit limit of {amount} {asked} cannot be compared with"
    " it. Agree it in {currency}.",
)
LAST_BEFORE_FIRST = Refusal(
    "partner.last_before_first",
    "The credit limit of partner {partner} would last from {first_day} to {last_day}, which is before it"
    " begins. Name a last day on or after {first_day}.",
)
TIMEOUT_WITHOUT_DAYS = Refusal(
    "partner.timeout_without_days",
    "Invoicing partner {partner} on receipt or time-out needs a time-out of 1 day or more; {days} was sent.",
)
ACCEPTED_AT_DISPATCH = Refusal(
    "partner.accepted_at_dispatch",
    "Partner {partner} cannot be invoiced at dispatch for what it accepted: that is not known before the"
    " receipt. Agree the trigger RECEIPT, or the quantity SHIPPED.",
)
OWN_PARENT = Refusal(
    "partner.own_parent",
    "Partner {partner} cannot be its own parent. Name another partner, or none.",
)
PARTNER_CLOSED = Refusal(
    "partner.closed",
    "Partner {partner} is closed since {closed_on} and takes no {act} on {day}. Register a new partner for"
    " new business.",
    Kind.CONFLICT,
)
