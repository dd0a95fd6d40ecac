"""Statement: the customer's statement of account (对账单), received in versions, its differences resolved, then agreed.

definitions.md 4.1 I4 and 4.3: it is agreed only when the bridge from our balance to theirs leaves nothing unexplained.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

from domain.aggregate import Aggregate, natural_id
from domain.codes import check_currency
from domain.statement_lines import (
    AgreedDocument, Agreement, DifferenceClass, Resolution, StatementContent, StatementLine, numbered,
)
from domain.statement_refusals import (
    AGREED_ALREADY, AGREED_BEFORE_CUT_OFF, AMOUNT_TOO_FINE, BALANCES_DO_NOT_BRIDGE, CUT_OFF_DIFFERS, DOES_NOT_SUM,
    LINE_UNKNOWN, MOVED_ON, NOT_A_DIFFERENCE, RESOLVED_BY_SAME, SUPERSEDED, UNEXPLAINED_LEFT, VERSION_DIFFERS,
)
from domain.values import ZERO, minor_unit, round_money


@dataclass
class StatementState:
    """``content`` is the newest version; resolutions speak of that version, in the order they were said."""

    company: str
    partner: str
    account: str
    number: str
    content: StatementContent
    resolutions: tuple[Resolution, ...] = ()
    superseded_by: str | None = None
    agreement: Agreement | None = None

    @property
    def status(self) -> str:
        if self.superseded_by is not None:
            return "SUPERSEDED"
        return "RECEIVED" if self.agreement is None else "AGREED"


class Statement(Aggregate[StatementState]):
    """One statement of a customer, ``statement/{company}/{partner}/{number}``."""

    KIND = "statement"
    STATE = StatementState
    STATE_VERSION = 1

    class Received(Aggregate.Created):
        TYPE = "statement.received/1"
        company: str
        partner: str
        account: str
        number: str
        version: int
        cut_off: date
        currency: str
        balance: Decimal
        lines: tuple[StatementLine, ...]
        supersedes: str | None

        def apply(self, statement: Statement) -> None:
            content = StatementContent(self.version, self.cut_off, self.currency, self.balance, self.lines)
            statement.state = StatementState(self.company, self.partner, self.account, self.number, content)

    class ReceivedAnew(Aggregate.Event):
        """A later version replaces all lines; what was said about the differences of the one before falls away."""

        TYPE = "statement.received_anew/1"
        version: int
        cut_off: date
        currency: str
        balance: Decimal
        lines: tuple[StatementLine, ...]

        def apply(self, statement: Statement) -> None:
            state = statement.state
            state.content = StatementContent(self.version, self.cut_off, self.currency, self.balance, self.lines)
            state.resolutions = ()

    class DifferenceResolved(Aggregate.Event):
        TYPE = "statement.difference_resolved/1"
        resolution: Resolution

        def apply(self, statement: Statement) -> None:
            said = self.resolution
            kept = tuple(one for one in statement.state.resolutions if one.about != said.about)
            statement.state.resolutions = (*kept, said)

    class Superseded(Aggregate.Event):
        """Another statement for the same cut-off holds in place of this one."""

        TYPE = "statement.superseded/1"
        by: str

        def apply(self, statement: Statement) -> None:
            statement.state.superseded_by = self.by

    class Agreed(Aggregate.Event):
        """Both sides agree on the balances and on every difference between them."""

        TYPE = "statement.agreed/1"
        company: str
        partner: str
        cut_off: date
        currency: str
        balance: Decimal
        agreement: Agreement

        def apply(self, statement: Statement) -> None:
            statement.state.agreement = self.agreement

    @staticmethod
    def stream(company: str, partner: str, number: str) -> str:
        return natural_id("statement", company, partner, number)

    @classmethod
    def receive(
        cls, *, company: str, partner: str, account: str, number: str, content: StatementContent,
        supersedes: str | None = None,
    ) -> Statement:
        _check(number, content)
        return cls.begin(
            cls.Received, cls.stream(company, partner, number), company=company, partner=partner, account=account,
            number=number, version=content.version, cut_off=content.cut_off, currency=content.currency,
            balance=content.balance, lines=content.lines, supersedes=supersedes,
        )  # fmt: skip

    def receive_again(self, content: StatementContent) -> None:
        """A higher version replaces; the same again, or an older one, says nothing new."""
        state, before = self.state, self.state.content
        if content.version < before.version or content == before:
            return
        figures = {"statement": state.number, "version": content.version}
        if content.version == before.version:
            raise VERSION_DIFFERS(**figures, limit=before.balance, figure=content.balance, next=before.version + 1)
        if content.cut_off != before.cut_off or content.currency != before.currency:
            known, sent = f"{before.cut_off} in {before.currency}", f"{content.cut_off} in {content.currency}"
            raise CUT_OFF_DIFFERS(**figures, limit=known, figure=sent)
        self._check_open()
        _check(state.number, content)
        self.happened(
            self.ReceivedAnew, version=content.version, cut_off=content.cut_off, currency=content.currency,
            balance=content.balance, lines=content.lines,
        )  # fmt: skip

    def resolve(self, resolution: Resolution) -> None:
        """The last word about a line or a document holds; the same word again says nothing new."""
        self._check_open()
        state = self.state
        lines = numbered(state.content.lines)
        if resolution.line is not None and resolution.line not in lines:
            raise LINE_UNKNOWN(statement=state.number, line=resolution.line, limit=len(lines))
        if resolution.said is DifferenceClass.MATCHED:
            raise NOT_A_DIFFERENCE(statement=state.number, about=resolution.about)
        if resolution not in state.resolutions:
            self.happened(self.DifferenceResolved, resolution=resolution)

    def supersede(self, by: str) -> None:
        if self.state.superseded_by == by:
            return
        self._check_open()
        self.happened(self.Superseded, by=by)

    def agree(self, agreement: Agreement, unexplained: Mapping[str, Decimal], seen: int) -> None:
        """``unexplained``: what no class explains, by line or document; ``seen``: the version that was matched."""
        state = self.state
        if state.agreement is not None and state.superseded_by is None and _same(state.agreement, agreement):
            return
        self._check_open()
        if seen != self.version:
            raise MOVED_ON(statement=state.number, figure=seen, limit=self.version)
        if agreement.agreed_on < state.content.cut_off:
            raise AGREED_BEFORE_CUT_OFF(statement=state.number, figure=agreement.agreed_on, limit=state.content.cut_off)
        if unexplained:
            total = sum(unexplained.values(), ZERO)
            raise UNEXPLAINED_LEFT(statement=state.number, figure=total, count=len(unexplained), about=list(unexplained)[:20])
        bridged = agreement.our_balance + sum(agreement.bridge.values(), ZERO)
        if bridged != state.content.balance:
            figures = {"figure": bridged, "limit": state.content.balance, "excess": bridged - state.content.balance}
            raise BALANCES_DO_NOT_BRIDGE(statement=state.number, **figures)
        mine = [one.about for one in state.resolutions if one.by == agreement.by]
        if mine:
            raise RESOLVED_BY_SAME(statement=state.number, person=agreement.by, about=mine)
        content = state.content
        self.happened(
            self.Agreed, company=state.company, partner=state.partner, cut_off=content.cut_off,
            currency=content.currency, balance=content.balance, agreement=agreement,
        )  # fmt: skip

    def _check_open(self) -> None:
        state = self.state
        if state.superseded_by is not None:
            raise SUPERSEDED(statement=state.number, by=state.superseded_by)
        if state.agreement is not None:
            raise AGREED_ALREADY(statement=state.number, day=state.agreement.agreed_on, person=state.agreement.by)


def _same(known: Agreement, asked: Agreement) -> bool:
    return (known.agreed_on, known.by) == (asked.agreed_on, asked.by)


def _check(number: str, content: StatementContent) -> None:
    check_currency(content.currency)
    stated = [(f"line {line.number}", line.amount) for line in content.lines]
    stated += [(f"the tax of line {line.number}", line.tax) for line in content.lines if line.tax is not None]
    for what, amount in [("the balance", content.balance), *stated]:
        if round_money(amount, content.currency) != amount:
            unit = minor_unit(content.currency)
            raise AMOUNT_TOO_FINE(statement=number, what=what, figure=amount, currency=content.currency, limit=unit)
    if content.total != content.balance:
        figures = {"figure": content.total, "limit": content.balance, "excess": content.total - content.balance}
        raise DOES_NOT_SUM(statement=number, **figures)


@dataclass
class StatementCutOffsState:
    """By cut-off and currency, the statement that holds."""

    holding: dict[str, str] = field(default_factory=dict)


class StatementCutOffs(Aggregate[StatementCutOffsState]):
    """Which statement of a customer holds for which cut-off: one for each, ``statement-cut-offs/{company}/{partner}``."""

    KIND = "statement-cut-offs"
    STATE = StatementCutOffsState
    STATE_VERSION = 1

    class Opened(Aggregate.Created):
        TYPE = "statement_cut_offs.opened/1"
        company: str
        partner: str

        def apply(self, cut_offs: StatementCutOffs) -> None:
            cut_offs.state = StatementCutOffsState()

    class Taken(Aggregate.Event):
        TYPE = "statement_cut_offs.taken/1"
        cut_off: date
        currency: str
        statement: str

        def apply(self, cut_offs: StatementCutOffs) -> None:
            cut_offs.state.holding[f"{self.cut_off} {self.currency}"] = self.statement

    @staticmethod
    def stream(company: str, partner: str) -> str:
        return natural_id("statement-cut-offs", company, partner)

    @classmethod
    def open(cls, company: str, partner: str) -> StatementCutOffs:
        return cls.begin(cls.Opened, cls.stream(company, partner), company=company, partner=partner)

    def holding(self, content: StatementContent) -> str | None:
        return self.state.holding.get(f"{content.cut_off} {content.currency}")

    def take(self, content: StatementContent, statement: str) -> None:
        if self.holding(content) != statement:
            self.happened(self.Taken, cut_off=content.cut_off, currency=content.currency, statement=statement)


__all__ = [
    "AgreedDocument", "Agreement", "DifferenceClass", "Resolution", "Statement", "StatementContent", "StatementCutOffs",
    "StatementLine",
]
