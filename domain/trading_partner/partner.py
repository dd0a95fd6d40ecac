"""The trading partner aggregate: agreeing, and looking up what is in force on a day."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

from domain.aggregate import Aggregate, natural_id
from domain.agreements import (
    AgreedConfirmation,
    AgreedDeductions,
    AgreedEdiProfile,
    AgreedFillRatePolicy,
    AgreedInvoicing,
    AgreedLimit,
    AgreedLogistics,
    AgreedTerms,
    ConfirmationMode,
    EdiProfile,
    InvoicedQuantity,
    InvoiceTrigger,
    InvoicingTerms,
    in_force,
)
from domain.codes import check_currency, check_zone
from domain.dispute.terms import terms_from
from domain.fill_rate.form import policy_from
from domain.fill_rate.parameters import parameters_from
from domain.payment_terms import PaymentTerms
from domain.trading_partner import facts
from domain.trading_partner import refusals as no
from domain.trading_partner.state import TradingPartnerState
from domain.values import plain


class TradingPartner(Aggregate[TradingPartnerState]):
    """A customer of one of our companies, under our own number; GLN and DUNS are identifiers of it."""

    KIND = "partner"
    STATE = TradingPartnerState
    STATE_VERSION = 2

    class Registered(facts.Registered): ...

    class CreditLimitAgreed(facts.CreditLimitAgreed): ...

    class PaymentTermsAgreed(facts.PaymentTermsAgreed): ...

    class FillRatePolicyAgreed(facts.FillRatePolicyAgreed): ...

    class DeductionAgreementAgreed(facts.DeductionAgreementAgreed): ...

    class LogisticParametersAgreed(facts.LogisticParametersAgreed): ...

    class InvoicingAgreed(facts.InvoicingAgreed): ...

    class ConfirmationAgreed(facts.ConfirmationAgreed): ...

    class EdiProfileAgreed(facts.EdiProfileAgreed): ...

    class Closed(facts.Closed): ...

    @staticmethod
    def stream(partner: str) -> str:
        return natural_id("partner", partner)

    @classmethod
    def register(
        cls,
        *,
        partner: str,
        name: str,
        company: str,
        currency: str,
        zone: str,
        parent: str | None = None,
        account: str | None = None,
    ) -> TradingPartner:
        """A new partner; its credit is judged in ``account``, its own unless another is named."""
        check_currency(currency)
        check_zone(zone)
        if parent == partner:
            raise no.OWN_PARENT(partner=partner)
        return cls.begin(
            cls.Registered,
            cls.stream(partner),
            partner=partner,
            name=name,
            company=company,
            currency=currency,
            zone=zone,
            parent=parent,
            account=account or partner,
        )

    # Agreements: a back-dated one is a fact like any other, the same one again is silent.

    def agree_credit_limit(
        self, amount: Decimal, currency: str, first_day: date, last_day: date | None = None
    ) -> None:
        """The limit from ``first_day``, to ``last_day`` inclusive where one is named."""
        state = self.state
        self._check_open("credit limit", first_day)
        names = {"partner": state.partner, "amount": plain(amount)}
        if currency != state.currency:
            raise no.LIMIT_IN_ANOTHER_CURRENCY(currency=state.currency, asked=currency, **names)
        if amount < 0:
            raise no.LIMIT_NEGATIVE(currency=currency, **names)
        if last_day is not None and last_day < first_day:
            raise no.LAST_BEFORE_FIRST(partner=state.partner, first_day=first_day, last_day=last_day)
        if AgreedLimit(first_day, amount, currency, last_day) not in state.credit_limits:
            figures = {"amount": amount, "currency": currency, "last_day": last_day}
            self._agreed(self.CreditLimitAgreed, first_day, account=state.account, **figures)

    def agree_payment_terms(self, terms: PaymentTerms, first_day: date) -> None:
        self._check_open("payment terms", first_day)
        if AgreedTerms(first_day, terms) not in self.state.payment_terms:
            self._agreed(self.PaymentTermsAgreed, first_day, terms=terms)

    def agree_fill_rate_policy(self, policy_id: str, policy: dict[str, Any], first_day: date) -> None:
        """The whole policy as JSON (definitions 1.3), every field written out; several ids may be in force side by side.

        Refused where it contradicts itself, with every contradiction.
        """
        policy_from(policy)
        self._check_open("fill-rate policy", first_day)
        if AgreedFillRatePolicy(first_day, policy_id, policy) not in self.state.fill_rate_policies:
            self._agreed(self.FillRatePolicyAgreed, first_day, policy_id=policy_id, policy=policy)

    def agree_deductions(self, agreement: dict[str, Any], first_day: date) -> None:
        terms_from(agreement)
        self._check_open("deduction agreement", first_day)
        if AgreedDeductions(first_day, agreement) not in self.state.deduction_agreements:
            self._agreed(self.DeductionAgreementAgreed, first_day, agreement=agreement)

    def agree_logistic_parameters(self, parameters: dict[str, Any], first_day: date) -> None:
        """What orders have to keep to, whole as JSON; refused with every defect."""
        parameters_from(parameters)
        self._check_open("agreement of logistic parameters", first_day)
        if AgreedLogistics(first_day, parameters) not in self.state.logistics:
            self._agreed(self.LogisticParametersAgreed, first_day, parameters=parameters)

    def agree_invoicing(self, terms: InvoicingTerms, first_day: date) -> None:
        """When we invoice, and whose count (decision 30)."""
        partner = self.state.partner
        self._check_open("invoicing agreement", first_day)
        if terms.trigger is InvoiceTrigger.RECEIPT_OR_TIMEOUT and terms.timeout_days < 1:
            raise no.TIMEOUT_WITHOUT_DAYS(partner=partner, days=terms.timeout_days)
        if terms.trigger is InvoiceTrigger.DISPATCH and terms.quantity is InvoicedQuantity.ACCEPTED:
            raise no.ACCEPTED_AT_DISPATCH(partner=partner)
        if AgreedInvoicing(first_day, terms) not in self.state.invoicing:
            self._agreed(self.InvoicingAgreed, first_day, **vars(terms))

    def agree_confirmation(self, mode: ConfirmationMode, first_day: date) -> None:
        self._check_open("confirmation agreement", first_day)
        if AgreedConfirmation(first_day, mode) not in self.state.confirmation:
            self._agreed(self.ConfirmationAgreed, first_day, mode=mode)

    def agree_edi_profile(self, profile: EdiProfile, first_day: date) -> None:
        self._check_open("EDI profile", first_day)
        if AgreedEdiProfile(first_day, profile) not in self.state.edi_profiles:
            self._agreed(self.EdiProfileAgreed, first_day, profile=profile)

    def close(self, closed_on: date) -> None:
        """No new business from ``closed_on`` on; closed before is silent."""
        if self.state.closed_on is None:
            self.happened(self.Closed, partner=self.state.partner, closed_on=closed_on)

    # Looking up what is in force on a day: the latest agreement whose first day has come.

    def terms_on(self, day: date) -> PaymentTerms | None:
        agreed = in_force(self.state.payment_terms, day)
        return agreed.terms if agreed else None

    def limit_on(self, day: date) -> AgreedLimit | None:
        agreed = in_force(
            (a for a in self.state.credit_limits if a.last_day is None or day <= a.last_day), day
        )
        return agreed

    def fill_rate_policies_on(self, day: date) -> tuple[AgreedFillRatePolicy, ...]:
        """One of each policy id, as agreed last."""
        ids = dict.fromkeys(a.policy_id for a in self.state.fill_rate_policies)
        same = ([a for a in self.state.fill_rate_policies if a.policy_id == policy_id] for policy_id in ids)
        return tuple(agreed for agreed in (in_force(each, day) for each in same) if agreed)

    def deduction_agreement_on(self, day: date) -> dict[str, Any] | None:
        agreed = in_force(self.state.deduction_agreements, day)
        return agreed.agreement if agreed else None

    def invoicing_on(self, day: date) -> InvoicingTerms:
        agreed = in_force(self.state.invoicing, day)
        return agreed.terms if agreed else InvoicingTerms()

    def confirmation_on(self, day: date) -> ConfirmationMode:
        agreed = in_force(self.state.confirmation, day)
        return agreed.mode if agreed else ConfirmationMode.AUTO

    def edi_profile_on(self, day: date) -> EdiProfile:
        agreed = in_force(self.state.edi_profiles, day)
        return agreed.profile if agreed else EdiProfile()

    def check_takes_orders(self, day: date) -> None:
        """Refuse an order on ``day`` where the partner is closed by then."""
        self._check_open("order", day)

    def _check_open(self, act: str, day: date) -> None:
        closed_on = self.state.closed_on
        if closed_on is not None and day >= closed_on:
            raise no.PARTNER_CLOSED(partner=self.state.partner, closed_on=closed_on, act=act, day=day)

    def _agreed(self, event_class: type[Aggregate.Event], first_day: date, **agreement: Any) -> None:
        self.happened(event_class, partner=self.state.partner, first_day=first_day, **agreement)
