"""The command ``o2c``: serve, demo, import, rebuild, verify, edi check, doctor, init.

Exit codes: 0 done, 1 something is wrong with what was looked at, 2 the call's words are off.
"""

from __future__ import annotations

import os
import sqlite3
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from pydantic import ValidationError
from pydantic_settings import SettingsError

from services import aging_cli, audit_cli, fill_rate_cli, payment_terms_cli
from services.event_log.contract import LogUnavailable
from services.sentences import sentence
from services.settings import PREFIX, Settings, unknown_variables

if TYPE_CHECKING:  # the web and the databases are loaded by the commands that need them
    from services.wired import Wired

app = typer.Typer(no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False, help=__doc__)
edi = typer.Typer(no_args_is_help=True, help="EDI documents.")
app.add_typer(edi, name="edi")
app.add_typer(fill_rate_cli.app, name="fill-rate")
app.add_typer(payment_terms_cli.app, name="payment-terms")
app.command(name="aging")(aging_cli.aging)
app.add_typer(audit_cli.app, name="audit")


def settings() -> Settings:
    """The settings, or exit 2 with a sentence for each that is wrong."""
    wrong = unknown_variables(os.environ)
    try:
        chosen = Settings()
    except ValidationError as error:
        wrong += [f"{PREFIX}{str(found['loc'][0]).upper()}: {sentence(found)}" for found in error.errors()]
    except SettingsError as error:
        wrong.append(str(error))
    for line in wrong:
        print(line, file=sys.stderr)
    if wrong:
        raise typer.Exit(2)
    return chosen


@contextmanager
def opened(*, start: bool = False) -> Iterator[Wired]:
    """The logs of the data folder held by this process; exit 1 with a sentence when they cannot be."""
    from services.starting import configure_logging, settle_memory
    from services.wiring import wire

    chosen = settings()
    configure_logging("warning")
    settle_memory()
    with stopping_with_a_sentence():
        wired = wire(chosen)
        try:
            if start:
                wired.start()
            yield wired
        finally:
            wired.close()


@contextmanager
def stopping_with_a_sentence() -> Iterator[None]:
    """What an operator can put right ends with a sentence and exit 1; a defect of ours keeps its traceback."""
    import psycopg
    from sqlalchemy.exc import DatabaseError

    try:
        yield
    except (LogUnavailable, DatabaseError, psycopg.Error, sqlite3.DatabaseError, OSError) as error:
        print(str(error).strip(), file=sys.stderr)
        raise typer.Exit(1) from None


@app.command()
def serve() -> None:
    """Serve the REST doors, run views and reactions, until stopped."""
    from services.starting import serve as run

    with stopping_with_a_sentence():
        run(settings())


@app.command()
def init(
    only_logs: Annotated[bool, typer.Option(help="Create the logs alone, as the role that owns them.")] = False,
    appender: Annotated[str | None, typer.Option(help="PostgreSQL: the role the service runs as.")] = None,
    reader: Annotated[str | None, typer.Option(help="PostgreSQL: a role that takes backups.")] = None,
) -> None:
    """Create logs and views (they are also created on the first start)."""
    if only_logs:
        from services.logs import create_logs
        from services.wiring import APPLICATIONS

        with stopping_with_a_sentence():
            for name, position in create_logs(settings(), APPLICATIONS, appender, reader).items():
                print(f"log {name}: position {position:,}")
        return
    with opened() as wired:
        for name, application in wired.applications.items():
            print(f"log {name}: position {application.store.last_position():,}")
        print(f"views: {', '.join(wired.projectors)}")


@app.command()
def demo(
    if_empty: Annotated[bool, typer.Option(help="Do nothing when the data folder holds something already.")] = False,
) -> None:
    """Fill an empty data folder with a believable quarter of three key accounts."""
    from services.demo import play

    with opened(start=True) as wired:
        if any(application.store.last_position() for application in wired.applications.values()):
            if if_empty:
                return
            print("the data folder is not empty; the demo only fills an empty one (set O2C_DATA)", file=sys.stderr)
            raise typer.Exit(1)
        play(wired)


@app.command(name="import")
def import_(file: Annotated[Path, typer.Argument(exists=True, dir_okay=False)]) -> None:
    """Bulk commands from a JSON-lines file; resumable; refused lines go to FILE.rejected.jsonl with reasons."""
    from services.importing import Importer

    with opened() as wired:
        result = Importer(wired, file).run()
    print(f"{result.done:,} done, {result.rejected:,} refused, {result.skipped:,} done by an earlier run")
    if result.rejected:
        print(f"the refused lines with their reasons: {result.rejected_file}")
        raise typer.Exit(1)


@app.command()
def rebuild(view: Annotated[str, typer.Argument(help="The view's name, or all.")] = "all") -> None:
    """Fold a view anew from zero and put it in place of the one in use."""
    from services.rebuilding import rebuild as run

    with opened() as wired:
        if view != "all" and view not in wired.projectors:
            print(f"there is no view {view}; the views are {', '.join(wired.projectors)}", file=sys.stderr)
            raise typer.Exit(2)
        for name in list(wired.projectors) if view == "all" else [view]:
            print(f"{name}: {run(wired, name):,} facts folded")


@app.command()
def verify() -> None:
    """Check the logs, compare every view with a replay from zero, check what must always hold."""
    from services.verifying import verify as run

    with opened() as wired:
        violations = run(wired)
    for violation in violations:
        print(violation)
    print(f"{len(violations)} violations" if violations else "everything holds")
    if violations:
        raise typer.Exit(1)


@app.command()
def doctor() -> None:
    """Look at settings, disk, logs, views and parked items, and say what is wrong."""
    from services.doctor import examine

    found = examine(settings())
    for checkup in found:
        print(f"{'ok  ' if checkup.ok else 'LOOK'}  {checkup.what}: {checkup.says}")
    if not all(checkup.ok for checkup in found):
        raise typer.Exit(1)


@edi.command(name="check")
def edi_check(file: Annotated[Path, typer.Argument(exists=True, dir_okay=False)]) -> None:
    """Read an interchange and say what it holds and what is wrong with it; nothing is stored."""
    from services.edi import check

    report = check(file.read_bytes())
    for line in report.lines():
        print(line)
    if not report.accepted:
        raise typer.Exit(1)


def main() -> None:
    app()
