"""``o2c payment-terms``: the due dates of a file of worked examples."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Annotated

import typer

app = typer.Typer(no_args_is_help=True, help="Payment terms and the dates they give.")


@app.callback()
def _named() -> None:
    """Payment terms and the dates they give."""


@app.command()
def due(file: Annotated[Path, typer.Argument(exists=True, dir_okay=False)]) -> None:
    """The due date of every row of the file's "paymentTerms"; one JSON object a line, in the order of the file.

    Exit 1: a row cannot be read, or its calendar does not know the day; the rows before it have been printed.
    """
    from domain.refusal import Refused
    from services.terms_file import FileUnreadable, rows_in

    try:
        for row, due_on in rows_in(file):
            print(json.dumps({"id": row, "due": due_on.isoformat()}, ensure_ascii=False))
    except (FileUnreadable, Refused) as error:
        print(str(error), file=sys.stderr)
        raise typer.Exit(1) from None
