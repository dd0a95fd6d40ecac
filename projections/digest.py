"""The digest of a view: what ``o2c verify`` compares with a replay from zero."""

from __future__ import annotations

import hashlib

from sqlalchemy import Connection, select

from projections.view import View


def digests(connection: Connection, view: View) -> dict[str, tuple[int, str]]:
    """Per table the number of rows and the SHA-256 over its rows sorted by key; caches are left out."""
    result: dict[str, tuple[int, str]] = {}
    for table in view.metadata.sorted_tables:
        if table is view.positions or table.info.get("cache"):
            continue
        digest = hashlib.sha256()
        count = 0
        query = select(table).order_by(*table.primary_key.columns)
        lines = sorted(repr(tuple(row)) for row in connection.execute(query))
        for line in lines:
            digest.update(line.encode())
            digest.update(b"\n")
            count += 1
        result[table.name] = (count, digest.hexdigest())
    return result
