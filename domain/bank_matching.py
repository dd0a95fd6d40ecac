"""Which payments of ours a line of a bank statement is, and which remittance a payment on the bank belongs to.

A line and a settlement belong together when the amounts agree and either the line's text names the remittance, or payer and
days fit and nothing else does. One such settlement is taken by itself; anything else is a proposal with its reasons.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum

DAYS_APART = 7  # between the advice's day of payment and the day the bank books it


class BankReason(StrEnum):
    REFERENCE = "REFERENCE"
    AMOUNT = "AMOUNT"
    PAYER = "PAYER"
    DAYS = "DAYS"


@dataclass(frozen=True)
class BankLine:
    """What the bank says: ``text`` is the purpose with all references, ``partner`` the payer where it is known."""

    line: str
    company: str
    booked_on: date
    amount: Decimal
    currency: str
    text: str
    partner: str | None = None


@dataclass(frozen=True)
class Payment:
    """A settlement that no bank line is matched with yet."""

    settlement: str
    company: str
    partner: str
    reference: str
    paid_on: date
    amount: Decimal
    currency: str


@dataclass(frozen=True)
class BankMatch:
    """``difference``: what the bank booked beyond what the remittance states; only 0 can be matched."""

    line: str
    settlement: str
    reasons: tuple[BankReason, ...]
    difference: Decimal
    confidence: Decimal


# By which reasons speak for it, AMOUNT among them; without AMOUNT a reference alone is a finding, not a match.
CONFIDENCE = {
    frozenset({BankReason.REFERENCE, BankReason.AMOUNT}): Decimal("0.98"),
    frozenset({BankReason.AMOUNT, BankReason.PAYER, BankReason.DAYS}): Decimal("0.90"),
    frozenset({BankReason.AMOUNT, BankReason.PAYER}): Decimal("0.60"),
    frozenset({BankReason.AMOUNT, BankReason.DAYS}): Decimal("0.50"),
    frozenset({BankReason.REFERENCE}): Decimal("0.40"),
}
TAKEN_FROM = Decimal("0.90")


def match_of(line: BankLine, payment: Payment) -> BankMatch | None:
    """How the two fit; None where nothing but chance would speak for it."""
    if (line.company, line.currency) != (payment.company, payment.currency) or line.amount <= 0:
        return None
    if line.partner is not None and line.partner != payment.partner:
        return None
    reasons = set()
    named = _named(payment.reference, line.text)
    if named:
        reasons.add(BankReason.REFERENCE)
    if line.amount == payment.amount:
        reasons.add(BankReason.AMOUNT)
        if not named:
            reasons |= {BankReason.PAYER} if line.partner is not None else set()
            reasons |= {BankReason.DAYS} if abs((line.booked_on - payment.paid_on).days) <= DAYS_APART else set()
    confidence = CONFIDENCE.get(frozenset(reasons))
    if confidence is None:
        return None
    ordered = tuple(reason for reason in BankReason if reason in reasons)
    return BankMatch(line.line, payment.settlement, ordered, line.amount - payment.amount, confidence)


def bank_matches(line: BankLine, payments: Iterable[Payment]) -> list[BankMatch]:
    """What fits, the most likely first; those that fit equally well share their confidence."""
    found = [match for payment in payments if (match := match_of(line, payment)) is not None]
    alike = {c: sum(1 for m in found if m.confidence == c) for c in {match.confidence for match in found}}
    shared = [
        BankMatch(m.line, m.settlement, m.reasons, m.difference, (m.confidence / alike[m.confidence]).quantize(Decimal("0.01")))
        for m in found
    ]
    return sorted(shared, key=lambda match: (-match.confidence, match.settlement))


def only_bank_match(line: BankLine, payments: Iterable[Payment]) -> BankMatch | None:
    """The one that posts itself: its amount agrees, and the reference or payer and days speak for it alone."""
    found = bank_matches(line, payments)
    if found and found[0].difference == 0 and found[0].confidence >= TAKEN_FROM:
        return found[0]
    return None


def _named(reference: str, text: str) -> bool:
    """The reference stands in the text as a word of its own; shorter than three characters it says nothing."""
    if len(reference) < 3:
        return False
    return re.search(rf"(?<![A-Za-z0-9]){re.escape(reference)}(?![A-Za-z0-9])", text, re.IGNORECASE) is not None
