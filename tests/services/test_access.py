"""Who may come in: keys that are missing, wrong, revoked or expired; permissions by name; a key's share of requests."""

from __future__ import annotations

import time
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from services.access import REMEMBERED_S, KeyRing, key_digest
from services.settings import Settings
from services.starting import first_key, new_key
from tests.conftest import seed_master, started
from tests.services.shop import Shop, problem_of, shop_of

MISSING = "Send your API key as: Authorization: Bearer o2c_live_..."
MALFORMED = "The key must read o2c_live_{id}_{secret} after the word Bearer"


@pytest.mark.parametrize(
    ("header", "code", "says"),
    [
        (None, "missing_key", MISSING), ("", "missing_key", MISSING), ("Basic YTpi", "malformed_key", MALFORMED),
        ("Bearer", "malformed_key", MALFORMED), ("Bearer abc", "malformed_key", MALFORMED),
        ("Bearer o2c_live_abc", "malformed_key", MALFORMED), ("Bearer o2c_live__x", "unknown_key", "This API key is not known"),
        ("Bearer o2c_live_abcdef_secret", "unknown_key", "This API key is not known"),
        ("Bearer o2c_live_ab\0cd_secret", "unknown_key", "This API key is not known"),
        (b"Bearer o2c_live_\xe9_\xff", "unknown_key", "This API key is not known"),
    ],
)
def test_without_a_good_key_nothing_is_told(shop: Shop, header: str | bytes | None, code: str, says: str) -> None:
    headers = {} if header is None else {"Authorization": header}
    for method, path in (("GET", "/v1/orders"), ("POST", "/v1/orders"), ("POST", "/v1/orders:batch")):
        answer = shop.send(method, path, None, headers=headers)
        assert problem_of(answer, 401, code)["detail"] == says
        assert answer.headers["www-authenticate"] == "Bearer"


def test_the_secret_counts_not_only_the_id(shop: Shop) -> None:
    key = shop.master.keys["clerk"]
    wrong = key[:-1] + ("A" if key[-1] != "A" else "B")
    problem_of(shop.get("/v1/orders", None, headers={"Authorization": f"Bearer {wrong}"}), 401, "unknown_key")
    assert shop.get("/v1/orders", None, headers={"Authorization": f"Bearer {key}"}).status_code == 200
    assert shop.get("/v1/orders", None, headers={"Authorization": f"bearer {key}"}).status_code == 200


def _issued(shop: Shop, person: str, expires_on: str, scopes: list[str] | None = None) -> tuple[str, str]:
    key_id, secret, key = new_key()
    asked = {"key_id": key_id, "digest": key_digest(secret), "expires_on": expires_on, "scopes": scopes}
    answer = shop.post(f"/v1/persons/{person}/keys", asked, "administrator")
    assert answer.status_code == 201, answer.text
    assert shop.wired.settle()
    return key_id, key


def test_a_key_issued_over_http_opens_and_a_revoked_one_does_not(shop: Shop) -> None:
    tomorrow = (datetime.now(UTC) + timedelta(days=2)).date().isoformat()
    key_id, key = _issued(shop, "clerk", tomorrow)
    headers = {"Authorization": f"Bearer {key}"}
    assert shop.get("/v1/orders", None, headers=headers).status_code == 200
    assert shop.post(f"/v1/persons/clerk/keys/{key_id}:revoke", {}, "administrator").status_code == 200
    assert shop.wired.settle()
    time.sleep(REMEMBERED_S + 0.05)
    body = problem_of(shop.get("/v1/orders", None, headers=headers), 401, "revoked_key")
    assert body["detail"] == "This API key was revoked; ask your administrator for a new one"


def expire_key(shop: Shop, key_id: str, day: date) -> None:
    """As if the key had been issued to end on ``day``: a key that ends in the past cannot be issued."""
    with shop.wired.projectors["access"].engine.begin() as connection:
        connection.exec_driver_sql("UPDATE keys SET expires_on = ? WHERE key_id = ?", (str(day), key_id))


def test_an_expired_key_is_refused_naming_the_day(own_shop: Shop) -> None:
    today = datetime.now(UTC).date()
    yesterday = today - timedelta(days=1)
    key_id, key = _issued(own_shop, "clerk", "2199-12-31")
    headers = {"Authorization": f"Bearer {key}"}
    expire_key(own_shop, key_id, today)
    assert own_shop.get("/v1/orders", None, headers=headers).status_code == 200, "good to the end of its last day"
    expire_key(own_shop, key_id, yesterday)
    time.sleep(REMEMBERED_S + 0.05)
    body = problem_of(own_shop.get("/v1/orders", None, headers=headers), 401, "expired_key")
    assert body["detail"] == f"This API key expired on {yesterday}; ask for a new one"


def test_a_missing_permission_is_named(shop: Shop) -> None:
    before = shop.position()
    body = problem_of(shop.post("/v1/orders", shop.body("PO-1"), "auditor"), 403, "not_permitted")
    assert "auditor does not hold the permission order.create" in body["detail"]
    assert (body["permission"], shop.position()) == ("order.create", before)


def test_a_key_with_scopes_allows_no_more_than_these(shop: Shop) -> None:
    _, key = _issued(shop, "clerk", "2199-12-31", ["order.read", "person.administer"])
    headers = {"Authorization": f"Bearer {key}"}
    assert shop.get("/v1/orders", None, headers=headers).status_code == 200
    problem_of(shop.post("/v1/orders", shop.body("PO-1"), None, headers=headers), 403, "not_permitted")
    problem_of(shop.post("/v1/persons", {"person": "x"}, None, headers=headers), 403, "not_permitted")


def test_a_refused_caller_does_not_send_his_body(shop: Shop) -> None:
    """401 and 403 come before 413 and 415: nobody without a key makes us read."""
    big = b"x" * 1_100_000
    problem_of(shop.send("POST", "/v1/orders", None, content=big), 401, "missing_key")
    problem_of(shop.send("POST", "/v1/orders", "auditor", content=big), 403, "not_permitted")


def test_a_key_that_asks_too_often_waits(tmp_path: Path) -> None:
    settings = Settings(data=tmp_path / "data", requests_per_minute=3)
    with started(settings) as wired:
        shop = shop_of(wired, seed_master(wired))
        while time.monotonic() % 60 > 58:
            time.sleep(0.1)  # the count begins anew with the minute
        answers = [shop.get("/v1/orders") for _ in range(4)]
        assert [a.status_code for a in answers] == [200, 200, 200, 429]
        body = problem_of(answers[3], 429, "too_many_requests")
        assert "this key sent 4 requests in a minute, 1 more than the 3 allowed" in body["detail"]
        assert 1 <= int(answers[3].headers["retry-after"]) <= 60
        assert shop.get("/v1/orders", "auditor").status_code == 200, "another key has its own share"


def test_only_keys_that_opened_are_remembered() -> None:
    asked: list[str] = []
    ring = KeyRing(lambda key_id: asked.append(key_id), 10)
    for _ in range(2):
        with pytest.raises(Exception, match="not known"):
            ring.authenticate("Bearer o2c_live_abcd_x")
    assert asked == ["abcd", "abcd"]


def test_the_first_start_hands_out_one_administrator_key_and_never_again(tmp_path: Path) -> None:
    with started(Settings(data=tmp_path / "data")) as wired:
        key = first_key(wired)
        assert key is not None and first_key(wired) is None
        shop = shop_of(wired, seed_master(wired, roles=("clerk",)))
        headers = {"Authorization": f"Bearer {key}"}
        assert shop.get("/v1/persons", None, headers=headers).status_code == 200
        problem_of(shop.post("/v1/orders", shop.body("PO-1"), None, headers=headers), 403, "not_permitted")
        rows = "".join(row.data for row in wired.applications["orders"].store.read(0, 1_000))
        assert key.rpartition("_")[2] not in rows, "the secret is kept nowhere"
