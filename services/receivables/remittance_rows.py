"""A remittance's items as a CSV file: one row an item, further rows for further adjustments."""

from __future__ import annotations

from typing import Any

from services.csv_rows import Findings, Row, given_cells, line_of, rows
from services.problem import Problem
from services.receivables.stated_payment import (
    ITEMS_PER_REMITTANCE, PaidItem, RecordRemittance, RemittanceFile, RemittanceHeading, StatedAdjustment,
)

COLUMNS = ("reference", "paid", "kind", "gross", "discount", "partial", "adjustment", "reason")
NEEDED = ("reference", "paid")
YES, NO = ("yes", "y", "true", "1", "x"), ("no", "n", "false", "0")


def read_remittance(file: RemittanceFile) -> RecordRemittance:
    """The command that the file stands for; a problem with every bad row where there is one."""
    findings = Findings()
    items: list[PaidItem] = []
    beside: list[StatedAdjustment] = []
    for row in rows(file.csv, COLUMNS, NEEDED, findings):
        _take(row, items, beside, findings)
    findings.check()
    if len(items) > ITEMS_PER_REMITTANCE:
        raise Problem(
            422, "too_many", f"/csv: {len(items)} items are {len(items) - ITEMS_PER_REMITTANCE} more than the"
            f" {ITEMS_PER_REMITTANCE} of one remittance; record the payment in parts",
        )
    heading: dict[str, Any] = {name: getattr(file, name) for name in RemittanceHeading.model_fields}
    return RecordRemittance.model_construct(**heading, items=tuple(items), adjustments=tuple(beside), among=())


def _take(row: Row, items: list[PaidItem], beside: list[StatedAdjustment], findings: Findings) -> None:
    number, cells = row
    given: dict[str, Any] = dict(given_cells(cells, upper=["kind"]))
    adjustment = _adjustment(number, given, findings)
    if "reference" not in given:
        if "paid" in given:
            findings.add(number, "reference", "missing", "what is paid? A row with paid needs its document's number")
        elif adjustment is None:
            findings.add(number, "adjustment", "missing", "a row without reference states an adjustment beside the items")
        else:
            beside.append(adjustment)
        return
    if "paid" not in given and adjustment is not None:
        if items and items[-1].reference == given["reference"]:
            items[-1] = items[-1].model_copy(update={"adjustments": (*items[-1].adjustments, adjustment)})
        else:
            findings.add(number, "paid", "missing", "a further adjustment stands below the row of its document")
        return
    if "partial" in given:
        given["partial"] = _yes(number, given["partial"], findings)
    item = line_of(PaidItem, number, {**given, "adjustments": () if adjustment is None else (adjustment,)}, findings)
    if item is not None:
        items.append(item)


def _adjustment(number: int, given: dict[str, Any], findings: Findings) -> StatedAdjustment | None:
    """Taken out of the row; a reason without an amount is a slip of the column."""
    amount, reason = given.pop("adjustment", None), given.pop("reason", "")
    if amount is None:
        if reason:
            findings.add(number, "adjustment", "missing", f"the reason {reason[:40]} has no amount")
        return None
    return line_of(StatedAdjustment, number, {"amount": amount, "reason": reason}, findings, {"amount": "adjustment"})


def _yes(number: int, text: str, findings: Findings) -> bool:
    if text.lower() not in (*YES, *NO):
        findings.add(number, "partial", "bool_parsing", f"{text[:20]} is neither yes nor no")
    return text.lower() in YES
