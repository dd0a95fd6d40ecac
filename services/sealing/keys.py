"""The key that signs blocks (Ed25519 of the ``cryptography`` package) and the public keys that are trusted."""

from __future__ import annotations

import os
import re
import stat
import tempfile
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import (
    Encoding, NoEncryption, PrivateFormat, PublicFormat, load_pem_private_key, load_pem_public_key,
)

FILE = "sealing.key"
HEX_KEY = re.compile(r"\b[0-9a-f]{64}\b")


class KeyUnusable(OSError):
    """The key's file is not one that may be used; the sentence says what to do."""


class SealingKey:
    """The private key, and its public key as hex."""

    def __init__(self, private: Ed25519PrivateKey) -> None:
        self._private = private
        self.public = private.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw).hex()

    def sign(self, message: bytes) -> str:
        return self._private.sign(message).hex()


def key_in(folder: Path) -> SealingKey:
    """The key kept in the folder; made there when there is none, readable by its owner only."""
    path = folder / FILE
    folder.mkdir(parents=True, exist_ok=True)
    pem = Ed25519PrivateKey.generate().private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    return SealingKey(_private(path, kept(path, pem)))


def kept(path: Path, fresh: bytes) -> bytes:
    """What the file of a secret holds: ``fresh`` where it did not exist. A file that others may read is refused."""
    if not path.exists():
        handle, partly = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)  # its owner's only
        with os.fdopen(handle, "wb") as out:
            out.write(fresh)
            os.fsync(out.fileno())
        with suppress(FileExistsError):
            os.link(partly, path)  # whole or not at all, and never over another's
        os.unlink(partly)
    mode = stat.S_IMODE(path.stat().st_mode)
    if mode & 0o077:
        raise KeyUnusable(f"{path} may be read by others (mode {mode:o}); make it private: chmod 600 {path}")
    return path.read_bytes()


def _private(path: Path, pem: bytes) -> Ed25519PrivateKey:
    try:
        found = load_pem_private_key(pem, None)
    except ValueError:
        found = None
    if not isinstance(found, Ed25519PrivateKey):
        raise KeyUnusable(f"{path} holds no Ed25519 private key in PEM; put the key back, blocks are not signed without it")
    return found


def public_keys(path: Path) -> frozenset[str]:
    """The public keys in a file: hex (what ``o2c audit key`` prints), one or several, or one PEM, public or private."""
    content = path.read_bytes()
    try:
        if b"PRIVATE KEY" in content:
            return frozenset({SealingKey(_private(path, content)).public})
        if b"PUBLIC KEY" in content:
            found = load_pem_public_key(content)
            if isinstance(found, Ed25519PublicKey):
                return frozenset({found.public_bytes(Encoding.Raw, PublicFormat.Raw).hex()})
    except ValueError:
        pass
    keys = frozenset(HEX_KEY.findall(content.decode("ascii", "replace").lower()))
    if not keys:
        raise KeyUnusable(f"{path} holds no Ed25519 key; give 64 hexadecimal digits or PEM")
    return keys


def signed(public: str, signature: str, message: bytes, trusted: Iterable[str] | None = None) -> bool:
    """Whether ``message`` carries the signature of ``public``, which must be one of ``trusted`` where those are named."""
    if trusted is not None and public not in trusted:
        return False
    try:
        Ed25519PublicKey.from_public_bytes(bytes.fromhex(public)).verify(bytes.fromhex(signature), message)
    except (InvalidSignature, ValueError):
        return False
    return True
