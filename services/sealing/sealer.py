"""The sealer of a log: a loop of its own that seals what was committed, never in the way of a command.

It reads like any view. A block is closed at ``block_size`` events, or when its first event has waited for ``age_s``;
after a crash the block is simply made again from the last seal on.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from datetime import UTC, datetime
from functools import cache

import structlog

from services.event_log.contract import EventRow, LogStore, LogUnavailable
from services.event_log.seals import SealRow, SealStore
from services.sealing import merkle
from services.sealing.anchors import Anchor, AnchorFile
from services.sealing.block import NOTHING_BEFORE, Block, Segment, block_of, leaf_of
from services.sealing.keys import SealingKey

BLOCK_SIZE = 1_000
AGE_S = 60.0
POLL_S = 1.0
PACE_S = 0.02  # between full blocks: who lags behind leaves the processor to the commands
RETRY_S = 5.0
STOPPING_S = 5.0

logger = structlog.get_logger()


class LogBroken(Exception):
    """What is stored does not continue what was sealed: nothing more is signed until a person has looked."""


class Sealer:
    """Seals one log. ``sealed`` is the last position sealed, ``failure`` what keeps it waiting."""

    def __init__(
        self, store: LogStore, seals: SealStore, key: Callable[[], SealingKey], anchors: AnchorFile, *,
        block_size: int = BLOCK_SIZE, age_s: float = AGE_S,
    ) -> None:
        self.store = store
        self.log = store.name
        self.sealed = 0
        self.failure: Exception | None = None
        self._seals = seals
        self._key = cache(key)
        self._anchors = anchors
        self._block_size = block_size
        self._age_s = age_s
        self._newest: SealRow | None = None
        self._prepared = False
        self._waiting_since: float | None = None

    def run(self, stopping: threading.Event) -> None:
        """Seal for ever; what is left when the process stops is sealed then."""
        while not stopping.is_set():
            sealed = self._tried()
            stopping.wait(RETRY_S if self.failure else PACE_S if sealed == self._block_size else POLL_S)
        ends = time.monotonic() + STOPPING_S
        while time.monotonic() < ends and self._tried(partial=True):
            pass

    def _tried(self, *, partial: bool = False) -> int:
        try:
            sealed = self.seal_next(partial=partial)
            self.failure = None
            return sealed
        except Exception as error:
            level = logger.warning if isinstance(error, LogUnavailable) else logger.error
            if self.failure is None or repr(self.failure) != repr(error):
                level("sealing_waits", log=self.log, error=repr(error))
            self.failure = error
            return 0

    def seal_all(self) -> int:
        """Seal everything there is now; the number of events sealed."""
        total = 0
        while sealed := self.seal_next(partial=True):
            total += sealed
        return total

    def seal_next(self, *, partial: bool = False) -> int:
        """Seal one block when there is one; the number of its events. ``partial``: whatever is there."""
        self._prepare()
        waiting = self.store.last_position() - self.sealed
        if waiting < 0:
            raise LogBroken(f"{self.log} was sealed up to {self.sealed} and ends at {self.sealed + waiting}: its tail is gone")
        if waiting < self._block_size and not (waiting and (partial or self._aged())):
            return 0
        rows = self.store.read(self.sealed, self._block_size)
        self._check_whole(rows)
        row = self._block(rows)
        if not self._seals.append(row):
            self._prepared = False  # another instance was quicker, or the log was restored: look again
            return 0
        self._take(row)
        self._prepared = False  # until it is anchored
        self._anchors.append([self._anchor(row)])
        self._prepared = True
        return len(rows)

    def _prepare(self) -> None:
        """Where sealing stands; and what was sealed just before a crash is anchored."""
        if self._prepared:
            return
        self._seals.create()
        newest = self._seals.last()
        if newest is not None:
            self._take(newest)
            self._anchors.append(self._unanchored(newest))
        self._prepared = True

    def _unanchored(self, newest: SealRow) -> list[Anchor]:
        """Blocks since the last one anchored in the file; of a file that names none only the newest, which stands for all."""
        anchored = {anchor.block.hash for anchor in self._anchors.read()[0] if anchor.block.log == self.log}
        missing = [self._anchor(newest)]
        height = newest.height
        while missing[-1].block.hash not in anchored and height > 1 and anchored:
            height -= 1
            missing.append(self._anchor(self._seals.after(height - 1, 1)[0]))
        return [anchor for anchor in reversed(missing) if anchor.block.hash not in anchored]

    def _anchor(self, row: SealRow) -> Anchor:
        return Anchor(block_of(self.log, row), row.public_key, row.signature)

    def _aged(self) -> bool:
        """Whether something has waited long enough; the time is counted from when it was first seen."""
        now = time.monotonic()
        if self._waiting_since is None:
            self._waiting_since = now
        return now - self._waiting_since >= self._age_s

    def _check_whole(self, rows: list[EventRow]) -> None:
        for expected, row in enumerate(rows, self.sealed + 1):
            if row.position != expected:
                raise LogBroken(f"{self.log} position {expected} is missing; run o2c audit verify")
        if not rows:
            raise LogBroken(f"{self.log} position {self.sealed + 1} is missing; run o2c audit verify")

    def _block(self, rows: list[EventRow]) -> SealRow:
        leaves, key = [leaf_of(self.log, row) for row in rows], self._key()
        newest, generation = self._newest, self.store.generation()
        segment, height, previous = Segment.BEGINS, 1, NOTHING_BEFORE
        if newest is not None:
            height, previous = newest.height + 1, block_of(self.log, newest).hash
            segment = Segment.CONTINUES if newest.generation == generation else Segment.RESTORED
        block = Block(
            self.log, height, generation, segment.value, rows[0].position, rows[-1].position, merkle.root(leaves).hex(),
            previous, datetime.now(UTC).isoformat(timespec="microseconds"),
        )
        return SealRow(
            height, generation, segment.value, block.first, block.last, block.root, previous, block.sealed_at,
            key.public, key.sign(block.header), b"".join(leaves),
        )

    def _take(self, row: SealRow) -> None:
        self._newest, self.sealed, self._waiting_since = row, row.last, None
