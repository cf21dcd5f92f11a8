"""What the log commits to: one leaf for each entry, of canonical bytes that hold no payload and no person's name.

A fact's leaf commits to its payload under a random salt. Where payload and salt are erased, the leaf and every proof
stay good, and nobody can find out by trying what had stood there. A file's leaf (a document, a batch of observations, a
sealed segment) commits to its bytes. `by` should be the handle of an author (see `handle`), so that a name can be
erased as well.
"""

from __future__ import annotations

import re
import secrets
from dataclasses import dataclass
from hashlib import sha256
from typing import Any

from makegood.evidence.canonical import ANY, INSTANT, SOME, Json, canonical, fields, instant, read_canonical, whole
from makegood.evidence.tree import leaf_hash
from makegood.model.spans import Instant

VERSION = 1
SALT = 16
"""Bytes of a salt: too many to try."""

FILES = frozenset(("document", "batch", "segment"))
"""Kinds whose leaf commits to the bytes of a file; every other kind is a fact's, with payload and salt."""

KEY = "key"
"""The kind of the fact that puts a new signing key in place of the last."""

_HEX = re.compile(r"[0-9a-f]{64}")


@dataclass(frozen=True, slots=True)
class Leaf:
    """One entry: `id` and `kind` of what was recorded, `at` which instant (µs UTC), `by` whom, and the commitment.

    `commit` is 32 bytes. `kind` may say more after a stroke: `document/agreement`.
    """

    id: str
    kind: str
    at: Instant
    by: str
    commit: bytes

    @property
    def of_a_file(self) -> bool:
        """Whether the commitment is the hash of a file's bytes, not of a salted payload."""
        return self.kind.partition("/")[0] in FILES

    def document(self) -> dict[str, Json]:
        """As the object whose canonical bytes are the leaf."""
        return {
            "at": str(self.at),
            "by": self.by,
            "commit": self.commit.hex(),
            "id": self.id,
            "kind": self.kind,
            "v": VERSION,
        }

    def to_bytes(self) -> bytes:
        """The leaf's canonical bytes. Raises NotCanonical for half a surrogate pair in a text."""
        return canonical(self.document())

    @property
    def hash(self) -> bytes:
        """The tree's leaf hash."""
        return leaf_hash(self.to_bytes())


def read_leaf(raw: bytes) -> Leaf:
    """The leaf of its canonical bytes. Raises NotCanonical for anything else."""
    return leaf_of(read_canonical(raw))


def leaf_of(value: Any) -> Leaf:
    """The leaf that an object of JSON is. Raises NotCanonical, with the reason, for anything else."""
    found = fields(value, "a leaf", at=INSTANT, by=ANY, commit=_HEX, id=ANY, kind=SOME, v=None)
    whole(found["v"], "v", VERSION, VERSION)
    return Leaf(found["id"], found["kind"], instant(found["at"], "at"), found["by"], bytes.fromhex(found["commit"]))


def fact_leaf(fact: str, kind: str, at: Instant, by: str, payload: Json, salt: bytes) -> Leaf:
    """The leaf of a fact. Raises ValueError for a kind of file or a salt of another length."""
    if kind.partition("/")[0] in FILES:
        raise ValueError(f"{kind} is a kind of file")
    return Leaf(fact, kind, at, by, commitment(salt, canonical(payload)))


def file_leaf(file: str, kind: str, at: Instant, by: str, digest: bytes) -> Leaf:
    """The leaf of a document, batch or segment with this SHA-256. Raises ValueError for another kind."""
    if kind.partition("/")[0] not in FILES or len(digest) != sha256().digest_size:
        raise ValueError(f"{kind} is no kind of file, or {len(digest)} bytes are no SHA-256")
    return Leaf(file, kind, at, by, digest)


def commitment(salt: bytes, payload: bytes) -> bytes:
    """What a fact's leaf commits to: SHA-256 over the salt and the payload's canonical bytes.

    Raises ValueError for a salt of another length, under which the border between the two would be open.
    """
    if len(salt) != SALT:
        raise ValueError(f"a salt has {SALT} bytes, not {len(salt)}")
    return sha256(salt + payload).digest()


def new_salt() -> bytes:
    """A random salt; each fact and each author has one of its own."""
    return secrets.token_bytes(SALT)


def handle(name: str, salt: bytes) -> str:
    """What stands for an author in leaves, 32 hexadecimal digits: the same for all entries of one author.

    Where name and salt are erased, the entries still share an author, and nobody can find out whom.
    """
    return commitment(salt, canonical(name)).hex()[:32]
