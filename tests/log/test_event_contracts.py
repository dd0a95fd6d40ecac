"""Stored forms never change: every event and state against its golden file, old versions included.

After a wanted change: ``python -m tests.log.golden --write`` (see tests/log/golden.py).
"""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from domain.aggregate import Aggregate
from services.event_log.json_form import JsonForm, UnknownEventType
from services.wiring import APPLICATIONS
from tests.log.golden import (
    CONTRACTS, aggregates, event_contract, event_file, event_forms, example_event, main, row, state_contract, state_file,
)

FORMS = {name: (form, event_class) for name, form, event_class in event_forms()}
STORED = sorted((CONTRACTS / "events").glob("*.json"))
HOW = "run: python -m tests.log.golden --write (and say in the change why it may differ)"


@pytest.mark.parametrize("name", sorted(FORMS))
def test_an_event_is_stored_as_its_golden_file_says(name: str) -> None:
    form, event_class = FORMS[name]
    assert event_file(name).exists(), f"{name} has no golden file; {HOW}"
    golden = json.loads(event_file(name).read_text(encoding="utf-8"))
    assert event_contract(form, event_class) == golden, f"the stored form of {name} has changed; give it a new version"
    for kind in ("full", "sparse"):
        read = form.event(row(name, json.dumps(golden[kind])))
        written = example_event(event_class, kind == "sparse")
        assert {key: read.__dict__[key] for key in written.__dict__} == written.__dict__
        assert form.encode(read) == form.encode(written)


@pytest.mark.parametrize("path", STORED, ids=[path.stem for path in STORED])
def test_a_golden_file_of_any_version_can_be_read(path: Path) -> None:
    golden = json.loads(path.read_text(encoding="utf-8"))
    forms = {id(form): form for form, _ in FORMS.values()}.values()
    assert any(_reads(form, golden) for form in forms), f"{golden['type']} cannot be read any more; add an upcaster"


def _reads(form: JsonForm, golden: dict[str, Any]) -> bool:
    try:
        return all(form.event(row(golden["type"], json.dumps(golden[kind]))) for kind in ("full", "sparse"))
    except UnknownEventType:
        return False


@pytest.mark.parametrize("kind", sorted(aggregates()))
def test_a_state_that_changes_its_form_raises_its_version(kind: str) -> None:
    """A kept state of another form would be read as this one: STATE_VERSION says that it must be replayed."""
    aggregate = aggregates()[kind]
    assert state_file(aggregate).exists(), f"state {aggregate.STATE_VERSION} of {kind} has no golden file; {HOW}"
    golden = json.loads(state_file(aggregate).read_text(encoding="utf-8"))
    assert state_contract(aggregate) == golden, f"the state of {kind} has changed: raise its STATE_VERSION, then {HOW}"


def test_names_are_unique_and_well_formed() -> None:
    """One log holds a name once; all logs use a kind for one aggregate."""
    for application in APPLICATIONS.values():
        names = [name for name, form, _ in event_forms() if set(form.aggregates) == {a.KIND for a in application.aggregates}]
        bases = Counter(name.rpartition("/")[0] for name in names)
        assert max(bases.values()) == 1, bases.most_common(3)
    for name, (_, event_class) in FORMS.items():
        base, _, version = name.rpartition("/")
        assert base.count(".") == 1 and base == base.lower() and int(version) >= 1, name
        assert sorted(event_class.UPCASTS) == list(range(1, int(version))), f"{name} lacks an upcaster"


def test_the_golden_files_notice_a_change() -> None:
    """Sabotage: a field renamed, a field added without a default, a field gone."""

    class Renamed(Aggregate.Event):
        TYPE = "day.began/1"
        region: str
        date: str

    class WithMore(Aggregate.Event):
        TYPE = "day.began/1"
        zone: str
        date: str
        more: str

    golden = json.loads(event_file("day.began/1").read_text(encoding="utf-8"))
    form, _ = FORMS["day.began/1"]
    for changed in (Renamed, WithMore):
        from services.event_log.json_form import EventForm

        altered = EventForm(changed, "")
        assert json.loads(altered.encode(example_event(changed, False))) != golden["full"]
        with pytest.raises(Exception, match="missing required field"):
            altered.decode(row("day.began/1", json.dumps(golden["full"])), 1)
    assert form.event(row("day.began/1", json.dumps(golden["full"]))).zone == "zone-1"


def test_the_command_line_lists_and_passes() -> None:
    assert main([]) == 0
