"""The two routes that the order route is measured against: one stores nothing, one stores as the library does.

Both read the body, authenticate, check the permission, parse and validate, make the context and answer with the
same functions as ``services.http`` does; only what happens in between differs.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any, ClassVar, TypeVar

from eventsourcing.application import Application
from eventsourcing.persistence import JSONTranscoder, Transcoding
from fastapi import APIRouter, Request
from starlette.concurrency import run_in_threadpool
from starlette.responses import Response

from domain.aggregate import Aggregate, deciding_at
from domain.order import OrderLine, ScheduleLine
from domain.order import Order
from services import bodies, http
from services.application import LogApplication
from services.command import Answer, Context
from services.event_log.json_form import encode_plain
from services.orders.ordering import PlaceOrder, place_order

A = TypeVar("A", bound=Aggregate[Any])
PERMISSION = "order.create"


async def _asked(request: Request) -> tuple[PlaceOrder, Context]:
    """What the order route does before it hands its command in."""
    principal = http.principal_of(request, PERMISSION)
    raw = await bodies.read_body(request, bodies.BODY_LIMIT)
    bodies.check_depth(raw)
    asked = bodies.parse(PlaceOrder, raw, {})
    assert isinstance(asked, PlaceOrder)
    return asked, http.context_of(request, principal, "/v1/orders", raw)


async def answer_at_once(request: Request) -> Response:
    """The limit of a.: everything but deciding and storing."""
    asked, _ = await _asked(request)
    stream = Order.stream("acme", asked.partner, asked.purchase_order_number, asked.release)
    body = {
        "order": stream, "href": http.href("orders", stream), "version": 1, "credit": "PENDING", "closed": None,
        "revision": 1,
    }
    return http.respond(request, "orders", Answer(201, body, position=1, text=encode_plain(body)))


class DateAsISO(Transcoding):
    type = date
    name = "date_iso"

    def encode(self, obj: date) -> str:
        return obj.isoformat()

    def decode(self, data: str) -> date:
        return date.fromisoformat(data)


class LineAsDict(Transcoding):
    type = OrderLine
    name = "order_line"

    def encode(self, obj: OrderLine) -> dict[str, Any]:
        return obj.__dict__

    def decode(self, data: dict[str, Any]) -> OrderLine:
        return OrderLine(**data)


class ScheduleAsDict(Transcoding):
    type = ScheduleLine
    name = "schedule_line"

    def encode(self, obj: ScheduleLine) -> dict[str, Any]:
        return obj.__dict__

    def decode(self, data: dict[str, Any]) -> ScheduleLine:
        return ScheduleLine(**data)


class LibraryOrders(Application[str]):
    """The library as it comes: its recorder, its JSON transcoder, one transaction for each ``save``."""

    name = "library"
    snapshotting_intervals: ClassVar[dict[Any, int]] = {}

    def register_transcodings(self, transcoder: JSONTranscoder) -> None:
        super().register_transcodings(transcoder)
        for transcoding in (DateAsISO(), LineAsDict(), ScheduleAsDict()):
            transcoder.register(transcoding)


def library_environment(settings: Mapping[str, str]) -> dict[str, str]:
    """The library's own settings for the same database; everything else as it comes."""
    url = settings.get("O2C_DATABASE")
    if url is None:
        return {
            "PERSISTENCE_MODULE": "eventsourcing.sqlite", "SQLITE_DBNAME": f"{settings['O2C_DATA']}/library.sqlite",
            "ORIGINATOR_ID_TYPE": "text",
        }
    from psycopg.conninfo import conninfo_to_dict

    parts = conninfo_to_dict(url)
    return {
        "PERSISTENCE_MODULE": "eventsourcing.postgres", "ORIGINATOR_ID_TYPE": "text",
        "POSTGRES_DBNAME": str(parts["dbname"]), "POSTGRES_HOST": str(parts["host"]),
        "POSTGRES_PORT": str(parts.get("port", 5432)), "POSTGRES_USER": str(parts["user"]), "POSTGRES_PASSWORD": "",
    }


class MasterWork:
    """``services.event_log.work.Work`` for placing an order over master data in memory: the library's side reads
    nothing from the database, not even whether the order exists (its unique key refuses a second one)."""

    def __init__(self, known: dict[str, Aggregate[Any] | None], orders: LogApplication, context: Context) -> None:
        self._known = known
        self._orders = orders
        self.context = context
        self.added: list[Aggregate[Any]] = []

    def find(self, aggregate: type[A], stream: str) -> Any:
        if aggregate is Order:
            return None
        if stream not in self._known:
            self._known[stream] = self._orders.look(aggregate, stream)
        return self._known[stream]

    def get(self, aggregate: type[A], stream: str) -> Any:
        found = self.find(aggregate, stream)
        assert found is not None, stream
        return found

    def add(self, aggregate: A) -> A:
        self.added.append(aggregate)
        return aggregate


def library_router(library: LibraryOrders, orders: LogApplication) -> APIRouter:
    """``POST /bench/orders`` that decides in the thread pool and saves through the library."""
    known: dict[str, Aggregate[Any] | None] = {}

    def save(asked: PlaceOrder, context: Context) -> Answer:
        work: Any = MasterWork(known, orders, context)
        with deciding_at(context.at):
            answer = place_order(work, asked)
        library.save(*work.added)
        return Answer(answer.status, answer.body, position=1, text=encode_plain(answer.body))

    async def handle(request: Request) -> Response:
        asked, context = await _asked(request)
        return http.respond(request, "orders", await run_in_threadpool(save, asked, context))

    return _router(handle)


def null_router() -> APIRouter:
    return _router(answer_at_once)


def _router(handle: http.Handler) -> APIRouter:
    router = APIRouter()
    http.raw_route(router, "/bench/orders", handle, permission=PERMISSION, summary="bench", name="bench", status=201)
    return router
