"""Single elements: canonical values, the texts that carry them, and what a text may be."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.edi.dictionary import ElementRule, dictionary
from services.edi.elements import canonical, fault, written


def rule(kind: str, shortest: int = 1, longest: int = 15) -> ElementRule:
    return ElementRule("0", False, kind, shortest, longest)


CANONICAL = [
    ("R", "12", "12"),
    ("R", "12.", "12"),
    ("R", ".5", "0.5"),
    ("R", "-0", "0"),
    ("R", "+7", "7"),
    ("R", "1e5", None),
    ("R", "NaN", None),
    ("R", "1,5", None),
    ("R", " 12 ", "12"),
    ("R", "١٢", None),
    ("N0", "007", "7"),
    ("N2", "1250", "12.50"),
    ("N2", "0", "0.00"),
    ("N2", "-5", "-0.05"),
    ("N2", "12.5", "12.5"),
    ("N2", "x", None),
    ("DT", "20260228", "2026-02-28"),
    ("DT", "20260229", None),
    ("DT", "20240229", "2024-02-29"),
    ("DT", "2026", None),
    ("DT", "990101", "1999-01-01"),
    ("DT", "690101", "2069-01-01"),
    ("DT", "\uff12\uff10\uff12\uff16\uff10\uff11\uff10\uff11", None),
    ("TM", "0905", "09:05"),
    ("TM", "090530", "09:05:30"),
    ("TM", "09053099", "09:05:30"),
    ("TM", "2460", None),
    ("AN", " x ", "x"),
    ("AN", "  ", None),
    ("ID", "EA", "EA"),
]


@pytest.mark.parametrize(("kind", "text", "value"), CANONICAL)
def test_canonical(kind: str, text: str, value: str | None) -> None:
    assert canonical(rule(kind), text) == value


@pytest.mark.parametrize(
    ("text", "form", "value"),
    [
        ("20260302", "102", "2026-03-02"),
        ("202603020905", "203", "2026-03-02"),
        ("260302", "101", "2026-03-02"),
        ("202603020905+01", "303", "2026-03-02"),
        ("2026030220260331", "718", "2026030220260331"),
        ("20261302", "102", None),
    ],
)
def test_edifact_dates(text: str, form: str, value: str | None) -> None:
    assert canonical(rule("DF"), text, form) == value


WRITTEN = [
    ("R", "12.50", "12.50"),
    ("R", "ten", None),
    ("R", "NaN", None),
    ("R", "1E+2", "100"),
    ("N2", "12.5", "1250"),
    ("N2", "12", "1200"),
    ("N2", "-0.05", "-5"),
    ("N2", "0.005", None),
    ("N0", "3", "3"),
    ("N0", "3.0", "3"),
    ("N0", "3.5", None),
    ("DT", "2026-03-02", "20260302"),
    ("DT", "2026-3-2", None),
    ("DT", "soon", None),
    ("TM", "09:05", "0905"),
    ("TM", "9:05", None),
    ("AN", " x ", "x"),
    ("R", "1234567890123456", None),
]


@pytest.mark.parametrize(("kind", "value", "text"), WRITTEN)
def test_written(kind: str, value: str, text: str | None) -> None:
    assert written(rule(kind), value) == text


@pytest.mark.parametrize(
    ("kind", "text", "code", "severity"),
    [
        ("ID", "EACHS", "5", "error"),
        ("ID", "E", "4", "error"),
        ("AN", "12345", "5", "warning"),
        ("R", "12345", "5", "warning"),
        ("R", "a", "6", "error"),
        ("N2", "1.5", "6", "warning"),
        ("DT", "20261301", "8", "error"),
        ("DT", "261301", "8", "error"),
        ("DT", "260301", "8", "warning"),
        ("TM", "2500", "9", "warning"),
    ],
)
def test_faults(kind: str, text: str, code: str, severity: str) -> None:
    found = fault(rule(kind, 2, 4), text)
    assert found is not None and (found.code, found.severity) == (code, severity)


@given(st.decimals(min_value="-99999999.99", max_value="99999999.99", places=2))
def test_cents_come_back(amount: Decimal) -> None:
    text = written(rule("N2"), f"{amount:f}")
    assert text is not None and "." not in text
    assert canonical(rule("N2"), text) == (f"{amount:f}" if amount else "0.00")


@given(st.dates(min_value=date(1000, 1, 1)))
def test_dates_come_back(day: date) -> None:
    text = written(rule("DT"), day.isoformat())
    assert text is not None and canonical(rule("DT"), text) == day.isoformat()


def test_later_releases_lengthen_references() -> None:
    for release, longest in {"004010": 30, "004010VICS": 30, "005010": 50, "005010X357": 50}.items():
        found = dictionary("x12", release).rule("REF", "02")
        assert found is not None and found.longest == longest
