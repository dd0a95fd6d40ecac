"""The credit rules of an account, as data agreed with a first day (definitions.md 2.1 and 2.2).

Days and percents are inclusive; None means that the rule is not evaluated.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import Any

from domain.fill_rate.form import Finding, camel, read_fields, written_out
from domain.refusal import Refusal
from domain.values import ZERO

POLICY_NOT_VALID = Refusal(
    "credit.policy_not_valid",
    "The credit policy is not valid: {findings}. Correct these fields and send the policy again.",
)


class SecuredTreatment(StrEnum):
    """What insured and guaranteed amounts do: they are shown beside the exposure, or lower it."""

    REPORT_ONLY = "REPORT_ONLY"
    REDUCE_EXPOSURE = "REDUCE_EXPOSURE"


@dataclass(frozen=True)
class Authority:
    """A person may release up to ``up_to`` over the limit; None has no upper end."""

    person: str
    up_to: Decimal | None = None


@dataclass(frozen=True)
class CreditPolicy:
    """What counts, which rules are checked, how long a release is good, and who may release how much.

    ``horizon``: open orders planned more days ahead are not counted yet; None counts all (a static check).
    ``release_days``: how long a release stands for the checks that follow; None: every later check is made.
    ``authorities``: empty lets everybody who may approve release any excess.
    """

    horizon: int | None = None
    include_disputed: bool = True
    include_unapplied_cash: bool = True
    include_bank_drafts: bool = False
    secured_treatment: SecuredTreatment = SecuredTreatment.REPORT_ONLY
    review_by: date | None = None
    oldest_overdue_days: int | None = None
    overdue_minimum: Decimal = ZERO
    overdue_share_percent: Decimal | None = None
    maximum_document: Decimal | None = None
    strict_fifo: bool = False
    release_days: int | None = None
    release_deviation_percent: Decimal = ZERO
    authorities: tuple[Authority, ...] = ()

    def authority_of(self, person: str) -> Decimal | None:
        """Up to which excess the person may release; None has no upper end."""
        if not self.authorities:
            return None
        named = [band.up_to for band in self.authorities if band.person == person]
        if not named:
            return ZERO
        bounded = [amount for amount in named if amount is not None]
        return max(bounded) if len(bounded) == len(named) else None


DEFAULT_POLICY = CreditPolicy()


@dataclass(frozen=True)
class AgreedCreditPolicy:
    """``version`` counts the account's policies in the order in which they were agreed."""

    first_day: date
    version: int
    policy: CreditPolicy


BEFORE_ALL = AgreedCreditPolicy(date.min, 0, DEFAULT_POLICY)

_NOT_BELOW_ZERO = (
    "horizon", "oldest_overdue_days", "overdue_minimum", "overdue_share_percent", "maximum_document", "release_days",
    "release_deviation_percent",
)  # fmt: skip


def credit_policy_from(said: Mapping[str, Any]) -> CreditPolicy:
    """The policy that the JSON says, left-out fields by default; refused with every defect."""
    found: list[Finding] = []
    policy: CreditPolicy | None = read_fields(CreditPolicy, said, "", found)
    if policy is not None:
        for name in _NOT_BELOW_ZERO:
            value = getattr(policy, name)
            if value is not None and value < 0:
                found.append(Finding(f"/{camel(name)}", f"{value} lies below 0"))
        found += [
            Finding("/authorities", f"{band.person} may release {band.up_to}, below 0")
            for band in policy.authorities
            if band.up_to is not None and band.up_to < 0
        ]
    if policy is None or found:
        raise POLICY_NOT_VALID(findings="; ".join(map(str, found)))
    return policy


def credit_policy_json(policy: CreditPolicy) -> dict[str, Any]:
    """The whole policy, every field written out."""
    written: dict[str, Any] = written_out(policy)
    return written
