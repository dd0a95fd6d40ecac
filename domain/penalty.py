"""Penalty: what a customer may charge for a period's fill rate, what it announced, and what came of it.

Calculated by us from the policy, announced by the customer on a document of its own, disputed, settled or waived. What
is announced is open, disputed or not, until it is settled or waived; what is announced after that is open anew.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from enum import StrEnum

from domain.aggregate import Aggregate, natural_id
from domain.codes import check_currency
from domain.refusal import Kind, Refusal
from domain.values import ZERO, round_money

AMOUNT_NEGATIVE = Refusal(
    "penalty.amount_negative",
    "Penalty {penalty} comes to {figure}; an amount is 0 or more. Calculate it anew from the period's lines.",
)
AMOUNT_NOT_POSITIVE = Refusal(
    "penalty.amount_not_positive",
    "Penalty {penalty}: {document} states {figure}; an amount above 0 is needed. A penalty that is dropped is waived.",
)
AMOUNT_TOO_FINE = Refusal(
    "penalty.amount_too_fine",
    "Penalty {penalty} is in {currency}, {figure} is finer than its smallest coin. Send it as the document states it.",
)
CURRENCY_DIFFERS = Refusal(
    "penalty.currency_differs",
    "Penalty {penalty} was calculated in {limit}, now in {figure}. Calculate the lines of each currency under a policy of its"
    " own.",
    Kind.CONFLICT,
)
FIGURES_OLDER = Refusal(
    "penalty.figures_older",
    "Penalty {penalty} was calculated from the log up to position {limit}; these figures are of position {figure}."
    " Calculate it from the newest facts.",
    Kind.CONFLICT,
)
REASON_MISSING = Refusal(
    "penalty.reason_missing",
    "Penalty {penalty} was recorded with {limit} and other figures; now it comes to {figure}. Say why it was calculated again.",
)
DOCUMENT_USED_ALREADY = Refusal(
    "penalty.document_used_already",
    "Document {document} already {stated} {limit} for penalty {penalty}, not {figure}. Use the number of the document that"
    " states {figure}.",
    Kind.CONFLICT,
)
NOT_ANNOUNCED = Refusal(
    "penalty.not_announced",
    "Of penalty {penalty} nothing that the customer announced is open ({status}). Record the customer's document first.",
    Kind.CONFLICT,
)
DISPUTED_MORE = Refusal(
    "penalty.disputed_more",
    "Of penalty {penalty} {limit} is open; {figure} is {excess} more. Dispute at most {limit}.",
)
SETTLED_MORE = Refusal(
    "penalty.settled_more",
    "Of penalty {penalty} {limit} was announced and is open; {document} settles {figure}, {excess} more."
    " Give the reason why more is agreed, or settle at most {limit}.",
)
ENDED_OTHERWISE = Refusal(
    "penalty.ended_otherwise",
    "Penalty {penalty} was settled on {document}; what is settled is not waived. Record the customer's credit instead.",
    Kind.CONFLICT,
)


class PenaltyStatus(StrEnum):
    CALCULATED = "CALCULATED"
    ANNOUNCED = "ANNOUNCED"
    DISPUTED = "DISPUTED"
    SETTLED = "SETTLED"
    WAIVED = "WAIVED"


@dataclass(frozen=True)
class Calculation:
    """What a calculation found. ``rate`` and ``goal`` are exact, such as 9499/10000; None: no rate, no goal.

    ``policy_from`` is the first day of the policy's version, ``policy_digest`` that of its JSON; ``position`` is how much
    of the orders log was known.
    """

    amount: Decimal
    charges: int
    rate: str | None
    goal: str | None
    policy_from: date | None
    policy_digest: str
    position: int


@dataclass
class PenaltyState:
    """``announced`` and ``settled``: amounts by document; ``open`` is announced and neither settled nor waived."""

    partner: str
    policy: str
    period: str
    currency: str
    calculation: Calculation
    status: PenaltyStatus = PenaltyStatus.CALCULATED
    announced: dict[str, Decimal] = field(default_factory=dict)
    settled: dict[str, Decimal] = field(default_factory=dict)
    open: Decimal = ZERO
    disputed: Decimal = ZERO
    dispute_reason: str = ""


class Penalty(Aggregate[PenaltyState]):
    """The penalty under one policy for one period."""

    KIND = "penalty"
    STATE = PenaltyState
    STATE_VERSION = 1

    class Calculated(Aggregate.Created):
        TYPE = "penalty.calculated/1"
        partner: str
        policy: str
        period: str
        currency: str
        calculation: Calculation

        def apply(self, penalty: Penalty) -> None:
            penalty.state = PenaltyState(self.partner, self.policy, self.period, self.currency, self.calculation)

    class Recalculated(Aggregate.Event):
        """The period's lines, or the policy, read otherwise now."""

        TYPE = "penalty.recalculated/1"
        calculation: Calculation
        reason: str

        def apply(self, penalty: Penalty) -> None:
            penalty.state.calculation = self.calculation

    class AnnouncedByCustomer(Aggregate.Event):
        TYPE = "penalty.announced_by_customer/1"
        document: str
        amount: Decimal
        announced_on: date

        def apply(self, penalty: Penalty) -> None:
            penalty.state.announced[self.document] = self.amount
            penalty.state.open += self.amount
            penalty.state.status = PenaltyStatus.DISPUTED if penalty.state.disputed else PenaltyStatus.ANNOUNCED

    class Disputed(Aggregate.Event):
        """``amount`` of what is open is not accepted; in place of what was disputed before."""

        TYPE = "penalty.disputed/1"
        amount: Decimal
        reason: str
        by: str

        def apply(self, penalty: Penalty) -> None:
            penalty.state.disputed = self.amount
            penalty.state.dispute_reason = self.reason
            penalty.state.status = PenaltyStatus.DISPUTED

    class Settled(Aggregate.Event):
        """``amount`` was agreed for ``announced``, all that was open; ``reason`` where it is more."""

        TYPE = "penalty.settled/1"
        document: str
        amount: Decimal
        announced: Decimal
        settled_on: date
        reason: str

        def apply(self, penalty: Penalty) -> None:
            penalty.state.settled[self.document] = self.amount
            _end(penalty.state, PenaltyStatus.SETTLED)

    class Waived(Aggregate.Event):
        """The customer does not charge it: ``announced``, all that was open, or nothing had been announced."""

        TYPE = "penalty.waived/1"
        announced: Decimal
        reason: str

        def apply(self, penalty: Penalty) -> None:
            _end(penalty.state, PenaltyStatus.WAIVED)

    @staticmethod
    def stream(partner: str, policy: str, period: str) -> str:
        return natural_id("penalty", partner, policy, period)

    @classmethod
    def calculate(cls, *, partner: str, policy: str, period: str, currency: str, found: Calculation) -> Penalty:
        check_currency(currency)
        stream = cls.stream(partner, policy, period)
        _check_calculation(stream, currency, found)
        return cls.begin(
            cls.Calculated, stream, partner=partner, policy=policy, period=period, currency=currency, calculation=found
        )

    def recalculate(self, currency: str, found: Calculation, reason: str) -> None:
        """The same figures again, from whatever position, say nothing new."""
        before = self.state.calculation
        _check_calculation(self.id, self.state.currency, found)
        if currency != self.state.currency:
            raise CURRENCY_DIFFERS(penalty=self.id, limit=self.state.currency, figure=currency)
        if found.position < before.position:
            raise FIGURES_OLDER(penalty=self.id, limit=before.position, figure=found.position)
        if _figures(found) == _figures(before):
            return
        if not reason:
            raise REASON_MISSING(penalty=self.id, limit=before.amount, figure=found.amount)
        self.happened(self.Recalculated, calculation=found, reason=reason)

    def announce(self, document: str, amount: Decimal, announced_on: date) -> None:
        """The customer charges ``amount`` on its ``document``; another document is charged beside it."""
        self._check_amount(document, amount)
        if not self._said("states", self.state.announced, document, amount):
            self.happened(self.AnnouncedByCustomer, document=document, amount=amount, announced_on=announced_on)

    def dispute(self, amount: Decimal, reason: str, by: str) -> None:
        """``amount`` of what is open is not accepted."""
        state = self.state
        if state.open == 0:
            raise NOT_ANNOUNCED(penalty=self.id, status=state.status)
        self._check_amount("the dispute", amount)
        if amount > state.open:
            raise DISPUTED_MORE(penalty=self.id, limit=state.open, figure=amount, excess=amount - state.open)
        if (amount, reason) != (state.disputed, state.dispute_reason):
            self.happened(self.Disputed, amount=amount, reason=reason, by=by)

    def settle(self, document: str, amount: Decimal, settled_on: date, reason: str = "") -> None:
        """``amount`` is agreed for all that is open."""
        self._check_amount(document, amount)
        if self._said("settles", self.state.settled, document, amount):
            return
        limit = self.state.open
        if limit == 0:
            raise NOT_ANNOUNCED(penalty=self.id, status=self.state.status)
        if amount > limit and not reason:
            raise SETTLED_MORE(penalty=self.id, limit=limit, figure=amount, excess=amount - limit, document=document)
        self.happened(
            self.Settled, document=document, amount=amount, announced=limit, settled_on=settled_on, reason=reason
        )

    def waive(self, reason: str) -> None:
        """The customer drops what is open, or says beforehand that it will charge nothing."""
        if self.state.status is PenaltyStatus.SETTLED:
            raise ENDED_OTHERWISE(penalty=self.id, document=list(self.state.settled)[-1])
        if self.state.status is not PenaltyStatus.WAIVED:
            self.happened(self.Waived, announced=self.state.open, reason=reason)

    def _check_amount(self, document: str, amount: Decimal) -> None:
        if amount <= 0:
            raise AMOUNT_NOT_POSITIVE(penalty=self.id, document=document, figure=amount)
        _check_coin(self.id, self.state.currency, amount)

    def _said(self, stated: str, known: dict[str, Decimal], document: str, amount: Decimal) -> bool:
        """Whether the document is known with this figure; another figure is refused."""
        before = known.get(document)
        if before is not None and before != amount:
            raise DOCUMENT_USED_ALREADY(penalty=self.id, document=document, stated=stated, limit=before, figure=amount)
        return before is not None


def _end(state: PenaltyState, status: PenaltyStatus) -> None:
    """Nothing is open any more."""
    state.status, state.open, state.disputed, state.dispute_reason = status, ZERO, ZERO, ""


def _figures(found: Calculation) -> tuple[object, ...]:
    return found.amount, found.charges, found.rate, found.goal, found.policy_from, found.policy_digest


def _check_calculation(penalty: str, currency: str, found: Calculation) -> None:
    if found.amount < 0:
        raise AMOUNT_NEGATIVE(penalty=penalty, figure=found.amount)
    _check_coin(penalty, currency, found.amount)


def _check_coin(penalty: str, currency: str, amount: Decimal) -> None:
    if round_money(amount, currency) != amount:
        raise AMOUNT_TOO_FINE(penalty=penalty, currency=currency, figure=amount)
