#!/usr/bin/env python3
"""Checks a proof of o2c (``o2c audit proof``) without o2c and without its database:

    python3 check_proof.py PROOF.json [PUBLIC_KEY_HEX]

Python 3.8 or later and nothing else: SHA-256 from the standard library, the signature (Ed25519, RFC 8032) computed here.
It is written apart from o2c's own check. Give the public key that the supplier published; without one it is only told
which key signed. Exit 0: the event stood in that log at that position when the block was signed; 1: the proof is broken.
"""

import hashlib
import json
import struct
import sys

FIELDS = ("log", "position", "stream", "version", "type", "data", "decided_at", "recorded_at", "actor", "command_id",
          "causation", "correlation")  # fmt: skip

P = 2**255 - 19
ORDER = 2**252 + 27742317777372353535851937790883648493
D = -121665 * pow(121666, P - 2, P) % P
ROOT = pow(2, (P - 1) // 4, P)


def add(a, b):
    """Two points of the curve in extended coordinates."""
    m, n = (a[1] - a[0]) * (b[1] - b[0]) % P, (a[1] + a[0]) * (b[1] + b[0]) % P
    t, z = 2 * a[3] * b[3] * D % P, 2 * a[2] * b[2] % P
    e, f, g, h = n - m, z - t, z + t, n + m
    return e * f % P, g * h % P, f * g % P, e * h % P


def times(number, point):
    found = (0, 1, 1, 0)
    while number:
        if number & 1:
            found = add(found, point)
        point, number = add(point, point), number >> 1
    return found


def point_of(text):
    """The point that 32 bytes stand for; None when they stand for none."""
    y = int.from_bytes(text, "little")
    sign, y = y >> 255, y & ((1 << 255) - 1)
    if y >= P:
        return None
    square = (y * y - 1) * pow(D * y * y + 1, P - 2, P) % P
    x = pow(square, (P + 3) // 8, P)
    if (x * x - square) % P:
        x = x * ROOT % P
    if (x * x - square) % P or (x == 0 and sign):
        return None
    x = P - x if x & 1 != sign else x
    return x, y, 1, x * y % P


BASE = point_of((4 * pow(5, P - 2, P) % P).to_bytes(32, "little"))


def signed(public, signature, message):
    """Ed25519: s * B == R + H(R, A, message) * A."""
    if len(public) != 32 or len(signature) != 64:
        return False
    key, r, s = point_of(public), point_of(signature[:32]), int.from_bytes(signature[32:], "little")
    if key is None or r is None or s >= ORDER:
        return False
    digest = int.from_bytes(hashlib.sha512(signature[:32] + public + message).digest(), "little") % ORDER
    left, right = times(s, BASE), add(r, times(digest, key))
    return not ((left[0] * right[2] - right[0] * left[2]) % P or (left[1] * right[2] - right[1] * left[2]) % P)


def row_hash(event):
    """SHA-256 of a zero byte and the row: the length of every field in 8 bytes (-1: absent), then the fields."""
    texts = [None if event[name] is None else str(event[name]).encode() for name in FIELDS]
    lengths = [-1 if text is None else len(text) for text in texts]
    row = b"o2c-event/1\n" + struct.pack(">12q", *lengths) + b"".join(text for text in texts if text is not None)
    return hashlib.sha256(b"\x00" + row).digest()


def root_of(leaf, index, count, path):
    """RFC 9162, 2.1.3.2; None when the path does not fit."""
    found, last = leaf, count - 1
    for step in path:
        if last == 0:
            return None
        if index & 1 or index == last:
            found = hashlib.sha256(b"\x01" + step + found).digest()
            while not index & 1 and index:
                index, last = index >> 1, last >> 1
        else:
            found = hashlib.sha256(b"\x01" + found + step).digest()
        index, last = index >> 1, last >> 1
    return found if last == 0 else None


def faults(proof, published=None):
    """What is wrong, in words."""
    event, block = proof["event"], proof["block"]
    header = json.dumps(dict(block, form="o2c-block/1"), sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()
    block_hash = hashlib.sha256(b"\x02" + header).hexdigest()
    index, count = event["position"] - block["first"], block["last"] - block["first"] + 1
    path = [bytes.fromhex(step) for step in proof["path"]]
    root = root_of(row_hash(event), index, count, path) if 0 <= index < count else None
    found = []
    if proof["form"] != "o2c-proof/1":
        found.append("the form is " + str(proof["form"]) + ", this script reads o2c-proof/1")
    if event["log"] != block["log"] or root is None or root.hex() != block["root"]:
        found.append("the event is not in the block: its row or its path was changed")
    if block_hash != proof["block_hash"]:
        found.append("the block's header was changed")
    if not signed(bytes.fromhex(proof["public_key"]), bytes.fromhex(proof["signature"]), header):
        found.append("the block is not signed by the key that the proof names")
    if published is not None and proof["public_key"] != published.strip().lower():
        found.append("the proof is signed by another key than the one you gave")
    anchor = dict(block, hash=block_hash, public_key=proof["public_key"], signature=proof["signature"])
    if proof["anchor"] is not None and proof["anchor"] != anchor:
        found.append("the anchor is of another block")
    return found


def main(words):
    if not 2 <= len(words) <= 3:
        print(__doc__)
        return 2
    try:
        with open(words[1], encoding="utf-8") as file:
            proof = json.load(file)
        found = faults(proof, words[2] if len(words) == 3 else None)
    except (OSError, ValueError, KeyError, TypeError, AttributeError, struct.error) as error:
        print(f"this is no proof: {error!r}")
        return 1
    for fault in found:
        print("BROKEN: " + fault)
    if not found:
        event, block = proof["event"], proof["block"]
        print(f"holds: {event['log']}:{event['position']}, {event['type']} of {event['stream']}")
        print(f"sealed {block['sealed_at']} in block {block['height']}, signed by {proof['public_key']}")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv))
