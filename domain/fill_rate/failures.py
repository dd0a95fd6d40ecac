"""Failed lines: what was missed of each, why, whose fault it was, and the money at stake (features X14).

Who names the cause, in this order:

1. a person's finding on the line, the latest one;
2. the customer's grant of an exclusion that the policy does not take out by itself;
3. a logistic parameter that the order broke and that is agreed as excused: from the parameters alone;
4. the rules on facts: ``shortage`` for what did not come, ``lateness`` for what came too early or too late. A parameter
   that was broken and is not excused makes the fault of our side a fault of both.

The shares of a line sum exactly to what was missed of it, so whatever the parties are, together they are all of it.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

from domain.fill_rate import causes as why
from domain.fill_rate.case import Case
from domain.fill_rate.causes import Cause
from domain.fill_rate.choices import Condition
from domain.fill_rate.credit import Contribution
from domain.fill_rate.demand import NOTHING
from domain.fill_rate.facts import CauseFound, LineFacts
from domain.fill_rate.judging import Asking, Judged
from domain.fill_rate.lateness import not_in_time
from domain.fill_rate.misses import Key, Kind, Miss, Piece, lost, misses
from domain.fill_rate.parameters import CUSTOMER_NUMBERS, ParametersOf, excuses
from domain.fill_rate.shortage import DAMAGE, missing
from domain.order_findings import Party
from domain.values import Side, round_money


@dataclass(frozen=True, slots=True)
class Share:
    """A part of what was missed of a line, in its ordered unit."""

    kind: Kind
    quantity: Fraction
    cause: Cause


@dataclass(frozen=True, slots=True)
class FailedLine:
    """A want that failed. ``counted`` and ``missed`` are in the ordered unit and together all that the metric asks of it; of
    a line that fails because too much came, ``missed`` is what came too much.

    ``lost`` is what the figure lost by it. ``broken`` are the logistic parameters that its order broke, ``claimed`` the
    exclusions that we claim and nobody granted. ``excused``: the net figure does not hold it against us.
    """

    judged: Judged
    counted: Fraction
    missed: Fraction
    money: Decimal
    lost: Fraction
    shares: tuple[Share, ...]
    finding: CauseFound | None = None
    broken: tuple[str, ...] = ()
    claimed: tuple[str, ...] = ()
    excused: bool = False

    @property
    def key(self) -> Key:
        return self.judged.want.key

    @property
    def ordered(self) -> Fraction:
        return self.judged.d

    @property
    def kinds(self) -> tuple[Kind, ...]:
        """How it failed, what leads first."""
        said = {share.kind for share in self.shares}
        return tuple(kind for kind in Kind if kind in said)

    @property
    def parties(self) -> dict[Party, Fraction]:
        """The part of what was missed that each party is at fault for; they sum to 1."""
        return _by_party((share.cause.party, share.quantity / self.missed) for share in self.shares)


def failed_lines(
    parts: Sequence[Contribution], asking: Asking, parameters: ParametersOf, lines: Iterable[LineFacts] = ()
) -> tuple[FailedLine, ...]:
    """One row for every want that fails under the policy's metric, in the order given.

    ``lines`` are all lines of the orders, where some of their wants were filtered out: whether an order reaches its minimum
    needs all of it. ``asking.calendars`` hold those that the parameters name, too.
    """
    of_line: dict[tuple[str, str], list[Judged]] = {}
    of_order: dict[str, dict[str, LineFacts]] = {}
    for part in parts:
        of_line.setdefault((part.judged.line.order, part.judged.line.number), []).append(part.judged)
    for line in (*(part.judged.line for part in parts), *lines):
        of_order.setdefault(line.order, {})[line.number] = line
    failed = misses(parts, asking.policy)
    lost_by = lost(parts, failed, asking.policy)
    made: list[FailedLine] = []
    for miss in failed:
        line = miss.one.line
        case = Case(miss.one, of_line[line.order, line.number], asking, parameters(line))
        made.append(_row(miss, case, tuple(of_order[line.order].values()), lost_by[miss.key]))
    return tuple(made)


def party_totals(failed: Iterable[FailedLine]) -> dict[Party, Fraction] | None:
    """The part of what the figure lost that each party is at fault for; they sum to 1. None where nothing was missed."""
    rows = list(failed)
    whole = sum((row.lost for row in rows), NOTHING)
    if not whole:
        return None
    return _by_party((party, part * row.lost / whole) for row in rows for party, part in row.parties.items())


def _by_party(said: Iterable[tuple[Party, Fraction]]) -> dict[Party, Fraction]:
    found = dict.fromkeys(Party, NOTHING)
    for party, part in said:
        found[party] += part
    return found


def _row(miss: Miss, case: Case, order_lines: Sequence[LineFacts], lost_by: Fraction) -> FailedLine:
    line, at = case.line, case.at
    finding = next((said for said in reversed(line.causes) if said.known.at <= at), None)
    exclusions = [said for said in line.exclusions if said.known.at <= at]
    grants = [said.code for said in exclusions if said.granted_by is Side.CUSTOMER]
    broken = excuses(line, order_lines, case.parameters, case.asking.calendars, asked=case.one.want.asked, at=at)
    forgiven = case.parameters is None or case.parameters.excused
    named = _named(finding, grants, broken if forgiven else ())
    return FailedLine(
        judged=miss.one,
        counted=miss.counted,
        missed=miss.quantity,
        money=worth(line, miss.quantity),
        lost=lost_by,
        shares=_shares(miss.pieces, case, named, broken),
        finding=finding,
        broken=broken,
        claimed=tuple(said.code for said in exclusions if said.granted_by is Side.SUPPLIER),
        excused=bool(grants) or (forgiven and _excuses(finding, broken)),
    )


def _named(finding: CauseFound | None, grants: Sequence[str], broken: Sequence[str]) -> Cause | None:
    """The cause of all that was missed, where it does not take the facts of the deliveries to know it."""
    if finding is not None:
        return why.found(finding)
    if grants:
        return why.granted(grants[0])
    return why.excused_by(broken[0]) if broken else None


def _excuses(finding: CauseFound | None, broken: Sequence[str]) -> bool:
    """A person may find that an order broke its parameters, or that the miss had nothing to do with it."""
    if finding is None:
        return bool(broken)
    return finding.fault == Party.CUSTOMER and finding.cause in CUSTOMER_NUMBERS


def _shares(pieces: Iterable[Piece], case: Case, named: Cause | None, broken: Sequence[str]) -> tuple[Share, ...]:
    """The parts by kind and cause; several parts of one cause are one."""
    merged: dict[tuple[Kind, Cause], Fraction] = {}
    for piece in pieces:
        claims = [(named, piece.quantity)] if named is not None else _by_facts(piece, case, broken)
        for cause, quantity in claims:
            merged[piece.kind, cause] = merged.get((piece.kind, cause), NOTHING) + quantity
    return tuple(Share(kind, quantity, cause) for (kind, cause), quantity in merged.items())


def _by_facts(piece: Piece, case: Case, broken: Sequence[str]) -> list[tuple[Cause, Fraction]]:
    found = _claims(piece, case)
    return [(why.with_breach(cause, broken[0]), quantity) for cause, quantity in found] if broken else found


def _claims(piece: Piece, case: Case) -> list[tuple[Cause, Fraction]]:
    match piece.kind:
        case Kind.OVER:
            return [(why.OVER_DELIVERED, piece.quantity)]
        case Kind.CONDITION:
            return [(_condition_failed(case), piece.quantity)]
    if piece.each is None:
        return missing(case, piece.quantity)
    late = piece.kind in (Kind.LATE, Kind.EARLY)
    return [(not_in_time(case, piece.each) if late else why.LATER_DELIVERY, piece.quantity)]


def _condition_failed(case: Case) -> Cause:
    """Damage, where the policy asks for none and some is on record; else the papers."""
    said = {
        word.upper()
        for each in case.one.deliveries
        for word in (
            *(refusal.reason for refusal in each.delivery.refusals), *(one.condition or "" for one in each.delivery.advices),
        )
    }
    damaged = Condition.UNDAMAGED in case.asking.policy.conditions and said & DAMAGE
    return why.DAMAGED if damaged else why.PAPERS_MISSING


def worth(line: LineFacts, quantity: Fraction) -> Decimal:
    """A quantity at the line's price, rounded once."""
    price = Fraction(line.original.unit_price) / Fraction(line.original.price_per) if line.original.price_per else NOTHING
    return round_money(quantity * price, line.currency)
