"""Why a shipment or the evidence about it is not recorded as asked."""

from __future__ import annotations

from domain.refusal import Kind, Refusal

NO_LINES = Refusal(
    "shipment.no_lines",
    "{document} of shipment {shipment} names no line. Name the order lines and quantities.",
)
LINE_TWICE = Refusal(
    "shipment.line_twice",
    "{document} of shipment {shipment} names line {line} of order {order} twice. Add the two quantities up.",
)
QUANTITY_NOT_POSITIVE = Refusal(
    "shipment.quantity_not_positive",
    "{document} of shipment {shipment} has {quantity} of line {line} of order {order}; a quantity above 0"
    " is needed.",
)
LINE_UNKNOWN = Refusal(
    "shipment.line_unknown",
    "{document} names line {line} of order {order}, which shipment {shipment} does not carry; it carries"
    " {lines}. Name one of these.",
    Kind.NOT_FOUND,
)
MORE_THAN_SHIPPED = Refusal(
    "shipment.more_than_shipped",
    "{document} of shipment {shipment} has {quantity} of line {line} of order {order} where {shipped} was"
    " shipped: {excess} too many. Check the document; what the customer counts itself comes as its"
    " receiving advice.",
)
ACCEPTED_MORE_THAN_RECEIVED = Refusal(
    "shipment.accepted_more_than_received",
    "Receiving advice {document} of shipment {shipment} accepts {accepted} of line {line} of order {order}"
    " but counts {received} received: {excess} too many. Ask the customer for a corrected version.",
)
RECEIVED_NEGATIVE = Refusal(
    "shipment.received_negative",
    "Receiving advice {document} of shipment {shipment} has {quantity} of line {line} of order {order}; 0"
    " or more is needed. Ask the customer for a corrected version.",
)
DOCUMENT_REUSED = Refusal(
    "shipment.document_reused",
    "{document} of shipment {shipment} was recorded before with other content. Send the new content under"
    " a new number, or a receiving advice as its next version.",
    Kind.CONFLICT,
)
SHIPMENT_DIFFERS = Refusal(
    "shipment.differs",
    "Shipment {shipment} was dispatched before with other content ({differing}). Use a new shipment number.",
    Kind.CONFLICT,
)
BEFORE_DISPATCH = Refusal(
    "shipment.before_dispatch",
    "{document} of shipment {shipment} is dated {at}, before it was dispatched at {dispatched_at}. Check"
    " the date and its time zone.",
)
SLOT_INCOMPLETE = Refusal(
    "shipment.slot_incomplete",
    "Appointment {reference} of shipment {shipment} has {given} of its slot and not {missing}. Send both, or neither.",
)
SLOT_BACKWARDS = Refusal(
    "shipment.slot_backwards",
    "Appointment {reference} of shipment {shipment} has a slot from {slot_from} to {slot_to}, which ends before it"
    " begins. Check the two local times.",
)
VERSION_BELOW_ONE = Refusal(
    "shipment.version_below_one",
    "Receiving advice {document} of shipment {shipment} has the version {version}; versions count from 1.",
)
