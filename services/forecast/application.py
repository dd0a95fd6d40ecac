"""The forecast service: what its log holds and which command does what."""

from __future__ import annotations

from typing import Any, ClassVar

from domain.customer_plan import CustomerPlan
from domain.day import Day
from services.application import LogApplication
from services.command import Command
from services.days import HANDLERS as DAY_HANDLERS
from services.event_log.json_form import AnyAggregate
from services.forecast import planning

AGGREGATES: tuple[type[AnyAggregate], ...] = (CustomerPlan, Day)


class Forecast(LogApplication):
    """Customer plans; forecasts and released demand come with their own issue."""

    name = "forecast"
    aggregates = AGGREGATES
    handlers: ClassVar[dict[type[Command], Any]] = {**DAY_HANDLERS, **planning.HANDLERS}
