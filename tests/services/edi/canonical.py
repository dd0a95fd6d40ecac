"""Canonical documents of our own, one of each kind (canonical.json), with all that matters filled in."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

from services.edi import write_interchange

from .documents import ENVELOPE, PURCHASE_ORDER, only_set, payload

DOCUMENTS: dict[str, dict[str, Any]] = json.loads(
    Path(__file__).with_name("canonical.json").read_text("utf-8")
)
DOCUMENTS["purchase_order"] = only_set(payload(PURCHASE_ORDER)).document or {}

ACKNOWLEDGMENT = DOCUMENTS["order_acknowledgment"]
SHIP_NOTICE = DOCUMENTS["ship_notice"]
INVOICE = DOCUMENTS["invoice"]
RECEIVING = DOCUMENTS["receiving_advice"]
REMITTANCE = DOCUMENTS["remittance_advice"]
FUNCTIONAL = DOCUMENTS["functional_acknowledgment"]
CHANGE = DOCUMENTS["order_change"]
ITEMS = INVOICE["lines"][0]["items"]
PARTY = ACKNOWLEDGMENT["parties"][0]


def body(document: dict[str, Any], version: str = "004010") -> list[str]:
    """The segments of a written document between ST and SE, one a line."""
    sending = write_interchange([document], replace(ENVELOPE, version=version))
    return sending.raw.decode().split("~")[3:-4]
