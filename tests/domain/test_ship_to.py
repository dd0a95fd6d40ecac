"""Places goods are delivered to."""

from __future__ import annotations

from dataclasses import asdict, replace
from functools import partial

import pytest

from domain.codes import COUNTRY_UNKNOWN, ZONE_UNKNOWN
from domain.identifier import CHECK_DIGIT
from domain.refusal import Refused
from domain.ship_to import PLACE_WITHDRAWN, Place, ShipTo
from tests.given import fact, given

DOCK = Place(
    name="Chicago dock",
    zone="America/Chicago",
    country="US",
    tax_place="US-IL",
    region="IL",
    gln="4012345000009",
    banner="Retailer A",
)
AGREED = fact(ShipTo.Agreed, partner="retailer-a", place="dc-1", **asdict(DOCK))
WITHDRAWN = fact(ShipTo.Withdrawn, partner="retailer-a", place="dc-1")


def test_a_place_is_agreed_with_a_zone_that_exists() -> None:
    given(ShipTo).when_new(lambda: ShipTo.agree("retailer-a", "dc-1", DOCK)).then(AGREED)
    for wrong, refusal in [
        (replace(DOCK, zone="Chicago"), ZONE_UNKNOWN),
        (replace(DOCK, zone=""), ZONE_UNKNOWN),
        (replace(DOCK, zone="../etc/passwd"), ZONE_UNKNOWN),
        (replace(DOCK, country="USA"), COUNTRY_UNKNOWN),
        (replace(DOCK, gln="4012345000008"), CHECK_DIGIT),
    ]:
        given(ShipTo).when_new(partial(ShipTo.agree, "retailer-a", "dc-1", wrong)).then_refused(refusal)


def test_other_particulars_are_another_fact_and_the_same_are_silent() -> None:
    moved = replace(DOCK, name="Joliet dock")
    anew = fact(ShipTo.AgreedAnew, partner="retailer-a", place="dc-1", **asdict(moved))
    given(ShipTo, AGREED).when(lambda place: place.agree_anew(moved)).then(anew)
    given(ShipTo, AGREED).when(lambda place: place.agree_anew(DOCK)).then_nothing()


def test_a_withdrawn_place_takes_nothing_until_it_is_agreed_anew() -> None:
    given(ShipTo, AGREED).when(lambda place: place.withdraw()).then(WITHDRAWN)
    given(ShipTo, AGREED, WITHDRAWN).when(lambda place: place.withdraw()).then_nothing()
    withdrawn = given(ShipTo, AGREED, WITHDRAWN)
    assert withdrawn.aggregate is not None
    with pytest.raises(Refused) as refused:
        withdrawn.aggregate.check_takes("order")
    assert refused.value.refusal is PLACE_WITHDRAWN
    outcome = withdrawn.when(lambda place: place.agree_anew(DOCK)).then_state(withdrawn=False)
    assert outcome.aggregate is not None
    outcome.aggregate.check_takes("order")
