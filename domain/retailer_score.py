"""The retailer's own score: what a customer's scorecard says of our deliveries, by document number and version.

A scorecard is a fact about the world: it is kept as said, also for a period that is closed, and never judged here.
A higher version takes the place of a lower one whole; a lower one that comes late, or the same again, says nothing new.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from domain.aggregate import Aggregate, natural_id
from domain.fill_rate.choices import Metric
from domain.refusal import Kind, Refusal
from domain.scorecard import Listing, ReportedLine, Scorecard, check

VERSION_BELOW_ONE = Refusal(
    "score.version_below_one",
    "Scorecard {number} of {partner} has version {version}; versions count from 1. Send the first one as version 1.",
)
VERSION_DIFFERS = Refusal(
    "score.version_differs",
    "Scorecard {number} of {partner} has a version {version} with other content: {differing} differ. Send what is"
    " corrected as version {next_version}.",
    Kind.CONFLICT,
)


@dataclass
class ScoreState:
    """``versions`` are those taken, the newest last; ``card`` is what it says. ``voided`` is the last version voided, 0: none."""

    partner: str
    number: str
    versions: tuple[int, ...] = ()
    card: Scorecard | None = None
    voided: int = 0

    @property
    def version(self) -> int:
        return self.versions[-1] if self.versions else 0

    @property
    def is_void(self) -> bool:
        return self.voided >= self.version


class RetailerScore(Aggregate[ScoreState]):
    """One scorecard of one customer, through all its versions."""

    KIND = "score"
    STATE = ScoreState
    STATE_VERSION = 1

    class Reported(Aggregate.Created):
        """``numerator``, ``denominator`` and ``rate`` are exact text such as "19/10"; either the first two or the last."""

        TYPE = "score.reported/1"
        partner: str
        number: str
        version: int
        metric: Metric
        policy_id: str | None
        calendar: str
        period: str
        numerator: str | None
        denominator: str | None
        rate: str | None
        listing: Listing
        lines: tuple[ReportedLine, ...]

        def apply(self, score: RetailerScore) -> None:
            score.state = ScoreState(self.partner, self.number, (self.version,), _card(self))

    class ReportedAnew(Aggregate.Event):
        """A higher version; ``replaces`` is the one it takes the place of, None where only a cancellation was known."""

        TYPE = "score.reported_anew/1"
        partner: str
        number: str
        version: int
        replaces: int | None
        metric: Metric
        policy_id: str | None
        calendar: str
        period: str
        numerator: str | None
        denominator: str | None
        rate: str | None
        listing: Listing
        lines: tuple[ReportedLine, ...]

        def apply(self, score: RetailerScore) -> None:
            score.state.versions = (*score.state.versions, self.version)
            score.state.card = _card(self)

    class Voided(Aggregate.Event):
        """The customer took the scorecard back: ``version`` and every one before it."""

        TYPE = "score.voided/1"
        partner: str
        number: str
        version: int
        reason: str

        def apply(self, score: RetailerScore) -> None:
            score.state.voided = self.version

    class VoidedUnseen(Aggregate.Created):
        """The cancellation came before the scorecard that it cancels."""

        TYPE = "score.voided_unseen/1"
        partner: str
        number: str
        version: int
        reason: str

        def apply(self, score: RetailerScore) -> None:
            score.state = ScoreState(self.partner, self.number, voided=self.version)

    @staticmethod
    def stream(partner: str, number: str) -> str:
        return natural_id("score", partner, number)

    @classmethod
    def report(cls, partner: str, number: str, version: int, card: Scorecard) -> RetailerScore:
        """The first version of a scorecard that we hear of."""
        _check_version(partner, number, version)
        check(number, version, card)
        names = {"partner": partner, "number": number, "version": version}
        return cls.begin(cls.Reported, cls.stream(partner, number), **names, **vars(card))

    def report_anew(self, version: int, card: Scorecard) -> None:
        """A version of a scorecard known already; a version heard of before, or voided, is silent."""
        state = self.state
        _check_version(state.partner, state.number, version)
        check(state.number, version, card)
        if version == state.version:
            self._check_same(card)
        elif version > max(state.version, state.voided):
            facts: dict[str, Any] = {"version": version, "replaces": state.version or None, **vars(card)}
            self.happened(self.ReportedAnew, partner=state.partner, number=state.number, **facts)

    @classmethod
    def void_unseen(cls, partner: str, number: str, version: int, reason: str) -> RetailerScore:
        """A cancellation of a scorecard that we have not heard of."""
        _check_version(partner, number, version)
        names = {"partner": partner, "number": number, "version": version}
        return cls.begin(cls.VoidedUnseen, cls.stream(partner, number), reason=reason, **names)

    def void(self, version: int, reason: str) -> None:
        """``version`` and all before it no longer count; said before, or overtaken by a higher version: silent."""
        state = self.state
        _check_version(state.partner, state.number, version)
        if version >= state.version and version > state.voided:
            names = {"partner": state.partner, "number": state.number}
            self.happened(self.Voided, version=version, reason=reason, **names)

    def _check_same(self, card: Scorecard) -> None:
        state = self.state
        assert state.card is not None
        differing = state.card.differing(card)
        if differing:
            raise VERSION_DIFFERS(
                number=state.number, partner=state.partner, version=state.version, differing=differing,
                next_version=max(state.version, state.voided) + 1,
            )


def _card(said: Any) -> Scorecard:
    """What a fact says, as the value it was made of."""
    return Scorecard(
        said.metric, said.calendar, said.period, said.policy_id, said.numerator, said.denominator, said.rate,
        said.listing, said.lines,
    )


def _check_version(partner: str, number: str, version: int) -> None:
    if version < 1:
        raise VERSION_BELOW_ONE(number=number, partner=partner, version=version)
