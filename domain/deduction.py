"""Deduction: an amount a customer kept back with a payment, until it is credited, repaid or written off.

I2 of definitions.md 4.1: amount = credited + voided + outstanding.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

from domain.aggregate import Aggregate, natural_id
from domain.deduction_reasons import DeductionReason
from domain.refusal import Kind, Refusal
from domain.values import ZERO

DEDUCTION_NOT_POSITIVE = Refusal(
    "deduction.not_positive",
    "Deduction {deduction} states {figure}; an amount kept back is above 0. Record a payment or a credit instead.",
)
CREDIT_EXCEEDS_OUTSTANDING = Refusal(
    "deduction.credit_exceeds_outstanding",
    "Deduction {deduction} has {limit} outstanding; credit memo {credit_memo} over {figure} is {excess} more. "
    "Credit at most {limit}.",
)
CREDIT_MEMO_USED_ALREADY = Refusal(
    "deduction.credit_memo_used_already",
    "Credit memo {credit_memo} already resolved {limit} of deduction {deduction}, not {figure}. "
    "Issue another credit memo for the rest.",
    Kind.CONFLICT,
)


@dataclass
class DeductionState:
    company: str
    partner: str
    account: str
    settlement: str
    invoice: str | None
    currency: str
    amount: Decimal
    reason: DeductionReason
    credited: dict[str, Decimal] = field(default_factory=dict)
    voided: Decimal = ZERO

    @property
    def outstanding(self) -> Decimal:
        return self.amount - self.voided - sum(self.credited.values(), ZERO)


class Deduction(Aggregate[DeductionState]):
    """One amount kept back, for one reason."""

    KIND = "deduction"
    STATE = DeductionState
    STATE_VERSION = 1

    class Taken(Aggregate.Created):
        TYPE = "deduction.taken/1"
        company: str
        partner: str
        account: str
        settlement: str
        invoice: str | None
        amount: Decimal
        currency: str
        customer_reason: str
        reason: DeductionReason
        taken_on: date

        def apply(self, deduction: Deduction) -> None:
            deduction.state = DeductionState(
                self.company,
                self.partner,
                self.account,
                self.settlement,
                self.invoice,
                self.currency,
                self.amount,
                self.reason,
            )

    class Credited(Aggregate.Event):
        """``account`` and the memo let the credit account follow without a look-up."""

        TYPE = "deduction.credited/1"
        credit_memo: str
        amount: Decimal
        account: str

        def apply(self, deduction: Deduction) -> None:
            deduction.state.credited[self.credit_memo] = self.amount

    class Voided(Aggregate.Event):
        """``amount`` was still outstanding and is no longer claimed."""

        TYPE = "deduction.voided/1"
        reason: str
        amount: Decimal

        def apply(self, deduction: Deduction) -> None:
            deduction.state.voided += self.amount

    @staticmethod
    def stream(company: str, partner: str, reference: str, n: int) -> str:
        """The ``n``-th amount kept back by the remittance ``reference``."""
        return natural_id("deduction", company, partner, reference, str(n))

    @classmethod
    def take(
        cls,
        stream: str,
        *,
        company: str,
        partner: str,
        account: str,
        settlement: str,
        invoice: str | None,
        amount: Decimal,
        currency: str,
        customer_reason: str,
        reason: DeductionReason,
        taken_on: date,
    ) -> Deduction:
        if amount <= 0:
            raise DEDUCTION_NOT_POSITIVE(deduction=stream, figure=amount)
        return cls.begin(
            cls.Taken,
            stream,
            company=company,
            partner=partner,
            account=account,
            settlement=settlement,
            invoice=invoice,
            amount=amount,
            currency=currency,
            customer_reason=customer_reason,
            reason=reason,
            taken_on=taken_on,
        )

    def credit(self, credit_memo: str, amount: Decimal) -> None:
        """Our share was credited. The same memo again with the same amount says nothing new."""
        if amount <= 0:
            raise DEDUCTION_NOT_POSITIVE(deduction=self.id, figure=amount)
        before = self.state.credited.get(credit_memo)
        if before == amount:
            return
        figures = {"deduction": self.id, "credit_memo": credit_memo, "figure": amount}
        if before is not None:
            raise CREDIT_MEMO_USED_ALREADY(limit=before, **figures)
        outstanding = self.state.outstanding
        if amount > outstanding:
            raise CREDIT_EXCEEDS_OUTSTANDING(limit=outstanding, excess=amount - outstanding, **figures)
        self.happened(self.Credited, credit_memo=credit_memo, amount=amount, account=self.state.account)

    def void(self, reason: str) -> None:
        """The claim falls away, as far as it is unresolved; what was credited stays credited."""
        if self.state.outstanding > 0:
            self.happened(self.Voided, reason=reason, amount=self.state.outstanding)
