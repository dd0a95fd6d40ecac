"""Who may call what: the checked-in matrix of roles and routes, compared with the document and by calling each."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from fastapi import FastAPI

from domain.permissions import ROLES
from services.serving import check_permissions_declared, create_app
from services.settings import Settings
from services.wiring import wire
from tests.conftest import settings_for
from tests.contracts.golden import PERMISSIONS, document, matrix, text_of
from tests.services.shop import ALL_ROLES, Shop, open_shop

ANEW = "who may call what changed: python -m tests.contracts.golden, then look at the diff"
CHECKED_IN: dict[str, dict[str, str]] = json.loads(PERMISSIONS.read_text(encoding="utf-8"))


def test_the_matrix_is_the_one_checked_in() -> None:
    assert text_of(matrix(document())) == PERMISSIONS.read_text(encoding="utf-8"), ANEW


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shop]:
    with open_shop(settings_for(tmp_path_factory.mktemp("matrix") / "data", None)) as opened:
        yield opened


@pytest.mark.parametrize("route", CHECKED_IN)
def test_each_role_is_let_in_exactly_where_the_matrix_says(shop: Shop, route: str) -> None:
    method, _, template = route.partition(" ")
    path = "/".join("x" if part.startswith("{") and ":" not in part else part for part in template.split("/"))
    path = _filled(path)
    for role in ALL_ROLES:
        headers = {"If-Match": "*", "Idempotency-Key": f"{role}-{route}"[:255]}
        answer: Any = shop.send(method, path, role, headers=headers, content=b"" if method == "GET" else b"{}")
        refused = answer.status_code == 403 and answer.json()["code"] == "not_permitted"
        assert refused is (CHECKED_IN[route][role] == "forbidden"), f"{role}: {answer.status_code} {answer.text[:200]}"
        assert answer.status_code not in (401, 404, 405) or answer.json()["code"] not in (
            "missing_key", "no_such_address", "method_not_allowed",
        )  # fmt: skip
        if refused:
            assert answer.json()["permission"] == CHECKED_IN[route]["permission"]


def _filled(path: str) -> str:
    """Some value for every name in an address."""
    while "{" in path:
        before, _, rest = path.partition("{")
        path = f"{before}x{rest.partition('}')[2]}"
    return path


@pytest.mark.parametrize("route", CHECKED_IN)
def test_without_a_key_only_operations_pages_open(shop: Shop, route: str) -> None:
    method, _, template = route.partition(" ")
    answer = shop.send(method, _filled(template), None)
    assert (answer.status_code == 401) is (CHECKED_IN[route]["permission"] != "none"), answer.text[:200]


def test_the_matrix_knows_every_role() -> None:
    assert set(ALL_ROLES) == set(ROLES)
    assert all(set(row) == {"permission", *ROLES} for row in CHECKED_IN.values())


@pytest.mark.parametrize(
    ("extra", "says"), [(None, "/v1/secrets declares no permission"), ({"x-permission": "order.reed"}, "order.reed")]
)
def test_an_app_with_an_undeclared_route_is_not_created(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, extra: dict[str, str] | None, says: str
) -> None:
    wired = wire(Settings(data=tmp_path))
    try:
        app: FastAPI = create_app(wired)
        app.add_api_route("/v1/secrets", lambda: "everything", openapi_extra=extra)
        with pytest.raises(RuntimeError, match=says):
            check_permissions_declared(app)
        monkeypatch.setattr("services.serving.routers", lambda _: [app.router])
        with pytest.raises(RuntimeError, match=says):
            create_app(wired)
    finally:
        wired.close()
