"""What a trading partner remembers: who it is and every agreement by its first day."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from domain.agreements import (
    AgreedConfirmation,
    AgreedDeductions,
    AgreedEdiProfile,
    AgreedFillRatePolicy,
    AgreedInvoicing,
    AgreedLimit,
    AgreedLogistics,
    AgreedTerms,
)


@dataclass
class TradingPartnerState:
    partner: str
    name: str
    company: str
    currency: str
    zone: str
    parent: str | None
    account: str
    credit_limits: tuple[AgreedLimit, ...] = ()
    payment_terms: tuple[AgreedTerms, ...] = ()
    fill_rate_policies: tuple[AgreedFillRatePolicy, ...] = ()
    deduction_agreements: tuple[AgreedDeductions, ...] = ()
    invoicing: tuple[AgreedInvoicing, ...] = ()
    confirmation: tuple[AgreedConfirmation, ...] = ()
    edi_profiles: tuple[AgreedEdiProfile, ...] = ()
    closed_on: date | None = None
    logistics: tuple[AgreedLogistics, ...] = ()
