"""Any purchase order that X12 can carry is the same after writing and reading."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from services.edi import ReadingRules, Separators, check, write_interchange

from .canonical import DOCUMENTS
from .documents import ENVELOPE

WORDS = (
    st.text(st.sampled_from("ABCXYZ0189 -.,/ÄÖ商"), min_size=2, max_size=20)
    .map(str.strip)
    .filter(lambda text: len(text) >= 2)
)
QUANTITIES = st.integers(1, 99_999).map(str)
PRICES = st.decimals(min_value="0.01", max_value="9999.99", places=2).map(str)
DATES = st.dates().filter(lambda day: day.year >= 1000).map(lambda day: day.isoformat())
ITEMS = st.lists(
    st.fixed_dictionaries({"qualifier": st.sampled_from(["UP", "VN", "SK"]), "id": WORDS}), max_size=10
)
SPLITS = st.lists(
    st.fixed_dictionaries(
        {"place_qualifier": st.sampled_from(["92", "UL"]), "place": WORDS, "quantity": QUANTITIES}
    ),
    max_size=25,
)


@st.composite
def orders(draw: st.DrawFn) -> dict[str, Any]:
    """The order of the other tests with other numbers, dates, lines and stores."""
    model = DOCUMENTS["purchase_order"]
    lines = [
        model["lines"][0]
        | {
            "number": str(number),
            "quantity": draw(QUANTITIES),
            "price": draw(st.none() | PRICES),
            "price_basis": None,
            "items": draw(ITEMS),
            "splits": draw(SPLITS),
            "description": draw(st.none() | WORDS),
            "requested_on": draw(st.none() | DATES),
        }
        for number in range(1, draw(st.integers(1, 4)) + 1)
    ]
    return model | {
        "number": draw(WORDS),
        "ordered_on": draw(DATES),
        "cancel_after": draw(st.none() | DATES),
        "lines": lines,
        "totals": {"lines": str(len(lines)), "hash": None, "amount": None},
    }


@settings(max_examples=60, deadline=None)
@given(
    orders(),
    st.sampled_from([("*", ">", "~"), ("|", ":", "\n"), ("\x1d", "\x1f", "\x1c")]),
    st.sampled_from(["utf-8", "gb18030"]),
)
def test_written_and_read_is_the_same(
    order: dict[str, Any], marks: tuple[str, str, str], charset: str
) -> None:
    separators = Separators(element=marks[0], component=marks[1], segment=marks[2])
    envelope = replace(ENVELOPE, separators=separators, charset=charset)
    sending = write_interchange([order], envelope)
    assert sending.findings == ()
    (one,) = check(sending.raw, ReadingRules(charset=charset)).interchanges[0].accepted_sets()
    assert one.document == order
