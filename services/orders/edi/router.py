"""REST of EDI: raw interchanges in, what was read and what became of it, documents out to fetch and confirm."""

from __future__ import annotations

from typing import Any, Literal

from fastapi import APIRouter, Request
from starlette.responses import Response

from domain.interchange import Interchange, OutboundDocument
from projections import edi_traffic
from projections.edi_traffic import TrafficSearch
from services.application import LogApplication
from services.http import command_route, door_of, href, query_route, raw_route, reading
from services.orders.edi import deciding, door
from services.orders.edi.addresses import outbound_stream, stream_of
from services.orders.edi.door import LOG
from services.problem import Problem
from services.queries import Cursor, Limit, MinPosition, after_of, found, json_answer, page_answer

VIEW = "edi_traffic"
Outcome = Literal["received", "accepted", "held", "refused"]
BINARY = {"schema": {"type": "string", "format": "binary"}}


def edi_commands() -> APIRouter:
    router = APIRouter(prefix="/v1/edi", tags=["edi"])
    media: dict[str, Any] = dict.fromkeys(door.MEDIA_TYPES, BINARY)
    raw_route(
        router, "/interchanges", door.receive, permission="edi.receive", status=202, name="edi.receive", media=media,
        answer=door.PayloadKept,
        summary="Hand in an interchange as it is",
        description="The bytes are kept before they are parsed; whatever is wrong with them is in the findings of the"
        " resource answered. ?wait=5s waits until they are read and answers with our 997. Up to 50 MB.",
    )
    raw_route(
        router, "/validate", door.validate, permission="edi.receive", name="edi.validate", media=media,
        summary="Read and judge an interchange without keeping it",
    )
    for path, command, permission, summary in (
        ("/documents/{document:path}:apply-again", deciding.ApplyAgain, "edi.decide", "Try a held document again"),
        ("/documents/{document:path}:dismiss", deciding.Dismiss, "edi.decide", "Dismiss a held document"),
        ("/outbox/{outbound:path}:delivered", deciding.ConfirmDelivered, "edi.receive", "Say that a document has arrived"),
    ):
        command_route(router, path, command, log=LOG, permission=permission, summary=summary)
    return router


def edi_incoming() -> APIRouter:
    router = APIRouter(prefix="/v1/edi", tags=["edi"])

    @query_route(router, "/payloads", permission="edi.read", summary="What came in, the latest first", name="edi.payloads")
    def payloads(
        request: Request, limit: Limit = 50, cursor: Cursor = None, min_position: MinPosition = None
    ) -> Response:
        after = after_of(request, cursor)
        with reading(request, VIEW) as connection:
            return page_answer(request, edi_traffic.find_payloads(connection, limit, after))

    @query_route(
        router, "/payloads/{digest}/raw", permission="edi.read", summary="The bytes as they came", name="edi.payload_raw"
    )
    def payload_raw(request: Request, digest: str) -> Response:
        return binary(orders_of(request).store.attachment(digest), "payload", digest)

    @query_route(
        router, "/payloads/{digest}", permission="edi.read", name="edi.payload",
        summary="What came in, and the interchanges found in it",
    )
    def payload(request: Request, digest: str) -> Response:
        page = door.payload_page(orders_of(request), f"edi-payload/{digest}")
        return json_answer(found("payload", digest, page))

    @query_route(router, "/interchanges", permission="edi.read", summary="Interchanges, the latest first", name="edi.list")
    def interchanges(
        request: Request, partner: str | None = None, verdict: str | None = None, test: bool | None = None,
        limit: Limit = 50, cursor: Cursor = None, min_position: MinPosition = None,
    ) -> Response:
        after = after_of(request, cursor)
        with reading(request, VIEW) as connection:
            wanted = TrafficSearch(partner=partner, verdict=verdict, test=test)
            return page_answer(request, edi_traffic.find_interchanges(connection, wanted, limit, after))

    @query_route(
        router, "/interchanges/{interchange:path}/raw", permission="edi.read", name="edi.raw",
        summary="The bytes of the payload that an interchange came in",
    )
    def raw(request: Request, interchange: str) -> Response:
        orders = orders_of(request)
        rows = orders.store.stream(stream_of("interchange", interchange))
        event = orders.form.event(rows[0]) if rows else None
        digest = event.payload.partition("/")[2] if isinstance(event, Interchange.Received) else ""
        return binary(orders.store.attachment(digest) if digest else None, "interchange", interchange)

    @query_route(
        router, "/interchanges/{interchange:path}/acknowledgment", permission="edi.read", name="edi.acknowledgment",
        summary="Our 997 to an interchange, as bytes",
    )
    def acknowledgment(request: Request, interchange: str, min_position: MinPosition = None) -> Response:
        with reading(request, VIEW) as connection:
            row = found("interchange", interchange, edi_traffic.interchange(connection, stream_of("interchange", interchange)))
        stream = row["acknowledgment"]
        content = door.outbound_bytes(orders_of(request), stream) if stream else None
        return binary(content, "acknowledgment of interchange", interchange)

    @query_route(
        router, "/interchanges/{interchange:path}", permission="edi.read", name="edi.read",
        summary="One interchange with findings, documents and our answer",
    )
    def interchange(request: Request, interchange: str, min_position: MinPosition = None) -> Response:
        with reading(request, VIEW) as connection:
            row = found("interchange", interchange, edi_traffic.interchange(connection, stream_of("interchange", interchange)))
        page = {**row, "href": href("edi/interchanges", row["interchange_id"])}
        page["documents"] = [{**one, "href": href("edi/documents", one["document_id"])} for one in row["documents"]]
        page["acknowledgment_text"] = door.acknowledgment_text(orders_of(request), row["acknowledgment"])
        return json_answer(page)

    return router


def edi_documents() -> APIRouter:
    router = APIRouter(prefix="/v1/edi", tags=["edi"])

    @query_route(
        router, "/documents", permission="edi.read", summary="Documents in, the latest first", name="edi.documents"
    )
    def documents(
        request: Request, partner: str | None = None, kind: str | None = None, status: Outcome | None = None,
        test: bool | None = None, limit: Limit = 50, cursor: Cursor = None, min_position: MinPosition = None,
    ) -> Response:
        after = after_of(request, cursor)
        with reading(request, VIEW) as connection:
            wanted = TrafficSearch(partner=partner, kind=kind, status=status, test=test)
            return page_answer(request, edi_traffic.find_documents(connection, wanted, limit, after))

    @query_route(
        router, "/documents/{document:path}", permission="edi.read", name="edi.document",
        summary="One document as it was read, its findings and what became of it",
    )
    def document(request: Request, document: str, min_position: MinPosition = None) -> Response:
        stream = stream_of("edi-document", document)
        with reading(request, VIEW) as connection:
            row = found("document", document, edi_traffic.document(connection, stream))
        orders = orders_of(request)
        received = orders.form.event(orders.store.stream(stream)[0])
        return json_answer({**row, "href": href("edi/documents", stream), "document": received.document})

    return router


def edi_outgoing() -> APIRouter:
    router = APIRouter(prefix="/v1/edi", tags=["edi"])

    @query_route(
        router, "/sent", permission="edi.read", summary="Documents out, the latest first", name="edi.sent"
    )
    def sent(
        request: Request, partner: str | None = None, kind: str | None = None, limit: Limit = 50,
        cursor: Cursor = None, min_position: MinPosition = None,
    ) -> Response:
        after = after_of(request, cursor)
        with reading(request, VIEW) as connection:
            wanted = TrafficSearch(partner=partner, kind=kind)
            return page_answer(request, edi_traffic.find_sent(connection, wanted, limit, after))

    @query_route(
        router, "/outbox", permission="edi.read", name="edi.outbox",
        summary="Documents to fetch: written and not yet delivered, the oldest first",
    )
    def outbox(
        request: Request, partner: str | None = None, limit: Limit = 50, cursor: Cursor = None,
        min_position: MinPosition = None,
    ) -> Response:
        after = after_of(request, cursor)
        with reading(request, VIEW) as connection:
            return page_answer(request, edi_traffic.outbox(connection, partner, limit, after))

    @query_route(
        router, "/outbox/{outbound:path}/raw", permission="edi.read", summary="The bytes to send", name="edi.outbox_raw"
    )
    def outbox_raw(request: Request, outbound: str) -> Response:
        return binary(door.outbound_bytes(orders_of(request), outbound_stream(outbound)), "document", outbound)

    @query_route(
        router, "/outbox/{outbound:path}", permission="edi.read", name="edi.outbound",
        summary="One document out: as it was written, delivered and acknowledged",
    )
    def outbound(request: Request, outbound: str, min_position: MinPosition = None) -> Response:
        stream = outbound_stream(outbound)
        with reading(request, VIEW) as connection:
            row = found("document", outbound, edi_traffic.sent(connection, stream))
        orders = orders_of(request)
        written: OutboundDocument.Written = orders.form.event(orders.store.stream(stream)[0])
        return json_answer({**row, "href": href("edi/outbox", stream), "document": written.document})

    return router


def orders_of(request: Request) -> LogApplication:
    return door_of(request).applications[LOG]


def binary(content: bytes | None, kind: str, number: str) -> Response:
    """Bytes as they are; never shown by a browser as anything but a file."""
    if content is None:
        raise Problem(404, "not_known", f"there is no {kind} {number}; check the number")
    headers = {"Content-Disposition": "attachment", "X-Content-Type-Options": "nosniff"}
    return Response(content, 200, headers, "application/octet-stream")


ROUTERS = (edi_commands, edi_incoming, edi_documents, edi_outgoing)
