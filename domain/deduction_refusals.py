"""Why a deduction refuses a command."""

from __future__ import annotations

from domain.refusal import Kind, Refusal

DEDUCTION_NOT_POSITIVE = Refusal(
    "deduction.not_positive",
    "Deduction {deduction} states {figure}; an amount kept back is above 0. Record a payment or a credit instead.",
)
CREDIT_EXCEEDS_OUTSTANDING = Refusal(
    "deduction.credit_exceeds_outstanding",
    "Deduction {deduction} has {limit} outstanding; credit memo {credit_memo} over {figure} is {excess} more. "
    "Credit at most {limit}.",
)
CREDIT_MEMO_USED_ALREADY = Refusal(
    "deduction.credit_memo_used_already",
    "Credit memo {credit_memo} already resolved {limit} of deduction {deduction}, not {figure}. "
    "Issue another credit memo for the rest.",
    Kind.CONFLICT,
)
DISPUTED_MORE = Refusal(
    "deduction.disputed_more",
    "Deduction {deduction} has {limit} outstanding that no dispute claims yet; {dispute} would claim {figure}, {excess}"
    " more. Dispute at most {limit}.",
)
IN_DISPUTE = Refusal(
    "deduction.in_dispute",
    "Deduction {deduction} has {limit} outstanding beside its disputes {disputes}; {document} over {figure} is {excess} more."
    " Resolve it through the dispute.",
    Kind.CONFLICT,
)
