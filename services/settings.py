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

    @field_validator("services", "zones", mode="before")
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
