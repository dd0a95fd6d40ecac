"""A trading partner, what is agreed with it from which day, and the places it is delivered at."""

from __future__ import annotations

from domain.agreements import (
    AgreedFillRatePolicy,
    AgreedLimit,
    ConfirmationMode,
    EdiProfile,
    InvoicedQuantity,
    InvoiceTrigger,
    InvoicingTerms,
)
from domain.ship_to import Place, ShipTo
from domain.trading_partner.partner import TradingPartner
from domain.trading_partner.state import TradingPartnerState

__all__ = [
    "AgreedFillRatePolicy",
    "AgreedLimit",
    "ConfirmationMode",
    "EdiProfile",
    "InvoiceTrigger",
    "InvoicedQuantity",
    "InvoicingTerms",
    "Place",
    "ShipTo",
    "TradingPartner",
    "TradingPartnerState",
]
