"""Every setting, once, with its meaning; read from the environment with the prefix ``O2C_``."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict
from pydantic.functional_validators import field_validator

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

    @field_validator("services", "zones", mode="before")
    @classmethod
    def _split(cls, value: object) -> object:
        return tuple(part.strip() for part in value.split(",") if part.strip()) if isinstance(value, str) else value

    @property
    def embedded(self) -> bool:
        return self.database is None
