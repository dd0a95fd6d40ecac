"""Sixteen threads against one credit limit: never over, every refusal justified at its turn, one order once.

The sabotage decides on a view instead of the account's own state, as decision 17 forbids, and goes over.
"""

from __future__ import annotations

import random
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from domain.credit import judge_request
from domain.credit_account import CreditAccount
from domain.credit_balances import CreditAccountState
from services.application import LogApplication
from services.feed import LocalFeed
from services.receivables.application import Receivables
from services.receivables.credit_history import not_repeated
from services.receivables.credit_terms import AgreeAccountLimit, OpenGroupAccount, PlaceUnder
from services.receivables.crediting import AgreeLimit, OpenAccount, RecordGoodsOut, ReduceReservation, ReserveCredit
from services.settings import Settings
from services.logs import environment
from tests.conftest import asking
from tests.log.reader import check_log

THREADS = 16
LIMIT = Decimal(10_000)
ACCOUNT = "kaufmarkt"


@pytest.fixture
def receivables(backend: Settings) -> Iterator[Receivables]:
    application = Receivables(environment(backend, "receivables"))
    application.handle(OpenAccount(account=ACCOUNT, currency="EUR", zone="UTC"), asking())
    application.handle(AgreeLimit(account=ACCOUNT, amount="10000.00", first_day=date(2020, 1, 1)), asking())
    yield application
    application.close()


def reserve(order: str, amount: int | Decimal, revision: int = 1) -> ReserveCredit:
    return ReserveCredit(account=ACCOUNT, order=f"order/acme/{ACCOUNT}/{order}/-", revision=revision, amount=Decimal(amount))


def at_once(work: Any) -> None:
    """``work(thread)`` in all threads, begun together."""
    begun = threading.Barrier(THREADS)

    def run(thread: int) -> None:
        begun.wait()
        work(thread)

    with ThreadPoolExecutor(THREADS) as pool:
        list(pool.map(run, range(THREADS)))


def decisions_replayed(application: LogApplication) -> tuple[int, int, Decimal]:
    """Each decision in the log against the state just before it; reservations, refusals and the highest exposure."""
    account: Any = None
    reserved = refused = 0
    highest = Decimal(0)
    for recorded in LocalFeed(application.store, application.form).read(0, 100_000)[0]:
        event = recorded.event
        if recorded.stream != CreditAccount.stream(ACCOUNT):
            continue
        before: CreditAccountState | None = account.state if account is not None else None
        match event:
            case CreditAccount.Reserved():
                assert before is not None
                reserved += 1
                assert not reasons(before, event), f"{recorded.reference} reserved what did not fit"
            case CreditAccount.ReservationRefused():
                assert before is not None
                refused += 1
                found = reasons(before, event)
                assert found, f"{recorded.reference} refused what would have fitted"
                assert event.reasons == found
                assert event.exposure == before.totals.exposure()
        account = event.mutate(account)
        exposure = account.state.totals.exposure()
        highest = max(highest, exposure)
    return reserved, refused, highest


def reasons(state: CreditAccountState, event: Any) -> Any:
    """Judged anew, from the balances alone."""
    committed = state.orders[event.order].amount if event.order in state.orders else Decimal(0)
    return judge_request(event.amount - committed, state.totals.exposure(), state.limit(event.on))


@pytest.mark.parametrize("seed", [1, 2])
def test_the_limit_holds_and_every_refusal_is_justified(receivables: Receivables, backend: Settings, seed: int) -> None:
    """Orders come, shrink and are delivered at random in all threads at once."""

    def work(thread: int) -> None:
        dice = random.Random(f"{seed}-{thread}")
        for number in range(12):
            order = f"PO-{thread}-{number}"
            receivables.handle(reserve(order, dice.randint(100, 900)), asking())
            earlier = f"order/acme/{ACCOUNT}/PO-{thread}-{dice.randint(0, number)}/-"
            if dice.random() < 0.5:
                reduced = ReduceReservation(account=ACCOUNT, order=earlier, amount=Decimal(dice.choice([0, 50])))
                receivables.handle(reduced, asking())

    at_once(work)
    reserved, refused, highest = decisions_replayed(receivables)
    assert reserved > 20 and refused > 20, "the limit was never met"
    assert LIMIT * 9 / 10 < highest <= LIMIT
    check_log(backend, "receivables")


def test_the_limit_is_used_to_the_last_cent(receivables: Receivables) -> None:
    at_once(lambda thread: [receivables.handle(reserve(f"{thread}-{n}", 500), asking()) for n in range(5)])
    reserved, refused, highest = decisions_replayed(receivables)
    assert (reserved, refused, highest) == (20, 60, LIMIT)


def test_the_same_order_in_all_threads_reserves_once(receivables: Receivables) -> None:
    """With one key, with different keys, and without: the order and its revision are what counts."""
    for round_ in range(10):
        at_once(lambda thread: receivables.handle(
            reserve(f"PO-{round_}", 700), asking(key=f"{round_}-{thread % 3}") if thread % 2 else asking()
        ))
    account = receivables.look(CreditAccount, CreditAccount.stream(ACCOUNT))
    assert account is not None
    reserved, refused, highest = decisions_replayed(receivables)
    assert (reserved, refused, highest) == (10, 0, Decimal(7_000))
    assert account.exposure() == 7_000


def test_deliveries_are_counted_once_and_never_refused(receivables: Receivables) -> None:
    receivables.handle(reserve("PO-1", 5_000), asking())
    order = f"order/acme/{ACCOUNT}/PO-1/-"

    def work(thread: int) -> None:
        shipment = f"shipment/acme/S-{thread % 4}"
        gone = RecordGoodsOut(account=ACCOUNT, order=order, shipment=shipment, amount=Decimal(1_000))
        assert receivables.handle(gone, asking()).status == 200

    at_once(work)
    account = receivables.look(CreditAccount, CreditAccount.stream(ACCOUNT))
    assert account is not None
    assert (account.state.totals.open_orders, account.state.totals.delivered) == (1_000, 4_000)


class DecidedOnAView:
    """The planted fault: exposure is read from a view that follows the log, and then the reservation is written.

    The threads meet between the two, so that the race is there on every machine.
    """

    def __init__(self, application: Receivables) -> None:
        self.application = application
        self.reached = 0
        self.exposure = Decimal(0)
        self.lock = threading.Lock()
        self.between = threading.Barrier(THREADS)

    def fold(self) -> Decimal:
        """What the view knows now; it never lags behind what is committed when it is asked."""
        with self.lock:
            events, self.reached = LocalFeed(self.application.store, self.application.form).read(self.reached, 1_000)
            for recorded in events:
                moved = getattr(recorded.event, "moved", None)
                self.exposure += moved.exposure() if moved is not None else Decimal(0)
            return self.exposure

    def reserve(self, order: str, amount: int) -> None:
        fits = self.fold() + amount <= LIMIT
        self.between.wait(10)
        if fits:
            self.application.handle(reserve(order, amount), asking())


def test_deciding_on_a_view_goes_over(receivables: Receivables) -> None:
    """Sabotage: the account itself is told of a limit that is out of reach, so that only the view judges."""
    receivables.handle(AgreeLimit(account=ACCOUNT, amount="1000000.00", first_day=date(2020, 1, 2)), asking())
    view = DecidedOnAView(receivables)
    at_once(lambda thread: [view.reserve(f"{thread}-{n}", 700) for n in range(5)])
    account = receivables.look(CreditAccount, CreditAccount.stream(ACCOUNT))
    assert account is not None
    assert account.exposure() >= THREADS * 700 > LIMIT, "all of them saw room in the first round"


def test_two_members_race_for_the_limit_of_their_group(receivables: Receivables) -> None:
    """Each member's own limit is never met: only the group's, in whose stream both are decided, keeps them within."""
    receivables.handle(OpenGroupAccount(account="group", currency="EUR", zone="UTC"), asking())
    receivables.handle(AgreeAccountLimit(account="group", amount="10000.00", first_day=date(2020, 1, 1)), asking())
    for member in ("m0", "m1"):
        receivables.handle(OpenAccount(account=member, currency="EUR", zone="UTC"), asking())
        receivables.handle(AgreeLimit(account=member, amount="100000.00", first_day=date(2020, 1, 1)), asking())
        receivables.handle(PlaceUnder(account=member, parent="group"), asking())

    def work(thread: int) -> None:
        for number in range(5):
            order = f"order/acme/m{thread % 2}/{thread}-{number}/-"
            asked = ReserveCredit(account=f"m{thread % 2}", order=order, revision=1, amount=Decimal(500))
            receivables.handle(asked, asking())

    at_once(work)
    group = receivables.look(CreditAccount, CreditAccount.stream("group"))
    assert group is not None
    assert group.exposure_on(date(2026, 1, 1)) == LIMIT, "used to the last cent and not beyond"
    assert (len(group.state.orders), len(group.state.held)) == (20, 60)
    found = not_repeated(receivables)
    assert found == []
