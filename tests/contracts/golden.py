"""Writes the checked-in contracts anew: ``python -m tests.contracts.golden``. Look at the diff before you keep it."""

from __future__ import annotations

import json
import tempfile
from pathlib import Path
from typing import Any

from domain.permissions import ROLES
from services.serving import create_app
from services.settings import Settings
from services.wiring import wire

HERE = Path(__file__).parent
OPENAPI = HERE / "openapi.json"
PERMISSIONS = HERE / "permissions.json"


def document() -> dict[str, Any]:
    """The OpenAPI document of a process that runs all services."""
    with tempfile.TemporaryDirectory() as folder:
        wired = wire(Settings(data=Path(folder)))
        try:
            made: dict[str, Any] = json.loads(json.dumps(create_app(wired).openapi()))
            return made
        finally:
            wired.close()


def operations(openapi: dict[str, Any]) -> list[tuple[str, str, dict[str, Any]]]:
    """``(METHOD, path, operation)`` of every operation, in a fixed order."""
    return [
        (method.upper(), path, operation)
        for path, methods in sorted(openapi["paths"].items())
        for method, operation in sorted(methods.items())
    ]


def matrix(openapi: dict[str, Any]) -> dict[str, dict[str, str]]:
    """Every route with its permission, and for each role whether it may call it."""
    made = {}
    for method, path, operation in operations(openapi):
        permission = operation["x-permission"]
        may = {role: "allowed" if permission == "none" or permission in held else "forbidden" for role, held in ROLES.items()}
        made[f"{method} {path}"] = {"permission": permission, **may}
    return made


def text_of(value: Any) -> str:
    return json.dumps(value, indent=1, sort_keys=True, ensure_ascii=False) + "\n"


def main() -> None:
    openapi = document()
    OPENAPI.write_text(text_of(openapi), encoding="utf-8")
    PERMISSIONS.write_text(text_of(matrix(openapi)), encoding="utf-8")


if __name__ == "__main__":
    main()
