"""Roots and proofs are those of the RFC, and a proof shows nothing but what it was made for."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from hashlib import sha256

import pytest
from hypothesis import given
from hypothesis import strategies as st

from makegood.evidence.tree import EMPTY, Frontier, Tree, consistent, included, leaf_hash, node_hash, root_of
from tests.evidence import merkle

MOST = 70
ENTRIES = [b"entry %d" % i for i in range(MOST)]
LEAVES = [leaf_hash(entry) for entry in ENTRIES]
ROOTS = [merkle.mth(ENTRIES[:n]) for n in range(MOST + 1)]

CT = [bytes.fromhex(text) for text in ("", "00", "10", "2021", "3031", "40414243", "5051525354555657")]
CT.append(bytes.fromhex("606162636465666768696a6b6c6d6e6f"))
CT_ROOTS = [
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
]
A, B, C = (
    "96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7",
    "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
    "6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4",
)
D, E, F = (
    "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b",
    "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0",
    "0ebc5d3437fbe2db158b9f126a1d118e308181031d0a949f8dededebc558ef6a",
)
CT_INCLUSION = [
    (0, 1, []),
    (0, 8, [A, B, C]),
    (5, 8, [D, E, CT_ROOTS[3]]),
    (2, 3, [CT_ROOTS[1]]),
    (1, 5, [CT_ROOTS[0], B, D]),
]
CT_CONSISTENCY = [(1, 1, []), (1, 8, [A, B, C]), (6, 8, [F, E, CT_ROOTS[3]]), (2, 5, [B, D])]


def tree(leaves: Sequence[bytes], complete: Callable[[int, int], bytes | None] | None = None) -> Tree:
    return Tree(lambda start, end: leaves[start:end], complete)


def hexes(proof: Sequence[bytes]) -> list[str]:
    return [step.hex() for step in proof]


def test_the_hashes_are_those_published_for_certificate_transparency() -> None:
    leaves = [leaf_hash(entry) for entry in CT]
    assert EMPTY.hex() == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
    assert [root_of(leaves[:n]).hex() for n in range(1, 9)] == CT_ROOTS
    for position, size, expected in CT_INCLUSION:
        proof = tree(leaves).inclusion(position, size)
        assert hexes(proof) == expected
        assert included(position, size, leaves[position], proof, root_of(leaves[:size]))
    for old, new, expected in CT_CONSISTENCY:
        proof = tree(leaves).consistency(old, new)
        assert hexes(proof) == expected
        assert consistent(old, new, root_of(leaves[:old]), root_of(leaves[:new]), proof)


@pytest.mark.parametrize("read_at_once", [0, 2, 10])
def test_every_root_and_proof_up_to_seventy_is_the_rfcs(read_at_once: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Tree, "READ_AT_ONCE", read_at_once)
    made = tree(LEAVES)
    frontier = Frontier()
    for size in range(MOST + 1):
        assert frontier.root == made.root(size) == root_of(LEAVES[:size]) == ROOTS[size]
        for position in range(size):
            proof = made.inclusion(position, size)
            assert proof == merkle.path(position, ENTRIES[:size])
            assert included(position, size, LEAVES[position], proof, ROOTS[size])
        for old in range(1, size + 1):
            proof = made.consistency(old, size)
            assert proof == merkle.proof(old, ENTRIES[:size])
            assert consistent(old, size, ROOTS[old], ROOTS[size], proof)
        frontier = frontier.extended(LEAVES[size : size + 1])


def test_a_proof_shows_no_other_position_size_leaf_or_root() -> None:
    made = tree(LEAVES)
    for size in range(1, 20):
        for position in range(size):
            proof = made.inclusion(position, size)
            shown = [
                (at, of, leaf)
                for of in range(1, 24)
                for at in range(of)
                for leaf in range(20)
                if included(at, of, LEAVES[leaf], proof, ROOTS[size])
            ]
            # a size that is not the signed one may have the same path; position and leaf never may differ
            assert {(at, leaf) for at, of, leaf in shown if of == size} == {(position, position)}
            assert {leaf for _, _, leaf in shown} == {position}
            assert not any(included(position, size, LEAVES[position], proof, ROOTS[n]) for n in range(24) if n != size)


def test_a_consistency_proof_shows_no_other_pair() -> None:
    made = tree(LEAVES)
    for new in range(1, 20):
        for old in range(1, new + 1):
            proof = made.consistency(old, new)
            for other in range(24):
                assert consistent(old, new, ROOTS[other], ROOTS[new], proof) is (other == old)
                assert consistent(old, new, ROOTS[old], ROOTS[other], proof) is (other == new)


@pytest.mark.parametrize("size", [1, 2, 3, 7, 8, 13, 64])
def test_a_proof_that_is_cut_lengthened_reordered_or_flipped_shows_nothing(size: int) -> None:
    made = tree(LEAVES)
    for position in range(size):
        proof = made.inclusion(position, size)
        for wrong in spoiled(proof):
            assert not included(position, size, LEAVES[position], wrong, ROOTS[size])
    for old in range(1, size + 1):
        proof = made.consistency(old, size)
        for wrong in spoiled(proof):
            assert not consistent(old, size, ROOTS[old], ROOTS[size], wrong)


def spoiled(proof: list[bytes]) -> list[list[bytes]]:
    """Every proof that is almost this one."""
    wrong = [[*proof, EMPTY], [EMPTY, *proof], [*proof, *proof] if proof else [b""], [*proof, b""]]
    for at, step in enumerate(proof):
        wrong += [[*proof[:at], *proof[at + 1 :]], [*proof[:at], step, *proof[at:]]]
        wrong += [[*proof[:at], new, *proof[at + 1 :]] for new in (step[:-1], step + b"\0", step[::-1], b"")]
        wrong += [[*proof[:at], bytes([step[0] ^ 1]) + step[1:], *proof[at + 1 :]]]
        if at:
            wrong.append([*proof[: at - 1], step, proof[at - 1], *proof[at + 1 :]])
    return wrong


def test_a_tree_going_back_is_not_consistent() -> None:
    assert not consistent(5, 4, ROOTS[5], ROOTS[4], [])
    assert not consistent(-1, 4, ROOTS[1], ROOTS[4], [])
    assert not consistent(4, 4, ROOTS[4], ROOTS[5], [])
    assert not consistent(4, 4, ROOTS[4], ROOTS[4], [EMPTY])
    assert not consistent(0, 4, ROOTS[1], ROOTS[4], [])
    assert not consistent(0, 0, EMPTY, ROOTS[1], [])
    assert consistent(0, 4, EMPTY, ROOTS[4], [])
    assert consistent(0, 0, EMPTY, EMPTY, [])
    assert not included(4, 4, LEAVES[4], [], ROOTS[4])
    assert not included(-1, 4, LEAVES[3], tree(LEAVES).inclusion(3, 4), ROOTS[4])


def test_a_node_is_never_taken_for_a_leaf() -> None:
    """Without the prefixes of RFC 6962, two hashes side by side would pass as one entry."""
    pair = LEAVES[0] + LEAVES[1]
    assert leaf_hash(pair) != node_hash(LEAVES[0], LEAVES[1]) == ROOTS[2]
    assert not included(0, 1, leaf_hash(pair), [], ROOTS[2])


def test_proofs_outside_the_tree_are_refused() -> None:
    made = tree(LEAVES)
    for position, size in ((0, 0), (3, 3), (-1, 3)):
        with pytest.raises(ValueError, match="no entry"):
            made.inclusion(position, size)
    for old, new in ((4, 3), (-1, 3)):
        with pytest.raises(ValueError, match="does not extend"):
            made.consistency(old, new)
    with pytest.raises(ValueError, match="leaves were read"):
        made.root(MOST + 1)


@given(st.lists(st.binary(max_size=3), max_size=40), st.integers(0, 40))
def test_a_frontier_goes_on_from_its_bytes(entries: list[bytes], cut: int) -> None:
    leaves = [leaf_hash(entry) for entry in entries]
    kept = Frontier().extended(leaves[:cut]).to_bytes()
    assert len(kept) == 8 + 32 * min(cut, len(leaves)).bit_count()
    assert Frontier.from_bytes(kept).extended(leaves[cut:]).root == merkle.mth(entries)


@pytest.mark.parametrize("raw", [b"", b"\0" * 7, b"\0" * 40, b"\0" * 7 + b"\1", b"\0" * 7 + b"\3" + b"\0" * 32])
def test_bytes_that_are_no_frontier_are_refused(raw: bytes) -> None:
    with pytest.raises(ValueError, match="no frontier"):
        Frontier.from_bytes(raw)


@given(st.integers(1, 3000), st.data())
def test_proofs_from_kept_subtrees_are_the_same_and_read_few_leaves(size: int, data: st.DataObject) -> None:
    leaves = [sha256(b"%d" % i).digest() for i in range(size)]
    kept: dict[tuple[int, int], bytes] = {}
    cut = data.draw(st.integers(0, size))
    some = Frontier().extended(leaves[:cut], lambda level, place, root: kept.__setitem__((level, place), root))
    some.extended(leaves[cut:], lambda level, place, root: kept.__setitem__((level, place), root))
    read: list[int] = []

    def reading(start: int, end: int) -> Sequence[bytes]:
        read.append(end - start)
        return leaves[start:end]

    position = data.draw(st.integers(0, size - 1))
    old = data.draw(st.integers(1, size))
    fast = Tree(reading, lambda level, place: kept.get((level, place)))
    slow = tree(leaves)
    assert fast.inclusion(position, size) == slow.inclusion(position, size)
    assert fast.consistency(old, size) == slow.consistency(old, size)
    assert fast.root(size) == slow.root(size)
    assert set(read) <= {1}
    assert len(read) <= 4
