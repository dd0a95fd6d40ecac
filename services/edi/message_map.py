"""The map of a message: a data file that says how a document is built and where each value goes.

One file serves reading and writing; adding a message is adding a file in maps/.
"""

from __future__ import annotations

from functools import cache
from importlib.resources import files

import msgspec

from services.edi.interchange import Syntax


class Cases(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The qualifier at `by` decides where the value at `value` goes: DTM*002 is the requested date."""

    by: str
    value: str
    into: dict[str, str]


class Repeats(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A run of elements that makes several entries of `list`, such as the pairs PO106 and following.
    An entry starts every `step` elements from `first` to `last`; `parts` names its values by their place
    in the entry ("1", "2", or "1-2" for a component). `shared` elements are the same for the whole
    segment; a part named "" makes a list of plain values."""

    list: str
    first: int
    last: int
    step: int
    parts: dict[str, str]
    shared: dict[str, str] = {}


class Node(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One place in the message: a segment, or a loop whose first node is the segment that opens it.

    segment, loop, use  the tag; or the nodes of the loop; or the name of a part defined once in the file
    max, required       how often it may stand here (0: any number), and whether it must
    when                only segments with one of these values at the address belong here
    list                each occurrence is an entry of this list; without it, values go to what is around
    ordinal             entries without a value here get their place in the list, counted from 1
    values              element address -> name of the value; "a.b" is b within a
    absent              names the document has but this message cannot carry: always null
    translate           {name: {code of this standard: code of the document}}; other codes stay as they are
    text                like values, but repeated segments continue the text; "03-4+03-5" is one text
    cases, repeats      see above
    always              write the segment even if the document has nothing for it
    constants           written as given; defaults: written where the document has no value;
    paired              written when the other address has a value: {"06": ["07", "Z"]}
    computed            written where the document has no value: "number" and "parent" (of an HL),
                        "count TAG", "value path" (another value of the same document or entry)
    hierarchy           [own number, number of the parent]: addresses that tell where a loop belongs
    reads_only          another node writes the same values
    """

    segment: str = ""
    loop: tuple[Node, ...] = ()
    use: str = ""
    max: int = 1
    required: bool = False
    when: dict[str, str] = {}
    list: str = ""
    ordinal: str = ""
    values: dict[str, str] = {}
    absent: tuple[str, ...] = ()
    translate: dict[str, dict[str, str]] = {}
    text: dict[str, str] = {}
    cases: Cases | None = None
    repeats: Repeats | None = None
    always: bool = False
    constants: dict[str, str] = {}
    defaults: dict[str, str] = {}
    paired: dict[str, tuple[str, str]] = {}
    computed: dict[str, str] = {}
    hierarchy: tuple[str, str] | None = None
    reads_only: bool = False
    note: str = ""

    @property
    def tag(self) -> str:
        return self.loop[0].segment if self.loop else self.segment

    @property
    def qualifiers(self) -> dict[str, str]:
        return self.loop[0].when if self.loop else self.when


class MessageMap(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A whole map file. `checks` names functions of derivations.py that look at the finished document;
    `releases` are beginnings of the releases it can read, if not all."""

    about: str
    message: str
    document: str
    syntax: Syntax
    nodes: tuple[Node, ...]
    functional_code: str = ""
    parts: dict[str, Node] = {}
    checks: tuple[str, ...] = ()
    writes: bool = True
    releases: tuple[str, ...] = ()

    def reads(self, release: str) -> bool:
        return not self.releases or release.startswith(self.releases)

    def node(self, node: Node) -> Node:
        """The node itself, or the part it names."""
        if not node.use:
            return node
        part = self.parts[node.use]
        return msgspec.structs.replace(part, reads_only=True) if node.reads_only else part


@cache
def message_maps() -> dict[str, MessageMap]:
    """All maps in maps/, by message."""
    found: dict[str, MessageMap] = {}
    for file in sorted(files("services.edi.maps").iterdir(), key=lambda entry: entry.name):
        if file.name.endswith(".json") and not file.name.endswith("_dictionary.json"):
            one = msgspec.json.decode(file.read_bytes(), type=MessageMap)
            found[one.message] = one
    return found


def map_for_document(document: str, syntax: Syntax = "x12") -> MessageMap | None:
    """The map that writes this kind of canonical document."""
    for one in message_maps().values():
        if one.document == document and one.syntax == syntax and one.writes:
            return one
    return None
