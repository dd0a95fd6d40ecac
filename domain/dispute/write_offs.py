"""What has been given up for a customer, so that a large amount cannot be given up in small ones (definitions 4.6).

One person alone gives up at most the band agreed with the customer. What the same person gave up in the days agreed, and
what anybody gave up of the same payment, counts together; what a second person approved does not.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from domain.aggregate import Aggregate, natural_id
from domain.dispute.terms import WriteOffTerms
from domain.values import ZERO

_KEPT_DAYS = 3_660


@dataclass(frozen=True)
class GivenUp:
    document: str
    settlements: tuple[str, ...]
    amount: Decimal
    currency: str
    by: str
    on: date


@dataclass(frozen=True)
class Weighed:
    """Whether a second person is needed, and what counted: ``split`` where the amount alone would not have needed one."""

    second_person: bool
    counted: Decimal
    together_with: tuple[str, ...]
    split: bool


@dataclass
class WriteOffBookState:
    partner: str
    alone: tuple[GivenUp, ...] = ()


class WriteOffBook(Aggregate[WriteOffBookState]):
    """What single persons gave up for one customer."""

    KIND = "write-offs"
    STATE = WriteOffBookState
    STATE_VERSION = 1

    class Opened(Aggregate.Created):
        TYPE = "write_offs.opened/1"
        partner: str

        def apply(self, book: WriteOffBook) -> None:
            book.state = WriteOffBookState(self.partner)

    class GivenUpAlone(Aggregate.Event):
        """By one person, within the band."""

        TYPE = "write_offs.given_up_alone/1"
        document: str
        settlements: tuple[str, ...]
        amount: Decimal
        currency: str
        by: str
        on: date

        def apply(self, book: WriteOffBook) -> None:
            new = GivenUp(self.document, self.settlements, self.amount, self.currency, self.by, self.on)
            first = self.on - timedelta(days=_KEPT_DAYS)
            book.state.alone = (*(one for one in book.state.alone if one.on >= first), new)

    @staticmethod
    def stream(partner: str) -> str:
        return natural_id("write-offs", partner)

    @classmethod
    def open(cls, partner: str) -> WriteOffBook:
        return cls.begin(cls.Opened, cls.stream(partner), partner=partner)

    def weigh(
        self, terms: WriteOffTerms, amount: Decimal, currency: str, by: str, settlements: Iterable[str], on: date
    ) -> Weighed:
        """What else counts together with ``amount``, and whether the sum passes the band."""
        payments, first = set(settlements), on - timedelta(days=terms.days)
        counted = [
            one
            for one in self.state.alone
            if one.currency == currency and one.on >= first and (one.by == by or payments & set(one.settlements))
        ]
        before = sum((one.amount for one in counted), ZERO)
        needed = terms.band is None or amount + before > terms.band
        split = needed and terms.band is not None and amount <= terms.band
        return Weighed(needed, before, tuple(one.document for one in counted), split)

    def note(self, given_up: GivenUp) -> None:
        self.happened(
            self.GivenUpAlone, document=given_up.document, settlements=given_up.settlements, amount=given_up.amount,
            currency=given_up.currency, by=given_up.by, on=given_up.on,
        )  # fmt: skip
