"""Open items: what is open of each document, how it was used, totals."""

from __future__ import annotations

from datetime import date
from decimal import Decimal as D
from typing import Any

from domain.settlement import reverse_settlement
from projections import open_items
from projections.open_items import ItemSearch, find_items, item, totals
from tests.projections.chronicle import Folder, check_folds_alike, reading
from tests.projections.story import INVOICE, MEMO, SETTLEMENT, SHIPMENT, Story

LOGS = ("receivables",)
ALL = ItemSearch(only_open=False)


def until_paid() -> Story:
    story = Story()
    for chapter in (story.order, story.hold, story.ship, story.receive, story.bill, story.pay):
        chapter()
    return story


def bounced() -> Story:
    story = until_paid()
    with story.chronicle.command("receivables") as log:
        taken = {deduction.id: deduction for deduction in story.deductions}
        reverse_settlement(story.settlement, {INVOICE: story.invoice}, taken, "bounced")
        log += [story.settlement, story.invoice, *story.deductions]
    return story


def test_it_folds_alike(folder: Folder) -> None:
    check_folds_alike(folder, open_items.VIEW, Story().told(), LOGS)
    check_folds_alike(folder, open_items.VIEW, bounced().chronicle, LOGS)


def test_a_short_payment_leaves_a_deduction_and_cash_on_account(folder: Folder) -> None:
    story = until_paid()
    with reading(folder, open_items.VIEW, story.chronicle, LOGS) as connection:
        rows = {row["kind"]: row for row in find_items(connection, ItemSearch()).rows}
        invoice = item(connection, INVOICE)
        sums = totals(connection, ItemSearch(partner="retailer"))
    assert {kind: (row["original"], row["open"]) for kind, row in rows.items()} == {
        "DEDUCTION": (D(25), D(25)), "ON_ACCOUNT": (D(-225), D(-10)),
    }  # fmt: skip
    assert (rows["DEDUCTION"]["about"], rows["DEDUCTION"]["customer_reason"]) == (INVOICE, "06")
    assert invoice is not None
    assert (invoice["original"], invoice["open"], invoice["deducted"]) == (D(240), D(0), D(25))
    assert (invoice["due_on"], invoice["shipment"]) == (date(2026, 4, 9), SHIPMENT)
    (used,) = invoice["allocations"]
    assert (used["document"], used["cash"], used["deducted"], used["reversal"]) == (SETTLEMENT, D(215), D(25), False)
    # what the account owes: 25 - 10, as the credit account has it in receivable less unapplied cash
    assert sum(row["open"] for row in sums) == D(15) == story.account.exposure()
    assert [(row["currency"], row["kind"], row["items"]) for row in sums] == [
        ("USD", "DEDUCTION", 1), ("USD", "ON_ACCOUNT", 1),
    ]  # fmt: skip


def test_a_credit_memo_resolves_the_deduction(folder: Folder) -> None:
    with reading(folder, open_items.VIEW, Story().told(), LOGS) as connection:
        rows = find_items(connection, ALL).rows
        invoice, memo = item(connection, INVOICE), item(connection, MEMO)
    assert [(row["kind"], row["open"]) for row in rows if row["is_open"]] == [("ON_ACCOUNT", D(-10))]
    assert invoice is not None
    assert memo is not None
    assert (invoice["deducted"], [used["credit"] for used in invoice["allocations"]]) == (D(0), [D(0), D(25)])
    assert (memo["original"], memo["open"], memo["about"]) == (D(-25), D(0), INVOICE)


def test_a_bounced_payment_opens_everything_again(folder: Folder) -> None:
    with reading(folder, open_items.VIEW, bounced().chronicle, LOGS) as connection:
        (row,) = find_items(connection, ItemSearch()).rows
        invoice = item(connection, INVOICE)
        paid = item(connection, SETTLEMENT)
        assert item(connection, "invoice/acme/none") is None
    assert (row["item_id"], row["open"], row["deducted"]) == (INVOICE, D(240), D(0))
    assert invoice is not None
    assert [(used["cash"], used["reversal"]) for used in invoice["allocations"]] == [(D(215), False), (D(-215), True)]
    assert paid is not None
    assert (paid["open"], paid["voided"]) == (D(0), "bounced")


SEARCHES: dict[str, tuple[dict[str, Any], int]] = {
    "all": ({}, 4),
    "kinds": ({"kinds": ("INVOICE", "CREDIT_MEMO")}, 2),
    "due by": ({"due_to": date(2026, 4, 9)}, 1),
    "due before": ({"due_to": date(2026, 4, 8)}, 0),
    "due from": ({"due_from": date(2026, 4, 10)}, 0),
    "another account": ({"account": "other"}, 0),
    "number": ({"number_prefix": "2026-"}, 2),
    "currency": ({"currency": "EUR"}, 0),
}


def test_items_are_found_and_listed_in_pages(folder: Folder) -> None:
    with reading(folder, open_items.VIEW, Story().told(), LOGS) as connection:
        for name, (search, count) in SEARCHES.items():
            assert len(find_items(connection, ItemSearch(only_open=False, **search)).rows) == count, name
        first = find_items(connection, ALL, limit=3)
        rest = find_items(connection, ALL, limit=3, after=first.after)
    assert first.rows[0]["item_id"] == INVOICE  # the only one with a due day comes first
    assert (len(first.rows), len(rest.rows), rest.after) == (3, 1, None)
