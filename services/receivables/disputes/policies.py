"""Whenever a day begins: the clocks of the disputes in its zone."""

from __future__ import annotations

from collections.abc import Sequence

from domain.day import Day
from domain.recorded import RecordedEvent
from projections import dispute_queries, disputes
from services.command import Command
from services.reactions import Policy, Sight
from services.receivables.disputes.disputing import PassClocks


def let_clocks_pass(recorded: RecordedEvent, sight: Sight) -> Sequence[Command]:
    event = recorded.event
    if not isinstance(event, Day.Began):
        return []
    with sight.view(disputes.VIEW.name, recorded) as connection:
        due = dispute_queries.due(connection, event.date, event.zone)
    return [PassClocks(dispute=dispute, day=event.date) for dispute in due]


ON_RECEIVABLES = (Policy("let_clocks_pass", (Day.Began,), let_clocks_pass),)
