"""The audit of a segment's elements against the dictionary: mandatory, too many, types and conditions.

Standard codes: AK403 1 mandatory missing, 2 conditional missing, 3 too many, 10 exclusion; the rest in
elements.py. A fault in an element that no document needs is a warning: it cannot change what was ordered.
"""

from __future__ import annotations

from collections.abc import Iterator

from services.edi.dictionary import Dictionary, ElementRule
from services.edi.elements import fault
from services.edi.findings import Finding, Severity, finding, shown, warning
from services.edi.interchange import UNIT_SEPARATOR, Segment


def audit_segment(segment: Segment, dictionary: Dictionary, needed: frozenset[str]) -> Iterator[Finding]:
    """`needed` are the element numbers, such as "03", whose values go into the document."""
    rules = dictionary.segments.get(segment.tag)
    if rules is None:
        return
    concerned = max(len(segment.elements), dictionary.mandatory.get(segment.tag, 0))
    for number, rule in enumerate(rules[:concerned], 1):
        address = f"{number:02d}"
        text = segment.elements[number - 1] if number <= len(segment.elements) else ""
        if not rule.mandatory and not text:
            continue
        if UNIT_SEPARATOR in text and not rule.parts:
            words = f"{dictionary.named(segment.tag, address)} has components but should be one value"
            yield warning("element", "3", words, at=segment, element=address, value=segment.at(address))
            text = segment.at(address)
        if rule.parts:
            yield from _composite(segment, dictionary, address, rule, address in needed)
        else:
            yield from _element(segment, dictionary, address, rule, text, needed=address in needed)
    beyond = [text for text in segment.elements[len(rules) :] if text.strip()]
    if beyond:
        words = f"{segment.tag} has more than {len(rules)} elements"
        address = f"{len(rules) + 1:02d}"
        yield warning("element", "3", words, at=segment, element=address, value=beyond[0])
    for kind, addresses in dictionary.relations.get(segment.tag, ()):
        if len(segment.elements) >= int(addresses[0]) or kind != "P":
            yield from _relation(segment, dictionary, kind, addresses)


def _composite(
    segment: Segment, dictionary: Dictionary, address: str, rule: ElementRule, needed: bool
) -> Iterator[Finding]:
    present = any(segment.at(f"{address}-{part}") for part in range(1, len(rule.parts) + 1))
    if not present:
        if rule.mandatory:
            yield _empty(segment, dictionary, address, needed)
        return
    for part, part_rule in enumerate(rule.parts, 1):
        text = segment.at(f"{address}-{part}")
        if text or part_rule.mandatory:
            yield from _element(segment, dictionary, f"{address}-{part}", part_rule, text, needed=needed)


def _element(
    segment: Segment, dictionary: Dictionary, address: str, rule: ElementRule, text: str, *, needed: bool
) -> Iterator[Finding]:
    text = text.strip()
    if not text:
        if rule.mandatory:
            yield _empty(segment, dictionary, address, needed)
        return
    if rule.kind == "R":
        text = segment.number_at(address).strip()
    found = fault(rule, text, _date_format(segment, address, rule))
    if found:
        severity: Severity = found.severity if needed else "warning"
        words = f"{dictionary.named(segment.tag, address)} '{shown(text)}' {found.words}"
        yield finding(
            severity, "element", found.code, words, at=segment, element=address, value=text, hint=found.hint
        )


def _empty(segment: Segment, dictionary: Dictionary, address: str, needed: bool) -> Finding:
    words = f"the mandatory element {dictionary.named(segment.tag, address)} is empty"
    return finding("error" if needed else "warning", "element", "1", words, at=segment, element=address)


def _date_format(segment: Segment, address: str, rule: ElementRule) -> str:
    """EDIFACT says a date's format in the component after it."""
    if rule.kind != "DF":
        return ""
    number, _, part = address.partition("-")
    return segment.at(f"{number}-{int(part) + 1}")


def _relation(
    segment: Segment, dictionary: Dictionary, kind: str, addresses: tuple[str, ...]
) -> Iterator[Finding]:
    """P: all or none; R: at least one; C: the first needs the others; E: only one."""
    present = [address for address in addresses if segment.at(address).strip()]
    if len(present) == (1 if kind == "E" else len(addresses)) or (not present and kind != "R"):
        return
    names = [dictionary.named(segment.tag, address) for address in addresses]
    if kind == "E":
        words = f"only one of {', '.join(names)} may be there"
        yield warning("element", "10", words, at=segment, element=addresses[0])
        return
    if (kind == "C" and addresses[0] not in present) or (kind == "R" and present):
        return
    lacking = next(address for address in addresses if address not in present)
    if kind == "R":
        words = f"one of {', '.join(names)} must be there"
    else:
        name = dictionary.named(segment.tag, present[0])
        words = f"{dictionary.named(segment.tag, lacking)} is empty although {name} is there"
    yield warning("element", "2", words, at=segment, element=lacking)
