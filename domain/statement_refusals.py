"""Why a customer's statement is not received, a difference not resolved, a statement not agreed."""

from __future__ import annotations

from domain.refusal import Kind, Refusal

DOES_NOT_SUM = Refusal(
    "statement.does_not_sum",
    "Statement {statement}: its lines come to {figure}, its balance is {limit}, {excess} apart. Send every line that the"
    " customer states, or ask the customer for one that sums.",
)
AMOUNT_TOO_FINE = Refusal(
    "statement.amount_too_fine",
    "Statement {statement}: {what} states {figure}; {currency} has no part smaller than {limit}. Send whole units of {limit}.",
)
VERSION_DIFFERS = Refusal(
    "statement.version_differs",
    "Statement {statement} version {version} over {limit} was received with other content; this one is over {figure}."
    " Send it as version {next}.",
    Kind.CONFLICT,
)
CUT_OFF_DIFFERS = Refusal(
    "statement.cut_off_differs",
    "Statement {statement} is for {limit}; version {version} is for {figure}. Send it under a number of its own.",
    Kind.CONFLICT,
)
CUT_OFF_TAKEN = Refusal(
    "statement.cut_off_taken",
    "For {cut_off} in {currency} there is {limit} already; {statement} would be a second one. Send it with supersedes:"
    " {known}, or as a later version of that one.",
    Kind.CONFLICT,
)
SUPERSEDES_ANOTHER = Refusal(
    "statement.supersedes_another",
    "{statement} for {cut_off} says it supersedes {figure}; {limit}. Leave supersedes out, or name the statement that holds.",
    Kind.CONFLICT,
)
CURRENCY_DIFFERS = Refusal(
    "statement.currency_differs",
    "Statement {statement} is in {currency}; {partner} is sold to in {agreed}. Send the one in {agreed}.",
)
COMPANY_UNKNOWN = Refusal(
    "statement.company_unknown",
    "{company} does not sell to {partner}; its company is {known}. Send the statement to {known}.",
)
LINE_UNKNOWN = Refusal(
    "statement.line_unknown",
    "Statement {statement} has the lines 1 to {limit}; there is no line {line}. Look at its lines again.",
)
DOCUMENT_UNKNOWN = Refusal(
    "statement.document_unknown",
    "{document} is no document, payment or deduction of {partner}. Look at the open items, or record it first.",
)
NOT_A_DIFFERENCE = Refusal(
    "statement.not_a_difference",
    "Statement {statement}: {about} cannot be said to match; only equal amounts match. Name our document that it speaks of,"
    " or the class of the difference.",
)
SUPERSEDED = Refusal(
    "statement.superseded",
    "Statement {statement} was superseded by {by} and changes no more. Work on {by}.",
    Kind.CONFLICT,
)
AGREED_ALREADY = Refusal(
    "statement.agreed_already",
    "Statement {statement} was agreed on {day} by {person} and changes no more. What is found since belongs to the next one.",
    Kind.CONFLICT,
)
MOVED_ON = Refusal(
    "statement.moved_on",
    "Statement {statement} is at version {limit}, it was matched at version {figure}. Look at it again, then agree it.",
    Kind.CONFLICT,
)
AGREED_BEFORE_CUT_OFF = Refusal(
    "statement.agreed_before_cut_off",
    "Statement {statement} is for the end of {limit}; it cannot have been agreed on {figure}. Send the day on which both agreed.",
)
UNEXPLAINED_LEFT = Refusal(
    "statement.unexplained_left",
    "Statement {statement}: {count} differences over {figure} together are not explained: {about}. Resolve each, then agree.",
    Kind.CONFLICT,
)
BALANCES_DO_NOT_BRIDGE = Refusal(
    "statement.balances_do_not_bridge",
    "Statement {statement}: our balance and the differences come to {figure}, theirs is {limit}, {excess} apart."
    " Match it again.",
    Kind.CONFLICT,
)
RESOLVED_BY_SAME = Refusal(
    "statement.resolved_by_same",
    "{person} said what {about} of statement {statement} is; another person has to agree it. Ask a colleague.",
    Kind.FORBIDDEN,
)
