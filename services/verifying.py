"""``o2c verify``: the log is whole, every view equals its replay, and the figures of the trade hold.

The list is reliability.md 1.4 as far as it applies here: 3 positions, versions and times; 8 views; the
rest are rules of the domain, run over every aggregate (services/invariants.py).
"""

from __future__ import annotations

from collections.abc import Iterator

from projections.digest import digests
from projections.projector import Projector
from services.application import LogApplication
from services.checking import LOG as LEDGER
from services.checking import check_ledger
from services.event_log.contract import HeadRow
from services.invariants import violations_of
from services.progress import progress
from services.receivables.credit_history import not_repeated
from services.rebuilding import replayed_beside
from services.wired import Wired

PAGE = 2_000
HEADS = 500


def verify(wired: Wired) -> list[str]:
    """Every violation found, as a sentence naming the log and the position or stream; an empty list is good news."""
    found: list[str] = []
    for application in wired.applications.values():
        found += verify_log(application)
        found += verify_streams(application)
        found += not_repeated(application) if application.name == "receivables" else []
        found += verify_ledger(application) if application.name == LEDGER else []
    for name in wired.projectors:
        found += verify_view(wired, name)
    return found


def verify_log(application: LogApplication) -> list[str]:
    """Positions gapless from 1, versions contiguous per stream, recording times never going back."""
    store = application.store
    found: list[str] = []
    versions: dict[str, int] = {}
    position, recorded_at = 0, ""
    with progress(f"verify log {store.name}", store.last_position(), "positions") as advance:
        while rows := store.read(position, PAGE):
            for row in rows:
                where = f"{store.name} position {row.position}"
                if row.position != position + 1:
                    found.append(f"{where}: follows position {position}; {row.position - position - 1} are missing")
                if row.version != versions.get(row.stream, 0) + 1:
                    found.append(f"{where}: {row.stream} goes from version {versions.get(row.stream, 0)} to {row.version}")
                if row.recorded_at < recorded_at:
                    found.append(f"{where}: recorded at {row.recorded_at}, before its predecessor")
                position, recorded_at = row.position, row.recorded_at
                versions[row.stream] = row.version
            advance(len(rows))
    headless = versions.keys() - {head.stream for head in _heads(application)}
    found += [f"{store.name} {stream}: has facts and no head" for stream in sorted(headless)]
    if position != store.last_position():
        found.append(f"{store.name}: the head says {store.last_position()}, the last position is {position}")
    return found


def verify_streams(application: LogApplication) -> list[str]:
    """Every head's version and state equal a replay of its facts; every aggregate keeps its invariants."""
    found: list[str] = []
    with progress(f"verify streams {application.name}", application.store.last_position(), "positions") as advance:
        for head in _heads(application):
            try:
                found += _verify_stream(application, head)
            except Exception as error:  # whatever stands there: this stream is damaged, the others are looked at
                found.append(f"{application.name} {head.stream}: its facts cannot be replayed ({error!r})")
            advance(head.version)
    return found


def verify_ledger(application: LogApplication) -> list[str]:
    """I1 to I10 over the facts, after every command."""
    with progress("verify ledger", application.store.last_position(), "positions") as advance:
        try:
            return [f"{application.name}: {violation}" for violation in check_ledger(application, advance)]
        except Exception as error:  # a damaged fact; the log's own check names it
            return [f"{application.name}: its invariants cannot be checked ({error!r})"]


def _heads(application: LogApplication) -> Iterator[HeadRow]:
    after = ""
    while page := application.store.heads_after(after, HEADS):
        yield from page
        after = page[-1].stream


def _verify_stream(application: LogApplication, head: HeadRow) -> list[str]:
    form, store = application.form, application.store
    kind = head.stream.partition("/")[0]
    rows = store.stream(head.stream)
    where = f"{application.name} {head.stream}"
    if not rows or rows[-1].version != head.version:
        return [f"{where}: the head says version {head.version}, the facts end at {rows[-1].version if rows else 0}"]
    replayed = form.aggregate(kind, head._replace(state=None), rows)
    kept = form.aggregate(kind, head, [row for row in rows if row.version > head.state_at])
    assert replayed is not None and kept is not None
    found = []
    if form.encode_state(replayed) != form.encode_state(kept):
        found.append(f"{where}: the kept state differs from the replay of its facts")
    return found + [f"{where}: {violation}" for violation in violations_of(replayed)]


def verify_view(wired: Wired, name: str) -> list[str]:
    """A view's rows equal a replay from zero, table by table (digests over sorted rows)."""
    kept = wired.projectors[name]
    kept.catch_up()
    found: list[str] = []

    def compare(fresh: Projector) -> None:
        with kept.engine.connect() as ours, fresh.engine.connect() as theirs:
            mine, replay = digests(ours, kept.view), digests(theirs, kept.view)
        for table, (rows, digest) in mine.items():
            if (rows, digest) != replay[table]:
                found.append(
                    f"view {name}, table {table}: {rows} rows differ from the replay's {replay[table][0]} rows;"
                    f" run o2c rebuild {name}"
                )

    total = sum(feed.last_position() for feed in kept.feeds.values())
    with progress(f"verify view {name}", total, "positions") as advance:
        try:
            replayed_beside(wired, name, compare, advance)
        except Exception as error:  # a damaged fact stops a fold; the log's own check names it
            found.append(f"view {name}: cannot be folded anew ({error!r})")
    return found
