"""``python -m services``: the same as the ``o2c`` command."""

from __future__ import annotations

from services.cli import main

main()
