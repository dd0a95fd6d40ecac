"""A stored fact as outsiders get it: CloudEvents 1.0 JSON, the same bytes from the feed and from a webhook."""

from __future__ import annotations

from typing import Any

import msgspec

from services.event_log.contract import EventRow

# What nobody outside gets: the SHA-256 of an API key's 256 random bits; a receiver's address, which often is its secret.
WITHHELD: dict[str, tuple[str, ...]] = {"person.key_issued": ("digest",), "webhook.registered": ("url",)}
INSTEAD = "withheld"


def type_of(stored: str) -> str:
    """``order.placed/1`` -> ``com.o2c.order.placed.v1``."""
    name, _, version = stored.partition("/")
    return f"com.o2c.{name}.v{version}"


def id_of(log: str, generation: int, position: int) -> str:
    """Unique for ever, also after the log was restored."""
    return f"{log}:{generation}:{position}"


def cloud_event(log: str, generation: int, row: EventRow) -> dict[str, Any]:
    """``sequence`` is the position; ``data`` the fact's fields as stored."""
    event: dict[str, Any] = {
        "specversion": "1.0",
        "id": id_of(log, generation, row.position),
        "source": f"urn:o2c:{log}",
        "type": type_of(row.type),
        "subject": row.stream,
        "time": row.recorded_at,
        "datacontenttype": "application/json",
        "partitionkey": row.stream,
        "sequence": str(row.position),
        "generation": generation,
        "streamversion": row.version,
        "decidedat": row.decided_at,
        "actor": row.actor,
        "correlationid": row.correlation,
    }
    if row.causation is not None:
        event["causationid"] = row.causation
    event["data"] = _open(row)
    return event


def _open(row: EventRow) -> Any:
    withheld = WITHHELD.get(row.type.partition("/")[0])
    if withheld is None:
        return msgspec.Raw(row.data.encode())
    fields = msgspec.json.decode(row.data)
    return {name: INSTEAD if name in withheld else value for name, value in fields.items()}
