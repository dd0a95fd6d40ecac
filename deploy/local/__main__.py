"""The distributed shape on one machine without Docker: PostgreSQL, Kafka, three services, and one port before them.

``python -m deploy.local up`` starts everything as real processes below ``build/local`` and prints where it is and the
administrator's key; ``down`` stops what this started, and only that; ``status`` says how it is. Nothing is lost between a
``down`` and the next ``up``; ``down --forget`` throws the data away.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from deploy.kafka.broker import KafkaMissing
from deploy.local.shape import Local

FOLDER = Path(__file__).parents[2] / "build" / "local"


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m deploy.local", description=__doc__)
    parser.add_argument("what", choices=("up", "down", "status"))
    parser.add_argument("--folder", type=Path, default=FOLDER, help="where data, logs of the processes and their numbers are")
    parser.add_argument("--port", type=int, default=8000, help="the one port in front")
    parser.add_argument("--forget", action="store_true", help="with down: throw the data away")
    asked = parser.parse_args()
    local = Local(asked.folder, asked.port)
    try:
        if asked.what == "up":
            local.up(print)
        elif asked.what == "down":
            local.down(print, forget=asked.forget)
        else:
            local.status(print)
    except (KafkaMissing, OSError, RuntimeError) as error:
        print(error, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
