"""How exposure moves along the chain: goods leave, invoices are issued, payments come in; nothing here is ever blocked."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from domain import credit_facts as facts
from domain import credit_items
from domain.credit import StageAmounts
from domain.credit_book import DraftKind, ItemShift
from domain.credit_deciding import CreditDecisions
from domain.credit_refusals import DRAFT_UNKNOWN, ITEM_NOT_OPEN
from domain.values import ZERO


class CreditMovements(CreditDecisions):
    """Each movement lets the account look again at what it holds."""

    def record_delivery(
        self,
        order: str,
        shipment: str,
        amount: Decimal,
        on: date,
        *,
        fulfils: Decimal | None = None,
        currency: str = "",
    ) -> None:
        """Goods of ``amount`` have left; no check, the risk is taken. ``fulfils`` where over-delivery is known."""
        if not self.state.has_heard_of(order, shipment):
            used = amount if fulfils is None else fulfils
            moved = self.state.move_of_delivery(order, shipment, amount, used)
            account, kept_in = self.state.whose(order) or (self.acting, self._currency(currency))
            values = {"moved": moved, "amount": amount, "fulfils": used, "on": on}
            whose = {"account": account, "currency": kept_in}
            self.happened(facts.GoodsDelivered, order=order, shipment=shipment, **values, **whose)
            self.examine_held(on)

    def record_invoice(
        self,
        invoice: str,
        gross: Decimal,
        on: date,
        *,
        shipment: str | None = None,
        delivered: Decimal | None = None,
        due_on: date | None = None,
        currency: str = "",
    ) -> None:
        """Never blocked. ``delivered``: the shipment's value billed by it, by default all that waits."""
        if delivered is None:
            delivered = self.state.awaiting_invoice(shipment) or (gross if shipment else ZERO)
        moved = self.state.move_of_invoice(gross, shipment, delivered)
        values = {"moved": moved, "shipment": shipment, "delivered": delivered, "on": on, "due_on": due_on}
        whose = self._whose(shipment, invoice, currency)
        self.happened(facts.Invoiced, invoice=invoice, itemised=True, **values, **whose)
        self.examine_held(on)

    def record_void(
        self,
        invoice: str,
        gross: Decimal,
        on: date,
        *,
        shipment: str | None,
        delivered: Decimal | None = None,
    ) -> None:
        """Its goods wait for an invoice again. The figures are those of the invoice; same defaults too."""
        back = (gross if shipment else ZERO) if delivered is None else delivered
        moved = self.state.move_of_invoice(-gross, shipment, -back)
        values = {"moved": moved, "shipment": shipment, "delivered": back, "on": on}
        self.happened(facts.InvoiceVoided, invoice=invoice, **values, **self._whose(shipment, invoice))
        self.examine_held(on)

    def record_credit(self, document: str, amount: Decimal, on: date, *, currency: str = "") -> None:
        """A credit memo of ``amount`` (above 0) waits to be applied."""
        self._not_negative(document, amount)
        whose = {"account": self.acting, "currency": self._currency(currency)}
        moved = StageAmounts(unapplied_credits=amount)
        self.happened(facts.Credited, document=document, moved=moved, on=on, **whose)
        self.examine_held(on)

    def record_payment(
        self,
        settlement: str,
        cleared: Decimal,
        on: date,
        *,
        on_account: Decimal = ZERO,
        credits: Decimal = ZERO,
        items: tuple[ItemShift, ...] = (),
        currency: str = "",
    ) -> None:
        """``cleared`` leaves the receivable; ``on_account`` waits for its invoice; ``credits`` were used up.

        ``items``: by how much it changes which open item, where that is known.
        """
        moved = StageAmounts(receivable=-cleared, unapplied_cash=on_account, unapplied_credits=-credits)
        whose = self._whose(None, items[0].item if items and not currency else "", currency)
        self.happened(facts.Paid, settlement=settlement, moved=moved, on=on, items=items, **whose)
        self.examine_held(on)

    def reverse_payment(
        self,
        settlement: str,
        cleared: Decimal,
        on: date,
        *,
        on_account: Decimal = ZERO,
        credits: Decimal = ZERO,
        items: tuple[ItemShift, ...] = (),
        currency: str = "",
    ) -> None:
        """Undo what ``record_payment`` recorded with the same figures; no check, the money is gone."""
        moved = -StageAmounts(receivable=-cleared, unapplied_cash=on_account, unapplied_credits=-credits)
        whose = self._whose(None, items[0].item if items and not currency else "", currency)
        self.happened(facts.PaymentReversed, settlement=settlement, moved=moved, on=on, items=items, **whose)
        self.examine_held(on)

    def record_due(self, item: str, due_on: date, on: date, *, expected: bool, currency: str = "") -> None:
        """``expected``: the item is about to come; otherwise one that is not open any more says nothing."""
        known = self.state.items.get(item)
        if (known is not None or expected) and (known is None or known.due_on != due_on):
            whose = self._whose(None, item, currency)
            self.happened(credit_items.ItemFellDue, item=item, due_on=due_on, **whose)
            self.examine_held(on)

    def dispute_item(self, item: str, disputed: Decimal, on: date) -> None:
        """The customer contests ``disputed`` of the item from now on; zero ends it."""
        self._not_negative(item, disputed)
        known = self.state.items.get(item)
        if known is None or disputed > known.amount:
            name, amount = self.acting or self.state.account, known.amount if known else ZERO
            figures = {"figure": disputed, "limit": amount, "excess": disputed - amount}
            raise ITEM_NOT_OPEN(account=name, item=item, **figures)
        if disputed != known.disputed:
            account = self._whose(None, item)["account"]
            self.happened(credit_items.ItemDisputed, item=item, disputed=disputed, on=on, account=account)
            self.examine_held(on)

    def record_prepayment(self, order: str, amount: Decimal, on: date) -> None:
        """``amount`` of the order is paid in advance, in all; wholly prepaid, it is no matter of credit."""
        self._not_negative(order, amount)
        if self.state.prepaid.get(order) != amount:
            account, _ = self.state.whose(order) or (self.acting, "")
            self.happened(credit_items.OrderPrepaid, order=order, amount=amount, on=on, account=account)
            self.examine_held(on)

    def receive_draft(self, draft: str, kind: DraftKind, amount: Decimal, matures_on: date, on: date) -> None:
        """A bill that paid something; the payment itself is recorded as one. The same draft again is silent."""
        self._not_negative(draft, amount)
        if draft not in self.state.drafts:
            owed_by = "drafts" if kind is DraftKind.COMMERCIAL else "bank_drafts"
            values = {"kind": kind, "amount": amount, "matures_on": matures_on, "account": self.acting}
            self.happened(credit_items.DraftReceived, draft=draft, moved=StageAmounts(**{owed_by: amount}), on=on, **values)
            self.examine_held(on)

    def end_draft(self, draft: str, honoured: bool, on: date) -> None:
        """It matured. Where it was not honoured, reverse the payment it was: what it paid is owed again by that."""
        known = self.state.drafts.get(draft)
        if known is None:
            raise DRAFT_UNKNOWN(account=self.acting or self.state.account, draft=draft)
        owed_by = "drafts" if known.kind is DraftKind.COMMERCIAL else "bank_drafts"
        moved = StageAmounts(**{owed_by: -known.amount})
        self.happened(credit_items.DraftEnded, draft=draft, honoured=honoured, moved=moved, on=on, account=known.account)
        self.examine_held(on)

    def _whose(self, shipment: str | None, item: str, currency: str = "") -> dict[str, str]:
        """The account and currency of a document: its shipment's or its own where these are known."""
        known = self.state.unbilled.get(shipment) if shipment else None
        found = known or self.state.items.get(item)
        if found is not None:
            return {"account": found.account, "currency": found.currency}
        return {"account": self.acting, "currency": self._currency(currency)}
