"""A proof holds without our database, in two checks written apart; any change to it is seen by both."""

from __future__ import annotations

import importlib.util
import json
import subprocess
import sys
from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from hypothesis import given, settings
from hypothesis import strategies as st

from services.event_log.seals import seals_of
from services.sealing.anchors import AnchorFile
from services.sealing.keys import key_in
from services.sealing.proof import NotProvable, faults_of, proof_of
from services.settings import Settings
from tests.log.sealed import do, fill, reading

SCRIPT = Path(__file__).parents[2] / "deploy" / "check_proof.py"


def script() -> Any:
    spec = importlib.util.spec_from_file_location("check_proof", SCRIPT)
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


CHECK = script()


def made(log: Settings, position: int) -> dict[str, Any]:
    with reading(log) as store:
        proof = proof_of(store, seals_of(store), position, AnchorFile(log.anchors_file).read()[0])
    copied: dict[str, Any] = json.loads(json.dumps(proof, ensure_ascii=False))
    return copied


def script_says(proof: Any) -> list[str]:
    try:
        return list(CHECK.faults(proof))
    except Exception as error:  # as its main does
        return [repr(error)]


def test_a_proof_of_every_sealed_event_holds(backend: Settings) -> None:
    fill(backend)
    for position in range(1, 31):
        proof = made(backend, position)
        assert (faults_of(proof), script_says(proof)) == ([], []), position
        assert proof["event"]["position"] == position and proof["anchor"]["hash"] == proof["block_hash"]
    assert len(made(backend, 1)["path"]) == 4, "ten leaves: four steps at the most"


def test_what_cannot_be_proved_is_said(backend: Settings) -> None:
    fill(backend)
    do(backend, "UPDATE event SET actor = 'x' WHERE position = 12")
    for position, what in ((31, "is not sealed yet, tallies is sealed up to 30"), (36, "there is no event tallies:36"),
                           (12, "is no longer what was sealed")):  # fmt: skip
        with pytest.raises(NotProvable, match=what):
            made(backend, position)


def leaves_of(value: Any, way: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    if isinstance(value, dict):
        return [found for name, inner in value.items() for found in leaves_of(inner, (*way, name))]
    if isinstance(value, list):
        return [found for index, inner in enumerate(value) for found in leaves_of(inner, (*way, index))]
    return [way]


def changed(value: Any) -> Any:
    if isinstance(value, int):
        return value + 1
    if value is None:
        return ""
    last = value[-1:]
    return value[:-1] + ("1" if last == "0" else "0")


def test_a_changed_byte_anywhere_breaks_it(tmp_path: Path) -> None:
    log = Settings(data=tmp_path / "data")
    fill(log)
    whole = made(log, 17)
    ways = leaves_of(whole)
    assert len(ways) > 35
    for way in ways:
        proof = deepcopy(whole)
        part = proof
        for name in way[:-1]:
            part = part[name]
        part[way[-1]] = changed(part[way[-1]])
        assert faults_of(proof), way
        assert script_says(proof), way
    for missing in whole:
        proof = {name: value for name, value in whole.items() if name != missing}
        assert faults_of(proof) and script_says(proof), missing
    assert faults_of("no proof") and faults_of(None) and faults_of({"form": "o2c-proof/1"})


def test_a_proof_moved_to_another_place_or_shortened_breaks(tmp_path: Path) -> None:
    log = Settings(data=tmp_path / "data")
    fill(log)
    one, other = made(log, 14), made(log, 15)
    path = one["path"]
    paths = [{**one, "path": moved} for moved in (other["path"], path[:-1], [*path, path[0]], path[::-1])]
    for proof in (*paths, {**one, "event": other["event"]}, {**one, "block": made(log, 4)["block"]}):
        assert faults_of(proof) and script_says(proof)


def test_another_suppliers_key_is_not_trusted(tmp_path: Path) -> None:
    log = Settings(data=tmp_path / "data")
    fill(log)
    proof, ours, theirs = made(log, 5), key_in(log.keys_folder).public, key_in(tmp_path / "theirs").public
    assert faults_of(proof, {ours}) == [] == CHECK.faults(proof, ours)
    assert faults_of(proof, {theirs}) == ["the proof's key is not one of those you trust"]
    assert CHECK.faults(proof, theirs) == ["the proof is signed by another key than the one you gave"]


@pytest.mark.parametrize("words", [["-I", "-S"], []])
def test_the_script_runs_with_python_alone(tmp_path: Path, words: list[str]) -> None:
    """Isolated and without site-packages: nothing but the standard library."""
    log = Settings(data=tmp_path / "data")
    fill(log)
    file = tmp_path / "proof.json"
    proof = made(log, 9)
    broken = json.dumps({**proof, "block_hash": "0"})
    for text, code, says in (
        (json.dumps(proof), 0, "holds: tallies:9, tally.added/1 of tally/a"), ("{}", 1, "this is no proof"),
        (broken, 1, "BROKEN: the block's header was changed"),
    ):
        file.write_text(text)
        ended = subprocess.run([sys.executable, *words, str(SCRIPT), str(file)], capture_output=True, text=True, check=False)
        assert (ended.returncode, ended.stderr) == (code, "") and ended.stdout.startswith(says), ended


# The script's own Ed25519: RFC 8032, section 7.1, and a second opinion

VECTORS = (
    ("d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a", "",
     "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b"),
    ("3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c", "72",
     "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00"),
    ("fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025", "af82",
     "6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac18ff9b538d16f290ae67f760984dc6594a7c15e9716ed28dc027beceea1ec40a"),
)  # fmt: skip


@pytest.mark.parametrize(("public", "message", "signature"), VECTORS)
def test_the_signatures_of_the_rfc(public: str, message: str, signature: str) -> None:
    key, text, mark = bytes.fromhex(public), bytes.fromhex(message), bytes.fromhex(signature)
    assert CHECK.signed(key, mark, text)
    assert not CHECK.signed(key, mark, text + b"x")
    for place in (0, 31, 32, 60):
        broken = bytearray(mark)
        broken[place] ^= 1
        assert not CHECK.signed(key, bytes(broken), text)
    grown = int.from_bytes(mark[32:], "little") + CHECK.ORDER
    assert not CHECK.signed(key, mark[:32] + grown.to_bytes(32, "little"), text), "one signature in one form only"


@settings(max_examples=15, deadline=None)
@given(st.binary(max_size=200), st.binary(min_size=32, max_size=32))
def test_the_script_agrees_with_the_library(message: bytes, seed: bytes) -> None:
    private = Ed25519PrivateKey.from_private_bytes(seed)
    public = private.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)
    assert CHECK.signed(public, private.sign(message), message)
    assert not CHECK.signed(public, private.sign(message + b"."), message)
