"""Credit exposure: stages, limits, movements, held requests."""

from __future__ import annotations

from datetime import date
from decimal import Decimal as D

from domain.credit import CreditCode, StageAmounts
from domain.credit_account import CreditAccount
from domain.credit_book import DraftKind
from domain.credit_policy import CreditPolicy
from projections import credit_exposure
from projections.credit_exposure import delivery_holds, exposure, exposures, held_accounts, held_requests, movements
from tests.projections.chronicle import Chronicle, Folder, check_folds_alike, reading
from tests.projections.story import INVOICE, ORDER, ORDERED, SETTLEMENT, SHIPMENT, Story

LOGS = ("receivables",)


def queue() -> tuple[Chronicle, CreditAccount]:
    """Limit 100: A takes 90; B (60) and C (30) wait; D has no account of its own to wait in; B is reduced to 20."""
    chronicle = Chronicle()
    with chronicle.command("receivables") as log:
        account = CreditAccount.open("north/1", "USD", "UTC")
        account.agree_limit(D(100), date(2026, 1, 1), None, ORDERED)
        account.reserve("order/A", 1, D(90), ORDERED)
        account.reserve("order/B", 1, D(60), ORDERED)
        account.reserve("order/C", 1, D(30), ORDERED)
        account.reserve("order/B", 2, D(50), ORDERED)
        account.reduce("order/B", D(20), ORDERED)
        log.append(account)
    return chronicle, account


def test_it_folds_alike(folder: Folder) -> None:
    check_folds_alike(folder, credit_exposure.VIEW, Story().told(), LOGS)
    check_folds_alike(folder, credit_exposure.VIEW, queue()[0], LOGS)


def test_an_account_stands_where_its_stream_says(folder: Folder) -> None:
    story = Story()
    with reading(folder, credit_exposure.VIEW, story.told(), LOGS) as connection:
        found = exposure(connection, "retailer", date(2026, 4, 9))
        after = exposure(connection, "retailer", date(2026, 7, 1))
        assert exposure(connection, "nobody", ORDERED) is None
        assert [one.account for one in exposures(connection, ORDERED)] == ["retailer"]
    assert found is not None
    # invoiced 240, paid 215 of it (25 stay in the receivable as a deduction), 10 on account
    assert found.stages == StageAmounts(receivable=D(25), unapplied_cash=D(10)) == story.account.state.totals
    assert (found.exposure, found.limit.total, found.headroom) == (D(15), D(300), D(285))
    assert after is not None
    assert (after.limit.total, after.headroom) == (D(250), D(235))


def test_every_movement_is_kept(folder: Folder) -> None:
    with reading(folder, credit_exposure.VIEW, Story().told(), LOGS) as connection:
        first = movements(connection, "retailer", limit=3)
        rest = movements(connection, "retailer", limit=3, after=first.after)
        of_order = movements(connection, "retailer", order_id=ORDER)
    rows = first.rows + rest.rows
    assert rest.after is None
    assert [(row["type"], row["document"]) for row in rows] == [
        ("credit.paid/1", SETTLEMENT),
        ("credit.invoiced/1", INVOICE),
        ("credit.goods_delivered/1", SHIPMENT),
        ("credit.reservation_reduced/1", ORDER),
        ("credit.reserved/1", ORDER),
    ]
    assert [(row["open_orders"], row["delivered"], row["receivable"]) for row in rows[1:]] == [
        (D(0), D(-240), D(240)), (D(-240), D(240), D(0)), (D(-50), D(0), D(0)), (D(290), D(0), D(0)),
    ]  # fmt: skip
    assert len(of_order.rows) == 3


def test_held_requests_wait_oldest_first_with_their_reasons(folder: Folder) -> None:
    chronicle, account = queue()
    with reading(folder, credit_exposure.VIEW, chronicle, LOGS) as connection:
        rows = held_requests(connection).rows
        assert held_requests(connection, "retailer").rows == []
        assert held_requests(connection, "north/1").rows == rows
    assert [(row["order_id"], row["revision"], row["amount"]) for row in rows] == [
        ("order/B", 2, D(20)), ("order/C", 1, D(30)),
    ]  # fmt: skip
    assert {order: held.amount for order, held in account.state.held.items()} == {"order/B": D(20), "order/C": D(30)}
    (reason,) = rows[1]["reasons"]
    assert (reason.code, reason.figure, reason.limit, reason.excess) == (
        CreditCode.LIMIT_EXCEEDED, D(120), D(100), D(20),
    )  # fmt: skip
    assert (rows[1]["account"], rows[1]["exposure"], rows[1]["limit"]) == ("north/1", D(90), D(100))


def test_a_held_request_that_fits_leaves_the_list(folder: Folder) -> None:
    story = Story()
    story.order()
    story.hold()
    with reading(folder, credit_exposure.VIEW, story.chronicle, LOGS) as connection:
        assert held_requests(connection).rows == []
    refused_only = Chronicle()
    refused_only.logs["receivables"] = story.chronicle.logs["receivables"][:3]
    with reading(folder, credit_exposure.VIEW, refused_only, LOGS) as connection:
        assert [row["order_id"] for row in held_requests(connection).rows] == [ORDER]


def group() -> Chronicle:
    """A and B below P; A orders in two currencies, has a draft, is blocked for a while and has goods that wait."""
    chronicle = Chronicle()
    day = date(2026, 3, 2)
    with chronicle.command("receivables") as log:
        parent, a, b = (CreditAccount.open(name, "USD", "UTC") for name in ("P", "A", "B"))
        for account, limit in ((parent, 100), (a, 100), (b, 100)):
            account.agree_limit(D(limit), date(2026, 1, 1), None, day)
        a.record_invoice("invoice/1", D(30), day)
        log += [parent, a, b]
    for member in (a, b):
        with chronicle.command("receivables") as log:
            parent.asked("P", 0)
            parent.admit(member.leave_for("P", "P"), "P", day)
            log += [member, parent]
    with chronicle.command("receivables") as log:
        parent.record_rate("CNY", "USD", D(7), day, day)
        parent.asked("A", 0)
        parent.agree_policy(CreditPolicy(horizon=30), day, day)
        parent.reserve("order/1", 1, D(70), day, currency="CNY")
        parent.reserve("order/2", 1, D(50), day)
        parent.receive_draft("draft/1", DraftKind.COMMERCIAL, D(9), date(2026, 6, 1), day)
        parent.asked("B", 0)
        parent.reserve("order/3", 1, D(2), day)
        parent.asked("A", 0)
        parent.block("late")
        parent.check_delivery("order/2", day)
        parent.asked("B", 0)
        parent.reserve("order/3", 2, D(3), day)
        log.append(parent)
    return chronicle


def test_the_accounts_of_a_group_have_rows_of_their_own(folder: Folder) -> None:
    chronicle = group()
    check_folds_alike(folder, credit_exposure.VIEW, chronicle, LOGS)
    day = date(2026, 3, 2)
    with reading(folder, credit_exposure.VIEW, chronicle, LOGS) as connection:
        found = {one.account: one for one in exposures(connection, day)}
        held, (waiting,) = held_requests(connection, "B").rows, delivery_holds(connection, "A")
        watching = held_accounts(connection, "UTC")
        moved = movements(connection, "A").rows
    assert found["A"].stages == StageAmounts(open_orders=D(50), receivable=D(30), drafts=D(9))
    assert found["A"].foreign == {"CNY": StageAmounts(open_orders=D(70))}
    assert (found["A"].parent, found["A"].blocked, found["A"].policy_version) == ("P", "late", 1)
    assert (found["P"].stages, found["P"].parent) == (StageAmounts(), None)
    assert (waiting["order_id"], waiting["reasons"][0].code) == ("order/2", CreditCode.ACCOUNT_BLOCKED)
    # 30 + 50 + 9 + 70 CNY at 7 are 99; order/3 asks for more than the 1 that is left to the group
    assert [(row["order_id"], row["revision"], row["reasons"][0].excess) for row in held] == [("order/3", 2, D(2))]
    assert watching == ["A", "B"]
    assert {row["currency"] for row in moved} == {"USD", "CNY"}
