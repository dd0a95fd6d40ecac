"""CreditAccount: the one place where credit is given (decisions 17 and 31).

Reserving is a decision on the account's own state. What lowers exposure or raises the limit lets the account
look again at the requests it holds, oldest first, in the same command. Accounts of a group are kept and decided in the
stream of the one at the top. The commands are in credit_deciding.py, credit_moving.py and credit_agreeing.py.
"""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from domain import credit_agreed, credit_facts, credit_items
from domain.aggregate import natural_id
from domain.credit import LimitInForce
from domain.credit_agreeing import CreditAgreements
from domain.credit_balances import CreditAccountState
from domain.credit_counting import exposure_of


class CreditAccount(CreditAgreements):
    """The credit given to one customer account or to a group of them, with everything that uses it up."""

    KIND = "credit"
    STATE = CreditAccountState
    STATE_VERSION = 2

    Opened = credit_agreed.Opened
    LimitAgreed = credit_agreed.LimitAgreed
    LimitRaisedTemporarily = credit_agreed.LimitRaisedTemporarily
    PolicyAgreed = credit_agreed.PolicyAgreed
    CoverAgreed = credit_agreed.CoverAgreed
    RateRecorded = credit_agreed.RateRecorded
    Blocked = credit_agreed.Blocked
    Unblocked = credit_agreed.Unblocked
    PlacedInGroup = credit_agreed.PlacedInGroup
    MemberJoined = credit_agreed.MemberJoined
    MemberMoved = credit_agreed.MemberMoved
    Reserved = credit_facts.Reserved
    ReservationRefused = credit_facts.ReservationRefused
    ReleasedByPerson = credit_facts.ReleasedByPerson
    ReservationReduced = credit_facts.ReservationReduced
    DeliveryPassed = credit_facts.DeliveryPassed
    DeliveryHeld = credit_facts.DeliveryHeld
    GoodsDelivered = credit_facts.GoodsDelivered
    Invoiced = credit_facts.Invoiced
    InvoiceVoided = credit_facts.InvoiceVoided
    Credited = credit_facts.Credited
    Paid = credit_facts.Paid
    PaymentReversed = credit_facts.PaymentReversed
    OrderPrepaid = credit_items.OrderPrepaid
    ItemFellDue = credit_items.ItemFellDue
    ItemDisputed = credit_items.ItemDisputed
    DraftReceived = credit_items.DraftReceived
    DraftEnded = credit_items.DraftEnded

    @staticmethod
    def stream(account: str) -> str:
        return natural_id("credit", account)

    @classmethod
    def open(cls, account: str, currency: str, zone: str, *, strict_fifo: bool = False) -> CreditAccount:
        """``strict_fifo``: a held request that does not fit keeps the younger ones waiting."""
        values = {"account": account, "currency": currency, "zone": zone, "strict_fifo": strict_fifo}
        return cls.begin(cls.Opened, cls.stream(account), **values)

    def exposure(self, account: str = "") -> Decimal:
        """Of one account alone, in its own currency, with everything counted."""
        return self.state.book(account).totals.exposure()

    def exposure_on(self, day: date, account: str = "") -> Decimal:
        """Under the account's rules on the day, with all accounts below it."""
        book = self.state.book(account)
        return exposure_of(self.state, book, day, book.policy_on(day).policy)

    def limit_on(self, day: date, account: str = "") -> LimitInForce:
        return self.state.book(account).limit(day)
