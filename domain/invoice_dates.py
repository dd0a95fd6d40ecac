"""The dates an invoice gets from its payment terms: due, instalments, discounts; or why none is known yet."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Any

from domain.calendars import CALENDAR_UNKNOWN, WorkingDays
from domain.invoice_facts import DiscountOffer, InstalmentDue
from domain.payment_terms import Baseline, PaymentTerms, discount_amount, due_dates, instalment_amounts
from domain.refusal import Refused
from domain.values import ZERO


def invoice_dates(
    terms: PaymentTerms | None,
    *,
    net: Decimal,
    gross: Decimal,
    currency: str,
    baselines: Mapping[Baseline, date],
    working_days: WorkingDays,
) -> dict[str, Any]:
    """The dates of ``Issued``. A document is issued even where its dates are not known yet; then it says why."""
    nothing = {"due_on": None, "discount_on": None, "discount_amount": ZERO, "legal_warnings": ()}
    unknown = {**nothing, "discounts": (), "instalments": ()}
    if terms is None:
        return {**unknown, "undated": "no payment terms agreed"}
    if terms.baseline not in baselines:
        return {**unknown, "undated": f"waits for {terms.baseline}"}
    try:
        received_on = baselines.get(Baseline.GOODS_RECEIPT_DATE)
        schedule = due_dates(terms, baselines[terms.baseline], working_days, received_on=received_on)
    except Refused as refused:
        if refused.refusal is not CALENDAR_UNKNOWN:
            raise
        return {**unknown, "undated": str(refused)}
    worth = [discount_amount(d.discount, net, gross, currency) for d in schedule.discounts]
    offers = tuple(
        DiscountOffer(d.last_day, amount) for d, amount in zip(schedule.discounts, worth, strict=True)
    )
    amounts = instalment_amounts(terms, gross, currency)
    parts = tuple(InstalmentDue(d.due_on, amount) for d, amount in zip(schedule.due, amounts, strict=True))
    return {
        "due_on": schedule.due_on,
        "discount_on": schedule.discounts[0].discount_on if schedule.discounts else None,
        "discount_amount": worth[0] if worth else ZERO,
        "discounts": offers,
        "instalments": parts if terms.instalments else (),
        "undated": "",
        "legal_warnings": schedule.warnings,
    }


def provisional_on(
    terms: PaymentTerms | None, due_on: date | None, baseline: date, working_days: WorkingDays
) -> date | None:
    """The due day as it would be from the latest day we expect; None where there are no terms, the day is known
    already, or the calendar does not know it."""
    if terms is None or due_on is not None:
        return None
    try:
        return due_dates(terms, baseline, working_days).due_on
    except Refused as refused:
        if refused.refusal is not CALENDAR_UNKNOWN:
            raise
        return None
