"""``o2c fill-rate``: evaluate a file of worked examples, and a customer's report as a table."""

from __future__ import annotations

import json
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:  # the databases are loaded by the command that needs them
    from sqlalchemy import Connection

    from services.orders.fill_rate.totals import Totals

app = typer.Typer(no_args_is_help=True, help="Fill rates under any customer's definition.")


@app.command()
def evaluate(file: Annotated[Path, typer.Argument(exists=True, dir_okay=False)]) -> None:
    """Evaluate every case of a file of examples; one JSON object a line, in the order of the file.

    The file holds policyDefaults, presets and examples with orders, documents and cases. Exit 1: a case cannot be evaluated.
    """
    from domain.refusal import Refused
    from services.fill_rate.example_file import FileUnreadable, cases_in

    try:
        for case in cases_in(file):
            print(json.dumps(case.line(), ensure_ascii=False))
    except (FileUnreadable, Refused) as error:
        print(str(error), file=sys.stderr)
        raise typer.Exit(1) from None


@app.command()
def report(
    customer: Annotated[str, typer.Option(help="The trading partner.")],
    period: Annotated[str, typer.Option(help="As the policy's calendar names it: 2026-08, 2026-W33, 2026-P07.")],
    known_at: Annotated[str | None, typer.Option(help="A position of the orders log, or an instant with its offset.")] = None,
    policy: Annotated[
        Path | None, typer.Option(exists=True, dir_okay=False, help="Another definition (JSON): what-if.")
    ] = None,
) -> None:
    """A customer's fill rate of a period as a table; works beside a running server."""
    from domain.refusal import Refused
    from projections import order_fill
    from services.beside import folded_facts
    from services.cli import settings
    from services.orders.fill_rate.reporting import Asked, what_if
    from services.orders.fill_rate.totals import all_totals, totals

    try:
        other = None if policy is None else _policy_in(policy)
        with folded_facts(settings(), order_fill.VIEW) as connection:
            asked = Asked(customer, datetime.now(UTC), _position(connection, known_at), period=period)
            found = all_totals(connection, asked) if other is None else [totals(connection, asked, what_if(other))]
            for one in found:
                _show(one)
    except Refused as refused:
        print(str(refused), file=sys.stderr)
        raise typer.Exit(1) from None


def _position(connection: Connection, known_at: str | None) -> int | None:
    from projections import order_fill

    if known_at is None:
        return None
    number = known_at.removeprefix("orders=")
    if number.isdecimal():
        return int(number)
    try:
        instant = datetime.fromisoformat(known_at)
    except ValueError:
        instant = None
    if instant is None or instant.tzinfo is None:
        print(f"--known-at: {known_at} is neither a position nor an instant with its offset", file=sys.stderr)
        raise typer.Exit(2)
    return order_fill.position_at(connection, instant)


def _policy_in(file: Path):  # type: ignore[no-untyped-def]
    from services.fill_rate.presets import whole_policy

    try:
        said = json.loads(file.read_text(encoding="utf-8"), parse_float=str)
    except ValueError as error:
        print(f"{file.name} is not JSON: {error}", file=sys.stderr)
        raise typer.Exit(2) from None
    return whole_policy(said)


def _show(one: Totals) -> None:
    """A table for each version of the definition that judged lines of the period."""
    from rich.console import Console
    from rich.table import Table

    from domain.fill_rate.figures import percent
    from domain.values import exact_text
    from services.orders.fill_rate.showing import HEADLINES, WORDS

    console = Console()
    console.print(f"{one.asked.partner}, {one.programme.name}, {one.period.name}: {one.period.first} to {one.period.last}")
    for section in one.sections:
        since = "" if section.version.position == 0 else f", from {section.version.first_day}"
        table = Table(title=f"policy {section.version.policy_id}{since}", title_justify="left")
        table.add_column("figure")
        for name in ("numerator", "denominator", "rate"):
            table.add_column(name, justify="right")
        found = section.figures
        for name in HEADLINES:
            ratio = getattr(found, name)
            marked = f"{name} {WORDS.get(name, '')}{' (official)' if name == found.official else ''}"
            table.add_row(marked, exact_text(ratio.numerator), exact_text(ratio.denominator), percent(ratio.value))
        console.print(table)
        console.print(f"{found.lines} lines counted, {found.pending} pending, {found.excluded} excluded")
    if not one.sections:
        console.print("no line of this period: n/a")
