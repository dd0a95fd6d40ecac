"""Outside numbers that name something of ours: GTIN, GLN, DUNS, EDI address, a partner's own numbers."""

from __future__ import annotations

from dataclasses import dataclass

from domain.aggregate import Aggregate, natural_id
from domain.refusal import Kind, Refusal

GTIN = "gtin"
GLN = "gln"
DUNS = "duns"
EDI = "edi"

GTIN_LENGTH = Refusal(
    "identifier.gtin_length",
    "GTIN {value} has {length} digits; a GTIN has 8, 12, 13 or 14 digits and nothing else. Check it"
    " against the label.",
)
GLN_LENGTH = Refusal(
    "identifier.gln_length",
    "GLN {value} has {length} digits; a GLN has 13 digits and nothing else. Check it against the partner's"
    " master data.",
)
DUNS_LENGTH = Refusal(
    "identifier.duns_length",
    "DUNS number {value} has {length} digits; it has 9, or 13 with its suffix. Check it against the"
    " partner's master data.",
)
CHECK_DIGIT = Refusal(
    "identifier.check_digit",
    "{scheme} {value} ends in {given}, but its check digit is {right}. One digit is mistyped: check it at"
    " its source.",
)
VALUE_EMPTY = Refusal(
    "identifier.value_empty",
    "An identifier of scheme {scheme} needs a value; none was given.",
)
HELD_BY_ANOTHER = Refusal(
    "identifier.held_by_another",
    "{scheme} {value} belongs to {holder}, so it cannot be given to {asked}. Withdraw it from {holder}"
    " first.",
    Kind.CONFLICT,
)
NOT_HELD = Refusal(
    "identifier.not_held",
    "{scheme} {value} belongs to {holder}, not to {asked}; nothing was withdrawn. Name its holder.",
    Kind.CONFLICT,
)


def item_scheme(partner: str) -> str:
    """The scheme of one partner's own item numbers."""
    return f"item:{partner}"


def place_scheme(partner: str) -> str:
    """The scheme of one partner's own ship-to numbers."""
    return f"place:{partner}"


def edi_address(qualifier: str, address: str) -> str:
    """An interchange address as one value; senders pad both parts with blanks."""
    return f"{qualifier.strip()}:{address.strip()}"


def check_digit(digits: str) -> str:
    """GS1 modulo 10 over the digits before the last: weights 3 and 1 from the right."""
    weighted = sum(int(digit) * (3 if place % 2 == 0 else 1) for place, digit in enumerate(reversed(digits)))
    return str(-weighted % 10)


def gtin14(text: str) -> str:
    """A GTIN-8, -12, -13 or -14 as 14 digits, its check digit verified."""
    digits = text.strip()
    if len(digits) not in (8, 12, 13, 14) or not _digits(digits):
        raise GTIN_LENGTH(value=text, length=sum(map(_digits, digits)))
    _verify("GTIN", digits)
    return digits.zfill(14)


def gln(text: str) -> str:
    """A GLN of 13 digits, its check digit verified."""
    digits = text.strip()
    if len(digits) != 13 or not _digits(digits):
        raise GLN_LENGTH(value=text, length=sum(map(_digits, digits)))
    _verify("GLN", digits)
    return digits


def normalised(scheme: str, value: str) -> str:
    """``value`` in the one form its scheme is kept in."""
    if scheme == GTIN:
        return gtin14(value)
    if scheme == GLN:
        return gln(value)
    text = value.strip()
    if not text:
        raise VALUE_EMPTY(scheme=scheme)
    if scheme == DUNS:
        text = text.replace("-", "")
        if len(text) not in (9, 13) or not _digits(text):
            raise DUNS_LENGTH(value=value, length=sum(map(_digits, text)))
    return text


def _digits(text: str) -> bool:
    return text.isascii() and text.isdigit()


def _verify(scheme: str, digits: str) -> None:
    right = check_digit(digits[:-1])
    if digits[-1] != right:
        raise CHECK_DIGIT(scheme=scheme, value=digits, given=digits[-1], right=right)


@dataclass
class IdentifierState:
    scheme: str
    value: str
    to: str | None


class Identifier(Aggregate[IdentifierState]):
    """One outside number and the stream it names; it names one thing at a time."""

    KIND = "identifier"
    STATE = IdentifierState
    STATE_VERSION = 1

    class Assigned(Aggregate.Created):
        TYPE = "identifier.assigned/1"
        scheme: str
        value: str
        to: str

        def apply(self, identifier: Identifier) -> None:
            identifier.state = IdentifierState(self.scheme, self.value, self.to)

    class AssignedAgain(Aggregate.Event):
        """Assigned after it was withdrawn."""

        TYPE = "identifier.assigned_again/1"
        scheme: str
        value: str
        to: str

        def apply(self, identifier: Identifier) -> None:
            identifier.state.to = self.to

    class Withdrawn(Aggregate.Event):
        TYPE = "identifier.withdrawn/1"
        scheme: str
        value: str
        was: str

        def apply(self, identifier: Identifier) -> None:
            identifier.state.to = None

    @staticmethod
    def stream(scheme: str, value: str) -> str:
        """Where ``value`` is looked up, in its normalised form."""
        return natural_id("identifier", scheme, normalised(scheme, value))

    @classmethod
    def assign(cls, scheme: str, value: str, to: str) -> Identifier:
        """``value`` names ``to``; it has named nothing before."""
        return cls.begin(
            cls.Assigned, cls.stream(scheme, value), scheme=scheme, value=normalised(scheme, value), to=to
        )

    def assign_to(self, to: str) -> None:
        """Assign a number known before; to its holder again is silent, to another is refused."""
        scheme, value, holder = self.state.scheme, self.state.value, self.state.to
        if holder == to:
            return
        if holder is not None:
            raise HELD_BY_ANOTHER(scheme=scheme, value=value, holder=holder, asked=to)
        self.happened(self.AssignedAgain, scheme=scheme, value=value, to=to)

    def withdraw_from(self, holder: str) -> None:
        """The number no longer names ``holder``; withdrawn before is silent."""
        state = self.state
        if state.to is None:
            return
        if state.to != holder:
            raise NOT_HELD(scheme=state.scheme, value=state.value, holder=state.to, asked=holder)
        self.happened(self.Withdrawn, scheme=state.scheme, value=state.value, was=holder)
