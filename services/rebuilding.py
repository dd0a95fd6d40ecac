"""Folding a view anew from zero beside the one in use, then switching to it."""

from __future__ import annotations

from collections.abc import Callable

from projections.projector import Projector
from services.progress import progress
from services.wired import Wired

BUILDING = "_building"


def rebuild(wired: Wired, name: str) -> int:
    """Fold the view from zero and put it in place; answers the number of facts folded.

    The loops must not be running: the command line holds the logs by their lease.
    """
    old = wired.projectors[name]
    view = old.view
    wired.views.drop(view, BUILDING)
    fresh = Projector(view, old.feeds, wired.views.engine(view, BUILDING))
    with progress(f"rebuild {name}", sum(f.last_position() for f in old.feeds.values()), "positions") as advance:
        folded = fresh.catch_up(advance)
    wired.views.swap(view, BUILDING)
    wired.projectors[name] = Projector(view, old.feeds, wired.views.engine(view))
    return folded


def replayed_beside(wired: Wired, name: str, use: Callable[[Projector], None], advance: Callable[[int], None]) -> None:
    """Fold the view from zero into a place of its own, let ``use`` look at it, drop it."""
    kept = wired.projectors[name]
    suffix = "_replay"
    wired.views.drop(kept.view, suffix)
    fresh = Projector(kept.view, kept.feeds, wired.views.engine(kept.view, suffix))
    try:
        fresh.catch_up(advance)
        use(fresh)
    finally:
        wired.views.drop(kept.view, suffix)
