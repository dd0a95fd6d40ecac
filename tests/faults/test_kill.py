"""kill -9 under load: nothing acknowledged is lost, nothing is there twice, nothing is there that nobody sent.

The short runs are part of every test run; ``make test-faults`` kills forty times on each back end.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from services.settings import Settings
from tests.conftest import settings_for
from tests.faults.harness import EFFECTS, Run, kill_run, violations

ACKNOWLEDGED_PER_KILL = 40  # a run that did less has shown nothing


def judged(run: Run, least: int) -> None:
    found = violations(run)
    assert found == [], f"{len(found)} violations: {found[:5]}"
    done = run.acknowledged
    assert done.total() >= least, f"only {done.total()} acknowledged, {least} wanted: nothing was shown"
    assert min(done[kind] for kind, _ in EFFECTS.values()) >= run.kills, done
    assert run.in_doubt >= run.kills, "the kills met nothing in flight"
    print(
        f"\n{run.kills} kills: {done.total()} acknowledged of {len(run.operations)} sent {dict(done)},"
        f" {run.in_doubt} in doubt and repeated, 0 lost, 0 twice, 0 ghosts"
    )


@pytest.mark.parametrize("seed", [20260301])
def test_five_kills_on_sqlite(tmp_path: Path, seed: int) -> None:
    judged(kill_run(settings_for(tmp_path / "data", None), seed, kills=5), 5 * ACKNOWLEDGED_PER_KILL)


@pytest.mark.faults
@pytest.mark.parametrize("seed", [1, 2])
def test_forty_kills(backend: Settings, seed: int) -> None:
    """Twenty for each seed, on each back end; the PostgreSQL server itself goes on."""
    judged(kill_run(backend, seed, kills=20), 20 * ACKNOWLEDGED_PER_KILL)


@pytest.mark.parametrize(
    ("fault", "caught"),
    [("early", "lost: "), ("forgetful", "twice: ")],
)
def test_the_harness_catches_a_planted_fault(tmp_path: Path, fault: str, caught: str) -> None:
    """Acknowledging before the commit loses commands; dropping the key's row does them twice."""
    found: list[str] = []
    for seed in range(1, 4):
        folder = tmp_path / str(seed)
        folder.mkdir()
        found = violations(kill_run(settings_for(folder / "data", None), seed, kills=2, sabotage=fault))
        if any(violation.startswith(caught) for violation in found):
            return
    raise AssertionError(f"{fault} was not caught; found {found[:3]}")
