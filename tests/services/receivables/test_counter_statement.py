"""Our own statement as a file: CSV by hand, PDF readable and the same bytes whenever it is made."""

from __future__ import annotations

import re
import time
import zlib
from datetime import date
from decimal import Decimal as D

from domain.statement_differences import DEDUCTION, PAYMENT, LedgerLine
from services.receivables.reconciling.counter_statement import CounterStatement, as_csv, as_pdf, counter_statement, printable

CUT_OFF = date(2025, 9, 25)
ON = date(2025, 9, 20)


def ours(*lines: LedgerLine) -> CounterStatement:
    return counter_statement("acme", "retail-a", "CNY", CUT_OFF, "receivables=42", lines)


def line(number: str, kind: str, amount: str, opened: str, about: str | None = None) -> LedgerLine:
    return LedgerLine(f"x/{number}", number, kind, ON, D(amount), D(opened), about=about)


LINES = (
    line("2025-000001", "INVOICE", "113000.00", "95090.00"),
    line("2025-000002", "INVOICE", "50.00", "0.00"),
    line("CM-2025-000001", "CREDIT_MEMO", "-5650.00", "-5650.00", "invoice/acme/2025-000001"),
    line("acme/retail-a/R-1/1", DEDUCTION, "2260.00", "2260.00", "invoice/acme/2025-000001"),
    line("-5+cmd", PAYMENT, "-10.00", "-10.00"),
)


def test_rows_run_to_the_balance_and_what_is_settled_is_left_out() -> None:
    assert as_csv(ours(*LINES)).splitlines() == [
        "document,kind,dated_on,original,open,balance,reference",
        "2025-000001,INVOICE,2025-09-20,113000.00,95090.00,95090.00,",
        "CM-2025-000001,CREDIT_MEMO,2025-09-20,-5650.00,-5650.00,89440.00,2025-000001",
        "R-1/1,DEDUCTION,2025-09-20,2260.00,2260.00,91700.00,2025-000001",
        "'-5+cmd,ON_ACCOUNT,2025-09-20,-10.00,-10.00,91690.00,",
        ",BALANCE,2025-09-25,,91690.00,91690.00,CNY",
    ]


def texts(pdf: bytes) -> str:
    """What the pages show: the text operators of every page's stream."""
    streams = re.findall(rb"stream\n(.*?)\nendstream", pdf, re.DOTALL)
    shown = []
    for stream in streams:
        try:
            shown.append(zlib.decompress(stream).decode("latin-1"))
        except zlib.error:
            continue
    return " ".join(re.findall(r"\((.*?)\) Tj", " ".join(shown)))


def test_the_pdf_shows_every_line_and_is_the_same_a_second_later() -> None:
    first = as_pdf(ours(*LINES))
    time.sleep(1.1)
    assert as_pdf(ours(*LINES)) == first
    shown = texts(first)
    for expected in ("2025-09-25", "acme", "retail-a", "CNY", "2025-000001", "R-1/1", "-5650.00", "91690.00", "Page 1 of  1"):
        assert expected in shown
    assert "2025-000002" not in shown


def test_an_empty_ledger_and_one_of_many_pages() -> None:
    assert "0.00" in texts(as_pdf(ours()))
    many = texts(as_pdf(ours(*(line(f"N{n}", "INVOICE", "1.00", "1.00") for n in range(200)))))
    assert all(f"N{n} " in f"{many} " for n in range(200))
    assert "Page 5 of  5" in many
    assert "200.00" in many


def test_what_the_font_cannot_show_is_written_as_its_code() -> None:
    assert printable("对账单", 40) == "\\u5bf9\\u8d26\\u5355"
    assert printable("x" * 30, 26) == f"{'x' * 23}..."
    assert "\\\\u5bf9" in texts(as_pdf(ours(line("对", "INVOICE", "1.00", "1.00"))))
