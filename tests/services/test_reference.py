"""The reference page: every operation is on it, and it reads without the network and without a script."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from typing import Any

from domain.permissions import ROLES
from services.reference import reference_page
from tests.contracts.golden import operations
from tests.services.shop import Shop

VOID = {"meta", "link", "br", "img", "input", "hr"}


class Page(HTMLParser):
    """What a browser would load, and whether every tag is closed."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.ids: list[str] = []
        self.tags: set[str] = set()
        self.links: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        given = dict(attrs)
        self.ids += [given["id"] or ""] if "id" in given else []
        self.links += [value or "" for name, value in attrs if name in ("href", "src", "action")]
        assert not [name for name, _ in attrs if name.startswith("on")], "no script in attributes"
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


def test_the_page_needs_nothing_from_elsewhere(shop: Shop) -> None:
    answer = shop.get("/docs", None)
    assert answer.headers["content-type"] == "text/html; charset=utf-8"
    assert answer.headers["content-security-policy"].startswith("default-src 'none'")
    page = Page(answer.text)
    assert page.open == [] and not page.tags & {"script", "iframe", "link", "object", "embed", "img"}
    assert [link for link in page.links if not link.startswith(("#", "/"))] == []
    outside = re.sub(r"<pre>.*?</pre>", "", answer.text, flags=re.DOTALL)  # an example may show an address: it is text
    assert not re.search(r"https?://|url\(|@import", outside)
    for link in page.links:
        assert link.removeprefix("#") in page.ids if link.startswith("#") else shop.get(link, None).status_code == 200


def test_every_operation_is_on_the_page_with_what_it_needs(shop: Shop) -> None:
    openapi: dict[str, Any] = shop.get("/v1/openapi.json", None).json()
    text = shop.get("/docs", None).text
    ids = Page(text).ids
    assert sorted(ids) == sorted(o["operationId"] for _, _, o in operations(openapi))
    for method, path, operation in operations(openapi):
        article = text.partition(f'<article id="{operation["operationId"]}">')[2].partition("</article>")[0]
        assert f"{method}</span><code>{path}</code>" in article
        assert operation["x-permission"] == "none" or f"<code>{operation['x-permission']}</code>" in article
        for parameter in operation.get("parameters", []):
            assert f"<code>{parameter['name']}</code>" in article
    assert text.count("Who are you?") == sum(1 for _, _, o in operations(openapi) if o["x-permission"] != "none")


def test_an_example_order_stands_on_the_page_and_is_accepted_as_it_is(shop: Shop) -> None:
    """The example in the reference is well-formed: only its partner is not known here."""
    content = shop.get("/v1/openapi.json", None).json()["paths"]["/v1/orders"]["post"]["requestBody"]["content"]
    example = content["application/json"]["examples"]["example 1"]["value"]
    answer = shop.post("/v1/orders", example)
    assert (answer.status_code, answer.json()["code"]) == (422, "order.partner_unknown")


def test_every_example_body_is_valid(shop: Shop) -> None:
    openapi = shop.get("/v1/openapi.json", None).json()
    tried = 0
    for method, path, operation in operations(openapi):
        content = operation.get("requestBody", {}).get("content", {})
        for example in content.get("application/json", {}).get("examples", {}).values():
            address = re.sub(r"\{[^}]*\}", "xxx", path)  # a stream has three characters at least
            role = next(role for role, held in ROLES.items() if operation["x-permission"] in held)
            headers = {"Idempotency-Key": f"example {address}", "If-Match": "*"}
            answer = shop.send(method, address, role, json=example["value"], headers=headers)
            assert answer.status_code < 500 and answer.json().get("code") not in ("not_valid", "malformed_json"), answer.text
            tried += 1
    assert tried >= 6


def test_what_a_description_says_is_not_taken_for_markup() -> None:
    operation = {"operationId": "a", "summary": "<b>", "description": "<script>alert(1)</script>", "x-permission": "<i>"}
    page = reference_page({"paths": {"/x/{<y>}": {"get": operation}}, "components": {}})
    assert "<script" not in page and "<b>" not in page and "&lt;script&gt;" in page
