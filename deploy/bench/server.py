"""A server process of the bench: ``python -m deploy.bench.server --port N KIND`` with the O2C_ settings of a store.

``idle`` is the product with its loops not started, ``running`` with them, ``null`` and ``library`` are the same
process with the routes of ``deploy.bench.routes`` beside its own. All run uvicorn as ``o2c serve`` does. One JSON
line on standard output says that it is ready.
"""

from __future__ import annotations

import argparse
import json
import os
import signal
import sys
from functools import partial
from pathlib import Path
from typing import Any

import uvicorn
from fastapi import FastAPI, Request

from deploy.bench.master import Range, drain, seed
from deploy.bench.routes import LibraryOrders, library_environment, library_router, null_router
from domain.order import Order
from services import starting
from services.http import query_route
from services.serving import create_app
from services.settings import Settings
from services.wired import Wired
from services.wiring import wire

KINDS = ("idle", "running", "null", "library", "profile")


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("kind", choices=KINDS)
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--profile", type=Path, help="Where the kind profile leaves its figures.")
    given = parser.parse_args()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))  # uvicorn raises it again once it has shut down
    starting.configure_logging("warning")
    wired = wire(Settings())
    try:
        key = seed(wired, Range())
        drain(wired)
        if "settle_memory" in starting.serve.__code__.co_names:  # whatever ``o2c serve`` does about garbage, so do we
            starting.settle_memory()
        if given.kind == "running":
            wired.start()
        app = _app(given.kind, wired)
        print(json.dumps({"key": key}), flush=True)
        _serve(app, given)
    finally:
        wired.close()


def _app(kind: str, wired: Wired) -> FastAPI:
    app = create_app(wired)
    count = partial(_placed, wired)
    if kind == "null":
        app.router.routes.extend(null_router().routes)
    if kind == "library":
        library = LibraryOrders(library_environment(os.environ))
        app.router.routes.extend(library_router(library, wired.applications["orders"]).routes)
        count = partial(_saved, library)

    @query_route(app.router, "/bench/stored", permission=None, summary="Orders stored", name="stored")
    def stored(request: Request) -> Any:
        return {"stored": count()}

    @query_route(app.router, "/bench/settled", permission=None, summary="Wait for all loops", name="settled")
    def settled(request: Request) -> Any:
        return {"settled": wired.settle(120.0)}

    return app


def _placed(wired: Wired) -> int:
    """How many orders the log holds."""
    store, count, after = wired.applications["orders"].store, 0, 0
    while rows := store.read(after, 5_000, wired.applications["orders"].form.stored_types([Order.Placed])):
        count, after = count + len(rows), rows[-1].position
    return count


def _saved(library: LibraryOrders) -> int:
    return int(library.recorder.max_notification_id() or 0)


def _serve(app: FastAPI, given: argparse.Namespace) -> None:
    def run() -> None:
        uvicorn.run(
            app, host="127.0.0.1", port=given.port, log_config=None, access_log=False, timeout_graceful_shutdown=10,
            http="httptools", loop="uvloop",
        )

    if given.profile is None:
        run()
        return
    from deploy.bench.profiling import profiled

    profiled(run, given.profile)


if __name__ == "__main__":
    main()
