"""Ed25519 (RFC 8032): keys in files, signatures, and the strict verification on which every verifier here agrees.

A public key is taken only in its one encoding and only when it is no point of small order; the second half of a
signature must be below the order of the group; and the equation is the one without the cofactor. So one message has one
signature under a key, and no key signs for everything.
"""

from __future__ import annotations

import os
import stat
from contextlib import suppress
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_pem_private_key,
    load_pem_public_key,
)

from makegood.model.problem import Place, Refused, error

RAW, SIGNATURE = 32, 64
"""Bytes of a public key and of a signature."""

_P = 2**255 - 19
_EIGHTH = 0x5FC536D880238B13933C6D305ACDFD5F098EFF289F4C345B027B2C28F95E826
_SMALL_ORDER = frozenset((0, 1, _P - 1, _EIGHTH, _P - _EIGHTH))
"""The second coordinates of the eight points whose order divides eight: a signature under such a key proves nothing."""


@dataclass(frozen=True, slots=True)
class PublicKey:
    """A key that others verify with: 32 raw bytes. Raises ValueError for bytes that are no sound key."""

    raw: bytes

    def __post_init__(self) -> None:
        if len(self.raw) != RAW:
            raise ValueError(f"a public key has {RAW} bytes, not {len(self.raw)}")
        y = int.from_bytes(self.raw, "little") & (2**255 - 1)
        if y >= _P or y in _SMALL_ORDER:
            raise ValueError("the public key is a point of small order, or not written in its one encoding")

    @property
    def id(self) -> str:
        """What names the key: 16 hexadecimal digits of SHA-256. Names are not proof; a verifier compares the key."""
        return sha256(self.raw).hexdigest()[:16]

    @property
    def fingerprint(self) -> str:
        """SHA-256 of the key, 64 hexadecimal digits, by which people compare keys; `id` is how it begins."""
        return sha256(self.raw).hexdigest()

    @property
    def log(self) -> str:
        """The id of the log whose first key this is: 32 hexadecimal digits of SHA-256."""
        return sha256(self.raw).hexdigest()[:32]

    @property
    def pem(self) -> bytes:
        """As a file of PEM (SubjectPublicKeyInfo, RFC 8410)."""
        return _loaded(self.raw).public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)

    def verifies(self, message: bytes, signature: bytes) -> bool:
        """Whether the signature is the key's of this message."""
        if len(signature) != SIGNATURE:
            return False
        try:
            _loaded(self.raw).verify(signature, message)
        except (InvalidSignature, ValueError):
            return False
        return True


class SigningKey:
    """A key that signs. It is never shown; whoever prints it sees its public half."""

    __slots__ = ("_key", "public")
    public: PublicKey

    def __init__(self, key: Ed25519PrivateKey) -> None:
        self._key = key
        self.public = PublicKey(key.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw))

    @classmethod
    def make(cls) -> SigningKey:
        """A new random key."""
        return cls(Ed25519PrivateKey.generate())

    @classmethod
    def from_seed(cls, seed: bytes) -> SigningKey:
        """The key of 32 secret bytes. Raises ValueError for another length."""
        return cls(Ed25519PrivateKey.from_private_bytes(seed))

    def sign(self, message: bytes) -> bytes:
        """The 64 bytes of the signature; the same for the same message."""
        return self._key.sign(message)

    def pem(self, password: bytes | None = None) -> bytes:
        """The secret as PEM (PKCS #8), encrypted where there is a password. For `write_key` and for backups only."""
        from cryptography.hazmat.primitives.serialization import BestAvailableEncryption

        hidden = NoEncryption() if password is None else BestAvailableEncryption(password)
        return self._key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, hidden)

    def __repr__(self) -> str:
        return f"SigningKey(public={self.public.id})"


def write_key(path: Path, key: SigningKey) -> None:
    """Write a secret key that only its owner can read (mode 0600), durably. Raises Refused; never replaces a file."""
    _write_new(path, key.pem(), 0o600)


def write_public(path: Path, key: PublicKey) -> None:
    """Write a public key for others. Raises Refused; never replaces a file."""
    _write_new(path, key.pem, 0o644)


def read_key(path: Path) -> SigningKey:
    """The secret key of a file. Raises Refused where it cannot be read, or where others can read or change it."""
    raw = _read(path)
    if os.name == "posix" and (mode := stat.S_IMODE(path.stat().st_mode)) & 0o027:
        raise _refused(
            path,
            f"others can read or change this secret key (mode {mode:04o})",
            "whoever reads it can sign in your name",
            "chmod 600 it; if others may have seen it, put a new key in its place",
        )
    try:
        key = load_pem_private_key(raw, None)
    except TypeError:
        raise _refused(path, "the key is encrypted", hint="decrypt it first: openssl pkey -in FILE -out FILE") from None
    except (ValueError, UnsupportedAlgorithm):
        raise _refused(path, "this is no secret key in PEM") from None
    if not isinstance(key, Ed25519PrivateKey):
        raise _refused(path, "this is no Ed25519 key")
    return SigningKey(key)


def read_public(path: Path) -> PublicKey:
    """The public key of a file. Raises Refused where it cannot be read or is no sound one."""
    raw = _read(path)
    try:
        key = load_pem_public_key(raw)
    except (ValueError, UnsupportedAlgorithm):
        hint = "the secret key was given: name the public one" if b"PRIVATE KEY" in raw else ""
        raise _refused(path, "this is no public key in PEM", hint=hint) from None
    if not isinstance(key, Ed25519PublicKey):
        raise _refused(path, "this is no Ed25519 key")
    try:
        return PublicKey(key.public_bytes(Encoding.Raw, PublicFormat.Raw))
    except ValueError as problem:
        raise _refused(path, str(problem), "every signature could be made to fit it") from None


def _loaded(raw: bytes) -> Ed25519PublicKey:
    return Ed25519PublicKey.from_public_bytes(raw)


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as failure:
        raise _refused(path, f"cannot be read: {(failure.strerror or str(failure)).lower()}") from None


def _write_new(path: Path, raw: bytes, mode: int) -> None:
    try:
        file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode)
    except FileExistsError:
        why = "a key that is lost cannot be made again"
        raise _refused(path, "there is a file already, and a key never replaces one", why, "name another") from None
    except OSError as failure:
        raise _refused(path, f"cannot be written: {(failure.strerror or str(failure)).lower()}") from None
    try:
        with open(file, "wb") as out:  # noqa: PTH123 -- of an open descriptor
            out.write(raw)
            out.flush()
            os.fsync(out.fileno())
        _settle(path.parent)
    except OSError as failure:
        with suppress(OSError):
            path.unlink()
        raise _refused(path, f"cannot be written: {(failure.strerror or str(failure)).lower()}") from None


def _settle(folder: Path) -> None:
    """Make the folder's entry of a new file durable, where the system lets a folder be opened."""
    if os.name != "posix":
        return
    opened = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(opened)
    finally:
        os.close(opened)


def _refused(path: Path, what: str, why: str = "", hint: str = "") -> Refused:
    return Refused([error("key", Place(str(path)), what, why, hint)])
