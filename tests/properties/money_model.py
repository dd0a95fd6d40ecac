"""What the money machine compares with: what was done to which document by which other one, and nothing else.

Plain sums over lists; nothing of the service is imported.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from decimal import ROUND_DOWN, Decimal

D = Decimal
CENT = D("0.01")


@dataclass
class Bill:
    """An invoice (or, with a gross below zero, a credit memo): ``uses`` are (by, paid, given up, kept back, credited)."""

    payer: str
    gross: Decimal
    uses: list[tuple[str, Decimal, Decimal, Decimal, Decimal]] = field(default_factory=list)
    credited: Decimal = Decimal(0)  # ever, also where the memo is unapplied again: nothing is credited twice

    @property
    def open(self) -> Decimal:
        return self.gross - sum((sum(use[1:]) for use in self.uses), D(0))  # type: ignore[arg-type]

    @property
    def kept_back(self) -> Decimal:
        return sum((use[3] for use in self.uses), D(0))

    def without(self, by: str) -> None:
        self.uses = [use for use in self.uses if use[0] != by]


@dataclass
class Back:
    """What was kept back of ``bill`` by ``payment``: ``ends`` are (how, by, amount).

    ``claims``: what disputes claim again of it, since the repayment that had resolved them bounced.
    """

    bill: str
    payment: str
    amount: Decimal
    ends: list[tuple[str, str, Decimal]] = field(default_factory=list)
    void: bool = False
    through: dict[str, str] = field(default_factory=dict)
    claims: dict[str, Decimal] = field(default_factory=dict)

    @property
    def left(self) -> Decimal:
        return D(0) if self.void else self.amount - sum((end[2] for end in self.ends), D(0))

    @property
    def written_off(self) -> Decimal:
        return D(0) if self.void else sum((end[2] for end in self.ends if end[0] == "write off"), D(0))

    @property
    def free(self) -> Decimal:
        return self.left - sum(self.claims.values(), D(0))


@dataclass
class Cash:
    payer: str
    amount: Decimal
    rest: Decimal
    void: bool = False


def within_tolerance(difference: Decimal, of: Decimal) -> bool:
    return difference <= edge_of_tolerance(of)


def edge_of_tolerance(of: Decimal) -> Decimal:
    """The last whole cent within it."""
    return min(D("10.00"), of * D("0.5") / 100).quantize(CENT, ROUND_DOWN)
