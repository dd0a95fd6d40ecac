"""mock-edi, an independent reader, judges what we write, and we judge what it says about it."""

from __future__ import annotations

from typing import Any

import pytest

from services.edi import check, functional_acknowledgment, write_interchange

from .canonical import ACKNOWLEDGMENT, CHANGE, FUNCTIONAL, INVOICE, SHIP_NOTICE
from .documents import ENVELOPE, payload

x12 = pytest.importorskip("mockedi.x12", reason="mock-edi is not installed: no second opinion")
validate = pytest.importorskip("mockedi.validate", reason="mock-edi is not installed: no second opinion")

# Its code lists are short: seller's items are VP there, and some statuses and dates do not exist.
ITEMS = [{"qualifier": "UP", "id": "012345678905"}, {"qualifier": "VP", "id": "MIL-1"}]


def known_there(document: dict[str, Any]) -> dict[str, Any]:
    """The document without what mock-edi has no words for."""
    changed = dict(document)
    for name in ("lines", "orders"):
        if name in document:
            changed[name] = [known_there(one) for one in document[name]]
    if "items" in document:
        changed["items"] = ITEMS if document["items"] else []
    if "acknowledgments" in document:
        changed["acknowledgments"] = [
            one | {"status": "IQ", "items": []} for one in document["acknowledgments"]
        ]
    return changed | {name: None for name in ("expires_on", "freight_terms") if name in document}


@pytest.mark.parametrize(
    "document",
    [ACKNOWLEDGMENT, SHIP_NOTICE, INVOICE, FUNCTIONAL, CHANGE],
    ids=lambda document: str(document["document"]),
)
def test_it_finds_nothing_wrong(document: dict[str, Any]) -> None:
    sending = write_interchange([known_there(document)], ENVELOPE)
    assert sending.findings == ()
    report = validate.validate(x12.parse(sending.raw.decode()), strict=True)
    assert report.clean, [one.summary() for one in report.messages]


@pytest.mark.parametrize(
    ("body", "change", "rejected"),
    [
        ("BEG*00*SA*PO-1**20260302\nPO1*1*2*EA*3**VP*A\nCTT*1", ("", ""), False),
        ("BEG*00*SA*PO-1**20260302\nPO1*1*2*EA*3**VP*A\nCTT*1", ("SE*5", "SE*6"), True),
        ("BEG*00*SA*PO-1**20260302\nPO1*1*2*EA*3**VP*A\nCTT*1", ("SE*5*0001", "SE*5*0002"), True),
        ("PO1*1*2*EA*3**VP*A\nCTT*1", ("", ""), True),
        ("BEG*00*SA***20260302\nPO1*1*2*EA*3**VP*A\nCTT*1", ("", ""), True),
    ],
)
def test_we_reject_what_it_rejects(body: str, change: tuple[str, str], rejected: bool) -> None:
    text = payload(body).replace(*change)
    theirs = validate.validate(x12.parse(text))
    ours = check(text.encode())
    assert (theirs.accepted == 0) is rejected and (not ours.accepted) is rejected
    document = functional_acknowledgment(ours.interchanges[0].groups[0])
    assert document is not None and document["accepted"] == str(theirs.accepted)
