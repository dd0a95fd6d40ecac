"""From the address of a resource to its stream: ids may be written with or without their percent-escapes."""

from __future__ import annotations

from typing import Annotated
from urllib.parse import quote, unquote

from pydantic import Field

# An id with a percent-escape for each odd character that a broken file puts in it; one about another holds them twice.
EdiStream = Annotated[str, Field(min_length=3, max_length=2_000)]

MINUS = "%2D"  # a part that is itself "-"; a bare one stands for an empty part


def _escaped(part: str) -> str:
    return part if part == MINUS else quote(unquote(part), safe="")


def stream_of(kind: str, address: str) -> str:
    """``interchange/12%3ASHOPS/ZZ%3AACME/41`` for that, and for ``12:SHOPS/ZZ:ACME/41``."""
    parts = address.removeprefix(f"{kind}/").split("/")
    return "/".join([kind, *(_escaped(part) for part in parts)])


def outbound_stream(address: str) -> str:
    """Company, partner and kind; the rest is one part: the stream that the document is about, with a mark after #."""
    *head, about = address.removeprefix("edi-out/").split("/", 3)
    if "/" in about:  # written without its escapes
        stream, mark, which = about.partition("#")
        kind, _, parts = stream.partition("/")
        about = quote(stream_of(kind, parts) + mark + which, safe="")
    return "/".join(["edi-out", *(_escaped(part) for part in head), about])
