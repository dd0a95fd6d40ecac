"""The limit of e.: the same cycle as plain psycopg on normalised tables, five transactions an order; JSON in, JSON out.

Threads with a connection each. Writes the same header and line rows; keeps no history, no keys, no views.
"""

from __future__ import annotations

import json
import sys
import threading
import time
from collections.abc import Sequence
from decimal import Decimal
from itertools import count
from typing import Any

import psycopg

SCHEMA = """
CREATE TABLE IF NOT EXISTS account (partner text PRIMARY KEY, credit_limit numeric NOT NULL, reserved numeric NOT NULL,
    receivable numeric NOT NULL);
CREATE TABLE IF NOT EXISTS purchase_order (id bigserial PRIMARY KEY, partner text NOT NULL REFERENCES account,
    number text NOT NULL, ordered_on date NOT NULL, currency text NOT NULL, gross numeric NOT NULL, status text NOT NULL,
    UNIQUE (partner, number));
CREATE TABLE IF NOT EXISTS order_line (order_id bigint REFERENCES purchase_order, number int, item text NOT NULL,
    quantity numeric NOT NULL, unit text NOT NULL, price numeric NOT NULL, net numeric NOT NULL, tax numeric NOT NULL,
    ship_to text NOT NULL, requested_on date NOT NULL, confirmed numeric, shipped numeric NOT NULL DEFAULT 0,
    PRIMARY KEY (order_id, number));
CREATE TABLE IF NOT EXISTS shipment (id bigserial PRIMARY KEY, order_id bigint REFERENCES purchase_order,
    dispatched_at timestamptz NOT NULL, received_on date);
CREATE TABLE IF NOT EXISTS shipment_line (shipment_id bigint REFERENCES shipment, number int, quantity numeric NOT NULL,
    received numeric, PRIMARY KEY (shipment_id, number));
CREATE TABLE IF NOT EXISTS invoice (id bigserial PRIMARY KEY, shipment_id bigint REFERENCES shipment,
    issued_on date NOT NULL, due_on date NOT NULL, gross numeric NOT NULL, open numeric NOT NULL);
CREATE TABLE IF NOT EXISTS invoice_line (invoice_id bigint REFERENCES invoice, number int, item text NOT NULL,
    quantity numeric NOT NULL, net numeric NOT NULL, tax numeric NOT NULL, PRIMARY KEY (invoice_id, number));
CREATE TABLE IF NOT EXISTS payment (id bigserial PRIMARY KEY, partner text NOT NULL, reference text NOT NULL,
    amount numeric NOT NULL);
CREATE TABLE IF NOT EXISTS allocation (payment_id bigint REFERENCES payment, invoice_id bigint REFERENCES invoice,
    amount numeric NOT NULL, PRIMARY KEY (payment_id, invoice_id));
"""
PRICE, RATE = Decimal("30.00"), Decimal("0.19")


class Client:
    """One connection; ``cycle`` takes one order through its five transactions."""

    def __init__(self, connection: psycopg.Connection[Any], body: dict[str, Any], number: str) -> None:
        self._c = connection
        self._body = body
        self._number = number
        self._lines = [
            (int(line["number"]), line["item"], Decimal(line["quantity"]), line["unit"]) for line in body["lines"]
        ]
        nets = [quantity * PRICE for _, _, quantity, _ in self._lines]
        self._amounts = [(net, (net * RATE).quantize(Decimal("0.01"))) for net in nets]
        self._gross = sum((net + tax for net, tax in self._amounts), Decimal(0))

    def cycle(self) -> None:
        with self._c.transaction():
            order = self._place()
        with self._c.transaction():
            self._confirm(order)
        with self._c.transaction():
            shipment = self._ship(order)
        with self._c.transaction():
            invoice = self._invoice(shipment)
        with self._c.transaction():
            self._pay(invoice)

    def _one(self, statement: str, values: Sequence[Any]) -> Any:
        row = self._c.execute(statement, values).fetchone()
        assert row is not None
        return row[0]

    def _many(self, statement: str, rows: Sequence[Sequence[Any]]) -> None:
        self._c.cursor().executemany(statement, rows)

    def _place(self) -> int:
        body = self._body
        order = self._one(
            "INSERT INTO purchase_order (partner, number, ordered_on, currency, gross, status) VALUES (%s,%s,%s,%s,%s,'NEW')"
            " RETURNING id", (body["partner"], self._number, body["ordered_on"], body["currency"], self._gross),
        )
        self._many(
            "INSERT INTO order_line (order_id, number, item, quantity, unit, price, net, tax, ship_to, requested_on)"
            " VALUES (%s,%s,%s,%s,%s,%s,%s,%s,%s,%s)",
            [
                (order, number, item, quantity, unit, PRICE, net, tax, body["ship_to"], body["requested_on"])
                for (number, item, quantity, unit), (net, tax) in zip(self._lines, self._amounts, strict=True)
            ],
        )
        return int(order)

    def _confirm(self, order: int) -> None:
        self._one(
            "UPDATE account SET reserved = reserved + %s WHERE partner = %s"
            " AND reserved + receivable + %s <= credit_limit RETURNING 1", (self._gross, self._body["partner"], self._gross),
        )
        self._c.execute("UPDATE order_line SET confirmed = quantity WHERE order_id = %s", (order,))
        self._c.execute("UPDATE purchase_order SET status = 'CONFIRMED' WHERE id = %s", (order,))

    def _ship(self, order: int) -> int:
        shipment = self._one(
            "INSERT INTO shipment (order_id, dispatched_at, received_on) VALUES (%s, now(), current_date) RETURNING id", (order,)
        )
        rows = [(shipment, number, quantity, quantity) for number, _, quantity, _ in self._lines]
        self._many("INSERT INTO shipment_line VALUES (%s,%s,%s,%s)", rows)
        self._c.execute("UPDATE order_line SET shipped = quantity WHERE order_id = %s", (order,))
        return int(shipment)

    def _invoice(self, shipment: int) -> int:
        invoice = self._one(
            "INSERT INTO invoice (shipment_id, issued_on, due_on, gross, open) VALUES (%s, current_date, current_date + 30,"
            " %s, %s) RETURNING id", (shipment, self._gross, self._gross),
        )
        rows = [
            (invoice, number, item, quantity, net, tax)
            for (number, item, quantity, _), (net, tax) in zip(self._lines, self._amounts, strict=True)
        ]
        self._many("INSERT INTO invoice_line VALUES (%s,%s,%s,%s,%s,%s)", rows)
        self._c.execute(
            "UPDATE account SET reserved = reserved - %s, receivable = receivable + %s WHERE partner = %s",
            (self._gross, self._gross, self._body["partner"]),
        )
        return int(invoice)

    def _pay(self, invoice: int) -> None:
        payment = self._one(
            "INSERT INTO payment (partner, reference, amount) VALUES (%s,%s,%s) RETURNING id",
            (self._body["partner"], self._number, self._gross),
        )
        self._c.execute("INSERT INTO allocation VALUES (%s,%s,%s)", (payment, invoice, self._gross))
        self._c.execute("UPDATE invoice SET open = open - %s WHERE id = %s", (self._gross, invoice))
        self._c.execute(
            "UPDATE account SET receivable = receivable - %s WHERE partner = %s", (self._gross, self._body["partner"])
        )


def prepare(url: str, bodies: Sequence[dict[str, Any]]) -> None:
    with psycopg.connect(url) as connection:
        connection.execute(SCHEMA)
        for partner in {body["partner"] for body in bodies}:
            connection.execute("INSERT INTO account VALUES (%s, 900000000000, 0, 0) ON CONFLICT DO NOTHING", (partner,))


def generate(asked: dict[str, Any]) -> dict[str, Any]:
    bodies, numbers = asked["bodies"], count()
    prepare(asked["url"], bodies)
    took: list[float] = []
    begins = time.perf_counter() + float(asked["warm_up"])
    ends = begins + float(asked["seconds"])

    def client(index: int) -> None:
        with psycopg.connect(asked["url"], autocommit=True, prepare_threshold=1) as connection:
            while (started := time.perf_counter()) < ends:
                number = next(numbers)
                Client(connection, bodies[(index + number) % len(bodies)], f"{asked['run']}-{number}").cycle()
                if begins <= (now := time.perf_counter()) <= ends:
                    took.append(now - started)

    threads = [threading.Thread(target=client, args=(index,)) for index in range(asked["clients"])]
    cpu = time.process_time()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    taken = sorted(took) or [0.0]
    return {
        "count": len(took), "seconds": asked["seconds"], "p50": taken[len(taken) // 2] * 1000,
        "p99": taken[int(len(taken) * 0.99)] * 1000, "cpu_ms": (time.process_time() - cpu) * 1000 / max(next(numbers), 1),
    }


if __name__ == "__main__":
    print(json.dumps(generate(json.loads(sys.stdin.read()))))
