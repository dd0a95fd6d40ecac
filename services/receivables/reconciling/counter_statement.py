"""Our own statement to a customer at a cut-off: what is open, as rows, as a CSV file, as a PDF with the same bytes each time."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any
from urllib.parse import unquote

from fpdf import FPDF
from fpdf.enums import XPos, YPos

from domain.statement_differences import DEDUCTION, LedgerLine
from domain.values import ZERO, round_money

COLUMNS = ("document", "kind", "dated_on", "original", "open", "balance", "reference")
WIDTHS = (46, 28, 22, 30, 30, 34)
HEADINGS = ("Document", "Kind", "Date", "Original", "Open", "Balance")
FORMULA = ("=", "+", "@", "\t", "\r")


@dataclass(frozen=True)
class CounterStatement:
    """What ``partner`` owes ``company`` at the end of ``cut_off``, as known at ``known_at``. ``balance`` runs on."""

    company: str
    partner: str
    currency: str
    cut_off: date
    known_at: str
    lines: tuple[LedgerLine, ...]

    @property
    def balance(self) -> Decimal:
        return round_money(sum((line.open for line in self.lines), ZERO), self.currency)

    @property
    def rows(self) -> list[dict[str, Any]]:
        running = ZERO
        rows = []
        for line in self.lines:
            running += line.open
            rows.append({
                "document": _known_to_them(line), "kind": line.kind, "dated_on": line.dated_on, "original": line.original,
                "open": line.open, "balance": running, "reference": unquote((line.about or "").rpartition("/")[2]),
            })
        return rows


def _known_to_them(line: LedgerLine) -> str:
    """A deduction is numbered by the remittance that took it."""
    return unquote(line.number.split("/", 2)[2]) if line.kind == DEDUCTION else line.number


def counter_statement(
    company: str, partner: str, currency: str, cut_off: date, known_at: str, ledger: Iterable[LedgerLine]
) -> CounterStatement:
    """Only what is open."""
    return CounterStatement(company, partner, currency, cut_off, known_at, tuple(line for line in ledger if line.open != 0))


def as_csv(statement: CounterStatement) -> str:
    """Rows with a header; texts that a sheet would take for a formula are made harmless. The last row is the balance."""
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(COLUMNS)
    for row in statement.rows:
        writer.writerow([_cell(row[name]) for name in COLUMNS])
    writer.writerow(["", "BALANCE", statement.cut_off, "", statement.balance, statement.balance, statement.currency])
    return out.getvalue()


def _cell(value: Any) -> str:
    text = str(value)
    is_text = isinstance(value, str)
    return f"'{text}" if is_text and (text[:1] in FORMULA or text[:1] == "-") else text


class _Paper(FPDF):
    """Heading and page number on every page."""

    def __init__(self, statement: CounterStatement) -> None:
        super().__init__(format="A4")
        self.statement = statement
        self.set_creation_date(datetime.combine(statement.cut_off, datetime.min.time(), UTC))
        self.set_title(f"Statement of account {statement.partner} {statement.cut_off}")
        self.set_margin(10)
        self.set_auto_page_break(True, 16)

    def header(self) -> None:
        said = self.statement
        self.set_font("Helvetica", "B", 13)
        self._line(f"Statement of account at {said.cut_off}")
        self.set_font("Helvetica", "", 9)
        self._line(f"From {said.company} to {said.partner}. Amounts in {said.currency}, owed to us above zero.")
        self._line(f"As known at {said.known_at}")
        self.ln(2)
        self.set_font("Helvetica", "B", 9)
        self._cells(HEADINGS)
        self.set_font("Helvetica", "", 9)

    def footer(self) -> None:
        self.set_y(-12)
        self.set_font("Helvetica", "", 8)
        self.cell(0, 6, f"Page {self.page_no()} of {{nb}}", align="C")

    def _line(self, text: str) -> None:
        self.cell(0, 6, printable(text, 120), new_x=XPos.LMARGIN, new_y=YPos.NEXT)

    def _cells(self, cells: Iterable[Any]) -> None:
        for place, (text, width) in enumerate(zip(map(str, cells), WIDTHS, strict=True)):
            self.cell(width, 5.5, printable(text, 26), border="B", align="R" if place > 2 else "L")
        self.ln()

    def body(self) -> None:
        for row in self.statement.rows:
            self._cells(row[name] for name in COLUMNS[:6])
        self.set_font("Helvetica", "B", 9)
        self._cells(("Balance", "", self.statement.cut_off, "", "", self.statement.balance))


def as_pdf(statement: CounterStatement) -> bytes:
    """The same statement gives the same bytes."""
    paper = _Paper(statement)
    paper.add_page()
    paper.body()
    return bytes(paper.output())


def printable(text: str, longest: int) -> str:
    """What the built-in font can show; other characters are written as their code, long texts are cut with dots."""
    shown = text.encode("latin-1", "backslashreplace").decode("latin-1")
    return shown if len(shown) <= longest else f"{shown[: longest - 3]}..."
