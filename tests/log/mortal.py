"""A reactor whose process can die between any two of its steps."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import Future
from typing import Any

from services.command import Answer, Command, Context
from services.event_log.deciding import InOrder
from services.feed import LocalFeed
from services.reactions import Policy, Reactor, Sight
from tests.log.tally import Tallies


class Effects(Tallies):
    """The log to which the reactions go."""

    name = "effects"


class Died(BaseException):
    """The process is gone: no ``except`` of the code under test may live on."""


class Mortal:
    """Wraps what a reactor uses; at step number ``last`` the process dies."""

    def __init__(self, last: int) -> None:
        self.steps = 0
        self.last = last

    def step(self) -> None:
        self.steps += 1
        if self.steps == self.last:
            raise Died

    def reactor(self, source: Tallies, effects: Effects, policies: Sequence[Policy]) -> Reactor:
        feed = MortalFeed(self, source)
        application: Any = MortalApplication(self, effects)
        reactor = MortalReactor(application, feed, policies, Sight(effects, {}))
        reactor.mortal = self
        return reactor


class MortalFeed(LocalFeed):
    def __init__(self, mortal: Mortal, source: Tallies) -> None:
        super().__init__(source.store, source.form)
        self.mortal = mortal

    def read(self, *arguments: Any) -> Any:
        self.mortal.step()
        page = super().read(*arguments)
        self.mortal.step()
        return page


class MortalApplication:
    def __init__(self, mortal: Mortal, application: Effects) -> None:
        self.mortal, self.application = mortal, application
        self.name, self.store, self.writer = application.name, application.store, application.writer

    def submit(self, command: Command, context: Context, in_order: InOrder | None = None) -> Future[Answer]:
        self.mortal.step()
        handed_in = self.application.submit(command, context, in_order)
        self.mortal.step()
        return handed_in


class MortalReactor(Reactor):
    mortal: Mortal

    def _advance(self, *arguments: Any) -> None:
        self.mortal.step()
        super()._advance(*arguments)
        self.mortal.step()
