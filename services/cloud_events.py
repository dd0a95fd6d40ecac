"""A stored fact as outsiders get it: CloudEvents 1.0 JSON, the same bytes from the feed and from a webhook.

Other services of ours get it whole, by the same envelope, and keep it as it was stored (services/copying.py).
"""

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


class Whole(msgspec.Struct, frozen=True):
    """A fact as it was stored, between services of ours. Attributes that are not known here are passed over."""

    source: str
    type: str
    subject: str
    time: str
    sequence: str
    generation: int
    streamversion: int
    decidedat: str
    actor: str
    correlationid: str
    commandid: str
    causationid: str | None = None
    data: msgspec.Raw = msgspec.Raw()  # empty where it came without

    @property
    def position(self) -> int:
        return int(self.sequence)

    def row(self) -> EventRow:
        """The row to keep; a fact that came without its data (too large for a message) has none."""
        assert bytes(self.data)
        return EventRow(
            self.position, self.subject, self.streamversion, stored_type(self.type), bytes(self.data).decode(), self.decidedat,
            self.time, self.actor, self.commandid, self.causationid, self.correlationid,
        )


_WHOLE = msgspec.json.Decoder(Whole)


def whole_event(log: str, generation: int, row: EventRow, *, data: bool = True) -> dict[str, Any]:
    """Like ``cloud_event`` with nothing withheld, and with the command's id; without ``data`` only the envelope."""
    event = cloud_event(log, generation, row)
    event["commandid"] = row.command_id
    event["data"] = msgspec.Raw(row.data.encode())
    if not data:
        del event["data"]
    return event


def read_whole(content: bytes) -> Whole:
    """The fact of a message; a ``msgspec.MsgspecError`` says what is wrong with one that holds none."""
    return _WHOLE.decode(content)


def stored_type(name: str) -> str:
    """``com.o2c.order.placed.v1`` -> ``order.placed/1``."""
    base, _, version = name.removeprefix("com.o2c.").rpartition(".v")
    return f"{base}/{version}"
