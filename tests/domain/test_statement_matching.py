"""Matching a customer's statement: S3 of definitions.md 4.7, every class of 4.3, and that the bridge always sums."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal as D
from typing import Any

import pytest
from hypothesis import given as with_any
from hypothesis import settings
from hypothesis import strategies as st

from domain.deduction import Deduction
from domain.deduction_reasons import DeductionReason
from domain.invoice import Invoice
from domain.settlement import Settlement
from domain.statement import Statement
from domain.statement_differences import (
    CLEARED_BY, DEDUCTION, PAYMENT, BilledFigures, Evidence, LedgerLine, NextAction, PresumedFault, Use,
)
from domain.statement_lines import DifferenceClass as C
from domain.statement_lines import LineKind as K
from domain.statement_lines import Resolution, StatementContent, StatementLine
from domain.statement_matching import Matching, match_statement

CUT_OFF = date(2025, 9, 25)
BEFORE, AFTER = date(2025, 9, 20), date(2025, 9, 28)


def theirs(document: str, amount: str, kind: K = K.INVOICE, **more: Any) -> StatementLine:
    return StatementLine(0, document, kind, more.pop("dated_on", BEFORE), D(amount), **more)


def ours(number: str, amount: str, kind: str = "INVOICE", **more: Any) -> LedgerLine:
    opened = D(amount) if "open" not in more else D(more.pop("open"))
    dated_on = more.pop("dated_on", BEFORE)
    if dated_on > CUT_OFF:
        opened = D(0)
    return LedgerLine(f"invoice/acme/{number}", number, kind, dated_on, D(amount), opened, **more)


def statement(*lines: StatementLine) -> StatementContent:
    numbered = tuple(replace(line, number=place) for place, line in enumerate(lines, 1))
    return StatementContent(1, CUT_OFF, "CNY", sum((line.amount for line in lines), D(0)), numbered)


def matched(
    their: list[StatementLine], our: list[LedgerLine], evidence: dict[str, Evidence] | None = None,
    *said: Resolution,
) -> Matching:
    papers = {f"invoice/acme/{number}": one for number, one in (evidence or {}).items()}
    return match_statement(statement(*their), our, papers, said)


def found(matching: Matching) -> list[tuple[C | None, D]]:
    return [(one.difference_class, one.amount) for one in matching.differences if one.difference_class is not C.MATCHED]


S3_OURS = [
    ours("INV101", "100000.00"), ours("INV102", "80000.00"), ours("INV103", "45200.00"),
    ours("INV104", "33900.00", dated_on=date(2025, 9, 24)), ours("CM201", "-6780.00", "CREDIT_MEMO"),
]
S3_THEIRS = [
    theirs("INV101", "100000.00"), theirs("INV102", "77600.00"), theirs("CM201", "-6780.00", K.CREDIT_MEMO),
    theirs("RTV305", "-3390.00", K.RETURN), theirs("POSTER", "-5000.00", K.FEE),
]
S3_PAPERS = {
    "INV102": Evidence(price_variance=D("2400.00"), compared=True),
    "INV104": Evidence(dispatched_on=date(2025, 9, 24), received_on=date(2025, 9, 26)),
}


def test_s3_the_bridge_from_our_balance_to_theirs() -> None:
    matching = matched(S3_THEIRS, S3_OURS, S3_PAPERS)
    assert (matching.our_balance, matching.their_balance) == (D("252320.00"), D("162430.00"))
    assert matching.bridge == {
        C.PRICE_DIFF: D("-2400.00"), C.MISSING_AT_CUSTOMER: D("-45200.00"), C.TIMING: D("-33900.00"),
        C.MISSING_AT_SUPPLIER: D("-3390.00"), C.FEE_NOT_AGREED: D("-5000.00"),
    }  # fmt: skip
    assert matching.unexplained == D("0.00")
    assert matching.to_resolve == {}
    assert [pair.ours.number for pair in matching.pairs if pair.differences[0].difference_class is C.MATCHED if pair.ours] == [
        "INV101", "CM201",
    ]  # fmt: skip


def test_s3_every_difference_has_documents_a_fault_and_a_next_action() -> None:
    rows = {
        one.difference_class: (one.documents, one.fault, one.action)
        for one in matched(S3_THEIRS, S3_OURS, S3_PAPERS).differences
    }
    assert rows[C.PRICE_DIFF] == (
        ("INV102", "invoice/acme/INV102"), PresumedFault.SUPPLIER, NextAction.ISSUE_CREDIT_MEMO,
    )  # fmt: skip
    assert rows[C.MISSING_AT_CUSTOMER] == (
        ("invoice/acme/INV103",), PresumedFault.CUSTOMER, NextAction.ASK_CUSTOMER_TO_BOOK,
    )  # fmt: skip
    assert rows[C.TIMING][1:] == (PresumedFault.NOBODY, NextAction.WAIT_FOR_THE_NEXT_STATEMENT)
    assert rows[C.MISSING_AT_SUPPLIER][1:] == (PresumedFault.SUPPLIER, NextAction.ASK_FOR_THE_DOCUMENT)
    assert rows[C.FEE_NOT_AGREED] == (("POSTER",), PresumedFault.CUSTOMER, NextAction.ASK_FOR_THE_AGREEMENT)


def test_every_next_action_names_the_event_that_clears_it() -> None:
    assert set(CLEARED_BY) == set(NextAction)
    cleared = {one.difference_class: one.cleared_by for one in matched(S3_THEIRS, S3_OURS, S3_PAPERS).differences}
    assert cleared == {
        C.MATCHED: None, C.PRICE_DIFF: "invoice.credit_memo_issued", C.MISSING_AT_CUSTOMER: "statement.received",
        C.TIMING: "statement.received", C.MISSING_AT_SUPPLIER: "invoice.credit_memo_issued",
        C.FEE_NOT_AGREED: "statement.received",
    }  # fmt: skip
    known = (Invoice, Deduction, Settlement, Statement)
    types = {kind.TYPE.partition("/")[0] for aggregate in known for kind in _facts(aggregate)}
    assert {name for name in CLEARED_BY.values() if name} <= types


def _facts(aggregate: type[Any]) -> list[Any]:
    return [kind for kind in vars(aggregate).values() if isinstance(kind, type) and hasattr(kind, "TYPE")]


def test_what_nothing_explains_is_said_to_be_unexplained() -> None:
    matching = matched([theirs("INV102", "77600.00")], [ours("INV102", "80000.00")])
    assert found(matching) == [(None, D("-2400.00"))]
    assert matching.unexplained == D("-2400.00")
    assert matching.to_resolve == {"line 1": D("-2400.00")}


def test_two_unexplained_differences_that_cancel_out_are_both_to_be_resolved() -> None:
    matching = matched(
        [theirs("INV1", "90.00"), theirs("INV2", "110.00")], [ours("INV1", "100.00"), ours("INV2", "100.00")]
    )
    assert matching.unexplained == 0
    assert matching.to_resolve == {"line 1": D("-10.00"), "line 2": D("10.00")}


BILLED = BilledFigures(D(100), D("100.00"), D(1), D("0.13"), D("1300.00"))  # 10 000.00 net, 11 300.00 gross
LINE = ours("INV1", "11300.00", figures=BILLED)
TO_PAY = Use("settlement/acme/r/P1", AFTER, D("4000.00"), cash=D("4000.00"))
PAID = replace(TO_PAY, on=BEFORE)


@pytest.mark.parametrize(
    ("their", "our", "papers", "expected"),
    [
        # 98 of 100 cases: 2 x 100 + 13 %; a price of 97: 3 x 100 + 13 %
        ([theirs("INV1", "11074.00", quantity=D(98))], [LINE], {}, [(C.QTY_DIFF, "-226.00")]),
        ([theirs("INV1", "10961.00", unit_price=D("97.00"))], [LINE], {}, [(C.PRICE_DIFF, "-339.00")]),
        # both: the price on their quantity, 3 x 98 + 13 % = 332.22; the quantity at our price
        (
            [theirs("INV1", "10741.78", quantity=D(98), unit_price=D("97.00"))], [LINE], {},
            [(C.PRICE_DIFF, "-332.22"), (C.QTY_DIFF, "-226.00")],
        ),
        # 9 % instead of 13 %
        ([theirs("INV1", "10900.00", tax=D("900.00"))], [LINE], {}, [(C.TAX_DIFF, "-400.00")]),
        # their figures explain 226.00 of 236.00
        ([theirs("INV1", "11064.00", quantity=D(98))], [LINE], {}, [(C.QTY_DIFF, "-226.00"), (None, "-10.00")]),
        # the three-way match finds exactly what they leave off
        (
            [theirs("INV1", "10848.00")], [ours("INV1", "11300.00")],
            {"INV1": Evidence(price_variance=D("216.96"), quantity_variance=D("235.04"), compared=True)},
            [(C.PRICE_DIFF, "-216.96"), (C.QTY_DIFF, "-235.04")],
        ),
        # listed twice, alike: one is a duplicate, they are not merged
        (
            [theirs("INV1", "50.00"), theirs("INV1", "50.00")], [ours("INV1", "100.00")], {},
            [(None, "-50.00"), (C.DUPLICATE_AT_CUSTOMER, "50.00")],
        ),
        (
            [theirs("INV1", "100.00"), theirs("inv 1", "100.00", dated_on=CUT_OFF)], [ours("INV1", "100.00")], {},
            [(C.DUPLICATE_AT_CUSTOMER, "100.00")],
        ),
        # in two parts that differ: together they match
        ([theirs("INV1", "60.00"), theirs("INV1", "40.00")], [ours("INV1", "100.00")], {}, []),
        # billed twice by us, they list it once
        (
            [theirs("INV1", "100.00")], [ours("INV1", "100.00", billed_for="g"), ours("INV2", "100.00", billed_for="g")],
            {}, [(C.DUPLICATE_AT_SUPPLIER, "-100.00")],
        ),
        # a credit memo listed as if it were owed
        ([theirs("CM1", "67.80")], [ours("CM1", "-67.80", "CREDIT_MEMO")], {}, [(C.SIGN_ERROR, "135.60")]),
        # the goods were on the way at the cut-off; then: they had come
        ([], [ours("INV1", "100.00")], {"INV1": Evidence(BEFORE, AFTER)}, [(C.TIMING, "-100.00")]),
        ([], [ours("INV1", "100.00")], {"INV1": Evidence(BEFORE, CUT_OFF)}, [(C.MISSING_AT_CUSTOMER, "-100.00")]),
        # they paid 4 000.00 before the cut-off, it reached us after it; then the other way round
        ([theirs("INV1", "7300.00")], [replace(LINE, uses=(TO_PAY,))], {}, [(C.TIMING, "-4000.00")]),
        (
            [theirs("INV1", "11300.00")], [replace(LINE, open=D("7300.00"), uses=(PAID,))], {},
            [(C.MISSING_AT_CUSTOMER, "4000.00")],
        ),
        # a payment they list that reached us later, by its number, then by its amount alone
        ([theirs("P1", "-4000.00", K.PAYMENT)], [ours("P1", "-4000.00", PAYMENT, dated_on=AFTER)], {}, [(C.TIMING, "-4000.00")]),
        ([theirs("X9", "-4000.00", K.PAYMENT)], [ours("P1", "-4000.00", PAYMENT, dated_on=AFTER)], {}, [(C.TIMING, "-4000.00")]),
        ([theirs("X9", "-4000.00", K.PAYMENT)], [], {}, [(C.MISSING_AT_SUPPLIER, "-4000.00")]),
        # an invoice of ours that is dated after the cut-off
        ([theirs("INV1", "100.00")], [ours("INV1", "100.00", dated_on=AFTER)], {}, [(C.TIMING, "100.00")]),
        # deductions that they have taken and we carry as owed
        (
            [], [ours("D1", "22.60", DEDUCTION, reason=DeductionReason.SHORTAGE), ours("D2", "50.00", DEDUCTION, reason="FEE")],
            {}, [(C.QTY_DIFF, "-22.60"), (C.FEE_NOT_AGREED, "-50.00")],
        ),
        # by reference: their own number, ours beside it; a return that names the invoice it is about is none of these
        ([theirs("4500001", "100.00", reference="INV1")], [ours("INV1", "100.00")], {}, []),
        (
            [theirs("RTV1", "-10.00", K.RETURN, reference="INV1"), theirs("INV1", "100.00")], [ours("INV1", "100.00")], {},
            [(C.MISSING_AT_SUPPLIER, "-10.00")],
        ),
    ],
)  # fmt: skip
def test_classes(
    their: list[StatementLine], our: list[LedgerLine], papers: dict[str, Evidence], expected: list[tuple[C | None, str]]
) -> None:
    matching = matched(their, our, papers)
    assert found(matching) == [(said, D(amount)) for said, amount in expected]
    assert matching.our_balance + sum((one.amount for one in matching.differences), D(0)) == matching.their_balance


def test_a_listed_payment_shows_ours_before_it() -> None:
    """S1 as the customer lists it: invoices, memo, fee and payment; we have cleared all and carry two deductions."""
    on = {"by": "invoice/acme/R1", "on": BEFORE}
    our = [
        ours("INV1", "113000.00", open="0", uses=(
            Use(total=D("113000.00"), cash=D("95090.00"), credit=D("5650.00"), deducted=D("12260.00"), **on),
        )),
        ours("INV2", "56500.00", open="0", uses=(Use(total=D("56500.00"), cash=D("56500.00"), **on),)),
        ours("CM1", "-5650.00", "CREDIT_MEMO", open="0", uses=(Use(total=D("-5650.00"), credit=D("-5650.00"), **on),)),
        ours("R1", "-151590.00", PAYMENT, open="0"),
        ours("D1", "2260.00", DEDUCTION, settlement="invoice/acme/R1", reason="SHORTAGE"),
        ours("D2", "10000.00", DEDUCTION, settlement="invoice/acme/R1", reason="FEE"),
    ]  # fmt: skip
    their = [
        theirs("INV1", "113000.00"), theirs("INV2", "56500.00"), theirs("CM1", "-5650.00", K.CREDIT_MEMO),
        theirs("R1", "-151590.00", K.PAYMENT), theirs("SHORT", "-2260.00", K.DEDUCTION), theirs("SLOT", "-10000.00", K.FEE),
    ]  # fmt: skip
    matching = matched(their, our)
    assert (matching.our_balance, matching.their_balance) == (D("12260.00"), D("0.00"))
    assert found(matching) == [(C.FEE_NOT_AGREED, D("-2260.00")), (C.FEE_NOT_AGREED, D("-10000.00"))]


def said(line: int | None = None, document: str | None = None, **word: Any) -> Resolution:
    return Resolution(line, document, word.get("said"), word.get("pairs_with"), "because", "mei")


def test_a_person_says_what_is_left_and_only_that() -> None:
    their = [theirs("INV1", "11064.00", quantity=D(98))]
    matching = matched(their, [LINE], None, said(1, said=C.TAX_DIFF))
    assert found(matching) == [(C.QTY_DIFF, D("-226.00")), (C.TAX_DIFF, D("-10.00"))]
    assert [one.said_by for one in matching.differences] == [None, "mei"]


def test_a_person_says_which_document_a_line_speaks_of() -> None:
    their, our = [theirs("4711", "100.00")], [ours("INV1", "100.00")]
    assert found(matched(their, our)) == [(C.MISSING_AT_SUPPLIER, D("100.00")), (C.MISSING_AT_CUSTOMER, D("-100.00"))]
    assert found(matched(their, our, None, said(1, pairs_with="INV1"))) == []


def test_a_person_says_what_a_document_is_that_they_do_not_list() -> None:
    matching = matched([], [ours("INV1", "100.00")], None, said(document="INV1", said=C.TIMING))
    assert found(matching) == [(C.TIMING, D("-100.00"))]


def test_a_persons_word_about_a_document_that_they_do_list() -> None:
    """Named by ours instead of by their line."""
    matching = matched([theirs("INV1", "90.00")], [ours("INV1", "100.00")], None, said(document="INV1", said=C.PRICE_DIFF))
    assert found(matching) == [(C.PRICE_DIFF, D("-10.00"))]


def test_the_undisputed_part_of_what_they_list_is_agreed() -> None:
    """T13: 800 of 10 000 disputed; what they do not list at all is not agreed, nor is a credit."""
    matching = matched(
        [theirs("INV1", "9200.00"), theirs("CM1", "-5.00")],
        [ours("INV1", "10000.00"), ours("INV2", "70.00"), ours("CM1", "-5.00", "CREDIT_MEMO")],
    )
    assert [(one.document, one.undisputed, one.disputed) for one in matching.agreed_documents] == [
        ("invoice/acme/INV1", D("9200.00"), D("800.00"))
    ]


AMOUNTS = st.decimals("-500", "500", places=2)
NAMES = st.sampled_from(["A1", "A2", "A3", "P1", "P2", "X1"])
DAYS = st.sampled_from([BEFORE, CUT_OFF, AFTER])
OPTIONAL = st.none() | st.decimals("0.01", "50", places=2)
THEIR_LINES = st.builds(
    lambda name, amount, kind, quantity, price, tax, reference: theirs(
        name, str(amount), kind, quantity=quantity, unit_price=price, tax=tax, reference=reference
    ),
    NAMES, AMOUNTS, st.sampled_from(list(K)), OPTIONAL, OPTIONAL, OPTIONAL, st.none() | NAMES,
)  # fmt: skip
USES = st.builds(
    lambda by, on, cash, deducted, credit: Use(f"invoice/acme/{by}", on, cash + deducted + credit, cash, credit, deducted),
    NAMES, DAYS, AMOUNTS, AMOUNTS, AMOUNTS,
)  # fmt: skip
FIGURES = st.none() | st.builds(
    BilledFigures, st.decimals("1", "50", places=1), st.decimals("0.01", "9", places=2), st.just(D(1)), st.just(D("0.13")),
    st.just(D(1)),
)  # fmt: skip
OUR_LINES = st.builds(
    lambda number, amount, kind, opened, on, uses, figures, goods, settlement: ours(
        number, str(amount), kind, open=str(opened), dated_on=on, uses=tuple(uses), figures=figures, billed_for=goods,
        settlement=settlement and f"invoice/acme/{settlement}",
    ),
    NAMES, AMOUNTS, st.sampled_from(["INVOICE", "CREDIT_MEMO", DEDUCTION, PAYMENT]), AMOUNTS, DAYS, st.lists(USES, max_size=2),
    FIGURES, st.sampled_from(["", "g"]), st.none() | NAMES,
)  # fmt: skip
PAPERS = st.builds(Evidence, st.none() | DAYS, st.none() | DAYS, AMOUNTS, AMOUNTS, AMOUNTS, st.booleans())
WORDS = st.builds(
    lambda line, document, word, pairs: said(line, None if line else document, said=word, pairs_with=pairs),
    st.none() | st.integers(1, 8), NAMES, st.none() | st.sampled_from([c for c in C if c is not C.MATCHED]),
    st.none() | NAMES,
)  # fmt: skip


@settings(max_examples=400, deadline=None)
@with_any(
    st.lists(THEIR_LINES, max_size=8), st.lists(OUR_LINES, max_size=6, unique_by=lambda line: line.item),
    st.dictionaries(NAMES, PAPERS, max_size=4), st.lists(WORDS, max_size=4, unique_by=lambda one: one.about),
)  # fmt: skip
def test_the_bridge_always_sums(
    their: list[StatementLine], our: list[LedgerLine], papers: dict[str, Evidence], words: list[Resolution]
) -> None:
    matching = matched(their, our, papers, *words)
    assert matching.our_balance == sum((line.open for line in our), D(0))
    assert matching.our_balance + sum(matching.bridge.values(), D(0)) + matching.unexplained == matching.their_balance
    assert matching.unexplained == sum((pair.unexplained for pair in matching.pairs), D(0))
    assert matching.unexplained == sum(matching.to_resolve.values(), D(0))
    listed = [line.number for pair in matching.pairs for line in pair.lines]
    assert sorted(listed) == list(range(1, len(their) + 1))
    for pair in matching.pairs:
        assert sum((one.amount for one in pair.differences), D(0)) == pair.theirs - pair.our_open
