"""Why a dispute refuses a command."""

from __future__ import annotations

from domain.refusal import Kind, Refusal

NO_CLAIMS = Refusal("dispute.no_claims", "Dispute {dispute} names no deduction; the least is 1. Name what is disputed.")
CLAIMS_DIFFER = Refusal(
    "dispute.claims_differ",
    "Deduction {deduction} is of {figure}, dispute {dispute} of {limit}. One dispute is about one account and one currency:"
    " open another for it.",
)
CLAIM_NOT_POSITIVE = Refusal(
    "dispute.claim_not_positive", "Dispute {dispute} claims {figure} of {deduction}; more than 0 is needed. Leave it out."
)
STEP_NOT_POSSIBLE = Refusal(
    "dispute.step_not_possible",
    "Dispute {dispute} is {status}; {step} is possible from {limit} only. Look at the dispute and do what is next.",
    Kind.CONFLICT,
)
NO_VERDICT = Refusal(
    "dispute.no_verdict",
    "Dispute {dispute} has no verdict yet, so that {figure} of its claim belongs to nobody. Give the verdict first.",
    Kind.CONFLICT,
)
VERDICT_POSTED = Refusal(
    "dispute.verdict_posted",
    "Dispute {dispute} has {figure} credited, repaid or written off under its verdict. Reverse those postings first.",
    Kind.CONFLICT,
)
AGREEMENT_MISSING = Refusal(
    "dispute.agreement_missing",
    "Dispute {dispute} gives {figure} to a contract and names none. Name the promotion or agreement that allows it.",
)
NOTHING_TO_ASK = Refusal(
    "dispute.nothing_to_ask",
    "Dispute {dispute}: by its verdict the customer bears {figure} of {limit}. Credit the claim instead of submitting it.",
)
ACCEPTED_MORE = Refusal(
    "dispute.accepted_more",
    "Dispute {dispute} asked the customer for {limit}; {document} accepts {figure}, {excess} more. Record at most {limit}.",
)
AMOUNT_NOT_POSITIVE = Refusal(
    "dispute.amount_not_positive", "Dispute {dispute}: {what} of {figure} is not above 0. State what it comes to."
)
REPAID_MORE = Refusal(
    "dispute.repaid_more",
    "Dispute {dispute} has {limit} of what the customer accepted to come; {document} repays {figure}, {excess} more."
    " Record at most {limit} here and the rest as a payment.",
)
MORE_THAN_OUTSTANDING = Refusal(
    "dispute.more_than_outstanding",
    "Dispute {dispute} has {limit} outstanding; {what} of {figure} is {excess} more. Take at most {limit}.",
)
CREDIT_BEYOND_VERDICT = Refusal(
    "dispute.credit_beyond_verdict",
    "Dispute {dispute}: by its verdict {limit} is to be credited yet; {figure} is {excess} more. Credit at most {limit}, or"
    " concede the claim.",
)
REQUEST_UNKNOWN = Refusal(
    "dispute.request_unknown",
    "Dispute {dispute} has no request {request} waiting; those waiting are {known}. Name one of them.",
    Kind.NOT_FOUND,
)
REQUESTER_CANNOT_APPROVE = Refusal(
    "dispute.requester_cannot_approve",
    "{approver} asked to give up {figure} in dispute {dispute} and cannot approve it. Someone else has to.",
    Kind.FORBIDDEN,
)
POSTINGS_STAND = Refusal(
    "dispute.postings_stand",
    "Dispute {dispute} has {figure} credited, repaid or written off; {what} takes a dispute with 0. Reverse them first.",
    Kind.CONFLICT,
)
SPLIT_IMPOSSIBLE = Refusal(
    "dispute.split_impossible",
    "Dispute {dispute} has {limit} outstanding of {deduction}; {figure} is to be split off. Split off more than 0, at most"
    " {limit}, and leave a part of the dispute where it is.",
)
MERGE_IMPOSSIBLE = Refusal(
    "dispute.merge_impossible",
    "Dispute {dispute} is of {limit}, dispute {other} of {figure}; only disputes of one account and currency, two different"
    " ones, become one. Name another.",
)
OPENED_OTHERWISE = Refusal(
    "dispute.opened_otherwise",
    "Dispute {dispute} was opened about {limit}, not {figure}. Take another number.",
    Kind.CONFLICT,
)
