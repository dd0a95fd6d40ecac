"""Rows for a sheet: the same rows as JSON or as a CSV file."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Mapping, Sequence
from fractions import Fraction
from typing import Any

from starlette.responses import Response

from domain.values import exact_text
from services.queries import json_answer


def shown_as(
    form: str, rows: Sequence[Mapping[str, Any]], columns: Sequence[str], name: str, more: Mapping[str, Any]
) -> Response:
    """Rows as JSON or as a CSV file."""
    if form == "json":
        return json_answer({**more, "items": rows})
    headers = {"Content-Disposition": f'attachment; filename="{name}.csv"'}
    return Response(as_csv(rows, columns), 200, headers, "text/csv; charset=utf-8")


def as_csv(rows: Iterable[Mapping[str, Any]], columns: Sequence[str]) -> str:
    """Rows as CSV with a header; lists joined by a space, texts that a sheet would take for a formula made harmless."""
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(columns)
    for row in rows:
        writer.writerow([_cell(row.get(name)) for name in columns])
    return out.getvalue()


def _cell(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, list | tuple):
        return " ".join(map(str, value))
    if isinstance(value, Fraction):
        return exact_text(value)
    text = str(value)
    return f"'{text}" if text[:1] in ("=", "+", "@", "\t", "\r") or (text[:1] == "-" and not _number(text)) else text


def _number(text: str) -> bool:
    return text[1:].replace(".", "", 1).replace("/", "", 1).isdigit()
