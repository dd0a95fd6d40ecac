"""``GET /v1/feeds/events``: every fact of a log in order, without a gap; nothing ever appears late (decision 6).

Positions are gapless and become visible in their order, so whoever asks on after the last position he has seen gets
everything once. A log that was restored is of another generation: a reader that names the one it knows is told.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Mapping, Sequence
from types import MappingProxyType
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request
from starlette.concurrency import run_in_threadpool
from starlette.responses import Response

from services.cloud_events import cloud_event, whole_event
from services.event_log.contract import EventRow, LogStore
from services.event_log.generations import generations_of
from services.event_log.json_form import encode_plain
from services.http import door_of, principal_of, query_route
from services.problem import Problem
from services.queries import Limit
from services.settings import ServiceName

LONGEST_WAIT_S = 30
POLL_S = 0.1

Whole = Annotated[bool, Query(description="Facts as they were stored, for services of ours: needs log.copy.")]
After = Annotated[int, Query(ge=0, le=10**18, description="The last position you have; 0 for everything.")]
Wait = Annotated[int, Query(ge=0, le=LONGEST_WAIT_S, description="Seconds to wait for something new when there is nothing.")]
Generation = Annotated[int | None, Query(ge=1, le=10**9, description="The generation you know; another one is a 409.")]


def feed_router() -> APIRouter:
    router = APIRouter(prefix="/v1", tags=["feeds"])

    @query_route(
        router, "/feeds/events", permission="log.read", name="feed.events",
        summary="Every fact of a log in order, as CloudEvents",
    )
    async def events(
        request: Request, log: ServiceName, after: After = 0, limit: Limit = 100, wait: Wait = 0, generation: Generation = None,
        whole: Whole = False,
    ) -> Response:
        """Go on with `next`. An empty page means that there is nothing new yet; `wait` holds the answer back until there is.
        The position after the last event is in the header O2C-Position as well."""
        if whole:
            await run_in_threadpool(principal_of, request, "log.copy")
        store = _store(request, log)
        now = await run_in_threadpool(store.generation)
        last = await _last(request, store, after, wait)
        _check_known(log, store, after, last, generation, now)
        rows = await run_in_threadpool(store.read, after, limit) if last > after else []
        check_gapless(log, after, rows)
        if not whole:
            return _page(request, log, now, rows, after, limit, last, cloud_event)
        restores = await run_in_threadpool(generations_of, store)
        return _page(request, log, now, rows, after, limit, last, whole_event, {"generations": restores})

    return router


def _store(request: Request, log: str) -> LogStore:
    applications = door_of(request).applications
    if log not in applications:
        raise Problem(404, "no_such_log", f"this process does not run {log}; the logs here are {', '.join(applications)}")
    return applications[log].store


async def _last(request: Request, store: LogStore, after: int, wait: int) -> int:
    """The log's end, once it is past ``after`` or the time is over. No thread is held meanwhile."""
    deadline = time.monotonic() + wait
    while True:
        last = await run_in_threadpool(store.last_position)
        if last != after or time.monotonic() >= deadline or await request.is_disconnected():
            return last
        await asyncio.sleep(POLL_S)


def _check_known(log: str, store: LogStore, after: int, last: int, known: int | None, now: int) -> None:
    """A reader that is ahead of the log, or of another generation, has read what was given up when the log was restored."""
    if known is not None and known != now:
        raise Problem(
            409, "another_generation", f"{log} was restored: it is generation {now}, you know {known}. Positions after the"
            " restore stand for other facts; take what you have back to where it was restored, or read from 0",
            generation=now,
        )
    if after > last:
        raise Problem(
            409, "ahead_of_log", f"{log} ends at {last}, you have read up to {after}: it was restored (generation {now})",
            generation=now, last=last,
        )


def check_gapless(log: str, after: int, rows: Sequence[EventRow]) -> None:
    """A row that is gone from the log is never stepped over."""
    for expected, row in enumerate(rows, after + 1):
        if row.position != expected:
            raise Problem(503, "gap", f"{log} position {expected} is missing; an operator has to look at it (o2c audit verify)")


def _page(
    request: Request, log: str, generation: int, rows: Sequence[EventRow], after: int, limit: int, last: int,
    form: Callable[[str, int, EventRow], dict[str, Any]], more: Mapping[str, Any] = MappingProxyType({}),
) -> Response:
    reached = rows[-1].position if rows else after
    body = {
        "log": log, "generation": generation, "after": reached, "last": max(last, reached),
        "items": [form(log, generation, row) for row in rows], **more,
        "next": f"{request.url.path}?log={log}&after={reached}&limit={limit}&generation={generation}",
    }
    return Response(encode_plain(body), 200, {"O2C-Position": f"{log}={reached}"}, "application/json")
