"""A real Apache Kafka as plain ``java`` processes on loopback: one KRaft node, or several.

The jars come from ``pom.xml`` through Maven, once; a JDK 17 and Maven are Debian packages. Heaps are small enough for two
cores.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import signal
import socket
import subprocess
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
HEAP = "-Xmx320m"
STARTED_S = 60.0
CLUSTER_ID = "o2cLocalClusterIdentity"  # 22 characters of base 64, as Kafka wants them


class KafkaMissing(Exception):
    """There is no JDK or no Maven, or the jars cannot be had; the sentence says what."""


def jars() -> Path:
    """The folder of the broker's jars, resolved on the first call."""
    for program, package in (("java", "default-jre-headless"), ("mvn", "maven")):
        if shutil.which(program) is None:
            raise KafkaMissing(f"there is no {program} here: install the Debian package {package}")
    pom = HERE / "pom.xml"
    folder = ROOT / "build" / f"kafka-{hashlib.sha256(pom.read_bytes()).hexdigest()[:12]}"
    if (folder / "complete").exists():
        return folder
    command = ["mvn", "-q", "-B", "-f", str(pom), "dependency:copy-dependencies", f"-DoutputDirectory={folder}"]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=900)
    if done.returncode:
        raise KafkaMissing(f"Maven could not resolve Kafka's jars: {(done.stdout + done.stderr)[-500:]}")
    (folder / "complete").touch()
    return folder


def free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port: int = free.getsockname()[1]
        return port


@dataclass
class Node:
    """One broker, which is a controller too."""

    number: int
    folder: Path
    port: int
    controller_port: int
    process: subprocess.Popen[bytes] | None = None

    def java(self, main: str, *arguments: str) -> list[str]:
        flags = [HEAP, "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-cp", f"{jars()}/*"]
        return ["java", *flags, main, *arguments]

    def start(self) -> None:
        with (self.folder / "broker.log").open("ab") as log:
            self.process = subprocess.Popen(
                self.java("kafka.Kafka", str(self.folder / "server.properties")), stdout=log, stderr=log,
                stdin=subprocess.DEVNULL, start_new_session=True,
            )

    def kill(self) -> None:
        """At once and without a word."""
        if self.process is not None:
            os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait(10)
            self.process = None

    def stop(self) -> None:
        if self.process is not None:
            self.process.terminate()
            try:
                self.process.wait(20)
            except subprocess.TimeoutExpired:
                self.kill()
            self.process = None

    def pause(self) -> None:
        """It holds its connections and answers nothing, as a machine that hangs."""
        assert self.process is not None
        os.kill(self.process.pid, signal.SIGSTOP)

    def go_on(self) -> None:
        assert self.process is not None
        os.kill(self.process.pid, signal.SIGCONT)


@dataclass
class Cluster:
    """``nodes`` brokers below ``folder``; ``with`` starts and stops them."""

    folder: Path
    count: int = 1
    nodes: list[Node] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.nodes = [Node(n, self.folder / f"node-{n}", free_port(), free_port()) for n in range(1, self.count + 1)]
        self.write_properties()

    def write_properties(self) -> None:
        voters = ",".join(f"{node.number}@127.0.0.1:{node.controller_port}" for node in self.nodes)
        for node in self.nodes:
            node.folder.mkdir(parents=True, exist_ok=True)
            (node.folder / "server.properties").write_text(self._properties(node, voters))

    def _properties(self, node: Node, voters: str) -> str:
        copies = min(self.count, 3)
        settings = {
            "process.roles": "broker,controller", "node.id": node.number, "controller.quorum.voters": voters,
            "listeners": f"PLAINTEXT://127.0.0.1:{node.port},CONTROLLER://127.0.0.1:{node.controller_port}",
            "advertised.listeners": f"PLAINTEXT://127.0.0.1:{node.port}", "controller.listener.names": "CONTROLLER",
            "log.dirs": node.folder / "data", "num.network.threads": 2, "num.io.threads": 2, "auto.create.topics.enable": "false",
            "offsets.topic.replication.factor": copies, "transaction.state.log.replication.factor": copies,
            "transaction.state.log.min.isr": max(1, copies - 1), "share.coordinator.state.topic.replication.factor": copies,
            "share.coordinator.state.topic.min.isr": max(1, copies - 1), "unclean.leader.election.enable": "false",
        }
        return "".join(f"{name}={value}\n" for name, value in settings.items())

    @property
    def bootstrap(self) -> Sequence[str]:
        return [f"127.0.0.1:{node.port}" for node in self.nodes]

    def start(self) -> None:
        """Format what is new and start all; returns when every node takes connections."""
        for node in self.nodes:
            if not (node.folder / "data" / "meta.properties").exists():
                properties = str(node.folder / "server.properties")
                command = node.java("kafka.tools.StorageTool", "format", "-t", CLUSTER_ID, "-c", properties)
                done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=120)
                if done.returncode:
                    raise KafkaMissing(f"Kafka's storage could not be formatted: {(done.stdout + done.stderr)[-500:]}")
            node.start()
        for node in self.nodes:
            self.wait(node)

    def wait(self, node: Node) -> None:
        deadline = time.monotonic() + STARTED_S
        while time.monotonic() < deadline:
            if node.process is not None and node.process.poll() is not None:
                break
            try:
                socket.create_connection(("127.0.0.1", node.port), timeout=1).close()
                return
            except OSError:
                time.sleep(0.1)
        raise KafkaMissing(f"broker {node.number} did not start: {(node.folder / 'broker.log').read_text()[-800:]}")

    def stop(self) -> None:
        for node in self.nodes:
            node.stop()

    def __enter__(self) -> Cluster:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()
