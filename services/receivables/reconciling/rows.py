"""A statement's lines as a CSV file, as a spreadsheet saves it; every row that cannot be taken is named with its column."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Sequence
from typing import Any

from pydantic import ValidationError

from services.problem import Problem
from services.receivables.reconciling.commands import (
    LINES_PER_STATEMENT, RecordStatement, StatedLine, StatementFile, StatementHeading,
)
from services.sentences import sentence

COLUMNS = ("document", "kind", "dated_on", "amount", "quantity", "unit_price", "tax", "reference")
NEEDED = ("document", "dated_on", "amount")
SEPARATORS = ",;\t"
ERRORS_SHOWN = 1_000

Row = tuple[int, dict[str, str]]  # its number as a spreadsheet shows it: the header is row 1


class _Findings:
    """What is wrong with which row and column."""

    def __init__(self) -> None:
        self.errors: list[dict[str, str]] = []

    def add(self, row: int, column: str, code: str, message: str) -> None:
        self.errors.append({"pointer": f"/csv/{row}/{column}", "code": code, "message": f"row {row}, {column}: {message}"})

    def check(self) -> None:
        if not self.errors:
            return
        count, shown = len(self.errors), self.errors[:ERRORS_SHOWN]
        more = f" (and {count - 1} more)" if count > 1 else ""
        less = f"; the first {ERRORS_SHOWN} are listed" if count > ERRORS_SHOWN else ""
        raise Problem(422, "not_valid", f"{shown[0]['message']}{more}{less}", errors=shown)


def read_statement(file: StatementFile) -> RecordStatement:
    """The command that the file stands for; a problem with every bad row where there is one."""
    findings = _Findings()
    lines = [line for number, cells in _rows(file.csv, findings) if (line := _line(number, cells, findings)) is not None]
    findings.check()
    if len(lines) > LINES_PER_STATEMENT:
        raise Problem(
            422, "too_many", f"/csv: {len(lines)} lines are {len(lines) - LINES_PER_STATEMENT} more than the"
            f" {LINES_PER_STATEMENT} of one statement; leave out what is settled on both sides",
        )
    heading: dict[str, Any] = {name: getattr(file, name) for name in StatementHeading.model_fields}
    return RecordStatement.model_construct(**heading, lines=tuple(lines))


def _rows(text: str, findings: _Findings) -> Iterator[Row]:
    """Each row with its cells by column; blank rows are passed over but counted."""
    text = text.removeprefix("\ufeff")
    first, _, _ = text.partition("\n")
    separator = max(SEPARATORS, key=first.count)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator, strict=True)
    header: Sequence[str] = ()
    number = 0
    try:
        for number, cells in enumerate(reader, 1):
            if number == 1:
                header = [cell.strip().lower() for cell in cells]
                _check_header(header, findings)
                if findings.errors:
                    return
            elif any(cell.strip() for cell in cells):
                if len(cells) > len(header):
                    findings.add(number, header[-1], "too_long", f"{len(cells)} cells are more than the {len(header)} columns")
                else:
                    yield number, dict(zip(header, cells, strict=False))
    except csv.Error as error:
        findings.add(number + 1, header[0] if header else COLUMNS[0], "csv_invalid", f"the row cannot be read: {error}")


def _check_header(header: Sequence[str], findings: _Findings) -> None:
    """Columns in any order; an unknown one is refused, so that no figure is dropped silently."""
    for name in header:
        if name not in COLUMNS:
            findings.add(1, name[:80] or "-", "extra_forbidden", f"no such column; the columns are {', '.join(COLUMNS)}")
        elif header.count(name) > 1:
            findings.add(1, name, "column_twice", "this column is there twice; keep one")
    for name in NEEDED:
        if name not in header:
            findings.add(1, name, "missing", "this column is required")


def _line(number: int, cells: dict[str, str], findings: _Findings) -> StatedLine | None:
    given = {name: cell.strip() for name, cell in cells.items() if cell.strip()}
    if "kind" in given:
        given["kind"] = given["kind"].upper()
    try:
        return StatedLine.model_validate(given)
    except ValidationError as error:
        for one in error.errors(include_url=False, include_input=False):
            findings.add(number, str(one["loc"][0]), one["type"], sentence(one))
        return None
