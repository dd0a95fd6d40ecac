"""The demo's quarter, day by day: orders on Mondays and Thursdays, goods, receipts, payments with their deductions.

Everything goes through the same commands as the doors; what is irregular follows fixed counts, no chance.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from itertools import count
from typing import Any
from zoneinfo import ZoneInfo

from domain.order import Credit, Order
from domain.shipment import Shipment
from projections import open_items
from services.command import Command, Context
from services.demo.accounts import ACCOUNTS, CATEGORIES, FIRST_DAY, ITEMS, PEOPLE, Account
from services.forecast.planning import RecordPlan
from services.orders import agreeing, ordering, shipping
from services.progress import progress
from services.receivables.stated_payment import RecordRemittance
from services.starting import issue_key
from services.wired import Wired

BEGIN, END = date(2026, 7, 1), date(2026, 9, 30)
LEAD_DAYS = 7
DEPARTS_BEFORE = 2
ORDER_DAYS = (0, 3)
CENT = Decimal("0.01")


@dataclass
class Quarter:
    """One run of the demo over what is wired."""

    wired: Wired
    numbers: Any = field(default_factory=lambda: count(1))
    lines_seen: dict[str, int] = field(default_factory=lambda: defaultdict(int))
    shipments_seen: dict[str, int] = field(default_factory=lambda: defaultdict(int))
    paid_seen: dict[str, int] = field(default_factory=lambda: defaultdict(int))
    leaving: dict[date, list[str]] = field(default_factory=lambda: defaultdict(list))
    arriving: dict[date, list[str]] = field(default_factory=lambda: defaultdict(list))
    waiting: list[str] = field(default_factory=list)
    accounts: dict[str, Account] = field(default_factory=lambda: {a.partner: a for a in ACCOUNTS})

    def do(self, log: str, command: Command, at: datetime, actor: str) -> dict[str, Any]:
        """One command, as a person at a moment; a refusal would be a defect of the demo."""
        number = f"demo-{next(self.numbers)}"
        answer = self.wired.applications[log].handle(command, Context(actor, at.astimezone(UTC), number, number))
        if answer.status >= 400:
            raise RuntimeError(f"{command.NAME}: {answer.text}")
        return dict(answer.body)

    def day(self, today: date) -> None:
        """What happens on one day, in the order of its hours; reactions come to rest in between."""
        for account in ACCOUNTS:
            if today.weekday() in ORDER_DAYS:
                self.order(account, today)
        self.wired.settle()
        self.dispatch([*self.waiting, *self.leaving.pop(today, [])], today)
        self.wired.settle()
        for shipment in self.arriving.pop(today, []):
            self.receive(shipment, today)
        self.wired.settle()
        for account in ACCOUNTS:
            if today.weekday() == 4:
                self.pay(account, today)
        self.wired.settle()

    def order(self, account: Account, today: date) -> None:
        turn = next(self.numbers)
        place = account.places[turn % len(account.places)][0]
        lines = [
            {
                "number": str(n + 1), "item": ITEMS[(turn * 5 + n * 7) % len(ITEMS)][0],
                "quantity": str(20 + 15 * ((turn + n * 3) % 7)), "unit": "CS",
            }
            for n in range(4 + turn % 4)
        ]
        wanted = ordering.PlaceOrder.model_validate(
            {
                "partner": account.partner, "purchase_order_number": f"{today:%y%m%d}{turn % 1000:03d}", "ordered_on": today,
                "ship_to": place, "requested_on": today + timedelta(days=LEAD_DAYS), "lines": lines,
            }
        )
        placed = self.do("orders", wanted, _at(today, 9, account.zone), "clerk-chen")
        self.leaving[today + timedelta(days=LEAD_DAYS - DEPARTS_BEFORE)].append(placed["order"])

    def dispatch(self, orders: list[str], today: date) -> None:
        """Ship what credit has released; an order that is held waits for the next day."""
        self.waiting = []
        for stream in orders:
            order = self.wired.applications["orders"].look(Order, stream)
            assert order is not None
            if order.state.credit is not Credit.RELEASED:
                self.waiting.append(stream)
                continue
            account = self.accounts[order.state.partner]
            loaded = [self._loaded(account, stream, line.line.number, line.open) for line in order.state.lines.values()]
            self._ship(account, order, [line for line in loaded if line is not None], today)

    def _loaded(self, account: Account, order: str, line: str, quantity: Decimal) -> dict[str, str] | None:
        """Every n-th line goes out a fifth short, whole cases."""
        self.lines_seen[account.partner] += 1
        if self.lines_seen[account.partner] % account.habits.cut_every == 0:
            quantity -= max(quantity // 5, Decimal(1))
        return {"order": order, "line": line, "quantity": str(quantity)} if quantity > 0 else None

    def _ship(self, account: Account, order: Order, lines: list[dict[str, str]], today: date) -> None:
        self.shipments_seen[account.partner] += 1
        late = self.shipments_seen[account.partner] % account.habits.late_every == 0
        number = f"S{next(self.numbers):06d}"
        line = next(iter(order.state.lines.values())).line
        command = shipping.DispatchShipment.model_validate(
            {
                "company": account.company, "number": number, "partner": account.partner,
                "ship_to": line.schedule[0].ship_to, "dispatched_at": _at(today, 14, account.company_zone),
                "expected_on": today + timedelta(days=DEPARTS_BEFORE), "carrier": "DEMO", "lines": lines,
            }
        )
        shipped = self.do("orders", command, _at(today, 14, account.company_zone), "clerk-chen")
        self._book(account, shipped["shipment"], line.schedule[0].requested_on, today)
        self.arriving[today + timedelta(days=DEPARTS_BEFORE + (1 if late else 0))].append(shipped["shipment"])
        if any(part.open for part in order.state.lines.values()):
            closing = ordering.CloseShort(order=order.id, reason="out of stock")
            self._close_if_open(order.id, closing, _at(today, 15, account.company_zone))

    def _book(self, account: Account, shipment: str, wanted: date, today: date) -> None:
        """The customer gives a slot of two hours in the morning of the day wanted."""
        booked = {
            "shipment": shipment, "at": _at(wanted, 9, account.zone), "reference": f"slot-{shipment.rpartition('/')[2]}",
            "slot_from": f"{wanted}T09:00", "slot_to": f"{wanted}T11:00",
        }
        self.do("orders", shipping.MakeAppointment.model_validate(booked), _at(today, 14, account.company_zone), "clerk-chen")

    def _close_if_open(self, stream: str, closing: Command, at: datetime) -> None:
        order = self.wired.applications["orders"].look(Order, stream)
        if order is not None and order.state.closed is None:
            self.do("orders", closing, at, "clerk-chen")

    def receive(self, stream: str, today: date) -> None:
        """Arrival, signed proof of delivery, and the customer's own count."""
        shipment = self.wired.applications["orders"].look(Shipment, stream)
        assert shipment is not None
        account, at = self.accounts[shipment.state.partner], _at(today, 10, shipment.state.zone)
        presented = [{"order": p.order, "line": p.line, "quantity": str(p.quantity)} for p in shipment.state.lines]
        gate = {"shipment": stream, "at": at, "evidence": "GATE_ARRIVAL"}
        self.do("orders", shipping.RecordArrival.model_validate(gate), at, "clerk-chen")
        signed, number = at + timedelta(hours=1), shipment.state.number
        proof = {"shipment": stream, "at": signed, "document": f"POD-{number}", "lines": presented}
        self.do("orders", shipping.RecordDelivery.model_validate(proof), signed, "clerk-chen")
        short = next(self.numbers) % account.habits.short_count_every == 0
        counted = [
            {"order": p.order, "line": p.line, "received": str(q), "accepted": str(q)}
            for n, p in enumerate(shipment.state.lines)
            for q in [p.quantity - 2 if short and n == 0 and p.quantity > 2 else p.quantity]
        ]
        advice = {"shipment": stream, "document": f"RA-{shipment.state.number}", "received_on": today, "lines": counted}
        self.do("orders", shipping.RecordReceipt.model_validate(advice), at + timedelta(hours=4), "clerk-chen")

    def pay(self, account: Account, today: date) -> None:
        """The weekly run pays what is due by its habit, less what it keeps back."""
        until = today - timedelta(days=account.habits.days_after_due)
        search = open_items.ItemSearch(partner=account.partner, kinds=("INVOICE",), due_to=until)
        with self.wired.projectors["open_items"].engine.connect() as connection:
            due = open_items.find_items(connection, search, limit=500).rows
        if not due:
            return
        items = [self._paid(account, row) for row in due]
        total = sum((Decimal(item["paid"]) for item in items), Decimal(0))
        fees = []
        if account.habits.fee is not None and total > account.habits.fee * 3:
            fees, total = [{"amount": str(-account.habits.fee), "reason": account.habits.fee_reason}], total - account.habits.fee
        remittance = {
            "company": account.company, "partner": account.partner, "reference": f"PAY-{today:%Y%m%d}", "paid_on": today,
            "currency": account.currency, "amount": str(total), "method": "ACH", "items": items, "adjustments": fees,
        }
        self.do("receivables", RecordRemittance.model_validate(remittance), _at(today, 16, account.zone), "clerk-chen")

    def _paid(self, account: Account, row: dict[str, Any]) -> dict[str, Any]:
        """Every fourth invoice is paid short where the customer deducts what it did not receive."""
        self.paid_seen[account.partner] += 1
        gross: Decimal = row["open"]
        item: dict[str, Any] = {"reference": row["number"], "gross": str(gross), "paid": str(gross)}
        if account.habits.deducts_shortages and self.paid_seen[account.partner] % 4 == 0:
            kept = (gross / 50).quantize(CENT)
            item |= {"paid": str(gross - kept), "adjustments": [{"amount": str(kept), "reason": "59"}]}
        return item


def play(wired: Wired) -> None:
    """Agree everything, then live the quarter; prints the people's keys at the end."""
    quarter = Quarter(wired)
    keys = [(person, issue_key(wired, person, roles)) for person, roles in PEOPLE]
    agree(quarter)
    wired.settle()
    plan(quarter)
    days = (END - BEGIN).days + 1
    with progress("demo", days, "days") as advance:
        for offset in range(days):
            quarter.day(BEGIN + timedelta(days=offset))
            advance(1)
    print("The demo's people and their API keys, shown this once:")
    for person, key in keys:
        print(f"  {person:<20} {key}")


def agree(quarter: Quarter) -> None:
    """Companies, partners, places, items, prices, taxes and all agreements, from the first day of the year."""
    at = datetime(2026, 1, 1, 8, tzinfo=UTC)

    def do(command: type[Command], **values: Any) -> None:
        quarter.do("orders", command.model_validate(values), at, "credit-manager-cruz")

    for item, description, per_case, _ in ITEMS:
        packs = [{"unit": "CS", "quantity_in_base": per_case}]
        do(
            agreeing.RegisterItem, item=item, description=description, tax_category="food", base_unit="EA", packs=packs,
            valid_from=FIRST_DAY, category=CATEGORIES[item.partition("-")[0]],
        )
    for account in ACCOUNTS:
        _agree_with(account, do)


def _agree_with(account: Account, do: Any) -> None:
    partner, first_day = account.partner, FIRST_DAY
    do(
        agreeing.RegisterCompany, company=account.company, name=account.company_name, zone=account.company_zone,
        country=account.company_country, currency=account.currency, edi_id=account.company.upper(),
    )
    do(
        agreeing.RegisterPartner, partner=partner, name=account.name, company=account.company, currency=account.currency,
        zone=account.zone, edi_addresses=[account.edi],
    )
    do(agreeing.AgreeTaxRate, place=account.country, category="food", rate=account.tax_rate, first_day=first_day)
    for place, name in account.places:
        do(
            agreeing.AgreePlace, partner=partner, place=place, name=name, zone=account.zone, country=account.country,
            tax_place=account.country, numbers=[place.upper()],
        )
    do(agreeing.AgreeCreditLimit, partner=partner, amount=account.limit, currency=account.currency, first_day=first_day)
    do(agreeing.AgreePaymentTerms, partner=partner, terms=account.terms, first_day=first_day)
    do(agreeing.AgreeInvoicing, partner=partner, first_day=first_day, **account.invoicing)
    do(agreeing.AgreeConfirmation, partner=partner, mode="AUTO", first_day=first_day)
    for policy_id, policy in account.fill_rates:
        do(agreeing.AgreeFillRatePolicy, partner=partner, policy_id=policy_id, policy=policy, first_day=first_day)
    do(agreeing.AgreeLogisticParameters, partner=partner, parameters=account.logistics, first_day=first_day)
    do(agreeing.AgreeDeductions, partner=partner, agreement=account.deductions, first_day=first_day)
    do(agreeing.AgreeEdiProfile, partner=partner, profile=account.profile, first_day=first_day)
    for item, _, per_case, each in ITEMS:
        price = (Decimal(each) * Decimal(per_case) * Decimal(account.price_factor)).quantize(CENT)
        do(
            agreeing.AgreePrice, partner=partner, item=item, currency=account.currency, price=str(price), unit="CS",
            first_day=first_day,
        )


def plan(quarter: Quarter) -> None:
    """Each customer's rolling promotion plan for the quarter."""
    for account in ACCOUNTS:
        lines = [
            {
                "item": item, "first_day": BEGIN, "last_day": END, "quantity": str(400 + 60 * n), "unit": "CS",
                "promotion": "summer",
            }
            for n, (item, *_) in enumerate(ITEMS)
        ]
        recorded = {"partner": account.partner, "kind": "ROLLING_PROMOTION", "period": "2026-Q3", "lines": lines}
        at = datetime(2026, 6, 15, 9, tzinfo=UTC)
        quarter.do("forecast", RecordPlan.model_validate(recorded), at, "planner-petit")


def _at(day: date, hour: int, zone: str) -> datetime:
    return datetime(day.year, day.month, day.day, hour, tzinfo=ZoneInfo(zone))
