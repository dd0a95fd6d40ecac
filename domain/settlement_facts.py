"""Facts of a settlement that came after it was allocated."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

from domain.aggregate import Aggregate
from domain.allocation import Allocation, DeductionTaken, Proposal
from domain.values import ZERO


class PutOnAccount(Aggregate.Event):
    """What it had repaid is not claimed any more: ``amount`` is on account; ``allocations`` is what is left of them."""

    TYPE = "settlement.put_on_account/1"
    amount: Decimal
    allocations: tuple[Allocation, ...]
    account: str

    def apply(self, settlement: Aggregate[Any]) -> None:
        done = settlement.state.done
        settlement.state.proposal = replace(
            done, allocations=self.allocations, on_account=done.on_account + self.amount
        )
        settlement.state.further = ()


class AllocatedFromAccount(Aggregate.Event):
    """``amount`` that was on account pays documents, from ``on``. ``why``: CLERK, ADVICE, EXACT_SUM.

    ``cleared`` left the receivable and ``credits_used`` the unapplied credits; ``repaid``: by deduction, what of it was for
    an amount that had been kept back earlier.
    """

    TYPE = "settlement.allocated_from_account/1"
    allocations: tuple[Allocation, ...]
    deductions: tuple[DeductionTaken, ...]
    amount: Decimal
    account: str
    cleared: Decimal
    credits_used: Decimal
    on: date
    why: str
    repaid: dict[str, Decimal]

    def apply(self, settlement: Aggregate[Any]) -> None:
        state = settlement.state
        state.further = (*state.further, Proposal(self.allocations, self.deductions, -self.amount, ZERO))
        for name, amount in self.repaid.items():
            state.repaid[name] = state.repaid.get(name, ZERO) + amount


class FoundOnBank(Aggregate.Event):
    """The bank's statement shows the money: ``entry`` is the line, ``by`` who matched them."""

    TYPE = "settlement.found_on_bank/1"
    entry: str
    by: str

    def apply(self, settlement: Aggregate[Any]) -> None:
        settlement.state.bank_entry, settlement.state.banked_by = self.entry, self.by


class NotOnBank(Aggregate.Event):
    """That line was another payment's."""

    TYPE = "settlement.not_on_bank/1"
    entry: str

    def apply(self, settlement: Aggregate[Any]) -> None:
        settlement.state.bank_entry, settlement.state.banked_by = None, ""
