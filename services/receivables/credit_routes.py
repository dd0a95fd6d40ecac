"""REST of what is agreed and recorded about credit accounts, each with its permission."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter

from services.command import Command
from services.http import command_route
from services.receivables import credit_past
from services.receivables import credit_terms as terms

LOG = "receivables"
AGREE, RELEASE, RECORD, GOODS = "credit.limit.agree", "credit.release.approve", "settlement.record", "shipment.record"

EXAMPLE_POLICY = {
    "first_day": "2026-01-01",
    "policy": {
        "horizon": 30, "oldestOverdueDays": 30, "overdueMinimum": "100.00", "maximumDocument": "500000.00",
        "releaseDays": 5, "releaseDeviationPercent": "10", "authorities": [{"person": "wang", "upTo": "50000.00"}],
    },
}
EXAMPLE_RATE = {"currency": "CNY", "against": "USD", "rate": "7.25", "first_day": "2026-03-02"}

# What is done to one account: the word in the address, the command, the permission, the summary.
ON_ACCOUNT = (
    ("agree-limit", terms.AgreeAccountLimit, AGREE, "Agree the limit of an account itself"),
    ("agree-policy", terms.AgreeCreditPolicy, AGREE, "Agree the credit rules of an account"),
    ("agree-cover", terms.AgreeCover, AGREE, "Record an insurance or a letter of credit"),
    ("record-rate", terms.RecordRate, AGREE, "Record an exchange rate"),
    ("block", terms.BlockAccount, RELEASE, "Block an account"),
    ("unblock", terms.UnblockAccount, RELEASE, "Unblock an account"),
    ("place-under", terms.PlaceUnder, AGREE, "Place an account below another one"),
    ("dispute-item", terms.DisputeItem, RECORD, "Record what is contested of an open item"),
    ("record-prepayment", terms.RecordPrepayment, RECORD, "Record that an order is paid in advance"),
    ("record-draft", terms.RecordDraft, RECORD, "Record a bill of exchange received"),
    ("end-draft", terms.EndDraft, RECORD, "Record that a bill of exchange has matured"),
    ("check-delivery", terms.CheckDelivery, GOODS, "Check credit before goods leave"),
)
EXAMPLES: dict[type[Command], list[dict[str, Any]]] = {
    terms.AgreeCreditPolicy: [EXAMPLE_POLICY], terms.RecordRate: [EXAMPLE_RATE],
}


def credit_terms_router() -> APIRouter:
    router = APIRouter(prefix="/v1", tags=["credit"])
    command_route(
        router, "/credit-accounts", terms.OpenGroupAccount, log=LOG, permission=AGREE, status=201,
        summary="Open a credit account for a group",
    )
    for word, command, permission, summary in ON_ACCOUNT:
        command_route(
            router, f"/credit-accounts/{{account}}:{word}", command, log=LOG, permission=permission, summary=summary,
            examples=EXAMPLES.get(command, ()),
        )
    return router


ROUTERS = (credit_terms_router, *credit_past.ROUTERS)
