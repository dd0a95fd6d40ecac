"""The commands on master data: companies, partners and what is agreed with them, places, items, prices, tax."""

from __future__ import annotations

from typing import Any

from services.command import Command
from services.orders.agreeing import items, logistics, partners
from services.orders.agreeing.items import (
    AgreeItemNumber,
    AgreePacks,
    AgreePrice,
    AgreeTaxRate,
    CategoriseItem,
    DiscontinueItem,
    ItemPack,
    RegisterItem,
)
from services.orders.agreeing.logistics import AgreeLogisticParameters
from services.orders.agreeing.partners import (
    AgreeConfirmation,
    AgreeCreditLimit,
    AgreeDeductions,
    AgreeEdiProfile,
    AgreeFillRatePolicy,
    AgreeIdentifier,
    AgreeInvoicing,
    AgreePaymentTerms,
    AgreePlace,
    ClosePartner,
    RegisterCompany,
    RegisterPartner,
    WithdrawPlace,
)

HANDLERS: dict[type[Command], Any] = {**partners.HANDLERS, **logistics.HANDLERS, **items.HANDLERS}

__all__ = [
    "HANDLERS",
    "AgreeConfirmation",
    "AgreeCreditLimit",
    "AgreeDeductions",
    "AgreeEdiProfile",
    "AgreeFillRatePolicy",
    "AgreeIdentifier",
    "AgreeInvoicing",
    "AgreeItemNumber",
    "AgreeLogisticParameters",
    "AgreePacks",
    "AgreePaymentTerms",
    "AgreePlace",
    "AgreePrice",
    "AgreeTaxRate",
    "CategoriseItem",
    "ClosePartner",
    "DiscontinueItem",
    "ItemPack",
    "RegisterCompany",
    "RegisterItem",
    "RegisterPartner",
    "WithdrawPlace",
]
