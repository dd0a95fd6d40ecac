"""The command on what a customer's orders have to keep to: minimum, lead time, delivery days, holidays."""

from __future__ import annotations

from typing import Any, ClassVar

from domain.fill_rate.parameters import parameters_from, parameters_json
from domain.trading_partner import TradingPartner
from services.calendars import PUBLISHED_YEARS
from services.command import Answer, Command
from services.event_log.work import Work
from services.fields import Code, Day, JsonObject
from services.orders.agreeing.recording import master_answer


class AgreeLogisticParameters(Command):
    """What orders have to keep to from a day on; a line that breaks it is missed at the customer's fault."""

    NAME: ClassVar[str] = "partner.agree_logistic_parameters"
    partner: Code
    parameters: JsonObject
    first_day: Day


def agree_logistic_parameters(work: Work, command: AgreeLogisticParameters) -> Answer:
    """Stored whole, every field written out; the calendar is one that we have."""
    partner = work.get(TradingPartner, TradingPartner.stream(command.partner))
    parameters = parameters_from(command.parameters, PUBLISHED_YEARS)
    partner.agree_logistic_parameters(parameters_json(parameters), command.first_day)
    return master_answer("partner", partner)


HANDLERS: dict[type[Command], Any] = {AgreeLogisticParameters: agree_logistic_parameters}
