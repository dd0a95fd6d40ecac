"""The beginning of a day, recorded once per zone in every log (decision 40)."""

from __future__ import annotations

from datetime import date
from typing import Any, ClassVar

from domain.day import Day
from services.command import Answer, Command
from services.event_log.work import Work


class BeginDay(Command):
    """A calendar day has begun in a zone; deadlines and expiries are policies on it."""

    NAME: ClassVar[str] = "day.begin"
    zone: str
    date: date


def begin_day(work: Work, command: BeginDay) -> Answer:
    stream = Day.stream(command.zone, command.date)
    if not work.exists(stream):
        work.add(Day.break_of(command.zone, command.date))
    return Answer(200, {"day": stream})


HANDLERS: dict[type[Command], Any] = {BeginDay: begin_day}
