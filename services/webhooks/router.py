"""The doors of webhooks: register, rotate, disable, enable; deliveries with every attempt, and sending one again."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any, ClassVar, Literal

from fastapi import APIRouter, Request
from pydantic_core import from_json, to_json
from sqlalchemy import Engine
from starlette.concurrency import run_in_threadpool
from starlette.responses import Response

from domain.webhook import Webhook, matches
from projections import webhook_deliveries as log_of
from projections import webhooks
from services.bodies import BODY_LIMIT, check_depth, check_json, parse, read_body
from services.command import Answer, Command
from services.fields import Code
from services.http import command_route, context_of, door_of, principal_of, query_route, raw_route, reading, respond
from services.describing import Recorded, body_model
from services.problem import Problem
from services.queries import Cursor, Limit, MinPosition, after_of, found, json_answer, page_answer, part
from services.webhooks.addresses import AddressRefused, target_of
from services.webhooks.commands import DisableWebhook, EnableWebhook, RegisterWebhook, RotateWebhookSecret
from services.webhooks.signing import WebhookSecrets

LOG = "orders"
PERMISSION = "webhook.administer"


@dataclass(frozen=True)
class Webhooks:
    """What the doors need beside the log: the delivery log, the secrets, whether private addresses are allowed."""

    deliveries: Engine
    secrets: WebhookSecrets
    private: bool
    types: frozenset[str]  # the names of all facts that there are


class Resend(Command):
    """A delivery to be sent once more: same id, same content."""

    NAME: ClassVar[str] = "webhook.resend"
    webhook: Code
    delivery: Code


def webhooks_of(request: Request) -> Webhooks:
    known = door_of(request).webhooks
    assert isinstance(known, Webhooks)
    return known


def webhook_router() -> APIRouter:
    router = APIRouter(prefix="/v1", tags=["webhooks"])
    _with_secret(
        router, "/webhooks", RegisterWebhook, 201, "Register a webhook; the answer shows its secret once",
        {"webhook": "erp", "url": "https://erp.example/o2c", "events": ["order.placed", "invoice.*"]},
    )
    _with_secret(
        router, "/webhooks/{webhook}:rotate-secret", RotateWebhookSecret, 200,
        "A new secret, shown once; the one before is good for a day",
    )
    for verb, command, summary in (
        ("disable", DisableWebhook, "Send nothing for now"), ("enable", EnableWebhook, "Send again, first what did not arrive"),
    ):
        command_route(
            router, f"/webhooks/{{webhook}}:{verb}", command, log=LOG, permission=PERMISSION, summary=summary
        )
    raw_route(
        router, "/webhooks/{webhook}:resend", _resend, permission=PERMISSION, summary="Send a delivery once more",
        name=Resend.NAME, status=202, description=Resend.__doc__ or "", body=body_model(Resend, ["webhook"]),
    )
    return router


def _with_secret(
    router: APIRouter, path: str, command: type[Command], status: int, summary: str, *examples: dict[str, Any]
) -> None:
    """A command whose first answer shows the secret it made; a repeat of it, and what is kept with its key, does not."""
    in_path = ["webhook"] if "{" in path else []

    async def handle(request: Request) -> Response:
        principal = principal_of(request, PERMISSION)
        check_json(request)
        raw = await read_body(request, BODY_LIMIT)
        check_depth(raw)
        asked = parse(command, raw, {name: part(request.path_params[name]) for name in in_path})
        context = context_of(request, principal, f"/v1{path}", raw)
        if in_path and context.key is None:
            raise Problem(400, "key_required", "send an Idempotency-Key: a repeat would rotate the secret once more")
        if isinstance(asked, RegisterWebhook):
            asked = await run_in_threadpool(_checked, request, asked)
        given = await door_of(request).applications[LOG].submit_async(asked, context)
        return respond(request, LOG, _showing(webhooks_of(request).secrets, given, status))

    raw_route(
        router, path, handle, permission=PERMISSION, summary=summary, name=command.NAME, status=status, answer=Recorded,
        description=command.__doc__ or summary, body=body_model(command, in_path), examples=examples,
        key_required=bool(in_path),
    )


def _showing(secrets: WebhookSecrets, given: Answer, status: int) -> Answer:
    if given.status != status or given.replayed:
        return given
    body = given.body if isinstance(given.body, dict) else from_json(given.text)
    body = {**body, "secret": secrets.secret(body["webhook"], body["secret_number"])}
    return replace(given, body=body, text=to_json(body).decode())


def _checked(request: Request, asked: RegisterWebhook) -> RegisterWebhook:
    """The address may be called, the types are some that exist, and sending begins with what happens from now on."""
    try:
        target_of(asked.url, private=webhooks_of(request).private)
    except AddressRefused as refused:
        raise Problem(
            422, "address_refused", str(refused), errors=[{"pointer": "/url", "code": "address_refused", "message": str(refused)}]
        ) from None
    types = webhooks_of(request).types
    for index, pattern in enumerate(asked.events):
        if not any(matches((pattern,), name) for name in types):
            raise Problem(
                422, "not_valid", f"/events/{index}: no fact is called {pattern}; say for example order.placed, order.* or *",
                errors=[{"pointer": f"/events/{index}", "code": "unknown_event", "message": f"no fact is called {pattern}"}],
            )
    ends = {name: store.last_position() for name, store in door_of(request).logs.items()}
    return asked.model_copy(update={"after": {**ends, **asked.after}})


async def _resend(request: Request) -> Response:
    principal = principal_of(request, PERMISSION)
    check_json(request)
    raw = await read_body(request, BODY_LIMIT)
    check_depth(raw)
    asked = parse(Resend, raw, {"webhook": part(request.path_params["webhook"])})
    return await run_in_threadpool(_ask_again, request, asked, principal.person)


def _ask_again(request: Request, asked: Any, person: str) -> Response:
    webhook = Webhook.stream(asked.webhook)
    known = door_of(request).applications[LOG].look(Webhook, webhook)
    found("webhook", asked.webhook, known)
    assert known is not None
    if not known.state.enabled:
        raise Problem(409, "webhook_disabled", f"webhook {asked.webhook} is disabled, nothing is sent; enable it first")
    with webhooks_of(request).deliveries.begin() as connection:
        row = log_of.delivery(connection, asked.delivery)
        found("delivery", asked.delivery, row if row is not None and row["webhook_id"] == webhook else None)
        log_of.ask_again(connection, asked.delivery, datetime.now(UTC), person)
        row = log_of.delivery(connection, asked.delivery)
    answer = json_answer(row)
    answer.status_code = 202
    return answer


def webhook_queries() -> APIRouter:
    router = APIRouter(prefix="/v1", tags=["webhooks"])

    @query_route(router, "/webhooks", permission=PERMISSION, name="webhook.list", summary="All webhooks")
    def every(request: Request, limit: Limit = 50, cursor: Cursor = None, min_position: MinPosition = None) -> Response:
        after = after_of(request, cursor)
        with reading(request, webhooks.VIEW.name) as connection:
            return page_answer(request, webhooks.find_webhooks(connection, limit, after))

    @query_route(
        router, "/webhooks/{webhook}/deliveries", permission=PERMISSION, name="webhook.deliveries",
        summary="What was sent, with every attempt, the newest first",
    )
    def deliveries(
        request: Request, webhook: str, state: Literal["WAITING", "DELIVERED", "GIVEN_UP"] | None = None, limit: Limit = 50,
        cursor: Cursor = None,
    ) -> Response:
        """`status` is that of the last answer; of each attempt the time it took and the beginning of the answer are kept."""
        after, name = after_of(request, cursor), Webhook.stream(part(webhook))
        found("webhook", webhook, door_of(request).applications[LOG].look(Webhook, name))
        with webhooks_of(request).deliveries.connect() as connection:
            return page_answer(request, log_of.find_deliveries(connection, name, state, limit, after))

    @query_route(router, "/webhooks/{webhook}", permission=PERMISSION, name="webhook.read", summary="One webhook")
    def one(request: Request, webhook: str, min_position: MinPosition = None) -> Response:
        with reading(request, webhooks.VIEW.name) as connection:
            row = found("webhook", webhook, webhooks.webhook(connection, Webhook.stream(part(webhook))))
        return json_answer(row, version=row["version"])

    return router


ROUTERS = (webhook_router, webhook_queries)
