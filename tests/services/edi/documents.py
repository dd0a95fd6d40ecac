"""Our own EDI documents for tests, and the sample documents of the shared folder where it is there."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import pytest

from services.edi import Envelope, Report, SetReport, check

SAMPLES = Path(__file__).resolve().parents[3].parent / "shared" / "edi" / "samples"

ENVELOPE = Envelope(
    sender_qualifier="ZZ",
    sender="MILLER",
    receiver_qualifier="12",
    receiver="SHOPS",
    interchange_control=41,
    group_control=7,
    set_control=1,
    at=datetime(2026, 3, 2, 9, 5),
)

PURCHASE_ORDER = """
BEG*00*NE*PO-77*R2*20260302
CUR*BY*USD
REF*DP*0451
REF*IA*88421
SAC*A*F800***1250*Z*2.5*****02***SPRING PROMOTION
ITD*01*3*2*20260401*30*20260501*60*500****2 PCT 30 NET 60
DTM*002*20260320
DTM*064*20260318
DTM*063*20260322
DTM*010*20260315
DTM*037*20260312
DTM*038*20260316
DTM*001*20260330
N1*BY*SHOPS INC*92*0001
N1*ST*SHOPS NORTH*92*0450
N3*12 DOCK ROAD*GATE 4
N4*PORTLAND*ME*04101*US
PO1*1*30*CA*12.50*PE*UP*012345678905*VN*MIL-1
PID*F****OAT BISCUITS
REF*LT*L77
SAC*A*I170***300
SDQ*CA*92*0451*10*0452*20
DTM*002*20260321
SCH*30*CA***002*20260321
PO1**5*EA*.99**VN*MIL-2
CTT*2*35
AMT*TT*379.95
"""


def payload(*sets: str, kind: str = "850", functional_code: str = "PO", version: str = "004010") -> str:
    """One interchange with one group of these set bodies, each a segment a line; envelopes are right."""
    lines = [
        f"ISA*00*{'':10}*00*{'':10}*12*{'SHOPS':15}*ZZ*{'MILLER':15}*260302*0905*U*00401*000000041*0*P*>",
        f"GS*{functional_code}*SHOPS*MILLER*20260302*0905*7*X*{version}",
    ]
    for number, body in enumerate(sets, 1):
        segments = body.strip().splitlines()
        lines += [f"ST*{kind}*{number:04d}", *segments, f"SE*{len(segments) + 2}*{number:04d}"]
    lines += [f"GE*{len(sets)}*7", "IEA*1*000000041"]
    return "".join(line + "~" for line in lines)


def only_set(raw: bytes | str) -> SetReport:
    """The one set of a payload."""
    report: Report = check(raw.encode() if isinstance(raw, str) else raw)
    (interchange,) = report.interchanges
    (group,) = interchange.groups
    (one,) = group.sets
    return one


def codes(report: Report) -> list[tuple[str, str, str]]:
    """Level, code and segment of every finding of a report."""
    return [(one.level, one.code, one.segment) for one in report.all_findings()]


def sample(name: str) -> bytes:
    """A document of the shared folder; the test is skipped where the folder is not there."""
    path = SAMPLES / name
    if not path.exists():
        pytest.skip(
            f"the sample {name} is not on this machine: shared/edi/samples is test data outside the project"
        )
    return path.read_bytes()
