"""The dispute pack: one archive with the facts as stored, the papers, a summary and a script that checks it.

Nothing of it depends on the moment or the machine: files are sorted, stored uncompressed and dated alike, so that the same
input gives the same bytes.
"""

from __future__ import annotations

import hashlib
import io
import json
import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from fastapi import Request

from projections.view import Row
from services.event_log.contract import EventRow
from services.event_log.json_form import to_plain
from services.receivables.disputes.evidence import Gathered, gathered, stored
from services.receivables.disputes.summary import summary_pdf

FORMAT = "o2c-dispute-pack/1"
DATED = (1980, 1, 1, 0, 0, 0)  # the first day that a ZIP archive can say
READABLE = 0o100644 << 16
UNIX = 3


def built_pack(request: Request, stream: str) -> tuple[bytes, str]:
    """The archive and its SHA-256."""
    file = gathered(request, stream)
    rows = [(paper, stored(request, paper)) for paper in file.papers]
    content = archive(files_of(file, rows))
    return content, hashlib.sha256(content).hexdigest()


def files_of(file: Gathered, rows: list[tuple[Row, EventRow]]) -> dict[str, bytes]:
    """Every file by name, the manifest last."""
    files: dict[str, bytes] = {}
    for paper, row in rows:
        name = f"{paper['log']}-{row.position:010d}"
        files[f"events/{name}.json"] = _json({"log": paper["log"], **row._asdict()})
        files[f"papers/{paper['kind'].lower()}-{name}.txt"] = _text(paper, row)
    files["dispute.json"] = _json(to_plain(file.dispute))
    files["summary.pdf"] = summary_pdf(file.dispute, rows)
    files["verify.py"] = (Path(__file__).parent / "verify_pack.py").read_bytes()
    known: dict[str, int] = {}
    for paper, row in rows:
        known[paper["log"]] = max(known.get(paper["log"], 0), row.position)
    listed = {
        name: {"sha256": hashlib.sha256(content).hexdigest(), "bytes": len(content)} for name, content in files.items()
    }
    about = {"format": FORMAT, "dispute": file.dispute["dispute_id"], "known_at": known}
    files["manifest.json"] = _json({**about, "files": listed})
    return files


def archive(files: Mapping[str, bytes]) -> bytes:
    """A ZIP archive, the names in order."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_STORED) as made:
        for name in sorted(files):
            entry = zipfile.ZipInfo(name, DATED)
            entry.external_attr, entry.create_system = READABLE, UNIX
            made.writestr(entry, files[name])
    return out.getvalue()


def _json(value: Any) -> bytes:
    return (json.dumps(value, indent=1, sort_keys=True, ensure_ascii=False) + "\n").encode()


def _text(paper: Row, row: EventRow) -> bytes:
    """The paper as a person reads it: where it stands, who recorded it, what it says."""
    head = [
        f"{paper['kind']} {paper['document']}".rstrip(), f"fact: {row.type} of {row.stream}",
        f"place: {paper['log']}:{row.position}", f"decided at: {row.decided_at}", f"recorded at: {row.recorded_at}",
        f"by: {row.actor}", "",
    ]  # fmt: skip
    return ("\n".join(head) + json.dumps(json.loads(row.data), indent=1, ensure_ascii=False) + "\n").encode()
