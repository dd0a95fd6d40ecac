"""Every policy of receivables as a table: this fact, exactly these commands."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal
from types import SimpleNamespace
from typing import Any

import pytest

from domain.agreements import InvoicedQuantity, InvoiceTrigger, InvoicingTerms
from domain.allocation import NO_TOLERANCE, Tolerance
from domain.credit_book import Planned
from domain.day import Day
from domain.deduction import Deduction
from domain.deduction_reasons import DeductionReason
from domain.dispute.agreement import AgreedFineRule
from domain.dispute.terms import DeductionTerms
from domain.fill_rate.choices import Comparison, PenaltyScope
from domain.interchange import EdiDocument
from domain.invoice import Invoice
from domain.invoice_facts import InvoiceKind
from domain.order import Order, ScheduleLine
from domain.payment_terms import DueRule, PaymentTerms, RuleKind
from domain.recorded import RecordedEvent
from domain.settlement import Settlement
from domain.shipment import ReceivedLine, Shipment, ShipmentLine
from domain.shipment_billing import ShipmentBilling
from domain.trading_partner import TradingPartner
from domain.values import Side
from projections import credit_exposure
from services.command import Command
from services.reactions import Policy
from services.receivables.advising import RecordAdvice
from services.receivables.billing import CreditShipment, DateByReceipt, InvoiceShipment, OpenBilling, RecordCount
from services.receivables.crediting import (
    AgreeLimit, ExamineHeld, OpenAccount, RecordCredited, RecordDue, RecordGoodsOut, RecordInvoiced, RecordPaid,
    RecordPaymentReversed, RecordVoided, ReduceReservation, ReserveCredit,
)
from services.receivables.debtors import KeepTerms, KeepTolerance, RegisterDebtor
from services.receivables.deduction_terms import KeepDeductionTerms, KeepFineRule
from services.receivables.exposure_policies import ON_RECEIVABLES
from services.receivables.policies import ON_ORDERS, tolerance_of
from tests.given import fact

D = Decimal
AT = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
DAY = date(2026, 3, 2)
ORDER, SHIPMENT, INVOICE = "order/acme/retail-a/PO-1/-", "shipment/acme/S-1", "invoice/acme/2026-000001"
TERMS = PaymentTerms(DueRule(RuleKind.NET_DAYS, days=30))
DISPATCH = InvoicingTerms()
RECEIPT = InvoicingTerms(InvoiceTrigger.RECEIPT)
ACCEPTED = InvoicingTerms(InvoiceTrigger.RECEIPT, quantity=InvoicedQuantity.ACCEPTED)
LINE = ShipmentLine(
    ORDER, "PO-1", "1", "tea", None, D(10), "CS", D(10), D(1000), D(1), D("0.13"), D("11300.00")
)
OTHER = replace(LINE, order="order/acme/retail-a/PO-2/-", gross=D("5.00"))
PARTNER: dict[str, Any] = {
    "partner": "retail-a", "name": "A", "company": "acme", "currency": "CNY", "zone": "UTC", "parent": None,
    "account": "group-a",
}
WHOSE: dict[str, Any] = {
    "company": "acme", "number": "S-1", "partner": "retail-a", "account": "group-a", "currency": "CNY", "terms": TERMS,
}


def dispatched(invoicing: InvoicingTerms, *lines: ShipmentLine) -> Shipment.Dispatched:
    return fact(
        Shipment.Dispatched, ship_to="dc", zone="UTC", seller_zone="UTC", dispatched_at=AT, dispatched_on=DAY,
        expected_on=None, carrier=None, bill_of_lading=None, invoicing=invoicing, lines=lines,
        fulfils={ORDER: D("11000.00")}, **WHOSE,
    )


def received(invoicing: InvoicingTerms, billed: tuple[Any, ...] = (), less: tuple[Any, ...] = ()) -> Shipment.Received:
    return fact(
        Shipment.Received, document="GR-1", version=2, replaces=1, received_on=DAY,
        lines=(ReceivedLine(ORDER, "1", D(10), D(9)),), invoicing=invoicing, billed=billed, overbilled=less, **WHOSE,
    )


def issued(**values: Any) -> Invoice.Issued:
    facts = {
        "company": "acme", "number": "2026-000001", "kind": InvoiceKind.INVOICE, "partner": "retail-a",
        "account": "group-a", "currency": "CNY", "issued_on": DAY, "due_on": None, "discount_on": None,
        "discount_amount": D(0), "terms": None, "order_numbers": (), "shipment": None, "lines": (), "net": D(100),
        "tax": D(13), "gross": D(113),
    }
    return fact(Invoice.Issued, **(facts | values))


def voided(**values: Any) -> Invoice.Voided:
    facts = {
        "reason": "x", "kind": InvoiceKind.INVOICE, "account": "group-a", "gross": D(113), "shipment": None,
    }
    return fact(Invoice.Voided, **(facts | values))


def advice(kind: str) -> EdiDocument.Received:
    return fact(
        EdiDocument.Received, interchange="i", kind=kind, type="820", version="004010", control="1",
        partner="retail-a", company="acme", test=True, verdict="A", document={"total": "1"}, findings=(),
    )


GOODS_OUT = {"account": "group-a", "shipment": SHIPMENT}
OPENED = OpenBilling(
    shipment=SHIPMENT, company="acme", partner="retail-a", account="group-a", currency="CNY", terms=TERMS, lines=(LINE,)
)
DATED = DateByReceipt(shipment=SHIPMENT, received_on=DAY)
COUNTED = RecordCount(shipment=SHIPMENT, document="receipt:GR-1:2", keys=(f"{ORDER} 1",))


def invoiced(document: str, received_on: date | None) -> InvoiceShipment:
    return InvoiceShipment(
        shipment=SHIPMENT, company="acme", document=document, issued_on=DAY, received_on=received_on, lines=(LINE,)
    )


CREDITED = CreditShipment(shipment=SHIPMENT, document="receipt:GR-1:2:less", issued_on=DAY, lines=(LINE,))
CLOSED = {"account": "group-a", "open_gross": D(7), "revision": 2}

ON_ORDERS_TABLE: list[tuple[str, Any, str, list[Command]]] = [
    ("keep_the_account_as_agreed", fact(TradingPartner.Registered, **PARTNER), "partner/retail-a", [
        OpenAccount(account="group-a", currency="CNY", zone="UTC")
    ]),
    ("keep_the_account_as_agreed", fact(
        TradingPartner.CreditLimitAgreed, partner="retail-a", account="group-a", amount=D(5), currency="CNY",
        first_day=DAY, last_day=None,
    ), "partner/retail-a", [AgreeLimit(account="group-a", amount=D(5), first_day=DAY, last_day=None)]),
    ("know_the_debtor", fact(TradingPartner.Registered, **PARTNER), "partner/retail-a", [
        RegisterDebtor(partner="retail-a", company="acme", account="group-a", currency="CNY")
    ]),
    ("know_the_debtor", fact(
        TradingPartner.PaymentTermsAgreed, partner="retail-a", terms=TERMS, first_day=DAY
    ), "partner/retail-a", [KeepTerms(partner="retail-a", terms=TERMS, first_day=DAY)]),
    ("know_the_debtor", fact(
        TradingPartner.DeductionAgreementAgreed, partner="retail-a", first_day=DAY,
        agreement={"tolerance": {"amount": "10.00", "percent": "0.5"}, "reasons": {"sh": "SHORTAGE"}},
    ), "partner/retail-a", [
        KeepTolerance(partner="retail-a", tolerance=Tolerance(D("10.00"), D("0.5")), first_day=DAY),
        KeepDeductionTerms(
            partner="retail-a", terms=DeductionTerms(reasons={"SH": DeductionReason.SHORTAGE}), first_day=DAY
        ),
    ]),
    ("know_how_the_debtor_fines", fact(
        TradingPartner.FillRatePolicyAgreed, partner="retail-a", policy_id="IF", first_day=DAY, policy={
            "goal": {"rate": "0.95"}, "penalty": {"trigger": "BELOW_GOAL", "base": "COST_OF_SHORT", "rate": "0.03"},
        },
    ), "partner/retail-a", [KeepFineRule(partner="retail-a", rule=AgreedFineRule(
        "IF", DAY, "19/20", Comparison.GTE, "3", PenaltyScope.ALL_NONCOMPLIANT
    ))]),
    ("know_how_the_debtor_fines", fact(
        TradingPartner.FillRatePolicyAgreed, partner="retail-a", policy_id="NO", first_day=DAY, policy={},
    ), "partner/retail-a", []),
    ("move_exposure_with_the_goods", dispatched(DISPATCH, LINE, OTHER, replace(LINE, line="2")), SHIPMENT, [
        RecordGoodsOut(order=ORDER, amount=D("22600.00"), fulfils=D("11000.00"), **GOODS_OUT),
        RecordGoodsOut(order=OTHER.order, amount=D("5.00"), fulfils=None, **GOODS_OUT),
    ]),
    ("bill_what_was_dispatched", dispatched(DISPATCH, LINE), SHIPMENT, [OPENED, invoiced("dispatch", None)]),
    ("bill_what_was_dispatched", dispatched(RECEIPT, LINE), SHIPMENT, [OPENED]),
    ("bill_what_was_received", received(DISPATCH), SHIPMENT, [DATED]),
    ("bill_what_was_received", received(RECEIPT, (LINE,)), SHIPMENT, [invoiced("receipt:GR-1:2", DAY), DATED]),
    ("bill_what_was_received", received(ACCEPTED, (LINE,), (LINE,)), SHIPMENT, [
        invoiced("receipt:GR-1:2", DAY), CREDITED, COUNTED, DATED
    ]),
    ("bill_what_was_received", received(ACCEPTED), SHIPMENT, [COUNTED, DATED]),
    ("bill_what_nobody_counted", fact(
        Shipment.ReceiptTimedOut, day=DAY, invoicing=RECEIPT, billed=(LINE,), **WHOSE
    ), SHIPMENT, [invoiced("timeout", None)]),
    ("bill_what_nobody_counted", fact(
        Shipment.ReceiptTimedOut, day=DAY, invoicing=RECEIPT, billed=(), **WHOSE
    ), SHIPMENT, []),
    ("settle_what_an_advice_says", advice("remittance_advice"), "edi-document/A/B/1/1/1", [RecordAdvice(
        document="edi-document/A/B/1/1/1", partner="retail-a", company="acme", test=True, verdict="A",
        advice={"total": "1"},
    )]),
    ("settle_what_an_advice_says", advice("purchase_order"), "edi-document/A/B/1/1/1", []),
]

PAID = {"cleared": D(100), "on_account": D(5), "credits_used": D(7), "account": "group-a"}
SETTLEMENT, DEDUCTION = "settlement/acme/retail-a/R1", "deduction/acme/retail-a/R1/1"
BILLED = {"account": "group-a", "shipment": SHIPMENT, "delivered": D(120)}

ON_RECEIVABLES_TABLE: list[tuple[str, Any, str, list[Command]]] = [
    ("owe_what_is_invoiced", issued(), INVOICE, [
        RecordInvoiced(account="group-a", invoice=INVOICE, gross=D(113), delivered=D(0), currency="CNY")
    ]),
    ("owe_what_is_invoiced", issued(shipment=SHIPMENT, due_on=DAY), INVOICE, [
        RecordDue(account="group-a", invoice=INVOICE, due_on=DAY, expected=True, currency="CNY")
    ]),
    ("owe_what_is_invoiced", issued(kind=InvoiceKind.DEBIT_MEMO, due_on=DAY), INVOICE, [
        RecordInvoiced(account="group-a", invoice=INVOICE, gross=D(113), delivered=D(0), due_on=DAY, currency="CNY")
    ]),
    ("owe_what_is_invoiced", issued(shipment=SHIPMENT), INVOICE, []),
    ("owe_what_is_invoiced", issued(kind=InvoiceKind.CREDIT_MEMO, gross=D(-113), shipment=SHIPMENT), INVOICE, [
        RecordCredited(account="group-a", document=INVOICE, amount=D(113), currency="CNY")
    ]),
    ("owe_what_is_billed_of_a_shipment", fact(
        ShipmentBilling.Invoiced, document="dispatch", invoice=INVOICE, gross=D(113), goods=(), **BILLED
    ), "billing/acme/S-1", [RecordInvoiced(invoice=INVOICE, gross=D(113), **BILLED)]),
    ("owe_what_is_billed_of_a_shipment", fact(
        ShipmentBilling.NotAccepted, document="receipt:GR-1:1", keys=(), **BILLED
    ), "billing/acme/S-1", [RecordInvoiced(invoice="billing/acme/S-1", gross=D(0), **BILLED)]),
    ("no_longer_owe_what_is_voided", voided(), INVOICE, [
        RecordVoided(account="group-a", invoice=INVOICE, gross=D(113), shipment=None, delivered=D(0))
    ]),
    ("no_longer_owe_what_is_voided", voided(shipment=SHIPMENT), INVOICE, []),
    ("no_longer_owe_what_is_voided", voided(
        kind=InvoiceKind.CREDIT_MEMO, gross=D(-113), shipment=SHIPMENT
    ), INVOICE, [RecordPaid(account="group-a", settlement=INVOICE, cleared=D(0), on_account=D(0), credits=D(113))]),
    ("no_longer_owe_what_is_voided", fact(
        ShipmentBilling.InvoiceWithdrawn, invoice=INVOICE, gross=D(113), **BILLED
    ), "billing/acme/S-1", [RecordVoided(invoice=INVOICE, gross=D(113), **BILLED)]),
    ("owe_less_when_paid", fact(
        Settlement.Allocated, allocations=(), deductions=(), residual=D(0), gain=D(0), findings=(), **PAID
    ), SETTLEMENT, [
        RecordPaid(account="group-a", settlement=SETTLEMENT, cleared=D(100), on_account=D(5), credits=D(7))
    ]),
    ("owe_less_when_paid", fact(Settlement.Reversed, reason="x", **PAID), SETTLEMENT, [
        RecordPaymentReversed(account="group-a", settlement=SETTLEMENT, cleared=D(100), on_account=D(5), credits=D(7))
    ]),
    ("owe_less_when_paid", fact(
        Deduction.Credited, credit_memo="invoice/acme/CM-2026-000001", amount=D(9), account="group-a"
    ), DEDUCTION, [
        RecordPaid(account="group-a", settlement=DEDUCTION, cleared=D(9), on_account=D(0), credits=D(9))
    ]),
]


def recorded(event: Any, stream: str) -> RecordedEvent:
    placed = replace(event, originator_id=stream)
    return RecordedEvent("orders", 7, type(event).TYPE, placed, AT, "clara", "c", None, "c")


def decided(policies: tuple[Policy, ...], name: str, event: Any, stream: str) -> list[Command]:
    (policy,) = [policy for policy in policies if policy.name == name]
    assert type(event) in policy.reacts_to
    return list(policy.decide(recorded(event, stream), None))  # type: ignore[arg-type]


@pytest.mark.parametrize(("name", "event", "stream", "commands"), ON_ORDERS_TABLE)
def test_facts_of_orders_lead_to_these_commands(name: str, event: Any, stream: str, commands: list[Command]) -> None:
    assert decided(ON_ORDERS, name, event, stream) == commands


@pytest.mark.parametrize(("name", "event", "stream", "commands"), ON_RECEIVABLES_TABLE)
def test_facts_of_receivables_lead_to_these_commands(
    name: str, event: Any, stream: str, commands: list[Command]
) -> None:
    assert decided(ON_RECEIVABLES, name, event, stream) == commands


def test_an_order_asks_for_credit_and_gives_it_back() -> None:
    placed = Order.Placed.__new__(Order.Placed)
    schedule = tuple(ScheduleLine("dc", day, D(quantity)) for day, quantity in ((DAY, 2), (date(2026, 3, 9), 1)))
    lines = tuple(SimpleNamespace(gross=D(gross), schedule=schedule) for gross in ("100.00", "13.00"))
    placed.__dict__.update(originator_id=ORDER, account="group-a", gross=D(113), currency="CNY", lines=lines)
    amended = Order.AmendedByCustomer.__new__(Order.AmendedByCustomer)
    amended.__dict__.update(originator_id=ORDER, account="group-a", revision=2, gross=D(226))
    asked = "reserve_credit_for_what_is_ordered"
    cancelled = fact(Order.Cancelled, by=Side.CUSTOMER, reason="x", lines=(), account="group-a", open_gross=D(7))
    by_name = {policy.name: policy for policy in ON_ORDERS}

    def decide(name: str, event: Any) -> list[Command]:
        known = RecordedEvent("orders", 7, "", event, AT, "clara", "c", None, "c")
        return list(by_name[name].decide(known, None))  # type: ignore[arg-type]

    plan = (Planned(DAY, D("75.34")), Planned(date(2026, 3, 9), D("37.66")))
    assert decide(asked, placed) == [
        ReserveCredit(account="group-a", order=ORDER, revision=1, amount=D(113), currency="CNY", plan=plan)
    ]
    assert decide(asked, amended) == [ReserveCredit(account="group-a", order=ORDER, revision=2, amount=D(226))]
    given_back = replace(cancelled, originator_id=ORDER)
    assert decide("give_back_what_is_no_longer_ordered", given_back) == [
        ReduceReservation(account="group-a", order=ORDER, amount=D(7))
    ]


def test_a_day_that_begins_lets_accounts_of_its_zone_look_again(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[tuple[str, str]] = []

    class Seen:
        @contextmanager
        def view(self, name: str, _: RecordedEvent) -> Any:
            yield name

    def held(connection: Any, zone: str) -> list[str]:
        asked.append((connection, zone))
        return ["a", "b"]

    monkeypatch.setattr(credit_exposure, "held_accounts", held)
    (policy,) = [policy for policy in ON_RECEIVABLES if policy.name == "examine_what_is_held"]
    began = fact(Day.Began, zone="Asia/Shanghai", date=DAY)
    commands = policy.decide(recorded(began, "day/x"), Seen())  # type: ignore[arg-type]
    assert list(commands) == [ExamineHeld(account="a", day=DAY), ExamineHeld(account="b", day=DAY)]
    assert asked == [("credit_exposure", "Asia/Shanghai")]


@pytest.mark.parametrize("agreement", [
    {}, {"tolerance": None}, {"tolerance": {"amount": "10.00"}}, {"tolerance": {"amount": "10.00", "percent": None}},
    {"tolerance": {"amount": "ten", "percent": "1"}}, {"tolerance": {"amount": "NaN", "percent": "1"}},
    {"tolerance": {"amount": [], "percent": "1"}},
])
def test_a_blank_or_unreadable_tolerance_is_none(agreement: dict[str, Any]) -> None:
    assert tolerance_of(agreement) == NO_TOLERANCE
