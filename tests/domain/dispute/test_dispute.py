"""A dispute goes exactly the ways of definitions 4.6, each posting keeps I2, and who asks never approves."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from decimal import Decimal as D
from typing import Any

import pytest

from domain.dispute import refusals as why
from domain.dispute.changing import fall_away, merge, reverse_repayment, split_off
from domain.dispute.checks import Checked
from domain.dispute.clocks import Clock
from domain.dispute.dispute import Dispute
from domain.dispute.life_cycle import Status
from domain.dispute.state import Claim, Waiver
from domain.dispute.terms import WriteOffTerms
from domain.dispute.verdict import Shares, Stage
from domain.dispute.write_offs import GivenUp, WriteOffBook
from domain.aggregate import deciding_at
from domain.refusal import Refused
from tests.domain.dispute.cases import (
    DAY, DATES, FEE, R1, R2, SHORTAGE, STREAM, WAYS, accepted, begun, both, closed, credited, expired, opened, repaid, submitted,
)
from tests.given import MOMENT, fact, given, replayed

SETTLEMENT = "settlement/acme/retail-a/R2"

STEPS: dict[str, Callable[[Dispute], Any]] = {
    "begin": lambda d: d.begin_work("clara"),
    "submit": lambda d: d.submit("", DAY, "clara"),
    "accept": lambda d: d.accept(D("1.00"), "mail", DAY, "clara"),
    "reject": lambda d: d.reject("no", "mail", DAY, "clara"),
    "escalate": lambda d: d.escalate("lawyer", "clara"),
    "repay": lambda d: d.repay("settlement/x", {R1: D("1.00")}, DAY, "clara"),
    "concede": lambda d: d.credit({R1: d.state.outstanding}, ("CM",), reason="x", by="clara"),
    "write off": lambda d: d.write_off("W1", {R1: d.state.outstanding}, reason="x", requester="a", approver="b", on=DAY),
    "void": lambda d: d.void("twice", "clara"),
    "expire": lambda d: d.pass_clocks(date(2026, 6, 1)),
}

# 4.6: from each state, where each step leads. What is not here is refused, or (expire) says nothing.
ANY_OPEN = {"concede": "CLOSED", "write off": "CLOSED", "void": "VOIDED"}
LEADS: dict[str, dict[str, str]] = {
    "OPEN": ANY_OPEN | {"begin": "IN_PROCESS", "expire": "EXPIRED"},
    "IN_PROCESS": ANY_OPEN | {"begin": "IN_PROCESS", "submit": "SUBMITTED", "expire": "EXPIRED"},
    "SUBMITTED": ANY_OPEN | {"accept": "ACCEPTED_BY_CUSTOMER", "reject": "REJECTED_BY_CUSTOMER"},
    "ACCEPTED_BY_CUSTOMER": ANY_OPEN | {"repay": "ACCEPTED_BY_CUSTOMER"},
    "REPAID": {"concede": "CLOSED", "write off": "CLOSED"},  # it has a posting: not to be voided
    "REJECTED_BY_CUSTOMER": ANY_OPEN | {"escalate": "ESCALATED"},
    "ESCALATED": ANY_OPEN | {"accept": "ACCEPTED_BY_CUSTOMER"},
    "EXPIRED": ANY_OPEN,
    "CLOSED": {},
    "VOIDED": {"void": "VOIDED"},
}


@pytest.mark.parametrize("step", STEPS)
@pytest.mark.parametrize("status", WAYS)
def test_the_life_cycle(status: str, step: str) -> None:
    case = given(Dispute, *WAYS[status], stream=STREAM)
    assert case.state.status == status
    outcome = case.when(STEPS[step])
    leads = LEADS[status].get(step)
    if leads is not None:
        outcome.then_state(status=Status(leads))
    elif step == "expire":
        outcome.then_state(status=Status(status))
    else:
        assert outcome.refused is not None and outcome.events == []
        assert outcome.refused.refusal in (why.STEP_NOT_POSSIBLE, why.POSTINGS_STAND)


def test_a_dispute_is_opened() -> None:
    claims = (SHORTAGE, FEE)
    made = opened(*claims)
    facts = {name: getattr(made, name) for name in (
        "company", "partner", "account", "number", "currency", "zone", "reason", "claims", "dates", "on", "by",
    )}
    given(Dispute).when_new(lambda: Dispute.open(**facts)).then(made).then_state(
        claimed=D("12260.00"), outstanding=D("12260.00"), status=Status.OPEN
    )
    nothing = {**facts, "claims": ()}
    given(Dispute).when_new(lambda: Dispute.open(**nothing)).then_refused(why.NO_CLAIMS)
    zero = {**facts, "claims": (Claim(R1, D(0), None, "s", DAY),)}
    given(Dispute).when_new(lambda: Dispute.open(**zero)).then_refused(why.CLAIM_NOT_POSITIVE, figure=D(0))


def test_s2_every_posting_keeps_the_sum() -> None:
    case = given(Dispute, opened(), begun, both, submitted, accepted)
    case.when(lambda d: d.credit({R1: D("1356.00")}, ("invoice/acme/CM2",), reason="POD", by="clara")).then(credited).then_state(
        status=Status.ACCEPTED_BY_CUSTOMER, credited=D("1356.00"), outstanding=D("904.00"), creditable=D(0)
    )
    given(Dispute, opened(), begun, both, submitted, accepted, credited).when(
        lambda d: d.repay(SETTLEMENT, {R1: D("904.00")}, DAY, "clara")
    ).then(repaid, closed).then_state(status=Status.CLOSED, outstanding=D(0), repaid=D("904.00"))


def verdict(supplier: str, customer: str, contractual: str = "0", **more: Any) -> Callable[[Dispute], None]:
    found = Shares(D(supplier), D(customer), D(contractual))
    return lambda d: d.give_verdict(found, Stage.DELIVERY, Checked(), reason="POD", by="clara", **more)


def test_a_verdict_is_given_once_and_anew_until_something_is_posted() -> None:
    given(Dispute, opened(), begun).when(verdict("1356.00", "904.00")).then(both)
    given(Dispute, opened(), begun, both).when(verdict("1356.00", "904.00")).then_nothing()
    given(Dispute, opened(), begun, both).when(verdict("2260.00", "0")).then_state(creditable=D("2260.00"), repayable=D(0))
    given(Dispute, opened(), begun, both, credited).when(verdict("2260.00", "0")).then_refused(
        why.VERDICT_POSTED, figure=D("1356.00")
    )


def test_an_allowance_names_its_agreement() -> None:
    given(Dispute, opened()).when(verdict("0", "0", "2260.00")).then_refused(why.AGREEMENT_MISSING, figure=D("2260.00"))
    given(Dispute, opened()).when(verdict("0", "0", "2260.00", agreement="PROMO-7")).then_state(agreement="PROMO-7")
    given(Dispute, opened(agreement="PROMO-7")).when(verdict("0", "0", "2260.00")).then_state(creditable=D("2260.00"))


def test_what_is_not_judged_has_no_effect_on_accounts() -> None:
    unknown = Shares(supplier=D("100.00"), undetermined=D("2160.00"))
    case = given(Dispute, opened(), begun).when(
        lambda d: d.give_verdict(unknown, Stage.ORDER, Checked(), reason="?", by="clara")
    )
    case.then_state(creditable=D(0), repayable=D(0))
    given(Dispute, opened(), begun).when(lambda d: d.submit("", DAY, "clara")).then_refused(why.NO_VERDICT)
    given(Dispute, opened(), begun).when(lambda d: d.check_credit(D("1.00"))).then_refused(why.NO_VERDICT)


def test_amounts_have_their_limits() -> None:
    given(Dispute, *WAYS["SUBMITTED"], stream=STREAM).when(lambda d: d.accept(D("904.01"), "m", DAY, "c")).then_refused(
        why.ACCEPTED_MORE,
        "Dispute dispute/acme/retail-a/D1 asked the customer for 904.00; m accepts 904.01, 0.01 more. Record at most 904.00.",
    )
    given(Dispute, *WAYS["ACCEPTED_BY_CUSTOMER"]).when(
        lambda d: d.repay(SETTLEMENT, {R1: D("904.01")}, DAY, "c")
    ).then_refused(why.REPAID_MORE, limit=D("904.00"), excess=D("0.01"))
    given(Dispute, *WAYS["OPEN"]).when(lambda d: d.check_credit(D("1356.01"))).then_refused(
        why.CREDIT_BEYOND_VERDICT, limit=D("1356.00"), excess=D("0.01")
    )
    given(Dispute, *WAYS["OPEN"]).when(
        lambda d: d.write_off("W", {R1: D("2260.01")}, reason="x", requester="a", approver="b", on=DAY)
    ).then_refused(why.MORE_THAN_OUTSTANDING, limit=D("2260.00"), excess=D("0.01"))
    given(Dispute, opened(), begun, both).when(lambda d: d.accept(D(0), "m", DAY, "c")).then_refused(why.STEP_NOT_POSSIBLE)


# Giving up

asked = fact(
    Dispute.WaiverRequested, kind=Waiver.WRITE_OFF, request="W1", amount=D("2000.00"), reason="old", by="clara",
    band=D("1000.00"), counted=D(0), together_with=(), split=False,
)


def test_who_asks_never_approves() -> None:
    case = given(Dispute, opened(), asked)
    case.when(lambda d: d.approved("W1", "clara")).then_refused(why.REQUESTER_CANNOT_APPROVE, figure=D("2000.00"))
    case.when(lambda d: d.approved("W1", "carla")).then_nothing()
    case.when(lambda d: d.approved("W2", "carla")).then_refused(why.REQUEST_UNKNOWN, known="W1")
    case.when(lambda d: d.decline_waiver("W1", "no", "carla")).then_state(requests={})
    by = {"requester": "clara", "approver": "carla"}
    case.when(lambda d: d.write_off("W1", {R1: D("2000.00")}, reason="old", on=DAY, **by)).then_state(
        requests={}, written_off=D("2000.00"), outstanding=D("260.00"), status=Status.OPEN
    )


def test_requests_do_not_ask_for_the_same_money_twice() -> None:
    given(Dispute, opened(), asked).when(
        lambda d: d.request_waiver(Waiver.WRITE_OFF, "W2", D("260.01"), "x", "clara", band=None, counted=D(0))
    ).then_refused(why.MORE_THAN_OUTSTANDING, limit=D("260.00"), excess=D("0.01"))


def noted(document: str, amount: str, by: str = "clara", settlement: str = "S1", on: date = DAY, currency: str = "CNY") -> Any:
    return fact(
        WriteOffBook.GivenUpAlone, document=document, settlements=(settlement,), amount=D(amount), currency=currency, by=by, on=on
    )


# What was given up before, and whether 400.00 more by clara of payment S1 needs a second person (band 1,000.00 in 30 days).
BEFORE: dict[str, tuple[list[Any], bool, str]] = {
    "nothing": ([], False, "0"),
    "up to the band": ([noted("W1", "600.00")], False, "600.00"),
    "a cent over the band": ([noted("W1", "600.01")], True, "600.01"),
    "in three parts": ([noted("W1", "500.00"), noted("W2", "300.00", settlement="S2")], True, "800.00"),
    "by two persons of one payment": ([noted("W1", "900.00", by="bo")], True, "900.00"),
    "by another person of another payment": ([noted("W1", "900.00", by="bo", settlement="S2")], False, "0"),
    "thirty days ago": ([noted("W1", "900.00", on=date(2026, 1, 31))], True, "900.00"),
    "longer ago": ([noted("W1", "900.00", on=date(2026, 1, 30))], False, "0"),
    "in another currency": ([noted("W1", "900.00", currency="EUR")], False, "0"),
}


@pytest.mark.parametrize("case", BEFORE)
def test_splitting_to_stay_under_the_band_is_found(case: str) -> None:
    before, second, counted = BEFORE[case]
    book = replayed(WriteOffBook, (fact(WriteOffBook.Opened, partner="retail-a"), *before))
    assert book is not None
    weighed = book.weigh(WriteOffTerms(D("1000.00"), 30), D("400.00"), "CNY", "clara", ["S1"], DAY)
    assert (weighed.second_person, weighed.counted, weighed.split) == (second, D(counted), second)


def test_without_a_band_nobody_gives_up_alone() -> None:
    opened_book = fact(WriteOffBook.Opened, partner="retail-a")
    book = replayed(WriteOffBook, (opened_book,))
    assert book is not None
    assert book.weigh(WriteOffTerms(), D("0.01"), "CNY", "clara", ["S1"], DAY).second_person
    whole = book.weigh(WriteOffTerms(D("100.00")), D("100.01"), "CNY", "clara", ["S1"], DAY)
    assert (whole.second_person, whole.split) == (True, False)
    given(WriteOffBook, opened_book).when(
        lambda b: b.note(GivenUp("W1", ("S1",), D("600.00"), "CNY", "clara", DAY))
    ).then(noted("W1", "600.00"))


# Clocks


def clocks(day: date, *facts: Any) -> list[Any]:
    outcome = given(Dispute, *facts).when(lambda d: d.pass_clocks(day))
    return [getattr(event, "clock", "EXPIRED") for event in outcome.events]


def test_a_clock_passes_once_and_only_while_it_matters() -> None:
    first = fact(Dispute.ClockPassed, clock=Clock.ACKNOWLEDGE, day=date(2026, 3, 5))
    assert clocks(date(2026, 3, 4), opened()) == []
    assert clocks(date(2026, 3, 5), opened()) == [Clock.ACKNOWLEDGE]
    assert clocks(date(2026, 3, 6), opened(), first) == []
    assert clocks(date(2026, 3, 5), opened(), begun) == []
    assert clocks(date(2026, 4, 17), opened(), begun) == [Clock.EVIDENCE]
    assert clocks(date(2026, 4, 17), opened(), begun, both) == []
    assert clocks(date(2026, 5, 4), opened(), begun, both) == [Clock.ESCALATE]
    assert clocks(date(2026, 6, 1), opened(), begun, both) == [Clock.ESCALATE, "EXPIRED"]
    assert clocks(date(2026, 6, 1), opened()) == [Clock.ACKNOWLEDGE, Clock.EVIDENCE, Clock.ESCALATE, "EXPIRED"]
    for status in ("SUBMITTED", "REJECTED_BY_CUSTOMER", "EXPIRED", "CLOSED", "VOIDED"):
        assert clocks(date(2027, 1, 1), *WAYS[status]) == []


def test_what_expired_is_conceded_or_written_off() -> None:
    given(Dispute, opened(), begun, both, expired).when(lambda d: d.submit("", DAY, "c")).then_refused(why.STEP_NOT_POSSIBLE)
    given(Dispute, opened(), begun, both, expired).when(
        lambda d: d.credit({R1: D("1356.00")}, ("CM",), reason="x", by="c")
    ).then_state(status=Status.EXPIRED, outstanding=D("904.00"))


# Split, merge, reversal: several aggregates in one command


def of(*facts: Any, number: str = "D1") -> Dispute:
    made = replayed(Dispute, facts, Dispute.stream("acme", "retail-a", number))
    assert made is not None
    return made


def test_a_split_keeps_the_sum() -> None:
    whole = of(opened(SHORTAGE, FEE), begun)
    with deciding_at(MOMENT):
        part = split_off(whole, "D2", {R1: D("1000.00"), R2: D("10000.00")}, DAY, "clara")
    assert {name: claim.amount for name, claim in whole.state.claims.items()} == {R1: D("1260.00")}
    assert {name: claim.amount for name, claim in part.state.claims.items()} == {R1: D("1000.00"), R2: D("10000.00")}
    assert (part.state.dates, part.state.status, whole.state.judged) == (DATES, Status.OPEN, None)


@pytest.mark.parametrize("amounts", [{}, {R1: D("2260.00")}, {R1: D("2260.01")}, {R1: D(0)}, {"deduction/x": D("1.00")}])
def test_a_split_leaves_something_on_both_sides(amounts: dict[str, D]) -> None:
    with deciding_at(MOMENT), pytest.raises(Refused) as refused:
        split_off(of(opened()), "D2", amounts, DAY, "clara")
    assert refused.value.refusal == why.SPLIT_IMPOSSIBLE


def test_what_has_postings_is_neither_split_nor_merged() -> None:
    posted = of(opened(SHORTAGE, FEE), begun, credited)
    other = of(opened(FEE, number="D2"), number="D2")
    for command in (
        lambda: split_off(posted, "D3", {R2: D("1.00")}, DAY, "clara"), lambda: merge(posted, other, "clara"),
        lambda: merge(other, posted, "clara"),
    ):
        with deciding_at(MOMENT), pytest.raises(Refused) as refused:
            command()
        assert refused.value.refusal == why.POSTINGS_STAND


def test_a_merge_keeps_the_sum() -> None:
    one, other = of(opened(SHORTAGE), begun, both), of(opened(FEE, number="D2"), number="D2")
    with deciding_at(MOMENT):
        merge(one, other, "clara")
    assert (one.state.claimed, other.state.claimed) == (D("12260.00"), D(0))
    assert (one.state.judged, other.state.status) == (None, Status.VOIDED)
    strange = of(opened(FEE, number="D3", currency="EUR"), number="D3")
    for second in (one, strange):
        with deciding_at(MOMENT), pytest.raises(Refused) as refused:
            merge(one, second, "clara")
        assert refused.value.refusal == why.MERGE_IMPOSSIBLE


def test_a_repayment_that_bounced_opens_a_closed_dispute() -> None:
    dispute = of(*WAYS["CLOSED"])
    with deciding_at(MOMENT):
        reverse_repayment(dispute, SETTLEMENT, "no cover")
        reverse_repayment(dispute, SETTLEMENT, "no cover")
    state = dispute.state
    assert (state.status, state.outstanding, state.repaid, state.credited) == (
        Status.OPEN, D("904.00"), D(0), D("1356.00"),
    )
    assert [type(event).__name__ for event in dispute.collect_events()] == ["RepaymentReversed", "Reopened"]


def test_a_claim_falls_away_with_its_payment() -> None:
    """S8: what was credited stays; what was repaid is no more; an untouched dispute is voided."""
    touched, untouched, two = of(*WAYS["CLOSED"]), of(opened(), begun), of(opened(SHORTAGE, FEE), begun)
    with deciding_at(MOMENT):
        for dispute in (touched, untouched, two):
            fall_away(dispute, R1, "bounced", "carla")
    assert (touched.state.status, touched.state.claimed, touched.state.credited) == (
        Status.CLOSED, D("1356.00"), D("1356.00"),
    )
    assert (untouched.state.status, untouched.state.claimed) == (Status.VOIDED, D(0))
    assert (two.state.status, two.state.claimed) == (Status.IN_PROCESS, D("10000.00"))


