"""The three-way match: S5 and S11 of definitions.md 4.7, and tables of what else may differ."""

from __future__ import annotations

from decimal import Decimal as D

import pytest
from hypothesis import given as with_any
from hypothesis import strategies as st

from domain.tax import line_amounts
from domain.three_way_match import Cause, Invoiced, LineMatch, Ordered, Proposal, ProposalKind, match_line

CREDIT, DEBIT, RETURN = ProposalKind.CREDIT_MEMO, ProposalKind.DEBIT_MEMO, ProposalKind.DEBIT_MEMO_OR_RETURN


def ordered(price: str, rate: str = "0.13", per: str = "1") -> Ordered:
    return Ordered(D(price), D(per), D(rate))


def invoiced(quantity: str, price: str, rate: str = "0.13", per: str = "1") -> Invoiced:
    amounts = line_amounts(D(quantity), D(price), D(per), D(rate), "CNY")
    return Invoiced(D(quantity), D(price), D(per), amounts.net, D(rate), amounts.tax)


def test_s5_a_price_too_high_and_a_short_receipt() -> None:
    found = match_line(ordered("50.00"), D(96), invoiced("100", "52.00"), "CNY")
    assert (found.price, found.quantity, found.net, found.tax) == (D("192.00"), D("208.00"), D("400.00"), D("52.00"))
    assert found.deductible == D("452.00")
    assert found.proposals == (
        Proposal(CREDIT, Cause.PRICE, D("192.00"), D("24.96")), Proposal(CREDIT, Cause.QUANTITY, D("208.00"), D("27.04")),
    )


def test_s11_more_received_than_invoiced_is_our_under_billing_and_no_deduction() -> None:
    found = match_line(ordered("50.00"), D(104), invoiced("100", "50.00"), "CNY")
    assert (found.price, found.quantity, found.tax) == (D(0), D("-200.00"), D("-26.00"))
    assert found.proposals == (Proposal(RETURN, Cause.QUANTITY, D("200.00"), D("26.00"), D(4)),)
    assert (found.deductible, found.underbilled) == (D(0), D("226.00"))


@pytest.mark.parametrize(
    ("order", "received", "invoice", "price", "quantity", "tax", "kinds"),
    [
        (ordered("50.00"), "100", invoiced("100", "50.00"), "0", "0", "0", []),
        # billed too cheaply: 2.00 x 100
        (ordered("52.00"), "100", invoiced("100", "50.00"), "-200.00", "0", "-26.00", [(DEBIT, Cause.PRICE)]),
        # too dear and too little: 2.00 x 104 = 208.00; (100 - 104) x 52 = -208.00: they cancel out, neither is silent
        (
            ordered("50.00"), "104", invoiced("100", "52.00"), "208.00", "-208.00", "0.00",
            [(CREDIT, Cause.PRICE), (RETURN, Cause.QUANTITY)],
        ),
        # nothing came: all of it is the quantity's
        (ordered("50.00"), "0", invoiced("100", "52.00"), "0.00", "5200.00", "676.00", [(CREDIT, Cause.QUANTITY)]),
        # 13 % billed where 9 % was agreed: 5000 x 4 %
        (ordered("50.00", "0.09"), "100", invoiced("100", "50.00"), "0", "0", "200.00", [(CREDIT, Cause.TAX)]),
        # the same price, stated per 12
        (ordered("600.00", per="12"), "100", invoiced("100", "50.00"), "0", "0", "0", []),
        # too little tax: 9 % billed where 13 % was agreed
        (ordered("50.00"), "100", invoiced("100", "50.00", "0.09"), "0", "0", "-200.00", [(DEBIT, Cause.TAX)]),
    ],
)  # fmt: skip
def test_what_may_differ(
    order: Ordered, received: str, invoice: Invoiced, price: str, quantity: str, tax: str,
    kinds: list[tuple[ProposalKind, Cause]],
) -> None:
    found = match_line(order, D(received), invoice, "CNY")
    assert (found.price, found.quantity, found.tax) == (D(price), D(quantity), D(tax))
    assert [(one.kind, one.cause) for one in found.proposals] == kinds
    assert found.matches is (not kinds)


PRICES = st.decimals("0", "9999", places=4)
QUANTITIES = st.decimals("0.001", "99999", places=3)
RATES = st.sampled_from([D(0), D("0.09"), D("0.13"), D("0.055")])


@with_any(PRICES, PRICES, QUANTITIES, st.decimals("0", "99999", places=3), RATES, RATES, st.sampled_from([D(1), D(12)]))
def test_variances_sum_to_what_was_billed_less_what_was_due(
    price: D, billed: D, quantity: D, received: D, rate: D, billed_rate: D, per: D
) -> None:
    order, invoice = Ordered(price, per, rate), invoiced(str(quantity), str(billed), str(billed_rate))
    found: LineMatch = match_line(order, received, invoice, "CNY")
    due = line_amounts(received, price, per, rate, "CNY")
    assert found.net == invoice.net - due.net
    assert found.gross == invoice.net + invoice.tax - due.gross
    assert found.deductible - found.underbilled == found.gross
    assert all(one.gross > 0 for one in found.proposals)
    assert found.deductible >= 0
