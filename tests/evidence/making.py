"""A small log with everything in it, made anew for each test that spoils a part of it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cache, cached_property
from hashlib import sha256
from typing import Any

from makegood.app.judging import judge, open_docket
from makegood.app.starting import STARTER
from makegood.evidence.bundle import (
    Author,
    Contents,
    Enclosed,
    Entry,
    Extends,
    Payload,
    extending,
    proven,
    write_bundle,
)
from makegood.evidence.canonical import Json
from makegood.evidence.head import SignedHead, sign_head, succession
from makegood.evidence.leaf import Leaf, fact_leaf, file_leaf, handle
from makegood.evidence.signing import SigningKey
from makegood.evidence.tree import Tree, root_of
from makegood.render.document import statements_json

FIRST, SECOND, STRANGER = (SigningKey.from_seed(bytes([i]) * 32) for i in (1, 2, 3))
LOG = FIRST.public.log
AT = 1_772_500_000_000_000
AGREEMENT = b"---\nagreement: hosting\n---\n\n# Hosting\n"
ORDER = b"order: acme\n"
SEGMENT = b"PAR1 a day PAR1"
EMPTY = b'{"format":"makegood.statements/1","not_applicable":[],"statements":[]}'
ADA = Author("Ada Lovelace", bytes(range(16)))
BY = handle(ADA.name, ADA.salt)


def salt(of: str) -> bytes:
    return sha256(of.encode()).digest()[:16]


@cache
def starter() -> tuple[bytes, bytes, bytes]:
    """The agreement and the order that `init` writes, and what `evaluate` says of them as JSON."""
    texts = [(STARTER / name).read_bytes() for name in ("hosting.sla.md", "acme.order.yaml")]
    docket = open_docket(STARTER / "hosting.sla.md", STARTER / "acme.order.yaml", STARTER / "facts")
    answer = judge(docket, "2026-02", AT)
    return texts[0], texts[1], statements_json(answer.statements, answer.not_applicable).encode()


@dataclass(frozen=True)
class Logged:
    """An entry before it is proven."""

    leaf: Leaf
    opened: Payload | Enclosed | None = None


def fact(name: str, kind: str = "maintenance", payload: Json = None, erased: bool = False) -> Logged:
    said: Json = {"id": name, "services": ["web"]} if payload is None else payload
    leaf = fact_leaf(name, kind, AT, BY, said, salt(name))
    return Logged(leaf, None if erased else Payload(said, salt(name)))


def file(name: str, kind: str, content: bytes, at: str = "") -> Logged:
    leaf = file_leaf(name, kind, AT, BY, sha256(content).digest())
    return Logged(leaf, Enclosed(at) if at else None)


ENTRIES = (
    fact("other"),
    file("hosting", "document/agreement", AGREEMENT, "documents/hosting.sla.md"),
    file("acme", "document/order", ORDER, "documents/acme.order.yaml"),
    fact("M-17"),
    fact("N-1", "notice", {"to": "ada@example.com"}, erased=True),
    fact("key-2", "key", succession(LOG, SECOND.public, FIRST)),
    file("web/2026-02-08", "segment", SEGMENT),
    file("web/2026-02-09", "segment", SEGMENT * 2, "evidence/2026-02-09.parquet"),
    fact("last"),
)
CHANGED_AT = 5
FILES = {
    "documents/hosting.sla.md": AGREEMENT,
    "documents/acme.order.yaml": ORDER,
    "evidence/2026-02-09.parquet": SEGMENT * 2,
}


@dataclass(frozen=True)
class World:
    """A log, and which parts of it a bundle shows."""

    entries: Sequence[Logged] = ENTRIES
    statement: bytes = EMPTY
    shown: Sequence[int] = (1, 2, 3, 4, 5, 6, 7)
    extends: Sequence[int] = (4,)
    files: Mapping[str, bytes] = field(default_factory=lambda: dict(FILES))
    key: SigningKey = SECOND
    first: SigningKey = FIRST

    @cached_property
    def leaves(self) -> list[bytes]:
        return [entry.leaf.hash for entry in self.entries]

    @cached_property
    def tree(self) -> Tree:
        return Tree(lambda start, end: self.leaves[start:end])

    @property
    def size(self) -> int:
        return len(self.entries)

    def head(self, size: int | None = None, key: SigningKey | None = None, log: str = LOG) -> SignedHead:
        size = self.size if size is None else size
        key = key or (self.key if size > CHANGED_AT else FIRST)
        return sign_head(log, size, root_of(self.leaves[:size]), AT + size, key)

    def proven(self, position: int) -> Entry:
        logged = self.entries[position]
        return proven(self.tree, self.size, position, logged.leaf, logged.opened)

    def extension(self, size: int) -> Extends:
        return extending(self.tree, size, self.size)

    def contents(self) -> Contents:
        return Contents(
            self.head(),
            self.first.public.raw,
            self.statement,
            [self.proven(position) for position in self.shown],
            self.files,
            [self.extension(size) for size in self.extends],
            [ADA],
        )

    def bundle(self, change: Callable[[Contents], Contents] = lambda contents: contents) -> bytes:
        return write_bundle(change(self.contents()), self.key)


def real(**changes: Any) -> World:
    """A log that holds what the starter's statement rests on."""
    agreement, order, statement = starter()
    entries = list(ENTRIES)
    entries[1] = file("hosting", "document/agreement", agreement, "documents/hosting.sla.md")
    entries[2] = file("acme", "document/order", order, "documents/acme.order.yaml")
    files = {**FILES, "documents/hosting.sla.md": agreement, "documents/acme.order.yaml": order}
    return replace(World(entries, statement, files=files), **changes)
