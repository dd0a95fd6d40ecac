"""Remittance advices that come by EDI: what they post, and the fact that answers each of them."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from domain.credit import StageAmounts
from domain.debtor import Debtor, DebtorState
from domain.invoice_facts import Applied
from domain.remittance import Remittance, RemittanceItemKind
from domain.remittance_document import RemittanceDocument
from domain.settlement import Settlement
from services.edi import ReadingRules, check
from services.receivables.advising import RecordAdvice, advised_remittance
from tests.services.receivables.trade import D, Trade

ADVICE: dict[str, Any] = {
    "document": "remittance_advice", "handling": "I", "total": "1017", "credit_debit": "C", "method": "CHK",
    "paid_on": "2026-03-20", "check_dated_on": None, "created_on": None, "trace": "4529952", "currency": "CNY",
    "adjustments": [],
    "entries": [{
        "kind": "IV", "reference": "2026-000001", "payment_action": "PO", "paid": "1017", "gross": "1130",
        "discount": None, "reason": None, "reason_amount": None,
        "adjustments": [{"amount": "-113", "reason": "59", "reference_qualifier": "CM", "reference": "C-1"}],
    }],
}


def entry(**values: Any) -> dict[str, Any]:
    return {**ADVICE["entries"][0], **values}


def read(**advice: Any) -> Remittance:
    debtor = Debtor.__new__(Debtor)
    debtor.state = DebtorState("retail-a", "acme", "retail-a", "CNY")
    command = RecordAdvice(
        document="edi-document/A/B/1/1/1", partner="retail-a", company=None, test=False, verdict="A",
        advice={**ADVICE, **advice},
    )
    return advised_remittance(command, debtor)


def test_an_advice_pays_opens_its_deduction_and_is_answered(trade: Trade) -> None:
    trade.invoice("1000.00")
    document = trade.document(ADVICE)
    assert trade.document_of("2026-000001").state.applied == Applied(cash=D(1017), deducted=D(113))
    (answer,) = trade.facts(RemittanceDocument.Settled)
    assert (answer.document, answer.settlement) == (document, "settlement/acme/retail-a/4529952")
    assert trade.stages() == StageAmounts(receivable=D("113.00"))


def test_the_same_advice_in_another_envelope_is_settled_by_the_same_settlement(trade: Trade) -> None:
    trade.invoice("1000.00")
    trade.document(ADVICE)
    trade.document(ADVICE)
    first, second = trade.facts(RemittanceDocument.Settled)
    assert first.settlement == second.settlement
    assert second.remark == "recorded before"
    assert len(trade.facts(Settlement.RemittanceReceived)) == 1


def test_another_advice_under_a_trace_number_that_was_used_is_answered_with_the_reason(trade: Trade) -> None:
    trade.document({**ADVICE, "entries": []})
    trade.document({**ADVICE, "entries": [], "total": "1018"})
    (refused,) = trade.facts(RemittanceDocument.Refused)
    assert refused.code == "settlement.other_content"
    assert "4529952" in refused.reason


@pytest.mark.parametrize(
    ("advice", "facts", "code"),
    [
        ({}, {"test": True}, "remittance.test"),
        ({}, {"verdict": "R"}, "remittance.rejected"),
        ({"handling": "D"}, {}, "remittance.bank_instruction"),
        ({"handling": "X"}, {}, "remittance.bank_instruction"),
        ({"credit_debit": "D"}, {}, "remittance.debit"),
        ({"total": None}, {}, "remittance.incomplete"),
        ({"trace": None}, {}, "remittance.incomplete"),
        ({"paid_on": None}, {}, "remittance.incomplete"),
        ({"entries": [entry(paid=None, gross=None)]}, {}, "remittance.item_without_amount"),
        ({}, {"partner": None}, "remittance.partner_unknown"),
        ({}, {"partner": "nobody"}, "remittance.partner_unknown"),
        ({"total": "-5"}, {}, "settlement.amount_negative"),
    ],
)
def test_what_cannot_be_posted_has_no_effect_and_is_answered_with_a_code(
    trade: Trade, advice: dict[str, Any], facts: dict[str, Any], code: str
) -> None:
    document = trade.document({**ADVICE, **advice}, **facts)
    (refused,) = trade.facts(RemittanceDocument.Refused)
    assert (refused.document, refused.code) == (document, code)
    assert trade.facts(Settlement.RemittanceReceived) == []


def test_documents_of_other_kinds_are_none_of_receivables_business(trade: Trade) -> None:
    trade.document({}, kind="purchase_order")
    assert trade.facts(RemittanceDocument.Settled, RemittanceDocument.Refused) == []


def test_what_was_taken_off_is_signed_below_zero_in_x12_and_above_zero_in_ours() -> None:
    (item,) = read().items
    assert [adjustment.amount for adjustment in item.adjustments] == [D(113)]
    assert item.adds_up
    assert item.kind is RemittanceItemKind.INVOICE


def test_a_sender_that_signs_the_other_way_is_read_as_meant() -> None:
    adjustment = {"amount": "113", "reason": "59", "reference": None}
    (item,) = read(entries=[entry(adjustments=[adjustment])]).items
    assert [one.amount for one in item.adjustments] == [D(113)]
    assert item.adds_up


def test_gross_and_net_swapped_stay_as_sent_for_the_finding() -> None:
    (item,) = read(entries=[entry(paid="1130", gross="1017")]).items
    assert item.adds_up_only_swapped


def test_a_partial_payment_and_a_reason_in_the_item_itself() -> None:
    (item,) = read(entries=[entry(payment_action="PP", adjustments=[], reason="06", reason_amount="-113")]).items
    assert item.partial
    assert [(one.amount, one.customer_reason) for one in item.adjustments] == [(D(113), "06")]


def test_a_net_that_is_not_stated_follows_from_the_gross() -> None:
    (item,) = read(entries=[entry(paid=None)]).items
    assert item.paid == D(1017)


def test_adjustments_beside_the_items_keep_their_sign() -> None:
    beside = read(adjustments=[{"amount": "-10000", "reason": "GE", "reference": None}]).adjustments
    assert [one.amount for one in beside] == [D(-10000)]


def test_the_walmart_sample_adds_up_in_every_item() -> None:
    sample = Path(__file__).resolve().parents[3].parent / "shared/edi/samples/820_walmart_5010.edi"
    if not sample.exists():
        pytest.skip(f"the sample {sample} is not on this machine")
    (one,) = check(sample.read_bytes(), ReadingRules()).interchanges[0].groups[0].sets
    assert one.document is not None
    remittance = read(**one.document)
    assert all(item.adds_up for item in remittance.items)
    assert (remittance.amount, remittance.residual) == (Decimal("21298.97"), Decimal(0))
