"""Set-based reading and writing of rows by key, the same calls on both back ends.

SQLite takes one prepared statement for many rows; PostgreSQL takes all rows as one JSON parameter,
because psycopg writes array parameters element by element in Python (engine.md 3.2); as jsonb, which is parsed once
where json is parsed anew for every column (measured: 18 against 66 us a row of 12 columns). The statements go past
SQLAlchemy's compiler: a page writes thousands of rows with a few statements that never change.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from functools import lru_cache
from typing import Any

import msgspec
from sqlalchemy import JSON, Connection, Table
from sqlalchemy.engine import Dialect

Key = tuple[Any, ...]
Row = dict[str, Any]
Processor = Callable[[Any], Any] | None

_ENCODER = msgspec.json.Encoder(decimal_format="string")


def upsert(connection: Connection, table: Table, rows: Sequence[Row], *, keep: bool) -> None:
    """Insert ``rows``; on the same primary key replace the row, or keep the first one when ``keep``."""
    if not rows:
        return
    names, processors = _writers(table, connection.dialect)
    columns = [
        [row[name] for row in rows] if process is None else [process(row[name]) for row in rows]
        for name, process in zip(names, processors, strict=True)
    ]
    _run(connection, _upsert(table, connection.dialect, keep), list(zip(*columns, strict=True)))


def delete(connection: Connection, table: Table, keys: Sequence[Key]) -> None:
    """Remove the rows with these primary keys."""
    if keys:
        _run(connection, _delete(table, connection.dialect), _plain_keys(connection, table, keys))


def fetch(connection: Connection, table: Table, keys: Sequence[Key]) -> Iterator[tuple[Key, Row]]:
    """The rows that exist under these primary keys."""
    names, processors = _readers(table, connection.dialect)
    indexes = [names.index(column.name) for column in table.primary_key.columns]
    cursor = connection.connection.cursor()
    try:
        parameter = _ENCODER.encode(_plain_keys(connection, table, keys)).decode()
        cursor.execute(_select(table, connection.dialect), (parameter,))
        for found in cursor.fetchall():
            values = [
                value if process is None else process(value) for value, process in zip(found, processors, strict=True)
            ]
            yield tuple(values[index] for index in indexes), dict(zip(names, values, strict=True))
    finally:
        cursor.close()


def _run(connection: Connection, statement: str, values: list[tuple[Any, ...]]) -> None:
    cursor = connection.connection.cursor()
    try:
        if connection.dialect.name == "sqlite":
            cursor.executemany(statement, values)
        else:
            cursor.execute(statement, (_ENCODER.encode(values).decode(),))
    finally:
        cursor.close()


def _plain_keys(connection: Connection, table: Table, keys: Sequence[Key]) -> list[tuple[Any, ...]]:
    """The keys as the driver stores them."""
    processors = _key_writers(table, connection.dialect)
    if not any(processors):
        return list(keys)
    return [
        tuple(part if process is None else process(part) for part, process in zip(key, processors, strict=True))
        for key in keys
    ]


@lru_cache(maxsize=256)
def _writers(table: Table, dialect: Dialect) -> tuple[tuple[str, ...], tuple[Processor, ...]]:
    names = tuple(column.name for column in table.columns)
    return names, tuple(_writer(column.type, dialect) for column in table.columns)


@lru_cache(maxsize=256)
def _key_writers(table: Table, dialect: Dialect) -> tuple[Processor, ...]:
    return tuple(_writer(column.type, dialect) for column in table.primary_key.columns)


def _writer(column_type: Any, dialect: Dialect) -> Processor:
    """What the driver would be given; a JSON column travels as it is inside the one JSON parameter."""
    if isinstance(column_type, JSON) and dialect.name != "sqlite":
        return None
    processor: Processor = column_type.dialect_impl(dialect).bind_processor(dialect)
    return processor


@lru_cache(maxsize=256)
def _readers(table: Table, dialect: Dialect) -> tuple[list[str], list[Processor]]:
    names = [column.name for column in table.columns]
    return names, [column.type.dialect_impl(dialect).result_processor(dialect, None) for column in table.columns]


@lru_cache(maxsize=512)
def _upsert(table: Table, dialect: Dialect, keep: bool) -> str:
    quote = dialect.identifier_preparer.quote
    names = [column.name for column in table.columns]
    keys = [column.name for column in table.primary_key.columns]
    others = [name for name in names if name not in keys]
    columns = ", ".join(quote(name) for name in names)
    if keep or not others:
        conflict = "DO NOTHING"
    else:
        conflict = "DO UPDATE SET " + ", ".join(f"{quote(n)} = excluded.{quote(n)}" for n in others)
    target = ", ".join(quote(key) for key in keys)
    if dialect.name == "sqlite":
        source = f"VALUES ({', '.join('?' * len(names))})"
    else:
        source = f"SELECT {_picked(list(table.columns), dialect)} FROM jsonb_array_elements(%s::jsonb) AS e"
    return f"INSERT INTO {quote(table.name)} ({columns}) {source} ON CONFLICT ({target}) {conflict}"


@lru_cache(maxsize=256)
def _delete(table: Table, dialect: Dialect) -> str:
    quote = dialect.identifier_preparer.quote
    keys = list(table.primary_key.columns)
    if dialect.name == "sqlite":
        matched = " AND ".join(f"{quote(column.name)} = ?" for column in keys)
        return f"DELETE FROM {quote(table.name)} WHERE {matched}"
    names = ", ".join(quote(column.name) for column in keys)
    wanted = f"SELECT {_picked(keys, dialect)} FROM jsonb_array_elements(%s::jsonb) AS e"
    return f"DELETE FROM {quote(table.name)} WHERE ({names}) IN ({wanted})"


@lru_cache(maxsize=256)
def _select(table: Table, dialect: Dialect) -> str:
    """All columns of the rows whose keys come as one JSON list of lists."""
    quote = dialect.identifier_preparer.quote
    columns = ", ".join(f"t.{quote(column.name)}" for column in table.columns)
    keys = list(table.primary_key.columns)
    matched = " AND ".join(f"t.{quote(column.name)} = k.k{i}" for i, column in enumerate(keys))
    if dialect.name == "sqlite":
        picked = ", ".join(f"json_extract(value, '$[{i}]') AS k{i}" for i in range(len(keys)))
        source = f"(SELECT {picked} FROM json_each(?))"
    else:
        picked = ", ".join(f"(e->>{i})::{c.type.compile(dialect)} AS k{i}" for i, c in enumerate(keys))
        # the array is unfolded first, so that the planner looks rows up by key instead of reading the table
        source = f"(SELECT {picked} FROM jsonb_array_elements(%s::jsonb) AS e OFFSET 0)"
    return f"SELECT {columns} FROM {source} AS k JOIN {quote(table.name)} AS t ON {matched}"


def _picked(columns: list[Any], dialect: Dialect) -> str:
    return ", ".join(_part(index, column, dialect) for index, column in enumerate(columns))


def _part(index: int, column: Any, dialect: Dialect) -> str:
    if isinstance(column.type, JSON):
        return f"nullif(e->{index}, 'null'::jsonb)::json"
    return f"(e->>{index})::{column.type.compile(dialect)}"
