"""The raw door: bytes in, kept before they are parsed; 202, or the answer itself for a caller who waits."""

from __future__ import annotations

import asyncio
import codecs
import re
import time
from typing import Any

from fastapi import Request
from pydantic import BaseModel
from starlette.concurrency import run_in_threadpool
from starlette.responses import Response

from domain.interchange import EdiDocument, Interchange, OutboundDocument, Payload
from services.application import LogApplication
from services.bodies import read_body
from services.command import Answer
from services.edi import GroupReport, check
from services.event_log.json_form import encode_plain
from services.http import context_of, door_of, href, principal_of, respond
from services.orders.edi.reading import rules_for
from services.orders.edi.receiving import PAYLOAD_LIMIT, ReceivePayload
from services.problem import Problem

LOG = "orders"
MEDIA_TYPES = ("application/edi-x12", "application/edifact", "application/octet-stream", "text/plain")
VALIDATE_LIMIT = 5_000_000
LONGEST_WAIT_S = 30.0
POLL_S = 0.02
CHARSETS = re.compile(
    r"ascii|utf-8(-sig)?|utf-16(-[lb]e)?|iso8859-\d+|cp\d+|gb18030|gbk|gb2312|big5(hkscs)?|shift_jis.*|euc_.*|koi8-."
)


class PayloadKept(BaseModel):
    """Where to look for what was read; with ``wait`` the interchanges are in the answer already."""

    payload: str
    href: str
    status: str
    size: int
    digest: str


async def receive(request: Request) -> Response:
    """Keep the bytes, then answer 202; with ``?wait=5s`` as soon as they are read, with our 997."""
    principal = principal_of(request, "edi.receive")
    charset = charset_of(request)
    wait = wait_of(request)
    raw = await body_of(request, PAYLOAD_LIMIT)
    context = context_of(request, principal, "/v1/edi/interchanges", raw)
    orders = door_of(request).applications[LOG]
    asked = await run_in_threadpool(ReceivePayload, content=raw, door="http", charset=charset)
    answer = await orders.submit_async(asked, context)
    if answer.status >= 400 or not wait:
        return respond(request, LOG, answer)
    stream = asked.streams()[0]
    deadline = time.monotonic() + wait
    while time.monotonic() < deadline:
        read = await run_in_threadpool(payload_page, orders, stream, whole=True)
        if read is not None and read["status"] == "read":
            return respond(request, LOG, Answer(200, read, answer.position, answer.replayed, encode_plain(read)))
        await asyncio.sleep(POLL_S)
    return respond(request, LOG, answer)


async def validate(request: Request) -> Response:
    """The dry run: read and judge, keep nothing."""
    principal_of(request, "edi.receive")
    charset = charset_of(request)
    raw = await body_of(request, VALIDATE_LIMIT)
    orders = door_of(request).applications[LOG]
    report = await run_in_threadpool(judged, orders, raw, charset)
    return Response(encode_plain(report), 200, None, "application/json")


async def body_of(request: Request, limit: int) -> bytes:
    raw = await read_body(request, limit)
    if not raw:
        raise Problem(400, "empty_body", "the body is empty; send the interchange as it is, as bytes")
    return raw


def charset_of(request: Request) -> str | None:
    """The character set that the content type names; 415 for another content type than one of ours."""
    kind, *parameters = [part.strip() for part in request.headers.get("content-type", "").split(";")]
    if kind.lower() not in MEDIA_TYPES:
        raise Problem(415, "not_edi", f"the content type is {kind or 'not given'}; send one of {', '.join(MEDIA_TYPES)}")
    for parameter in parameters:
        name, _, value = parameter.partition("=")
        if name.strip().lower() == "charset":
            return _known_charset(value.strip().strip('"'))
    return None


def _known_charset(name: str) -> str:
    try:
        known = codecs.lookup(name).name
    except (LookupError, ValueError):
        known = ""
    if not CHARSETS.fullmatch(known):
        raise Problem(415, "charset_unknown", f"the character set {name} is not known here; send for example utf-8 or gb18030")
    return known


def wait_of(request: Request) -> float:
    text = request.query_params.get("wait")
    if text is None:
        return 0.0
    number = text.removesuffix("s")
    if not re.fullmatch(r"\d{1,3}(\.\d{1,3})?", number) or float(number) > LONGEST_WAIT_S:
        raise Problem(400, "bad_wait", f"wait reads {text}; send seconds up to {LONGEST_WAIT_S:.0f}, for example 5s")
    return float(number)


def payload_page(orders: LogApplication, stream: str, *, whole: bool = False) -> dict[str, Any] | None:
    """A payload as the log has it; ``whole`` with its interchanges and our answers to them."""
    payload = orders.look(Payload, stream)
    if payload is None:
        return None
    state = payload.state
    page: dict[str, Any] = {
        "payload": stream, "href": href("edi/payloads", stream), "status": "read" if state.cut else "received",
        "size": state.size, "digest": state.digest, "findings": state.findings,
        "interchanges": [{"interchange": one, "href": href("edi/interchanges", one)} for one in state.interchanges],
    }
    if whole:
        page["interchanges"] = [interchange_page(orders, one) for one in state.interchanges]
    return page


def interchange_page(orders: LogApplication, stream: str) -> dict[str, Any]:
    """An interchange as the log has it, with our 997 as text."""
    page: dict[str, Any] = {"interchange": stream, "href": href("edi/interchanges", stream)}
    for row in orders.store.stream(stream):
        event = orders.form.event(row)
        if isinstance(event, Interchange.Received):
            names = ("sender", "receiver", "control", "digest", "reused_control", "payload")
        else:
            names = ("partner", "test", "verdict", "findings", "documents", "acknowledgment")
        page |= {name: getattr(event, name) for name in names}
    page["documents"] = [_document(orders, one) for one in page.get("documents", ())]
    page["acknowledgment_text"] = acknowledgment_text(orders, page.get("acknowledgment"))
    return page


def _document(orders: LogApplication, stream: str) -> dict[str, Any]:
    document = orders.look(EdiDocument, stream)
    page: dict[str, Any] = {"document": stream, "href": href("edi/documents", stream)}
    if document is not None:
        page |= {name: getattr(document.state, name) for name in ("kind", "verdict", "outcome", "effect", "code", "reason")}
    return page


def acknowledgment_text(orders: LogApplication, stream: str | None) -> str | None:
    raw = outbound_bytes(orders, stream) if stream else None
    return None if raw is None else raw.decode("utf-8", "replace")


def outbound_bytes(orders: LogApplication, stream: str) -> bytes | None:
    outbound = orders.look(OutboundDocument, stream)
    return None if outbound is None else orders.store.attachment(outbound.state.digest)


def judged(orders: LogApplication, raw: bytes, charset: str | None) -> dict[str, Any]:
    """The report of the dry run, by the rules of the sender's profile where it is known."""
    report = check(raw, rules_for(orders, raw, charset))
    return {
        "accepted": report.accepted, "charset": report.charset, "findings": report.findings,
        "interchanges": [
            {
                "control": one.interchange.control, "sender": one.interchange.sender,
                "receiver": one.interchange.receiver, "test": one.interchange.is_test, "accepted": one.accepted,
                "findings": one.findings, "groups": [_group(group) for group in one.groups],
            }
            for one in report.interchanges
        ],
    }


def _group(group: GroupReport) -> dict[str, Any]:
    return {
        "control": group.group.control, "functional_code": group.group.functional_code,
        "version": group.group.version, "verdict": group.verdict, "findings": group.findings,
        "sets": [
            {
                "type": one.kind, "control": one.control, "verdict": one.verdict, "document": one.document,
                "findings": one.findings,
            }
            for one in group.sets
        ],
    }


