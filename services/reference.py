"""The API reference as one page of HTML made from the OpenAPI document: readable offline, without a script."""

from __future__ import annotations

from collections.abc import Iterator
from html import escape
from typing import Any

import msgspec

STYLE = """
:root { color-scheme: light dark; --line: #8884; --soft: #8882; --code: #8881; }
body { font: 15px/1.5 system-ui, sans-serif; margin: 0; display: grid; grid-template-columns: 19rem 1fr; }
nav { position: sticky; top: 0; height: 100vh; overflow: auto; padding: 1rem; box-sizing: border-box;
  border-right: 1px solid var(--line); }
nav a { display: block; text-decoration: none; color: inherit; padding: .1rem 0; font-size: 13px; }
nav a:hover { text-decoration: underline; } nav h2 { font-size: 13px; margin: 1rem 0 .2rem; text-transform: capitalize; }
main { padding: 1rem 2rem 6rem; max-width: 60rem; } h1 { margin: 0 0 .5rem; }
article { border-top: 1px solid var(--line); padding: 1rem 0; } article h3 { margin: 0; font-size: 16px; }
.method { font: 700 12px ui-monospace, monospace; padding: .1rem .4rem; border-radius: .2rem; margin-right: .5rem;
  background: var(--soft); }
code, pre { font: 13px/1.45 ui-monospace, monospace; }
pre { background: var(--code); padding: .7rem; overflow: auto; border-radius: .3rem; }
table { border-collapse: collapse; width: 100%; font-size: 14px; margin: .4rem 0; }
td, th { text-align: left; padding: .2rem .6rem .2rem 0; border-bottom: 1px solid var(--soft); vertical-align: top; }
.soft { opacity: .75; font-size: 13px; }
@media (max-width: 50rem) { body { display: block; } nav { position: static; height: auto; border: 0; } }
"""

INTRODUCTION = """
<p>Send your API key with every request: <code>Authorization: Bearer o2c_live_&hellip;</code>. A request that changes
something may carry an <code>Idempotency-Key</code>; the same key again gets the first answer. An answer names its place in
the log (<code>O2C-Position</code>); a read with <code>?min_position=</code> waits for it. A change of something you have
seen needs <code>If-Match</code> with its <code>ETag</code>. Amounts and quantities are text. Every error is
<code>application/problem+json</code>: switch on <code>code</code>, show <code>detail</code>.</p>
<p>The same as a document for tools: <a href="/v1/openapi.json">/v1/openapi.json</a>.</p>
"""


def reference_page(document: dict[str, Any]) -> str:
    """The whole reference; ``document`` is the OpenAPI document."""
    components = document.get("components", {})
    by_tag: dict[str, list[tuple[str, str, dict[str, Any]]]] = {}
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            by_tag.setdefault((operation.get("tags") or ["operations"])[0], []).append((method, path, operation))
    menu = "".join(_menu(tag, operations) for tag, operations in by_tag.items())
    body = "".join(_chapter(tag, operations, components) for tag, operations in by_tag.items())
    return (
        '<!doctype html><html lang="en"><head><meta charset="utf-8"><title>o2c API reference</title>'
        f'<meta name="viewport" content="width=device-width, initial-scale=1"><style>{STYLE}</style></head>'
        f"<body><nav><strong>o2c</strong>{menu}</nav><main><h1>API reference</h1>{INTRODUCTION}{body}</main></body></html>"
    )


def _chapter(tag: str, operations: list[tuple[str, str, dict[str, Any]]], components: dict[str, Any]) -> str:
    parts = "".join(_operation(method, path, operation, components) for method, path, operation in operations)
    return f"<h2>{escape(tag.capitalize())}</h2>{parts}"


def _menu(tag: str, operations: list[tuple[str, str, dict[str, Any]]]) -> str:
    links = "".join(
        f'<a href="#{escape(o["operationId"])}">{escape(o.get("summary", o["operationId"]))}</a>' for _, _, o in operations
    )
    return f"<h2>{escape(tag)}</h2>{links}"


def _operation(method: str, path: str, operation: dict[str, Any], components: dict[str, Any]) -> str:
    permission = operation.get("x-permission", "none")
    needs = "open to everybody" if permission == "none" else f"needs the permission <code>{escape(permission)}</code>"
    return (
        f'<article id="{escape(operation["operationId"])}"><h3><span class="method">{method.upper()}</span>'
        f"<code>{escape(path)}</code></h3><p>{escape(operation.get('description') or operation.get('summary', ''))}"
        f' <span class="soft">{needs}</span></p>{_parameters(operation)}{_body(operation, components.get("schemas", {}))}'
        f"{_answers(operation, components.get('responses', {}))}</article>"
    )


def _parameters(operation: dict[str, Any]) -> str:
    rows = "".join(
        f"<tr><td><code>{escape(p['name'])}</code></td><td>{escape(p['in'])}{', required' if p.get('required') else ''}</td>"
        f"<td>{escape(p.get('description', ''))}</td></tr>"
        for p in operation.get("parameters", [])
    )
    return f"<table><tr><th>parameter</th><th>in</th><th></th></tr>{rows}</table>" if rows else ""


def _body(operation: dict[str, Any], schemas: dict[str, Any]) -> str:
    content = operation.get("requestBody", {}).get("content", {})
    parts = []
    for media, described in content.items():
        fields = "".join(_fields(described.get("schema", {}), schemas, "", ()))
        table = f"<table><tr><th>field</th><th>is</th><th></th></tr>{fields}</table>" if fields else ""
        examples = described.get("examples", {})
        shown = "".join(
            f"<pre>{escape(msgspec.json.format(msgspec.json.encode(e['value']), indent=2).decode())}</pre>"
            for e in examples.values()
        )
        parts.append(f'<p class="soft">Body: {escape(media)}</p>{table}{shown}')
    return "".join(parts)


def _fields(schema: dict[str, Any], schemas: dict[str, Any], prefix: str, above: tuple[str, ...]) -> Iterator[str]:
    """A row a field; parts of parts are indented by their path, a part that holds itself is not opened again."""
    name, resolved = _resolved(schema, schemas)
    if name in above:
        return
    required = set(resolved.get("required", []))
    for field, described in resolved.get("properties", {}).items():
        inner_name, inner = _resolved(described, schemas)
        word = _kind(described, inner)
        marks = f"{word}{', required' if field in required else ''}"
        yield (
            f"<tr><td><code>{escape(prefix + field)}</code></td><td>{escape(marks)}</td>"
            f"<td>{escape(described.get('description', '') or inner.get('description', ''))}</td></tr>"
        )
        item = inner.get("items") or described
        if len(above) < 3 and inner_name not in above:
            suffix = "[]." if "items" in inner else "."
            yield from _fields(item, schemas, prefix + field + suffix, (*above, name))


def _resolved(schema: dict[str, Any], schemas: dict[str, Any]) -> tuple[str, dict[str, Any]]:
    for option in (schema, *schema.get("anyOf", []), *schema.get("allOf", [])):
        reference = option.get("$ref")
        if reference:
            name = reference.rpartition("/")[2]
            return name, schemas.get(name, {})
    options = [o for o in schema.get("anyOf", []) if o.get("type") != "null"]
    return "", options[0] if options else schema


def _kind(described: dict[str, Any], inner: dict[str, Any]) -> str:
    if "enum" in inner:
        return "one of " + ", ".join(str(value) for value in inner["enum"])
    word = inner.get("format") or inner.get("type") or "any"
    nullable = any(option.get("type") == "null" for option in described.get("anyOf", []))
    return f"{word}{' or null' if nullable else ''}"


def _answers(operation: dict[str, Any], shared: dict[str, Any]) -> str:
    answers = {
        status: shared.get(answer.get("$ref", "").rpartition("/")[2], answer)
        for status, answer in operation.get("responses", {}).items()
    }
    texts = ", ".join(
        f"<code>{escape(status)}</code> {escape(answer.get('description', ''))}" for status, answer in answers.items()
    )
    return f'<p class="soft">Answers: {texts}</p>'
