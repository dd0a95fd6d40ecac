"""The credit policy as JSON: read with every defect named, written whole; and who may release how much."""

from __future__ import annotations

from decimal import Decimal

import pytest

from domain.credit_policy import CreditPolicy, SecuredTreatment, credit_policy_from, credit_policy_json
from domain.refusal import Refused


def test_what_is_left_out_has_its_default_and_all_of_it_is_written() -> None:
    assert credit_policy_from({}) == CreditPolicy()
    said = {
        "horizon": 30, "includeDisputed": False, "securedTreatment": "REDUCE_EXPOSURE", "reviewBy": "2026-12-31",
        "overdueMinimum": "1000.01", "releaseDays": 5, "releaseDeviationPercent": "10",
        "authorities": [{"person": "wang", "upTo": "50000"}, {"person": "chen"}],
    }
    policy = credit_policy_from(said)
    assert (policy.secured_treatment, policy.overdue_minimum) == (SecuredTreatment.REDUCE_EXPOSURE, Decimal("1000.01"))
    written = credit_policy_json(policy)
    assert credit_policy_from(written) == policy
    assert set(written) >= {"includeBankDrafts", "maximumDocument", "strictFifo"}


@pytest.mark.parametrize(
    ("said", "says"),
    [
        ({"horizont": 3}, "/horizont: there is no such field"), ({"horizon": -1}, "/horizon: -1 lies below 0"),
        ({"securedTreatment": "HALF"}, "'HALF' is not one of"), ({"includeDisputed": "yes"}, "/includeDisputed: send true"),
        ({"maximumDocument": 0.5}, "/maximumDocument: send a number as text"),
        ({"authorities": [{"upTo": "5"}]}, "/authorities/0/person: this field is needed"),
        ({"authorities": {"person": "wang"}}, "/authorities: send a list of objects"),
        ({"authorities": [{"person": "wang", "upTo": "-5"}]}, "wang may release -5, below 0"),
    ],
)  # fmt: skip
def test_every_defect_is_named(said: dict[str, object], says: str) -> None:
    with pytest.raises(Refused) as refused:
        credit_policy_from({"reviewBy": "31.12.2026", **said})
    assert refused.value.code == "credit.policy_not_valid"
    assert "/reviewBy: send a day" in str(refused.value) or "below 0" in says
    with pytest.raises(Refused, match=r".*") as alone:
        credit_policy_from(said)
    assert says in str(alone.value)


def test_authority_is_the_persons_own_and_nobody_elses() -> None:
    policy = credit_policy_from({"authorities": [{"person": "wang", "upTo": "50"}, {"person": "chen"}]})
    assert [policy.authority_of(person) for person in ("wang", "chen", "zhao")] == [Decimal(50), None, Decimal(0)]
    assert CreditPolicy().authority_of("zhao") is None
