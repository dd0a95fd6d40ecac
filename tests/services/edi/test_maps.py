"""The map files: every name in them exists, and a new message is a new file and nothing else."""

from __future__ import annotations

from collections.abc import Iterator

import msgspec
import pytest

from services.edi import MessageMap, Segment, TransactionSet, message_maps, read_set, write_set
from services.edi.derivations import CHECKS
from services.edi.dictionary import dictionary
from services.edi.message_map import Node, map_for_document


def nodes_of(message: MessageMap) -> Iterator[Node]:
    """Every node of a map, each part once."""
    waiting = [*message.nodes, *message.parts.values()]
    while waiting:
        node = waiting.pop()
        if not node.use:
            yield node
            waiting += node.loop


def addresses(node: Node) -> Iterator[str]:
    """Every element address that a node names."""
    yield from (*node.values, *node.constants, *node.defaults, *node.computed, *node.paired, *node.when)
    yield from (address for many in node.text for address in many.split("+"))
    if node.cases:
        yield from (node.cases.by, node.cases.value)
    if node.repeats:
        yield from node.repeats.shared
        yield f"{node.repeats.last:02d}"


@pytest.mark.parametrize("name", message_maps())
def test_every_name_exists(name: str) -> None:
    message = message_maps()[name]
    words = dictionary(message.syntax)
    assert set(message.checks) <= set(CHECKS)
    for node in nodes_of(message):
        if node.loop:
            assert node.loop[0].segment, "a loop is opened by a segment"
            continue
        assert node.segment in words.known_tags or node.segment in {"TX1", "L7", "BAL", "LH1", "STG"}, (
            node.segment
        )
        for address in addresses(node):
            assert words.rule(node.segment, address) is not None, f"{node.segment}{address}"


def test_one_message_writes_a_document_and_it_is_the_one_asked_for() -> None:
    assert set(message_maps()) == {"810", "820", "850", "855", "856", "860", "861", "997", "ORDERS"}
    for message in message_maps().values():
        if message.writes:
            assert map_for_document(message.document) is message
    assert map_for_document("poem") is None


TEXT_MESSAGE = {
    "about": "X12 864 text message",
    "message": "864",
    "document": "text_message",
    "syntax": "x12",
    "nodes": [
        {"segment": "DTM", "max": 0, "cases": {"by": "01", "value": "02", "into": {"097": "written_on"}}},
        {
            "max": 0,
            "list": "texts",
            "ordinal": "number",
            "loop": [
                {"segment": "N9", "values": {"02": "subject"}, "constants": {"01": "L1"}},
                {"segment": "MSG", "max": 0, "text": {"01": "text"}},
            ],
        },
    ],
}


def test_a_new_message_is_a_map_and_nothing_else() -> None:
    """A text message (864), declared here, read and written by the code that knows nothing of it."""
    message = msgspec.convert(TEXT_MESSAGE, MessageMap)
    segments = [
        Segment(tag, tuple(rest), number, 0)
        for number, (tag, *rest) in enumerate(
            [
                ("ST", "864", "1"),
                ("DTM", "097", "20260302"),
                ("N9", "L1", "ASN"),
                ("MSG", "BSN02 is"),
                ("MSG", "not unique"),
                ("N9", "L1", "INVOICE"),
                ("SE", "7", "1"),
            ],
            1,
        )
    ]
    reading = read_set(TransactionSet("864", "1", tuple(segments), segments[-1]), message)
    assert reading.findings == ()
    assert reading.document == {
        "document": "text_message",
        "written_on": "2026-03-02",
        "texts": [
            {"number": "1", "subject": "ASN", "text": "BSN02 is not unique"},
            {"number": "2", "subject": "INVOICE", "text": None},
        ],
    }
    assert [(one.tag, *one.elements) for one in write_set(reading.document, message).segments] == [
        ("DTM", "097", "20260302"),
        ("N9", "L1", "ASN"),
        ("MSG", "BSN02 is not unique"),
        ("N9", "L1", "INVOICE"),
    ]


def test_a_misspelt_map_does_not_load() -> None:
    with pytest.raises(msgspec.ValidationError):
        msgspec.convert(
            {"about": "", "message": "1", "document": "d", "syntax": "x12", "nodes": [{"segmnet": "BEG"}]},
            MessageMap,
        )
