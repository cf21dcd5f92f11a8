"""An evidence bundle: one file from which a counterparty checks a statement, without us and without a network.

`Contents` is what goes in, filled from the store; `write_bundle` makes the file: the same contents and key give the
same bytes. What each part must be is said in `docs/evidence.md`, and `checking` holds a bundle to it.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from hashlib import sha256
from importlib import resources

from makegood.evidence.archive import write_archive
from makegood.evidence.canonical import Json, canonical
from makegood.evidence.head import SignedHead
from makegood.evidence.leaf import Leaf, handle
from makegood.evidence.signing import PublicKey, SigningKey
from makegood.evidence.tree import Tree

FORMAT, PROOF_FORMAT = "makegood.bundle/1", "makegood.proof/1"
MANIFEST, SIGNATURE, HEAD, STATEMENT, VERIFIER = (
    "manifest.json",
    "manifest.sig",
    "head.json",
    "statement.json",
    "verify.py",
)
LOGGED = ("documents/", "evidence/")
"""Folders of files that the log commits to: each file in them is opened by an entry."""
STAMPS = "stamps/"
"""Replies of time-stamping authorities (RFC 3161) about head.json."""
BUNDLE_CONTEXT = b"makegood.bundle/1\n"
"""What stands before the manifest where it is signed."""


@dataclass(frozen=True, slots=True)
class Payload:
    """What a fact's leaf commits to: its payload and the salt."""

    value: Json
    salt: bytes


@dataclass(frozen=True, slots=True)
class Enclosed:
    """A file of the bundle whose hash a leaf commits to, by its name there, such as `documents/hosting.sla.md`."""

    name: str


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry of the log with the proof that it is under the head.

    `opened` is what its leaf commits to; None where the payload was erased, or where a file is known by its hash only.
    """

    position: int
    leaf: Leaf
    proof: tuple[bytes, ...]
    opened: Payload | Enclosed | None = None


@dataclass(frozen=True, slots=True)
class Extends:
    """The proof that the head extends the log as it was with `size` entries under `root`."""

    size: int
    root: bytes
    proof: tuple[bytes, ...]


@dataclass(frozen=True, slots=True)
class Author:
    """Who stands behind a handle in leaves; left out of a bundle where the name was erased."""

    name: str
    salt: bytes


@dataclass(frozen=True, slots=True)
class Contents:
    """What a bundle holds. `first` is the log's first public key, raw; `statement` is what `evaluate` writes as JSON.

    `files` are by their names in the bundle, in `documents/`, `evidence/` and `stamps/` (see `name_in_bundle`). The
    facts that changed the log's key are among the entries. Everything may be in any order.
    """

    head: SignedHead
    first: bytes
    statement: bytes
    entries: Sequence[Entry]
    files: Mapping[str, bytes] = field(default_factory=dict)
    extends: Sequence[Extends] = ()
    authors: Sequence[Author] = ()


def proven(tree: Tree, size: int, position: int, leaf: Leaf, opened: Payload | Enclosed | None = None) -> Entry:
    """An entry with its proof for a head of `size`. Raises ValueError for a position outside it."""
    return Entry(position, leaf, tuple(tree.inclusion(position, size)), opened)


def extending(tree: Tree, old: int, new: int) -> Extends:
    """The proof from an earlier size of the log. Raises ValueError where that is larger."""
    return Extends(old, tree.root(old), tuple(tree.consistency(old, new)))


def name_in_bundle(folder: str, name: str, taken: Mapping[str, object]) -> str:
    """A name for a file in `documents/` and the like that resembles its own, and that no other has."""
    words = re.findall(r"[a-z0-9]+(?:[._-][a-z0-9]+)*", name.rpartition("/")[2].lower())
    stem, dot, ending = ("-".join(words)[:80].strip("-._") or "file").partition(".")
    names = (f"{folder}{stem}{f'-{again}' if again > 1 else ''}{dot}{ending}" for again in range(1, len(taken) + 2))
    return next(name for name in names if name not in taken)


def write_bundle(contents: Contents, key: SigningKey) -> bytes:
    """The bundle as bytes. `key` is the log's present one, which signed the head.

    Raises ValueError where the key is another, and NoArchive for names and sizes that no bundle can hold. That the
    contents are right is not checked here: whoever makes a bundle checks it, as its reader will.
    """
    if key.public.raw != contents.head.public:
        raise ValueError("the key that signs a bundle is the one that signed its head")
    files = {
        **contents.files,
        HEAD: contents.head.to_bytes(),
        STATEMENT: contents.statement,
        VERIFIER: verifier(),
    }
    ordered = {name: files[name] for name in sorted(files)}
    manifest = canonical(_manifest(contents, ordered))
    signature = key.sign(BUNDLE_CONTEXT + manifest)
    return write_archive({MANIFEST: manifest, SIGNATURE: signature, **ordered})


def write_proof(
    head: SignedHead,
    first: PublicKey,
    extends: Sequence[Extends] = (),
    entries: Sequence[Entry] = (),
    stamps: Collection[bytes] = (),
) -> bytes:
    """A file that proves that entries are under a head, and that the log of that head was only extended.

    The entries that changed the log's key up to the head are among them; a file that a leaf commits to is known by its
    hash alone. `stamps` are replies of authorities about the head's bytes.
    """
    said = _of_the_log(first.raw, extends, entries)
    replies: list[Json] = [reply.hex() for reply in sorted(set(stamps))]
    return canonical({"format": PROOF_FORMAT, "head": head.document(), "stamps": replies, **said})


def verifier() -> bytes:
    """The verifier that stands alone, as each bundle carries it."""
    return resources.files("makegood.evidence").joinpath("verify_alone.py").read_bytes()


def _manifest(contents: Contents, files: Mapping[str, bytes]) -> dict[str, Json]:
    return {
        "authors": list(_authors(contents.authors)),
        "files": [
            {"name": name, "sha256": sha256(content).hexdigest(), "size": len(content)}
            for name, content in files.items()
        ],
        "format": FORMAT,
        **_of_the_log(contents.first, contents.extends, contents.entries),
    }


def _authors(authors: Sequence[Author]) -> Iterator[Json]:
    by_handle = {handle(author.name, author.salt): author for author in authors}
    for known in sorted(by_handle):
        yield {"handle": known, "name": by_handle[known].name, "salt": by_handle[known].salt.hex()}


def _of_the_log(first: bytes, extends: Sequence[Extends], entries: Sequence[Entry]) -> dict[str, Json]:
    return {
        "entries": [_entry(entry) for entry in sorted(entries, key=lambda entry: entry.position)],
        "extends": [
            {"proof": _hexes(one.proof), "root": one.root.hex(), "size": one.size}
            for one in sorted(extends, key=lambda one: one.size)
        ],
        "first": first.hex(),
    }


def _entry(entry: Entry) -> Json:
    opened: Json = None
    if isinstance(entry.opened, Payload):
        opened = {"payload": entry.opened.value, "salt": entry.opened.salt.hex()}
    elif entry.opened is not None:
        opened = {"file": entry.opened.name}
    return {
        "leaf": entry.leaf.document(),
        "opened": opened,
        "position": entry.position,
        "proof": _hexes(entry.proof),
    }


def _hexes(proof: Sequence[bytes]) -> list[Json]:
    return [step.hex() for step in proof]
