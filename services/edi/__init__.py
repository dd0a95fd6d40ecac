"""EDI: reading, judging, acknowledging and writing X12 interchanges; reading EDIFACT.

Read and judge a payload::

    report = check(raw, ReadingRules())
    for one in report.interchanges[0].accepted_sets():
        place_order(one.document)

Answer it, and write what we have to say::

    answer = functional_acknowledgment(report.interchanges[0].groups[0])
    sending = write_interchange([answer], envelope)

Canonical documents are plain dicts of strings (decimals with a point, dates as YYYY-MM-DD), null or an empty
list for what is absent; maps/*.json says where each value comes from. Codes and qualifiers stay as they were
sent. Nothing here raises on what a partner sent, and nothing looks at a clock: control numbers and times are
arguments. Standards: X12 004010 and 005010, EDIFACT D.96A, ISO 9735.
"""

from __future__ import annotations

from services.edi.acknowledgment import functional_acknowledgment
from services.edi.check import GroupReport, InterchangeReport, Report, SetReport, check
from services.edi.cutter import cut
from services.edi.findings import Finding
from services.edi.interchange import Group, Interchange, Payload, Segment, Separators, TransactionSet
from services.edi.message_map import MessageMap, message_maps
from services.edi.reading import Reading, read_set
from services.edi.reading_rules import ReadingRules
from services.edi.sending import Envelope, Sending, write_interchange
from services.edi.writing import WrittenSegment, WrittenSet, write_set

__all__ = [
    "Envelope",
    "Finding",
    "Group",
    "GroupReport",
    "Interchange",
    "InterchangeReport",
    "MessageMap",
    "Payload",
    "Reading",
    "ReadingRules",
    "Report",
    "Segment",
    "Sending",
    "Separators",
    "SetReport",
    "TransactionSet",
    "WrittenSegment",
    "WrittenSet",
    "check",
    "cut",
    "functional_acknowledgment",
    "message_maps",
    "read_set",
    "write_interchange",
    "write_set",
]
