"""What a PostgreSQL role may do with a log: the service appends, a backup reads, nobody changes what was stored."""

from __future__ import annotations

from typing import LiteralString

import psycopg
from psycopg import sql

from services.event_log.postgres import CONNECT_TIMEOUT_S, PostgresLog

# Written once and never touched again, by whoever runs the service or takes it over.
APPEND_ONLY = ("event", "seal", "attachment", "generation")


def let_append(log: PostgresLog, role: str) -> None:
    """Give ``role`` what a service needs of its log. Called by the owner of the tables; again without harm."""
    statements: list[LiteralString] = [
        "GRANT USAGE ON SCHEMA {schema} TO {role}",
        "GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA {schema} TO {role}",
    ]
    with psycopg.connect(log.conninfo, connect_timeout=CONNECT_TIMEOUT_S) as connection:
        _execute(connection, statements, log.schema, role)
        for table in APPEND_ONLY:
            if connection.execute("SELECT to_regclass(%s)", (f"{log.schema}.{table}",)).fetchone() != (None,):
                revoke = sql.SQL("REVOKE UPDATE, DELETE, TRUNCATE ON {} FROM {}")
                connection.execute(revoke.format(sql.Identifier(log.schema, table), sql.Identifier(role)))


def let_read(log: PostgresLog, role: str) -> None:
    """Give ``role`` sight of the whole log, for a backup. Called by the owner of the tables."""
    statements: list[LiteralString] = [
        "GRANT USAGE ON SCHEMA {schema} TO {role}", "GRANT SELECT ON ALL TABLES IN SCHEMA {schema} TO {role}",
    ]
    with psycopg.connect(log.conninfo, connect_timeout=CONNECT_TIMEOUT_S) as connection:
        _execute(connection, statements, log.schema, role)


def _execute(connection: psycopg.Connection[object], statements: list[LiteralString], schema: str, role: str) -> None:
    for statement in statements:
        connection.execute(sql.SQL(statement).format(schema=sql.Identifier(schema), role=sql.Identifier(role)))
