"""Reading a transaction set by its map: the canonical document and what is wrong with it.

The map decides everything; there is no code for one message here. Canonical documents are plain dicts.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from services.edi.derivations import CHECKS
from services.edi.dictionary import Dictionary, dictionary
from services.edi.element_audit import audit_segment
from services.edi.elements import canonical
from services.edi.findings import Finding, warning
from services.edi.interchange import Segment, TransactionSet
from services.edi.message_map import MessageMap, Node, Repeats
from services.edi.placement import Placed, Placement

Document = dict[str, Any]

# A text that goes on over many segments grows no further than this: reading stays linear.
LONGEST_TEXT = 10_000


@dataclass(frozen=True, slots=True)
class Reading:
    """A set as read: the document is there even when findings refuse it, so that a person can look.
    `not_carried` are the tags of segments that are in order but for which the document has no place."""

    document: Document
    findings: tuple[Finding, ...]
    not_carried: tuple[str, ...] = ()


def read_set(transaction_set: TransactionSet, message: MessageMap, release: str = "") -> Reading:
    """Read one set. The envelope is not looked at: envelope_audit.py does that."""
    words = dictionary(message.syntax, release)
    placement = Placement(message, words, transaction_set.header.offset)
    root = placement.place(transaction_set.body)
    reader = _Reader(message, words)
    document: Document = {"document": message.document}
    document |= _fresh(_template(message, Node(loop=message.nodes)))
    reader.loop(root, document)
    findings = placement.findings + reader.findings
    findings.sort(key=lambda finding: finding.position or 0)
    header = transaction_set.header
    for name in message.checks:
        findings += [warning("set", "", problem, at=header) for problem in CHECKS[name](document)]
    return Reading(document, tuple(findings), tuple(dict.fromkeys(reader.not_carried)))


def _template(message: MessageMap, around: Node) -> Document:
    """Every name the map can fill in one list entry or in the document: absent is null or an empty list."""
    template: Document = {around.ordinal: None} if around.ordinal else {}
    for node in map(message.node, around.loop or (around,)):
        if around.loop and node.list:
            template.setdefault(node.list, [])
            continue
        if node.loop:
            _merge(template, _template(message, node))
            continue
        cases = node.cases.into.values() if node.cases else ()
        names = [*node.absent, *node.values.values(), *node.text.values(), *cases]
        for name in names:
            _put_default(template, name)
        if node.repeats:
            template.setdefault(node.repeats.list, [])
    return template


def _merge(template: Document, more: Document) -> None:
    for name, value in more.items():
        if isinstance(value, dict) and isinstance(template.get(name), dict):
            _merge(template[name], value)
        else:
            template.setdefault(name, value)


def _put_default(template: Document, path: str) -> None:
    *around, name = path.split(".")
    for step in around:
        template = template.setdefault(step, {})
    template.setdefault(name, None)


def _fresh(template: Document) -> Document:
    return {
        name: [] if isinstance(value, list) else _fresh(value) if isinstance(value, dict) else None
        for name, value in template.items()
    }


class _Reader:
    """Reads placed segments into documents; what it learns about a node of the map it keeps."""

    def __init__(self, message: MessageMap, words: Dictionary) -> None:
        self.message = message
        self.words = words
        self.findings: list[Finding] = []
        self.templates: dict[int, Document] = {}
        self.needs: dict[int, frozenset[str]] = {}
        self.not_carried: list[str] = []

    def loop(self, placed: Placed, target: Document) -> None:
        for place in sorted(placed.found):
            node = placed.nodes[place]
            for one in placed.found[place]:
                entry = self._entry(node, placed, target) if node.list else target
                if isinstance(one, Placed):
                    self.loop(one, entry)
                else:
                    self._segment(one, node, entry)
                if node.ordinal and entry[node.ordinal] is None:
                    entry[node.ordinal] = str(len(target[node.list]))

    def _entry(self, node: Node, placed: Placed, target: Document) -> Document:
        """A new entry; where several nodes feed one list, its entries have the names of all of them."""
        template = self.templates.get(id(node))
        if template is None:
            template = self.templates[id(node)] = {}
            for sibling in placed.nodes:
                if sibling.list == node.list:
                    _merge(template, _template(self.message, sibling))
        entry = _fresh(template)
        target.setdefault(node.list, []).append(entry)
        return entry

    def _segment(self, segment: Segment, node: Node, target: Document) -> None:
        needed = self.needs.get(id(node))
        if needed is None:
            needed = self.needs[id(node)] = _needed(node)
        self.findings += audit_segment(segment, self.words, needed)
        if not (needed or node.always or node.constants or node.computed):
            self.not_carried.append(segment.tag)
        for address, path in node.values.items():
            value = self._value(segment, address)
            _put(target, path, node.translate.get(path, {}).get(value or "", value))
        for addresses, path in node.text.items():
            text = "".join(segment.at(address) for address in addresses.split("+")).strip()
            earlier = _get(target, path)
            if earlier and len(earlier) > LONGEST_TEXT:
                continue
            _put(target, path, f"{earlier} {text}".strip() if earlier else text or None, again=True)
        if node.cases:
            case = node.cases.into.get(segment.at(node.cases.by).strip())
            if case:
                _put(target, case, self._value(segment, node.cases.value))
        if node.repeats:
            target.setdefault(node.repeats.list, []).extend(self._repeated(segment, node.repeats))

    def _repeated(self, segment: Segment, repeats: Repeats) -> list[Any]:
        entries: list[Any] = []
        last = min(repeats.last, len(segment.elements))
        for start in range(repeats.first, last + 1, repeats.step):
            entry = {
                name: self._value(segment, _address(start, place)) for place, name in repeats.parts.items()
            }
            if all(value is None for value in entry.values()):
                continue
            shared = {name: self._value(segment, address) for address, name in repeats.shared.items()}
            entries.append(entry[""] if "" in entry else shared | entry)
        return entries

    def _value(self, segment: Segment, address: str) -> str | None:
        text = segment.at(address)
        if not text:
            return None
        rule = self.words.rule(segment.tag, address)
        if rule is None or not rule.kind:
            return text.strip() or None
        if rule.kind == "R":
            return canonical(rule, segment.number_at(address))
        if rule.kind == "DF":
            number, _, part = address.partition("-")
            return canonical(rule, text, segment.at(f"{number}-{int(part) + 1}"))
        return canonical(rule, text)


def _address(start: int, place: str) -> str:
    offset, dash, part = place.partition("-")
    return f"{start + int(offset) - 1:02d}{dash}{part}"


def _needed(node: Node) -> frozenset[str]:
    addresses = [*node.values, *node.repeats.shared] if node.repeats else list(node.values)
    addresses += [one for many in node.text for one in many.split("+")]
    if node.cases:
        addresses += [node.cases.by, node.cases.value]
    if node.repeats:
        addresses += [f"{number:02d}" for number in range(node.repeats.first, node.repeats.last + 1)]
    return frozenset(address.partition("-")[0] for address in addresses)


def _get(target: Document, path: str) -> Any:
    for step in path.split("."):
        target = target[step]
    return target


def _put(target: Document, path: str, value: str | None, *, again: bool = False) -> None:
    """The first value stays: a second DTM of one kind does not overrule it."""
    *around, name = path.split(".")
    for step in around:
        target = target[step]
    if again or target.get(name) is None:
        target[name] = value
