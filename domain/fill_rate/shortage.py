"""Why a quantity never counted: which part of it by which cause, by facts alone, in a fixed order (features X14).

A rule claims at most what the rules before it have left; what no rule claims is named as such. So the parts always sum to
the quantity. First comes what never left us, then what left and does not count.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import TypeVar

from domain.fill_rate import causes as why
from domain.fill_rate.case import Case, per_unit
from domain.fill_rate.causes import Cause
from domain.fill_rate.choices import Rejection
from domain.fill_rate.demand import NOTHING
from domain.fill_rate.facts import Advice, Arrival, Proof, Refusal
from domain.fill_rate.judging import JudgedDelivery
from domain.values import Side

Claim = tuple[Cause, Fraction]
A = TypeVar("A", Advice, Arrival, Proof, Refusal)

DAMAGE = frozenset({"DAMAGED", "DAMAGE", "BROKEN", "01"})  # 01: X12 element 412, damaged


def missing(case: Case, quantity: Fraction) -> list[Claim]:
    """The parts of a quantity that no delivery brought so that it counts; they sum to it."""
    never_sent = quantity if case.promised_only else min(quantity, case.never_sent)
    rest = why.NOT_CONFIRMED if case.promised_only else why.NOT_SHIPPED
    before = [claim for rule in NEVER_SENT for claim in rule(case)] if never_sent else []
    after = _not_counted(case) if quantity > never_sent else []
    return [*_shared(never_sent, before, rest), *_shared(quantity - never_sent, after, why.UNEXPLAINED)]


def _shared(quantity: Fraction, claims: Iterable[Claim], rest: Cause) -> Iterator[Claim]:
    for cause, claimed in (*claims, (rest, quantity)):
        taken = min(max(claimed, NOTHING), quantity)
        quantity -= taken
        if taken:
            yield cause, taken


# What never left us, in the order of the rules.


def _cancelled_by_customer(case: Case) -> Iterator[Claim]:
    yield why.CUSTOMER_CANCELLED, case.cancelled_by_customer


def _reduced_by_customer(case: Case) -> Iterator[Claim]:
    yield why.CUSTOMER_REDUCED, case.reduced_by_customer


def _held_by_credit(case: Case) -> Iterator[Claim]:
    """What expired or was given up while credit held the order, and what it still held when it had to leave."""
    for one, quantity in case.gone:
        span = case.held_at(one.at)
        if span is not None:
            yield why.held(span), quantity
    span = case.held_at(case.deadline)
    if span is not None:
        gone = sum((quantity for _, quantity in case.gone), NOTHING)
        yield why.held(span), case.never_sent - case.cancelled_by_customer - case.reduced_by_customer - case.cut - gone


def _cut_at_confirmation(case: Case) -> Iterator[Claim]:
    yield why.CUT_AT_CONFIRMATION, case.cut


def _given_up(case: Case) -> Iterator[Claim]:
    for one, quantity in case.gone:
        if case.held_at(one.at) is None and one.by is not None:
            yield (why.CLOSED_SHORT if one.cause == "CLOSED_SHORT" else why.WE_CANCELLED), quantity


def _expired(case: Case) -> Iterator[Claim]:
    for one, quantity in case.gone:
        if case.held_at(one.at) is None and one.by is None:
            yield why.EXPIRED, quantity


NEVER_SENT: tuple[Callable[[Case], Iterator[Claim]], ...] = (
    _cancelled_by_customer,
    _reduced_by_customer,
    _held_by_credit,
    _cut_at_confirmation,
    _given_up,
    _expired,
)


# What left and does not count: by the papers about its delivery, in the order of the rules.


@dataclass(frozen=True)
class _Papers:
    """What the papers say of one delivery, in the unit first ordered; ``sent`` is what it carried of the want."""

    case: Case
    each: JudgedDelivery
    sent: Fraction

    def _so_far(self, papers: Iterable[A]) -> list[A]:
        return [one for one in papers if one.at <= self.case.at]

    def _sum(self, quantities: Iterable[Decimal | None]) -> Fraction:
        whole = sum((Fraction(one or 0) for one in quantities), NOTHING)
        return whole * per_unit(self.case.line, self.each.delivery)

    @property
    def signed_for(self) -> Fraction | None:
        """None without a proof of delivery."""
        proofs = self._so_far(self.each.delivery.proofs)
        return self._sum(one.quantity for one in proofs) if proofs else None

    @property
    def advised(self) -> bool:
        return bool(self._so_far(self.each.delivery.advices))

    @property
    def named(self) -> bool:
        """An advice speaks of the line."""
        return any(one.accepted is not None for one in self._so_far(self.each.delivery.advices))

    @property
    def received(self) -> Fraction:
        return self._sum(one.received for one in self._so_far(self.each.delivery.advices) if not one.of_item)

    @property
    def accepted(self) -> Fraction:
        return self._sum(one.accepted for one in self._so_far(self.each.delivery.advices) if not one.of_item)

    @property
    def refused(self) -> list[tuple[Refusal, Fraction]]:
        return [(one, self._sum([one.quantity])) for one in self._so_far(self.each.delivery.refusals)]

    @property
    def seen(self) -> bool:
        """Some record says that it arrived."""
        return bool(self._so_far(self.each.delivery.arrivals))


def _refused(papers: _Papers, left: Fraction) -> Iterator[Claim]:
    """At our fault; what the customer received and did not accept is refused too, whether or not it is written down."""
    for one, quantity in papers.refused:
        if one.fault is Side.SUPPLIER:
            yield (why.DAMAGED if one.reason.upper() in DAMAGE else why.REFUSED_OUR_FAULT), quantity
    written = sum((quantity for _, quantity in papers.refused), NOTHING)
    yield why.REFUSED_OUR_FAULT, papers.received - papers.accepted - written


def _refused_by_customer(papers: _Papers, left: Fraction) -> Iterator[Claim]:
    if papers.case.asking.policy.in_full.rejection is Rejection.COUNT_NONE:
        for one, quantity in papers.refused:
            if one.fault is Side.CUSTOMER:
                yield why.REFUSED_BY_CUSTOMER, quantity


def _broken_cases(papers: _Papers, left: Fraction) -> Iterator[Claim]:
    """Accepted, but no whole case; of a line in parts it cannot be told which of them it was."""
    if papers.case.asking.policy.in_full.whole_cases_only and len(papers.case.parts) == 1:
        came = papers.accepted if papers.named else papers.signed_for or NOTHING
        yield why.BROKEN_CASE, min(came, papers.sent) - papers.each.quantity


def _on_the_way(papers: _Papers, left: Fraction) -> Iterator[Claim]:
    """Nobody signed for it, and the customer did not count it."""
    lost = why.carried(why.LOST_IN_TRANSIT, papers.case.line)
    if papers.signed_for is not None:
        yield lost, papers.sent - papers.signed_for
    elif papers.advised or not papers.seen:
        yield lost, left


def _by_receipt(papers: _Papers, left: Fraction) -> Iterator[Claim]:
    """Signed for, or seen to arrive, and counted less by the customer, or not at all."""
    if not papers.advised:
        yield why.NO_RECEIPT, left
    else:
        yield (why.RECEIPT_DIFFERS if papers.named else why.NOT_ON_ADVICE), left


DOES_NOT_COUNT: tuple[Callable[[_Papers, Fraction], Iterator[Claim]], ...] = (
    _refused,
    _refused_by_customer,
    _broken_cases,
    _on_the_way,
    _by_receipt,
)


def _not_counted(case: Case) -> list[Claim]:
    """What every delivery lacks of what it carried, the causes of all deliveries in the order of the rules."""
    found: list[tuple[int, Claim]] = []
    for each, sent in case.sent:
        papers, left = _Papers(case, each, sent), sent - each.quantity
        if not left:
            continue
        for rank, rule in enumerate(DOES_NOT_COUNT):
            for cause, claimed in rule(papers, left):
                taken = min(max(claimed, NOTHING), left)
                left -= taken
                found.append((rank, (cause, taken)))
    return [claim for _, claim in sorted(found, key=lambda each: each[0])]
