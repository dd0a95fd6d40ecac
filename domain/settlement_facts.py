"""A fact of a settlement that came after it was allocated."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from typing import Any

from domain.aggregate import Aggregate
from domain.allocation import Allocation


class PutOnAccount(Aggregate.Event):
    """What it had repaid is not claimed any more: ``amount`` is on account; ``allocations`` is what is left of them."""

    TYPE = "settlement.put_on_account/1"
    amount: Decimal
    allocations: tuple[Allocation, ...]
    account: str

    def apply(self, settlement: Aggregate[Any]) -> None:
        done = settlement.state.proposal
        settlement.state.proposal = replace(
            done, allocations=self.allocations, on_account=done.on_account + self.amount
        )
