"""What all query routes share: answers as exact JSON, pages with a cursor that belongs to its filters."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from typing import Annotated, Any
from urllib.parse import unquote, urlencode

from fastapi import Query, Request
from starlette.responses import Response

from projections.paging import Listed
from services.event_log.json_form import encode_plain
from services.problem import Problem

LIMIT = 500

Limit = Annotated[int, Query(ge=1, le=LIMIT, description="Rows a page, 500 at the most.")]
Cursor = Annotated[str | None, Query(description="The `next` of the page before; opaque, valid for the same filters only.")]
MinPosition = Annotated[
    str | None, Query(description="Wait until the view has folded this, for example orders=42 (from O2C-Position).")
]


def json_answer(value: Any, *, version: int | None = None) -> Response:
    """Exact JSON: decimals as strings, dates as ISO text; an ETag where a version is known."""
    headers = {"ETag": f'"v{version}"'} if version is not None else {}
    return Response(encode_plain(value), 200, headers, "application/json")


def page_answer(request: Request, listed: Listed, more: Mapping[str, Any] | None = None) -> Response:
    """Rows and where the next page begins, behind ``more``; ``next`` is null on the last page."""
    following = None
    if listed.after is not None:
        cursor = f"{_seal(request, listed.after)}.{listed.after}"
        kept = [(k, v) for k, v in request.query_params.multi_items() if k != "cursor"]
        following = f"{request.url.path}?{urlencode([*kept, ('cursor', cursor)])}"
    return json_answer({**(more or {}), "items": listed.rows, "next": following})


def after_of(request: Request, cursor: str | None) -> str | None:
    """The place a cursor names; a cursor of another list is refused."""
    if cursor is None:
        return None
    seal, _, after = cursor.partition(".")
    if seal != _seal(request, after) or not after:
        raise Problem(400, "bad_cursor", "this cursor belongs to another list or other filters; follow `next` unchanged")
    return after


def part(text: str) -> str:
    """One part of an id as an address carries it: percent-escaped as in its stream, as every ``href`` does."""
    return unquote(text)


def found(kind: str, number: str, value: Any) -> Any:
    """The value, or 404 naming what was asked for."""
    if value is None:
        raise Problem(404, "not_known", f"there is no {kind} {number}; check the number, or wait for the view with min_position")
    return value


def _seal(request: Request, after: str) -> str:
    """A short digest of path, filters and place: a cursor is neither taken along to another list nor cut short."""
    paging = ("cursor", "limit", "min_position")
    kept = [(name, value) for name, value in sorted(request.query_params.multi_items()) if name not in paging]
    return hashlib.sha256(f"{request.url.path}?{urlencode(kept)}#{after}".encode()).hexdigest()[:12]
