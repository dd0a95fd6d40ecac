"""The few checks of a finished document that a map can name but not declare: sums and identities.

Each takes the canonical document and says in sentences what does not add up; none changes the document.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from decimal import Decimal
from typing import Any

Document = dict[str, Any]


def _number(text: str | None) -> Decimal:
    return Decimal(text) if text else Decimal(0)


def line_count_agrees(document: Document) -> Iterator[str]:
    claimed = document["totals"]["lines"]
    if claimed and Decimal(claimed) != len(document["lines"]):
        yield f"the totals say {claimed} lines but there are {len(document['lines'])}"


def quantity_hash_agrees(document: Document) -> Iterator[str]:
    claimed = document["totals"]["hash"]
    total = sum((_number(line["quantity"]) for line in document["lines"]), Decimal(0))
    if claimed and Decimal(claimed) != total:
        yield f"the totals say a quantity of {claimed} but the lines add up to {total:f}"


def splits_add_up(document: Document) -> Iterator[str]:
    for line in document["lines"]:
        if line["splits"] and line["quantity"]:
            split = sum((_number(one["quantity"]) for one in line["splits"]), Decimal(0))
            if split != Decimal(line["quantity"]):
                yield f"line {line['number']} orders {line['quantity']} but its stores add up to {split:f}"


def every_line_has_a_quantity(document: Document) -> Iterator[str]:
    for line in document["lines"]:
        if line["quantity"] is None:
            yield f"line {line['number']} has no quantity"


def entries_explain_themselves(document: Document) -> Iterator[str]:
    """Net = gross - discount + the signed adjustments inside the entry: those explain, they do not deduct
    once more. A sender may have swapped net and gross, or the sign of the adjustments."""
    for entry in document["entries"]:
        if entry["paid"] is None or entry["gross"] is None:
            continue
        net, gross, discount = _number(entry["paid"]), _number(entry["gross"]), _number(entry["discount"])
        adjusted = sum((_number(one["amount"]) for one in entry["adjustments"]), Decimal(0))
        name = f"entry {entry['kind'] or ''} {entry['reference'] or ''}".rstrip()
        if net == gross - discount + adjusted:
            continue
        if gross == net - discount + adjusted:
            yield f"{name}: paid {net} and gross {gross} seem to be swapped"
        elif net == gross - discount - adjusted:
            yield f"{name}: the adjustments of {adjusted} have the opposite sign"
        else:
            rest = net - (gross - discount + adjusted)
            yield (
                f"{name}: paid {net} is not gross {gross} less discount {discount}, adjusted by {adjusted}; "
                f"{rest} is unexplained"
            )


def payment_is_explained(document: Document) -> Iterator[str]:
    """Adjustments beside the entries add to their total; the rest must be seen, never vanish."""
    if document["total"] is None:
        return
    entries = sum((_number(entry["paid"]) for entry in document["entries"]), Decimal(0))
    beside = sum((_number(one["amount"]) for one in document["adjustments"]), Decimal(0))
    residual = Decimal(document["total"]) - entries - beside
    if residual:
        yield (
            f"the payment of {document['total']} is not the sum of its entries {entries} and adjustments "
            f"{beside}; {residual} is unreconciled"
        )


def invoice_total_agrees(document: Document) -> Iterator[str]:
    """The total is authoritative; catch weight and rounded prices make an honest difference."""
    lines, total = document["lines"], document["total"]
    if total is None or not lines or any(line["quantity"] is None or line["price"] is None for line in lines):
        return
    gross = sum((Decimal(line["quantity"]) * Decimal(line["price"]) for line in lines), Decimal(0))
    taxes = sum((_number(one["amount"]) for one in document["taxes"]), Decimal(0))
    taxes += sum((_number(line["tax_amount"]) for line in lines), Decimal(0))
    for allowance in [*document["allowances"], *(one for line in lines for one in line["allowances"])]:
        amount = _number(allowance["amount"])
        gross += -amount if allowance["indicator"] == "A" else amount if allowance["indicator"] == "C" else 0
    difference = Decimal(total) - gross - taxes
    if abs(difference) >= Decimal("0.01"):
        yield f"the invoice total {total} differs by {difference:f} from what its lines add up to"


CHECKS: dict[str, Callable[[Document], Iterable[str]]] = {
    check.__name__: check
    for check in (
        line_count_agrees,
        quantity_hash_agrees,
        splits_add_up,
        every_line_has_a_quantity,
        entries_explain_themselves,
        payment_is_explained,
        invoice_total_agrees,
    )
}
