"""The close of a period of a customer's fill rate: value, position and digest, frozen for ever (features X17)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from domain.aggregate import Aggregate, natural_id
from domain.refusal import Kind, Refusal

CLOSED_OTHERWISE = Refusal(
    "fill_rate.closed_otherwise",
    "Period {period} of {partner} under {policy} was closed at {figure} as known at position {position}; a close is never"
    " made anew. What became known since is shown as its restatement (GET {href}).",
    Kind.CONFLICT,
)
PERIOD_NOT_OVER = Refusal(
    "fill_rate.period_not_over",
    "Period {period} of {partner} lasts until {last}; {pending} of its lines are still to be judged. Close it when its last"
    " window has closed.",
)
NOTHING_TO_CLOSE = Refusal(
    "fill_rate.nothing_to_close",
    "Period {period} of {partner} under {policy} has no line that counts. There is nothing to close.",
)


@dataclass(frozen=True)
class ClosedFigure:
    """One figure as exact text: ``numerator`` and ``denominator`` such as "19/10"."""

    name: str
    official: bool
    numerator: str
    denominator: str


@dataclass(frozen=True)
class Frozen:
    """What is frozen: the figures, what they were known by, and the digest of every line's contribution."""

    figures: tuple[ClosedFigure, ...]
    lines: int
    position: int
    effective_at: datetime
    digest: str


@dataclass
class FillRateCloseState:
    partner: str
    policy_id: str
    period: str
    closed: Frozen


class FillRateClose(Aggregate[FillRateCloseState]):
    """One period of one measure of a customer, closed once."""

    KIND = "fill-rate-close"
    STATE = FillRateCloseState
    STATE_VERSION = 1

    class Closed(Aggregate.Created):
        TYPE = "fill_rate.period_closed/1"
        partner: str
        policy_id: str
        calendar: str
        period: str
        first: date
        last: date
        closed: Frozen

        def apply(self, close: FillRateClose) -> None:
            close.state = FillRateCloseState(self.partner, self.policy_id, self.period, self.closed)

    @staticmethod
    def stream(partner: str, policy_id: str, period: str) -> str:
        return natural_id("fill-rate-close", partner, policy_id, period)

    @classmethod
    def close(
        cls, *, partner: str, policy_id: str, calendar: str, period: str, first: date, last: date, closed: Frozen, pending: int
    ) -> FillRateClose:
        """Freeze the period; refused while lines of it are still to be judged, and where nothing counts."""
        if pending:
            raise PERIOD_NOT_OVER(period=period, partner=partner, last=last, pending=pending)
        if not closed.lines:
            raise NOTHING_TO_CLOSE(period=period, partner=partner, policy=policy_id)
        days = {"first": first, "last": last}
        names = {"partner": partner, "policy_id": policy_id, "calendar": calendar, "period": period}
        return cls.begin(cls.Closed, cls.stream(partner, policy_id, period), closed=closed, **names, **days)

    def close_again(self, closed: Frozen, href: str) -> None:
        """Asked again: the same figures are silent, others are refused; the close stays as it is."""
        state = self.state
        if closed.digest != state.closed.digest:
            figure = next(one for one in state.closed.figures if one.official)
            raise CLOSED_OTHERWISE(
                period=state.period, partner=state.partner, policy=state.policy_id, href=href,
                figure=f"{figure.numerator}/{figure.denominator}", position=state.closed.position,
            )
