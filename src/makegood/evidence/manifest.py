"""A bundle's manifest and a proof's file as values, read strictly: exactly the fields there are, each in its form."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from makegood.evidence.archive import NAME
from makegood.evidence.bundle import FORMAT, PROOF_FORMAT, Author, Enclosed, Entry, Extends, Payload
from makegood.evidence.canonical import ANY, NotCanonical, fields, read_canonical, whole
from makegood.evidence.head import SignedHead, head_of
from makegood.evidence.leaf import leaf_of

_HASH, _SALT = re.compile(r"[0-9a-f]{64}"), re.compile(r"[0-9a-f]{32}")
_BYTES = re.compile(r"([0-9a-f]{2})+")
_MOST_STEPS = 64
"""Of a proof: a log of 2^53 entries needs 53."""


@dataclass(frozen=True, slots=True)
class OfTheLog:
    """What a manifest and a proof's file have in common. `first` is the log's first public key, 32 raw bytes."""

    first: bytes
    entries: tuple[Entry, ...]
    extends: tuple[Extends, ...]


@dataclass(frozen=True, slots=True)
class Listed:
    """A file of a bundle by its size in bytes and its SHA-256 (32 bytes)."""

    size: int
    sha256: bytes


@dataclass(frozen=True, slots=True)
class Manifest:
    """A bundle's manifest. `authors` are by their handles, `files` by their names."""

    log: OfTheLog
    files: Mapping[str, Listed]
    authors: Mapping[str, Author]


def read_manifest(raw: bytes) -> Manifest:
    """The manifest of its bytes. Raises NotCanonical, with the reason."""
    value = read_canonical(raw)
    found = fields(value, "a manifest", authors=None, entries=None, extends=None, files=None, first=_HASH, format=None)
    if found["format"] != FORMAT:
        raise NotCanonical(f"the format is not {FORMAT}, the only one known here")
    return Manifest(_of_the_log(found), _files(found["files"]), _authors(found["authors"]))


@dataclass(frozen=True, slots=True)
class Proof:
    """A proof's file: a head, what it shows of the log under it, and replies of time-stamping authorities about it."""

    head: SignedHead
    log: OfTheLog
    stamps: tuple[bytes, ...]


def read_proof(raw: bytes) -> Proof:
    """What `write_proof` wrote. Raises NotCanonical, with the reason."""
    value = read_canonical(raw)
    found = fields(value, "a proof", entries=None, extends=None, first=_HASH, format=None, head=None, stamps=None)
    if found["format"] != PROOF_FORMAT:
        raise NotCanonical(f"the format is not {PROOF_FORMAT}, the only one known here")
    log = _of_the_log(found)
    if any(isinstance(entry.opened, Enclosed) for entry in log.entries):
        raise NotCanonical("a proof carries no files: an entry of one shows its hash alone")
    stamps = _list(found["stamps"], "stamps")
    if not all(isinstance(reply, str) and _BYTES.fullmatch(reply) for reply in stamps):
        raise NotCanonical("the stamps are bytes in hexadecimal")
    if any(b <= a for a, b in pairwise(stamps)):
        raise NotCanonical("the stamps are not in order, each once")
    return Proof(head_of(found["head"]), log, tuple(bytes.fromhex(reply) for reply in stamps))


def _of_the_log(found: Mapping[str, Any]) -> OfTheLog:
    entries = [_entry(value) for value in _list(found["entries"], "entries")]
    extends = [_extends(value) for value in _list(found["extends"], "extends")]
    _rising([entry.position for entry in entries], "entries")
    _rising([one.size for one in extends], "extends")
    return OfTheLog(bytes.fromhex(found["first"]), tuple(entries), tuple(extends))


def _entry(value: Any) -> Entry:
    found = fields(value, "an entry", leaf=None, opened=None, position=None, proof=None)
    leaf = leaf_of(found["leaf"])
    opened: Payload | Enclosed | None = None
    if found["opened"] is not None and leaf.of_a_file:
        opened = Enclosed(fields(found["opened"], "an entry's file", file=NAME)["file"])
    elif found["opened"] is not None:
        said = fields(found["opened"], "an entry's payload", payload=None, salt=_SALT)
        opened = Payload(said["payload"], bytes.fromhex(said["salt"]))
    return Entry(whole(found["position"], "position"), leaf, _proof(found["proof"]), opened)


def _extends(value: Any) -> Extends:
    found = fields(value, "an extension", proof=None, root=_HASH, size=None)
    return Extends(whole(found["size"], "size", 1), bytes.fromhex(found["root"]), _proof(found["proof"]))


def _proof(value: Any) -> tuple[bytes, ...]:
    steps = _list(value, "proof")
    if len(steps) > _MOST_STEPS or not all(isinstance(step, str) and _HASH.fullmatch(step) for step in steps):
        raise NotCanonical("a proof is a list of at most 64 hashes")
    return tuple(bytes.fromhex(step) for step in steps)


def _files(value: Any) -> dict[str, Listed]:
    found: dict[str, Listed] = {}
    for item in _list(value, "files"):
        one = fields(item, "a file", name=NAME, sha256=_HASH, size=None)
        if found and one["name"] <= next(reversed(found)):
            raise NotCanonical("the files are not in the order of their names, each once")
        found[one["name"]] = Listed(whole(one["size"], "size"), bytes.fromhex(one["sha256"]))
    return found


def _authors(value: Any) -> dict[str, Author]:
    found: dict[str, Author] = {}
    for item in _list(value, "authors"):
        one = fields(item, "an author", handle=_SALT, name=ANY, salt=_SALT)
        if found and one["handle"] <= next(reversed(found)):
            raise NotCanonical("the authors are not in the order of their handles, each once")
        found[one["handle"]] = Author(one["name"], bytes.fromhex(one["salt"]))
    return found


def _list(value: Any, name: str) -> Sequence[Any]:
    if not isinstance(value, list):
        raise NotCanonical(f"`{name}` is no list")
    return value


def _rising(numbers: Sequence[int], name: str) -> None:
    if any(b <= a for a, b in pairwise(numbers)):
        raise NotCanonical(f"the {name} are not in order, each once")
