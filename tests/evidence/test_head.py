"""A head is what its key signed and nothing near it; keys follow keys by signature."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from makegood.evidence.canonical import Json, NotCanonical, canonical
from makegood.evidence.head import Head, SignedHead, head_of, read_head, sign_head, succession, successor
from makegood.evidence.signing import SigningKey
from makegood.evidence.tree import leaf_hash

KEY, NEW, OTHER = (SigningKey.from_seed(bytes([i]) * 32) for i in (1, 2, 3))
LOG = KEY.public.log
ROOT = leaf_hash(b"only one")
HEAD = sign_head(LOG, 1, ROOT, 1_770_000_000_000_000, KEY)


def test_a_head_is_written_as_documented_and_reads_back() -> None:
    said = (
        f'{{"at":"1770000000000000","key":"{KEY.public.id}","log":"{LOG}","root":"{ROOT.hex()}","size":1,"v":1}}'
    ).encode()
    assert HEAD.head.to_bytes() == said
    assert HEAD.signature == KEY.sign(b"makegood.head/1\n" + said)
    assert HEAD.to_bytes() == (
        b'{"head":%s,"public":"%s","signature":"%s"}'
        % (said, KEY.public.raw.hex().encode(), HEAD.signature.hex().encode())
    )
    assert read_head(HEAD.to_bytes()) == HEAD
    assert HEAD.verifies


def test_no_byte_of_a_head_may_differ() -> None:
    raw = HEAD.to_bytes()
    for at in range(len(raw)):
        for flip in (1, 2, 0x20, 0x80):
            changed = raw[:at] + bytes([raw[at] ^ flip]) + raw[at + 1 :]
            try:
                assert not read_head(changed).verifies
            except NotCanonical:
                continue


@pytest.mark.parametrize(
    "head",
    [
        replace(HEAD, head=replace(HEAD.head, size=2)),
        replace(HEAD, head=replace(HEAD.head, root=leaf_hash(b"another"))),
        replace(HEAD, head=replace(HEAD.head, at=0)),
        replace(HEAD, head=replace(HEAD.head, log=OTHER.public.log)),
        replace(HEAD, head=replace(HEAD.head, key=OTHER.public.id)),
        replace(HEAD, public=OTHER.public.raw),
        replace(HEAD, public=bytes(32)),
        replace(HEAD, signature=OTHER.sign(b"makegood.head/1\n" + HEAD.head.to_bytes())),
        replace(HEAD, signature=KEY.sign(HEAD.head.to_bytes())),
        replace(HEAD, signature=bytes(64)),
    ],
)
def test_a_head_that_its_key_did_not_sign_does_not_verify(head: SignedHead) -> None:
    assert not head.verifies


GOOD = HEAD.document()


def changed(value: Any, path: str, new: Any) -> Json:
    name, _, rest = path.partition(".")
    return {**value, name: changed(value[name], rest, new) if rest else new}


@pytest.mark.parametrize(
    ("path", "new"),
    [
        ("signature", "00"),
        ("signature", HEAD.signature.hex().upper()),
        ("public", None),
        ("head", []),
        ("head.v", 2),
        ("head.v", True),
        ("head.size", "1"),
        ("head.size", -1),
        ("head.size", True),
        ("head.size", 2**53),
        ("head.at", 1),
        ("head.at", "1e3"),
        ("head.at", "9" * 19),
        ("head.key", "x" * 16),
        ("head.log", LOG[:-1]),
        ("head.root", ROOT.hex() + "00"),
        ("head.more", 1),
        ("more", 1),
    ],
)
def test_what_is_almost_a_head_is_refused(path: str, new: Any) -> None:
    assert head_of(GOOD) == HEAD
    with pytest.raises(NotCanonical):
        head_of(changed(GOOD, path, new))


def test_a_head_in_other_spacing_is_refused() -> None:
    with pytest.raises(NotCanonical):
        read_head(HEAD.to_bytes() + b"\n")


def test_a_new_key_follows_by_the_signature_of_the_old_one() -> None:
    payload = succession(LOG, NEW.public, KEY)
    assert successor(payload, LOG, KEY.public) == NEW.public
    assert canonical(payload) == canonical(succession(LOG, NEW.public, KEY))


@pytest.mark.parametrize(
    ("payload", "log", "old"),
    [
        (succession(LOG, NEW.public, KEY), OTHER.public.log, KEY),
        (succession(LOG, NEW.public, KEY), LOG, OTHER),
        (succession(LOG, NEW.public, OTHER), LOG, KEY),
        ({**succession(LOG, NEW.public, KEY), "public": OTHER.public.raw.hex()}, LOG, KEY),
        ({**succession(LOG, NEW.public, KEY), "v": 2}, LOG, KEY),
        ({**succession(LOG, NEW.public, KEY), "more": 1}, LOG, KEY),
        ({**succession(LOG, NEW.public, OTHER), "key": KEY.public.id}, LOG, KEY),
        ([], LOG, KEY),
    ],
)
def test_a_key_that_the_one_before_did_not_bring_in_is_refused(payload: Any, log: str, old: SigningKey) -> None:
    with pytest.raises(NotCanonical):
        successor(payload, log, old.public)


def test_a_key_of_small_order_is_not_brought_in() -> None:
    said: dict[str, Json] = {"key": KEY.public.id, "log": LOG, "public": bytes(32).hex(), "v": 1}
    payload = {**said, "signature": KEY.sign(b"makegood.key/1\n" + canonical(said)).hex()}
    with pytest.raises(NotCanonical, match="small order"):
        successor(payload, LOG, KEY.public)


def test_a_signature_of_a_head_is_none_of_a_key() -> None:
    """Each kind of signature has its own first words, so that none can be shown for another."""
    head = Head(LOG, 1, ROOT, 0, KEY.public.id)
    assert not KEY.public.verifies(
        b"makegood.key/1\n" + head.to_bytes(), KEY.sign(b"makegood.head/1\n" + head.to_bytes())
    )
