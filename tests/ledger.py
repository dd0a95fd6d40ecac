"""The ledger's checker over a running log, for every test that moves money."""

from __future__ import annotations

from services.checking import check_ledger
from services.wired import Wired


def ledger_violations(wired: Wired) -> list[str]:
    """I1 to I10 checked command by command over the whole receivables log, where the process runs it."""
    application = wired.applications.get("receivables")
    return [] if application is None else [str(violation) for violation in check_ledger(application)]
