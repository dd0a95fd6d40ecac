"""What reconciling looks at: the ledger as of a day and as known at a position, order, receipt and invoice side by side."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal as D

from domain.invoice import Invoice
from domain.settlement import reverse_settlement
from domain.statement import Statement
from domain.statement_differences import LedgerLine
from domain.statement_lines import Agreement, DifferenceClass, LineKind, Resolution, StatementContent, StatementLine
from projections import open_items, reconciliation
from projections.open_items import ItemSearch
from projections.reconciliation import StatementSearch
from tests.projections.chronicle import Chronicle, Folder, check_folds_alike, reading
from tests.projections.story import INVOICE, MEMO, SETTLEMENT, SHIPMENT, Story

LOGS = ("receivables", "orders")
VIEW = reconciliation.VIEW
ALL = {"receivables": 10**9, "orders": 10**9}


def until(*chapters: str) -> Story:
    story = Story()
    for chapter in chapters:
        getattr(story, chapter)()
    return story


BILLED = ("order", "hold", "ship", "receive", "bill")


def ledger(folder: Folder, chronicle: Chronicle, day: date, known_at: int = 10**9) -> dict[str, D]:
    with reading(folder, VIEW, chronicle, LOGS) as connection:
        lines: list[LedgerLine] = reconciliation.ledger_of(connection, "acme", "retailer", "USD", day, known_at)
    return {line.kind: line.open for line in lines if line.open}


def test_it_folds_alike(folder: Folder) -> None:
    check_folds_alike(folder, VIEW, Story().told(), LOGS)
    check_folds_alike(folder, VIEW, stated(), LOGS)


def test_every_fact_that_moves_an_open_item_moves_the_ledger() -> None:
    """A new fact about documents has to be folded here too, or the bridge starts from a wrong balance."""
    assert set(open_items.VIEW.folds) - set(VIEW.folds) == {Invoice.DueDatesKnown}


def test_the_ledger_as_of_each_day(folder: Folder) -> None:
    """Invoice 240.00; paid 225.00 with 25.00 kept back and 10.00 too much."""
    story = until(*BILLED, "pay")
    issued, paid = story.invoice.state.issued_on, story.settlement.state.remittance.paid_on
    assert issued < paid
    assert ledger(folder, story.chronicle, issued) == {"INVOICE": D(240)}
    assert ledger(folder, story.chronicle, date(2026, 3, 1)) == {}
    assert ledger(folder, story.chronicle, paid) == {"DEDUCTION": D(25), "ON_ACCOUNT": D(-10)}


def test_as_known_before_the_payment_was(folder: Folder) -> None:
    story = until(*BILLED)
    before = len(story.chronicle.logs["receivables"])
    story.pay()
    assert ledger(folder, story.chronicle, date.max, before) == {"INVOICE": D(240)}
    assert ledger(folder, story.chronicle, date.max) == {"DEDUCTION": D(25), "ON_ACCOUNT": D(-10)}


def test_a_payment_that_bounced_counted_until_the_day_it_bounced(folder: Folder) -> None:
    story = until(*BILLED, "pay")
    paid = story.settlement.state.remittance.paid_on
    bounced = story.chronicle.now = datetime(paid.year, paid.month, paid.day, 20, tzinfo=UTC) + timedelta(days=3)
    with story.chronicle.command("receivables") as log:
        taken = {deduction.id: deduction for deduction in story.deductions}
        reverse_settlement(story.settlement, {INVOICE: story.invoice}, taken, "bounced")
        log += [story.settlement, story.invoice, *story.deductions]
    # 20:00 UTC is the next day in Shanghai, where the account is kept
    assert ledger(folder, story.chronicle, bounced.date()) == {"DEDUCTION": D(25), "ON_ACCOUNT": D(-10)}
    assert ledger(folder, story.chronicle, bounced.date() + timedelta(days=1)) == {"INVOICE": D(240)}


def test_what_is_voided_was_never_owed(folder: Folder) -> None:
    story = until(*BILLED)
    before = len(story.chronicle.logs["receivables"])
    with story.chronicle.command("receivables") as log:
        story.invoice.void("wrong title")
        log.append(story.invoice)
    assert ledger(folder, story.chronicle, date.max) == {}
    assert ledger(folder, story.chronicle, story.invoice.state.issued_on) == {}
    assert ledger(folder, story.chronicle, date.max, before) == {"INVOICE": D(240)}


def test_a_memo_and_the_deduction_it_resolves_leave_together(folder: Folder) -> None:
    """240.00 billed, 225.00 paid, 25.00 credited: what is left is the 10.00 too much, as open items have it too."""
    story = until(*BILLED, "pay", "settle")
    assert ledger(folder, story.chronicle, date.max) == {"ON_ACCOUNT": D(-10)}
    with reading(folder, open_items.VIEW, story.chronicle, ("receivables",)) as connection:
        assert sum(row["open"] for row in open_items.totals(connection, ItemSearch())) == D(-10)
    with reading(folder, VIEW, story.chronicle, LOGS) as connection:
        named = reconciliation.ledger_of(connection, "acme", "retailer", "USD", date.max, 10**9, ["2026-1", "2026-2"])
    lines = {line.item: line for line in named}
    assert {use.by for use in lines[INVOICE].uses} >= {SETTLEMENT}
    assert lines[MEMO].kind == "CREDIT_MEMO"


def test_what_is_settled_is_left_out_and_nothing_else(folder: Folder) -> None:
    """At every position and on every day the same is open, whether all documents are looked at or only those that may be."""
    story = until(*BILLED, "pay", "settle")
    paid = story.settlement.state.remittance.paid_on
    with story.chronicle.command("receivables") as log:
        story.settlement.reverse("bounced")
        log.append(story.settlement)
    numbers = ["2026-1", "2026-2", "pay-1", *(deduction.id.split("/", 1)[1] for deduction in story.deductions)]
    days = [date(2026, 3, 1), story.invoice.state.issued_on, paid - timedelta(days=1), paid, date(2026, 12, 31)]
    settled = 0
    with reading(folder, VIEW, story.chronicle, LOGS) as connection:
        for position in range(len(story.chronicle.logs["receivables"]) + 1):
            for day in days:
                asked = (connection, "acme", "retailer", "USD", day, position)
                few, every = reconciliation.ledger_of(*asked), reconciliation.ledger_of(*asked, numbers)
                assert [line for line in few if line.open] == [line for line in every if line.open]
                settled += len(every) - len(few)
        assert {line.kind for line in every} == {"INVOICE", "CREDIT_MEMO", "DEDUCTION", "ON_ACCOUNT"}
        # naming the payment brings all that it touched
        payment = {line.kind for line in reconciliation.ledger_of(*asked, ["PAY-1"])}
    assert payment == {"INVOICE", "DEDUCTION", "ON_ACCOUNT"}
    assert settled > 0


def test_order_receipt_and_invoice_side_by_side(folder: Folder) -> None:
    """8 and 4 billed and sent; the corrected advice counts 7 and 4: one case at 25.00 too much."""
    story = until(*BILLED)
    with reading(folder, VIEW, story.chronicle, LOGS) as connection:
        rows = reconciliation.find_invoices(connection, "retailer", "acme", None, 10**9).rows
        lines = reconciliation.compared(connection, rows, ALL)[INVOICE]
        papers = reconciliation.evidence_of(connection, "acme", "retailer", [INVOICE], ALL)[INVOICE]
        none = reconciliation.evidence_of(connection, "acme", "somebody-else", [INVOICE], ALL)
        unknown = reconciliation.compared(connection, rows, {**ALL, "orders": 0})[INVOICE]
    assert none == {}
    assert [(one.line.order_line, one.received, one.state.value) for one in lines] == [
        ("1", D(7), "DIFFERS"), ("2", D(4), "MATCHED"),
    ]  # fmt: skip
    assert (papers.quantity_variance, papers.price_variance, papers.compared) == (D("25.00"), D(0), True)
    assert papers.dispatched_on is not None
    assert papers.received_on is not None
    assert [one.state.value for one in unknown] == ["NO_ORDER", "NO_ORDER"]
    assert rows[0]["shipment"] == SHIPMENT


LINE = StatementLine(1, "2026-1", LineKind.INVOICE, date(2026, 3, 10), D("240.00"))
CONTENT = StatementContent(1, date(2026, 3, 31), "USD", D("240.00"), (LINE,))


def stated() -> Chronicle:
    """Three statements: one in two versions, resolved and agreed; one superseded by the third."""
    chronicle = Chronicle()
    with chronicle.command("receivables") as log:
        made = [
            Statement.receive(
                company="acme", partner=partner, account=partner, number=number,
                content=replace(CONTENT, cut_off=date(2026, month, 28)),
            )
            for partner, number, month in (("retailer", "ST-1", 3), ("retailer", "ST-2", 4), ("other", "ST-1", 3))
        ]
        log += made
    first, second, _ = made
    lines = (replace(LINE, amount=D("230.00")),)
    newer = replace(CONTENT, version=2, cut_off=date(2026, 3, 28), balance=D("230.00"), lines=lines)
    agreement = Agreement(
        date(2026, 4, 2), D("240.00"), {DifferenceClass.PRICE_DIFF: D("-10.00")}, (), {"receivables": 3}, "li"
    )
    for step in (
        lambda: first.receive_again(newer),
        lambda: first.resolve(Resolution(1, None, DifferenceClass.PRICE_DIFF, None, "as agreed", "mei")),
        lambda: first.agree(agreement, {}, 3),
        lambda: second.supersede("statement/acme/retailer/ST-3"),
    ):
        with chronicle.command("receivables") as log:
            step()
            log += [first, second]
    return chronicle


def test_statements_by_cut_off(folder: Folder) -> None:
    with reading(folder, VIEW, stated(), LOGS) as connection:
        found = reconciliation.find_statements(connection, StatementSearch(partner="retailer")).rows
        agreed = reconciliation.find_statements(connection, StatementSearch(state="AGREED", cut_off_to=date(2026, 3, 28))).rows
        later = reconciliation.find_statements(connection, StatementSearch(cut_off_from=date(2026, 4, 1))).rows
    assert [(row["number"], row["version"], row["state"], row["balance"]) for row in found] == [
        ("ST-2", 1, "SUPERSEDED", D("240.00")), ("ST-1", 2, "AGREED", D("230.00")),
    ]  # fmt: skip
    assert [(row["resolved"], row["our_balance"], row["agreed_on"], row["agreed_by"]) for row in agreed] == [
        (1, D("240.00"), date(2026, 4, 2), "li")
    ]
    assert [row["superseded_by"] for row in later] == ["statement/acme/retailer/ST-3"]
