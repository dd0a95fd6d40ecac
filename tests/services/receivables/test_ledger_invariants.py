"""I1 to I10 are checked, and each has been seen to catch a fault: real facts of a log, one of them spoilt.

The story: S2 of definitions.md (a payment short of 12 260.00; disputes that end in a credit memo, repayments and a write-off),
a line of the bank, a payment and a repayment that bounce, a statement that is agreed.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import replace
from datetime import date

from pathlib import Path
from typing import Any

import pytest

from domain.bank_entry import BankEntry
from domain.deduction import Deduction
from domain.dispute.dispute import Dispute
from domain.dispute.verdict import Shares
from domain.invoice import Invoice
from domain.ledger_check import FOLDS, LedgerCheck
from domain.ledger_invariants import Invariant, Violation
from domain.recorded import RecordedEvent
from domain.settlement import Settlement
from domain.statement import Statement
from domain.statement_differences import DifferenceClass
from domain.statement_lines import Agreement

from services.feed import LocalFeed
from services.receivables.banking import RecordBankLines
from services.receivables.settling import ReverseSettlement
from tests.conftest import settings_for, started
from tests.ledger import ledger_violations
from tests.services.receivables.test_disputes import s2
from tests.services.receivables.test_settling import remittance
from tests.services.receivables.trade import D, Trade

Log = list[RecordedEvent]


@pytest.fixture(scope="module")
def log(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Log]:
    with ExitStack() as stack:
        wired = stack.enter_context(started(settings_for(Path(tmp_path_factory.mktemp("ledger")) / "data", None)))
        trade = Trade(wired).seed()
        s2(trade)
        line = {"line": "1", "booked_on": "2026-03-20", "amount": "174189.20", "currency": "CNY", "partner": "retail-a"}
        line_of_r4 = {**line, "line": "2", "amount": "565.00", "text": "ref R-4"}
        heading = {"company": "acme", "bank_account": "B"}
        trade.receivables(RecordBankLines.model_validate({**heading, "lines": [line, line_of_r4]}))
        number = trade.invoice("500.00")
        trade.receivables(remittance("R-4", "565.00", {"reference": number, "paid": "500.00"}))
        trade.settle()
        for bounced in ("R-4", "R3", "R1"):  # R3 had repaid a part of the fee, whose dispute is closed; R1 had kept it back
            reversing = ReverseSettlement(settlement=f"acme/retail-a/{bounced}", reason="bounced")
            assert trade.receivables(reversing, actor="carla").status == 200
            trade.settle()
        assert ledger_violations(wired) == []
        application = wired.applications["receivables"]
        events, _ = LocalFeed(application.store, application.form).read(0, 10_000, list(FOLDS))
        yield [*events, _agreed(events[-1])]


def _agreed(last: RecordedEvent) -> RecordedEvent:
    """A statement that is agreed: ours 100.00, theirs 90.00, a fee of 10.00 between them."""
    agreement = Agreement(date(2026, 4, 1), D("100.00"), {DifferenceClass.FEE_NOT_AGREED: D("-10.00")}, (), {}, "carla")
    event: Any = Statement.Agreed(
        originator_id="statement/acme/retail-a/S", originator_version=2, timestamp=last.event.timestamp, company="acme",
        partner="retail-a", cut_off=date(2026, 3, 31), currency="CNY", balance=D("90.00"), agreement=agreement,
    )
    return replace(last, position=last.position + 1, event=event, command_id="agreeing")


def violations(log: Log) -> list[Violation]:
    checking = LedgerCheck()
    found = [violation for recorded in log for violation in checking.take(recorded)]
    return found + checking.finish()


def check(log: Log) -> set[Invariant]:
    found = violations(log)
    assert all(violation.says and violation.about and violation.position for violation in found)
    return {violation.invariant for violation in found}


def spoilt(log: Log, kind: type[Any], change: Callable[[Any], dict[str, Any] | None], n: int = 0) -> Log:
    """The log with the ``n``-th fact of a kind changed; None leaves it out."""
    places = [place for place, one in enumerate(log) if type(one.event) is kind]
    assert len(places) > n, f"the story has no such {kind.__name__}"
    place = places[n]
    changed = change(log[place].event)
    before, behind = log[:place], log[place + 1 :]
    return before + ([] if changed is None else [replace(log[place], event=replace(log[place].event, **changed))]) + behind


def more(name: str, by: str = "1.00") -> Callable[[Any], dict[str, Any]]:
    return lambda event: {name: getattr(event, name) + D(by)}


def gone(_: Any) -> None:
    return None


def taxed(event: Any) -> dict[str, Any]:
    """A line whose tax is 0.02 more than its net at its rate."""
    line = event.lines[0]
    dearer = replace(line, tax=line.tax + D("0.02"), gross=line.gross + D("0.02"))
    return {"lines": (dearer, *event.lines[1:]), "gross": event.gross + D("0.02")}


def unbalanced(event: Any) -> dict[str, Any]:
    return {"balance": event.balance + D("0.01")}


def of_another(event: Any) -> dict[str, Any]:
    shares: Shares = event.shares
    return {"shares": replace(shares, customer=shares.customer + D("1.00"))}


def paid_twice(log: Log) -> Log:
    """The invoice says it was paid by a second settlement as well, which says nothing of it."""
    place = next(n for n, one in enumerate(log) if type(one.event) is Invoice.Allocated and one.event.cash > 0)
    again = replace(log[place].event, settlement="settlement/acme/retail-a/GHOST")
    return [*log[: place + 1], replace(log[place], event=again), *log[place + 1 :]]


def written_off_still(log: Log) -> Log:
    """The payment that kept the fee back is reversed; of the fee only the rest falls away."""
    taken_back: Any = next(one.event for one in log if type(one.event) is Deduction.WriteOffReversed)
    voided = [one.event.originator_id for one in log if type(one.event) is Deduction.Voided]
    less = spoilt(log, Deduction.Voided, more("amount", str(-taken_back.amount)), voided.index(taken_back.originator_id))
    return spoilt(less, Deduction.WriteOffReversed, gone)


@pytest.mark.parametrize(
    ("invariant", "spoil"),
    [
        (Invariant.I1, lambda log: spoilt(log, Invoice.Allocated, lambda e: {"discount": D("-1.00"), "cash": e.cash + 1})),
        (Invariant.I1, lambda log: spoilt(log, Deduction.Credited, gone)),
        (Invariant.I2, lambda log: spoilt(log, Deduction.Repaid, more("amount", "1356.01"))),
        (Invariant.I2, lambda log: spoilt(log, Deduction.Disputed, more("amount"))),
        (Invariant.I2, lambda log: spoilt(log, Dispute.WrittenOff, gone)),
        (Invariant.I2, lambda log: spoilt(log, Dispute.Opened, lambda e: {"claims": e.claims[1:]})),
        (Invariant.I3, lambda log: spoilt(log, Settlement.Allocated, more("on_account"))),
        (Invariant.I3, lambda log: spoilt(log, Invoice.Allocated, gone)),
        (Invariant.I3, lambda log: spoilt(log, BankEntry.Recorded, more("amount"))),
        (Invariant.I3, lambda log: spoilt(log, BankEntry.Recorded, gone)),
        (Invariant.I4, lambda log: spoilt(log, Statement.Agreed, unbalanced)),
        (Invariant.I5, paid_twice),
        (Invariant.I5, lambda log: spoilt(log, Invoice.CreditMemoIssued, lambda e: {"net_by_line": {"1": D("50000.01")}})),
        (Invariant.I6, lambda log: spoilt(log, Invoice.AllocationReversed, gone)),
        (Invariant.I6, lambda log: spoilt(log, Deduction.Voided, gone)),
        (Invariant.I6, lambda log: spoilt(log, Dispute.Reopened, gone)),
        (Invariant.I6, written_off_still),
        (Invariant.I7, lambda log: spoilt(log, Invoice.Issued, taxed)),
        (Invariant.I8, lambda log: spoilt(log, Settlement.Reversed, more("cleared"))),
        (Invariant.I8, lambda log: spoilt(log, Settlement.Allocated, more("credits_used"))),
        (Invariant.I9, lambda log: spoilt(log, Dispute.VerdictGiven, of_another)),
        (Invariant.I10, paid_twice),
        (Invariant.I10, lambda log: spoilt(log, Settlement.RemittanceReceived, more("amount"), 1)),
        (Invariant.I10, lambda log: spoilt(log, Invoice.Issued, gone)),
        (Invariant.I10, lambda log: spoilt(log, Deduction.Taken, gone)),
        (Invariant.I10, lambda log: spoilt(log, Settlement.RemittanceReceived, gone)),
        (Invariant.I10, lambda log: spoilt(log, Dispute.Opened, gone)),
    ],
)  # fmt: skip
def test_a_spoilt_fact_breaks_its_invariant(log: Log, invariant: Invariant, spoil: Callable[[Log], Log]) -> None:
    assert check(log) == set()
    assert invariant in check(spoil(log))


def test_a_violation_names_the_command_s_last_position_and_says_what_is_wrong(log: Log) -> None:
    wrong = spoilt(log, Invoice.Issued, taxed)
    checking = LedgerCheck()
    found = [violation for recorded in wrong for violation in checking.take(recorded)]
    first = found[0]
    issued = next(one for one in log if type(one.event) is Invoice.Issued)
    assert first.position == max(one.position for one in log if one.command_id == issued.command_id)
    assert first.about == issued.stream
    assert "carries tax" in str(first) and str(first).startswith("I7 does not hold at position ")


def test_a_claim_that_its_dispute_does_not_know_is_found_when_it_is_made(log: Log) -> None:
    opened = next(one for one in log if type(one.event) is Dispute.Opened)
    found = violations(spoilt(log, Dispute.Opened, lambda event: {"claims": ()}))
    first = (found[0].invariant, found[0].position)
    assert first == (Invariant.I2, max(one.position for one in log if one.command_id == opened.command_id))


def test_the_checker_goes_on_where_its_books_are(log: Log) -> None:
    """Stopped between any two facts of different commands, it finds what it finds in one go."""
    wrong = spoilt(log, Settlement.Reversed, more("cleared"))
    whole = LedgerCheck()
    expected = [str(one) for recorded in wrong for one in whole.take(recorded)] + [str(one) for one in whole.finish()]
    found: list[str] = []
    checking = LedgerCheck()
    for before, recorded in zip([None, *wrong], wrong, strict=False):
        if before is not None and before.command_id != recorded.command_id:
            found += [str(one) for one in checking.finish()]
            checking = LedgerCheck(checking.books)
        found += [str(one) for one in checking.take(recorded)]
    assert found + [str(one) for one in checking.finish()] == expected != []




def test_what_an_account_is_off_by_is_said_once_and_again_when_it_changes(log: Log) -> None:
    """The first payment clears 1.00 less than its documents say; the payments, credits and reversals after it are in order."""
    found = violations(spoilt(log, Settlement.Allocated, more("cleared")))
    place = next(n for n, one in enumerate(log) if type(one.event) is Settlement.Allocated)
    command = [one.position for one in log if one.command_id == log[place].command_id]
    assert [(one.invariant, one.position) for one in found] == [(Invariant.I8, command[-1])]
    twice = violations(spoilt(spoilt(log, Settlement.Allocated, more("cleared")), Settlement.Allocated, more("cleared"), 1))
    assert [one.invariant for one in twice] == [Invariant.I8, Invariant.I8]
