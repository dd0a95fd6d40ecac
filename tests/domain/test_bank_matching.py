"""Which payment a line of a bank statement is: one table, with what is taken by itself and what is only proposed."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from domain.bank_matching import BankLine, Payment, bank_matches, only_bank_match

D = Decimal
DAY = date(2026, 4, 1)


def line(text: str = "", amount: str = "100.00", partner: str | None = None, on: date = DAY, currency: str = "EUR") -> BankLine:
    return BankLine("bank-entry/1", "acme", on, D(amount), currency, text, partner)


def paid(reference: str, amount: str = "100.00", partner: str = "p", on: date = DAY, company: str = "acme") -> Payment:
    return Payment(f"settlement/acme/{partner}/{reference}", company, partner, reference, on, D(amount), "EUR")


NEAR, FAR = date(2026, 4, 8), date(2026, 4, 9)


@pytest.mark.parametrize(
    ("given", "payments", "proposed", "taken"),
    [
        (line("PAY R-471 THANKS"), [paid("R-471")], [("R-471", "0.98", "0.00")], "R-471"),
        (line("pay r-471."), [paid("R-471")], [("R-471", "0.98", "0.00")], "R-471"),
        (line("R-4711"), [paid("R-471", on=FAR)], [], None),  # another word; nothing else speaks for it
        (line("R-471", amount="99.00"), [paid("R-471")], [("R-471", "0.40", "-1.00")], None),  # a finding, no match
        (line(partner="p"), [paid("R-1", on=NEAR)], [("R-1", "0.90", "0.00")], "R-1"),
        (line(partner="p"), [paid("R-1", on=FAR)], [("R-1", "0.60", "0.00")], None),
        (line(), [paid("R-1")], [("R-1", "0.50", "0.00")], None),
        (line(partner="p"), [paid("R-1"), paid("R-2")], [("R-1", "0.45", "0.00"), ("R-2", "0.45", "0.00")], None),
        (
            line("R-002", partner="p"), [paid("R-001"), paid("R-002")],
            [("R-002", "0.98", "0.00"), ("R-001", "0.90", "0.00")], "R-002",
        ),
        (line("R-471", partner="q"), [paid("R-471")], [], None),  # another payer
        (line("R-471", currency="USD"), [paid("R-471")], [], None),
        (line("R-471"), [paid("R-471", company="other")], [], None),
        (line("R-471", amount="-100.00"), [paid("R-471", amount="-100.00")], [], None),  # money that left pays nothing
        (line("A1"), [paid("A1")], [("A1", "0.50", "0.00")], None),  # two characters say nothing; amount and days do
    ],
)
def test_what_fits_and_what_is_taken(
    given: BankLine, payments: list[Payment], proposed: list[tuple[str, str, str]], taken: str | None
) -> None:
    found = bank_matches(given, payments)
    assert [(m.settlement.rsplit("/", 1)[1], m.confidence, m.difference) for m in found] == [
        (reference, D(confidence), D(difference)) for reference, confidence, difference in proposed
    ]
    only = only_bank_match(given, payments)
    assert (None if only is None else only.settlement.rsplit("/", 1)[1]) == taken
