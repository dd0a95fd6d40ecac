"""A scorecard's lines as a CSV file, as a spreadsheet saves it; every row that cannot be taken is named with its column."""

from __future__ import annotations

from typing import Any

from domain.refusal import Refused
from domain.scorecard import NOTHING_TO_CORRECT, below_zero, check_line
from services.csv_rows import Findings, given_cells, line_of, rows
from services.orders.score_commands import LINES_PER_SCORE, ReportRetailerScore, ScoredLine, ScoreFile, reported_line
from services.problem import Problem

COLUMNS = ("order", "line", "item", "ordered", "received", "arrived_at", "excused", "result")
NEEDED = ("order", "ordered", "received")

def read_score(file: ScoreFile) -> ReportRetailerScore:
    """The command that the file stands for; a problem with every bad row where there is one."""
    findings = Findings()
    lines: list[ScoredLine] = []
    places: list[int] = []
    for number, cells in rows(file.csv, COLUMNS, NEEDED, findings, one_of=("line", "item")):
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


def _line(file: ScoreFile, number: int, cells: dict[str, str], findings: Findings) -> ScoredLine | None:
    line = line_of(ScoredLine, number, given_cells(cells), findings)
    if line is None:
        return None
    try:
        check_line(file.number, file.version, reported_line(line))
    except Refused as refused:
        column = "received" if refused.refusal is NOTHING_TO_CORRECT else "line"
        findings.add(number, column, refused.code, str(refused))
        return None
    return line
