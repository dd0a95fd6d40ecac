"""Errors of doors, rules, keys, logs and views as problems: one place that knows which status each of them gets."""

from __future__ import annotations

from fastapi import Request
from starlette.responses import Response

from domain.refusal import Refused
from projections.paging import AfterUnreadable
from projections.projector import ViewBehind
from services.application import STATUS
from services.command import KeyReused, StaleVersion
from services.event_log.contract import LogUnavailable
from services.problem import Problem, problem_response

RETRY_AFTER_S = "1"
KNOWN_ERRORS = (Problem, Refused, LogUnavailable, KeyReused, StaleVersion, ViewBehind, AfterUnreadable)


def render(request: Request, error: Exception) -> Response:
    """Errors of doors, keys, logs and views as problems."""
    known = as_problem(error)
    return problem_response(
        known.status, known.code, known.detail, instance=request.url.path, errors=known.errors,
        request_id=getattr(request.state, "request_id", "-"), headers=known.headers, **known.extra,
    )


def as_problem(error: Exception) -> Problem:
    match error:
        case Problem():
            found = error
        case Refused():
            found = Problem(STATUS[error.kind], error.code, str(error), parameters=error.parameters)
        case LogUnavailable():
            status = 429 if error.code == "overloaded" else 503
            found = Problem(status, error.code, str(error), headers={"Retry-After": RETRY_AFTER_S})
        case KeyReused():
            found = Problem(422, "key_reused", str(error))
        case StaleVersion():
            found = Problem(412, "stale_version", str(error), actual_version=error.actual)
        case AfterUnreadable():
            found = Problem(400, "bad_cursor", f"the cursor {error} cannot be read; follow `next` unchanged")
        case _:
            found = Problem(503, "view_behind", str(error), headers={"Retry-After": RETRY_AFTER_S})
    return found
