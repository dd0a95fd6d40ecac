"""A scorecard's lines as a CSV file, as a spreadsheet saves it; every row that cannot be taken is named with its column."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Sequence
from typing import Any

from pydantic import ValidationError

from domain.refusal import Refused
from domain.scorecard import NOTHING_TO_CORRECT, below_zero, check_line
from services.orders.score_commands import LINES_PER_SCORE, ReportRetailerScore, ScoredLine, ScoreFile, reported_line
from services.problem import Problem
from services.sentences import sentence

COLUMNS = ("order", "line", "item", "ordered", "received", "arrived_at", "excused", "result")
NEEDED = ("order", "ordered", "received")
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


def read_score(file: ScoreFile) -> ReportRetailerScore:
    """The command that the file stands for; a problem with every bad row where there is one."""
    findings = _Findings()
    lines: list[ScoredLine] = []
    places: list[int] = []
    for number, cells in _rows(file.csv, findings):
        line = _line(file, number, cells, findings)
        if line is not None:
            lines.append(line)
            places.append(number)
    findings.check()  # a correction is compared with what the other rows of its line say: all must be read
    for place, refused in below_zero(file.number, file.version, map(reported_line, lines)):
        findings.add(places[place], "received", refused.code, str(refused))
    findings.check()
    if len(lines) > LINES_PER_SCORE:
        raise Problem(
            422, "too_many", f"/csv: {len(lines)} lines are {len(lines) - LINES_PER_SCORE} more than the {LINES_PER_SCORE} of"
            " one scorecard; send the lines that failed with listing FAILED",
        )
    return ReportRetailerScore.model_construct(**{**_heading(file), "lines": tuple(lines)})


def _heading(file: ScoreFile) -> dict[str, Any]:
    return {name: getattr(file, name) for name in ReportRetailerScore.model_fields if name != "lines"}


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
            findings.add(1, name or "-", "extra_forbidden", f"there is no such column; the columns are {', '.join(COLUMNS)}")
        elif header.count(name) > 1:
            findings.add(1, name, "column_twice", "this column is there twice; keep one")
    for name in NEEDED:
        if name not in header:
            findings.add(1, name, "missing", "this column is required")
    if "line" not in header and "item" not in header:
        findings.add(1, "line", "missing", "one of the columns line and item is required")


def _line(file: ScoreFile, number: int, cells: dict[str, str], findings: _Findings) -> ScoredLine | None:
    given = {name: cell.strip() for name, cell in cells.items() if cell.strip()}
    try:
        line = ScoredLine.model_validate(given)
    except ValidationError as error:
        for one in error.errors(include_url=False, include_input=False):
            findings.add(number, str(one["loc"][0]), one["type"], sentence(one))
        return None
    try:
        check_line(file.number, file.version, reported_line(line))
    except Refused as refused:
        column = "received" if refused.refusal is NOTHING_TO_CORRECT else "line"
        findings.add(number, column, refused.code, str(refused))
        return None
    return line
