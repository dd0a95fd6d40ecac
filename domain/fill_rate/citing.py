"""The events that made a line's contribution: those by which it would be another without them (features X1)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from domain.fill_rate.choices import (
    APPOINTMENTS,
    QuantityBasis,
    QuantityEvidence,
    SplitRule,
    Target,
    WithoutAppointment,
)
from domain.fill_rate.facts import Confirmation, Known
from domain.fill_rate.judging import Judged, JudgedDelivery, Status
from domain.fill_rate.policy import FillRatePolicy
from domain.shipment import ArrivalEvidence

_CONFIRMED = {QuantityBasis.FIRST_CONFIRMED: 0, QuantityBasis.LATEST_CONFIRMED: -1}
_PROMISED = {Target.PROMISED_FIRST: 0, Target.PROMISED_LATEST: -1}
_AMENDED = frozenset({QuantityBasis.AMENDED_AT_CUTOFF, QuantityBasis.LATEST_AMENDED})


@dataclass(frozen=True)
class Cited:
    """One event and what it is to the line: ``role`` such as ordered, amended, arrived, counted."""

    known: Known
    role: str


def cited(judged: Judged, policy: FillRatePolicy) -> tuple[Cited, ...]:
    """In the order of the log; each once, in its first role."""
    found: dict[int, Cited] = {}
    for known, role in (*_of_demand(judged, policy), *_of_deliveries(judged, policy)):
        found.setdefault(known.position, Cited(known, role))
    return tuple(found[position] for position in sorted(found))


def _of_demand(judged: Judged, policy: FillRatePolicy) -> Iterator[tuple[Known, str]]:
    line, rule = judged.line, policy.denominator
    yield line.known, "ordered"
    if judged.status is Status.EXCLUDED or judged.passed:
        for exclusion in line.exclusions:
            if exclusion.code == judged.exclusion:
                yield exclusion.known, "excluded"
    if line.amendments and (rule.quantity_basis in _AMENDED or policy.on_time.target is Target.REQUESTED_CURRENT):
        for amendment in line.amendments:
            yield amendment.known, "amended"
    for confirmation in _confirmations(judged, policy):
        yield confirmation.known, "confirmed"
    for cancellation in line.cancellations:
        yield cancellation.known, "cancelled"


def _confirmations(judged: Judged, policy: FillRatePolicy) -> Iterator[Confirmation]:
    said = judged.line.confirmations
    if not said:
        return
    if policy.denominator.quantity_basis in _CONFIRMED:
        yield said[_CONFIRMED[policy.denominator.quantity_basis]]
    if policy.on_time.target in _PROMISED:
        yield said[_PROMISED[policy.on_time.target]]
    if QuantityEvidence.CONFIRMATION in policy.in_full.quantity_evidence:
        yield said[-1]


def _of_deliveries(judged: Judged, policy: FillRatePolicy) -> Iterator[tuple[Known, str]]:
    for one in judged.deliveries:
        if one.admitted:
            yield from _counted(one)
        if one.admitted or policy.split_deliveries is SplitRule.FIRST_ONLY:  # the others' arrivals say which was first
            yield from _arrived(one, policy)


def _counted(one: JudgedDelivery) -> Iterator[tuple[Known, str]]:
    """What says how much came."""
    delivery = one.delivery
    if one.evidence is QuantityEvidence.RECEIVING_ADVICE:
        for advice in delivery.advices:
            yield advice.known, "counted by the customer"
    elif one.evidence is QuantityEvidence.POD:
        for proof in delivery.proofs:
            yield proof.known, "signed for"
    elif one.evidence is QuantityEvidence.ASN:
        yield delivery.known, "sent"
    for refusal in delivery.refusals:
        yield refusal.known, "refused"


def _arrived(one: JudgedDelivery, policy: FillRatePolicy) -> Iterator[tuple[Known, str]]:
    """What says when it came, and by when it should."""
    delivery, rule = one.delivery, policy.on_time
    kind, at = one.arrived.evidence, one.arrived.at
    for arrival in delivery.arrivals:
        if arrival.evidence is kind and arrival.at == at:
            yield arrival.known, "arrived"
    if kind is ArrivalEvidence.RECEIPT_POSTED:
        for advice in delivery.advices:
            if advice.at == at:
                yield advice.known, "posted"
    if kind is ArrivalEvidence.POD_SIGNED:
        for proof in delivery.proofs:
            if proof.at == at:
                yield proof.known, "signed for"
    booked = delivery.first_appointment if rule.target is Target.APPOINTMENT_FIRST else delivery.latest_appointment
    needs = rule.target in APPOINTMENTS or rule.without_appointment is not WithoutAppointment.IGNORE
    if needs and booked is not None:
        yield booked.known, "slot booked"
