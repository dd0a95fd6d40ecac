"""GroupPayment: one payment of a group's payer for several of its customers, as a settlement of each (4.2)."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from decimal import Decimal

from domain.aggregate import Aggregate, natural_id
from domain.refusal import Refusal
from domain.remittance import RemittanceItem
from domain.values import ZERO

SHARE_NEGATIVE = Refusal(
    "group_payment.share_negative",
    "Of payment {reference} over {limit}, {figure} would be for {partner}: less than nothing. What is taken off there has to be"
    " placed with a document of another customer of the group, or the payment is larger.",
)


@dataclass(frozen=True)
class Share:
    """What of a group payment is for one customer; amounts of all shares add up to the payment."""

    partner: str
    amount: Decimal
    items: tuple[RemittanceItem, ...]


def shares(
    payer: str, amount: Decimal, beside: Decimal, items: Sequence[RemittanceItem], owner_of: Callable[[str], str | None],
    reference: str,
) -> list[Share]:
    """Each customer's part: its own items. The payer's holds what nobody owns, ``beside`` (adjustments) and the rest.

    Raises SHARE_NEGATIVE where credits outweigh what is paid for a customer.
    """
    by_partner: dict[str, list[RemittanceItem]] = {payer: []}
    for item in items:
        by_partner.setdefault(owner_of(item.reference) or payer, []).append(item)
    found = [
        Share(partner, sum((item.net for item in own), ZERO), tuple(own))
        for partner, own in by_partner.items() if partner != payer
    ]
    rest = amount - sum((share.amount for share in found), ZERO)
    found.insert(0, Share(payer, rest, tuple(by_partner[payer])))
    for share in found:
        if share.amount < 0:
            raise SHARE_NEGATIVE(reference=reference, limit=amount, figure=share.amount, partner=share.partner)
    return [share for share in found if share.amount or share.items or (beside and share.partner == payer)]


@dataclass
class GroupPaymentState:
    settlements: dict[str, Decimal]
    reversed: bool = False


class GroupPayment(Aggregate[GroupPaymentState]):
    """One payment of the payer ``partner``; the same reference again is the same payment."""

    KIND = "group-payment"
    STATE = GroupPaymentState
    STATE_VERSION = 1

    class Received(Aggregate.Created):
        """``settlements``: what of ``amount`` each settlement holds."""

        TYPE = "group_payment.received/1"
        company: str
        partner: str
        reference: str
        currency: str
        amount: Decimal
        settlements: dict[str, Decimal]

        def apply(self, payment: GroupPayment) -> None:
            payment.state = GroupPaymentState(self.settlements)

    class Reversed(Aggregate.Event):
        TYPE = "group_payment.reversed/1"
        reason: str

        def apply(self, payment: GroupPayment) -> None:
            payment.state.reversed = True

    @staticmethod
    def stream(company: str, payer: str, reference: str) -> str:
        return natural_id("group-payment", company, payer, reference)

    @classmethod
    def receive(
        cls, company: str, payer: str, reference: str, currency: str, amount: Decimal, settlements: dict[str, Decimal]
    ) -> GroupPayment:
        facts = {"currency": currency, "amount": amount, "settlements": settlements}
        stream = cls.stream(company, payer, reference)
        return cls.begin(cls.Received, stream, company=company, partner=payer, reference=reference, **facts)

    def reverse(self, reason: str) -> None:
        if not self.state.reversed:
            self.happened(self.Reversed, reason=reason)
