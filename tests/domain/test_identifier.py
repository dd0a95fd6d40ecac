"""Outside numbers: check digits, one form, one holder."""

from __future__ import annotations

import pytest

from domain.identifier import (
    CHECK_DIGIT,
    DUNS_LENGTH,
    GLN_LENGTH,
    GTIN_LENGTH,
    HELD_BY_ANOTHER,
    NOT_HELD,
    VALUE_EMPTY,
    Identifier,
    edi_address,
    gln,
    gtin14,
    item_scheme,
    normalised,
    place_scheme,
)
from domain.refusal import Refusal, Refused
from tests.given import fact, given

# 400638133393 by hand: 4 + 18 + 3 + 24 + 1 + 9 + 3 + 9 + 9 + 9 = 89, so 1 makes it 90.
GTINS = {
    "96385074": "00000096385074",
    "036000291452": "00036000291452",
    "4006381333931": "04006381333931",
    " 04006381333931 ": "04006381333931",
}


@pytest.mark.parametrize("text", GTINS)
def test_gtins_have_one_form_of_14_digits(text: str) -> None:
    assert gtin14(text) == GTINS[text]


WRONG: dict[str, tuple[Refusal, dict[str, object]]] = {
    "4006381333932": (CHECK_DIGIT, {"given": "2", "right": "1"}),
    "4006381333391": (CHECK_DIGIT, {"given": "1", "right": "9"}),
    "40063813339": (GTIN_LENGTH, {"length": 11}),
    "400638133393A": (GTIN_LENGTH, {"length": 12}),
    "٤٠٠٦٣٨١٣٣٣٩٣١": (GTIN_LENGTH, {"length": 0}),
    "": (GTIN_LENGTH, {"length": 0}),
}


@pytest.mark.parametrize("text", WRONG)
def test_a_mistyped_gtin_is_refused(text: str) -> None:
    refusal, figures = WRONG[text]
    with pytest.raises(Refused) as refused:
        gtin14(text)
    assert refused.value.refusal is refusal
    assert {name: refused.value.parameters[name] for name in figures} == figures


def test_a_gln_has_13_digits_and_a_check_digit() -> None:
    assert gln("4012345000009") == "4012345000009"
    with pytest.raises(Refused) as refused:
        gln("4012345000008")
    assert str(refused.value) == (
        "GLN 4012345000008 ends in 8, but its check digit is 9."
        " One digit is mistyped: check it at its source."
    )
    with pytest.raises(Refused) as refused:
        gln("40123450000")
    assert refused.value.refusal is GLN_LENGTH


def test_other_schemes_are_trimmed_and_duns_loses_its_hyphens() -> None:
    assert normalised("duns", "08-146-6849") == "081466849"
    assert normalised(item_scheme("retailer-a"), " 4711 ") == "4711"
    assert normalised(place_scheme("retailer-a"), "0042") == "0042"
    assert edi_address("ZZ", "RETAILER       ") == "ZZ:RETAILER"
    for scheme, value, refusal in [("duns", "123", DUNS_LENGTH), ("item:a", " ", VALUE_EMPTY)]:
        with pytest.raises(Refused) as refused:
            normalised(scheme, value)
        assert refused.value.refusal is refusal


ASSIGNED = fact(Identifier.Assigned, scheme="gtin", value="04006381333931", to="item/COLA-330")
WITHDRAWN = fact(Identifier.Withdrawn, scheme="gtin", value="04006381333931", was="item/COLA-330")


def test_a_number_is_assigned_in_its_one_form() -> None:
    outcome = given(Identifier).when_new(lambda: Identifier.assign("gtin", "4006381333931", "item/COLA-330"))
    outcome.then(ASSIGNED)
    assert outcome.aggregate is not None
    assert outcome.aggregate.id == "identifier/gtin/04006381333931"
    assert Identifier.stream("gtin", "4006381333931") == outcome.aggregate.id


def test_a_number_names_one_thing_at_a_time() -> None:
    given(Identifier, ASSIGNED).when(lambda known: known.assign_to("item/COLA-330")).then_nothing()
    given(Identifier, ASSIGNED).when(lambda known: known.assign_to("item/TEA-500")).then_refused(
        HELD_BY_ANOTHER, holder="item/COLA-330", asked="item/TEA-500", value="04006381333931"
    )
    again = fact(Identifier.AssignedAgain, scheme="gtin", value="04006381333931", to="item/TEA-500")
    given(Identifier, ASSIGNED, WITHDRAWN).when(lambda known: known.assign_to("item/TEA-500")).then(again)


def test_a_number_is_withdrawn_from_its_holder_only() -> None:
    given(Identifier, ASSIGNED).when(lambda known: known.withdraw_from("item/COLA-330")).then(WITHDRAWN)
    given(Identifier, ASSIGNED, WITHDRAWN).when(
        lambda known: known.withdraw_from("item/COLA-330")
    ).then_nothing()
    given(Identifier, ASSIGNED).when(lambda known: known.withdraw_from("item/TEA-500")).then_refused(
        NOT_HELD, holder="item/COLA-330"
    )
