"""Placing the segments of a set in the structure its map declares, and finding those that do not fit.

Standard codes: AK304 1 unknown, 2 unexpected, 3 mandatory missing, 4 loop too often, 5 segment too often,
7 out of sequence.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from services.edi.dictionary import Dictionary
from services.edi.findings import Finding, error, warning
from services.edi.interchange import Segment
from services.edi.message_map import MessageMap, Node

# Packs may hold packs; nobody's pallet is deeper, and reading goes down level by level.
DEEPEST = 20


@dataclass(slots=True, eq=False)
class Placed:
    """A loop as it stands in the document: per place of its map, the segments or loops found there."""

    node: Node
    nodes: tuple[Node, ...]
    places: dict[str, tuple[int, ...]]
    found: dict[int, list[Segment | Placed]] = field(default_factory=dict)
    opened_by: Segment | None = None
    around: Placed | None = field(default=None, repr=False)
    cursor: int = 0
    closed: bool = False


@dataclass(slots=True)
class Placement:
    """Walks through a set once; the open loops are a stack from the message down to the innermost."""

    message: MessageMap
    dictionary: Dictionary
    start: int = 0
    findings: list[Finding] = field(default_factory=list)
    open: list[Placed] = field(default_factory=list)
    hierarchy: dict[str, tuple[str, str]] = field(default_factory=dict)
    numbered: dict[str, Placed] = field(default_factory=dict)
    seen: dict[int, tuple[tuple[Node, ...], dict[str, tuple[int, ...]]]] = field(default_factory=dict)

    def place(self, segments: tuple[Segment, ...]) -> Placed:
        for node in (*self.message.nodes, *self.message.parts.values()):
            if node.hierarchy:
                self.hierarchy[node.tag] = node.hierarchy
        root = self._loop(Node(loop=self.message.nodes), None, None)
        self.open = [root]
        for segment in segments:
            self._take(segment)
        while self.open:
            self._close()
        return root

    def _loop(self, node: Node, opened_by: Segment | None, around: Placed | None) -> Placed:
        known = self.seen.get(id(node))
        if known is None:
            known = self.seen[id(node)] = _places(self.message, node)
        loop = Placed(node, *known, opened_by=opened_by, around=around)
        if node.hierarchy and opened_by is not None:
            self.numbered[opened_by.at(node.hierarchy[0])] = loop
        return loop

    def _take(self, segment: Segment) -> None:
        spot = self._by_parent(segment) or self._in_sequence(segment) or self._out_of_sequence(segment)
        if spot is None:
            self.findings.append(self._foreign(segment))
            return
        depth, place = spot
        while len(self.open) - 1 > depth:
            self._close()
        around = self.open[depth]
        node = around.nodes[place]
        if node.loop and len(self.open) >= DEEPEST:
            words = f"{segment.tag} is nested more than {DEEPEST} levels deep; its content was left out"
            self.findings.append(error("segment", "2", words, at=segment))
            return
        around.cursor = max(around.cursor, _first_of_its_tag(around, place, 1 if depth else 0))
        if node.loop:
            inner = self._loop(node, segment, around)
            inner.found[0] = [segment]
            self.open.append(inner)
        found = around.found.setdefault(place, [])
        found.append(inner if node.loop else segment)
        self._not_too_often(segment, node, len(found))

    def _fitting(self, segment: Segment, depth: int) -> Iterator[int]:
        return self._places_for(segment, self.open[depth])

    def _places_for(self, segment: Segment, around: Placed) -> Iterator[int]:
        """The places of a loop that take this segment; the one that opens the loop does not."""
        for place in around.places.get(segment.tag, ()):
            if (place or around.around is None) and _qualifies(around.nodes[place], segment):
                yield place

    def _by_parent(self, segment: Segment) -> tuple[int, int] | None:
        """An HL that names its parent goes there, wherever in the document it stands: that loop is opened
        again if it was left, or an item would be counted to another order."""
        own, named = self.hierarchy.get(segment.tag, ("", ""))
        parent = self.numbered.get(segment.at(named)) if own and segment.at(named) else None
        if own and segment.at(named) and parent is None:
            words = f"{segment.tag}{named} names the parent {segment.at(named)[:12]}, which is not there"
            self.findings.append(warning("segment", "", words, at=segment, element=named))
        if parent is None:
            return None
        chain = [parent]
        while chain[0].around is not None:
            chain.insert(0, chain[0].around)
        fitting = [place for place in self._places_for(segment, parent) if parent.nodes[place].hierarchy]
        if not fitting:
            return None
        while len(self.open) > len(chain) or self.open[-1] is not chain[len(self.open) - 1]:
            self._close()
        self.open += chain[len(self.open) :]
        return len(chain) - 1, fitting[0]

    def _in_sequence(self, segment: Segment) -> tuple[int, int] | None:
        for depth in range(len(self.open) - 1, -1, -1):
            around = self.open[depth]
            fitting = [place for place in self._fitting(segment, depth) if place >= around.cursor]
            for place in fitting:
                if not around.nodes[place].max or len(around.found.get(place, ())) < around.nodes[place].max:
                    return depth, place
            if fitting and not self._outer(segment, depth):
                return depth, fitting[0]
        return None

    def _outer(self, segment: Segment, below: int) -> bool:
        return any(
            place >= self.open[depth].cursor
            for depth in range(below)
            for place in self._fitting(segment, depth)
        )

    def _out_of_sequence(self, segment: Segment) -> tuple[int, int] | None:
        for depth in range(len(self.open) - 1, -1, -1):
            for place in self._fitting(segment, depth):
                words = f"{segment.tag} stands later than its place in the {self.message.message}"
                self.findings.append(warning("segment", "7", words, at=segment))
                return depth, place
        return None

    def _foreign(self, segment: Segment) -> Finding:
        if segment.tag in self.dictionary.known_tags:
            words = f"{segment.tag} is not used here in the {self.message.message}; its content was left out"
            return warning("segment", "2", words, at=segment)
        words = f"{segment.tag[:12] or '(no tag)'} is not a known segment; its content was left out"
        return error(
            "segment",
            "1",
            words,
            at=segment,
            value=segment.tag,
            hint="it may be misspelt or the terminator before it may be missing",
        )

    def _not_too_often(self, segment: Segment, node: Node, times: int) -> None:
        if node.max and times == node.max + 1:
            words = f"{segment.tag} stands more than {node.max} times here"
            self.findings.append(warning("segment", "4" if node.loop else "5", words, at=segment))

    def _close(self) -> None:
        closed = self.open.pop()
        if closed.closed:
            return
        closed.closed = True
        last = closed.opened_by
        where = f"the {last.tag} loop at segment {last.position}" if last else f"the {self.message.message}"
        for place, node in enumerate(closed.nodes):
            if node.required and place not in closed.found:
                missing = Segment(
                    node.tag, (), last.position if last else 1, last.offset if last else self.start
                )
                words = f"the mandatory segment {node.tag} is missing in {where}"
                self.findings.append(error("segment", "3", words, at=missing))


def _qualifies(node: Node, segment: Segment) -> bool:
    return all(segment.at(address) in values.split() for address, values in node.qualifiers.items())


def _first_of_its_tag(around: Placed, place: int, lowest: int) -> int:
    """Neighbours with one tag (N1*ST, N1*SF) are one place of the standard: any order is in sequence."""
    tag = around.nodes[place].tag
    while place > lowest and around.nodes[place - 1].tag == tag:
        place -= 1
    return place


def _places(message: MessageMap, node: Node) -> tuple[tuple[Node, ...], dict[str, tuple[int, ...]]]:
    nodes = tuple(message.node(inner) for inner in node.loop)
    by_tag: dict[str, list[int]] = {}
    for place, inner in enumerate(nodes):
        by_tag.setdefault(inner.tag, []).append(place)
    return nodes, {tag: tuple(places) for tag, places in by_tag.items()}
