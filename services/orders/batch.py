"""Many orders in one request: each item is a command of its own with its own result."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import structlog
from fastapi import APIRouter, Request
from pydantic import BaseModel, ConfigDict, Field, ValidationError
from pydantic_core import from_json, to_json
from starlette.responses import Response

from services.bodies import check_depth, check_json, read_body
from services.command import Answer, Context, KeyReused
from services.event_log.contract import LogUnavailable
from services.http import context_of, door_of, principal_of, raw_route
from services.rendering import as_problem
from services.orders.ordering import PlaceOrder
from services.problem import Problem, invalid

BATCH_LIMIT = 20_000_000
ITEMS = 5_000
LOG = "orders"

logger = structlog.get_logger()


class OrderBatch(BaseModel):
    """Up to 5,000 purchase orders; a bad one never stops its neighbours."""

    model_config = ConfigDict(extra="forbid")
    items: list[PlaceOrder] = Field(min_length=1, max_length=ITEMS)


class BatchResult(BaseModel):
    """What became of one item: the status and body the single route would have answered."""

    index: int
    status: int
    replayed: bool = False
    body: Any


class BatchAnswer(BaseModel):
    results: list[BatchResult]
    placed: int
    refused: int


async def handle_batch(request: Request) -> Response:
    """Validate, hand in and wait for every item; the answers stand in the order of the items."""
    principal = principal_of(request, "order.create")
    check_json(request)
    raw = await read_body(request, BATCH_LIMIT)
    check_depth(raw)
    context = context_of(request, principal, "/v1/orders:batch", raw)
    orders = door_of(request).applications[LOG]
    waiting: list[Any] = []
    for index, item in enumerate(_items(raw)):
        asked = _validated(item)
        if isinstance(asked, Problem):
            waiting.append(asked)
            continue
        try:
            waiting.append(orders.submit_async(asked, _item_context(context, index)))
        except LogUnavailable as error:  # its neighbours are on their way already: each item has its own answer
            waiting.append(as_problem(error))
    results = [await _result(index, one) for index, one in enumerate(waiting)]
    refused = sum(1 for result in results if result["status"] >= 400)
    body = {"results": results, "placed": len(results) - refused, "refused": refused}
    position = max((result.pop("position") for result in results), default=0)
    return Response(to_json(body), 200, {"O2C-Position": f"{LOG}={position}"}, "application/json")


def _items(raw: bytes) -> list[Any]:
    try:
        body = from_json(raw, allow_inf_nan=False)
    except ValueError as error:
        raise Problem(400, "malformed_json", f"the body is not JSON: {error}") from None
    items = body.get("items") if isinstance(body, dict) and set(body) == {"items"} else None
    if not isinstance(items, list) or not items:
        raise Problem(422, "not_valid", 'the body: send {"items": [...]} with at least one order')
    if len(items) > ITEMS:
        raise Problem(
            422, "too_many", f"/items: {len(items)} orders are {len(items) - ITEMS} more than the {ITEMS} of one batch;"
            " send several batches or use o2c import",
        )
    return items


def _validated(item: Any) -> PlaceOrder | Problem:
    try:
        return PlaceOrder.model_validate(item)
    except ValidationError as error:
        return invalid(error)


def _item_context(context: Context, index: int) -> Context:
    """The batch's key covers each item under its place, so that a repeated batch repeats every answer."""
    if context.key is None:
        return replace(context, command_id=f"{context.command_id}-{index}")
    return replace(context, command_id=f"{context.command_id}-{index}", key=f"{context.key}#{index}")


async def _result(index: int, waiting: Any) -> dict[str, Any]:
    if isinstance(waiting, Problem):
        return _problem(index, waiting.status, waiting.code, waiting.detail, errors=waiting.errors)
    try:
        answer: Answer = await waiting
    except (LogUnavailable, KeyReused) as error:
        known = as_problem(error)
        return _problem(index, known.status, known.code, known.detail)
    except Exception as error:
        logger.error("defect", item=index, error=repr(error))
        return _problem(index, 500, "defect", "something of ours failed; send this item again with its key")
    body = answer.body if isinstance(answer.body, dict) else from_json(answer.text)
    return {
        "index": index, "status": answer.status, "replayed": answer.replayed, "body": body, "position": answer.position,
    }


def _problem(index: int, status: int, code: str, detail: str, **more: Any) -> dict[str, Any]:
    return {"index": index, "status": status, "replayed": False, "position": 0, "body": {"code": code, "detail": detail, **more}}


def batch_router() -> APIRouter:
    router = APIRouter(prefix="/v1", tags=["orders"])
    raw_route(
        router, "/orders:batch", handle_batch, permission="order.create", summary="Place many purchase orders",
        name="order.place_batch", description=OrderBatch.__doc__ or "", body=OrderBatch, answer=BatchAnswer,
    )
    return router

