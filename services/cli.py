"""The command ``o2c``."""

from __future__ import annotations

import typer

from services.settings import Settings

app = typer.Typer(no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False)


@app.callback()
def o2c() -> None:
    """Order to cash for suppliers of consumer goods."""


@app.command()
def serve() -> None:
    """Serve the REST doors, run views and reactions, until stopped."""
    from services.starting import serve as run

    run(Settings())


def main() -> None:
    app()
