"""Time passes by an event: a day has begun in a zone (decision 40)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from domain.aggregate import Aggregate, natural_id
from domain.codes import check_zone


@dataclass
class DayState:
    zone: str
    date: date


class Day(Aggregate[DayState]):
    """A calendar day of one zone; deadlines, expiries and window closes are policies on its beginning."""

    KIND = "day"
    STATE = DayState
    STATE_VERSION = 1

    class Began(Aggregate.Created):
        TYPE = "day.began/1"
        zone: str
        date: date

        def apply(self, day: Day) -> None:
            day.state = DayState(self.zone, self.date)

    @staticmethod
    def stream(zone: str, day: date) -> str:
        return natural_id("day", zone, day.isoformat())

    @classmethod
    def break_of(cls, zone: str, day: date) -> Day:
        """``day`` has begun in ``zone``; the stream exists once a day, so that it begins once."""
        check_zone(zone)
        return cls.begin(cls.Began, cls.stream(zone, day), zone=zone, date=day)
