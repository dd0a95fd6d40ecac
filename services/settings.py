"""Every setting, once, with its meaning; read from the environment with the prefix ``O2C_``."""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches
from pathlib import Path
from typing import Annotated, Literal
from zoneinfo import available_timezones

from pydantic import Field
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict
from pydantic.functional_validators import field_validator

PREFIX = "O2C_"
OF_THE_TESTS = "O2C_TEST_"

ServiceName = Literal["orders", "receivables", "forecast"]
SERVICE_NAMES: tuple[ServiceName, ...] = ("orders", "receivables", "forecast")


class Settings(BaseSettings):
    """An unknown ``O2C_`` variable or a bad value stops the start with a sentence."""

    model_config = SettingsConfigDict(env_prefix="O2C_", frozen=True, extra="forbid")

    services: Annotated[tuple[ServiceName, ...], NoDecode] = Field(
        SERVICE_NAMES, description="The services this process runs, separated by commas."
    )
    data: Path = Field(Path("data"), description="The folder of the embedded default: logs and views on SQLite.")
    database: str | None = Field(None, description="A PostgreSQL URL; without one everything is on SQLite.")
    host: str = Field("127.0.0.1", description="The address to listen on.")
    port: int = Field(8000, ge=0, le=65535, description="The port to listen on.")
    zones: Annotated[tuple[str, ...], NoDecode] = Field(
        ("UTC",), description="The time zones whose days begin here, as IANA names separated by commas."
    )
    log_level: Literal["debug", "info", "warning", "error"] = Field("info", description="What is logged.")
    requests_per_minute: int = Field(600_000, ge=1, description="Requests a key may send in a minute.")
    wait_s: float = Field(2.0, ge=0, le=30, description="How long a read waits for a position, in seconds.")

    keys: Path | None = Field(
        None, description="The folder of the private keys (sealing.key, webhooks.key); the data folder by default."
    )
    anchors: Path | None = Field(
        None, description="The file of anchors to ship elsewhere; anchors.jsonl in the data folder by default."
    )

    webhooks_private: bool = Field(
        False, description="Whether webhooks may go to private addresses and over plain http, for an intranet or a test."
    )

    peers: Annotated[dict[str, str], NoDecode] = Field(
        {}, description="Where the other services are: orders=http://host:port,receivables=... Their logs are copied from there."
    )
    peer_key_file: Path | None = Field(
        None, description="A file with the secret that all services share, 32 characters or more; copies of logs need it."
    )
    kafka: Annotated[tuple[str, ...], NoDecode] = Field(
        (), description="Brokers of Apache Kafka as host:port, separated by commas: logs are published and copied through them."
    )
    kafka_prefix: str = Field(
        "o2c", pattern="^[A-Za-z0-9._-]{1,100}$", description="How the topics of this installation begin: o2c.orders and so on."
    )
    kafka_replication: int = Field(1, ge=1, le=9, description="Replicas of a topic that o2c creates.")
    kafka_security: Path | None = Field(
        None, description="A JSON file with kafka-python's security settings (security_protocol, ssl_cafile, sasl_...)."
    )

    @field_validator("peers", mode="before")
    @classmethod
    def _addresses(cls, value: object) -> object:
        if not isinstance(value, str):
            return value
        pairs = [part.strip().partition("=") for part in value.split(",") if part.strip()]
        wrong = [name for name, _, url in pairs if name not in SERVICE_NAMES or not url.startswith(("http://", "https://"))]
        if wrong:
            raise ValueError(f"write {wrong[0]} as one of {', '.join(SERVICE_NAMES)}, an equals sign and an http address")
        return {name: url.rstrip("/") for name, _, url in pairs}

    @field_validator("services", "zones", "kafka", mode="before")
    @classmethod
    def _split(cls, value: object) -> object:
        return tuple(part.strip() for part in value.split(",") if part.strip()) if isinstance(value, str) else value

    @field_validator("zones")
    @classmethod
    def _known(cls, zones: tuple[str, ...]) -> tuple[str, ...]:
        for zone in zones:
            if zone not in available_timezones():
                raise ValueError(f"{zone} is no IANA time zone; name one such as Asia/Shanghai or America/Chicago")
        return zones

    @field_validator("kafka")
    @classmethod
    def _brokers(cls, brokers: tuple[str, ...]) -> tuple[str, ...]:
        for broker in brokers:
            if not broker.rpartition(":")[2].isdecimal() or not broker.rpartition(":")[0]:
                raise ValueError(f"write {broker} as host:port")
        return brokers

    @property
    def peer_key(self) -> str | None:
        """The shared secret; a file that holds less than 32 characters is refused."""
        if self.peer_key_file is None:
            return None
        secret = self.peer_key_file.read_text().strip()
        if len(secret) < 32:
            raise OSError(f"{self.peer_key_file} holds {len(secret)} characters; the secret of the services needs 32 or more")
        return secret

    @property
    def keys_folder(self) -> Path:
        return self.keys or self.data

    @property
    def anchors_file(self) -> Path:
        return self.anchors or self.data / "anchors.jsonl"

    @property
    def embedded(self) -> bool:
        return self.database is None


def known_variables() -> list[str]:
    """The environment variables that mean something to o2c."""
    return [PREFIX + name.upper() for name in Settings.model_fields]


def unknown_variables(names: Iterable[str]) -> list[str]:
    """A sentence for each name with our prefix that means nothing: a misspelt setting would be silently ignored."""
    known = known_variables()
    found = []
    for name in sorted(names):
        if name.upper().startswith(PREFIX) and name.upper() not in known and not name.startswith(OF_THE_TESTS):
            close = get_close_matches(name.upper(), known, 1)
            hint = f"did you mean {close[0]}?" if close else f"the settings are {', '.join(known)}"
            found.append(f"{name}: there is no such setting; {hint}")
    return found
