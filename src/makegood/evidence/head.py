"""Signed heads: the size and root of the log at an instant, which its key vouches for; and keys that follow keys.

A head that someone saved is a witness: a later head must extend it. The id of a log is the hash of its first key, so
whoever has saved one head knows the key that all later ones descend from: each new key is a fact in the log, signed by
the key before it, and the heads that cover that fact are signed by the new key.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from hashlib import sha256
from typing import Any

from makegood.evidence.canonical import INSTANT, Json, NotCanonical, canonical, fields, instant, read_canonical, whole
from makegood.evidence.signing import PublicKey, SigningKey
from makegood.model.spans import Instant

VERSION = 1
HEAD_CONTEXT = b"makegood.head/1\n"
KEY_CONTEXT = b"makegood.key/1\n"
"""What stands before the bytes that are signed, so that no signature can be used for something else."""

_LOG, _KEY, _HASH, _SIGNATURE = (re.compile(rf"[0-9a-f]{{{digits}}}") for digits in (32, 16, 64, 128))


@dataclass(frozen=True, slots=True)
class Head:
    """The log `log` had `size` entries under `root` (32 bytes) at the instant `at` (µs UTC); `key` is to sign it."""

    log: str
    size: int
    root: bytes
    at: Instant
    key: str

    def document(self) -> dict[str, Json]:
        """As the object whose canonical bytes are signed."""
        return {
            "at": str(self.at),
            "key": self.key,
            "log": self.log,
            "root": self.root.hex(),
            "size": self.size,
            "v": VERSION,
        }

    def to_bytes(self) -> bytes:
        """Its canonical bytes."""
        return canonical(self.document())


@dataclass(frozen=True, slots=True)
class SignedHead:
    """A head with the public key and the signature; `verifies` says whether they belong together."""

    head: Head
    public: bytes
    signature: bytes

    def document(self) -> dict[str, Json]:
        """As an object of JSON; its canonical bytes are the file that a counterparty saves."""
        return {"head": self.head.document(), "public": self.public.hex(), "signature": self.signature.hex()}

    def to_bytes(self) -> bytes:
        """As a file, in canonical JSON."""
        return canonical(self.document())

    @property
    def digest(self) -> bytes:
        """SHA-256 of that file: what a time stamp is on."""
        return sha256(self.to_bytes()).digest()

    @property
    def verifies(self) -> bool:
        """Whether the key has the id that the head names and signed it. Whose key it is, a chain of keys decides."""
        try:
            public = PublicKey(self.public)
        except ValueError:
            return False
        return public.id == self.head.key and public.verifies(HEAD_CONTEXT + self.head.to_bytes(), self.signature)


def sign_head(log: str, size: int, root: bytes, at: Instant, key: SigningKey) -> SignedHead:
    """The signed head of a log."""
    head = Head(log, size, root, at, key.public.id)
    return SignedHead(head, key.public.raw, key.sign(HEAD_CONTEXT + head.to_bytes()))


def read_head(raw: bytes) -> SignedHead:
    """The signed head of a file. Raises NotCanonical, with the reason. Its signature is not looked at yet."""
    return head_of(read_canonical(raw))


def head_of(value: Any) -> SignedHead:
    """The signed head that an object of JSON is. Raises NotCanonical, with the reason, for anything else."""
    found = fields(value, "a signed head", head=None, public=_HASH, signature=_SIGNATURE)
    head = fields(found["head"], "a head", at=INSTANT, key=_KEY, log=_LOG, root=_HASH, size=None, v=None)
    whole(head["v"], "v", VERSION, VERSION)
    size, at = whole(head["size"], "size"), instant(head["at"], "at")
    return SignedHead(
        Head(head["log"], size, bytes.fromhex(head["root"]), at, head["key"]),
        bytes.fromhex(found["public"]),
        bytes.fromhex(found["signature"]),
    )


def succession(log: str, new: PublicKey, old: SigningKey) -> dict[str, Json]:
    """The payload of the fact that puts a new key in place of the old one; its kind in the log is `key`.

    Heads that cover that fact must be signed by the new key, all earlier ones by the old.
    """
    said: dict[str, Json] = {"key": old.public.id, "log": log, "public": new.raw.hex(), "v": VERSION}
    return {**said, "signature": old.sign(KEY_CONTEXT + canonical(said)).hex()}


def successor(payload: Any, log: str, old: PublicKey) -> PublicKey:
    """The new key that such a payload brings in for this log, if the old key signed it.

    Raises NotCanonical with the reason why it does not.
    """
    said = fields(payload, "a change of keys", key=_KEY, log=_LOG, public=_HASH, signature=_SIGNATURE, v=None)
    whole(said["v"], "v", VERSION, VERSION)
    signed = canonical({name: value for name, value in said.items() if name != "signature"})
    if said["log"] != log or said["key"] != old.id:
        raise NotCanonical("the change of keys is of another log, or follows another key")
    if not old.verifies(KEY_CONTEXT + signed, bytes.fromhex(said["signature"])):
        raise NotCanonical("the key before did not sign the change of keys")
    try:
        return PublicKey(bytes.fromhex(said["public"]))
    except ValueError as problem:
        raise NotCanonical(str(problem)) from None
