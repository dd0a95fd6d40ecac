"""C1 to C10 of definitions.md 2.3, each figure from the page, decided by the credit account itself."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest

from domain.aggregate import deciding_at
from domain.credit import CreditCode, StageAmounts
from domain.credit_account import CreditAccount
from domain.credit_book import Cover, CoverKind, DraftKind, ItemShift, Planned
from domain.credit_policy import CreditPolicy, SecuredTreatment
from domain.values import local_date

D = Decimal
MOMENT = datetime(2025, 6, 15, 9, 0, tzinfo=UTC)
ON = date(2025, 6, 15)
YEAR = date(2025, 1, 1)


@pytest.fixture(autouse=True)
def _a_moment() -> Any:
    with deciding_at(MOMENT):
        yield


def opened(limit: int | None, currency: str = "CNY", name: str = "A", policy: CreditPolicy | None = None) -> CreditAccount:
    account = CreditAccount.open(name, currency, "Asia/Shanghai")
    if limit is not None:
        account.agree_limit(D(limit), YEAR, None, ON)
    if policy is not None:
        account.agree_policy(policy, YEAR, ON)
    return account


def decided(account: CreditAccount) -> list[Any]:
    """The facts since the last look."""
    return list(account.collect_events())


def ask(account: CreditAccount, order: str, amount: int | str, on: date = ON, **more: Any) -> Any:
    """The last fact that asking for an order leads to."""
    decided(account)
    account.reserve(order, 1, D(amount), on, **more)
    return decided(account)[-1]


def codes(event: Any) -> list[CreditCode]:
    return [reason.code for reason in event.reasons]


# C1


def c1(policy: CreditPolicy = CreditPolicy()) -> CreditAccount:
    """As the example says; SO3 is credit-held, so nothing of it counts."""
    account = opened(20_000_000)
    account.reserve("SO1", 1, D(904000), ON, plan=(Planned(date(2025, 6, 20), D(904000)),))
    account.reserve("SO2", 1, D(565000), ON, plan=(Planned(date(2025, 8, 15), D(565000)),))
    account.record_delivery("SO0", "S0", D(226000), ON)
    account.record_invoice("INV1", D(3074000), ON)
    account.record_invoice("INV2", D(90000), ON)
    account.dispute_item("INV2", D(90000), ON)
    account.record_payment("P", D(0), ON, on_account=D(150000))
    account.record_credit("CM", D(45200), ON)
    account.happened(
        CreditAccount.Invoiced, invoice="unposted", shipment=None, delivered=D(0), on=ON, moved=StageAmounts(unposted=D(113000))
    )
    account.agree_limit(D(5_000_000), YEAR, None, ON)
    account.reserve("SO3", 1, D(339000), ON)
    cover = Cover("P-1", CoverKind.INSURANCE, D(2000000), D(90), YEAR)
    account.agree_cover(cover, ON)
    account.agree_policy(policy, YEAR, ON)
    return account


@pytest.mark.parametrize(
    ("policy", "exposure", "over"),
    [
        (CreditPolicy(), "4776800", "115800"),
        (CreditPolicy(horizon=30), "4211800", None),
        (CreditPolicy(include_disputed=False), "4686800", "25800"),
        (CreditPolicy(secured_treatment=SecuredTreatment.REPORT_ONLY), "4776800", "115800"),
        (CreditPolicy(secured_treatment=SecuredTreatment.REDUCE_EXPOSURE), "2976800", None),
    ],
)
def test_c1_exposure_and_the_new_order(policy: CreditPolicy, exposure: str, over: str | None) -> None:
    account = c1(policy)
    account.reduce("SO3", D(0), ON)
    assert account.exposure_on(ON) == D(exposure)
    event = ask(account, "SO4", 339000, plan=(Planned(date(2025, 6, 25), D(339000)),))
    if over is None:
        assert isinstance(event, CreditAccount.Reserved)
        assert account.exposure_on(ON) == D(exposure) + D(339000)
    else:
        assert [(reason.code, reason.excess) for reason in event.reasons] == [(CreditCode.LIMIT_EXCEEDED, D(over))]
        assert (event.exposure, event.limit) == (D(exposure), D(5000000))


def test_c1_unapplied_cash_left_out() -> None:
    account = c1(CreditPolicy(include_unapplied_cash=False))
    account.reduce("SO3", D(0), ON)
    assert account.exposure_on(ON) == D(4776800 + 150000)


def test_an_order_beyond_the_horizon_asks_for_nothing_now_and_is_checked_when_it_enters() -> None:
    account = opened(100, policy=CreditPolicy(horizon=30))
    assert isinstance(ask(account, "N", 80), CreditAccount.Reserved)
    far = ask(account, "F", 50, plan=(Planned(date(2025, 8, 1), D(50)),))
    assert (type(far), far.unchecked, account.exposure_on(ON)) == (CreditAccount.Reserved, True, D(80))
    account.begin_day(date(2025, 7, 1))  # 31 days before: not yet
    assert decided(account) == []
    account.begin_day(date(2025, 7, 2))
    (held,) = decided(account)
    assert isinstance(held, CreditAccount.DeliveryHeld)
    assert [(reason.code, reason.excess) for reason in held.reasons] == [(CreditCode.LIMIT_EXCEEDED, D(30))]
    account.reduce("N", D(50), date(2025, 7, 2))
    assert isinstance(decided(account)[-1], CreditAccount.DeliveryPassed)
    assert (account.state.delivery_holds, account.state.orders["F"].unchecked) == ({}, False)


def test_a_letter_of_credit_guarantees_its_item_wholly_or_not_at_all() -> None:
    reduce = CreditPolicy(secured_treatment=SecuredTreatment.REDUCE_EXPOSURE)
    for amount, exposure in ((D("99.99"), 160), (D(100), 60)):
        account = opened(1000, policy=reduce)
        account.record_invoice("I1", D(100), ON)
        account.record_invoice("I2", D(60), ON)
        account.agree_cover(Cover("LC", CoverKind.LETTER_OF_CREDIT, amount, D(100), YEAR, None, "I1"), ON)
        assert account.exposure_on(ON) == exposure


def test_a_commercial_draft_is_exposure_until_it_matures_and_a_bank_draft_only_where_agreed() -> None:
    account = opened(1000)
    account.receive_draft("B1", DraftKind.COMMERCIAL, D(70), date(2025, 9, 1), ON)
    account.receive_draft("B1", DraftKind.COMMERCIAL, D(70), date(2025, 9, 1), ON)
    account.receive_draft("B2", DraftKind.BANK, D(30), date(2025, 9, 1), ON)
    assert account.exposure_on(ON) == 70
    account.agree_policy(CreditPolicy(include_bank_drafts=True), YEAR, ON)
    assert account.exposure_on(ON) == 100
    account.end_draft("B1", True, ON)
    account.end_draft("B2", True, ON)
    assert (account.exposure_on(ON), account.state.drafts) == (0, {})


# C3


def group() -> CreditAccount:
    """Parent 8 000 000; A 5 000 000 with 4 200 000 used; B 4 000 000 with 3 500 000 used."""
    parent = opened(8_000_000, name="P")
    for name, limit, used in (("A", 5_000_000, 4_200_000), ("B", 4_000_000, 3_500_000)):
        member = opened(limit, name=name)
        member.record_invoice(f"I-{name}", D(used), ON)
        parent.asked("P", 0)
        parent.admit(member.leave_for("P", "P"), "P", ON)
    return parent


def ask_as(parent: CreditAccount, account: str, order: str, amount: int) -> Any:
    parent.asked(account, 0)
    return ask(parent, order, amount)


def test_c3_a_request_must_pass_at_every_ancestor() -> None:
    parent = group()
    held = ask_as(parent, "A", "OA", 500_000)
    (reason,) = held.reasons
    assert (reason.code, reason.subject) == (CreditCode.PARENT_LIMIT, "P")
    assert (reason.figure, reason.limit, reason.excess) == (D(8_200_000), D(8_000_000), D(200_000))
    assert held.exposure == D(4_200_000)
    assert isinstance(ask_as(parent, "B", "OB", 300_000), CreditAccount.Reserved)
    assert parent.exposure_on(ON) == D(8_000_000)


@pytest.mark.parametrize("order", [("A", "B"), ("B", "A")])
def test_c3_together_b_is_approved_and_a_held_in_either_order(order: tuple[str, str]) -> None:
    parent = group()
    found = {name: ask_as(parent, name, f"O{name}", {"A": 500_000, "B": 300_000}[name]) for name in order}
    assert isinstance(found["B"], CreditAccount.Reserved)
    assert codes(found["A"]) == [CreditCode.PARENT_LIMIT]
    assert (parent.exposure_on(ON, "A"), parent.exposure_on(ON, "B")) == (D(4_200_000), D(3_800_000))


def test_a_payment_of_one_member_lets_the_held_order_of_another_go() -> None:
    parent = group()
    ask_as(parent, "A", "OA", 500_000)
    parent.asked("B", 0)
    parent.record_payment("P1", D(200_000), ON)
    released = decided(parent)[-1]
    assert (type(released), released.order, released.account) == (CreditAccount.Reserved, "OA", "A")


def test_a_member_over_its_own_limit_and_a_deeper_hierarchy() -> None:
    parent = group()
    parent.asked("B", 0)
    sub = opened(None, name="B1")
    parent.admit(sub.leave_for("B", "P"), "B", ON)
    assert codes(ask_as(parent, "A", "OA", 900_000)) == [CreditCode.LIMIT_EXCEEDED, CreditCode.PARENT_LIMIT]
    above = ask_as(parent, "B1", "OB1", 500_001)  # its own limit is nobody's; B and P are passed
    assert [(reason.code, reason.subject) for reason in above.reasons] == [
        (CreditCode.PARENT_LIMIT, "B"), (CreditCode.PARENT_LIMIT, "P"),
    ]
    assert isinstance(ask_as(parent, "B1", "OB2", 300_000), CreditAccount.Reserved)
    assert parent.exposure_on(ON, "B") == D(3_800_000)


@pytest.mark.parametrize(("strict", "released"), [("", ["A2", "B1"]), ("A", ["B1"]), ("P", [])])
def test_strict_order_holds_back_the_account_that_agreed_it_or_the_whole_group(strict: str, released: list[str]) -> None:
    parent = group()
    for account, order, amount in (("A", "A1", 700_000), ("A", "A2", 10_000), ("B", "B1", 10_000)):
        parent.asked(account, 0)
        parent.block("while they come")
        parent.reserve(order, 1, D(amount), ON)
    for account in ("A", "B"):
        if strict in ("A", "P") and account == "A":
            parent.asked(strict, 0)
            parent.happened(
                CreditAccount.PolicyAgreed, policy=CreditPolicy(strict_fifo=True), version=1, first_day=YEAR,
                account="" if strict == "P" else strict,
            )
        parent.happened(CreditAccount.Unblocked, reason="over", account=account)
    decided(parent)
    parent.examine_held(ON)
    assert [event.order for event in decided(parent)] == released


# C4


def c4() -> CreditAccount:
    account = opened(1_000_000, currency="USD")
    account.record_rate("CNY", "USD", D("7.25"), date(2025, 6, 15), ON)
    account.record_rate("CNY", "USD", D("7.20"), date(2025, 6, 16), ON)
    account.record_invoice("I-USD", D(400_000), ON)
    account.record_invoice("I-CNY", D(2_900_000), ON, currency="CNY")
    return account


def test_c4_currencies_at_the_rate_of_the_check_date() -> None:
    account = c4()
    assert account.exposure_on(ON) == D("800000.00")
    approved = ask(account, "OC", 1_450_000, currency="CNY")
    assert isinstance(approved, CreditAccount.Reserved)
    assert account.exposure_on(ON) == D("1000000.00")
    following = date(2025, 6, 16)
    assert account.exposure_on(following) == D("1004166.67")
    account.examine_held(following)
    assert decided(account) == []  # a rate move never blocks retroactively
    account.check_delivery("OC", following)
    (held,) = decided(account)
    assert isinstance(held, CreditAccount.DeliveryHeld)
    assert [(reason.code, reason.excess) for reason in held.reasons] == [(CreditCode.LIMIT_EXCEEDED, D("4166.67"))]
    assert account.state.orders["OC"].amount == D(1_450_000)
    account.record_payment("P", D(4_166), following, items=(ItemShift("I-USD", D(-4_166)),))
    assert not isinstance(decided(account)[-1], CreditAccount.DeliveryPassed)  # 0.67 too little
    account.record_payment("P", D("0.67"), following, items=(ItemShift("I-USD", D("-0.67")),))
    assert isinstance(decided(account)[-1], CreditAccount.DeliveryPassed)


def test_each_item_is_rounded_for_itself() -> None:
    """Three items of 0.05 at 4: 0.0125 each, 0.01 rounded; together they would be 0.04."""
    account = opened(1000, currency="USD")
    account.record_rate("CNY", "USD", D(4), YEAR, ON)
    for number in range(3):
        account.record_invoice(f"I{number}", D("0.05"), ON, currency="CNY")
    assert account.exposure_on(ON) == D("0.03")


def test_a_currency_without_a_rate_is_held_until_there_is_one_and_a_turned_rate_serves() -> None:
    account = opened(1000, currency="USD")
    held = ask(account, "O", 100, currency="EUR")
    assert [(reason.code, reason.subject) for reason in held.reasons] == [(CreditCode.RATE_UNKNOWN, "EUR/USD")]
    account.record_rate("USD", "EUR", D("1.10"), YEAR, ON)
    assert isinstance(decided(account)[-1], CreditAccount.Reserved)
    assert account.exposure_on(ON) == D("110.00")


# C5


def test_c5_the_last_second_of_the_increase_and_the_first_after_it() -> None:
    account = opened(5_000_000)
    account.raise_limit_temporarily(D(1_000_000), date(2025, 9, 1), date(2025, 9, 30), ON)
    last = local_date(datetime.fromisoformat("2025-09-30T23:59:59+08:00"), "Asia/Shanghai")
    first = local_date(datetime.fromisoformat("2025-09-30T16:00:00+00:00"), "Asia/Shanghai")
    account.record_invoice("I", D(5_000_000), last)
    assert codes(ask(account, "late", 600_000, first)) == [CreditCode.LIMIT_EXCEEDED]
    account.reduce("late", D(0), first)
    assert isinstance(ask(account, "O", 600_000, last), CreditAccount.Reserved)
    assert codes(ask(account, "one", 1, first)) == [CreditCode.LIMIT_EXCEEDED]
    assert account.state.orders["O"].amount == 600_000


# C7


@pytest.mark.parametrize(
    ("amount", "on", "checked"),
    [
        ("110000", date(2025, 6, 5), False), ("110000.01", date(2025, 6, 5), True),
        ("110000", date(2025, 6, 6), False), ("110000", date(2025, 6, 7), True),
    ],
)  # fmt: skip
def test_c7_a_changed_order_within_its_release_is_not_checked_again(amount: str, on: date, checked: bool) -> None:
    account = c7()
    account.reserve("O", 2, D(amount), on)
    assert isinstance(decided(account)[-1], CreditAccount.ReservationRefused if checked else CreditAccount.Reserved)


@pytest.mark.parametrize(("on", "checked"), [(date(2025, 6, 6), False), (date(2025, 6, 7), True)])
def test_c7_the_unchanged_order_is_delivered_while_its_release_is_good(on: date, checked: bool) -> None:
    account = c7()
    account.check_delivery("O", on)
    assert isinstance(decided(account)[-1], CreditAccount.DeliveryHeld if checked else CreditAccount.DeliveryPassed)


def c7() -> CreditAccount:
    """Released on 1 June at 100 000 over a limit of 1."""
    account = opened(1, policy=CreditPolicy(release_days=5, release_deviation_percent=D(10)))
    account.reserve("O", 1, D(100_000), date(2025, 6, 1))
    account.release_by_person("O", 1, "li", "wang", date(2025, 6, 1))
    decided(account)
    return account


def test_goods_that_were_delivered_use_up_the_release() -> None:
    account = c7()
    account.record_delivery("O", "S", D(60_000), date(2025, 6, 2))
    account.reserve("O", 2, D(50_000), date(2025, 6, 2))  # 110 000 in all
    assert isinstance(decided(account)[-1], CreditAccount.Reserved)
    account.reserve("O", 3, D("50000.01"), date(2025, 6, 2))
    assert isinstance(decided(account)[-1], CreditAccount.ReservationRefused)


def test_a_person_lets_goods_go_that_wait_for_credit() -> None:
    account = opened(100, policy=CreditPolicy(release_days=5))
    account.reserve("O", 3, D(100), ON)
    account.agree_limit(D(60), YEAR, None, ON)
    decided(account)
    assert account.check_delivery("O", ON).reasons[0].excess == 40
    assert account.check_delivery("O", ON).reasons[0].excess == 40
    assert [type(event).__name__ for event in decided(account)] == ["DeliveryHeld"]  # once
    account.release_by_person("O", 3, "li", "wang", ON)
    released = decided(account)[-1]
    assert (released.excess, released.moved, account.state.delivery_holds) == (D(40), StageAmounts(), {})
    assert account.check_delivery("O", date(2025, 6, 20)).reasons == ()
    assert account.check_delivery("O", date(2025, 6, 21)).reasons != ()


# C8 with the order as agreed in the policy


@pytest.mark.parametrize(("strict", "released"), [(False, ["H2"]), (True, [])])
def test_c8_oldest_first_and_strict_as_the_policy_says(strict: bool, released: list[str]) -> None:
    account = opened(100_000, policy=CreditPolicy(strict_fifo=strict))
    account.record_invoice("I", D(95_000), ON)
    account.reserve("H1", 1, D(20_000), date(2025, 6, 1))
    account.block("for a day")  # H2 comes while nothing passes, so that it has to wait although it would fit
    account.reserve("H2", 1, D(4_000), date(2025, 6, 2))
    account.happened(CreditAccount.Unblocked, reason="over", account="")
    decided(account)
    account.record_payment("P", D(12_000), ON)
    assert [event.order for event in decided(account)[1:]] == released
    assert account.exposure_on(ON) == (83_000 if strict else 87_000)


# C9


@pytest.mark.parametrize(
    ("disputed", "minimum", "blocked"),
    [("5000", "0", False), ("4000", "0", True), ("4000", "1000.00", True), ("4000", "1000.01", False)],
)
def test_c9_the_oldest_undisputed_item(disputed: str, minimum: str, blocked: bool) -> None:
    account = opened(1_000_000, policy=CreditPolicy(oldest_overdue_days=30, overdue_minimum=D(minimum)))
    account.record_invoice("old", D(5_000), ON, due_on=date(2025, 5, 1))  # 45 days before 15 June
    account.record_invoice("new", D(80_000), ON, due_on=date(2025, 6, 5))
    account.dispute_item("old", D(disputed), ON)
    event = ask(account, "O", 1)
    if blocked:
        (reason,) = event.reasons
        assert (reason.code, reason.figure, reason.excess, reason.subject) == (
            CreditCode.OLDEST_ITEM_OVERDUE, D(45), D(15), "old",
        )
    else:
        assert isinstance(event, CreditAccount.Reserved)


def test_an_item_thirty_days_overdue_passes_and_one_paid_is_forgotten() -> None:
    account = opened(1_000_000, policy=CreditPolicy(oldest_overdue_days=30))
    account.record_due("I", date(2025, 5, 16), ON, expected=True)
    account.record_invoice("I", D(100), ON)
    assert isinstance(ask(account, "O1", 1), CreditAccount.Reserved)
    assert codes(ask(account, "O2", 1, date(2025, 6, 16))) == [CreditCode.OLDEST_ITEM_OVERDUE]
    account.record_payment("P", D(100), date(2025, 6, 16), items=(ItemShift("I", D(-100)),))
    assert isinstance(decided(account)[-1], CreditAccount.Reserved)
    account.reverse_payment("P", D(100), ON, items=(ItemShift("I", D(100)),))
    assert account.state.items["I"].amount == 100


# C10


def test_c10_over_delivery_then_a_late_cancellation() -> None:
    account = opened(1_000_000)
    account.reserve("O", 1, D(113_000), ON)
    account.record_delivery("O", "S", D(117_520), ON)
    totals = account.state.totals
    assert (totals.open_orders, totals.delivered, account.state.orders) == (0, D(117_520), {})
    decided(account)
    account.reduce("O", D(0), ON)
    assert decided(account) == []


# Other rules, all reasons at once


def test_every_failing_rule_is_reported() -> None:
    policy = CreditPolicy(
        review_by=date(2025, 6, 1), oldest_overdue_days=10, overdue_share_percent=D(20), maximum_document=D(40)
    )
    account = opened(100, policy=policy)
    account.record_invoice("I", D(90), ON, due_on=date(2025, 6, 1))
    account.block("insolvent")
    held = ask(account, "O", 50)
    assert [(reason.code, reason.figure, reason.limit, reason.excess) for reason in held.reasons] == [
        (CreditCode.ACCOUNT_BLOCKED, 0, 0, 0),
        (CreditCode.REVIEW_DATE_PASSED, 14, 0, 14),
        (CreditCode.OLDEST_ITEM_OVERDUE, 14, 10, 4),
        (CreditCode.OVERDUE_SHARE, D("100.00"), 20, D("80.00")),
        (CreditCode.LIMIT_EXCEEDED, 140, 100, 40),
        (CreditCode.MAXIMUM_DOCUMENT, 50, 40, 10),
    ]
    account.agree_limit(D(200), YEAR, None, ON)
    account.agree_policy(CreditPolicy(), YEAR, ON)
    assert decided(account)[-1].TYPE == "credit.policy_agreed/1"  # still blocked
    account.unblock("paid its debts", ON)
    assert isinstance(decided(account)[-1], CreditAccount.Reserved)


def test_a_prepaid_order_is_not_checked_and_an_invoice_never() -> None:
    account = opened(0)
    account.block("insolvent")
    account.record_prepayment("O", D("99.99"), ON)
    assert codes(ask(account, "O", 100)) == [CreditCode.ACCOUNT_BLOCKED, CreditCode.LIMIT_EXCEEDED]
    account.record_prepayment("O", D(100), ON)
    assert isinstance(decided(account)[-1], CreditAccount.Reserved)
    assert isinstance(ask(account, "P", 1), CreditAccount.ReservationRefused)
    account.record_delivery("O", "S", D(100), ON)
    account.record_invoice("I", D(100), ON, shipment="S")
    assert account.state.totals == StageAmounts(receivable=D(100))


def test_the_authority_to_release_is_by_person_and_excess() -> None:
    from domain.credit_policy import Authority
    from domain.refusal import Refused

    bands = (Authority("wang", D(50)), Authority("chen"))
    for approver, allowed in (("wang", False), ("chen", True), ("zhao", False)):
        account = opened(100, policy=replace(CreditPolicy(), authorities=bands))
        account.reserve("O", 1, D(151), ON)
        if allowed:
            account.release_by_person("O", 1, "li", approver, ON)
            assert account.state.orders["O"].amount == 151
        else:
            with pytest.raises(Refused, match=r"goes 51 over the limit of account A; \w+ may release up to (50|0)"):
                account.release_by_person("O", 1, "li", approver, ON)


def test_a_decision_says_what_it_saw() -> None:
    account = opened(100, policy=CreditPolicy(maximum_document=D(10)))
    account.asked("A", 17)
    held = ask(account, "O", 11)
    assert (held.seen, held.policy_version) == (17, 1)
    account.agree_policy(CreditPolicy(maximum_document=D(11)), YEAR, ON)
    passed = decided(account)[-1]
    assert (type(passed), passed.policy_version) == (CreditAccount.Reserved, 2)
