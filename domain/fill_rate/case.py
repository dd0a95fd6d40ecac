"""A want that was missed, with the facts that explain it: what was sent, what was taken out, by when it had to leave."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from fractions import Fraction
from functools import cached_property
from zoneinfo import ZoneInfo

from domain.fill_rate.allocation import in_order
from domain.fill_rate.choices import Keep, QuantityBasis, QuantityEvidence
from domain.fill_rate.demand import NOTHING, confirmed, demand, each_factor, share_of
from domain.fill_rate.facts import Cancellation, Delivery, HoldSpan, LineFacts
from domain.fill_rate.judging import Asking, Judged, JudgedDelivery
from domain.fill_rate.parameters import LogisticParameters
from domain.fill_rate.policy import Cancellation as Kept
from domain.fill_rate.policy import Denominator
from domain.fill_rate.windows import Window, start_of
from domain.values import Side

DAY = timedelta(days=1)


@dataclass(frozen=True)
class Case:
    """``parts``: the judged wants of the line, ``one`` among them."""

    one: Judged
    parts: Sequence[Judged]
    asking: Asking
    parameters: LogisticParameters | None = None

    @property
    def line(self) -> LineFacts:
        return self.one.line

    @property
    def at(self) -> datetime:
        return self.asking.at

    @property
    def zone(self) -> str:
        named = self.asking.policy.on_time.time_zone
        return self.one.want.zone if named == "SHIP_TO" else named

    @property
    def transit_days(self) -> int | None:
        return self.parameters.transit_days if self.parameters is not None else None

    @property
    def promised_only(self) -> bool:
        """The policy measures what was confirmed, not what came."""
        return QuantityEvidence.CONFIRMATION in self.asking.policy.in_full.quantity_evidence

    @cached_property
    def sent(self) -> list[tuple[JudgedDelivery, Fraction]]:
        """What was sent for the want with each delivery: at its place, by the days, up to what each part lacks."""
        lacking = [one.d for one in self.parts]
        own = next(n for n, one in enumerate(self.parts) if one is self.one)
        found: list[tuple[JudgedDelivery, Fraction]] = []
        for each in self.one.deliveries:
            left_at = each.delivery.dispatched_at
            if left_at is not None and left_at > self.at:
                continue
            shares = _shares(shipped(self.line, each.delivery, self.at), each.delivery, self.parts, lacking)
            lacking = [max(left - share, NOTHING) for left, share in zip(lacking, shares, strict=True)]
            found.append((each, max(shares[own], each.quantity)))
        return found

    @cached_property
    def never_sent(self) -> Fraction:
        return max(self.one.d - sum((quantity for _, quantity in self.sent), NOTHING), NOTHING)

    # What of D was not to be sent.

    @cached_property
    def cancelled_by_customer(self) -> Fraction:
        """Cancelled, and yet counted by the policy."""
        if not self.line.cancellations:
            return NOTHING
        kept = self._rule.cancellation
        out = replace(kept, customer_before_cutoff=Keep.EXCLUDE, customer_after_cutoff=Keep.EXCLUDE)
        return max(self._demand(self._rule) - self._demand(replace(self._rule, cancellation=out)), NOTHING)

    @cached_property
    def reduced_by_customer(self) -> Fraction:
        """Taken off by a change that the policy does not follow."""
        if not self.line.amendments:
            return NOTHING
        latest = replace(self._rule, quantity_basis=QuantityBasis.LATEST_AMENDED)
        return max(self._demand(self._rule) - self._demand(latest), NOTHING)

    @cached_property
    def cut(self) -> Fraction:
        """What we last promised less than what is wanted; nothing where nothing was promised at all."""
        said = [one for one in self.line.confirmations if one.known.at <= self.at]
        if not said:
            return NOTHING
        wanted = self.one.d - self.cancelled_by_customer - self.reduced_by_customer
        return max(wanted - share_of(self.one.want, confirmed(said[-1])), NOTHING)

    @cached_property
    def gone(self) -> list[tuple[Cancellation, Fraction]]:
        """What each cancellation of ours and each expiry took of what we had promised, as far as the policy counts it."""
        if not self.line.cancellations:
            return []
        kept = self._rule.cancellation
        keeps = {Side.SUPPLIER: kept.supplier, None: kept.auto_expiry}
        out = replace(self._rule, cancellation=Kept(supplier=Keep.EXCLUDE, auto_expiry=Keep.EXCLUDE))
        said = [one for one in self.line.cancellations if one.at <= self.at]
        left = [self._demand(out, said[:n]) for n in range(len(said) + 1)]
        promised, found = self.cut, []
        for n, one in enumerate(said):
            quantity = left[n] - left[n + 1]
            if keeps.get(one.by) is Keep.KEEP:
                before = min(promised, quantity)
                promised -= before
                found.append((one, quantity - before))
        return found

    @property
    def _rule(self) -> Denominator:
        return self.asking.policy.denominator

    def _demand(self, rule: Denominator, cancellations: Sequence[Cancellation] | None = None) -> Fraction:
        want = self.one.want
        if cancellations is not None:
            want = replace(want, line=replace(self.line, cancellations=tuple(cancellations)))
        return demand(want, rule, self.at)

    # By when it had to leave.

    @cached_property
    def deadline(self) -> datetime:
        """The end of the last day on which it could leave and come in time; the moment asked about, if that is earlier."""
        leave_by = last_day(self.one.window, self.zone) - (self.transit_days or 0) * DAY
        return min(start_of(leave_by + DAY, self.zone), self.at)

    def held_at(self, moment: datetime) -> HoldSpan | None:
        """The credit hold that the order was under just before the moment."""
        for span in self.line.holds:
            if span.since.at < moment and (span.until is None or span.until.at >= moment):
                return span
        return None

    def local_day(self, moment: datetime) -> date:
        return moment.astimezone(ZoneInfo(self.zone)).date()


def last_day(window: Window, zone: str) -> date:
    """The last day of a window at the place."""
    local = window.closes.astimezone(ZoneInfo(zone)).date()
    return local if window.closed else local - DAY


def per_unit(line: LineFacts, delivery: Delivery) -> Fraction:
    """Units first ordered in a unit shipped, through eaches; 1 unless the customer changed the unit."""
    if not line.amendments or not delivery.quantity or delivery.base_quantity is None:
        return Fraction(1)
    return Fraction(delivery.base_quantity) / each_factor(line.original) / Fraction(delivery.quantity)


def shipped(line: LineFacts, delivery: Delivery, at: datetime) -> Fraction:
    """What the delivery carried of the line, in the unit first ordered; where we announced nothing, what the papers show."""
    quantity = delivery.quantity
    if quantity is None:
        advised = sum(one.received or 0 for one in delivery.advices if one.at <= at and not one.of_item)
        quantity = max(sum(one.quantity for one in delivery.proofs if one.at <= at), advised) or None
    return Fraction(quantity or 0) * per_unit(line, delivery)


def _shares(
    quantity: Fraction, delivery: Delivery, parts: Sequence[Judged], lacking: Sequence[Fraction]
) -> list[Fraction]:
    if len(parts) == 1:
        return [quantity]
    places = [one.want.asked.ship_to for one in parts]
    here = [n for n, place in enumerate(places) if delivery.ship_to in (None, place)] or [*range(len(parts))]
    meant = sorted(here, key=lambda n: (parts[n].want.asked.requested_on, n))
    found = dict(zip(meant, in_order(quantity, [lacking[n] for n in meant]), strict=True))
    return [found.get(n, NOTHING) for n in range(len(parts))]

