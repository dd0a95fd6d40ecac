"""Receivable items on two time axes: what was outstanding as of a day, as known at a position; buckets in SQL."""

from __future__ import annotations

from datetime import date
from decimal import Decimal as D

from sqlalchemy import Connection

from domain.aging import AgingBy, Buckets, aged, due_day
from domain.settlement import reverse_settlement
from domain.values import plain
from projections import receivable_items
from projections.receivable_aging import AgingSearch, ItemFilter, Moment, agings, items, moved, standings
from tests.projections.chronicle import Folder, check_folds_alike, reading
from tests.projections.story import INVOICE, MEMO, SETTLEMENT, Story

LOGS = ("receivables",)
ALL = AgingSearch()
BY_DUE = Buckets()
BOUNCED_ON = date(2026, 4, 20)


def until_paid() -> Story:
    story = Story()
    for chapter in (story.order, story.hold, story.ship, story.receive, story.bill, story.pay):
        chapter()
    return story


def bounced() -> Story:
    story = until_paid()
    with story.chronicle.command("receivables") as log:
        taken = {deduction.id: deduction for deduction in story.deductions}
        reverse_settlement(story.settlement, {INVOICE: story.invoice}, taken, "bounced", on=BOUNCED_ON)
        log += [story.settlement, story.invoice, *story.deductions]
    return story


def end(story: Story) -> int:
    return len(story.chronicle.logs["receivables"])


def shown(connection: Connection, as_of: date, known_at: int) -> tuple[str, ...]:
    """bucket=amount(contested), beside them cash and credits."""
    found = agings(connection, ALL, Moment(as_of, known_at), BY_DUE)
    if not found:
        return ()
    (one,) = found[()].values()
    parts = [f"{b.name}={plain(b.amount)}({plain(b.disputed)})" for b in one.buckets if b.amount or b.disputed]
    return (*parts, f"cash={plain(one.unapplied_cash)}", f"credits={plain(one.unapplied_credits)}")


def test_it_folds_alike(folder: Folder) -> None:
    check_folds_alike(folder, receivable_items.VIEW, Story().told(), LOGS)
    check_folds_alike(folder, receivable_items.VIEW, bounced().chronicle, LOGS)


def test_an_invoice_paid_short_as_of_each_day(folder: Folder) -> None:
    """240 of 03-10, due 04-09; on 04-08 215 paid on it, 25 deducted and 10 left on account."""
    story = until_paid()
    with reading(folder, receivable_items.VIEW, story.chronicle, LOGS) as connection:
        known = end(story)
        assert shown(connection, date(2026, 3, 9), known) == ()
        assert shown(connection, date(2026, 3, 10), known) == ("current=240(0)", "cash=0", "credits=0")
        assert shown(connection, date(2026, 4, 7), known) == ("current=240(0)", "cash=0", "credits=0")
        assert shown(connection, date(2026, 4, 8), known) == ("current=25(25)", "cash=-10", "credits=0")
        assert shown(connection, date(2026, 5, 10), known) == ("31-60=25(25)", "cash=-10", "credits=0")


def test_a_bounced_payment_opens_the_invoice_for_its_original_due_day(folder: Folder) -> None:
    story = bounced()
    paid = end(until_paid())
    with reading(folder, receivable_items.VIEW, story.chronicle, LOGS) as connection:
        known = end(story)
        assert shown(connection, BOUNCED_ON, known) == ("1-30=240(0)", "cash=0", "credits=0")
        assert shown(connection, date(2026, 4, 19), known) == ("1-30=25(25)", "cash=-10", "credits=0")
        # as known before the bounce, the same day
        assert shown(connection, BOUNCED_ON, paid) == ("1-30=25(25)", "cash=-10", "credits=0")
        (row,) = items(connection, ALL, Moment(BOUNCED_ON, known), BY_DUE, ItemFilter(), 10, None).rows
        assert (row["item_id"], row["amount"], row["due_on"]) == (INVOICE, D(240), date(2026, 4, 9))


def test_an_invoice_voided_after_a_bounce_never_was_on_any_day(folder: Folder) -> None:
    story = bounced()
    with story.chronicle.command("receivables") as log:
        story.invoice.void("wrong customer")
        log.append(story.invoice)
    with reading(folder, receivable_items.VIEW, story.chronicle, LOGS) as connection:
        for as_of in (date(2026, 3, 10), date(2026, 4, 8), date(2026, 4, 19), BOUNCED_ON, date(2026, 7, 1)):
            found = agings(connection, AgingSearch(), Moment(as_of, end(story)), BY_DUE).get((), {})
            assert all(one.gross == one.disputed == 0 for one in found.values()), as_of


def test_a_credit_memo_settles_what_was_contested(folder: Folder) -> None:
    story = Story()
    story.told()
    with reading(folder, receivable_items.VIEW, story.chronicle, LOGS) as connection:
        known = end(story)
        assert shown(connection, date(2026, 4, 9), known) == ("current=25(25)", "cash=-10", "credits=0")
        assert shown(connection, date(2026, 4, 10), known) == ("cash=-10", "credits=0")


def test_what_moved_between_two_days(folder: Folder) -> None:
    story = until_paid()
    with reading(folder, receivable_items.VIEW, story.chronicle, LOGS) as connection:
        known = end(story)
        first, second = Moment(date(2026, 4, 7), known), Moment(date(2026, 4, 10), known)
        rows = {row["item_id"]: row for row in moved(connection, ALL, first, second, BY_DUE, 10, None).rows}
        assert set(rows) == {INVOICE, SETTLEMENT}
        invoice = rows[INVOICE]
        assert (invoice["amount_before"], invoice["amount"], invoice["disputed"]) == (D(240), D(25), D(25))
        assert (invoice["place_before"], invoice["place"]) == (0, 1)
        assert (rows[SETTLEMENT]["amount_before"], rows[SETTLEMENT]["amount"]) == (D(0), D(-10))
        # nothing moves in amount, but the invoice grows older
        later = moved(connection, ALL, second, Moment(date(2026, 6, 1), known), BY_DUE, 10, None).rows
        assert [(row["item_id"], row["place_before"], row["place"]) for row in later] == [(INVOICE, 1, 2)]
        assert moved(connection, ALL, second, second, BY_DUE, 10, None).rows == []


def test_the_buckets_in_sql_are_those_of_the_domain(folder: Folder) -> None:
    story = bounced()
    with reading(folder, receivable_items.VIEW, story.chronicle, LOGS) as connection:
        for known in range(end(story) + 1):
            for as_of in (date(2026, 3, 10), date(2026, 4, 8), date(2026, 4, 10), BOUNCED_ON, date(2026, 7, 9)):
                # the bounce is 11 days after the due day and 41 after the invoice
                for buckets in (BY_DUE, Buckets(AgingBy.INVOICE, (41, 50)), Buckets(edges=(1, 11, 91))):
                    moment = Moment(as_of, known)
                    ours = agings(connection, ALL, moment, buckets).get((), {})
                    theirs = aged(standings(connection, ALL, moment), buckets, as_of)
                    assert ours == {c: one for c, one in theirs.items() if not one.is_nothing}
                    for row in items(connection, ALL, moment, buckets, ItemFilter(), 10, None).rows:
                        due = due_day(row["due_on"], row["since"], as_of)
                        day = due if buckets.by is AgingBy.DUE else row["dated_on"]
                        assert (row["place"], bool(row["provisional"])) == (buckets.index_of(day, as_of), due is None)


def test_per_partner_and_filters(folder: Folder) -> None:
    story = until_paid()
    with reading(folder, receivable_items.VIEW, story.chronicle, LOGS) as connection:
        moment = Moment(date(2026, 4, 10), end(story))
        assert list(agings(connection, ALL, moment, BY_DUE, ("company", "partner"))) == [("acme", "retailer")]
        assert agings(connection, AgingSearch(partner="other"), moment, BY_DUE) == {}
        assert agings(connection, AgingSearch(partner="retailer", currency="USD"), moment, BY_DUE) != {}
        listed = [
            [row["item_id"] for row in items(connection, ALL, moment, BY_DUE, wanted, 10, None).rows]
            for wanted in (ItemFilter(), ItemFilter(places=(1,)), ItemFilter(places=(0,)), ItemFilter(only_disputed=True))
        ]
        deduction = story.deductions[0].id
        assert listed == [[INVOICE, deduction, SETTLEMENT], [INVOICE], [], [INVOICE]]
        assert MEMO not in listed[0]
