"""Apache Kafka fails (K7, K8): commands go on, nothing is lost, doubled or reordered, and it drains by itself afterwards.

Three services, each with its own logs, on real brokers. What is judged: every log and its copies row by row, and the effects
of every fact in the other log (a reservation for each order that was acknowledged, one and no more).
"""

from __future__ import annotations

import gc
import os
import random
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from deploy.kafka.broker import Cluster, jars
from domain.credit_account import CreditAccount
from services.copying import Copier, Taken
from services.event_log.contract import Append, CursorRow, LogStore
from services.kafka import PLACE, BrokerAway, KafkaSource, connection, ensure_topic, producer_of, topic_of
from services.event_log.leases import LeaseLost, PostgresLease, lease_of
from services.relay import NAME as RELAY
from services.relay import Relay
from services.serving import health_of
from services.settings import Settings
from tests.conftest import Master, asking, seed_master
from tests.distributed import Distributed, distributed
from tests.log.tally import Add, Open, Tallies, opened

pytestmark = [
    pytest.mark.faults,
    # sockets of kafka-python whose broker went away are closed by the garbage collector, which says so
    pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning"),
]

FAR = "100000000000.00"


@pytest.fixture(autouse=True)
def collected() -> Iterator[None]:
    """While the filter above still holds."""
    yield
    gc.collect()


@pytest.fixture(scope="module")
def brokers(tmp_path_factory: pytest.TempPathFactory, kafka: Any) -> Iterator[Cluster]:
    """Three nodes, every topic on all of them. (``kafka`` skips where there is no Java.)"""
    with Cluster(tmp_path_factory.mktemp("brokers"), 3) as cluster:
        yield cluster


@dataclass
class Load:
    """Places orders as fast as it may, from several threads, and notes what was acknowledged and how long it took."""

    whole: Distributed
    master: Master
    threads: int = 4
    pause: float = 0.01
    acknowledged: list[str] = field(default_factory=list)
    seconds: list[float] = field(default_factory=list)
    refused: list[str] = field(default_factory=list)

    @contextmanager
    def running(self) -> Iterator[Load]:
        stopping = threading.Event()
        clients = [threading.Thread(target=self._client, args=(n, stopping), daemon=True) for n in range(self.threads)]
        for client in clients:
            client.start()
        try:
            yield self
        finally:
            stopping.set()
            for client in clients:
                client.join(30)

    def _client(self, client: int, stopping: threading.Event) -> None:
        orders = self.whole.applications["orders"]
        number = len(self.acknowledged)
        while not stopping.is_set():
            number += 1
            name = f"L{client}-{number}"
            begun = time.perf_counter()
            answer = orders.handle(self.master.order(name), asking(key=name))
            self.seconds.append(time.perf_counter() - begun)
            (self.acknowledged if answer.status == 201 else self.refused).append(self.master.stream(name))
            stopping.wait(self.pause)


def judged(whole: Distributed, load: Load) -> list[str]:
    """Everything that must not be, after all has settled."""
    found = []
    for name, application in whole.applications.items():
        rows = application.store.read(0, 1_000_000)
        for part in whole.parts.values():
            for copier in part.copiers:
                if copier.log == name and copier.store.read(0, 1_000_000) != rows:
                    found.append(f"the copy of {name} by {part.settings.services} is not the log")
    events, _ = whole.feeds["receivables"].read(0, 1_000_000, [CreditAccount.Reserved])
    reserved = Counter(recorded.event.order for recorded in events)
    found += [f"lost: {order} was never reserved" for order in load.acknowledged if reserved[order] == 0]
    found += [f"twice: {order} was reserved {count} times" for order, count in reserved.items() if count > 1]
    return found


@contextmanager
def services(folder: Path, cluster: Cluster, prefix: str, replication: int = 1) -> Iterator[tuple[Distributed, Master]]:
    with distributed(folder, kafka=cluster.bootstrap, kafka_prefix=prefix, kafka_replication=replication) as whole:
        wired: Any = whole
        master = seed_master(wired, credit_limit=FAR)
        assert whole.settle()
        yield whole, master


@pytest.mark.parametrize("seed", [11])
def test_brokers_are_killed_under_load(tmp_path: Path, brokers: Cluster, seed: int) -> None:
    """Five times one of three is killed, or holds still for a while: the others go on, it comes back and catches up."""
    moments = random.Random(seed)
    happened: Counter[str] = Counter()
    with services(tmp_path, brokers, f"killed-{seed}", replication=3) as (whole, master):
        load = Load(whole, master)
        with load.running():
            for _ in range(5):
                node = moments.choice(brokers.nodes)
                time.sleep(moments.uniform(0.5, 1.5))
                if moments.random() < 0.7:
                    node.kill()
                    happened["killed"] += 1
                    time.sleep(moments.uniform(0.5, 2))
                    node.start()
                    brokers.wait(node)
                else:
                    node.pause()
                    happened["held still"] += 1
                    time.sleep(3)
                    node.go_on()
        assert whole.settle(120), health_of(whole.parts["receivables"])
        found = judged(whole, load)
        assert found == [], f"{len(found)} violations: {found[:5]}"
        assert len(load.acknowledged) >= 500 and load.refused == []
        twice = sum(copier.duplicates for part in whole.parts.values() for copier in part.copiers)
    print(f"\n{dict(happened)}: {len(load.acknowledged)} orders acknowledged, 0 lost, 0 twice, {twice} messages came twice")


def test_without_any_broker_commands_go_on_and_it_drains(tmp_path: Path, kafka: Cluster) -> None:
    """K8, short: no broker for a while. Nothing is kept in memory for it: the log is the outbox."""
    with services(tmp_path, kafka, "away") as (whole, master):
        load = Load(whole, master)
        with load.running():
            time.sleep(2)
        before = sorted(load.seconds)
        (node,) = kafka.nodes
        node.kill()
        load.seconds.clear()
        (orders_relay,) = whole.parts["orders"].relays
        try:
            with load.running():
                begun = time.monotonic()
                while "cannot be used" not in health_of(whole.parts["orders"])["relays"]["orders"]:
                    assert time.monotonic() - begun < 20, "nobody says that the broker is away"
                    time.sleep(0.5)
                assert health_of(whole.parts["orders"])["status"] == "attention"
            during = sorted(load.seconds)
            backlog, away = orders_relay.behind(), time.monotonic() - begun
            assert backlog > 0
        finally:
            node.start()
            kafka.wait(node)
        begun = time.monotonic()
        while orders_relay.behind() or orders_relay.failure is not None:
            assert time.monotonic() - begun < 60, "the relay does not go on by itself"
            time.sleep(0.05)
        assert whole.settle(120)
        drained = time.monotonic() - begun
        assert judged(whole, load) == []
        assert health_of(whole.parts["orders"])["relays"]["orders"] == "ok"
    p99 = [round(1000 * seconds[int(len(seconds) * 0.99)], 1) for seconds in (before, during)]
    print(f"\n{away:.0f} s without a broker: {len(load.acknowledged)} acknowledged, p99 of a command {p99[0]} -> {p99[1]} ms,"
          f" {backlog} facts drained and all effects there after {drained:.1f} s")


@pytest.mark.parametrize("fault", ["latest", "place first", "no gap check"])
def test_a_consumer_that_loses_is_caught(tmp_path: Path, kafka: Cluster, monkeypatch: pytest.MonkeyPatch, fault: str) -> None:
    """Sabotage: kafka-python's own defaults (begin at the end; commit before the effects), and a copy that skips gaps."""

    def no_fill(self: Copier, last: int, upto: int) -> int:
        return last

    monkeypatch.setattr(Copier, "_fill", no_fill)
    monkeypatch.setattr(Copier, "_look", lambda self, last, *, idle: None)
    if fault == "no gap check":
        def keep(self: Copier, generation: int, rows: list[Any], place: Any) -> None:
            with self.store.begin() as tx:
                tx.append(append_of(rows))

        monkeypatch.setattr(Copier, "_keep", keep)
    take = KafkaSource.take
    lost = iter([True])

    def losing(self: KafkaSource, store: LogStore, generation: int, last: int) -> Taken:
        taken = take(self, store, generation, last)
        if taken.facts and last > 30 and next(lost, False):  # a restart of the consumer between two steps
            if fault == "latest":
                self.reset()
                end = taken.place.position + 5 if taken.place else 0
                with store.begin() as tx:
                    tx.append(append_of([], CursorRow(PLACE, self._topic, 1, end)))
                return Taken(())
            return Taken((), taken.place)
        return taken

    monkeypatch.setattr(KafkaSource, "take", losing)
    with services(tmp_path, kafka, f"loses-{fault.replace(' ', '-')}") as (whole, master):
        load = Load(whole, master, pause=0.05)
        with load.running():
            time.sleep(3)
        whole.settle(6)
        assert judged(whole, load) != [], "the loss was not noticed"


def append_of(rows: list[Any], place: CursorRow | None = None) -> Append:
    cursors = {} if place is None else {(place.consumer, place.log): place}
    return Append(list(rows), {}, [], {}, cursors, [])


# Bad input from the broker's side: named, nothing lost, no crash loop


def tally_settings(folder: Path, cluster: Cluster, prefix: str, **more: Any) -> Settings:
    return Settings(data=folder, kafka=tuple(cluster.bootstrap), kafka_prefix=prefix, **more)


@contextmanager
def tallies_relayed(settings: Settings) -> Iterator[tuple[Tallies, Relay]]:
    with opened(settings) as tallies:
        made = Relay(tallies, settings, lease_of(tallies.store, "relay", "a"))
        try:
            yield tallies, made
        finally:
            made._drop_producer()


def taken(settings: Settings, store: LogStore, expect: int) -> tuple[list[Any], KafkaSource]:
    source = KafkaSource(settings, "tallies")
    facts: list[Any] = []
    deadline = time.monotonic() + 20
    while len(facts) < expect and time.monotonic() < deadline:
        facts += source.take(store, 1, 0).facts
    source.close()
    return facts, source


def test_messages_carry_what_they_promise(tmp_path: Path, kafka: Cluster) -> None:
    """Key, partition and headers of the contract, value CloudEvents JSON; in the order of the log."""
    settings = tally_settings(tmp_path, kafka, "headers")
    with tallies_relayed(settings) as (tallies, publishing):
        for number in range(5):
            tallies.handle(Open(tally=str(number)), asking())
        tallies.handle(Add(tally="1"), asking())
        assert publishing.publish_next() == 6
        facts, _ = taken(settings, tallies.store, 6)
        assert [fact.row() for fact in facts] == tallies.store.read(0, 10)
        source = KafkaSource(settings, "tallies")
        consumer = source._open(tallies.store)
        polled: list[Any] = []
        while not polled:
            polled = consumer.poll(timeout_ms=1_000).get(source._partition, [])
        source.close()
        last = polled[-1]
        assert (last.partition, last.key) == (0, b"tally/1")
        assert dict(last.headers) == {
            "log": b"tallies", "generation": b"1", "position": b"6", "type": b"tally.added", "schema_version": b"1",
        }


def test_what_is_no_fact_is_named_and_passed_over(tmp_path: Path, kafka: Cluster, capsys: pytest.CaptureFixture[str]) -> None:
    """Garbage, nothing, a fact of another log: counted; the gap that would be left is filled from the owner."""
    settings = tally_settings(tmp_path, kafka, "garbage")
    with tallies_relayed(settings) as (tallies, publishing):
        tallies.handle(Open(tally="a"), asking())
        publishing.publish_next()
        producer = producer_of(settings)
        for value in (b"\xff\xfe no json", None, b"{}", b'{"source":"urn:o2c:tallies"}'):
            producer.send(topic_of(settings, "tallies"), value, b"k", partition=0)
        producer.flush()
        producer.close()
        tallies.handle(Open(tally="b"), asking())
        publishing.publish_next()
        facts, source = taken(settings, tallies.store, 2)
        assert [fact.position for fact in facts] == [1, 2]
        assert source.unreadable == 4
        assert capsys.readouterr().out.count("message_unreadable") == 4


def test_a_fact_too_large_for_the_broker(tmp_path: Path, kafka: Cluster) -> None:
    """Its envelope goes out in its place, so that the copy fetches the fact itself from the feed."""
    settings = tally_settings(tmp_path, kafka, "large")
    with tallies_relayed(settings) as (tallies, publishing):
        tallies.handle(Open(tally="a", label="x" * 1_500_000), asking())
        tallies.handle(Open(tally="b"), asking())
        assert publishing.publish_next() == 2
        facts, _ = taken(settings, tallies.store, 2)
        assert [(fact.position, bool(bytes(fact.data))) for fact in facts] == [(1, False), (2, True)]


def test_an_unfit_topic_is_named(tmp_path: Path, kafka: Cluster) -> None:
    """Several partitions, a short retention: said in health and by the doctor; facts flow all the same."""
    from kafka.admin import KafkaAdminClient, NewTopic

    settings = tally_settings(tmp_path, kafka, "unfit")
    admin = KafkaAdminClient(**connection(settings))
    admin.create_topics([NewTopic("unfit.tallies", 3, 1, topic_configs={"retention.ms": "60000"})])
    admin.close()
    time.sleep(0.5)
    with tallies_relayed(settings) as (tallies, publishing):
        tallies.handle(Open(tally="a"), asking())
        publishing.publish_next()
        several, short = publishing.complaints
        assert "has 3 partitions" in several and "make it one" in several
        assert "keeps messages for 60 s" in short and "retention.ms=-1" in short
        facts, _ = taken(settings, tallies.store, 1)
        assert [fact.position for fact in facts] == [1]
    assert ensure_topic(settings, "tallies") == [several, short]


def test_the_wrong_protocol_is_named(tmp_path: Path, kafka: Cluster) -> None:
    """A client that speaks TLS to a plain broker: a sentence, and the log goes on."""
    security = tmp_path / "security.json"
    security.write_text('{"security_protocol": "SSL", "ssl_check_hostname": false}')
    settings = tally_settings(tmp_path / "data", kafka, "tls", kafka_security=security)
    with tallies_relayed(settings) as (tallies, publishing):
        tallies.handle(Open(tally="a"), asking())
        with pytest.raises(BrokerAway, match="cannot be used"):
            publishing.publish_next()
        assert tallies.handle(Add(tally="a"), asking()).status == 200


def test_a_second_relay_takes_over_and_a_stale_one_is_fenced(tmp_path: Path, database: str, kafka: Cluster) -> None:
    """One publishes; when it is gone the other goes on within seconds; the first, come back, changes nothing any more."""
    settings = tally_settings(tmp_path, kafka, "lease", database=database)
    with opened(settings) as one, opened(settings) as two:
        assert isinstance(one.store, type(two.store))
        leases = [PostgresLease(tallies.store, "relay", name, 1.5) for tallies, name in ((one, "a"), (two, "b"))]  # type: ignore[arg-type]
        first, second = (Relay(tallies, settings, lease) for tallies, lease in zip((one, two), leases, strict=True))
        one.handle(Open(tally="x"), asking())
        assert leases[0].held() and not leases[1].held()
        assert first.publish_next() == 1
        begun = time.monotonic()  # "a" hangs from here on
        while not leases[1].held():
            assert time.monotonic() - begun < 5
            time.sleep(0.05)
        two.handle(Add(tally="x"), asking())
        second.publish_next()
        second._keep(at_once=True)
        assert second.published == 2
        first.published, first._kept_at = 1, 0.0
        with pytest.raises(LeaseLost):
            first._keep(at_once=True)
        kept = two.store.cursor(RELAY, "tallies")
        assert kept is not None and kept.position == 2, "the stale relay took the place back"
        assert leases[1].epoch == 2
        for made in (first, second):
            made._drop_producer()


def test_nothing_is_left_out() -> None:
    """In CI a missing JDK or Maven is a failure, not a skip (O2C_TEST_NOTHING_LEFT_OUT)."""
    if not os.environ.get("O2C_TEST_NOTHING_LEFT_OUT"):
        pytest.skip("only asked in CI")
    assert (jars() / "complete").exists()


