"""S1 and S8 of definitions.md by the HTTP doors alone, on both back ends: one payment, many items; then it bounces.

INV1 113 000.00, INV2 56 500.00, INV3 22 600.00 at 13 % tax, CM1 -5 650.00. Paid 174 189.20: INV1 less 2 260.00 (code 06), INV3
short by 0.80 within tolerance, the memo used, 10 000.00 kept back as a fee. 110 740 + 56 500 + 22 599.20 - 5 650 - 10 000.
"""

from __future__ import annotations

from typing import Any

import pytest

from tests.services.receivables.test_cash_application_doors import Payer
from tests.services.shop import Shop

ANY = {"If-Match": "*"}


@pytest.fixture
def payer(shop: Shop) -> Payer:
    return Payer(shop)


def s1(payer: Payer) -> tuple[list[str], Any]:
    """The documents' numbers and the answer to the remittance."""
    numbers = [payer.invoice(net, "0.13") for net in ("100000.00", "50000.00", "20000.00")]
    numbers.append(payer.memo(numbers[1], "5000.00"))
    assert payer.open_of(*numbers) == ["113000.00", "56500.00", "22600.00", "-5650.00"]
    shortage = [{"amount": "2260.00", "reason": "06"}]
    made = payer.pay(
        "R1", "174189.20", {"reference": numbers[0], "gross": "113000.00", "paid": "110740.00", "adjustments": shortage},
        {"reference": numbers[1], "paid": "56500.00"}, {"reference": numbers[2], "paid": "22599.20"},
        {"reference": numbers[3], "kind": "CREDIT_MEMO", "paid": "-5650.00"},
        adjustments=[{"amount": "-10000.00", "reason": "GE", "reference": "slotting"}],
    )
    assert made.status_code == 201, made.text
    return numbers, made.json()


def applied(payer: Payer, number: str) -> dict[str, str]:
    (part,) = payer.shop.get(f"/v1/invoices/acme/{number}").json()["allocations"].values()
    return {name: amount for name, amount in part.items() if float(amount)}


def test_s1_one_payment_many_items(payer: Payer) -> None:
    numbers, made = s1(payer)
    assert (made["on_account"], made["residual"], len(made["deductions"])) == ("0.00", "0.00", 2)
    assert [applied(payer, number) for number in numbers] == [
        {"cash": "95090.00", "deducted": "12260.00", "credit": "5650.00"}, {"cash": "56500.00"},
        {"cash": "22599.20", "write_off": "0.80"}, {"credit": "-5650.00"},
    ]  # fmt: skip
    assert payer.open_items() == [("DEDUCTION", "10000.00"), ("DEDUCTION", "2260.00")]
    assert payer.exposure() == {"receivable": "12260.00"}


def test_s8_the_payment_bounces_after_a_part_was_credited(payer: Payer) -> None:
    numbers, made = s1(payer)
    memo = payer.memo(numbers[0], "1200.00")
    shortage = made["deductions"][0].removeprefix("deduction/")
    credited = payer.shop.post(f"/v1/deductions/{shortage}:credit", {"credit_memo": memo})
    payer.settle()
    assert (credited.status_code, credited.json()["outstanding"]) == (200, "904.00"), credited.text
    bounced = payer.shop.post(f"{payer.place('R1')}:reverse", {"reason": "bounced"}, "credit_manager", headers=ANY)
    payer.settle()
    assert bounced.status_code == 200, bounced.text
    assert payer.open_of(*numbers, memo) == ["113000.00", "56500.00", "22600.00", "-5650.00", "-1356.00"]
    outstanding = [payer.shop.get(f"/v1/{name.replace('deduction/', 'deductions/')}").json() for name in made["deductions"]]
    assert [one["outstanding"] for one in outstanding] == ["0.00", "0.00"]
    assert outstanding[0]["credited"] == {f"invoice/acme/{memo}": "1356.00"}, "what was credited stays, unapplied"
    assert payer.exposure() == {"receivable": "192100.00", "unapplied_credits": "7006.00"}
