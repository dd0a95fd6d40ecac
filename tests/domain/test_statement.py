"""A customer's statement: received in versions, its differences resolved, agreed by another person, superseded."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal as D
from typing import Any

import pytest

from domain.refusal import Refusal
from domain.statement import Statement, StatementCutOffs
from domain.statement_lines import (
    AgreedDocument, Agreement, DifferenceClass, LineKind, Resolution, StatementContent, StatementLine,
)
from domain.statement_refusals import (
    AGREED_ALREADY, AGREED_BEFORE_CUT_OFF, AMOUNT_TOO_FINE, BALANCES_DO_NOT_BRIDGE, CUT_OFF_DIFFERS, DOES_NOT_SUM,
    LINE_UNKNOWN, MOVED_ON, NOT_A_DIFFERENCE, RESOLVED_BY_SAME, SUPERSEDED, UNEXPLAINED_LEFT, VERSION_DIFFERS,
)
from tests.given import fact, given, other

CUT_OFF = date(2025, 9, 25)
LINES = (
    StatementLine(1, "INV1", LineKind.INVOICE, date(2025, 9, 20), D("100.00")),
    StatementLine(2, "FEE", LineKind.FEE, date(2025, 9, 21), D("-5.00")),
)
CONTENT = StatementContent(1, CUT_OFF, "CNY", D("95.00"), LINES)
STREAM = Statement.stream("acme", "retail-a", "ST/1")
WHOSE = {"company": "acme", "partner": "retail-a", "account": "retail-a", "number": "ST/1"}
RECEIVED = fact(
    Statement.Received, version=1, cut_off=CUT_OFF, currency="CNY", balance=D("95.00"), lines=LINES, supersedes=None, **WHOSE
)  # fmt: skip
FEE = DifferenceClass.FEE_NOT_AGREED
SAID = Resolution(2, None, FEE, None, "no agreement", "mei")
RESOLVED = fact(Statement.DifferenceResolved, resolution=SAID)
AGREEMENT = Agreement(
    date(2025, 10, 13), D("100.00"), {FEE: D("-5.00")}, (AgreedDocument("invoice/acme/INV1", D("100.00"), D(0)),),
    {"receivables": 7}, "li",
)  # fmt: skip
AGREED = fact(
    Statement.Agreed, company="acme", partner="retail-a", cut_off=CUT_OFF, currency="CNY", balance=D("95.00"),
    agreement=AGREEMENT,
)  # fmt: skip
IS_SUPERSEDED = fact(Statement.Superseded, by="statement/acme/retail-a/ST-2")


def version(number: int, balance: str = "95.00", **facts: Any) -> StatementContent:
    lines = (replace(LINES[0], amount=D(balance) + 5), LINES[1])
    return replace(CONTENT, version=number, balance=D(balance), lines=lines, **facts)


def anew(content: StatementContent) -> Any:
    return fact(
        Statement.ReceivedAnew, version=content.version, cut_off=content.cut_off, currency=content.currency,
        balance=content.balance, lines=content.lines,
    )  # fmt: skip


def test_the_stream_is_the_customers_number() -> None:
    assert STREAM == "statement/acme/retail-a/ST%2F1"


def test_what_the_customer_states_is_kept() -> None:
    given(Statement).when_new(lambda: Statement.receive(content=CONTENT, **WHOSE)).then(RECEIVED).then_state(status="RECEIVED")


@pytest.mark.parametrize(
    ("content", "refusal", "says"),
    [
        (
            replace(CONTENT, balance=D("96.00")), DOES_NOT_SUM,
            "Statement ST/1: its lines come to 95.00, its balance is 96.00, -1.00 apart. Send every line that the customer"
            " states, or ask the customer for one that sums.",
        ),
        (
            replace(CONTENT, lines=(replace(LINES[0], amount=D("100.001")), LINES[1])), AMOUNT_TOO_FINE,
            "Statement ST/1: line 1 states 100.001; CNY has no part smaller than 0.01. Send whole units of 0.01.",
        ),
        (
            replace(CONTENT, lines=(replace(LINES[0], tax=D("0.001")), LINES[1])), AMOUNT_TOO_FINE,
            "Statement ST/1: the tax of line 1 states 0.001; CNY has no part smaller than 0.01. Send whole units of 0.01.",
        ),
    ],
)
def test_a_statement_that_does_not_hold_together_is_refused(
    content: StatementContent, refusal: Refusal, says: str
) -> None:
    given(Statement).when_new(lambda: Statement.receive(content=content, **WHOSE)).then_refused(refusal, says)
    later = replace(content, version=2)
    given(Statement, RECEIVED).when(lambda statement: statement.receive_again(later)).then_refused(refusal)


def test_a_later_version_replaces_and_what_was_said_falls_away() -> None:
    second = version(2, "80.00")
    outcome = given(Statement, RECEIVED, RESOLVED).when(lambda statement: statement.receive_again(second))
    outcome.then(anew(second)).then_state(content=second, resolutions=())


@pytest.mark.parametrize("again", [CONTENT, version(1), replace(version(1, "1.00"), version=0)])
def test_the_same_again_or_an_older_one_says_nothing(again: StatementContent) -> None:
    given(Statement, RECEIVED, RESOLVED).when(lambda statement: statement.receive_again(again)).then_nothing()
    given(Statement, RECEIVED, AGREED).when(lambda statement: statement.receive_again(again)).then_nothing()


@pytest.mark.parametrize(
    ("content", "refusal"),
    [
        (version(1, "80.00"), VERSION_DIFFERS),
        (version(2, cut_off=date(2025, 9, 30)), CUT_OFF_DIFFERS),
        (version(2, currency="USD"), CUT_OFF_DIFFERS),
    ],
)
def test_another_statement_under_its_number_is_refused(content: StatementContent, refusal: Refusal) -> None:
    given(Statement, RECEIVED).when(lambda statement: statement.receive_again(content)).then_refused(refusal)


def test_the_last_word_about_a_line_holds() -> None:
    given(Statement, RECEIVED).when(lambda statement: statement.resolve(SAID)).then(RESOLVED).then_state(resolutions=(SAID,))
    given(Statement, RECEIVED, RESOLVED).when(lambda statement: statement.resolve(SAID)).then_nothing()
    word = replace(SAID, said=DifferenceClass.TIMING, by="li")
    outcome = given(Statement, RECEIVED, RESOLVED).when(lambda statement: statement.resolve(word))
    outcome.then(fact(Statement.DifferenceResolved, resolution=word)).then_state(resolutions=(word,))
    document = replace(SAID, line=None, document="invoice/acme/INV2")
    given(Statement, RECEIVED, RESOLVED).when(lambda statement: statement.resolve(document)).then_state(
        resolutions=(SAID, document)
    )


@pytest.mark.parametrize(
    ("word", "refusal"),
    [(replace(SAID, line=3), LINE_UNKNOWN), (replace(SAID, said=DifferenceClass.MATCHED), NOT_A_DIFFERENCE)],
)
def test_a_word_about_nothing_is_refused(word: Resolution, refusal: Refusal) -> None:
    given(Statement, RECEIVED).when(lambda statement: statement.resolve(word)).then_refused(refusal)


def test_it_is_agreed_when_nothing_is_unexplained() -> None:
    given(Statement, RECEIVED).when(lambda statement: statement.agree(AGREEMENT, {}, 1)).then(AGREED).then_state(
        status="AGREED", agreement=AGREEMENT
    )
    given(Statement, RECEIVED, AGREED).when(lambda statement: statement.agree(AGREEMENT, {}, 2)).then_nothing()


@pytest.mark.parametrize(
    ("agreement", "unexplained", "seen", "refusal", "figures"),
    [
        (AGREEMENT, {"line 1": D("-5.00")}, 1, UNEXPLAINED_LEFT, {"figure": D("-5.00"), "count": 1}),
        # two that cancel out are two
        (AGREEMENT, {"line 1": D("-5.00"), "line 2": D("5.00")}, 1, UNEXPLAINED_LEFT, {"figure": D("0.00"), "count": 2}),
        (
            replace(AGREEMENT, agreed_on=date(2025, 9, 24)), {}, 1, AGREED_BEFORE_CUT_OFF,
            {"figure": date(2025, 9, 24), "limit": CUT_OFF},
        ),
        (AGREEMENT, {}, 2, MOVED_ON, {"figure": 2, "limit": 1}),
        (
            replace(AGREEMENT, our_balance=D("101.00")), {}, 1, BALANCES_DO_NOT_BRIDGE,
            {"figure": D("96.00"), "limit": D("95.00"), "excess": D("1.00")},
        ),
    ],
)
def test_what_is_not_explained_is_not_agreed(
    agreement: Agreement, unexplained: dict[str, D], seen: int, refusal: Refusal, figures: dict[str, Any]
) -> None:
    outcome = given(Statement, RECEIVED).when(lambda statement: statement.agree(agreement, unexplained, seen))
    outcome.then_refused(refusal, **figures)


def test_who_said_what_a_difference_is_does_not_agree_it() -> None:
    mine = replace(AGREEMENT, by="mei")
    given(Statement, RECEIVED, RESOLVED).when(lambda statement: statement.agree(mine, {}, 2)).then_refused(
        RESOLVED_BY_SAME, person="mei", about=["line 2"]
    )
    agreed = other(AGREED, agreement=AGREEMENT)
    given(Statement, RECEIVED, RESOLVED).when(lambda statement: statement.agree(AGREEMENT, {}, 2)).then(agreed)


@pytest.mark.parametrize(("end", "refusal"), [(AGREED, AGREED_ALREADY), (IS_SUPERSEDED, SUPERSEDED)])
def test_what_is_agreed_or_superseded_changes_no_more(end: Any, refusal: Refusal) -> None:
    late = replace(AGREEMENT, agreed_on=date(2025, 11, 1))
    for change in (
        lambda statement: statement.receive_again(version(2)),
        lambda statement: statement.resolve(SAID),
        lambda statement: statement.agree(late, {}, 2),
        lambda statement: statement.supersede("statement/acme/retail-a/ST-3"),
    ):
        given(Statement, RECEIVED, end).when(change).then_refused(refusal)


def test_superseded_once() -> None:
    by = "statement/acme/retail-a/ST-2"
    given(Statement, RECEIVED).when(lambda statement: statement.supersede(by)).then(IS_SUPERSEDED).then_state(
        status="SUPERSEDED"
    )
    given(Statement, RECEIVED, IS_SUPERSEDED).when(lambda statement: statement.supersede(by)).then_nothing()


def test_one_statement_holds_for_a_cut_off() -> None:
    opened = fact(StatementCutOffs.Opened, company="acme", partner="retail-a")
    taken = fact(StatementCutOffs.Taken, cut_off=CUT_OFF, currency="CNY", statement=STREAM)
    given(StatementCutOffs).when_new(lambda: StatementCutOffs.open("acme", "retail-a")).then(opened)
    outcome = given(StatementCutOffs, opened).when(lambda cut_offs: cut_offs.take(CONTENT, STREAM)).then(taken)
    assert outcome.aggregate is not None
    assert outcome.aggregate.holding(CONTENT) == STREAM
    assert outcome.aggregate.holding(replace(CONTENT, currency="USD")) is None
    given(StatementCutOffs, opened, taken).when(lambda cut_offs: cut_offs.take(CONTENT, STREAM)).then_nothing()
