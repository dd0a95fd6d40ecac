"""The receivables service: what its log holds and which command does what."""

from __future__ import annotations

from typing import Any, ClassVar

from domain.allocation_draft import AllocationDraft
from domain.bank_entry import BankEntry
from domain.credit_account import CreditAccount
from domain.day import Day
from domain.debtor import Debtor
from domain.deduction import Deduction
from domain.dispute.agreement import DeductionAgreement
from domain.dispute.dispute import Dispute
from domain.dispute.write_offs import WriteOffBook
from domain.group_payment import GroupPayment
from domain.invoice import Invoice
from domain.invoice_series import InvoiceSeries
from domain.remittance_document import RemittanceDocument
from domain.settlement import Settlement
from domain.shipment_billing import ShipmentBilling
from domain.statement import Statement, StatementCutOffs
from services.application import LogApplication
from services.command import Command
from services.days import HANDLERS as DAY_HANDLERS
from services.event_log.json_form import AnyAggregate
from services.receivables import (
    advising, allocating, banking, billing, correcting, credit_terms, crediting, debtors, deduction_terms, drafting,
    group_payments, invoicing,     settling,
)
from services.receivables.disputes import disputing, judging, resolving
from services.receivables.reconciling import commands as reconciling

AGGREGATES: tuple[type[AnyAggregate], ...] = (
    CreditAccount, Debtor, ShipmentBilling, Invoice, InvoiceSeries, Settlement, RemittanceDocument, Deduction, Day, GroupPayment,
    AllocationDraft, BankEntry,
    Statement, StatementCutOffs, DeductionAgreement, Dispute, WriteOffBook,
)


class Receivables(LogApplication):
    """Credit accounts, invoices, settlements and deductions."""

    name = "receivables"
    aggregates = AGGREGATES
    handlers: ClassVar[dict[type[Command], Any]] = {
        **DAY_HANDLERS,
        **crediting.HANDLERS,
        **credit_terms.HANDLERS,
        **debtors.HANDLERS,
        **billing.HANDLERS,
        **invoicing.HANDLERS,
        **correcting.HANDLERS,
        **settling.HANDLERS,
        **allocating.HANDLERS,
        **group_payments.HANDLERS,
        **drafting.HANDLERS,
        **banking.HANDLERS,
        **advising.HANDLERS,
        **reconciling.HANDLERS,
        **deduction_terms.HANDLERS,
        **disputing.HANDLERS,
        **judging.HANDLERS,
        **resolving.HANDLERS,
    }
