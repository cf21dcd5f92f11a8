"""The example in docs/evidence.md is what comes out: whoever writes another verifier may test it with these values."""

from __future__ import annotations

import re
from hashlib import sha256
from pathlib import Path

from makegood.evidence.head import read_head, sign_head
from makegood.evidence.leaf import fact_leaf, file_leaf, handle
from makegood.evidence.signing import SigningKey
from makegood.evidence.tree import Tree

TEXT = (Path(__file__).parents[2] / "docs" / "evidence.md").read_text(encoding="utf-8")
KEY = SigningKey.from_seed(bytes([1]) * 32)
ADA, SECOND, THIRD = (bytes(range(start, start + 16)) for start in (0x00, 0x10, 0x20))
AT = 1_770_000_000_000_000
BY = handle("Ada Lovelace", ADA)
ENTRIES = (
    file_leaf("hosting", "document/agreement", AT, BY, sha256(b"# Hosting\n").digest()),
    fact_leaf("M-17", "maintenance", AT + 1, BY, {"id": "M-17", "services": ["web"]}, SECOND),
    fact_leaf("M-18", "maintenance", AT + 2, BY, {"id": "M-18", "services": ["web"]}, THIRD),
)
LEAVES = [leaf.hash for leaf in ENTRIES]
TREE = Tree(lambda start, end: LEAVES[start:end])
HEAD = sign_head(KEY.public.log, 3, TREE.root(3), AT + 2, KEY)
VALUES = {
    "public key": KEY.public.raw.hex(),
    "log": KEY.public.log,
    "handle": BY,
    "leaf 0": ENTRIES[0].to_bytes().decode(),
    "leaf hash 0": LEAVES[0].hex(),
    "leaf 1": ENTRIES[1].to_bytes().decode(),
    "leaf hash 1": LEAVES[1].hex(),
    "leaf hash 2": LEAVES[2].hex(),
    "root of 2": TREE.root(2).hex(),
    "root of 3": TREE.root(3).hex(),
    "inclusion of 1 in 3": " ".join(step.hex() for step in TREE.inclusion(1, 3)),
    "consistency of 2 and 3": " ".join(step.hex() for step in TREE.consistency(2, 3)),
    "head": HEAD.to_bytes().decode(),
}


def test_the_example_is_what_comes_out() -> None:
    (block,) = re.findall(r"```text\n(public key:.*?)```", TEXT, re.DOTALL)
    assert dict(re.findall(r"^([a-z0-9 ]+):\n?\s+(.+)$", block, re.MULTILINE)) == VALUES
    assert read_head(VALUES["head"].encode()).verifies
