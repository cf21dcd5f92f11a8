"""A leaf commits to a payload or a file and shows neither; erasing keeps its proof."""

from __future__ import annotations

from hashlib import sha256
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from makegood.evidence.canonical import NotCanonical, canonical
from makegood.evidence.leaf import Leaf, commitment, fact_leaf, file_leaf, handle, leaf_of, new_salt, read_leaf
from makegood.evidence.tree import Frontier, Tree, included

SALT = bytes(range(16))
PAYLOAD = {"services": ["shop"], "title": "Move of the database"}


def test_a_leaf_is_written_as_documented() -> None:
    leaf = fact_leaf("work-1", "maintenance", 1_770_000_000_000_000, "a" * 32, PAYLOAD, SALT)
    commit = sha256(SALT + b'{"services":["shop"],"title":"Move of the database"}').hexdigest()
    assert leaf.to_bytes().decode() == (
        f'{{"at":"1770000000000000","by":"{"a" * 32}","commit":"{commit}","id":"work-1","kind":"maintenance","v":1}}'
    )
    assert leaf.hash == sha256(b"\0" + leaf.to_bytes()).digest()
    assert read_leaf(leaf.to_bytes()) == leaf
    assert not leaf.of_a_file


def test_a_file_is_committed_to_by_its_hash() -> None:
    leaf = file_leaf("hosting", "document/agreement", 0, "", sha256(b"text").digest())
    assert leaf.of_a_file
    assert leaf.commit == sha256(b"text").digest()
    with pytest.raises(ValueError, match="no kind of file"):
        file_leaf("hosting", "maintenance", 0, "", bytes(32))
    with pytest.raises(ValueError, match="is a kind of file"):
        fact_leaf("hosting", "segment", 0, "", {}, SALT)


def test_an_erased_fact_keeps_its_proof_and_cannot_be_guessed() -> None:
    leaves = [fact_leaf(f"f{i}", "cause", i, "", {"name": "Ada"}, new_salt()) for i in range(5)]
    hashes = [leaf.hash for leaf in leaves]
    tree = Tree(lambda start, end: hashes[start:end])
    kept = read_leaf(leaves[3].to_bytes())  # all that is left after payload and salt are erased
    assert included(3, 5, kept.hash, tree.inclusion(3, 5), Frontier().extended(hashes).root)
    assert b"Ada" not in leaves[3].to_bytes()
    assert kept.commit not in (
        sha256(canonical({"name": "Ada"})).digest(),
        commitment(SALT, canonical({"name": "Ada"})),
    )
    assert len({leaf.commit for leaf in leaves}) == 5


def test_a_salt_of_another_length_is_refused() -> None:
    """Else the end of a salt could be read as the start of a payload."""
    for salt in (b"", SALT[:15], SALT + b"{"):
        with pytest.raises(ValueError, match="16 bytes"):
            commitment(salt, b"{}")


def test_an_author_has_one_handle_under_one_salt() -> None:
    assert handle("Ada", SALT) == handle("Ada", SALT) == sha256(SALT + b'"Ada"').hexdigest()[:32]
    assert len({handle("Ada", SALT), handle("Bob", SALT), handle("Ada", SALT[::-1])}) == 3


GOOD = Leaf("x", "cause", 5, "ada", bytes(32)).document()


@pytest.mark.parametrize(
    "change",
    [
        {"v": 2},
        {"v": True},
        {"v": "1"},
        {"at": 5},
        {"at": "05"},
        {"at": "-0"},
        {"at": "9223372036854775808"},
        {"at": ""},
        {"at": "٣"},
        {"commit": "0" * 63},
        {"commit": "A" * 64},
        {"commit": "0" * 64 + "\n"},
        {"kind": ""},
        {"kind": None},
        {"by": None},
        {"id": ["x"]},
        {"more": ""},
    ],
    ids=str,
)
def test_what_is_almost_a_leaf_is_refused(change: dict[str, Any]) -> None:
    assert leaf_of(GOOD) == Leaf("x", "cause", 5, "ada", bytes(32))
    with pytest.raises(NotCanonical):
        leaf_of({**GOOD, **change})
    for name in GOOD:
        with pytest.raises(NotCanonical):
            leaf_of({key: value for key, value in GOOD.items() if key != name})


@given(
    st.builds(
        Leaf,
        st.text(st.characters(exclude_categories=["Cs"])),
        st.text(st.characters(exclude_categories=["Cs"]), min_size=1),
        st.integers(-(2**63), 2**63 - 1),
        st.text(st.characters(exclude_categories=["Cs"])),
        st.binary(min_size=32, max_size=32),
    )
)
def test_every_leaf_reads_back(leaf: Leaf) -> None:
    assert read_leaf(leaf.to_bytes()) == leaf
