"""A return: goods the customer may send back, what came, and what was credited for it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

from domain.aggregate import Aggregate, natural_id
from domain.codes import check_currency
from domain.refusal import Kind, Refusal
from domain.tax import Amounts, line_amounts
from domain.values import ZERO, LineQuantity, Side, plain

NO_LINES = Refusal(
    "return.no_lines",
    "Return {number} names no line. Name the items and quantities that come back.",
)
LINE_TWICE = Refusal(
    "return.line_twice",
    "Return {number} has line {line} twice. Give each line its own number.",
)
QUANTITY_NOT_POSITIVE = Refusal(
    "return.quantity_not_positive",
    "Line {line} of return {number} has {quantity}; a quantity above 0 is needed.",
)
LINE_UNKNOWN = Refusal(
    "return.line_unknown",
    "Return {number} has no line {line}; its lines are {lines}. Name one of these.",
    Kind.NOT_FOUND,
)
RECEIVED_MORE = Refusal(
    "return.received_more",
    "Line {line} of return {number} authorises {limit} {unit}, of which {before} came before; {quantity}"
    " more is {excess} too many. Authorise a second return for {excess}.",
)
CREDITED_MORE = Refusal(
    "return.credited_more",
    "Line {line} of return {number} has {limit} {unit} received, of which {before} is credited; crediting"
    " {quantity} more is {excess} too many. Credit at most {left}.",
)
DOCUMENT_REUSED = Refusal(
    "return.document_reused",
    "Document {document} of return {number} was recorded before with other quantities. Use a new document"
    " number.",
    Kind.CONFLICT,
)


@dataclass(frozen=True)
class ReturnLine:
    """What may come back, at the price it was sold for; ``order`` is a stream, None where unknown."""

    number: str
    order: str | None
    order_line: str | None
    item: str
    quantity: Decimal
    unit: str
    unit_price: Decimal
    price_per: Decimal
    tax_rate: Decimal
    reason: str
    fault: Side

    def amounts(self, quantity: Decimal, currency: str) -> Amounts:
        return line_amounts(quantity, self.unit_price, self.price_per, self.tax_rate, currency)


@dataclass(frozen=True)
class CameBack:
    """A quantity that came back, and in what condition."""

    number: str
    quantity: Decimal
    condition: str | None = None


@dataclass(frozen=True)
class CreditedLine:
    """What is credited of one line, with its amounts."""

    number: str
    quantity: Decimal
    net: Decimal
    tax: Decimal
    gross: Decimal


@dataclass
class ReturnState:
    company: str
    number: str
    partner: str
    account: str
    currency: str
    invoice: str | None
    lines: dict[str, ReturnLine]
    receipts: dict[str, tuple[CameBack, ...]] = field(default_factory=dict)
    credits: dict[str, tuple[LineQuantity, ...]] = field(default_factory=dict)


class Return(Aggregate[ReturnState]):
    """Authorised, received, credited: in this order, and never more than the step before."""

    KIND = "return"
    STATE = ReturnState
    STATE_VERSION = 1

    class Authorised(Aggregate.Created):
        TYPE = "return.authorised/1"
        company: str
        number: str
        partner: str
        account: str
        currency: str
        authorised_on: date
        invoice: str | None
        lines: tuple[ReturnLine, ...]

        def apply(self, goods: Return) -> None:
            lines = {line.number: line for line in self.lines}
            goods.state = ReturnState(
                self.company, self.number, self.partner, self.account, self.currency, self.invoice, lines
            )

    class Received(Aggregate.Event):
        TYPE = "return.received/1"
        document: str
        received_on: date
        lines: tuple[CameBack, ...]

        def apply(self, goods: Return) -> None:
            goods.state.receipts[self.document] = self.lines

    class Credited(Aggregate.Event):
        """``document`` is the credit memo."""

        TYPE = "return.credited/1"
        document: str
        credited_on: date
        lines: tuple[CreditedLine, ...]
        net: Decimal
        tax: Decimal
        gross: Decimal

        def apply(self, goods: Return) -> None:
            goods.state.credits[self.document] = tuple(LineQuantity(c.number, c.quantity) for c in self.lines)

    @staticmethod
    def stream(company: str, number: str) -> str:
        return natural_id("return", company, number)

    @classmethod
    def authorise(
        cls,
        *,
        company: str,
        number: str,
        partner: str,
        account: str,
        currency: str,
        authorised_on: date,
        lines: Iterable[ReturnLine],
        invoice: str | None = None,
    ) -> Return:
        """The customer may send ``lines`` back."""
        check_currency(currency)
        wanted = tuple(lines)
        if not wanted:
            raise NO_LINES(number=number)
        seen: set[str] = set()
        for line in wanted:
            if line.number in seen:
                raise LINE_TWICE(number=number, line=line.number)
            seen.add(line.number)
            if line.quantity <= 0:
                raise QUANTITY_NOT_POSITIVE(line=line.number, number=number, quantity=plain(line.quantity))
        return cls.begin(
            cls.Authorised,
            cls.stream(company, number),
            company=company,
            number=number,
            partner=partner,
            account=account,
            currency=currency,
            authorised_on=authorised_on,
            invoice=invoice,
            lines=wanted,
        )

    def receive(self, document: str, received_on: date, lines: Iterable[CameBack]) -> None:
        """Goods came back; the same document again is silent."""
        came = tuple(lines)
        if self._seen(document, self.state.receipts.get(document), came):
            return
        totals = self._totals(LineQuantity(part.number, part.quantity) for part in came)
        for number, quantity in totals.items():
            line, before = self.state.lines[number], self.received(number)
            if before + quantity > line.quantity:
                figures = {"limit": line.quantity, "before": before, "quantity": quantity}
                raise RECEIVED_MORE(
                    line=number,
                    number=self.state.number,
                    unit=line.unit,
                    excess=plain(before + quantity - line.quantity),
                    **{name: plain(figure) for name, figure in figures.items()},
                )
        self.happened(self.Received, document=document, received_on=received_on, lines=came)

    def credit(self, document: str, credited_on: date, lines: Iterable[LineQuantity]) -> None:
        """Credit what came back on the credit memo ``document``; the same document again is silent."""
        asked = tuple(lines)
        if self._seen(document, self.state.credits.get(document), asked):
            return
        for number, quantity in self._totals(asked).items():
            self._check_credit(number, quantity)
        credited = []
        for part in asked:
            amounts = self.state.lines[part.number].amounts(part.quantity, self.state.currency)
            credited.append(CreditedLine(part.number, part.quantity, amounts.net, amounts.tax, amounts.gross))
        self.happened(
            self.Credited,
            document=document,
            credited_on=credited_on,
            lines=tuple(credited),
            net=sum((line.net for line in credited), ZERO),
            tax=sum((line.tax for line in credited), ZERO),
            gross=sum((line.gross for line in credited), ZERO),
        )

    def received(self, number: str) -> Decimal:
        """How much of a line has come back so far."""
        parts = (part for came in self.state.receipts.values() for part in came if part.number == number)
        return sum((part.quantity for part in parts), ZERO)

    def credited(self, number: str) -> Decimal:
        """How much of a line is credited so far."""
        parts = (part for credit in self.state.credits.values() for part in credit if part.number == number)
        return sum((part.quantity for part in parts), ZERO)

    def to_credit(self) -> tuple[LineQuantity, ...]:
        """What has come back and is not yet credited."""
        left = {number: self.received(number) - self.credited(number) for number in self.state.lines}
        return tuple(LineQuantity(number, quantity) for number, quantity in left.items() if quantity > 0)

    def _check_credit(self, number: str, quantity: Decimal) -> None:
        limit, before = self.received(number), self.credited(number)
        if before + quantity > limit:
            figures = {"limit": limit, "before": before, "quantity": quantity, "left": limit - before}
            raise CREDITED_MORE(
                line=number,
                number=self.state.number,
                unit=self.state.lines[number].unit,
                excess=plain(before + quantity - limit),
                **{name: plain(figure) for name, figure in figures.items()},
            )

    def _totals(self, parts: Iterable[LineQuantity]) -> Mapping[str, Decimal]:
        totals: dict[str, Decimal] = {}
        for part in parts:
            if part.number not in self.state.lines:
                raise LINE_UNKNOWN(number=self.state.number, line=part.number, lines=tuple(self.state.lines))
            if part.quantity <= 0:
                raise QUANTITY_NOT_POSITIVE(
                    line=part.number, number=self.state.number, quantity=plain(part.quantity)
                )
            totals[part.number] = totals.get(part.number, ZERO) + part.quantity
        if not totals:
            raise NO_LINES(number=self.state.number)
        return totals

    def _seen(self, document: str, known: object, again: object) -> bool:
        if known is not None and known != again:
            raise DOCUMENT_REUSED(document=document, number=self.state.number)
        return known is not None
