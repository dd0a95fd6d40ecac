"""Rows of a CSV file as a spreadsheet saves it: every row that cannot be taken is named with its column."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Mapping, Sequence
from typing import TypeVar

from pydantic import BaseModel, ValidationError

from services.problem import Problem
from services.sentences import sentence

SEPARATORS = ",;\t"
ERRORS_SHOWN = 1_000

M = TypeVar("M", bound=BaseModel)

Row = tuple[int, dict[str, str]]  # its number as a spreadsheet shows it: the header is row 1


class Findings:
    """What is wrong with which row and column."""

    def __init__(self) -> None:
        self.errors: list[dict[str, str]] = []

    def add(self, row: int, column: str, code: str, message: str) -> None:
        self.errors.append({"pointer": f"/csv/{row}/{column}", "code": code, "message": f"row {row}, {column}: {message}"})

    def check(self) -> None:
        """A problem with every finding where there is one, the first 1,000 listed."""
        if not self.errors:
            return
        count, shown = len(self.errors), self.errors[:ERRORS_SHOWN]
        more = f" (and {count - 1} more)" if count > 1 else ""
        less = f"; the first {ERRORS_SHOWN} are listed" if count > ERRORS_SHOWN else ""
        raise Problem(422, "not_valid", f"{shown[0]['message']}{more}{less}", errors=shown)


def rows(
    text: str, columns: Sequence[str], needed: Sequence[str], findings: Findings, one_of: Sequence[str] = ()
) -> Iterator[Row]:
    """Each row with its cells by column; blank rows are passed over but counted. The separator is the header's.

    ``needed`` columns must be there, and one of ``one_of``."""
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
                _check_header(header, columns, needed, findings)
                if one_of and not set(one_of) & set(header):
                    findings.add(1, one_of[0], "missing", f"one of the columns {' and '.join(one_of)} is required")
                if findings.errors:
                    return
            elif any(cell.strip() for cell in cells):
                if len(cells) > len(header):
                    findings.add(number, header[-1], "too_long", f"{len(cells)} cells are more than the {len(header)} columns")
                else:
                    yield number, dict(zip(header, cells, strict=False))
    except csv.Error as error:
        findings.add(number + 1, header[0] if header else columns[0], "csv_invalid", f"the row cannot be read: {error}")


def _check_header(header: Sequence[str], columns: Sequence[str], needed: Sequence[str], findings: Findings) -> None:
    """Columns in any order; an unknown one is refused, so that no figure is dropped silently."""
    for name in header:
        if name not in columns:
            findings.add(1, name[:80] or "-", "extra_forbidden", f"no such column; the columns are {', '.join(columns)}")
        elif header.count(name) > 1:
            findings.add(1, name, "column_twice", "this column is there twice; keep one")
    for name in needed:
        if name not in header:
            findings.add(1, name, "missing", "this column is required")


def line_of(
    model: type[M], number: int, given: Mapping[str, object], findings: Findings, columns: Mapping[str, str] | None = None
) -> M | None:
    """The row as a model, or None with what is wrong noted; ``columns`` names those that are called otherwise in the file."""
    try:
        return model.model_validate(given)
    except ValidationError as error:
        for one in error.errors(include_url=False, include_input=False):
            field = str(one["loc"][0])
            findings.add(number, (columns or {}).get(field, field), one["type"], sentence(one))
        return None


def given_cells(cells: Mapping[str, str], upper: Sequence[str] = ()) -> dict[str, str]:
    """Cells that say something, stripped; those of ``upper`` in capitals."""
    given = {name: cell.strip() for name, cell in cells.items() if cell.strip()}
    return given | {name: given[name].upper() for name in upper if name in given}
