"""The readable summary of a dispute as PDF: claim, verdict, what became of it, its papers. The same input, the same bytes."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any

from fpdf import FPDF
from fpdf.enums import XPos, YPos

from projections.view import Row
from services.event_log.contract import EventRow

FONT = "Helvetica"
MARGIN = 16
FIRST_DAY = datetime(1980, 1, 1, tzinfo=UTC)


class _Sheet(FPDF):
    """An A4 sheet in a font that every reader has; what that font lacks is written as its code."""

    def __init__(self, dated: datetime) -> None:
        super().__init__()
        self.set_compression(False)  # compressed bytes differ between releases of the compressor
        self.set_creation_date(dated)
        self.set_producer("o2c")
        self.set_margins(MARGIN, MARGIN)
        self.set_auto_page_break(True, MARGIN)
        self.add_page()

    def say(self, text: str, size: int = 9, style: str = "") -> None:
        self.set_font(FONT, style, size)
        printable = text.encode("latin-1", "backslashreplace").decode("latin-1")
        self.multi_cell(0, size * 0.5, printable, new_x=XPos.LMARGIN, new_y=YPos.NEXT)

    def head(self, text: str) -> None:
        self.ln(3)
        self.say(text, 11, "B")

    def pairs(self, rows: Iterable[tuple[str, Any]]) -> None:
        for name, value in rows:
            self.say(f"{name}: {'-' if value is None or value == '' else value}")


def summary_pdf(dispute: Row, rows: list[tuple[Row, EventRow]]) -> bytes:
    """Dated by the last fact that it cites."""
    last = max((datetime.fromisoformat(row.recorded_at) for _, row in rows), default=FIRST_DAY)
    sheet = _Sheet(last)
    currency = dispute["currency"]
    sheet.say(f"Dispute {dispute['number']}", 16, "B")
    sheet.say(f"{dispute['company']} with {dispute['partner']}, as known at {_known(rows)}")
    sheet.head("Claim")
    names = ("reason", "status", "claimed_on", "opened_on", "opened_by", "processor", "agreement", "last_day")
    sheet.pairs((name.replace("_", " "), dispute[name]) for name in names)
    for name, amount in dispute["claims"].items():
        sheet.say(f"{name}: {amount} {currency}")
    sheet.head("Amounts")
    amounts = ("claimed", "credited", "repaid", "written_off", "outstanding", "requested", "accepted")
    sheet.pairs((name.replace("_", " "), f"{dispute[name]} {currency}") for name in amounts)
    _verdict(sheet, dispute, currency)
    sheet.head("Papers")
    for paper, row in rows:
        sheet.say(f"{paper['log']}:{row.position}  {row.decided_at[:19]}  {paper['kind']} {paper['document']}  ({row.stream})")
    sheet.head("How to check this")
    sheet.say("python verify.py PACK.zip - every file against the manifest, and the amounts against the facts.")
    return bytes(sheet.output())


def _verdict(sheet: _Sheet, dispute: Row, currency: str) -> None:
    sheet.head("Verdict")
    sheet.pairs((name, dispute[name]) for name in ("verdict", "fault", "stage"))
    for name, amount in (dispute["shares"] or {}).items():
        sheet.say(f"{name}: {amount} {currency}")
    for failed in dispute["failed"] or ():
        sheet.say(
            f"fails {failed['rule']} for {failed['amount']} {currency}: {failed['figure']} against {failed['limit']}"
            f" ({failed['source']})"
        )


def _known(rows: list[tuple[Row, EventRow]]) -> str:
    known: dict[str, int] = {}
    for paper, row in rows:
        known[paper["log"]] = max(known.get(paper["log"], 0), row.position)
    return ", ".join(f"{log}={position}" for log, position in sorted(known.items())) or "nothing"
