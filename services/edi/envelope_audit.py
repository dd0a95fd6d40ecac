"""The audit of envelopes: control numbers, counts, missing and repeated headers and trailers.

Standards: TA1 note codes (I18), AK905 (716), AK502 (718); for EDIFACT the nearest of them.
"""

from __future__ import annotations

from collections.abc import Iterator

from services.edi.findings import Finding, Level, error, warning
from services.edi.interchange import Group, Interchange, Payload, Segment, TransactionSet
from services.edi.reading_rules import ReadingRules

_SPLIT_BATCH = "the partner's network may have split a batch"


def audit_payload(payload: Payload) -> dict[int, list[Finding]]:
    """Findings that show only across interchanges, by the index of the interchange: repeated ISA13."""
    first: dict[tuple[str, str, str], int] = {}
    repeated: dict[int, list[Finding]] = {}
    for index, interchange in enumerate(payload.interchanges):
        key = (interchange.sender, interchange.receiver, interchange.control)
        if key in first and interchange.control:
            words = (
                f"the control number {interchange.control} was already used by interchange {first[key] + 1}"
            )
            repeated[index] = [
                error(
                    "interchange",
                    "025",
                    f"{words} of this payload",
                    at=interchange.header,
                    value=interchange.control,
                    element=_control_element(interchange.header),
                    hint="the same file may have been sent twice",
                )
            ]
        first.setdefault(key, index)
    return repeated


def audit_interchange(interchange: Interchange, rules: ReadingRules) -> list[Finding]:
    """Findings of the interchange level: its own envelope, not its groups'."""
    header = _header(interchange) if interchange.syntax == "x12" else ()
    return [
        *interchange.findings,
        *header,
        *_trailer(interchange, rules),
        *_strays(interchange.strays, "interchange", "any group"),
    ]


def _header(interchange: Interchange) -> Iterator[Finding]:
    header, control = interchange.header, interchange.control
    if not control.isdigit() or len(control) > 9:
        yield error(
            "interchange",
            "018",
            "ISA13, the interchange control number, must be nine digits",
            at=header,
            element="13",
            value=control,
        )
    if header.at("15") not in ("P", "T", "I"):
        yield warning(
            "interchange",
            "014",
            "ISA15 must be P for production or T for test",
            at=header,
            element="15",
            value=header.at("15"),
        )
    if not interchange.receiver:
        yield error("interchange", "008", "ISA08, the receiver, is empty", at=header, element="08")
    if not interchange.sender:
        yield warning("interchange", "006", "ISA06, the sender, is empty", at=header, element="06")


def _trailer(interchange: Interchange, rules: ReadingRules) -> Iterator[Finding]:
    x12, trailer = interchange.syntax == "x12", interchange.trailer
    if trailer is None:
        yield error(
            "interchange",
            "023",
            f"{'IEA' if x12 else 'UNZ'} is missing: the interchange is not complete",
            at=interchange.header,
            hint="the file may have been cut off in transfer",
        )
        return
    yield from _same_control(interchange.header, interchange.control, trailer, "interchange", "001")
    grouped = x12 or any(group.header for group in interchange.groups)
    content = len(interchange.groups) if grouped else sum(len(group.sets) for group in interchange.groups)
    yield from _count(
        trailer, content, "groups" if grouped else "messages", "interchange", "021", rules=rules
    )


def audit_groups(interchange: Interchange, rules: ReadingRules) -> list[list[Finding]]:
    """Findings of each group's envelope, with the sets it holds counted but not read."""
    seen: set[str] = set()
    findings: list[list[Finding]] = []
    for group in interchange.groups:
        found = list(_strays(group.strays, "group", "any transaction set"))
        if group.header is not None:
            if group.control in seen:
                found.append(
                    error(
                        "group",
                        "19",
                        f"the control number {group.control} is used by two groups of this interchange",
                        at=group.header,
                        element=_control_element(group.header),
                        value=group.control,
                    )
                )
            seen.add(group.control)
            found += _group(group, group.header, rules)
        elif interchange.syntax == "x12":
            found.append(error("group", "1", "GS is missing before the first transaction set"))
        findings.append(found)
    return findings


def _group(group: Group, header: Segment, rules: ReadingRules) -> Iterator[Finding]:
    x12, trailer = header.tag == "GS", group.trailer
    if x12 and not group.control.strip().isdigit():
        yield error(
            "group",
            "6",
            "GS06, the group control number, must be digits",
            at=header,
            element="06",
            value=group.control,
        )
    if x12 and not rules.accepts(group.version):
        yield error(
            "group",
            "2",
            f"the release {group.version or '(none)'} in GS08 is not supported",
            at=header,
            element="08",
            value=group.version,
            hint="004010 and 005010 are; the partner's profile may accept others",
        )
    if trailer is None:
        yield error("group", "3", f"{'GE' if x12 else 'UNE'} is missing: the group is not closed", at=header)
        return
    yield from _same_control(header, group.control, trailer, "group", "4")
    yield from _count(trailer, len(group.sets), "transaction sets", "group", "5", rules=rules)


def audit_sets(group: Group) -> list[list[Finding]]:
    """Findings of each set's envelope."""
    seen: set[str] = set()
    findings: list[list[Finding]] = []
    for transaction_set in group.sets:
        found: list[Finding] = []
        if transaction_set.control in seen:
            header = transaction_set.header
            words = f"the control number {transaction_set.control} is used by two sets of this group"
            found.append(
                error(
                    "set",
                    "23",
                    words,
                    at=header,
                    element=_control_element(header),
                    value=transaction_set.control,
                )
            )
        seen.add(transaction_set.control)
        findings.append([*found, *_set(transaction_set)])
    return findings


def _set(transaction_set: TransactionSet) -> Iterator[Finding]:
    header, trailer = transaction_set.header, transaction_set.trailer
    if not transaction_set.kind:
        yield error("set", "6", f"{header.tag} does not say which document it begins", at=header)
    if not transaction_set.control:
        yield error("set", "7", f"{header.tag} has no control number", at=header)
    if trailer is None:
        tag = "SE" if header.tag == "ST" else "UNT"
        yield error("set", "2", f"{tag} is missing: the set is not closed", at=header)
        return
    yield from _same_control(header, transaction_set.control, trailer, "set", "3")
    claimed, counted = trailer.at("01").strip(), len(transaction_set.segments)
    if not claimed.isdecimal() or int(claimed) != counted:
        yield error(
            "set",
            "4",
            f"{trailer.tag}01 says {claimed or 'nothing'} but there are {counted} segments",
            at=trailer,
            element="01",
            value=claimed,
        )


def _same_control(
    header: Segment, control: str, trailer: Segment, level: Level, code: str
) -> Iterator[Finding]:
    """Equal as text; equal only as numbers is a sender who pads one and not the other."""
    repeated, control = trailer.at("02").strip(), control.strip()
    if repeated == control:
        return
    words = (
        f"{trailer.tag}02 {repeated or '(empty)'} is not {header.tag}{_control_element(header)} "
        f"{control or '(empty)'}"
    )
    if repeated.isdecimal() and control.isdecimal() and int(repeated) == int(control):
        yield warning(
            level,
            code,
            words,
            at=trailer,
            element="02",
            value=repeated,
            hint="the same number written in two ways",
        )
    else:
        yield error(level, code, words, at=trailer, element="02", value=repeated)


def _count(
    trailer: Segment, content: int, things: str, level: Level, code: str, *, rules: ReadingRules
) -> Iterator[Finding]:
    claimed = trailer.at("01").strip()
    if claimed.isdecimal() and int(claimed) == content:
        return
    larger = claimed.isdecimal() and int(claimed) > content
    report = warning if larger and rules.lenient_group_count else error
    yield report(
        level,
        code,
        f"{trailer.tag}01 says {claimed or 'nothing'} but there are {content} {things}",
        at=trailer,
        element="01",
        value=claimed,
        hint=_SPLIT_BATCH if larger else "",
    )


def _strays(strays: tuple[Segment, ...], level: Level, place: str) -> Iterator[Finding]:
    if strays:
        words = (
            f"{len(strays)} segments from {strays[0].tag[:12]} to {strays[-1].tag[:12]} stand outside {place}"
        )
        yield error(
            level, "", words, at=strays[0], value=strays[0].tag, hint="a header before them may be misspelt"
        )


def _control_element(header: Segment) -> str:
    return {"ISA": "13", "GS": "06", "ST": "02", "UNB": "05", "UNG": "05", "UNH": "01"}[header.tag]
