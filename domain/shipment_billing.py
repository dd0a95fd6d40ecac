"""ShipmentBilling: which goods of a shipment wait for an invoice, and which document billed or credited which of them.

Receivables keeps it from the dispatch on: so one fact about a shipment is invoiced once, whatever reports it,
and the value that leaves "delivered" is what those goods were worth at the orders' prices, to the cent (C6).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from decimal import Decimal

from domain.aggregate import Aggregate
from domain.payment_terms import PaymentTerms
from domain.shipment.lines import ShipmentLine
from domain.values import ZERO


@dataclass(frozen=True)
class InvoicedGoods:
    """A quantity of one order line on one invoice line; ``delivered`` is its value that stops waiting."""

    order: str
    line: str
    invoice_line: str
    quantity: Decimal
    delivered: Decimal = ZERO

    @property
    def key(self) -> str:
        return goods_key(self.order, self.line)


@dataclass(frozen=True)
class InvoicedOnce:
    """An invoice of the shipment and the document that it was issued for."""

    document: str
    gross: Decimal
    goods: tuple[InvoicedGoods, ...]

    @property
    def delivered(self) -> Decimal:
        return sum((part.delivered for part in self.goods), ZERO)


@dataclass(frozen=True)
class CreditedGoods:
    """A quantity of one invoice line that a later count took back."""

    invoice: str
    invoice_line: str
    quantity: Decimal


@dataclass
class ShipmentBillingState:
    """``lines`` and ``waiting`` (value without an invoice so far) by order line; ``invoices`` by stream."""

    shipment: str
    company: str
    partner: str
    account: str
    currency: str
    terms: PaymentTerms | None
    lines: dict[str, ShipmentLine]
    waiting: dict[str, Decimal]
    documents: dict[str, str] = field(default_factory=dict)  # document -> invoice or last credit memo
    invoices: dict[str, InvoicedOnce] = field(default_factory=dict)
    credited: dict[str, Decimal] = field(default_factory=dict)  # quantity taken back by invoice and its line


class ShipmentBilling(Aggregate[ShipmentBillingState]):
    """The billing of one shipment, ``billing/{company}/{number}``."""

    KIND = "billing"
    STATE = ShipmentBillingState
    STATE_VERSION = 1

    class Opened(Aggregate.Created):
        TYPE = "billing.opened/1"
        shipment: str
        company: str
        partner: str
        account: str
        currency: str
        terms: PaymentTerms | None
        lines: tuple[ShipmentLine, ...]

        def apply(self, billing: ShipmentBilling) -> None:
            lines = {goods_key(line.order, line.line): line for line in self.lines}
            waiting = {key: line.gross for key, line in lines.items()}
            billing.state = ShipmentBillingState(
                self.shipment, self.company, self.partner, self.account, self.currency, self.terms, lines, waiting
            )

    class Invoiced(Aggregate.Event):
        """``delivered`` is what the goods were worth when they left, ``gross`` what is billed for them."""

        TYPE = "billing.invoiced/1"
        document: str
        invoice: str
        account: str
        shipment: str
        gross: Decimal
        delivered: Decimal
        goods: tuple[InvoicedGoods, ...]

        def apply(self, billing: ShipmentBilling) -> None:
            state = billing.state
            state.documents[self.document] = self.invoice
            state.invoices[self.invoice] = InvoicedOnce(self.document, self.gross, self.goods)
            for part in self.goods:
                if part.delivered:
                    state.waiting[part.key] -= part.delivered

    class NotAccepted(Aggregate.Event):
        """The customer counted less than was shipped: by agreement the rest is never billed."""

        TYPE = "billing.not_accepted/1"
        document: str
        account: str
        shipment: str
        delivered: Decimal
        keys: tuple[str, ...]

        def apply(self, billing: ShipmentBilling) -> None:
            billing.state.waiting.update(dict.fromkeys(self.keys, ZERO))

    class Credited(Aggregate.Event):
        """A later count took back what an earlier one gave to be invoiced."""

        TYPE = "billing.credited/1"
        document: str
        credit_memos: tuple[str, ...]
        goods: tuple[CreditedGoods, ...]

        def apply(self, billing: ShipmentBilling) -> None:
            state = billing.state
            state.documents[self.document] = self.credit_memos[-1]
            for part in self.goods:
                place = goods_key(part.invoice, part.invoice_line)
                state.credited[place] = state.credited.get(place, ZERO) + part.quantity

    class InvoiceWithdrawn(Aggregate.Event):
        """The invoice was voided: its goods wait again."""

        TYPE = "billing.invoice_withdrawn/1"
        invoice: str
        account: str
        shipment: str
        gross: Decimal
        delivered: Decimal

        def apply(self, billing: ShipmentBilling) -> None:
            state = billing.state
            for part in state.invoices.pop(self.invoice).goods:
                if part.delivered:
                    state.waiting[part.key] += part.delivered

    @staticmethod
    def stream(shipment: str) -> str:
        """``shipment`` is the shipment's stream."""
        return f"billing/{shipment.partition('/')[2]}"

    @classmethod
    def open(
        cls, shipment: str, *, company: str, partner: str, account: str, currency: str,
        terms: PaymentTerms | None, lines: Iterable[ShipmentLine],
    ) -> ShipmentBilling:
        """Goods have left; all of them wait for an invoice."""
        return cls.begin(
            cls.Opened, cls.stream(shipment), shipment=shipment, company=company, partner=partner, account=account,
            currency=currency, terms=terms, lines=tuple(lines),
        )

    def invoice_for(self, document: str) -> str | None:
        """What was issued because of ``document``, voided or not."""
        return self.state.documents.get(document)

    def record_invoice(
        self, document: str, invoice: str, account: str, gross: Decimal, goods: Iterable[InvoicedGoods]
    ) -> None:
        """``invoice`` bills ``goods``; the same document again says nothing new."""
        if document in self.state.documents:
            return
        valued = self._valued(goods)
        self.happened(
            self.Invoiced, document=document, invoice=invoice, account=account, shipment=self.state.shipment,
            gross=gross, delivered=sum((part.delivered for part in valued), ZERO), goods=valued,
        )

    def record_count(self, document: str, keys: Iterable[str]) -> None:
        """The customer has counted these lines: what of them still waits was not accepted."""
        waiting = {key: self.state.waiting[key] for key in keys if self.state.waiting.get(key)}
        if waiting:
            self.happened(
                self.NotAccepted, document=document, account=self.state.account, shipment=self.state.shipment,
                delivered=sum(waiting.values(), ZERO), keys=tuple(waiting),
            )

    def to_credit(self, lines: Iterable[ShipmentLine]) -> list[CreditedGoods]:
        """Where the quantities that ``lines`` take back were invoiced, the latest invoice first."""
        found: list[CreditedGoods] = []
        for line in lines:
            left, key = line.quantity, goods_key(line.order, line.line)
            for invoice, once in reversed(self.state.invoices.items()):
                for part in once.goods:
                    credited = self.state.credited.get(goods_key(invoice, part.invoice_line), ZERO)
                    quantity = min(left, part.quantity - credited) if part.key == key else ZERO
                    if quantity > 0:
                        found.append(CreditedGoods(invoice, part.invoice_line, quantity))
                        left -= quantity
        return found

    def record_credit(self, document: str, credit_memos: Iterable[str], goods: Iterable[CreditedGoods]) -> None:
        memos = tuple(credit_memos)
        if memos and document not in self.state.documents:
            self.happened(self.Credited, document=document, credit_memos=memos, goods=tuple(goods))

    def withdraw_invoice(self, invoice: str, account: str) -> None:
        """Its goods wait again; an invoice that is not of this shipment says nothing."""
        known = self.state.invoices.get(invoice)
        if known is not None:
            self.happened(
                self.InvoiceWithdrawn, invoice=invoice, account=account, shipment=self.state.shipment,
                gross=known.gross, delivered=known.delivered,
            )

    def _valued(self, goods: Iterable[InvoicedGoods]) -> tuple[InvoicedGoods, ...]:
        """Each part with the value, at the order's price, that it takes out of what waits."""
        state, taken = self.state, dict[str, Decimal]()
        valued = []
        for part in goods:
            shipped = state.lines.get(part.key)
            worth = ZERO
            if shipped is not None:
                value = shipped.of(min(part.quantity, shipped.quantity), state.currency).gross
                worth = max(min(value, state.waiting[part.key] - taken.get(part.key, ZERO)), ZERO)
                taken[part.key] = taken.get(part.key, ZERO) + worth
            valued.append(InvoicedGoods(part.order, part.line, part.invoice_line, part.quantity, worth))
        return tuple(valued)


def goods_key(order: str, line: str) -> str:
    """An order line as one text; a stream has no space in it."""
    return f"{order} {line}"
