"""``o2c audit verify``: every block, every row and every anchor computed anew; what was tampered with is named by position.

Nothing here writes, so it runs beside a server and over a copy of a log. It needs the public key, not the private one.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from services.event_log.contract import EventRow, LogStore, LogUnavailable
from services.event_log.seals import SealRow, SealStore
from services.sealing import merkle
from services.sealing.anchors import Anchor
from services.sealing.block import NOTHING_BEFORE, Block, Segment, block_of, leaf_of
from services.sealing.keys import signed

PAGE = 2_000
SEALS = 50
LONGEST_BLOCK = 100_000
BEFORE_ALL = -(2**62)
NAMED = 20


@dataclass(frozen=True)
class Finding:
    """Something that is not as it was sealed, from ``position`` on."""

    position: int
    what: str


@dataclass
class Report:
    """What was looked at and what was found in one log, the first bad position first."""

    log: str
    rows: int = 0
    blocks: int = 0
    sealed: int = 0
    last: int = 0
    anchors: int = 0
    findings: list[Finding] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)


def check_log(
    store: LogStore, seals: SealStore, trusted: Collection[str], anchors: Sequence[Anchor] = (),
    restored: Mapping[str, int] | None = None, advance: Callable[[int], None] = lambda _: None,
) -> Report:
    """All of one log. ``anchors`` are those kept elsewhere; ``restored`` is the generation that the operator knows of."""
    check = _Check(store, seals, trusted, advance)
    check.before_the_first()
    for row in check.seal_rows():
        check.block(row)
    check.tail()
    known = (restored or {}).get(store.name, 0)
    check.anchored([anchor for anchor in anchors if anchor.block.log == store.name], known)
    check.report.findings.sort(key=lambda finding: finding.position)
    return check.report


class _Check:
    """Goes through the blocks in order. ``position`` is how far they have come."""

    def __init__(
        self, store: LogStore, seals: SealStore, trusted: Collection[str], advance: Callable[[int], None]
    ) -> None:
        self.report = Report(store.name)
        self._store = store
        self._seals = seals
        self._trusted = trusted
        self._advance = advance
        self._chain: dict[int, Block] = {}
        self._newest: Block | None = None
        self._position = 0

    def seal_rows(self) -> Iterator[SealRow]:
        height = BEFORE_ALL
        while page := self._seals.after(height, SEALS):
            yield from page
            height = page[-1].height

    def _find(self, position: int, what: str) -> None:
        if len(self.report.findings) < NAMED:
            self.report.findings.append(Finding(position, what))

    def before_the_first(self) -> None:
        try:
            first = self._store.read(BEFORE_ALL, 1)
        except LogUnavailable:  # the first row cannot be read: its block names it
            return
        if first and first[0].position < 1:
            self._find(first[0].position, "an inserted row: positions begin at 1")

    def block(self, row: SealRow) -> None:
        block = block_of(self.report.log, row)
        fault = self._fault(block, row)
        if fault is not None:
            self._find(self._position + 1, fault)
        else:
            self._rows(block, row.leaves)
            self.report.sealed = block.last
        self.report.blocks += 1
        self._chain[block.height] = self._newest = block
        if block.last - self._position <= LONGEST_BLOCK:
            self._position = max(self._position, block.last)

    def _fault(self, block: Block, row: SealRow) -> str | None:
        """What is wrong with a seal itself; None when its header can be relied upon."""
        newest = self._newest
        height, previous = (1, NOTHING_BEFORE) if newest is None else (newest.height + 1, newest.hash)
        name = f"seal {block.height}"
        fault = None
        if block.height != height:
            fault = f"{name} was inserted" if block.height < height else f"seal {height} is missing, {block.height} follows"
        elif not signed(row.public_key, row.signature, block.header):
            fault = f"{name} is not what was signed"
        elif row.public_key not in self._trusted:
            fault = f"{name} is signed by {row.public_key[:16]}..., which is not a trusted key"
        elif block.previous != previous:
            fault = f"{name} does not continue the seal before it"
        elif block.first != self._position + 1 or block.last < block.first:
            fault = f"{name} is about the positions {block.first} to {block.last}, not from {self._position + 1} on"
        elif len(row.leaves) != block.count * merkle.SIZE or merkle.root(merkle.split(row.leaves)).hex() != block.root:
            fault = f"the hashes kept with {name} are not those that were signed"
        return fault or self._segment_fault(block, name)

    def _segment_fault(self, block: Block, name: str) -> str | None:
        before = self._newest.generation if self._newest else 0
        if block.segment == Segment.RESTORED and block.generation > before > 0:
            self.report.notes.append(
                f"generation {block.generation} begins at position {block.first}: the log was restored there"
            )
            return None
        continues = block.segment == Segment.CONTINUES and block.generation == before
        if continues or (block.segment == Segment.BEGINS and self._newest is None):
            return None
        return f"{name} is of generation {block.generation} after {before} and says {block.segment}"

    def _rows(self, block: Block, leaves: bytes) -> None:
        """The rows of a block against the hashes that were sealed; the first that differs is named."""
        sealed = merkle.split(leaves)
        rows = {row.position: row for row in self._read(block.first - 1, block.count)}
        self.report.rows += block.count
        self._advance(block.count)
        for position, leaf in enumerate(sealed, block.first):
            row = rows.get(position)
            if row is None or self._leaf(row) != leaf:
                places = dict(enumerate(sealed, block.first))
                self._find(position, self._what(position, row, rows, places))
                return

    def _what(self, position: int, row: EventRow | None, rows: Mapping[int, EventRow], sealed: Mapping[int, bytes]) -> str:
        """In words: a row that is gone, changed, or one that was sealed at another place."""
        if row is None:
            later = any(p > position for p in rows) or self._store.read(position, 1)
            return "the row is missing" if later else "the row and all after it are missing: the log was cut off here"
        held = {self._leaf(row._replace(position=p)): p for p in sealed}
        place = next((p for p, leaf in sealed.items() if held.get(leaf) == p), None)
        if place is not None:
            return f"the row that was sealed at position {place} stands here: rows were swapped, or one was taken out"
        following = rows.get(position + 1)
        if following is not None and self._leaf(following._replace(position=position)) == sealed[position]:
            return "a row was inserted here, what was sealed here stands one further"
        return "the row is not what was sealed"

    def _leaf(self, row: EventRow) -> bytes:
        try:
            return leaf_of(self.report.log, row)
        except (TypeError, ValueError):  # a byte string, a fraction, half a character: nothing that we store
            return b""

    def _read(self, after: int, limit: int) -> list[EventRow]:
        """Rows after a position. Where one of them cannot be read at all they are read one by one, and it is left out."""
        try:
            return self._store.read(after, limit)
        except LogUnavailable:
            found = [row for position in range(after + 1, after + limit + 1) if (row := self._one(position)) is not None]
            if not found:
                raise
            return found

    def _one(self, position: int) -> EventRow | None:
        try:
            return self._store.event_at(position)
        except LogUnavailable:
            return EventRow(position, *[b""] * 10)  # type: ignore[arg-type]

    def tail(self) -> None:
        """What is not sealed yet: gapless up to the head. The head is asked last, so that new facts do no harm."""
        position, head = self._position, -1
        whole = True
        while whole:
            rows = self._read(position, PAGE)
            for row in rows:
                position += 1
                if row.position != position:
                    self._find(position, f"the row is missing, the next one is {row.position}")
                    whole = False
                    break
            if rows:
                self.report.rows += len(rows)
                self._advance(len(rows))
            elif head == self._store.last_position():
                break
            else:
                head = self._store.last_position()
        self.report.last = self._store.last_position()
        if whole and position < self.report.last:
            self._find(position + 1, f"the log was cut off here: its head says that it ends at {self.report.last}")
        elif position > self.report.last:
            self._find(self.report.last + 1, f"rows were inserted: the log's head says that it ends at {self.report.last}")

    def anchored(self, anchors: Sequence[Anchor], restored: int) -> None:
        """The seals against what was taken elsewhere: shows a cut-off end and a history that was sealed anew."""
        generation = self._store.generation()
        unlike: dict[str, tuple[int, str]] = {}  # of each kind the first
        for anchor in anchors:
            block = anchor.block
            if not signed(anchor.public_key, anchor.signature, block.header, self._trusted):
                self.report.notes.append(f"the anchor of seal {block.height} is signed by no trusted key: it counts for nothing")
                continue
            self.report.anchors += 1
            ours = self._chain.get(block.height)
            if ours is not None and ours.hash == block.hash:
                continue
            of_now = generation if ours is None else ours.generation
            if restored >= of_now > block.generation:
                self.report.notes.append(
                    f"seal {block.height} of generation {block.generation}, positions {block.first} to {block.last}, was given"
                    f" up when generation {of_now} was restored"
                )
            elif of_now > block.generation:
                unlike.setdefault("restored", (block.first, f"seal {block.height} of generation {block.generation} was anchored"
                    f" and is not here; the log says that it was restored: if you did that, say --restored {block.log}={of_now}"))
            elif ours is None:
                unlike["cut"] = (self._position + 1, f"cut off here: anchored up to {block.last}, sealed up to {self._position}")
            else:
                unlike.setdefault("anew", (block.first, f"seal {block.height} is not the one that was anchored: history was"
                    " written anew from here on"))
        for position, what in unlike.values():
            self._find(position, what)
