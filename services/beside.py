"""Reading a view from the command line: caught up with its logs, or beside a running server as far as that has folded."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import Connection

from projections.view_store import ViewStore
from projections.view import View
from services.cli import stopping_with_a_sentence
from services.event_log.contract import LogUnavailable
from services.settings import Settings
from services.starting import configure_logging
from services.wiring import sqlalchemy_url, wire


@contextmanager
def folded_facts(chosen: Settings, view: View) -> Iterator[Connection]:
    """A connection to the view's facts."""
    configure_logging("warning")
    with stopping_with_a_sentence():
        try:
            wired = wire(chosen)
        except LogUnavailable:
            views = ViewStore(chosen.data / "views" if chosen.embedded else None, sqlalchemy_url(chosen.database))
            try:
                with views.engine(view).connect() as connection:
                    yield connection
            finally:
                views.close()
            return
        try:
            projector = wired.projectors[view.name]
            projector.catch_up()
            with projector.engine.connect() as connection:
                yield connection
        finally:
            wired.close()
