"""The element dictionaries: what each segment's elements are called, and their types and lengths.

Data files: maps/x12_dictionary.json, maps/edifact_dictionary.json. Standards: X12.22/X12.3, UNTDED D.96A.
"""

from __future__ import annotations

from functools import cache
from importlib.resources import files

import msgspec

from services.edi.interchange import Syntax

# City, name, address, description, routing, bad value (997), message.
_FREE_TEXTS = frozenset({"19", "93", "166", "352", "387", "724", "933"})


class _DictionaryFile(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    about: str
    elements: dict[str, str]
    segments: dict[str, str]
    composites: dict[str, str] = {}
    longer: dict[str, dict[str, str]] = {}
    relations: dict[str, str] = {}
    codes: dict[str, str] = {}
    names: dict[str, str] = {}
    known_tags: str = ""


class ElementRule(msgspec.Struct, frozen=True):
    """One element or component: its data element number, type (AN, ID, N0..N9, R, DT, TM, DF) and lengths.
    `parts` are the components of a composite; its own type is then empty."""

    reference: str
    mandatory: bool
    kind: str = ""
    shortest: int = 0
    longest: int = 0
    codes: frozenset[str] = frozenset()
    parts: tuple[ElementRule, ...] = ()

    @property
    def is_free_text(self) -> bool:
        """People read it, so a blank or a cut in it does no harm; in an order number it would be a lie."""
        return self.reference in _FREE_TEXTS


class Dictionary(msgspec.Struct, frozen=True):
    """The segments of one syntax and release; `mandatory` is the last mandatory element of each."""

    segments: dict[str, tuple[ElementRule, ...]]
    mandatory: dict[str, int]
    relations: dict[str, tuple[tuple[str, tuple[str, ...]], ...]]
    names: dict[str, str]
    known_tags: frozenset[str]

    def rule(self, tag: str, address: str) -> ElementRule | None:
        """The rule of "03" or "03-2"; None where the dictionary does not go that far."""
        number, _, part = address.partition("-")
        elements = self.segments.get(tag, ())
        if not 0 < int(number) <= len(elements):
            return None
        rule = elements[int(number) - 1]
        if not part:
            return rule
        return rule.parts[int(part) - 1] if int(part) <= len(rule.parts) else None

    def named(self, tag: str, address: str) -> str:
        """PO102 (quantity ordered): the element as a clerk finds it in the partner's guide."""
        name = self.names.get(tag + address)
        return f"{tag}{address} ({name})" if name else f"{tag}{address}"


@cache
def dictionary(syntax: Syntax, release: str = "") -> Dictionary:
    """The dictionary for a release such as 005010X357; an unknown release gets the base one."""
    raw = files("services.edi.maps").joinpath(f"{syntax}_dictionary.json").read_bytes()
    content = msgspec.json.decode(raw, type=_DictionaryFile)
    elements = dict(content.elements)
    for lengthened, changes in content.longer.items():
        if release.startswith(lengthened):
            elements.update(changes)

    def rule(word: str) -> ElementRule:
        reference = word.removeprefix("M")
        mandatory = word != reference
        if reference in content.composites:
            parts = tuple(rule(part) for part in content.composites[reference].split())
            return ElementRule(reference, mandatory, parts=parts)
        kind, shortest, longest = elements[reference].split()
        codes = frozenset(content.codes.get(reference, "").split())
        return ElementRule(reference, mandatory, kind, int(shortest), int(longest), codes)

    segments = {tag: tuple(rule(word) for word in words.split()) for tag, words in content.segments.items()}
    relations = {
        tag: tuple(_relation(word) for word in words.split()) for tag, words in content.relations.items()
    }
    known_tags = frozenset(segments) | set(content.known_tags.split())
    mandatory = {
        tag: max((number for number, one in enumerate(rules, 1) if one.mandatory), default=0)
        for tag, rules in segments.items()
    }
    return Dictionary(segments, mandatory, relations, content.names, known_tags)


def _relation(word: str) -> tuple[str, tuple[str, ...]]:
    """P0304 is the kind P of the elements 03 and 04."""
    return word[0], tuple(word[at : at + 2] for at in range(1, len(word), 2))
