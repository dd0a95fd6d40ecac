"""The life cycle of a dispute as a table: which step leads from which states to which (definitions 4.6)."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType


class Status(StrEnum):
    OPEN = "OPEN"
    IN_PROCESS = "IN_PROCESS"
    SUBMITTED = "SUBMITTED"
    ACCEPTED_BY_CUSTOMER = "ACCEPTED_BY_CUSTOMER"
    REPAID = "REPAID"
    REJECTED_BY_CUSTOMER = "REJECTED_BY_CUSTOMER"
    ESCALATED = "ESCALATED"
    EXPIRED = "EXPIRED"
    CONCEDED = "CONCEDED"
    WRITTEN_OFF = "WRITTEN_OFF"
    VOIDED = "VOIDED"
    CLOSED = "CLOSED"


class Step(StrEnum):
    BEGIN_WORK = "BEGIN_WORK"
    SUBMIT = "SUBMIT"
    ACCEPT = "ACCEPT"
    REPAY = "REPAY"
    REJECT = "REJECT"
    ESCALATE = "ESCALATE"
    EXPIRE = "EXPIRE"
    CONCEDE = "CONCEDE"
    WRITE_OFF = "WRITE_OFF"
    VOID = "VOID"
    CLOSE = "CLOSE"
    REOPEN = "REOPEN"


S = Status

# In these something may still be decided. What was conceded or written off in part is still open for the rest.
OPEN_STATES = frozenset(
    {S.OPEN, S.IN_PROCESS, S.SUBMITTED, S.ACCEPTED_BY_CUSTOMER, S.REPAID, S.REJECTED_BY_CUSTOMER, S.ESCALATED, S.EXPIRED}
)
# In these the claim has not been filed with the customer yet: the filing window runs.
UNFILED = frozenset({S.OPEN, S.IN_PROCESS})
ENDED = frozenset({S.CLOSED, S.VOIDED})

# The specification draws no way on for what was escalated but to be closed; the customer may still accept it then.
MOVES: Mapping[Step, tuple[frozenset[Status], Status]] = MappingProxyType(
    {
        Step.BEGIN_WORK: (frozenset({S.OPEN}), S.IN_PROCESS),
        Step.SUBMIT: (frozenset({S.IN_PROCESS}), S.SUBMITTED),
        Step.ACCEPT: (frozenset({S.SUBMITTED, S.ESCALATED}), S.ACCEPTED_BY_CUSTOMER),
        Step.REPAY: (frozenset({S.ACCEPTED_BY_CUSTOMER}), S.REPAID),
        Step.REJECT: (frozenset({S.SUBMITTED}), S.REJECTED_BY_CUSTOMER),
        Step.ESCALATE: (frozenset({S.REJECTED_BY_CUSTOMER}), S.ESCALATED),
        Step.EXPIRE: (UNFILED, S.EXPIRED),
        Step.CONCEDE: (OPEN_STATES, S.CONCEDED),
        Step.WRITE_OFF: (OPEN_STATES, S.WRITTEN_OFF),
        Step.VOID: (OPEN_STATES, S.VOIDED),
        Step.CLOSE: (frozenset({S.REPAID, S.CONCEDED, S.WRITTEN_OFF, S.ESCALATED}), S.CLOSED),
        Step.REOPEN: (frozenset({S.CLOSED}), S.OPEN),
    }
)


def may(step: Step, status: Status) -> bool:
    return status in MOVES[step][0]


def after(step: Step) -> Status:
    return MOVES[step][1]
