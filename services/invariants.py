"""What always holds of an aggregate, checked over the whole log by ``o2c verify`` (reliability.md 1.4, 4-7)."""

from __future__ import annotations

from domain.credit_account import CreditAccount
from domain.deduction import Deduction
from domain.dispute.dispute import Dispute
from domain.invoice import Invoice
from domain.order import Order
from domain.shipment import Shipment
from domain.values import ZERO
from services.event_log.json_form import AnyAggregate


def violations_of(aggregate: AnyAggregate) -> list[str]:
    """Sentences for what does not hold; none for kinds without figures."""
    match aggregate:
        case Order():
            return _order(aggregate)
        case Shipment():
            return _shipment(aggregate)
        case Invoice():
            return _invoice(aggregate)
        case CreditAccount():
            return _credit_account(aggregate)
        case Deduction() | Dispute():
            return _deduction(aggregate) if isinstance(aggregate, Deduction) else _dispute(aggregate)
    return []


def _order(order: Order) -> list[str]:
    """Quantities: what was ordered is open, gone or dispatched, and nothing else."""
    found = []
    for number, line in order.state.lines.items():
        accounted = line.open + line.gone + line.dispatched
        if line.quantity + line.over != accounted:
            found.append(f"line {number}: ordered {line.quantity} and over {line.over}, accounted for {accounted}")
    return found


def _shipment(shipment: Shipment) -> list[str]:
    """What was presented or refused never exceeds what was shipped."""
    state = shipment.state
    shipped: dict[tuple[str, str], object] = {}
    found = []
    for line in state.lines:
        shipped[line.key] = line.quantity
    for documents, word in ((state.deliveries, "presented"), (state.refused_in, "refused")):
        totals = dict.fromkeys(shipped, ZERO)
        for lines in documents.values():
            for part in lines:
                totals[(part.order, part.line)] = totals.get((part.order, part.line), ZERO) + part.quantity
        for key, total in totals.items():
            if key not in shipped or total > shipped[key]:  # type: ignore[operator]
                found.append(f"{word} {total} of {key[0]} line {key[1]}, shipped {shipped.get(key, ZERO)}")
    return found


def _invoice(invoice: Invoice) -> list[str]:
    """Money: open is what was billed less what was applied, and never beyond it."""
    state = invoice.state
    found = []
    if not state.voided and state.gross - state.applied.total != state.open:
        found.append(f"gross {state.gross} less applied {state.applied.total} is not open {state.open}")
    if state.open * state.gross < 0 or abs(state.open) > abs(state.gross):
        found.append(f"open {state.open} lies outside gross {state.gross}")
    return found


def _credit_account(account: CreditAccount) -> list[str]:
    """Conservation: reserved amounts are the sum of the orders', account by account and currency by currency."""
    state = account.state
    found = []
    for book in (state, *state.members.values()):
        for currency, stages in book.amounts().items():
            reserved = sum(
                (
                    kept.amount for kept in state.orders.values()
                    if (kept.account or state.account) == book.account and (kept.currency or book.currency) == currency
                ),
                ZERO,
            )
            if reserved != stages.open_orders:
                found.append(
                    f"{book.account}: orders reserve {reserved} {currency}, the stage of open orders holds {stages.open_orders}"
                )
    found += [f"{order} reserves {c.amount}" for order, c in state.orders.items() if c.amount < 0]
    return found


def _deduction(deduction: Deduction) -> list[str]:
    """I2: credited, repaid, written off, voided and outstanding make up the amount; disputes claim no more than is left."""
    state = deduction.state
    found = []
    if state.outstanding < 0 or state.voided < 0:
        found.append(f"of {state.amount} are outstanding {state.outstanding}, voided {state.voided}")
    if state.free < 0 or any(part < 0 for part in state.disputed.values()):
        found.append(f"outstanding {state.outstanding} is claimed by disputes {state.disputed}")
    return found


def _dispute(dispute: Dispute) -> list[str]:
    """I2 for each claim; I9: the parts of a verdict that still stands make up the claim."""
    state = dispute.state
    found = [f"{name}: outstanding {one.outstanding}" for name, one in state.claims.items() if one.outstanding < 0]
    if state.judged is not None and state.judged.shares.total != state.claimed:
        found.append(f"claims {state.claimed}, the verdict's parts come to {state.judged.shares.total}")
    return found
