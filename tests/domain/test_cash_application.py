"""From a remittance to a proposal: definitions.md 4.2 and 4.7 (S4, S7, S10, T10), edi.md section 6."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given as whatever
from hypothesis import strategies as st

from domain.allocation import (
    NO_TOLERANCE,
    Allocation,
    DeductionTaken,
    Finding,
    FindingCode,
    OpenItem,
    Proposal,
    Tolerance,
)
from domain.cash_application import allocate
from domain.deduction_reasons import DeductionReason
from domain.invoice_facts import DiscountOffer
from domain.remittance import Adjustment, Remittance, RemittanceItem, RemittanceItemKind

D = Decimal
PAID_ON = date(2025, 4, 11)
TOLERANCE = Tolerance(D("10.00"), D("0.5"))
F, R = FindingCode, DeductionReason


def open_item(reference: str, amount: str, gross: str | None = None, *discounts: DiscountOffer) -> OpenItem:
    return OpenItem(f"invoice/{reference}", reference, D(gross or amount), D(amount), discounts)


def item(reference: str, paid: str, *adjustments: Adjustment, gross: str | None = None, discount: str = "0",
         partial: bool = False) -> RemittanceItem:  # fmt: skip
    kind = RemittanceItemKind.CREDIT_MEMO if paid.startswith("-") else RemittanceItemKind.INVOICE
    stated = None if gross is None else D(gross)
    return RemittanceItem(reference, kind, stated, D(paid), D(discount), adjustments, partial)


def remittance(amount: str, *items: RemittanceItem, beside: tuple[Adjustment, ...] = ()) -> Remittance:
    return Remittance("acme", "retail-a", "retail-a", "R1", PAID_ON, "CNY", D(amount), items, beside)


def taken(
    n: int, invoice: str | None, amount: str, reason: DeductionReason, customer_reason: str = ""
) -> DeductionTaken:
    return DeductionTaken(f"deduction/acme/retail-a/R1/{n}", invoice, D(amount), customer_reason, reason)


def codes(proposal: Proposal) -> list[tuple[FindingCode, Decimal]]:
    return [(finding.code, finding.amount) for finding in proposal.findings]


# Short and over: S4


@pytest.mark.parametrize(
    ("gross", "paid", "write_off", "deducted", "gain", "on_account"),
    [
        ("22600.00", "22599.20", "0.80", "0", "0", "0"),
        ("1000.00", "990.01", "0", "9.99", "0", "0"),  # the limit is 0.5 % = 5.00
        ("5000.00", "4990.00", "10.00", "0", "0", "0"),  # inclusive
        ("5000.00", "4989.99", "0", "10.01", "0", "0"),
        ("10000.00", "10003.00", "0", "0", "3.00", "0"),
        ("10000.00", "10030.00", "0", "0", "0", "30.00"),
    ],
)
def test_s4_tolerance(
    gross: str, paid: str, write_off: str, deducted: str, gain: str, on_account: str
) -> None:
    proposal = allocate(remittance(paid, item("I", paid)), [open_item("I", gross)], TOLERANCE)
    cash = min(D(paid), D(gross))
    assert proposal.allocations == (Allocation("invoice/I", cash, D(0), D(write_off), D(deducted)),)
    assert [d.reason for d in proposal.deductions] == ([R.UNSPECIFIED] if D(deducted) else [])
    assert (proposal.gain, proposal.on_account) == (D(gain), D(on_account))


@pytest.mark.parametrize("tolerance", [NO_TOLERANCE, Tolerance(D(10), None), Tolerance(None, D(1))])
def test_a_blank_tolerance_is_none(tolerance: Tolerance) -> None:
    proposal = allocate(remittance("99.99", item("I", "99.99")), [open_item("I", "100.00")], tolerance)
    assert proposal.deductions == (taken(1, "invoice/I", "0.01", R.UNSPECIFIED),)
    assert codes(proposal) == [(F.SHORT_WITHOUT_REASON, D("0.01"))]


def test_a_part_that_the_customer_announces_as_a_part_is_not_short() -> None:
    proposal = allocate(remittance("40", item("I", "40", partial=True)), [open_item("I", "100")], TOLERANCE)
    assert proposal.allocations == (Allocation("invoice/I", D(40)),)
    assert proposal.deductions == ()


def test_an_invoice_listed_twice_is_short_only_after_both() -> None:
    paid = remittance("100", item("I", "40"), item("I", "60"))
    assert allocate(paid, [open_item("I", "100")]).allocations == (Allocation("invoice/I", D(100)),)
    over = allocate(remittance("120", item("I", "60"), item("I", "60")), [open_item("I", "100")])
    assert (over.on_account, codes(over)) == (D(20), [(F.OVERPAID, D(20))])


# Discounts: T10

OFFER = DiscountOffer(PAID_ON, D("226.00"))
LAPSED = DiscountOffer(date(2025, 4, 10), D("226.00"))


@pytest.mark.parametrize(
    ("offer", "stated", "granted", "unearned"),
    [
        (OFFER, "226.00", "226.00", "0"),
        (OFFER, "0", "226.00", "0"),  # taken without a word
        (LAPSED, "226.00", "0", "226.00"),
        (LAPSED, "0", "0", "226.00"),
    ],
)
def test_t10_a_discount_is_granted_or_unearned_and_never_tolerated(
    offer: DiscountOffer, stated: str, granted: str, unearned: str
) -> None:
    wide = Tolerance(D(1000), D(50))
    paid = remittance("11074.00", item("I", "11074.00", discount=stated))
    proposal = allocate(paid, [open_item("I", "11300.00", None, offer)], wide)
    assert proposal.allocations == (Allocation("invoice/I", D("11074.00"), D(granted), D(0), D(unearned)),)
    expected = (taken(1, "invoice/I", unearned, R.UNEARNED_DISCOUNT),) if D(unearned) else ()
    assert proposal.deductions == expected


def test_more_discount_than_offered_and_a_discount_already_had() -> None:
    paid = remittance("11000.00", item("I", "11000.00", discount="300.00"))
    proposal = allocate(paid, [open_item("I", "11300.00", None, OFFER)])
    assert proposal.deductions == (taken(1, "invoice/I", "74.00", R.UNEARNED_DISCOUNT),)
    had = OpenItem("invoice/I", "I", D("11300.00"), D("300.00"), (OFFER,), discounted=D("226.00"))
    again = allocate(remittance("274.00", item("I", "274.00", discount="26.00")), [had])
    assert again.deductions == (taken(1, "invoice/I", "26.00", R.UNEARNED_DISCOUNT),)


# edi.md section 6


def test_an_adjustment_inside_an_item_explains_its_net_and_is_not_taken_again() -> None:
    adjusted = item("I", "970.00", Adjustment(D("20.00"), "06"), gross="1000.00", discount="10.00")
    assert adjusted.adds_up
    offer = DiscountOffer(PAID_ON, D("10.00"))
    proposal = allocate(remittance("970.00", adjusted), [open_item("I", "1000.00", None, offer)])
    assert proposal.allocations == (Allocation("invoice/I", D(970), D(10), D(0), D(20)),)
    assert proposal.deductions == (taken(1, "invoice/I", "20.00", R.SHORTAGE, "06"),)
    assert (proposal.on_account, proposal.residual, proposal.findings) == (D(0), D(0), ())


def test_swapped_gross_and_net_are_flagged_and_never_posted() -> None:
    swapped = item("I", "1000.00", Adjustment(D("20.00"), "06"), gross="980.00")
    assert not swapped.adds_up
    assert swapped.adds_up_only_swapped
    both = remittance("1480.00", swapped, item("J", "500.00"))
    proposal = allocate(both, [open_item("I", "1000.00"), open_item("J", "500.00")])
    assert proposal.allocations == (Allocation("invoice/J", D(500)),)
    assert (proposal.on_account, proposal.residual) == (D(980), D(0))
    assert codes(proposal) == [(F.GROSS_AND_NET_SWAPPED, D(980))]


def test_an_item_that_fits_neither_way_is_short_without_a_reason() -> None:
    paid = remittance("900.00", item("I", "900.00", Adjustment(D("20.00"), "06"), gross="1000.00"))
    proposal = allocate(paid, [open_item("I", "1000.00")])
    assert proposal.deductions == (
        taken(1, "invoice/I", "20.00", R.SHORTAGE, "06"),
        taken(2, "invoice/I", "80.00", R.UNSPECIFIED),
    )


def test_an_adjustment_beside_the_items_adds_to_their_total() -> None:
    paid = remittance("900.00", item("I", "1000.00"), beside=(Adjustment(D("-100.00"), "GE", "PO-9"),))
    proposal = allocate(paid, [open_item("I", "1000.00")])
    assert proposal.allocations == (Allocation("invoice/I", D(900), deducted=D(100)),)
    assert proposal.deductions == (taken(1, None, "100.00", R.FEE, "GE"),)
    added = remittance("1050.00", item("I", "1000.00"), beside=(Adjustment(D("50.00"), "74"),))
    more = allocate(added, [open_item("I", "1000.00")])
    assert (more.on_account, codes(more)) == (D(50), [(F.ADDED_BY_CUSTOMER, D(50))])


def test_what_the_advice_does_not_explain_surfaces_as_a_residual() -> None:
    more = allocate(remittance("1000.01", item("I", "1000.00")), [open_item("I", "1000.00")], TOLERANCE)
    assert (more.residual, more.on_account, codes(more)) == (D("0.01"), D("0.01"), [(F.RESIDUAL, D("0.01"))])
    less = allocate(remittance("999.99", item("I", "1000.00")), [open_item("I", "1000.00")], TOLERANCE)
    assert (less.residual, less.on_account, less.allocations) == (D("-0.01"), D("999.99"), ())
    assert codes(less) == [(F.CLAIMS_MORE_THAN_PAID, D("0.01"))]


def test_our_own_gross_decides_and_the_difference_is_flagged() -> None:
    proposal = allocate(remittance("990", item("I", "990", gross="990")), [open_item("I", "1000")])
    assert codes(proposal) == [(F.GROSS_DIFFERS, D(-10)), (F.SHORT_WITHOUT_REASON, D(10))]


# What cannot be placed


def test_an_unknown_or_closed_invoice_stays_on_account_with_its_reason() -> None:
    paid = remittance("150", item("X", "100"), item("closed", "50"))
    proposal = allocate(paid, [open_item("closed", "0", "50")])
    assert (proposal.allocations, proposal.on_account) == ((), D(150))
    assert proposal.findings == (
        Finding(F.UNKNOWN_REFERENCE, "X", D(100)),
        Finding(F.NOTHING_OPEN, "closed", D(50)),
    )


def test_a_deduction_never_exceeds_what_is_open() -> None:
    paid = remittance("80", item("I", "80", Adjustment(D(30), "01"), gross="110"))
    proposal = allocate(paid, [open_item("I", "100", "110")])
    assert proposal.allocations == (Allocation("invoice/I", D(80), deducted=D(20)),)
    assert (F.DEDUCTION_EXCEEDS_OPEN, D(10)) in codes(proposal)


def test_a_credit_memo_is_used_as_far_as_it_is_open_and_the_rest_is_their_debit() -> None:
    paid = remittance("50", item("I", "100"), item("CM", "-50"))
    proposal = allocate(paid, [open_item("I", "100"), open_item("CM", "-30")])
    assert proposal.allocations == (
        Allocation("invoice/I", D(50), deducted=D(20), credit=D(30)),
        Allocation("invoice/CM", credit=D(-30)),
    )
    assert proposal.deductions == (taken(1, None, "20", R.UNSPECIFIED),)
    assert codes(proposal) == [(F.CREDIT_NOT_OURS, D(20))]
    assert (proposal.cleared, proposal.credits_used) == (D(80), D(30))


def test_one_credit_memo_listed_twice_is_used_once() -> None:
    paid = remittance("40", item("I", "100"), item("CM", "-30"), item("CM", "-30"))
    proposal = allocate(paid, [open_item("I", "100"), open_item("CM", "-30")])
    assert proposal.credits_used == D(30)
    assert proposal.deductions == (taken(1, None, "30", R.UNSPECIFIED),)


def test_debits_spread_over_the_invoices_in_listed_order() -> None:
    paid = remittance("0", item("J", "30"), item("I", "100"), beside=(Adjustment(D(-130), "GE"),))
    proposal = allocate(paid, [open_item("I", "100"), open_item("J", "30")])
    assert proposal.allocations == (
        Allocation("invoice/J", deducted=D(30)),
        Allocation("invoice/I", deducted=D(100)),
    )


def test_a_debit_that_no_paid_invoice_can_bear_is_flagged() -> None:
    paid = remittance("900", item("X", "1000"), beside=(Adjustment(D(-100), "GE"),))
    proposal = allocate(paid, [])
    assert (proposal.on_account, proposal.deductions) == (D(900), ())
    assert codes(proposal) == [(F.UNKNOWN_REFERENCE, D(1000)), (F.DEBIT_NOT_PLACED, D(100))]


def test_a_gain_never_exceeds_the_money_that_came() -> None:
    paid = remittance("0", item("I", "603"), beside=(Adjustment(D(-603), "GE"),))
    proposal = allocate(paid, [open_item("I", "600")], TOLERANCE)
    assert (proposal.gain, proposal.on_account) == (D(0), D(0))
    assert codes(proposal) == [(F.DEBIT_NOT_PLACED, D(3))]


# No references: S7 and S10


@pytest.mark.parametrize(
    ("amount", "opens", "cleared"),
    [
        ("45200.00", ("45200.00", "22600.00", "22600.00"), []),  # S7: two subsets
        ("45200.00", ("45200.00", "22600.00", "20000.00"), ["0"]),
        ("22599.50", ("22600.00", "22599.50"), ["1"]),  # S10: exact before near
        ("30.00", ("10.00", "25.00", "-5.00"), ["0", "1", "2"]),
        ("21.00", ("1.00", "2.00", "3.00", "4.00", "5.00", "6.00", "50.00"), list("012345")),
        ("28.00", ("1.00", "2.00", "3.00", "4.00", "5.00", "6.00", "7.00"), []),  # seven items
    ],
)
def test_s7_s10_only_a_single_exact_match_is_taken(
    amount: str, opens: tuple[str, ...], cleared: list[str]
) -> None:
    items = [open_item(str(n), each) for n, each in enumerate(opens)]
    proposal = allocate(remittance(amount), items, TOLERANCE)
    assert sorted(part.invoice.removeprefix("invoice/") for part in proposal.allocations) == cleared
    assert proposal.on_account == (D(0) if cleared else D(amount))
    assert codes(proposal) == ([] if cleared else [(F.NO_SINGLE_MATCH, D(amount))])


# What always holds

money = st.decimals("0.00", "500.00", places=2)


@st.composite
def payments(draw: st.DrawFn) -> tuple[Remittance, list[OpenItem]]:
    names = ["A", "B", "C", "CM"]
    opens = [open_item(n, str(-draw(money) if n == "CM" else draw(money))) for n in names]
    items = []
    for name in draw(st.lists(st.sampled_from([*names, "X"]), max_size=5)):
        paid = draw(money) * (-1 if name == "CM" else 1)
        adjustments = tuple(Adjustment(a, "06") for a in draw(st.lists(money, max_size=2)))
        items.append(item(name, str(paid), *adjustments, discount=str(draw(money))))
    beside = tuple(Adjustment(-a, "GE") for a in draw(st.lists(money, max_size=1)))
    stated = sum((i.paid for i in items), D(0)) + sum((a.amount for a in beside), D(0))
    amount = max(stated + draw(st.sampled_from([D(0), D("0.01"), D("-0.01"), D(7)])), D(0))
    return remittance(str(amount), *items, beside=beside), opens


@whatever(payments())
def test_money_is_conserved_and_nothing_exceeds_what_is_open(case: tuple[Remittance, list[OpenItem]]) -> None:
    paid, opens = case
    proposal = allocate(paid, opens, TOLERANCE)
    assert (
        sum((part.cash for part in proposal.allocations), D(0)) + proposal.gain + proposal.on_account
        == paid.amount
    )
    assert proposal.on_account >= 0
    still_open = {each.stream: each.open for each in opens}
    assert len({part.invoice for part in proposal.allocations}) == len(proposal.allocations)
    for part in proposal.allocations:
        total, limit = part.applied.total, still_open[part.invoice]
        assert min(limit, D(0)) <= total <= max(limit, D(0))
        sign = -1 if limit < 0 else 1
        assert all(
            x * sign >= 0 for x in (part.cash, part.discount, part.write_off, part.deducted, part.credit)
        )
    assert sum((part.credit for part in proposal.allocations), D(0)) == 0
    deducted = sum((part.deducted for part in proposal.allocations), D(0))
    assert deducted == sum((each.amount for each in proposal.deductions), D(0))
    assert all(each.amount > 0 for each in proposal.deductions)
