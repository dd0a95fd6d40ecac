"""Debtor: what receivables keeps of a trading partner: who owes, in which account and currency, on which terms."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from domain.aggregate import Aggregate, natural_id
from domain.agreements import AgreedTerms, in_force, with_agreement
from domain.allocation import NO_TOLERANCE, Tolerance
from domain.payment_terms import PaymentTerms


@dataclass(frozen=True)
class AgreedTolerance:
    """Up to how much a payment may be short or over without a claim, from ``first_day`` on."""

    first_day: date
    tolerance: Tolerance


@dataclass
class DebtorState:
    partner: str
    company: str
    account: str
    currency: str
    terms: tuple[AgreedTerms, ...] = ()
    tolerances: tuple[AgreedTolerance, ...] = ()


class Debtor(Aggregate[DebtorState]):
    """One trading partner as receivables knows it; kept from the facts of the orders log (decision 15)."""

    KIND = "debtor"
    STATE = DebtorState
    STATE_VERSION = 1

    class Registered(Aggregate.Created):
        TYPE = "debtor.registered/1"
        partner: str
        company: str
        account: str
        currency: str

        def apply(self, debtor: Debtor) -> None:
            debtor.state = DebtorState(self.partner, self.company, self.account, self.currency)

    class TermsAgreed(Aggregate.Event):
        TYPE = "debtor.terms_agreed/1"
        terms: PaymentTerms
        first_day: date

        def apply(self, debtor: Debtor) -> None:
            debtor.state.terms = with_agreement(debtor.state.terms, AgreedTerms(self.first_day, self.terms))

    class ToleranceAgreed(Aggregate.Event):
        TYPE = "debtor.tolerance_agreed/1"
        tolerance: Tolerance
        first_day: date

        def apply(self, debtor: Debtor) -> None:
            agreed = AgreedTolerance(self.first_day, self.tolerance)
            debtor.state.tolerances = with_agreement(debtor.state.tolerances, agreed)

    @staticmethod
    def stream(partner: str) -> str:
        return natural_id("debtor", partner)

    @classmethod
    def register(cls, partner: str, company: str, account: str, currency: str) -> Debtor:
        facts = {"partner": partner, "company": company, "account": account, "currency": currency}
        return cls.begin(cls.Registered, cls.stream(partner), **facts)

    def agree_terms(self, terms: PaymentTerms, first_day: date) -> None:
        if AgreedTerms(first_day, terms) not in self.state.terms:
            self.happened(self.TermsAgreed, terms=terms, first_day=first_day)

    def agree_tolerance(self, tolerance: Tolerance, first_day: date) -> None:
        if AgreedTolerance(first_day, tolerance) not in self.state.tolerances:
            self.happened(self.ToleranceAgreed, tolerance=tolerance, first_day=first_day)

    def terms_on(self, day: date) -> PaymentTerms | None:
        agreed = in_force(self.state.terms, day)
        return None if agreed is None else agreed.terms

    def tolerance_on(self, day: date) -> Tolerance:
        """None agreed is none given."""
        agreed = in_force(self.state.tolerances, day)
        return NO_TOLERANCE if agreed is None else agreed.tolerance
