"""Paying from what is on account, in figures: carried out whole, or refused with a sentence that says all."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from domain import account_allocation as why
from domain.account_allocation import Instruction, allocate_from_account
from domain.aggregate import deciding_at
from domain.allocation import Allocation, DeductionTaken, FindingCode, Proposal, Tolerance, joined
from domain.deduction import Deduction
from domain.deduction_postings import Resolving
from domain.deduction_reasons import DeductionReason
from domain.invoice import CreditedLine
from domain.invoice_facts import Applied
from domain.refusal import Refused
from domain.remittance import Adjustment, Remittance, RemittanceItem, RemittanceItemKind
from domain.settlement import REVERSED, Settlement, apply_remittance
from tests.domain.test_settlement import TODAY, invoice
from tests.given import MOMENT

D = Decimal
LATER = date(2025, 10, 20)
TOLERANCE = Tolerance(D("10.00"), D("0.5"))
IV, OTHER, DED = RemittanceItemKind.INVOICE, RemittanceItemKind.OTHER, RemittanceItemKind.DEDUCTION


def item(reference: str, paid: str, *adjustments: tuple[str, str], partial: bool = False) -> RemittanceItem:
    taken = tuple(Adjustment(D(amount), reason) for amount, reason in adjustments)
    return RemittanceItem(reference, IV, None, D(paid), adjustments=taken, partial=partial)


class Books:
    """INV1 over 113.00, INV2 over 226.00, a memo over 22.60 about it; 500.00 of which R1 keeps all on account."""

    def __init__(self, amount: str = "500.00", *items: RemittanceItem) -> None:
        with deciding_at(MOMENT):
            two = invoice("INV2", "200")
            memo = two.credit("CM1", [CreditedLine("1", D(20))], TODAY, "returned")
            self.documents = {one.state.number: one for one in (invoice("INV1", "100"), two, memo, invoice("USD1", "100", "USD"))}
            unknown = items or (item("X-9", amount),)
            paid = Remittance("acme", "retail-a", "group-a", "R1", TODAY, "CNY", D(amount), unknown)
            self.settlement = Settlement.receive(paid)
            self.deductions = apply_remittance(self.settlement, list(self.documents.values()), TOLERANCE)

    def pay(self, *items: RemittanceItem, on: date = LATER, why: str = "CLERK", **more: Any) -> list[Deduction]:
        asked = Instruction(items, more.pop("seen", {}), on, why, more.pop("repaid", ()))
        known = [self.documents[name] for name in dict.fromkeys(one.reference for one in items) if name in self.documents]
        with deciding_at(MOMENT):
            return allocate_from_account(
                self.settlement, known, asked, TOLERANCE, whose=lambda stream: f"otto({stream})", **more
            )

    def refused(self, refusal: Any, *items: RemittanceItem, **more: Any) -> str:
        before = [one.version for one in (self.settlement, *self.documents.values())]
        with pytest.raises(Refused) as error:
            self.pay(*items, **more)
        assert error.value.refusal is refusal, error.value
        assert [one.version for one in (self.settlement, *self.documents.values())] == before, "nothing is half-posted"
        return str(error.value)

    def said(self) -> Any:
        return self.settlement.pending_events[-1]

    def applied(self, number: str) -> Applied:
        return self.documents[number].state.applied

    def dated(self, number: str) -> Any:
        event: Any = self.documents[number].pending_events[-1]
        return event.on


def test_documents_are_paid_whole_and_everything_is_said() -> None:
    books = Books()
    assert books.pay(item("INV1", "113.00"), item("INV2", "226.00"), item("CM1", "-22.60")) == []
    event = books.said()
    assert event.allocations == (
        Allocation("invoice/acme/INV1", cash=D("90.40"), credit=D("22.60")), Allocation("invoice/acme/INV2", cash=D("226.00")),
        Allocation("invoice/acme/CM1", credit=D("-22.60")),
    )  # fmt: skip
    assert (event.deductions, event.amount, event.account, event.cleared) == ((), D("316.40"), "group-a", D("339.00"))
    assert (event.credits_used, event.on, event.why, event.repaid) == (D("22.60"), LATER, "CLERK", {})
    assert [books.documents[name].state.open for name in ("INV1", "INV2", "CM1")] == [0, 0, 0]
    assert [books.dated(name) for name in ("INV1", "INV2", "CM1")] == [LATER] * 3
    done = books.settlement.state.done
    assert done is not None and done.on_account == D("183.60")


def test_nothing_is_posted_before_the_money_came() -> None:
    books = Books()
    books.pay(item("INV1", "113.00"), on=date(2025, 1, 1), why="EXACT_SUM")
    assert (books.said().on, books.said().why, books.dated("INV1")) == (TODAY, "EXACT_SUM", TODAY)


def test_what_is_kept_back_and_what_is_within_tolerance() -> None:
    books = Books()
    (begun,) = books.pay(item("INV1", "103.00", ("10.00", "06")), item("INV2", "225.00"))
    assert books.said().deductions == (
        DeductionTaken("deduction/acme/retail-a/R1/1", "invoice/acme/INV1", D("10.00"), "06", DeductionReason.SHORTAGE),
    )
    assert (begun.id, begun.state.amount, begun.state.settlement) == (
        "deduction/acme/retail-a/R1/1", D("10.00"), "settlement/acme/retail-a/R1",
    )  # fmt: skip
    assert books.applied("INV1") == Applied(cash=D("103.00"), deducted=D("10.00"))
    assert books.applied("INV2") == Applied(cash=D("225.00"), write_off=D("1.00"))


def test_deductions_of_one_payment_are_counted_on() -> None:
    books = Books("300.00", item("INV1", "100.00", ("13.00", "06")), item("X-9", "200.00"))
    (second,) = books.pay(item("INV2", "190.00", ("36.00", "05")))
    assert (books.deductions[0].id, second.id) == ("deduction/acme/retail-a/R1/1", "deduction/acme/retail-a/R1/2")


def test_the_customer_s_code_is_read_as_agreed() -> None:
    (begun,) = Books().pay(item("INV1", "100.00", ("13.00", "ZZ")), reasons=lambda code: DeductionReason.FEE)
    assert begun.state.reason is DeductionReason.FEE


def test_an_amount_kept_back_earlier_is_paid_back() -> None:
    books = Books("600.00", item("INV1", "100.00", ("13.00", "06")), item("X-9", "500.00"))
    kept = books.deductions[0]
    other = Books("500.00")
    other.documents["INV1"] = books.documents["INV1"]
    with deciding_at(MOMENT):
        paid = Remittance("acme", "retail-a", "group-a", "R2", TODAY, "CNY", D("500.00"), (item("X", "500.00"),))
        other.settlement = Settlement.receive(paid)
        apply_remittance(other.settlement, [])
    other.pay(item("INV2", "26.00", partial=True), repaid=(Resolving(kept, D("5.00"), [books.documents["INV1"]]),))
    assert (other.said().repaid, other.said().amount, other.said().cleared) == ({kept.id: D("5.00")}, D("31.00"), D("31.00"))
    assert other.said().allocations[-1] == Allocation("invoice/acme/INV1", cash=D("5.00"), deducted=D("-5.00"))
    assert books.applied("INV1") == Applied(cash=D("105.00"), deducted=D("8.00"))
    assert (kept.state.outstanding, other.dated("INV1")) == (D("8.00"), LATER)
    assert other.settlement.state.repaid == {kept.id: D("5.00")}
    more = (Resolving(kept, D("1.00"), [books.documents["INV1"]]),)
    assert "R2 has used INV1 before, by 0.00" in other.refused(why.USED_BEFORE, repaid=more)


@pytest.mark.parametrize(
    ("items", "refusal", "says"),
    [
        ([item("NONE", "1.00")], why.DOCUMENT_UNKNOWN, "NONE is no document of account group-a."),
        ([item("USD1", "113.00")], why.CURRENCY_DIFFERS, "USD1 is in USD, remittance R1 in CNY."),
        ([item("INV1", "113.01")], why.MORE_THAN_OPEN, "INV1 is open over 113.00; 113.01 would be allocated, 0.01 more."),
        ([item("INV1", "60.00"), item("INV1", "60.00")], why.MORE_THAN_OPEN, "120.00 would be allocated, 7.00 more."),
        ([item("CM1", "1.00")], why.ALREADY_CLEARED, "Nothing is open of CM1 any more: otto(invoice/acme/CM1) has cleared it with"
         " nothing yet."),
        ([item("INV1", "113.00"), item("CM1", "-22.61")], why.CREDIT_NOT_OPEN,
         "CM1 has no such credit open (0.01 too much); what used it before: nothing yet, by otto(invoice/acme/CM1)."),
        ([item("INV1", "113.00"), item("INV2", "-1.00")], why.CREDIT_NOT_OPEN, "INV2 has no such credit open (1.00 too much)"),
        ([item("INV1", "10.00", ("150.00", "06"))], why.NOT_PLACED, "INV1: 47.00 cannot be placed (DEDUCTION_EXCEEDS_OPEN)."),
        ([item("CM1", "-22.60")], why.NOT_PLACED, "CM1: 22.60 cannot be placed (DEBIT_NOT_PLACED)."),
        ([], why.NOTHING_TO_ALLOCATE, "Nothing of remittance R1 would be allocated."),
    ],
)  # fmt: skip
def test_what_cannot_be_is_refused_whole(items: list[RemittanceItem], refusal: Any, says: str) -> None:
    assert says in Books().refused(refusal, *items)


def test_exactly_what_is_there_can_be_allocated_and_not_a_cent_more() -> None:
    books = Books("100.00")
    assert "R1 has 100.00 on account; 100.01 would be allocated, 0.01 more" in books.refused(
        why.MORE_THAN_ON_ACCOUNT, item("INV1", "100.01", partial=True)
    )
    books.pay(item("INV1", "100.00", partial=True))
    assert books.documents["INV1"].state.open == D("13.00")
    assert "R1 has used INV1 before, by 100.00" in books.refused(why.USED_BEFORE, item("INV1", "1.00", partial=True))
    assert "R1 has 0.00 on account; 1.00 would be" in books.refused(why.MORE_THAN_ON_ACCOUNT, item("INV2", "1.00", partial=True))


def test_another_account_s_document_is_none_of_ours() -> None:
    books = Books()
    books.documents["INV1"].state.account = "group-b"
    assert "INV1 is no document of account group-a" in books.refused(why.DOCUMENT_UNKNOWN, item("INV1", "113.00"))


def test_what_moved_since_it_was_seen_is_said_and_what_did_not_is_paid() -> None:
    books = Books()
    with deciding_at(MOMENT):
        books.documents["INV1"].allocate("settlement/acme/retail-a/R7", Applied(cash=D("13.00")))
    seen = {"INV1": D("113.00")}
    said = books.refused(why.OPEN_MOVED, item("INV1", "100.00"), seen=seen)
    assert "INV1 is open over 100.00, you saw 113.00: otto(invoice/acme/INV1) has changed it meanwhile" in said
    assert "(settlement/acme/retail-a/R7)" in said
    books.pay(item("INV1", "100.00"), seen={"INV1": D("100.00")})
    assert books.documents["INV1"].state.open == 0
    said = books.refused(why.ALREADY_CLEARED, item("INV1", "1.00"))
    assert "has cleared it with settlement/acme/retail-a/R7, settlement/acme/retail-a/R1" in said


def test_a_payment_that_was_reversed_pays_nothing_any_more() -> None:
    books = Books()
    with deciding_at(MOMENT):
        books.settlement.reverse("bounced")
    assert "R1 was reversed" in books.refused(REVERSED, item("INV1", "113.00"))


def test_several_allocations_of_one_payment_as_one() -> None:
    first = Proposal((Allocation("a", cash=D(1)),), (), D(5), D(2), D(3), ())
    taken = DeductionTaken("d", "b", D(1), "06", DeductionReason.SHORTAGE)
    second = Proposal((Allocation("b", cash=D(2)),), (taken,), D(-2), D(9), D(1))
    assert joined((first, second)) == Proposal(
        (Allocation("a", cash=D(1)), Allocation("b", cash=D(2))), (taken,), D(3), D(2), D(4), ()
    )
    assert joined((second, first)).residual == D(9)


def test_an_item_that_pays_back_is_no_document() -> None:
    """What an advice pays back is another fact; what it cannot pay back is noted and stays on account."""
    back = RemittanceItem("acme/retail-a/R0/1", DED, None, D("7.00"))
    paid = Remittance("acme", "retail-a", "group-a", "R3", TODAY, "CNY", D("7.00"), (back,))
    for known, findings in (((), [FindingCode.NOTHING_OPEN]), (("acme/retail-a/R0/1",), [])):
        with deciding_at(MOMENT):
            settlement = Settlement.receive(paid)
            apply_remittance(settlement, [], paid_back=known)
        proposal = settlement.state.proposal
        assert proposal is not None and proposal.on_account == D("7.00")
        assert [finding.code for finding in proposal.findings] == findings
        assert [(f.reference, f.amount) for f in proposal.findings] == [("acme/retail-a/R0/1", D("7.00"))] * len(findings)
