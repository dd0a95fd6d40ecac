"""The audit of a segment's elements against the dictionary: mandatory, too many, types and conditions.

Standard codes: AK403 1 mandatory missing, 2 conditional missing, 3 too many, 10 exclusion; the rest in
elements.py. A fault in an element that no document needs is a warning: it cannot change what was ordered.
"""

from __future__ import annotations

from collections.abc import Iterator

from services.edi.dictionary import Dictionary, ElementRule
from services.edi.elements import fault
from services.edi.findings import Finding, Severity, shown
from services.edi.interchange import UNIT_SEPARATOR, Segment


def audit_segment(segment: Segment, dictionary: Dictionary, needed: frozenset[str]) -> Iterator[Finding]:
    """`needed` are the element numbers, such as "03", whose values go into the document."""
    rules = dictionary.segments.get(segment.tag)
    if rules is None:
        return
    for number, rule in enumerate(rules, 1):
        address = f"{number:02d}"
        text = segment.elements[number - 1] if number <= len(segment.elements) else ""
        if not rule.mandatory and not text:
            continue
        if UNIT_SEPARATOR in text and not rule.parts:
            yield _finding(
                "warning",
                "3",
                segment,
                address,
                segment.at(address),
                f"{dictionary.named(segment.tag, address)} has components but should be one value",
            )
            text = segment.at(address)
        if rule.parts:
            yield from _composite(segment, dictionary, address, rule, address in needed)
        else:
            yield from _element(segment, dictionary, address, rule, text, address in needed)
    beyond = [text for text in segment.elements[len(rules) :] if text.strip()]
    if beyond:
        yield _finding(
            "warning",
            "3",
            segment,
            f"{len(rules) + 1:02d}",
            beyond[0],
            f"{segment.tag} has more than {len(rules)} elements",
        )
    for relation in dictionary.relations.get(segment.tag, ()):
        yield from _relation(segment, dictionary, relation)


def _composite(
    segment: Segment, dictionary: Dictionary, address: str, rule: ElementRule, needed: bool
) -> Iterator[Finding]:
    present = any(segment.at(f"{address}-{part}") for part in range(1, len(rule.parts) + 1))
    if not present:
        if rule.mandatory:
            yield _finding(
                "error" if needed else "warning",
                "1",
                segment,
                address,
                "",
                f"the mandatory element {dictionary.named(segment.tag, address)} is empty",
            )
        return
    for part, part_rule in enumerate(rule.parts, 1):
        text = segment.at(f"{address}-{part}")
        if text or part_rule.mandatory:
            yield from _element(segment, dictionary, f"{address}-{part}", part_rule, text, needed)


def _element(
    segment: Segment, dictionary: Dictionary, address: str, rule: ElementRule, text: str, needed: bool
) -> Iterator[Finding]:
    text = text.strip()
    name = dictionary.named(segment.tag, address)
    if not text:
        if rule.mandatory:
            yield _finding(
                "error" if needed else "warning",
                "1",
                segment,
                address,
                "",
                f"the mandatory element {name} is empty",
            )
        return
    if rule.kind == "R":
        text = segment.number_at(address).strip()
    found = fault(rule, text, _date_format(segment, address, rule))
    if found:
        severity: Severity = found.severity if needed else "warning"
        words = f"{name} '{shown(text)}' {found.words}"
        yield _finding(severity, found.code, segment, address, text, words, found.hint)


def _date_format(segment: Segment, address: str, rule: ElementRule) -> str:
    """EDIFACT says a date's format in the component after it."""
    if rule.kind != "DF":
        return ""
    number, _, part = address.partition("-")
    return segment.at(f"{number}-{int(part) + 1}")


def _relation(segment: Segment, dictionary: Dictionary, relation: str) -> Iterator[Finding]:
    """P: all or none; R: at least one; C: the first needs the others; E: only one."""
    addresses = [relation[at : at + 2] for at in range(1, len(relation), 2)]
    present = [bool(segment.at(address).strip()) for address in addresses]
    names = [dictionary.named(segment.tag, address) for address in addresses]
    missing = names[present.index(False)] if False in present else ""
    match relation[0]:
        case "P" if any(present) and not all(present):
            words = f"{missing} is empty although {names[present.index(True)]} is there"
        case "C" if present[0] and not all(present):
            words = f"{missing} is empty although {names[0]} is there"
        case "R" if not any(present):
            words = f"one of {', '.join(names)} must be there"
        case "E" if sum(present) > 1:
            words = f"only one of {', '.join(names)} may be there"
            yield _finding("warning", "10", segment, addresses[0], "", words)
            return
        case _:
            return
    lacking = addresses[present.index(False)]
    yield _finding("warning", "2", segment, lacking, "", words)


def _finding(
    severity: Severity, code: str, segment: Segment, address: str, value: str, message: str, hint: str = ""
) -> Finding:
    return Finding(
        severity,
        "element",
        code,
        message,
        segment.tag,
        segment.position or None,
        address,
        segment.offset,
        shown(value),
        hint,
    )
