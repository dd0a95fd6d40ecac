"""Penalties under a customer's fill-rate policy: the commands on them, and REST in and out."""

from __future__ import annotations

from fractions import Fraction
from typing import Annotated, Any, ClassVar

from fastapi import APIRouter, Request
from pydantic import Field
from starlette.responses import Response

from domain.penalty import Calculation, Penalty, PenaltyStatus
from domain.trading_partner import TradingPartner
from domain.values import exact_text
from projections import penalties
from services.command import Answer, Command
from services.event_log.work import Work
from services.fields import Amount, Code, CurrencyCode, Day, OptionalCode, Stream, Text
from services.http import command_route, href, query_route, reading
from services.queries import Cursor, Limit, MinPosition, after_of, found, json_answer, page_answer

LOG = "orders"

ExactRate = Annotated[str, Field(pattern=r"^[0-9]{1,40}(/0*[1-9][0-9]{0,39})?$", examples=["9499/10000"])]


class RecordPenaltyCalculation(Command):
    """What a period's penalty came to by our own figures. Only the fill rate's own door makes this command."""

    NAME: ClassVar[str] = "penalty.calculate"
    partner: Code
    policy: Code
    period: Code
    currency: CurrencyCode
    amount: Amount
    charges: int = Field(ge=0)
    rate: ExactRate | None = None
    goal: ExactRate | None = None
    policy_from: Day | None = None
    policy_digest: OptionalCode = ""
    position: int = Field(ge=0)
    reason: Text | None = None

    def streams(self) -> tuple[str, ...]:
        return (Penalty.stream(self.partner, self.policy, self.period), TradingPartner.stream(self.partner))


class AnnouncePenalty(Command):
    """The customer charges a penalty on a document of its own; another document is charged beside it."""

    NAME: ClassVar[str] = "penalty.announce"
    penalty: Stream
    document: Code
    amount: Amount
    announced_on: Day


class DisputePenalty(Command):
    """What the customer announced is not accepted, in whole or in part."""

    NAME: ClassVar[str] = "penalty.dispute"
    penalty: Stream
    amount: Amount
    reason: Text


class SettlePenalty(Command):
    """An amount is agreed for all that is open; more than was announced needs a reason."""

    NAME: ClassVar[str] = "penalty.settle"
    penalty: Stream
    document: Code
    amount: Amount
    settled_on: Day
    reason: Text | None = None


class WaivePenalty(Command):
    """The customer drops what is open, or says beforehand that it will charge nothing."""

    NAME: ClassVar[str] = "penalty.waive"
    penalty: Stream
    reason: Text


def penalty_stream(penalty: str) -> str:
    """The stream of a penalty as addresses name it: ``{partner}/{policy}/{period}``."""
    return penalty if penalty.startswith("penalty/") and penalty.count("/") > 2 else f"penalty/{penalty}"


def penalty_answer(penalty: Penalty, status: int = 200) -> Answer:
    state = penalty.state
    body = {"penalty": penalty.id, "href": href("penalties", penalty.id), "version": penalty.version}
    return Answer(status, {**body, "state": state.status, "calculated": state.calculation.amount, "open": state.open})


def record_calculation(work: Work, command: RecordPenaltyCalculation) -> Answer:
    work.get(TradingPartner, TradingPartner.stream(command.partner))
    found = Calculation(
        command.amount, command.charges, _reduced(command.rate), _reduced(command.goal), command.policy_from,
        command.policy_digest, command.position,
    )
    key = {"partner": command.partner, "policy": command.policy, "period": command.period}
    known = work.find(Penalty, Penalty.stream(**key))
    if known is None:
        return penalty_answer(work.add(Penalty.calculate(**key, currency=command.currency, found=found)), 201)
    known.recalculate(command.currency, found, command.reason or "")
    return penalty_answer(known)


def _reduced(rate: str | None) -> str | None:
    """One way to write a rate, so that 95/100 and 19/20 are the same figure."""
    return None if rate is None else exact_text(Fraction(rate))


def announce_penalty(work: Work, command: AnnouncePenalty) -> Answer:
    penalty = work.get(Penalty, penalty_stream(command.penalty))
    penalty.announce(command.document, command.amount, command.announced_on)
    return penalty_answer(penalty)


def dispute_penalty(work: Work, command: DisputePenalty) -> Answer:
    penalty = work.get(Penalty, penalty_stream(command.penalty))
    penalty.dispute(command.amount, command.reason, work.context.actor)
    return penalty_answer(penalty)


def settle_penalty(work: Work, command: SettlePenalty) -> Answer:
    penalty = work.get(Penalty, penalty_stream(command.penalty))
    penalty.settle(command.document, command.amount, command.settled_on, command.reason or "")
    return penalty_answer(penalty)


def waive_penalty(work: Work, command: WaivePenalty) -> Answer:
    penalty = work.get(Penalty, penalty_stream(command.penalty))
    penalty.waive(command.reason)
    return penalty_answer(penalty)


HANDLERS: dict[type[Command], Any] = {
    RecordPenaltyCalculation: record_calculation,
    AnnouncePenalty: announce_penalty,
    DisputePenalty: dispute_penalty,
    SettlePenalty: settle_penalty,
    WaivePenalty: waive_penalty,
}


def penalty_router() -> APIRouter:
    router = APIRouter(prefix="/v1", tags=["fill rate"])
    for verb, command, summary in (
        ("announce", AnnouncePenalty, "Record the penalty that the customer announced"),
        ("dispute", DisputePenalty, "Dispute an announced penalty"),
        ("settle", SettlePenalty, "Record the amount agreed for a penalty"),
        ("waive", WaivePenalty, "Record that the customer waives a penalty"),
    ):
        command_route(
            router, f"/penalties/{{penalty:path}}:{verb}", command, log=LOG, permission="penalty.decide", summary=summary
        )
    return router


def penalty_queries() -> APIRouter:
    router = APIRouter(prefix="/v1", tags=["fill rate"])

    @query_route(
        router, "/penalties", permission="penalty.read", name="penalty.search",
        summary="Penalties by partner, period and state: calculated, announced, open, settled",
    )
    def search(
        request: Request, partner: str | None = None, policy: str | None = None, period: str | None = None,
        state: PenaltyStatus | None = None, limit: Limit = 50, cursor: Cursor = None, min_position: MinPosition = None,
    ) -> Response:
        """By partner, the latest period first."""
        wanted = penalties.PenaltySearch(partner, policy, period, state)
        after = after_of(request, cursor)
        with reading(request, penalties.VIEW.name) as connection:
            return page_answer(request, penalties.find_penalties(connection, wanted, limit, after))

    @query_route(
        router, "/penalties/{penalty:path}", permission="penalty.read", name="penalty.read",
        summary="One penalty with everything that happened to it",
    )
    def one(request: Request, penalty: str, min_position: MinPosition = None) -> Response:
        with reading(request, penalties.VIEW.name) as connection:
            row = found("penalty", penalty, penalties.penalty(connection, penalty_stream(penalty)))
        version = len(row["history"])
        return json_answer({"version": version, **row}, version=version)

    return router


ROUTERS = (penalty_router, penalty_queries)
