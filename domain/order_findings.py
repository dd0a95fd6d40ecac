"""What is found about an order's fill: exclusions claimed or granted, and why a line was missed, by a person's judgement."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from enum import StrEnum

from domain.aggregate import Aggregate, natural_id
from domain.refusal import Kind, Refusal
from domain.values import Side

_CODE = re.compile(r"[A-Z][A-Z0-9_]{1,59}")

CODE_MALFORMED = Refusal(
    "findings.code_malformed",
    "{code} is no code of a cause or an exclusion. Write capitals, digits and _, for example FORCE_MAJEURE.",
)
GRANT_WITHOUT_REFERENCE = Refusal(
    "findings.grant_without_reference",
    "Order {order}: exclusion {code} is said to be granted by the customer, but no document says so. Name the customer's"
    " letter, e-mail or case as the reference.",
)
EXCLUSION_UNKNOWN = Refusal(
    "findings.exclusion_unknown",
    "Order {order} has no exclusion {exclusion} that holds; known are {known}. Look at the order's findings first.",
    Kind.NOT_FOUND,
)
EXCLUSION_REUSED = Refusal(
    "findings.exclusion_reused",
    "Exclusion {exclusion} of order {order} was recorded with other content ({code}, {granted_by}). Use a new number.",
    Kind.CONFLICT,
)
LINES_UNKNOWN = Refusal(
    "findings.lines_unknown", "Order {order} has no line {lines}; its lines are {known}. Name lines of this order."
)


class Party(StrEnum):
    """Whose fault a miss is."""

    US = "US"
    CUSTOMER = "CUSTOMER"
    BOTH = "BOTH"
    CARRIER = "CARRIER"
    UNKNOWN = "UNKNOWN"


class Department(StrEnum):
    """Which of our departments has to act (definitions 1.1)."""

    SALES = "SALES"
    MARKETING = "MARKETING"
    FINANCE = "FINANCE"
    PRODUCTION = "PRODUCTION"
    LOGISTICS = "LOGISTICS"
    NONE = "NONE"


@dataclass(frozen=True)
class FoundCause:
    cause: str
    fault: Party
    department: Department
    reason: str


@dataclass(frozen=True)
class FoundExclusion:
    """``lines`` empty: the whole order."""

    code: str
    granted_by: Side
    reference: str
    lines: tuple[str, ...]


@dataclass
class OrderFindingsState:
    order: str
    exclusions: dict[str, FoundExclusion] = field(default_factory=dict)
    withdrawn: tuple[str, ...] = ()
    causes: dict[str, FoundCause] = field(default_factory=dict)


class OrderFindings(Aggregate[OrderFindingsState]):
    """The findings about one order; the order itself does not need them to refuse anything."""

    KIND = "findings"
    STATE = OrderFindingsState
    STATE_VERSION = 1

    class Opened(Aggregate.Created):
        TYPE = "findings.opened/1"
        order: str

        def apply(self, findings: OrderFindings) -> None:
            findings.state = OrderFindingsState(self.order)

    class ExclusionRecorded(Aggregate.Event):
        """``granted_by`` the supplier is only our claim; which one counts is the policy's word (1.4 rule 8)."""

        TYPE = "findings.exclusion_recorded/1"
        order: str
        exclusion: str
        code: str
        granted_by: Side
        reference: str
        lines: tuple[str, ...]

        def apply(self, findings: OrderFindings) -> None:
            found = FoundExclusion(self.code, self.granted_by, self.reference, self.lines)
            findings.state.exclusions[self.exclusion] = found

    class ExclusionWithdrawn(Aggregate.Event):
        TYPE = "findings.exclusion_withdrawn/1"
        order: str
        exclusion: str
        reason: str

        def apply(self, findings: OrderFindings) -> None:
            findings.state.withdrawn += (self.exclusion,)

    class CauseFound(Aggregate.Event):
        """A person says why the line was missed; the latest word holds over the rule's."""

        TYPE = "findings.cause_found/1"
        order: str
        line: str
        cause: str
        fault: Party
        department: Department
        reason: str

        def apply(self, findings: OrderFindings) -> None:
            findings.state.causes[self.line] = FoundCause(self.cause, self.fault, self.department, self.reason)

    @staticmethod
    def stream(order: str) -> str:
        """Of the order's stream: ``findings/order%2Facme%2F...``."""
        return natural_id("findings", order)

    @classmethod
    def open(cls, order: str) -> OrderFindings:
        return cls.begin(cls.Opened, cls.stream(order), order=order)

    def record_exclusion(
        self, exclusion: str, code: str, granted_by: Side, reference: str, lines: tuple[str, ...], known: tuple[str, ...]
    ) -> None:
        """An exclusion under a number of its own; the same again is silent. ``known``: the order's lines."""
        _check_code(code)
        if granted_by is Side.CUSTOMER and not reference:
            raise GRANT_WITHOUT_REFERENCE(order=self.state.order, code=code)
        self._check_lines(lines, known)
        found = FoundExclusion(code, granted_by, reference, lines)
        before = self.state.exclusions.get(exclusion)
        if before == found:
            return
        if before is not None:
            raise EXCLUSION_REUSED(
                exclusion=exclusion, order=self.state.order, code=before.code, granted_by=before.granted_by
            )
        what = {"code": code, "granted_by": granted_by, "reference": reference, "lines": lines}
        self.happened(self.ExclusionRecorded, order=self.state.order, exclusion=exclusion, **what)

    def withdraw_exclusion(self, exclusion: str, reason: str) -> None:
        """It no longer holds; withdrawn before is silent."""
        if exclusion in self.state.withdrawn:
            return
        if exclusion not in self.state.exclusions:
            known = list(self.state.exclusions) or ["none"]
            raise EXCLUSION_UNKNOWN(order=self.state.order, exclusion=exclusion, known=known)
        self.happened(self.ExclusionWithdrawn, order=self.state.order, exclusion=exclusion, reason=reason)

    def find_cause(
        self, line: str, cause: str, fault: Party, department: Department, reason: str, known: tuple[str, ...]
    ) -> None:
        """Why the line was missed, in a person's judgement; the same again is silent."""
        _check_code(cause)
        self._check_lines((line,), known)
        if self.state.causes.get(line) != FoundCause(cause, fault, department, reason):
            what = {"cause": cause, "fault": fault, "department": department, "reason": reason}
            self.happened(self.CauseFound, order=self.state.order, line=line, **what)

    def _check_lines(self, lines: tuple[str, ...], known: tuple[str, ...]) -> None:
        unknown = [line for line in lines if line not in known]
        if unknown:
            raise LINES_UNKNOWN(order=self.state.order, lines=unknown, known=list(known))


def _check_code(code: str) -> None:
    if not _CODE.fullmatch(code):
        raise CODE_MALFORMED(code=code)
