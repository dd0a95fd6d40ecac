"""``o2c import FILE.jsonl``: many commands from a file, resumable, the refused ones in a file with their reasons.

A line reads {"command": "order.place", "body": {...}} with an optional "key" and "at" (an instant). Without a
key the line's place in this very file is its key, so importing the file again repeats nothing.
"""

from __future__ import annotations

import hashlib
from collections import deque
from collections.abc import Iterator
from concurrent.futures import Future
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import msgspec
from pydantic import ValidationError

from domain.values import utc
from services.application import LogApplication
from services.bodies import check_depth
from services.command import Answer, Command, Context, KeyReused
from services.event_log.contract import LogUnavailable
from services.http import KEY_DAYS
from services.problem import Problem, invalid
from services.progress import progress
from services.wired import Wired

IN_FLIGHT = 2_048
NOTED_EVERY = 2_000
ACTOR = "o2c:import"


@dataclass
class Imported:
    """How an import went; ``rejected_file`` holds the refused lines, each with its reason."""

    done: int = 0
    skipped: int = 0
    rejected: int = 0
    rejected_file: Path | None = None


class Line(msgspec.Struct, forbid_unknown_fields=True):
    command: str
    body: msgspec.Raw
    key: str | None = None
    at: datetime | None = None


class Importer:
    """Reads, hands in, waits in order. Memory is bounded by the commands in flight, not by the file."""

    def __init__(self, wired: Wired, path: Path) -> None:
        self._path = path
        self._commands: dict[str, tuple[LogApplication, type[Command]]] = {
            command.NAME: (application, command)
            for application in wired.applications.values()
            for command in application.handlers
        }
        self._prefix = f"import:{file_digest(path)[:24]}"
        self._noted = Path(f"{path}.imported")
        self._rejected = Path(f"{path}.rejected.jsonl")
        self._waiting: deque[tuple[int, bytes, Future[Answer]]] = deque()
        self.result = Imported()

    def run(self) -> Imported:
        """Import what the file holds beyond what an interrupted run has done."""
        start = self._start()
        self.result.skipped = start
        with self._path.open("rb") as lines, progress("import", count_lines(self._path), "lines") as advance:
            advance(start)
            for number, raw in enumerate(lines, 1):
                if number <= start or not raw.strip():
                    continue
                self._hand_in(number, raw)
                while len(self._waiting) >= IN_FLIGHT:
                    self._take_answer()
                    advance(1)
            while self._waiting:
                self._take_answer()
                advance(1)
        self._noted.unlink(missing_ok=True)
        return self.result

    def _start(self) -> int:
        """The line up to which an interrupted run was answered; 0 for another file under the same name."""
        prefix, _, line = self._noted.read_text().partition(" ") if self._noted.exists() else ("", "", "")
        start = int(line) if prefix == self._prefix else 0
        self._forget_rejected(start)
        return start

    def _forget_rejected(self, start: int) -> None:
        """What an interrupted run refused behind ``start`` is refused again by this one."""
        if not self._rejected.exists():
            return
        with self._rejected.open("rb") as lines:
            kept = [line for line in lines if line.endswith(b"\n") and msgspec.json.decode(line)["line"] <= start]
        if kept:
            self._rejected.write_bytes(b"".join(kept))
        else:
            self._rejected.unlink()

    def _hand_in(self, number: int, raw: bytes) -> None:
        try:
            application, command, context = self._read(number, raw)
        except (Problem, ValueError, msgspec.MsgspecError) as error:
            self._reject(number, raw, str(error))
            return
        self._waiting.append((number, raw, application.submit(command, context)))

    def _read(self, number: int, raw: bytes) -> tuple[LogApplication, Command, Context]:
        check_depth(raw)
        line = msgspec.json.decode(raw, type=Line)
        known = self._commands.get(line.command)
        if known is None:
            raise ValueError(f"there is no command {line.command}; the commands are {', '.join(sorted(self._commands))}")
        application, command = known
        try:
            asked = command.model_validate_json(bytes(line.body))
        except ValidationError as error:
            raise invalid(error) from None
        now = datetime.now(UTC)
        key = line.key or f"{self._prefix}:{number}"
        context = Context(
            ACTOR, utc(line.at) if line.at else now, key, key, key=f"{ACTOR}:{key}",
            fingerprint=hashlib.sha256(raw.strip()).hexdigest(), kept_until=now.date() + timedelta(days=KEY_DAYS),
        )
        return application, asked, context

    def _take_answer(self) -> None:
        number, raw, future = self._waiting.popleft()
        try:
            answer = future.result()
        except LogUnavailable:
            raise
        except KeyReused as error:
            self._reject(number, raw, str(error))
        except Exception as error:
            self._reject(number, raw, f"something of ours failed: {error!r}")
        else:
            if answer.status >= 400:
                self._reject(number, raw, msgspec.json.decode(answer.text)["detail"])
            else:
                self.result.done += 1
        if number % NOTED_EVERY == 0:
            beside = Path(f"{self._noted}.new")
            beside.write_text(f"{self._prefix} {number}")
            beside.replace(self._noted)

    def _reject(self, number: int, raw: bytes, reason: str) -> None:
        self.result.rejected += 1
        self.result.rejected_file = self._rejected
        kept = {"line": number, "reason": reason, "text": raw.decode("utf-8", "replace").rstrip("\n")}
        with self._rejected.open("ab") as rejected:
            rejected.write(msgspec.json.encode(kept) + b"\n")


def file_digest(path: Path) -> str:
    with path.open("rb") as content:
        return hashlib.file_digest(content, "sha256").hexdigest()


def count_lines(path: Path) -> int:
    return sum(block.count(b"\n") for block in _blocks(path))


def _blocks(path: Path) -> Iterator[Any]:
    with path.open("rb") as content:
        while block := content.read(1 << 20):
            yield block
