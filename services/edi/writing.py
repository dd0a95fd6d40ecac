"""Writing a canonical document by its map: the segments of one set, without envelope and separators.

Counts, HL numbers and constants come from the map; the document gives the rest.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from services.edi.dictionary import ElementRule, dictionary
from services.edi.elements import written
from services.edi.findings import Finding, Level, error, shown, warning
from services.edi.interchange import spot
from services.edi.message_map import MessageMap, Node, Repeats

# One element is a text, or the texts of its components.
Element = str | tuple[str, ...]
Container = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class WrittenSegment:
    """One segment to be sent: its tag and its elements, the last of which is not empty."""

    tag: str
    elements: tuple[Element, ...]


@dataclass(frozen=True, slots=True)
class WrittenSet:
    """The body of a set, ST and SE left out. With an error among the findings it must not be sent."""

    message: MessageMap
    segments: tuple[WrittenSegment, ...]
    findings: tuple[Finding, ...]


def write_set(document: Container, message: MessageMap, release: str = "") -> WrittenSet:
    """Write one document. What the standard cannot carry becomes a finding, never a silent loss."""
    writer = _Writer(message, release)
    writer.nodes(message.nodes, document, "")
    return WrittenSet(message, tuple(writer.segments), tuple(writer.findings))


class _Writer:
    """Walks the map, not the document: segments come out in the standard's order."""

    def __init__(self, message: MessageMap, release: str) -> None:
        self.message = message
        self.words = dictionary(message.syntax, release)
        self.segments: list[WrittenSegment] = []
        self.findings: list[Finding] = []
        self.loops = 0

    def nodes(self, nodes: tuple[Node, ...], around: Container, parent: str) -> None:
        for node in map(self.message.node, nodes):
            if node.reads_only:
                continue
            entries = around.get(node.list) or [] if node.list else [around]
            if node.max and node.list and len(entries) > node.max:
                words = f"{len(entries)} {node.list} are more than the {node.max} that {node.tag} can carry"
                self._refuse(node.tag, "", words)
            for entry in entries:
                if node.loop:
                    self._loop(node, entry, parent)
                else:
                    self._segment(node, entry, around, forced=bool(node.list) or node.always, parent=parent)

    def _loop(self, node: Node, entry: Container, parent: str) -> None:
        """The opening segment stands before what it opens, so it is taken back if nothing followed."""
        before, blameless = len(self.segments), len(self.findings)
        number = ""
        if "number" in node.loop[0].computed.values():
            self.loops += 1
            number = str(self.loops)
        opened = self._segment(node.loop[0], entry, entry, forced=True, parent=parent, number=number)
        after = len(self.segments)
        self.nodes(node.loop[1:], entry, number)
        if not (node.list or node.required or node.loop[0].always or opened or len(self.segments) > after):
            del self.segments[before:], self.findings[blameless:]

    def _segment(
        self, node: Node, entry: Container, around: Container, *, forced: bool, parent: str, number: str = ""
    ) -> bool:
        """Write the segments of one node; True if the document had something for them."""
        something = False
        for values in self._occurrences(node, entry, forced):
            something = something or bool(values)
            if not values and not forced and not node.required:
                continue
            self._add_constants(node, values, around, parent, number)
            self._emit(node, values)
        return something

    def _occurrences(self, node: Node, entry: Container, forced: bool) -> Iterator[dict[str, str]]:
        if node.cases:
            # Two codes for one value: the first is ours, the others are only read.
            codes = {path: code for code, path in reversed(node.cases.into.items())}
            for path, code in reversed(codes.items()):
                value = self._text(node.tag, node.cases.value, _get(entry, path))
                if value:
                    yield {node.cases.by: code, node.cases.value: value}
            return
        values = {
            address: text
            for address, path in node.values.items()
            if (text := self._text(node.tag, address, _untranslated(node, path, _get(entry, path))))
        }
        if node.text:
            yield from self._continued(node, entry, values)
        elif node.repeats:
            yield from self._repeated(node, node.repeats, entry, values, forced)
        else:
            yield values

    def _continued(self, node: Node, entry: Container, values: dict[str, str]) -> Iterator[dict[str, str]]:
        """A text too long for its element goes on in the next segment, cut at a blank where there is one."""
        pieces: dict[str, list[str]] = {}
        for address, path in node.text.items():
            rule = self.words.rule(node.tag, address)
            pieces[address] = _pieces(str(_get(entry, path) or "").strip(), rule.longest if rule else 80)
        times = max((len(some) for some in pieces.values()), default=0)
        for time in range(max(times, 1)):
            yield values | {address: some[time] for address, some in pieces.items() if time < len(some)}

    def _repeated(
        self, node: Node, repeats: Repeats, entry: Container, values: dict[str, str], forced: bool
    ) -> Iterator[dict[str, str]]:
        """As many entries as one segment holds; more of them make more segments where the map allows it."""
        items = entry.get(repeats.list) or []
        room = (repeats.last - repeats.first + 1) // repeats.step
        runs = _runs(items, room, list(repeats.shared.values()))
        if len(runs) > 1 and (forced or node.max == 1):
            words = f"{len(items)} {repeats.list} do not fit into one {node.tag}; only {room} were written"
            self.findings.append(error("segment", "", words, at=spot(0, node.tag)))
            runs = runs[:1]
        for run in runs or [[]]:
            texts = dict(values)
            for address, name in repeats.shared.items():
                texts[address] = self._text(node.tag, address, run[0].get(name)) if run else ""
            for index, item in enumerate(run):
                for place, name in repeats.parts.items():
                    address = _address(repeats.first + index * repeats.step, place)
                    texts[address] = self._text(node.tag, address, item.get(name) if name else item)
            yield {address: text for address, text in texts.items() if text}

    def _add_constants(
        self, node: Node, values: dict[str, str], around: Container, parent: str, number: str
    ) -> None:
        for address, codes in node.when.items():
            if " " not in codes:
                values.setdefault(address, codes)
        for address, computation in node.computed.items():
            if address not in values and (value := self._computed(computation, around, parent, number)):
                values[address] = value
        for address, (other, value) in node.paired.items():
            if other in values:
                values.setdefault(address, value)
        for address, value in node.defaults.items():
            values.setdefault(address, value)
        values |= node.constants

    def _computed(self, computation: str, around: Container, parent: str, number: str) -> str:
        word, _, argument = computation.partition(" ")
        match word:
            case "number":
                return number
            case "parent":
                return parent
            case "count":
                return str(sum(segment.tag == argument for segment in self.segments))
            case "value":
                return str(_get(around, argument) or "")
        raise ValueError(f"the map of {self.message.message} computes {computation!r}, which is unknown")

    def _text(self, tag: str, address: str, value: Any) -> str:
        if value is None or value == "":
            return ""
        rule = self.words.rule(tag, address)
        if rule is None:
            return str(value)
        text = written(rule, str(value))
        if text is None:
            self._refuse(tag, address, f"{self.words.named(tag, address)} cannot carry {value}", str(value))
            return ""
        if rule.kind not in ("AN", "ID"):
            return text
        if len(text) > rule.longest:
            return self._too_long(tag, address, text, rule)
        if len(text) < rule.shortest:
            words = f"{self.words.named(tag, address)} '{text}' has fewer than {rule.shortest} characters"
            self.findings.append(warning("element", "4", words, at=spot(0, tag), element=address, value=text))
        return text

    def _too_long(self, tag: str, address: str, text: str, rule: ElementRule) -> str:
        words = f"{self.words.named(tag, address)} '{shown(text)}' has more than {rule.longest} characters"
        if not rule.is_free_text:
            self._refuse(tag, address, words, text)
            return ""
        words += " and was cut"
        self.findings.append(warning("element", "5", words, at=spot(0, tag), element=address, value=text))
        return text[: rule.longest].rstrip()

    def _refuse(self, tag: str, address: str, words: str, value: str = "") -> None:
        level: Level = "element" if address else "segment"
        self.findings.append(error(level, "", words, at=spot(0, tag), element=address, value=value))

    def _emit(self, node: Node, values: dict[str, str]) -> None:
        elements: list[Element] = []
        for address in sorted(values):
            index, _, part = address.partition("-")
            while len(elements) < int(index):
                elements.append("")
            if not part:
                elements[int(index) - 1] = values[address]
                continue
            before = elements[int(index) - 1]
            parts = [*before] if isinstance(before, tuple) else []
            parts += [""] * (int(part) - len(parts))
            parts[int(part) - 1] = values[address]
            elements[int(index) - 1] = tuple(parts)
        self._mandatory(node.tag, elements)
        self.segments.append(WrittenSegment(node.tag, tuple(elements)))

    def _mandatory(self, tag: str, elements: list[Element]) -> None:
        for number, rule in enumerate(self.words.segments.get(tag, ()), 1):
            if rule.mandatory and (number > len(elements) or not elements[number - 1]):
                name = self.words.named(tag, f"{number:02d}")
                self._refuse(
                    tag, f"{number:02d}", f"{name} is mandatory but the document has no value for it"
                )


def _get(container: Container, path: str) -> Any:
    value: Any = container
    for step in path.split("."):
        value = value.get(step) if isinstance(value, Mapping) else None
    return value


def _untranslated(node: Node, path: str, value: Any) -> Any:
    codes = {to: code for code, to in node.translate.get(path, {}).items()}
    return codes.get(value, value) if codes else value


def _address(start: int, place: str) -> str:
    offset, dash, part = place.partition("-")
    return f"{start + int(offset) - 1:02d}{dash}{part}"


def _pieces(text: str, longest: int) -> list[str]:
    pieces: list[str] = []
    while len(text) > longest:
        blank = text.rfind(" ", 0, longest + 1)
        pieces.append(text[:blank] if blank > 0 else text[:longest])
        text = text[blank + 1 :] if blank > 0 else text[longest:]
    return [*pieces, text] if text else pieces


def _runs(items: list[Any], room: int, shared: list[str]) -> list[list[Any]]:
    """Neighbours with the same shared values, at most `room` of them together."""
    runs: list[list[Any]] = []
    for item in items:
        same = runs and all(runs[-1][0].get(name) == item.get(name) for name in shared)
        if same and len(runs[-1]) < room:
            runs[-1].append(item)
        else:
            runs.append([item])
    return runs
