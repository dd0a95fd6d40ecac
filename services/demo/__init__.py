"""``o2c demo``: a believable quarter of three key accounts, the same on every machine."""

from __future__ import annotations

from services.demo.quarter import play

__all__ = ["play"]
