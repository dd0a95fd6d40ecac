"""The presets that ship with o2c: plausible definitions to start a customer's contract from, each with its source.

A preset is a file in ``domain/fill_rate/presets``; a contract is a preset plus what the contract says otherwise.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import cache
from importlib import resources
from types import MappingProxyType
from typing import Any

from domain.fill_rate.form import laid_over, policy_from, policy_json
from domain.fill_rate.policy import FillRatePolicy
from domain.refusal import Kind, Refusal

PRESET_UNKNOWN = Refusal(
    "fill_rate.preset_unknown", "There is no preset {preset}; the presets are {presets}. Name one of these, or none.",
    Kind.NOT_FOUND,
)


@cache
def presets() -> Mapping[str, Mapping[str, Any]]:
    """Preset id -> {id, title, source, verification, note, policy}, by id."""
    folder = resources.files("domain.fill_rate") / "presets"
    found = [json.loads(one.read_text(encoding="utf-8")) for one in folder.iterdir() if one.name.endswith(".json")]
    return MappingProxyType({one["id"]: one for one in sorted(found, key=lambda one: one["id"])})


def preset(name: str) -> Mapping[str, Any]:
    if name not in presets():
        raise PRESET_UNKNOWN(preset=name, presets=list(presets()))
    return presets()[name]


def whole_policy(said: Mapping[str, Any]) -> FillRatePolicy:
    """The policy that a contract means: its preset, where it names one, with its own fields laid over."""
    name = said.get("preset")
    if not isinstance(name, str):
        return policy_from(said)
    return policy_from(laid_over(preset(name)["policy"], said))


def expanded(said: Mapping[str, Any]) -> dict[str, Any]:
    """The same with every field written out, as it is agreed and stored: a preset may change, an agreement does not."""
    return policy_json(whole_policy(said))
