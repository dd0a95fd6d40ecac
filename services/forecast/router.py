"""REST of the forecast service: customer plans in and out."""

from __future__ import annotations

from fastapi import APIRouter, Request
from starlette.responses import Response

from domain.customer_plan import CustomerPlan, PlanKind
from projections import customer_plans
from services.forecast import planning
from services.http import command_route, door_of, query_route, reading
from services.queries import Cursor, Limit, MinPosition, after_of, found, json_answer, page_answer

LOG = "forecast"
PLAN_LIMIT = 5_000_000

EXAMPLE_PLAN = {
    "partner": "carrefour-fr", "kind": "ANNUAL", "period": "2026",
    "lines": [
        {"item": "tea-25", "first_day": "2026-01-01", "last_day": "2026-12-31", "quantity": "12000", "unit": "CS"},
    ],
}


def plan_router() -> APIRouter:
    router = APIRouter(prefix="/v1", tags=["plans"])
    command_route(
        router, "/plans", planning.RecordPlan, log=LOG, permission="plan.record", status=201,
        summary="Record a customer plan", examples=[EXAMPLE_PLAN], limit=PLAN_LIMIT,
    )
    command_route(
        router, "/plans/{plan:path}:revise", planning.RevisePlan, log=LOG, permission="plan.record",
        summary="Revise a customer plan", limit=PLAN_LIMIT,
    )
    return router


def plan_queries() -> APIRouter:
    router = APIRouter(prefix="/v1", tags=["plans"])

    @query_route(
        router, "/plans", permission="plan.read", summary="Customer plans by partner, kind and period", name="plan.list"
    )
    def plans(
        request: Request, *, partner: str | None = None, kind: PlanKind | None = None, limit: Limit = 50,
        cursor: Cursor = None, min_position: MinPosition = None,
    ) -> Response:
        after = after_of(request, cursor)
        with reading(request, customer_plans.VIEW.name) as connection:
            return page_answer(request, customer_plans.find_plans(connection, partner, kind, limit, after))

    @query_route(
        router, "/plans/{plan:path}", permission="plan.read", summary="One plan with every revision", name="plan.read"
    )
    def plan(request: Request, plan: str, min_position: MinPosition = None) -> Response:
        stream = planning.plan_stream(plan)
        with reading(request, customer_plans.VIEW.name) as connection:
            row = found("plan", plan, customer_plans.plan(connection, stream))
        known = door_of(request).applications[LOG].look(CustomerPlan, stream)
        version = known.version if known is not None else len(row["revisions"])
        return json_answer({"version": version, **row}, version=version)

    return router


ROUTERS = (plan_router, plan_queries)
