"""Why an order is not placed, amended, confirmed, cancelled or dispatched as asked."""

from __future__ import annotations

from domain.refusal import Kind, Refusal

NO_LINES = Refusal(
    "order.no_lines",
    "Order {order} has no lines; an order needs at least one. Send it again with its lines.",
)
NO_NUMBER = Refusal(
    "order.no_number",
    "A purchase order needs the customer's number for it; none was given. Send it with its number.",
)
NO_CURRENCY = Refusal(
    "order.no_currency",
    "Order {order} names the currency {currency}; three letters of ISO 4217 are needed, such as USD.",
)
LINE_TWICE = Refusal(
    "order.line_twice",
    "Order {order} has line {line} twice; each line needs its own number. Send the second under another"
    " number.",
)
QUANTITY_NOT_POSITIVE = Refusal(
    "order.quantity_not_positive",
    "Line {line} of order {order} asks for {quantity} {unit}; a quantity above 0 is needed.",
)
PRICE_NEGATIVE = Refusal(
    "order.price_negative",
    "Line {line} of order {order} has the price {price} per {per}; a price of 0 or more per a number above"
    " 0 is needed.",
)
SCHEDULE_DOES_NOT_SUM = Refusal(
    "order.schedule_does_not_sum",
    "The schedule of line {line} of order {order} comes to {scheduled} {unit} for {quantity} {unit}"
    " ordered, {difference} apart. Correct the schedule or the quantity so that they agree.",
)
AMOUNTS_DO_NOT_SUM = Refusal(
    "order.amounts_do_not_sum",
    "Line {line} of order {order} has net {net} and tax {tax}, which is {sum}, but gross {gross}. Price"
    " the line again.",
)
LINE_UNKNOWN = Refusal(
    "order.line_unknown",
    "Order {order} has no line {line}; its lines are {lines}. Name one of these.",
    Kind.NOT_FOUND,
)
ORDER_CLOSED = Refusal(
    "order.closed",
    "Order {order} is closed ({closed}) and takes no {act}. Send a new purchase order for anything more.",
    Kind.CONFLICT,
)
CHANGE_NUMBER_REUSED = Refusal(
    "order.change_number_reused",
    "Change {change} of order {order} was received before with other content. Send the new content under a"
    " new number.",
    Kind.CONFLICT,
)
CHANGE_SAYS_NOTHING = Refusal(
    "order.change_says_nothing",
    "Change {change} of order {order} names no line to amend, add or remove. Send the lines that change.",
)
AMENDED_AND_REMOVED = Refusal(
    "order.amended_and_removed",
    "Change {change} both amends and removes line {line} of order {order}. Send one of the two.",
)
AMENDED_BELOW_SETTLED = Refusal(
    "order.amended_below_settled",
    "Line {line} of order {order} cannot be amended to {quantity} {unit}: {dispatched} is dispatched and"
    " {gone} is cancelled or closed, which count in its quantity; {quantity} is {missing} below their"
    " {least}. Ask for {least} or more, or authorise a return.",
)
DISPATCHED_LINE_REPLACED = Refusal(
    "order.dispatched_line_replaced",
    "Line {line} of order {order} has {dispatched} {unit} of item {item} dispatched and cannot become"
    " {new_unit} of item {new_item}. Cancel its open {open} and add a new line.",
)
DISPATCHED_LINE_REMOVED = Refusal(
    "order.dispatched_line_removed",
    "Line {line} of order {order} has {dispatched} {unit} dispatched and cannot be removed. Cancel the"
    " {open} still open instead.",
)
NOTHING_TO_CONFIRM = Refusal(
    "order.nothing_to_confirm",
    "Confirmation {confirmation} of order {order} names no line. Name the lines that are confirmed.",
)
NOT_RELEASED = Refusal(
    "order.not_released",
    "Order {order} is {credit} by credit and takes no {act}{reasons}. Wait for its release or ask for one.",
    Kind.CONFLICT,
)
DELIVERY_HELD = Refusal(
    "order.delivery_held",
    "The goods of order {order} wait for credit and {shipment} cannot leave: {reasons}. Wait for its check to pass.",
    Kind.CONFLICT,
)
CONFIRMED_MORE = Refusal(
    "order.confirmed_more",
    "Line {line} of order {order} has {limit} {unit} to deliver (dispatched included), cannot confirm"
    " {quantity}: {excess} too many. Confirm at most {limit}.",
)
CONFIRMED_LESS_THAN_DISPATCHED = Refusal(
    "order.confirmed_less_than_dispatched",
    "Line {line} of order {order} has {dispatched} {unit} dispatched already, cannot confirm {quantity},"
    " {missing} fewer. A confirmation is of the whole line: confirm at least {dispatched}.",
)
NEGATIVE_CONFIRMATION = Refusal(
    "order.negative_confirmation",
    "Line {line} of order {order} cannot be confirmed for {quantity}; confirm 0 or more.",
)
PROMISE_WITHOUT_DATE = Refusal(
    "order.promise_without_date",
    "Line {line} of order {order} is confirmed for {quantity} {unit} without a date. Say by when it is"
    " promised.",
)
CONFIRMATION_NUMBER_REUSED = Refusal(
    "order.confirmation_number_reused",
    "Confirmation {confirmation} of order {order} was given before with other lines. Confirm under a new"
    " number.",
    Kind.CONFLICT,
)
CANCELLED_MORE_THAN_OPEN = Refusal(
    "order.cancelled_more_than_open",
    "Line {line} of order {order} has {open} {unit} open, cannot cancel {quantity}: {excess} too many."
    " Cancel at most {open}; what is dispatched comes back by a return.",
)
NOTHING_OPEN = Refusal(
    "order.nothing_open",
    "Order {order} has nothing open to {act}: everything is dispatched, cancelled or closed already.",
    Kind.CONFLICT,
)
NOT_YET_EXPIRED = Refusal(
    "order.not_yet_expired",
    "Order {order} is to be cancelled after {cancel_after} and is still good on {day}. Cancel it by hand"
    " if that is meant.",
)
DISPATCHED_MORE_THAN_OPEN = Refusal(
    "order.dispatched_more_than_open",
    "Line {line} of order {order} has {open} {unit} open and {over} of over-delivery allowed, cannot"
    " dispatch {quantity}: {excess} too many. Ship at most {limit} or have the customer amend the order.",
)
NOTHING_DISPATCHED = Refusal(
    "order.nothing_dispatched",
    "Shipment {shipment} names no line of order {order}. Name the lines and quantities that left.",
)
SHIPMENT_REUSED = Refusal(
    "order.shipment_reused",
    "Shipment {shipment} is recorded on order {order} with other quantities. Record the new goods as a new"
    " shipment.",
    Kind.CONFLICT,
)
