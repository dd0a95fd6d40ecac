"""Why an invoice refuses a command."""

from __future__ import annotations

from domain.refusal import Kind, Refusal

NO_LINES = Refusal(
    "invoice.no_lines", "Document {document} has no lines; the least is 1. Send what is billed."
)
LINE_NUMBERS_REPEATED = Refusal(
    "invoice.line_numbers_repeated",
    "Document {document} lists lines {lines}: a number appears twice. Give every line its own number.",
)
LINES_DO_NOT_ADD_UP = Refusal(
    "invoice.line_does_not_add_up",
    "Line {line} of {document} has gross {figure}, its net and tax come to {limit}, {excess} apart. "
    "Correct the line's amounts.",
)
LINE_UNKNOWN = Refusal(
    "invoice.line_unknown",
    "Invoice {invoice} has no line {line}; its lines are {lines}. Credit one of these.",
    Kind.NOT_FOUND,
)
NOT_AN_INVOICE = Refusal(
    "invoice.not_an_invoice",
    "{document} is a {kind}, which is neither issued alone nor credited. Name the invoice that it is about.",
)
INVOICE_VOIDED = Refusal(
    "invoice.voided",
    "Invoice {invoice} was voided: nothing of it is open. Use the invoice issued in its place.",
    Kind.CONFLICT,
)
CREDIT_EXCEEDS_LINE = Refusal(
    "invoice.credit_exceeds_line",
    "Credit memo {memo} credits net {figure} of line {line}; invoice {invoice} has {limit} of it not yet credited, "
    "{excess} less. Credit above 0 and at most {limit}.",
)
ALLOCATED_ALREADY = Refusal(
    "invoice.allocated_already",
    "{settlement} already used {limit} of invoice {invoice}, not {figure}. Reverse it first, or pay with another.",
    Kind.CONFLICT,
)
ALLOCATION_WRONG_SIGN = Refusal(
    "invoice.allocation_wrong_sign",
    "{settlement} uses {figure} of {invoice}: what settles an invoice is above 0, what uses a credit memo below 0. "
    "Correct the sign or the document.",
)
ALLOCATION_EXCEEDS_OPEN = Refusal(
    "invoice.allocation_exceeds_open",
    "Invoice {invoice} has {limit} open; {settlement} would use {figure}, {excess} more. "
    "Use at most {limit} and keep the rest on account.",
)
DEDUCTED_EXCEEDED = Refusal(
    "invoice.deducted_exceeded",
    "Invoice {invoice} has {limit} deducted and unresolved; {credit_memo} would resolve {figure}, {excess} more. "
    "Resolve above 0 and at most {limit}.",
)
VOID_REFUSED = Refusal(
    "invoice.void_refused",
    "Invoice {invoice} cannot be voided: {documents} used {figure} of it or credited it. "
    "Reverse those first, or issue a credit memo.",
    Kind.CONFLICT,
)
