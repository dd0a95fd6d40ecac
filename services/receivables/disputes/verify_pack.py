"""Checks a dispute pack: nothing was changed, added or taken out, and its figures follow from its facts.

    python verify.py PACK.zip [SHA256]    the archive, and its digest where one was agreed or recorded before
    python verify.py FOLDER               the archive unpacked

Needs Python 3.8 or later and nothing else: no database, no network, no package.
"""

import hashlib
import json
import sys
import zipfile
from decimal import Decimal
from pathlib import Path
from typing import Any, Dict, List  # noqa: UP035

MANIFEST = "manifest.json"
MOVED = {
    "dispute.credited": ("credited", 1), "dispute.repaid": ("repaid", 1), "dispute.repayment_reversed": ("repaid", -1),
    "dispute.written_off": ("written_off", 1), "dispute.write_off_reversed": ("written_off", -1),
}  # fmt: skip
CLAIMED = {
    "dispute.opened": 1, "dispute.claims_taken_over": 1, "dispute.claims_split_off": -1, "dispute.merged_into": -1,
}  # fmt: skip


def read(place: Path) -> Dict[str, bytes]:  # noqa: UP006
    """Every file of the pack by name."""
    if place.is_dir():
        return {str(p.relative_to(place).as_posix()): p.read_bytes() for p in place.rglob("*") if p.is_file()}
    with zipfile.ZipFile(place) as archive:
        names = archive.namelist()
        if len(set(names)) < len(names):
            raise ValueError("a name stands twice in the archive")
        return {name: archive.read(name) for name in names}


def defects(files: Dict[str, bytes]) -> List[str]:  # noqa: UP006
    """Sentences for what is wrong; none for a pack as it was made."""
    if MANIFEST not in files:
        return [MANIFEST + " is missing"]
    listed = json.loads(files[MANIFEST])["files"]
    found = [name + " is listed and missing" for name in sorted(set(listed) - set(files))]
    found += [name + " is there and not listed" for name in sorted(set(files) - set(listed) - {MANIFEST})]
    for name in sorted(set(listed) & set(files)):
        if hashlib.sha256(files[name]).hexdigest() != listed[name]["sha256"]:
            found.append(name + " was changed: its SHA-256 is not the one in the manifest")
    return found or figures(files)


def figures(files: Dict[str, bytes]) -> List[str]:  # noqa: UP006
    """What the facts of the dispute add up to, against the figures stated."""
    said: Dict[str, Any] = json.loads(files["dispute.json"])  # noqa: UP006
    sums = dict.fromkeys(("claimed", "credited", "repaid", "written_off"), Decimal(0))
    shares = None
    for name in sorted(files):
        event = json.loads(files[name]) if name.startswith("events/receivables-") else {"stream": ""}
        if event["stream"] != said["dispute_id"]:
            continue
        kind, data = event["type"].partition("/")[0], json.loads(event["data"])
        if kind in MOVED:
            word, sign = MOVED[kind]
            sums[word] += sign * sum((Decimal(part) for part in data["amounts"].values()), Decimal(0))
        elif kind in CLAIMED:
            sums["claimed"] += CLAIMED[kind] * sum((Decimal(claim["amount"]) for claim in data["claims"]), Decimal(0))
        elif kind == "dispute.claim_fell_away":
            sums["claimed"] -= Decimal(data["amount"])
        elif kind == "dispute.verdict_given":
            shares = data["shares"]
    found = [
        "the facts make " + word + " " + str(figure) + ", stated is " + said[word]
        for word, figure in sums.items()
        if figure != Decimal(said[word])
    ]
    left = sums["claimed"] - sums["credited"] - sums["repaid"] - sums["written_off"]
    if left != Decimal(said["outstanding"]):
        found.append("credited, repaid, written off and outstanding do not make up the claim")
    if said["shares"] is not None and shares is not None:
        parts = {name: Decimal(part) for name, part in shares.items()}
        if {name: Decimal(part) for name, part in said["shares"].items()} != parts or sum(parts.values()) != sums["claimed"]:
            found.append("the parts of the verdict do not make up the claim")
    return found


def main(arguments: List[str]) -> int:  # noqa: UP006
    if len(arguments) not in (1, 2):
        sys.stdout.write(__doc__ or "")
        return 2
    place = Path(arguments[0])
    try:
        files = read(place)
        found = defects(files)
        if place.is_file():
            digest = hashlib.sha256(place.read_bytes()).hexdigest()
            sys.stdout.write("SHA-256 of the pack: " + digest + "\n")
            if len(arguments) == 2 and digest != arguments[1].lower():
                found.append("the SHA-256 of the pack is not " + arguments[1])
    except (OSError, ValueError, KeyError, TypeError, AttributeError, ArithmeticError, zipfile.BadZipFile) as error:
        found = ["the pack cannot be read: " + str(error)]
    for sentence in found:
        sys.stdout.write("WRONG: " + sentence + "\n")
    if not found:
        sys.stdout.write("GOOD: %d files are as they were made, and the figures follow from the facts\n" % len(files))  # noqa: UP031
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
