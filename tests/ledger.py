"""The ledger's checker over a running log, for every test that moves money."""

from __future__ import annotations

from domain.ledger_check import FOLDS, LedgerCheck
from services.feed import LocalFeed
from services.wiring import Wired

PAGE = 500


def ledger_violations(wired: Wired) -> list[str]:
    """I1 to I10 checked command by command over the whole receivables log."""
    application = wired.applications["receivables"]
    feed, check = LocalFeed(application.store, application.form), LedgerCheck()
    found, reached = [], 0
    while True:
        events, after = feed.read(reached, PAGE, list(FOLDS))
        for recorded in events:
            found += check.take(recorded)
        if after == reached:
            return [str(one) for one in [*found, *check.finish()]]
        reached = after
