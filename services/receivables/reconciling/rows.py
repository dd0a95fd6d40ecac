"""A statement's lines as a CSV file, as a spreadsheet saves it; every row that cannot be taken is named with its column."""

from __future__ import annotations

from typing import Any

from services.csv_rows import Findings, given_cells, line_of, rows
from services.problem import Problem
from services.receivables.reconciling.commands import (
    LINES_PER_STATEMENT, RecordStatement, StatedLine, StatementFile, StatementHeading,
)

COLUMNS = ("document", "kind", "dated_on", "amount", "quantity", "unit_price", "tax", "reference")
NEEDED = ("document", "dated_on", "amount")

def read_statement(file: StatementFile) -> RecordStatement:
    """The command that the file stands for; a problem with every bad row where there is one."""
    findings = Findings()
    read = [
        line_of(StatedLine, number, given_cells(cells, upper=["kind"]), findings)
        for number, cells in rows(file.csv, COLUMNS, NEEDED, findings)
    ]
    lines = [line for line in read if line is not None]
    findings.check()
    if len(lines) > LINES_PER_STATEMENT:
        raise Problem(
            422, "too_many", f"/csv: {len(lines)} lines are {len(lines) - LINES_PER_STATEMENT} more than the"
            f" {LINES_PER_STATEMENT} of one statement; leave out what is settled on both sides",
        )
    heading: dict[str, Any] = {name: getattr(file, name) for name in StatementHeading.model_fields}
    return RecordStatement.model_construct(**heading, lines=tuple(lines))
