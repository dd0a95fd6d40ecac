"""The dry run: read a payload, judge every set, and change nothing. `o2c edi check FILE` prints it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any, Literal

from services.edi.cutter import cut
from services.edi.envelope_audit import audit_groups, audit_interchange, audit_payload, audit_sets
from services.edi.findings import Finding, error, warning
from services.edi.interchange import Group, Interchange, TransactionSet
from services.edi.message_map import MessageMap, message_maps
from services.edi.reading import read_set
from services.edi.reading_rules import ReadingRules

Verdict = Literal["A", "E", "P", "R"]


@dataclass(frozen=True, slots=True)
class SetReport:
    """One transaction set. `verdict`: A accepted, E accepted with errors noted, R rejected, with its group
    or by itself. `document` is None only if no map reads this kind of set in this release;
    `not_carried` are tags of segments whose content it has no place for."""

    kind: str
    control: str
    verdict: Verdict
    document: dict[str, Any] | None
    findings: tuple[Finding, ...]
    not_carried: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class GroupReport:
    """One functional group. `verdict` P: some of its sets are rejected and some are not."""

    group: Group
    verdict: Verdict
    sets: tuple[SetReport, ...]
    findings: tuple[Finding, ...]


@dataclass(frozen=True, slots=True)
class InterchangeReport:
    """One interchange. An error of its own level refuses all of it, whatever its sets are like."""

    interchange: Interchange
    accepted: bool
    groups: tuple[GroupReport, ...]
    findings: tuple[Finding, ...]

    def accepted_sets(self) -> tuple[SetReport, ...]:
        """The sets that may be acted upon: not rejected, nor their group, nor the interchange."""
        if not self.accepted:
            return ()
        return tuple(
            one for group in self.groups if group.verdict != "R" for one in group.sets if one.verdict != "R"
        )


@dataclass(frozen=True, slots=True)
class Report:
    """What a payload holds and what is wrong with it."""

    charset: str
    interchanges: tuple[InterchangeReport, ...]
    findings: tuple[Finding, ...]

    @property
    def accepted(self) -> bool:
        """Everything in the payload may be acted upon."""
        groups = [group for one in self.interchanges for group in one.groups]
        return (
            bool(self.interchanges)
            and not any(finding.severity == "error" for finding in self.findings)
            and all(one.accepted for one in self.interchanges)
            and all(group.verdict in ("A", "E") for group in groups)
        )

    def all_findings(self) -> list[Finding]:
        """Every finding, from the payload down to the sets."""
        found = list(self.findings)
        for interchange in self.interchanges:
            found += interchange.findings
            for group in interchange.groups:
                found += group.findings
                found += [finding for one in group.sets for finding in one.findings]
        return found

    def lines(self) -> list[str]:
        """The report as lines of text for a terminal."""
        text = [f"  {finding.line()}" for finding in self.findings]
        for interchange in self.interchanges:
            text += _interchange_lines(interchange)
        return text or ["nothing was found"]


def check(raw: bytes, rules: ReadingRules | None = None) -> Report:
    """Read a payload without acting on it. Never raises, whatever the bytes are."""
    rules = rules or ReadingRules()
    payload = cut(raw, rules.charset)
    repeated = audit_payload(payload)
    reports = tuple(
        _interchange(interchange, repeated.get(index, []), rules)
        for index, interchange in enumerate(payload.interchanges)
    )
    return Report(payload.charset, reports, payload.findings)


def _interchange(interchange: Interchange, repeated: list[Finding], rules: ReadingRules) -> InterchangeReport:
    findings = (*repeated, *audit_interchange(interchange, rules))
    audited = audit_groups(interchange, rules)
    groups = tuple(
        _group(group, found, interchange, rules)
        for group, found in zip(interchange.groups, audited, strict=True)
    )
    accepted = not any(finding.severity == "error" and finding.code for finding in findings)
    return InterchangeReport(interchange, accepted, groups, findings)


def _group(
    group: Group, findings: list[Finding], interchange: Interchange, rules: ReadingRules
) -> GroupReport:
    refused = any(finding.severity == "error" and finding.code for finding in findings)
    unread = any(finding.code == "2" for finding in findings)
    sets = tuple(
        _set(one, found, group, interchange=interchange, rules=rules, unread=unread)
        for one, found in zip(group.sets, audit_sets(group), strict=True)
    )
    if refused:
        sets = tuple(replace(one, verdict="R") for one in sets)
    rejected = sum(one.verdict == "R" for one in sets)
    verdict: Verdict
    if refused or (sets and rejected == len(sets)):
        verdict = "R"
    elif rejected:
        verdict = "P"
    else:
        verdict = "E" if findings or any(one.verdict == "E" for one in sets) else "A"
    return GroupReport(group, verdict, sets, tuple(findings))


def _set(
    transaction_set: TransactionSet,
    envelope: list[Finding],
    group: Group,
    *,
    interchange: Interchange,
    rules: ReadingRules,
    unread: bool,
) -> SetReport:
    message = message_maps().get(transaction_set.kind)
    findings = list(envelope)
    document: dict[str, Any] | None = None
    not_carried: tuple[str, ...] = ()
    if message is None or message.syntax != interchange.syntax:
        findings.append(_unsupported(transaction_set))
    elif interchange.syntax == "edifact" and not (
        rules.accepts(transaction_set.release) and message.reads(transaction_set.release)
    ):
        words = f"the release {transaction_set.release} of this {transaction_set.kind} is not supported"
        findings.append(error("set", "1", words, at=transaction_set.header, element="02"))
    elif not unread:
        release = group.version or transaction_set.release
        reading = read_set(transaction_set, message, release)
        document, not_carried = reading.document, reading.not_carried
        findings += _wrong_group(group, message)
        findings += reading.findings
    verdict = _verdict(findings)
    return SetReport(
        transaction_set.kind, transaction_set.control, verdict, document, tuple(findings), not_carried
    )


def _unsupported(transaction_set: TransactionSet) -> Finding:
    words = f"documents of kind {transaction_set.kind or '(none)'} are not read here"
    return error("set", "1", words, at=transaction_set.header, element="01", value=transaction_set.kind)


def _wrong_group(group: Group, message: MessageMap) -> list[Finding]:
    if not message.functional_code or group.functional_code in ("", message.functional_code):
        return []
    words = f"GS01 says {group.functional_code}, but a {message.message} belongs in {message.functional_code}"
    return [warning("set", "", words, at=group.header, element="01", value=group.functional_code)]


def _verdict(findings: list[Finding]) -> Verdict:
    if any(finding.severity == "error" for finding in findings):
        return "R"
    return "E" if any(finding.code for finding in findings) else "A"


def _interchange_lines(report: InterchangeReport) -> list[str]:
    one = report.interchange
    mode = "test" if one.is_test else "production"
    state = "accepted" if report.accepted else "rejected"
    text = [
        f"interchange {one.control or '(no number)'} {one.syntax} from {one.sender or '(nobody)'} to "
        f"{one.receiver or '(nobody)'}, {mode}: {state}"
    ]
    text += [f"  {finding.line()}" for finding in report.findings]
    for group in report.groups:
        if group.group.header is not None:
            text.append(
                f"  group {group.group.control} {group.group.functional_code} {group.group.version}: "
                f"{group.verdict}"
            )
        text += [f"    {finding.line()}" for finding in group.findings]
        for one_set in group.sets:
            text += _set_lines(one_set)
    return text


def _set_lines(report: SetReport) -> list[str]:
    number = (report.document or {}).get("number")
    text = [f"    {report.kind} {report.control}{f' number {number}' if number else ''}: {report.verdict}"]
    text += [f"      {finding.line()}" for finding in report.findings]
    if report.not_carried:
        text.append(f"      not carried into the document: {' '.join(report.not_carried)}")
    return text
