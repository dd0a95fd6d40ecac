"""The commands that keep what receivables needs of a trading partner; policies give them, no door does."""

from __future__ import annotations

from datetime import date
from typing import Any, ClassVar

from domain.allocation import Tolerance
from domain.debtor import Debtor
from domain.payment_terms import PaymentTerms
from services.command import Answer, Command
from services.event_log.work import Work


class RegisterDebtor(Command):
    """A trading partner was registered."""

    NAME: ClassVar[str] = "debtor.register"
    partner: str
    company: str
    account: str
    currency: str


class KeepTerms(Command):
    """Payment terms were agreed with the partner."""

    NAME: ClassVar[str] = "debtor.keep_terms"
    partner: str
    terms: PaymentTerms
    first_day: date


class KeepTolerance(Command):
    """A deduction agreement was made: what of it cash application reads."""

    NAME: ClassVar[str] = "debtor.keep_tolerance"
    partner: str
    tolerance: Tolerance
    first_day: date


def _answer(debtor: Debtor) -> Answer:
    return Answer(200, {"debtor": debtor.id, "version": debtor.version})


def register_debtor(work: Work, command: RegisterDebtor) -> Answer:
    known = work.find(Debtor, Debtor.stream(command.partner))
    if known is None:
        known = work.add(Debtor.register(command.partner, command.company, command.account, command.currency))
    return _answer(known)


def keep_terms(work: Work, command: KeepTerms) -> Answer:
    debtor = work.get(Debtor, Debtor.stream(command.partner))
    debtor.agree_terms(command.terms, command.first_day)
    return _answer(debtor)


def keep_tolerance(work: Work, command: KeepTolerance) -> Answer:
    debtor = work.get(Debtor, Debtor.stream(command.partner))
    debtor.agree_tolerance(command.tolerance, command.first_day)
    return _answer(debtor)


HANDLERS: dict[type[Command], Any] = {
    RegisterDebtor: register_debtor,
    KeepTerms: keep_terms,
    KeepTolerance: keep_tolerance,
}
