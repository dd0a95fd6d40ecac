"""The papers of a dispute with the facts behind them: from the view what there is, from each log what it says."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from fastapi import Request

from domain.deduction_reasons import DeductionReason
from domain.dispute.evidence import PaperKind, deciding, missing
from projections import dispute_evidence, dispute_queries, disputes
from projections.view import Row
from services.event_log.contract import EventRow
from services.http import door_of, href, reading
from services.problem import Problem
from services.queries import found

# Where a stream of each kind is read.
COLLECTIONS = {
    "order": "orders", "shipment": "shipments", "invoice": "invoices", "settlement": "settlements", "deduction": "deductions",
    "dispute": "disputes", "return": "returns", "score": "retailer-scores", "edi-document": "edi/documents",
}  # fmt: skip


@dataclass(frozen=True)
class Gathered:
    """One dispute as the view has it, and its papers with the rows of the logs, by log and position."""

    dispute: Row
    papers: list[Row]


def gathered(request: Request, stream: str) -> Gathered:
    with reading(request, disputes.VIEW.name) as connection:
        row = found("dispute", stream.partition("/")[2], dispute_queries.dispute(connection, stream))
    with reading(request, dispute_evidence.VIEW.name) as connection:
        papers = dispute_evidence.papers(connection, stream)
    if len(papers) > dispute_evidence.MOST:
        raise Problem(
            422, "too_many_papers", f"more than {dispute_evidence.MOST:,} papers hang together with this dispute; split it, so"
            " that each part is about fewer invoices",
        )
    return Gathered(row, papers)


def stored(request: Request, paper: Row) -> EventRow:
    """The fact as its log stores it; a log that is neither kept nor copied here cannot be read."""
    log = door_of(request).logs.get(paper["log"])
    row = None if log is None else log.event_at(paper["position"])
    if row is None:
        raise Problem(
            503, "log_elsewhere", f"the log {paper['log']} is not kept in this process; ask one that runs that service too"
        )
    return row


def listed_evidence(request: Request, stream: str) -> dict[str, Any]:
    file = gathered(request, stream)
    reason = DeductionReason(file.dispute["reason"])
    kinds = [PaperKind(paper["kind"]) for paper in file.papers]
    items = [_shown(paper) | {"facts": json.loads(stored(request, paper).data)} for paper in file.papers]
    return {
        "dispute": stream, "href": href("disputes", stream), "reason": reason, "deciding": deciding(reason),
        "missing": missing(reason, kinds), "items": items, "next": None,
    }


def _shown(paper: Row) -> Row:
    kind = paper["stream"].partition("/")[0]
    address = href(COLLECTIONS[kind], paper["stream"]) if kind in COLLECTIONS else None
    return {"event": f"{paper['log']}:{paper['position']}", "href": address, **paper}
