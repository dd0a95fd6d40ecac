"""A penalty is calculated, announced, disputed, settled or waived, each document once, and never silently changed."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest

from domain.codes import CURRENCY_UNKNOWN
from domain.penalty import (
    AMOUNT_NEGATIVE,
    AMOUNT_NOT_POSITIVE,
    AMOUNT_TOO_FINE,
    CURRENCY_DIFFERS,
    DISPUTED_MORE,
    DOCUMENT_USED_ALREADY,
    ENDED_OTHERWISE,
    FIGURES_OLDER,
    NOT_ANNOUNCED,
    REASON_MISSING,
    SETTLED_MORE,
    Calculation,
    Penalty,
    PenaltyStatus,
)
from tests.given import fact, given

D = Decimal
DAY = date(2026, 4, 20)
FOUND = Calculation(
    amount=D("186.37"), charges=3, rate="9499/10000", goal="19/20", policy_from=date(2026, 1, 1), policy_digest="ab12",
    position=40,
)  # fmt: skip
BETTER = replace(FOUND, amount=D("100.00"), charges=2, rate="97/100", position=57)
STREAM = "penalty/retail-a/WMT-IF/2026-03"

calculated = fact(
    Penalty.Calculated, partner="retail-a", policy="WMT-IF", period="2026-03", currency="USD", calculation=FOUND
)
announced = fact(Penalty.AnnouncedByCustomer, document="F-1", amount=D("200.00"), announced_on=DAY)
again = fact(Penalty.AnnouncedByCustomer, document="F-2", amount=D("50.00"), announced_on=DAY)
disputed = fact(Penalty.Disputed, amount=D("80.00"), reason="received late", by="li.wei")
settled = fact(
    Penalty.Settled, document="CM-1", amount=D("120.00"), announced=D("200.00"), settled_on=DAY, reason=""
)
waived = fact(Penalty.Waived, announced=D("200.00"), reason="goodwill")


def calculate(found: Calculation = FOUND, currency: str = "USD") -> Penalty:
    return Penalty.calculate(partner="retail-a", policy="WMT-IF", period="2026-03", currency=currency, found=found)


def test_a_penalty_is_calculated() -> None:
    assert Penalty.stream("retail-a", "WMT-IF", "2026-03") == STREAM
    given(Penalty).when_new(calculate).then(calculated).then_state(
        status=PenaltyStatus.CALCULATED, open=0, calculation=FOUND
    )
    nothing = replace(FOUND, amount=D(0))
    given(Penalty).when_new(lambda: calculate(nothing)).then_state(calculation=nothing)


def test_only_an_amount_of_money_is_recorded() -> None:
    given(Penalty).when_new(lambda: calculate(replace(FOUND, amount=D("-0.01")))).then_refused(
        AMOUNT_NEGATIVE, penalty=STREAM, figure=D("-0.01")
    )
    given(Penalty).when_new(lambda: calculate(replace(FOUND, amount=D("1.005")))).then_refused(
        AMOUNT_TOO_FINE, currency="USD", figure=D("1.005")
    )
    given(Penalty).when_new(lambda: calculate(currency="usd")).then_refused(CURRENCY_UNKNOWN)


def test_other_figures_are_a_recalculation_and_need_a_reason() -> None:
    recalculated = fact(Penalty.Recalculated, calculation=BETTER, reason="a late receipt")
    given(Penalty, calculated).when(lambda p: p.recalculate("USD", BETTER, "a late receipt")).then(
        recalculated
    ).then_state(calculation=BETTER, status=PenaltyStatus.CALCULATED)
    given(Penalty, calculated).when(lambda p: p.recalculate("USD", BETTER, "")).then_refused(
        REASON_MISSING, limit=D("186.37"), figure=D("100.00")
    )
    given(Penalty, calculated).when(
        lambda p: p.recalculate("USD", replace(FOUND, position=99), "")
    ).then_nothing()
    other_policy = replace(FOUND, policy_digest="cd34")
    given(Penalty, calculated).when(lambda p: p.recalculate("USD", other_policy, "corrected contract")).then_state(
        calculation=other_policy
    )


def test_older_figures_or_another_currency_do_not_replace_it() -> None:
    given(Penalty, calculated).when(
        lambda p: p.recalculate("USD", replace(BETTER, position=39), "why")
    ).then_refused(FIGURES_OLDER, limit=40, figure=39)
    given(Penalty, calculated).when(lambda p: p.recalculate("EUR", BETTER, "why")).then_refused(
        CURRENCY_DIFFERS, limit="USD", figure="EUR"
    )
    given(Penalty, calculated).when(
        lambda p: p.recalculate("USD", replace(BETTER, amount=D("1.005")), "why")
    ).then_refused(AMOUNT_TOO_FINE)


def test_the_customer_announces_each_document_once() -> None:
    given(Penalty, calculated).when(lambda p: p.announce("F-1", D("200.00"), DAY)).then(announced).then_state(
        status=PenaltyStatus.ANNOUNCED, open=D("200.00")
    )
    given(Penalty, calculated, announced).when(lambda p: p.announce("F-1", D("200"), DAY)).then_nothing()
    given(Penalty, calculated, announced).when(lambda p: p.announce("F-2", D("50.00"), DAY)).then(again).then_state(
        open=D("250.00")
    )


def test_another_figure_under_the_same_document_is_refused() -> None:
    given(Penalty, calculated, announced, stream=STREAM).when(
        lambda p: p.announce("F-1", D("210.00"), DAY)
    ).then_refused(
        DOCUMENT_USED_ALREADY,
        "Document F-1 already states 200.00 for penalty penalty/retail-a/WMT-IF/2026-03, not 210.00."
        " Use the number of the document that states 210.00.",
    )


@pytest.mark.parametrize("amount", [D(0), D("-1.00")])
def test_a_document_states_an_amount_above_zero(amount: Decimal) -> None:
    for command in (
        lambda p: p.announce("F-2", amount, DAY),
        lambda p: p.dispute(amount, "why", "li.wei"),
        lambda p: p.settle("CM-1", amount, DAY),
    ):
        given(Penalty, calculated, announced).when(command).then_refused(AMOUNT_NOT_POSITIVE, figure=amount)


def test_what_was_announced_is_disputed_in_whole_or_in_part() -> None:
    given(Penalty, calculated, announced).when(lambda p: p.dispute(D("80.00"), "received late", "li.wei")).then(
        disputed
    ).then_state(status=PenaltyStatus.DISPUTED, disputed=D("80.00"), open=D("200.00"))
    given(Penalty, calculated, announced, disputed).when(
        lambda p: p.dispute(D("80.00"), "received late", "mei")
    ).then_nothing()
    given(Penalty, calculated, announced, disputed).when(
        lambda p: p.dispute(D("200.00"), "no order was late", "mei")
    ).then_state(disputed=D("200.00"))
    given(Penalty, calculated, announced).when(lambda p: p.dispute(D("200.01"), "why", "mei")).then_refused(
        DISPUTED_MORE, limit=D("200.00"), figure=D("200.01"), excess=D("0.01")
    )


def test_nothing_is_disputed_or_settled_before_it_is_announced_or_after_it_has_ended() -> None:
    for facts in ((calculated,), (calculated, announced, settled), (calculated, announced, waived)):
        before = given(Penalty, *facts).state.status
        given(Penalty, *facts).when(lambda p: p.dispute(D(1), "why", "mei")).then_refused(NOT_ANNOUNCED, status=before)
        given(Penalty, *facts).when(lambda p: p.settle("CM-9", D(1), DAY)).then_refused(NOT_ANNOUNCED, status=before)


def test_another_announcement_leaves_the_dispute_as_it_is() -> None:
    given(Penalty, calculated, announced, disputed).when(lambda p: p.announce("F-2", D("50.00"), DAY)).then(
        again
    ).then_state(status=PenaltyStatus.DISPUTED, disputed=D("80.00"), open=D("250.00"))


def test_an_agreed_amount_settles_all_that_is_open() -> None:
    given(Penalty, calculated, announced, disputed).when(lambda p: p.settle("CM-1", D("120.00"), DAY)).then(
        settled
    ).then_state(status=PenaltyStatus.SETTLED, open=0, disputed=0)
    over = given(Penalty, calculated, announced, disputed, settled)
    over.when(lambda p: p.settle("CM-1", D("120.00"), DAY)).then_nothing()
    over.when(lambda p: p.settle("CM-1", D("119.00"), DAY)).then_refused(
        DOCUMENT_USED_ALREADY, stated="settles", limit=D("120.00"), figure=D("119.00")
    )


def test_more_than_was_announced_is_settled_only_with_a_reason() -> None:
    given(Penalty, calculated, announced).when(lambda p: p.settle("CM-1", D("230.00"), DAY)).then_refused(
        SETTLED_MORE, limit=D("200.00"), figure=D("230.00"), excess=D("30.00"), document="CM-1"
    )
    with_interest = fact(
        Penalty.Settled, document="CM-1", amount=D("230.00"), announced=D("200.00"), settled_on=DAY, reason="with May's"
    )
    given(Penalty, calculated, announced).when(lambda p: p.settle("CM-1", D("230.00"), DAY, "with May's")).then(
        with_interest
    )


def test_the_customer_waives_it_announced_or_not() -> None:
    given(Penalty, calculated, announced).when(lambda p: p.waive("goodwill")).then(waived).then_state(
        status=PenaltyStatus.WAIVED, open=0
    )
    given(Penalty, calculated).when(lambda p: p.waive("goodwill")).then(
        fact(Penalty.Waived, announced=D(0), reason="goodwill")
    )
    given(Penalty, calculated, announced, waived).when(lambda p: p.waive("again")).then_nothing()
    given(Penalty, calculated, announced, settled).when(lambda p: p.waive("goodwill")).then_refused(
        ENDED_OTHERWISE, document="CM-1"
    )


def test_what_is_announced_after_the_end_is_open_anew() -> None:
    for end in (settled, waived):
        given(Penalty, calculated, announced, end).when(lambda p: p.announce("F-2", D("50.00"), DAY)).then(
            again
        ).then_state(status=PenaltyStatus.ANNOUNCED, open=D("50.00"))
