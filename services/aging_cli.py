"""``o2c aging``: what is outstanding in buckets, as a table."""

from __future__ import annotations

import sys
from datetime import UTC, date, datetime
from typing import Annotated

import typer

from domain.aging import Aging, AgingBy, Buckets, net_oldest
from domain.refusal import Refused

LAST_POSITION = 2**62
WIDTH = 140  # amounts are never cut off


def aging(
    as_of: Annotated[str | None, typer.Option(help="As of the end of this day, YYYY-MM-DD; left out: today (UTC).")] = None,
    known_at: Annotated[int | None, typer.Option(min=0, help="As known at this position of the receivables log.")] = None,
    by: Annotated[AgingBy, typer.Option(help="By due day or by invoice day.")] = AgingBy.DUE,
    edges: Annotated[str, typer.Option(help="The last day of each bucket.")] = "30,60,90",
    partner: Annotated[str | None, typer.Option(help="One customer only.")] = None,
    net_oldest: Annotated[bool, typer.Option(help="Set unapplied cash and credits off against the oldest buckets.")] = False,
) -> None:
    """What each account owes, in buckets; works beside a running server."""
    try:
        day = datetime.now(UTC).date() if as_of is None else date.fromisoformat(as_of)
        buckets = Buckets(by, tuple(int(edge) for edge in edges.split(",")))
    except (ValueError, Refused) as error:
        print(str(error), file=sys.stderr)
        raise typer.Exit(2) from None
    _show(_found(day, LAST_POSITION if known_at is None else known_at, buckets, partner), buckets, day, set_off=net_oldest)


def _found(as_of: date, known_at: int, buckets: Buckets, partner: str | None) -> list[tuple[str, Aging]]:
    from projections import receivable_items
    from projections.receivable_aging import AgingSearch, Moment, agings
    from services.beside import folded_facts
    from services.cli import settings

    with folded_facts(settings(), receivable_items.VIEW) as connection:
        found = agings(connection, AgingSearch(partner=partner), Moment(as_of, known_at), buckets, ("account",))
    return [(account, one) for (account,), by in found.items() for one in by.values()]


def _show(found: list[tuple[str, Aging]], buckets: Buckets, as_of: date, *, set_off: bool) -> None:
    from rich.console import Console
    from rich.table import Table

    table = Table(title=f"outstanding as of {as_of} by {buckets.by.lower()} day")
    for name in ("account", "currency"):
        table.add_column(name)
    for name in (*buckets.names, "disputed", "unapplied", "net"):
        table.add_column(name, justify="right")
    for account, one in found:
        shown = net_oldest(one) if set_off else one
        amounts = [bucket.amount for bucket in shown.buckets]
        figures = [*amounts, shown.disputed, shown.unapplied_cash + shown.unapplied_credits, shown.net]
        table.add_row(account, one.currency, *(f"{amount:,.2f}" for amount in figures))
    if not found:
        table.add_row("nothing", *[""] * (len(buckets.names) + 4))
    console = Console()
    console.width = max(console.width, WIDTH)
    console.print(table)
