"""REST of disputes: the commands, each with its permission, and the questions."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime
from typing import Annotated

from fastapi import APIRouter, Query, Request
from starlette.responses import Response

from domain.deduction_reasons import DeductionReason
from domain.dispute.dispute import Dispute
from domain.dispute.life_cycle import Status
from projections import dispute_queries, disputes
from projections.dispute_queries import AgeSearch, DisputeSearch
from projections.paging import Listed
from services.command import Command
from services.http import command_route, href, query_route, reading
from services.queries import Cursor, Limit, MinPosition, after_of, found, json_answer, page_answer, part
from services.receivables.disputes import disputing, judging, resolving
from services.receivables.disputes.evidence import listed_evidence
from services.receivables.disputes.pack import built_pack

LOG = "receivables"
PLACE = "/disputes/{company}/{partner}/{number}"

EXAMPLE = {
    "company": "acme", "partner": "carrefour-fr", "number": "D-2026-17",
    "deductions": [{"deduction": "acme/carrefour-fr/R-4711/1"}],
}
VERDICT: dict[str, object] = {
    "supplier": "1356.00", "customer": "904.00", "stage": "DELIVERY", "reason": "8 of 20 cases were signed for",
    "verdict": "PARTIALLY_VALID", "fault": "BOTH",
}

# The verb, its command, the permission it takes, what it does, an example.
VERBS: tuple[tuple[str, type[Command], str, str, tuple[dict[str, object], ...]], ...] = (
    ("begin-work", disputing.BeginWork, "dispute.work", "Take a dispute up", ()),
    ("give-verdict", judging.GiveVerdict, "dispute.work", "Say who bears how much of a claim", (VERDICT,)),
    ("recompute-fine", judging.RecomputeFine, "dispute.work", "Compute a fine anew under the customer's rule", ()),
    ("submit", disputing.SubmitDispute, "dispute.work", "Ask the customer to repay its share", ()),
    ("record-acceptance", disputing.RecordAcceptance, "dispute.work", "Record that the customer will repay", ()),
    ("record-rejection", disputing.RecordRejection, "dispute.work", "Record that the customer will not repay", ()),
    ("escalate", disputing.EscalateDispute, "dispute.work", "Take a rejected dispute further", ()),
    ("credit", resolving.CreditDispute, "dispute.work", "Credit our share of a claim", ()),
    ("concede", resolving.ConcedeDispute, "dispute.work", "Concede a claim by credit memo", ()),
    ("record-repayment", resolving.RecordRepayment, "dispute.work", "Record what the customer paid back", ()),
    ("write-off", resolving.WriteOffDispute, "dispute.work", "Write off, or ask for it above the band", ()),
    ("approve", resolving.ApproveWaiver, "dispute.approve", "Approve a write-off or concession someone else asked for", ()),
    ("decline", resolving.DeclineWaiver, "dispute.approve", "Decline a write-off or concession", ()),
    ("split", disputing.SplitDispute, "dispute.work", "Take a part of a dispute into one of its own", ()),
    ("merge", disputing.MergeDispute, "dispute.work", "Take another dispute's claims into this one", ()),
    ("void", disputing.VoidDispute, "dispute.work", "Void a dispute opened in error", ()),
)

# Nothing but a key tells a repeat of these from a second posting of the same amount.
POSTING = frozenset({"credit", "concede", "write-off"})


def dispute_router() -> APIRouter:
    router = APIRouter(prefix="/v1", tags=["disputes"])
    command_route(
        router, "/disputes", disputing.OpenDispute, log=LOG, permission="dispute.work", status=201,
        summary="Dispute deductions", examples=[EXAMPLE],
    )
    for verb, command, permission, summary, examples in VERBS:
        command_route(
            router, f"{PLACE}:{verb}", command, log=LOG, permission=permission, summary=summary, examples=examples,
            key_required=verb in POSTING,
        )
    return router


def dispute_queries_router() -> APIRouter:
    router = APIRouter(prefix="/v1", tags=["disputes"])

    @query_route(
        router, "/disputes", permission="dispute.read", name="dispute.search",
        summary="Disputes by customer, state, reason and last day to file",
    )
    def search(
        request: Request, *, partner: str | None = None, status: Status | None = None,
        reason: DeductionReason | None = None, due_to: date | None = None, only_open: bool = False, limit: Limit = 50,
        cursor: Cursor = None, min_position: MinPosition = None,
    ) -> Response:
        """By customer, the oldest claim first."""
        wanted = DisputeSearch(partner, status, reason, due_to, only_open)
        after = after_of(request, cursor)
        with reading(request, disputes.VIEW.name) as connection:
            page = dispute_queries.find_disputes(connection, wanted, limit, after)
        rows = [{"href": href("disputes", row["dispute_id"]), **row} for row in page.rows]
        return page_answer(request, Listed(rows, page.after))

    @query_route(
        router, PLACE, permission="dispute.read", name="dispute.read",
        summary="One dispute with its clocks and everything that happened to it",
    )
    def one(request: Request, company: str, partner: str, number: str, min_position: MinPosition = None) -> Response:
        stream = Dispute.stream(part(company), part(partner), part(number))
        with reading(request, disputes.VIEW.name) as connection:
            row = found("dispute", number, dispute_queries.dispute(connection, stream))
        version = len(row["history"])
        return json_answer({"href": href("disputes", stream), "version": version, **row}, version=version)

    @query_route(
        router, "/deduction-aging", permission="deduction.read", name="deduction.aging",
        summary="The age of deductions and what share was recovered",
    )
    def aging(
        request: Request, *, partner: str | None = None, reason: DeductionReason | None = None, on: date | None = None,
        edge: Annotated[list[int] | None, Query(description="Last day of each bucket, such as 30.")] = None,
        days: Annotated[int, Query(ge=1, le=3_660, description="Over how many days the mean is counted.")] = 90,
        min_position: MinPosition = None,
    ) -> Response:
        """By currency. The age counts from the day of the deduction; days outstanding = outstanding x days / taken in them."""
        day = on or datetime.now(UTC).date()
        edges = tuple(sorted({one for one in edge or (30, 60, 90) if 0 <= one <= 36_600}))
        wanted = AgeSearch(day, edges, partner, reason, days)
        with reading(request, disputes.VIEW.name) as connection:
            return json_answer({"on": day, "items": dispute_queries.aging(connection, wanted), "next": None})

    return router


def evidence_router() -> APIRouter:
    router = APIRouter(prefix="/v1", tags=["disputes"])

    @query_route(
        router, f"{PLACE}/evidence", permission="dispute.read", name="dispute.evidence",
        summary="The papers of a dispute, each with its recorded fact, and what is missing",
    )
    def evidence(request: Request, company: str, partner: str, number: str, min_position: MinPosition = None) -> Response:
        """Gathered from the logs: order and amendments, ship notice, proof of delivery, receipt, invoice, prices, scores."""
        return json_answer(listed_evidence(request, Dispute.stream(part(company), part(partner), part(number))))

    @query_route(
        router, f"{PLACE}/pack", permission="dispute.read", name="dispute.pack",
        summary="The dispute pack: one archive that proves itself",
    )
    def pack(request: Request, company: str, partner: str, number: str, min_position: MinPosition = None) -> Response:
        """A ZIP with the facts as recorded, the papers, a summary (PDF), a manifest and ``verify.py``. The same input gives
        the same bytes; ``X-Content-SHA256`` is their digest."""
        content, digest = built_pack(request, Dispute.stream(part(company), part(partner), part(number)))
        name = f"dispute-{''.join(c if c.isalnum() and c.isascii() else '-' for c in part(number))}.zip"
        headers = {
            "Content-Disposition": f'attachment; filename="{name}"', "ETag": f'"{digest}"', "X-Content-SHA256": digest,
        }
        return Response(content, 200, headers, "application/zip")

    return router


ROUTERS: tuple[Callable[[], APIRouter], ...] = (dispute_router, dispute_queries_router, evidence_router)
