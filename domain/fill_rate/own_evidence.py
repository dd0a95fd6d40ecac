"""Our own rate (definitions 1.1): the same definition measured on our evidence, beside the official figure."""

from __future__ import annotations

from dataclasses import replace

from domain.fill_rate.choices import QuantityEvidence
from domain.fill_rate.facts import Delivery, LineFacts
from domain.fill_rate.policy import FillRatePolicy
from domain.shipment import ArrivalEvidence
from domain.values import Side

# What we can show ourselves, after what the policy asks for: telematics at the gate, the driver's signed paper.
_OURS = (ArrivalEvidence.GATE_ARRIVAL, ArrivalEvidence.POD_SIGNED)


def our_facts(line: LineFacts) -> LineFacts:
    """The line as if the customer had said nothing of what it received and when."""
    return replace(line, deliveries=tuple(_ours(one) for one in line.deliveries if one.quantity is not None))


def _ours(delivery: Delivery) -> Delivery:
    arrivals = tuple(one for one in delivery.arrivals if one.by is Side.SUPPLIER)
    return replace(delivery, arrivals=arrivals, advices=())


def on_our_evidence(policy: FillRatePolicy) -> FillRatePolicy:
    """The same definition where quantities are those signed for, else sent, and arrivals those that we recorded."""
    if QuantityEvidence.CONFIRMATION in policy.in_full.quantity_evidence:
        return policy
    asked = policy.on_time.arrival_evidence
    arrivals = (*asked, *(kind for kind in _OURS if kind not in asked))
    return replace(
        policy,
        in_full=replace(policy.in_full, quantity_evidence=(QuantityEvidence.POD, QuantityEvidence.ASN)),
        on_time=replace(policy.on_time, arrival_evidence=arrivals),
    )
