"""The proof that one event was recorded, for somebody without our database: row, way to the root, signed header, anchor.

``deploy/check_proof.py`` checks the same with nothing but Python, written apart so that the two check each other.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any

from services.event_log.contract import EventRow, LogStore
from services.event_log.seals import SealStore
from services.sealing import merkle
from services.sealing.anchors import Anchor
from services.sealing.block import FIELDS, Block, block_of, leaf_of
from services.sealing.keys import signed

FORM = "o2c-proof/1"


class NotProvable(Exception):
    """There is no proof; the sentence says why."""


def proof_of(store: LogStore, seals: SealStore, position: int, anchors: Sequence[Anchor] = ()) -> dict[str, Any]:
    """The proof of the event at a position; NotProvable when it is not sealed, or no longer what was sealed."""
    where = f"{store.name}:{position}"
    row, seal = store.event_at(position), seals.covering(position)
    if row is None:
        raise NotProvable(f"there is no event {where}; the log ends at {store.last_position()}")
    if seal is None:
        newest = seals.last()
        raise NotProvable(
            f"{where} is not sealed yet, {store.name} is sealed up to {newest.last if newest else 0}; wait a minute, or run"
            " o2c audit seal where no server runs"
        )
    block, leaves = block_of(store.name, seal), merkle.split(seal.leaves)
    index = position - block.first
    if leaf_of(store.name, row) != leaves[index]:
        raise NotProvable(f"{where} is no longer what was sealed; run o2c audit verify")
    anchor = next((one for one in anchors if one.block.hash == block.hash), None)
    return {
        "form": FORM,
        "event": {"log": store.name, **dict(zip(FIELDS, row, strict=True))},
        "path": [step.hex() for step in merkle.path(leaves, index)],
        "block": {name: getattr(block, name) for name in Block.__dataclass_fields__},
        "block_hash": block.hash,
        "public_key": seal.public_key,
        "signature": seal.signature,
        "anchor": None if anchor is None else anchor.as_json(),
    }


def faults_of(proof: Any, trusted: Collection[str] | None = None) -> list[str]:
    """What is wrong with a proof, as sentences; none when it holds. ``trusted`` are the supplier's published keys."""
    try:
        return _faults(proof, trusted)
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        return [f"this is no proof of the form {FORM} ({error!r})"]


def _faults(proof: Any, trusted: Collection[str] | None) -> list[str]:
    if proof["form"] != FORM:
        return [f"the form is {proof['form']}, not {FORM}"]
    event, block = proof["event"], Block(**proof["block"])
    row = EventRow(*(event[name] for name in FIELDS))
    found = []
    steps = [bytes.fromhex(step) for step in proof["path"]]
    reached = merkle.root_of_path(leaf_of(event["log"], row), row.position - block.first, block.count, steps)
    if event["log"] != block.log:
        found.append(f"the event is of {event['log']}, the block of {block.log}")
    if reached is None or reached.hex() != block.root:
        found.append("the event is not in the block: its row or its path was changed")
    if block.hash != proof["block_hash"]:
        found.append("the block's header was changed")
    if not signed(proof["public_key"], proof["signature"], block.header):
        found.append("the block is not signed by the key that the proof names")
    if trusted is not None and proof["public_key"] not in trusted:
        found.append("the proof's key is not one of those you trust")
    anchor = {**proof["block"], "hash": block.hash, "public_key": proof["public_key"], "signature": proof["signature"]}
    if proof["anchor"] is not None and proof["anchor"] != anchor:
        found.append("the anchor is of another block")
    return found
