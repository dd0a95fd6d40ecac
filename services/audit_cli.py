"""``o2c audit``: verify what was sealed, prove one event, check such a proof, seal now, show the public key."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, NoReturn

import typer

if TYPE_CHECKING:
    from services.event_log.contract import LogStore
    from services.sealing.verifying import Report
    from services.settings import Settings

app = typer.Typer(no_args_is_help=True, help="Tamper evidence: seals, anchors and proofs.")

AnchorsFile = Annotated[Path | None, typer.Option(help="Anchors kept elsewhere; O2C_ANCHORS by default.")]
KeyFiles = Annotated[
    list[Path] | None, typer.Option("--key", help="A file with the public key, hex or PEM; our own key by default. Repeatable.")
]


@app.command()
def verify(
    anchors: AnchorsFile = None,
    key: KeyFiles = None,
    restored: Annotated[
        list[str] | None, typer.Option(help="A restore that you did: LOG=GENERATION. What it gave up is then a note.")
    ] = None,
) -> None:
    """Compute every block, row and anchor anew and name the first bad position; reads only, also beside a server."""
    from services.progress import progress
    from services.sealing.anchors import AnchorFile
    from services.sealing.verifying import check_log
    from services.event_log.seals import seals_of

    chosen = _settings()
    bad = 0
    with _sentences():
        trusted, known = _trusted(chosen, key), _restored(restored or [])
        lines, unreadable = AnchorFile(_anchors(chosen, anchors)).read()
        for number in unreadable:
            print(f"note: line {number} of the anchors is none; it counts for nothing")
        for store in _stores(chosen):
            with progress(f"audit {store.name}", store.last_position(), "positions") as advance:
                report = check_log(store, seals_of(store), trusted, lines, known, advance)
            bad += len(report.findings)
            _tell(report)
    if bad:
        raise typer.Exit(1)


def _tell(report: Report) -> None:
    print(
        f"{report.log}: {report.last:,} positions, {report.sealed:,} of them sealed in {report.blocks:,} blocks,"
        f" {report.anchors:,} anchors"
    )
    for note in report.notes:
        print(f"{report.log}: note: {note}")
    for number, finding in enumerate(report.findings):
        print(f"{report.log}: {'' if number else 'first bad '}position {finding.position}: {finding.what}")


@app.command()
def proof(
    event: Annotated[str, typer.Argument(help="The event as the log names it, such as orders:42.")],
    out: Annotated[Path | None, typer.Option(help="The file; proof-LOG-POSITION.json by default, - for the terminal.")] = None,
    anchors: AnchorsFile = None,
) -> None:
    """Write the proof that an event was recorded; deploy/check_proof.py checks it without our database."""
    from services.event_log.seals import seals_of
    from services.sealing.anchors import AnchorFile
    from services.sealing.proof import NotProvable, proof_of

    chosen = _settings()
    log, _, number = event.partition(":")
    if log not in chosen.services or not number.isdecimal():
        _stop(f"{event} names no event here; say for example {chosen.services[0]}:42", 2)
    with _sentences():
        lines, _ = AnchorFile(_anchors(chosen, anchors)).read()
        for store in _stores(chosen, log):
            try:
                made = proof_of(store, seals_of(store), int(number), lines)
            except NotProvable as error:
                _stop(str(error), 1)
        text = json.dumps(made, indent=1, ensure_ascii=False)
        if out is not None and str(out) == "-":
            print(text)
            return
        path = out or Path(f"proof-{log}-{number}.json")
        path.write_text(text + "\n", encoding="utf-8")
    print(f"{path}: {event}, {made['event']['type']} of {made['event']['stream']}")


@app.command()
def check(file: Annotated[Path, typer.Argument(exists=True, dir_okay=False)], key: KeyFiles = None) -> None:
    """Check a proof; needs neither log nor settings."""
    from services.sealing.keys import public_keys
    from services.sealing.proof import faults_of

    with _sentences():
        trusted = None if not key else frozenset(known for path in key for known in public_keys(path))
        try:
            made = json.loads(file.read_bytes())
        except ValueError as error:
            _stop(f"{file} is no JSON: {error}", 1)
    faults = faults_of(made, trusted)
    for fault in faults:
        print(fault)
    if faults:
        raise typer.Exit(1)
    event = made["event"]
    print(f"{event['log']}:{event['position']} holds: {event['type']} of {event['stream']}, sealed {made['block']['sealed_at']}")
    if trusted is None:
        print(f"signed by {made['public_key']}; compare it with the key that the supplier published, or give it with --key")


@app.command()
def seal() -> None:
    """Seal what is not sealed yet, without waiting for a server to do it."""
    from services.cli import opened

    with opened() as wired:
        for sealer in wired.sealers:
            print(f"{sealer.log}: {sealer.seal_all():,} events sealed, up to position {sealer.sealed:,}")


@app.command(name="key")
def show_key() -> None:
    """Print the public key, to be given to whoever checks."""
    from services.sealing.keys import key_in

    with _sentences():
        print(key_in(_settings().keys_folder).public)


def _settings() -> Settings:
    from services.cli import settings
    from services.starting import configure_logging

    configure_logging("warning")
    return settings()


def _stop(sentence: str, code: int) -> NoReturn:
    print(sentence, file=sys.stderr)
    raise typer.Exit(code)


@contextmanager
def _sentences() -> Iterator[None]:
    from services.cli import stopping_with_a_sentence

    with stopping_with_a_sentence():
        yield


def _anchors(chosen: Settings, given: Path | None) -> Path:
    if given is not None and not given.exists():
        _stop(f"there is no file {given}", 2)
    return given or chosen.anchors_file


def _trusted(chosen: Settings, given: list[Path] | None) -> frozenset[str]:
    """Without a key given our own; where there is none nothing is trusted that was sealed."""
    from services.sealing.keys import FILE, public_keys

    own = chosen.keys_folder / FILE
    return frozenset(known for path in given or ([own] if own.exists() else []) for known in public_keys(path))


def _restored(given: list[str]) -> dict[str, int]:
    known = {}
    for text in given:
        log, _, number = text.partition("=")
        if not number.isdecimal():
            _stop(f"--restored reads {text}; say for example orders=2", 2)
        known[log] = int(number)
    return known


def _stores(chosen: Settings, *names: str) -> Iterator[LogStore]:
    """The logs, for reading only: nothing is created and no lease is taken."""
    from services.event_log.postgres import PostgresLog
    from services.event_log.sqlite import SqliteLog

    for name in names or chosen.services:
        store: LogStore
        if chosen.database is None:
            store = SqliteLog(name, chosen.data / f"{name}.events.sqlite", writable=False)
        else:
            store = PostgresLog(name, chosen.database, create=False)
        try:
            yield store
        finally:
            store.close()
