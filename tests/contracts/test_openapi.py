"""The API document: what is checked in is what is served, and every operation is described whole."""

from __future__ import annotations

from typing import Any

import pytest

from domain.permissions import PERMISSIONS
from tests.contracts.golden import OPENAPI, document, operations, text_of

OPEN = {"/livez", "/readyz", "/health", "/metrics"}
ANEW = "the API changed: python -m tests.contracts.golden, then look at the diff"


@pytest.fixture(scope="module")
def openapi() -> dict[str, Any]:
    return document()


def test_the_document_is_the_one_checked_in(openapi: dict[str, Any]) -> None:
    assert text_of(openapi) == OPENAPI.read_text(encoding="utf-8"), ANEW


def test_every_operation_is_described(openapi: dict[str, Any]) -> None:
    found = operations(openapi)
    names = [operation.get("operationId") for _, _, operation in found]
    assert len(set(names)) == len(found) and None not in names
    for method, path, operation in found:
        where = f"{method} {path}"
        assert operation.get("summary"), where
        assert operation.get("description", "").strip(), where
        for parameter in operation.get("parameters", []):
            assert parameter["schema"], where


def test_every_operation_declares_a_permission_that_exists(openapi: dict[str, Any]) -> None:
    for _, path, operation in operations(openapi):
        assert operation["x-permission"] in PERMISSIONS or (operation["x-permission"] == "none" and path in OPEN), path


def test_every_operation_shows_its_problems_and_its_success(openapi: dict[str, Any]) -> None:
    for method, path, operation in operations(openapi):
        where = f"{method} {path}"
        responses = operation["responses"]
        if path in OPEN:
            assert set(responses) == {"200", "503"}, where
        else:
            least = {"400", "401", "403", "404", "422", "429", "503"} | ({"409", "413", "415"} if method == "POST" else set())
            assert least <= set(responses), where
        if any(p["name"] == "If-Match" for p in operation.get("parameters", [])):
            assert {"412", "428"} <= set(responses), where
        for status, response in responses.items():
            _check_response(openapi, where, status, response)


def _check_response(openapi: dict[str, Any], where: str, status: str, response: dict[str, Any]) -> None:
    if status.startswith("2"):
        for media in response["content"].values():
            assert media.get("schema") or media.get("example"), f"{where} {status}: nobody knows what success looks like"
        return
    response = openapi["components"]["responses"][response["$ref"].rpartition("/")[2]]
    problem = response["content"]["application/problem+json"]
    example, required = problem["example"], openapi["components"]["schemas"]["Problem"]["required"]
    assert set(required) == set(example), where
    assert (str(example["status"]), example["title"]) == (status, response["description"]), where


def test_every_change_takes_a_key_and_a_json_body(openapi: dict[str, Any]) -> None:
    for method, path, operation in operations(openapi):
        if method == "POST":
            assert "Idempotency-Key" in {p["name"] for p in operation["parameters"]}, path
            media = list(operation.get("requestBody", {}).get("content", {}))
            assert path.startswith("/v1/edi") or media in (["application/json"], []), path


def test_every_reference_leads_somewhere(openapi: dict[str, Any]) -> None:
    kinds = ("schemas", "responses")

    def references(value: Any) -> set[str]:
        if isinstance(value, dict):
            own = {value["$ref"]} if isinstance(value.get("$ref"), str) else set()
            return own.union(*map(references, value.values()))
        return set().union(*map(references, value)) if isinstance(value, list) else set()

    assert references(openapi) <= {f"#/components/{kind}/{name}" for kind in kinds for name in openapi["components"][kind]}


def test_amounts_and_quantities_are_never_numbers(openapi: dict[str, Any]) -> None:
    def numbers(value: Any, where: str) -> list[str]:
        if isinstance(value, dict):
            own = [where] if value.get("type") == "number" else []
            return own + [found for key, inner in value.items() for found in numbers(inner, f"{where}/{key}")]
        if isinstance(value, list):
            return [found for i, inner in enumerate(value) for found in numbers(inner, f"{where}/{i}")]
        return []

    assert numbers(openapi, "") == []
