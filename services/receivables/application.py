"""The receivables service: what its log holds and which command does what."""

from __future__ import annotations

from typing import Any, ClassVar

from domain.credit_account import CreditAccount
from domain.day import Day
from domain.deduction import Deduction
from domain.invoice import Invoice
from domain.invoice_series import InvoiceSeries
from domain.settlement import Settlement
from services.application import LogApplication
from services.command import Command
from services.days import HANDLERS as DAY_HANDLERS
from services.event_log.json_form import AnyAggregate
from services.receivables import crediting

AGGREGATES: tuple[type[AnyAggregate], ...] = (CreditAccount, Invoice, InvoiceSeries, Settlement, Deduction, Day)


class Receivables(LogApplication):
    """Credit accounts, invoices, settlements and deductions."""

    name = "receivables"
    aggregates = AGGREGATES
    handlers: ClassVar[dict[type[Command], Any]] = {**DAY_HANDLERS, **crediting.HANDLERS}
