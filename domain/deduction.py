"""Deduction: an amount a customer kept back with a payment, until it is credited, repaid or written off.

I2 of definitions.md 4.1: amount = credited + repaid + written off + voided + outstanding. Of what is outstanding, disputes
claim their parts; a posting of a dispute lessens its part.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

from domain.aggregate import Aggregate, natural_id
from domain.deduction_reasons import DeductionReason
from domain.deduction_refusals import (
    CREDIT_EXCEEDS_OUTSTANDING,
    CREDIT_MEMO_USED_ALREADY,
    DEDUCTION_NOT_POSITIVE,
    DISPUTED_MORE,
    IN_DISPUTE,
)
from domain.values import ZERO


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
    repaid: dict[str, Decimal] = field(default_factory=dict)  # by settlement
    written_off: dict[str, Decimal] = field(default_factory=dict)  # by document
    disputed: dict[str, Decimal] = field(default_factory=dict)  # by dispute: what it claims of the outstanding
    through: dict[str, str] = field(default_factory=dict)  # document that resolved a part -> the dispute that posted it

    @property
    def resolved(self) -> Decimal:
        return sum((sum(part.values(), ZERO) for part in (self.credited, self.repaid, self.written_off)), ZERO)

    @property
    def outstanding(self) -> Decimal:
        return self.amount - self.voided - self.resolved

    @property
    def free(self) -> Decimal:
        """What is outstanding and no dispute claims."""
        return self.outstanding - sum(self.disputed.values(), ZERO)

    def lessen(self, dispute: str, amount: Decimal, document: str = "") -> None:
        """A posting of the dispute resolved ``amount`` of its part; below 0 it is claimed again."""
        if dispute:
            if document:
                self.through[document] = dispute
            self.disputed[dispute] = self.disputed.get(dispute, ZERO) - amount
            if not self.disputed[dispute]:
                del self.disputed[dispute]


class Deduction(Aggregate[DeductionState]):
    """One amount kept back, for one reason."""

    KIND = "deduction"
    STATE = DeductionState
    STATE_VERSION = 2

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
        dispute: str = ""

        def apply(self, deduction: Deduction) -> None:
            deduction.state.credited[self.credit_memo] = self.amount
            deduction.state.lessen(self.dispute, self.amount, self.credit_memo)

    class Disputed(Aggregate.Event):
        """``dispute`` claims ``amount`` of what is outstanding from now on; 0: nothing any more."""

        TYPE = "deduction.disputed/1"
        dispute: str
        amount: Decimal

        def apply(self, deduction: Deduction) -> None:
            deduction.state.disputed[self.dispute] = self.amount
            deduction.state.lessen(self.dispute, ZERO)

    class Repaid(Aggregate.Event):
        """The customer paid ``amount`` of it after all, with ``settlement``."""

        TYPE = "deduction.repaid/1"
        settlement: str
        amount: Decimal
        account: str
        dispute: str = ""

        def apply(self, deduction: Deduction) -> None:
            deduction.state.repaid[self.settlement] = self.amount
            deduction.state.lessen(self.dispute, self.amount, self.settlement)

    class RepaymentReversed(Aggregate.Event):
        """``settlement`` bounced: what it repaid is outstanding again."""

        TYPE = "deduction.repayment_reversed/1"
        settlement: str
        amount: Decimal
        account: str
        dispute: str = ""

        def apply(self, deduction: Deduction) -> None:
            deduction.state.repaid.pop(self.settlement, None)
            deduction.state.lessen(self.dispute, -self.amount)

    class WrittenOff(Aggregate.Event):
        """``amount`` is given up; ``account`` lets the credit account follow."""

        TYPE = "deduction.written_off/1"
        document: str
        amount: Decimal
        account: str
        dispute: str = ""

        def apply(self, deduction: Deduction) -> None:
            deduction.state.written_off[self.document] = self.amount
            deduction.state.lessen(self.dispute, self.amount, self.document)

    class WriteOffReversed(Aggregate.Event):
        """What was given up is no longer: the claim itself fell away."""

        TYPE = "deduction.write_off_reversed/1"
        document: str
        amount: Decimal
        account: str
        dispute: str = ""

        def apply(self, deduction: Deduction) -> None:
            deduction.state.written_off.pop(self.document, None)
            deduction.state.lessen(self.dispute, -self.amount)

    class Voided(Aggregate.Event):
        """``amount`` was still outstanding and is no longer claimed."""

        TYPE = "deduction.voided/1"
        reason: str
        amount: Decimal

        def apply(self, deduction: Deduction) -> None:
            deduction.state.voided += self.amount
            deduction.state.disputed = {}

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

    def claim(self, dispute: str, amount: Decimal) -> None:
        """``dispute`` claims ``amount`` of what is outstanding; what another one claims is not free."""
        own = self.state.disputed.get(dispute, ZERO)
        limit = self.state.free + own
        if amount > limit:
            figures = {"figure": amount, "limit": limit, "excess": amount - limit}
            raise DISPUTED_MORE(deduction=self.id, dispute=dispute, **figures)
        if amount != own:
            self.happened(self.Disputed, dispute=dispute, amount=amount)

    def credit(self, credit_memo: str, amount: Decimal, dispute: str = "") -> None:
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
        self._check_free(credit_memo, amount, dispute)
        self.happened(
            self.Credited, credit_memo=credit_memo, amount=amount, account=self.state.account, dispute=dispute
        )

    def repay(self, settlement: str, amount: Decimal, dispute: str) -> None:
        self._check_free(settlement, amount, dispute)
        self._resolve(self.Repaid, amount, dispute, settlement=settlement)

    def reverse_repayment(self, settlement: str) -> None:
        amount, dispute = self.state.repaid.get(settlement), self.state.through.get(settlement, "")
        if amount is not None:
            self._resolve(self.RepaymentReversed, amount, dispute, settlement=settlement)

    def write_off(self, document: str, amount: Decimal, dispute: str) -> None:
        self._check_free(document, amount, dispute)
        self._resolve(self.WrittenOff, amount, dispute, document=document)

    def reverse_write_off(self, document: str) -> None:
        amount, dispute = self.state.written_off.get(document), self.state.through.get(document, "")
        if amount is not None:
            self._resolve(self.WriteOffReversed, amount, dispute, document=document)

    def void(self, reason: str) -> None:
        """The claim falls away, as far as it is unresolved; what was credited stays credited."""
        if self.state.outstanding > 0:
            self.happened(self.Voided, reason=reason, amount=self.state.outstanding)

    def _check_free(self, document: str, amount: Decimal, dispute: str) -> None:
        """A dispute resolves its own part, everybody else what no dispute claims."""
        limit = self.state.disputed.get(dispute, ZERO) if dispute else self.state.free
        if amount > limit:
            figures = {"figure": amount, "limit": limit, "excess": amount - limit}
            raise IN_DISPUTE(deduction=self.id, disputes=list(self.state.disputed), document=document, **figures)

    def _resolve(self, what: type[Aggregate.Event], amount: Decimal, dispute: str, **document: str) -> None:
        self.happened(what, amount=amount, account=self.state.account, dispute=dispute, **document)
