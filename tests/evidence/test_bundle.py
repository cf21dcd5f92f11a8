"""A bundle is sound as it was made, and nothing in it can be changed unseen, by anyone without the key."""

from __future__ import annotations

import functools
import random
from collections.abc import Callable, Iterator
from dataclasses import replace
from hashlib import sha256
from typing import Any

import pytest

from makegood.evidence import bundle as form
from makegood.evidence import verify_alone
from makegood.evidence.archive import read_archive, write_archive
from makegood.evidence.bundle import Contents, Enclosed, Extends, Payload, name_in_bundle, write_bundle
from makegood.evidence.canonical import canonical, read_canonical
from makegood.evidence.head import HEAD_CONTEXT, SignedHead, sign_head, succession
from makegood.evidence.signing import SigningKey
from makegood.evidence.tree import EMPTY
from tests.evidence.both import sound, why
from tests.evidence.making import (
    AT,
    CHANGED_AT,
    ENTRIES,
    FIRST,
    LOG,
    SECOND,
    STRANGER,
    World,
    fact,
    real,
    salt,
)

Change = Callable[[Contents], Contents]


@pytest.fixture
def small(monkeypatch: pytest.MonkeyPatch) -> World:
    """A log whose bundles are small enough to spoil at every byte; each signature is verified once."""
    monkeypatch.setattr(form, "verifier", lambda: b"pass\n")
    monkeypatch.setattr(verify_alone, "signed", functools.cache(verify_alone.signed))
    return World(ENTRIES[:6], shown=(1, 2, 3, 4, 5), files={k: v for k, v in World().files.items() if k[0] == "d"})


def test_a_bundle_is_sound_as_it_was_made() -> None:
    raw = real().bundle()
    assert sound(raw)
    assert raw == real().bundle()
    assert list(read_archive(raw)) == [
        "manifest.json",
        "manifest.sig",
        "documents/acme.order.yaml",
        "documents/hosting.sla.md",
        "evidence/2026-02-09.parquet",
        "head.json",
        "statement.json",
        "verify.py",
    ]


@pytest.mark.parametrize("size", range(1, len(ENTRIES) + 1))
def test_a_bundle_of_any_size_of_log_is_sound(size: int) -> None:
    shown = tuple(range(size))
    names = {entry.opened.name for entry in ENTRIES[:size] if isinstance(entry.opened, Enclosed)}
    files = {name: content for name, content in World().files.items() if name in names}
    key = SECOND if size > CHANGED_AT else FIRST
    world = World(ENTRIES[:size], shown=shown, extends=range(1, size + 1), files=files, key=key)
    raw = world.bundle()
    assert sound(raw)
    for old in range(size + 1):
        assert sound(raw, since=world.head(old))


def test_every_single_byte_that_is_flipped_is_caught(small: World) -> None:
    raw = small.bundle()
    assert sound(raw)
    for at in range(len(raw)):
        for flip in (0x01, 0x20):
            assert not sound(raw[:at] + bytes([raw[at] ^ flip]) + raw[at + 1 :]), (at, flip)


def test_every_byte_flipped_below_the_checksums_of_zip_is_caught(small: World) -> None:
    """ZIP's own checksum catches the flips of the test above; whoever changes a bundle on purpose writes it anew."""
    files = read_archive(small.bundle())
    for name, content in files.items():
        for at in range(len(content)):
            flipped = content[:at] + bytes([content[at] ^ 1]) + content[at + 1 :]
            assert not sound(write_archive({**files, name: flipped})), (name, at)


def test_every_byte_flipped_with_the_hashes_set_right_is_caught(small: World) -> None:
    """Nor does it help to write the manifest anew: it is signed."""
    files = read_archive(small.bundle())
    for name, content in files.items():
        if name in (form.MANIFEST, form.SIGNATURE):
            continue
        for at in range(0, len(content), 5):
            flipped = content[:at] + bytes([content[at] ^ 1]) + content[at + 1 :]
            manifest = files[form.MANIFEST].replace(
                sha256(content).hexdigest().encode(), sha256(flipped).hexdigest().encode()
            )
            assert manifest != files[form.MANIFEST]
            assert not sound(write_archive({**files, name: flipped, form.MANIFEST: manifest})), (name, at)


def test_flips_all_over_a_whole_bundle_are_caught() -> None:
    raw = real().bundle()
    chosen = random.Random(4)
    for _ in range(400):
        at, flip = chosen.randrange(len(raw)), 1 << chosen.randrange(8)
        assert not sound(raw[:at] + bytes([raw[at] ^ flip]) + raw[at + 1 :]), (at, flip)


def test_a_bundle_that_is_cut_or_longer_is_caught(small: World) -> None:
    raw = small.bundle()
    for cut in range(len(raw)):
        assert not sound(raw[:cut])
    for more in (b"\0", b"\n", b"PK", raw, raw[-22:], raw[:50]):
        assert not sound(raw + more)
        assert not sound(more + raw)


def entry(contents: Contents, at: int, **changes: Any) -> Contents:
    """The contents with something of the entry at a position changed."""
    found = [replace(e, **changes) if e.position == at else e for e in contents.entries]
    return replace(contents, entries=found)


def head(head: SignedHead) -> Change:
    return lambda contents: replace(contents, head=head)


W = real()


def misnamed() -> SignedHead:
    """Well signed, by another key than the one it names."""
    said = replace(W.head().head, key=FIRST.public.id)
    return SignedHead(said, SECOND.public.raw, SECOND.sign(HEAD_CONTEXT + said.to_bytes()))


def wrong_contents() -> Iterator[tuple[str, Change, str]]:
    """What the owner of the key could try: each is signed well, and each is caught."""
    proof = {e.position: e.proof for e in W.contents().entries}
    other = fact("M-17", payload={"id": "M-17", "services": ["mail"]})
    yield "the proof of another leaf", lambda c: entry(c, 3, proof=proof[4]), "does not show that maintenance `M-17`"
    yield "a proof cut", lambda c: entry(c, 3, proof=proof[3][:-1]), "does not show"
    yield "a proof lengthened", lambda c: entry(c, 3, proof=(*proof[3], EMPTY)), "does not show"
    yield "a proof turned round", lambda c: entry(c, 3, proof=proof[3][::-1]), "does not show"
    yield "another position", lambda c: entry(c, 3, position=0), "does not show"
    yield "a position beyond the head", lambda c: entry(c, 7, position=9), "does not show"
    yield "another fact under the leaf", lambda c: entry(c, 3, opened=other.opened), "not the one that maintenance"
    yield "another leaf with its fact", lambda c: entry(c, 3, leaf=other.leaf, opened=other.opened), "does not show"
    yield (
        "a leaf recorded earlier",
        lambda c: entry(c, 3, leaf=replace(W.entries[3].leaf, at=AT - 1)),
        "does not show",
    )
    yield "another salt", lambda c: entry(c, 3, opened=Payload({"id": "M-17"}, salt("x"))), "not the one"
    yield (
        "another file",
        lambda c: replace(c, files={**c.files, "documents/acme.order.yaml": b"order: another\n"}),
        "is not the file that `acme` commits to",
    )
    yield (
        "two files exchanged",
        lambda c: entry(c, 1, opened=Enclosed("documents/acme.order.yaml")),
        "is not the file that `hosting` commits to",
    )
    yield "a file that is not there", lambda c: entry(c, 1, opened=Enclosed("documents/none")), "there is no file"
    yield (
        "a file no entry commits to",
        lambda c: replace(c, files={**c.files, "documents/more.md": b""}),
        "no entry of the log commits to this file",
    )
    yield "a file elsewhere", lambda c: replace(c, files={**c.files, "setup.py": b""}), "no place for such a file"
    yield (
        "an entry in the open for a file",
        lambda c: entry(c, 1, opened=Enclosed("head.json")),
        "no file head.json in documents/",
    )
    yield (
        "a root of another past",
        lambda c: replace(c, extends=[Extends(4, EMPTY, c.extends[0].proof)]),
        "extends what it was at 4",
    )
    yield (
        "a past longer than the log",
        lambda c: replace(c, extends=[Extends(10, EMPTY, ())]),
        "extends what it was at 10",
    )
    yield "another log's id", head(W.head(log=STRANGER.public.log)), "not the one of the head's log"
    yield "another root", head(sign_head(LOG, 9, EMPTY, AT, SECOND)), "does not show"
    yield "a smaller size", head(sign_head(LOG, 8, W.head().head.root, AT, SECOND)), "does not show"
    yield "a larger size", head(sign_head(LOG, 17, W.head().head.root, AT, SECOND)), "does not show"
    yield "a head that names another key", head(misnamed()), "not the one of this head and this key"
    yield "another first key", lambda c: replace(c, first=SECOND.public.raw), "first key is not the one"
    yield "a first key of small order", lambda c: replace(c, first=bytes(32)), "small order"
    yield "a change of keys not shown", lambda c: entry(c, 5, opened=None), "change of keys is not shown"
    yield (
        "a change of keys left out",
        lambda c: replace(c, entries=[e for e in c.entries if e.position != 5]),
        "not signed by the key that the log had",
    )
    yield "no agreement", lambda c: without_file(c, 1, "documents/hosting.sla.md"), "the agreement that it rests on"
    yield "no order", lambda c: without_file(c, 2, "documents/acme.order.yaml"), "the order that it rests on"
    yield "an empty statement", lambda c: replace(c, statement=b""), "not JSON"
    yield "a statement of another form", lambda c: replace(c, statement=b'{"format":"x"}'), "no statement"
    yield "a list for a statement", lambda c: replace(c, statement=b"[]"), "no statement"
    yield "a field twice", lambda c: replace(c, statement=c.statement.replace(b"{", b'{"format":1,', 1)), "name twice"


def without_file(contents: Contents, position: int, name: str) -> Contents:
    files = {at: content for at, content in contents.files.items() if at != name}
    return replace(entry(contents, position, opened=None), files=files)


@pytest.mark.parametrize(("change", "what"), [pytest.param(c, w, id=n) for n, c, w in wrong_contents()])
def test_what_the_owner_of_the_key_could_try_is_caught(change: Change, what: str) -> None:
    assert what in why(W.bundle(change))


def test_a_bundle_may_leave_names_and_proofs_of_the_past_out() -> None:
    assert sound(W.bundle(lambda c: replace(c, authors=[], extends=[])))


def test_a_name_that_is_not_the_authors_is_caught(monkeypatch: pytest.MonkeyPatch) -> None:
    wrong = {"handle": "0" * 32, "name": "Ada", "salt": "0" * 32}
    monkeypatch.setattr(form, "_authors", lambda _: [wrong])
    assert "is not who stands behind" in why(W.bundle())


def test_a_bundle_signed_by_another_key_than_its_head_is_not_made_and_not_taken() -> None:
    with pytest.raises(ValueError, match="signed its head"):
        write_bundle(W.contents(), FIRST)
    files = read_archive(W.bundle())
    stranger = STRANGER.sign(form.BUNDLE_CONTEXT + files[form.MANIFEST])
    assert "did not sign this manifest" in why(write_archive({**files, form.SIGNATURE: stranger}))


def test_a_head_signed_by_a_stranger_is_caught() -> None:
    world = real(key=STRANGER)
    assert "not signed by the key that the log had" in why(world.bundle())


def test_a_bundle_of_another_log_is_sound_by_itself_and_not_for_who_knows_better() -> None:
    """Anyone can make a log of their own; a saved head or a known key tells."""
    entries = [logged for position, logged in enumerate(W.entries) if position != CHANGED_AT]
    forged = replace(W, entries=entries, shown=(1, 2), key=STRANGER, first=STRANGER, files=without_segment())
    raw = forged.bundle(lambda c: replace(c, head=forged.head(key=STRANGER, log=STRANGER.public.log)))
    assert sound(raw)
    assert "none of the keys you gave" in why(raw, keys=[FIRST.public])
    assert "is a head of log" in why(raw, since=W.head(4))


def without_segment() -> dict[str, bytes]:
    return {name: content for name, content in W.files.items() if name.startswith("documents/")}


@pytest.mark.parametrize("keys", [[FIRST], [SECOND], [STRANGER, FIRST]])
def test_any_key_of_the_log_vouches_for_it(keys: list[SigningKey]) -> None:
    assert sound(W.bundle(), keys=[key.public for key in keys])


def test_a_key_of_nobody_vouches_for_nothing() -> None:
    assert "none of the keys you gave" in why(W.bundle(), keys=[STRANGER.public])


def test_a_log_whose_key_was_lost_goes_on_for_who_knows_the_new_one() -> None:
    world = real(first=STRANGER, key=STRANGER, shown=(1, 2), files=without_segment())
    assert "first key is not the one" in why(world.bundle())
    assert sound(world.bundle(), keys=[STRANGER.public])


def test_a_saved_head_is_a_witness() -> None:
    raw = W.bundle()
    assert sound(raw, since=W.head(4))
    assert sound(raw, since=W.head())
    assert sound(raw, since=W.head(0))
    assert "nothing shows that the log extends" in why(raw, since=W.head(3))


def test_a_log_that_was_forked_is_caught_by_a_saved_head() -> None:
    """The same sizes, signed by the right keys, and another past."""
    fork = replace(W, entries=[fact("instead"), *W.entries[1:]])
    assert sound(fork.bundle())
    assert "another root than the head you saved" in why(fork.bundle(), since=W.head(4))
    assert "another root than the head you saved" in why(fork.bundle(), since=W.head())


def test_a_log_that_went_back_is_caught_by_a_saved_head() -> None:
    longer = replace(W, entries=[*W.entries, fact("one-more")])
    assert "the head has 9 entries, and the head you saved 10" in why(W.bundle(), since=longer.head())


def test_a_saved_head_must_be_signed_by_the_key_of_its_time() -> None:
    assert "the head you saved is not signed by the key" in why(W.bundle(), since=W.head(4, key=SECOND))
    assert "the head you saved is not signed by the key" in why(W.bundle(), since=W.head(4, key=STRANGER))
    spoiled = replace(W.head(4), signature=bytes(64))
    assert "signature" in why(W.bundle(), since=spoiled)


def test_a_key_that_a_stranger_brought_in_is_caught() -> None:
    entries = list(W.entries)
    entries[CHANGED_AT] = fact("key-2", "key", succession(LOG, STRANGER.public, STRANGER))
    raw = replace(W, entries=entries, key=STRANGER).bundle()
    assert "follows another key" in why(raw)


def test_the_old_key_signs_nothing_after_its_change() -> None:
    assert "not signed by the key that the log had" in why(replace(W, key=FIRST).bundle())


def test_a_manifest_is_read_strictly(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever the key signs: fields missing or more, numbers as text, lists out of order."""
    good = read_canonical(read_archive(W.bundle())[form.MANIFEST])
    spoiled: list[Any] = [
        {**good, "more": 1},
        {**good, "format": "makegood.bundle/2"},
        {**good, "first": good["first"].upper()},
        {**good, "entries": good["entries"][::-1]},
        {**good, "entries": [*good["entries"], good["entries"][-1]]},
        {**good, "entries": {}},
        {**good, "entries": [{**good["entries"][0], "position": "1"}, *good["entries"][1:]]},
        {**good, "entries": [{**good["entries"][0], "position": True}, *good["entries"][1:]]},
        {**good, "entries": [{**good["entries"][0], "opened": []}, *good["entries"][1:]]},
        {**good, "entries": [{**good["entries"][0], "proof": ["00"]}, *good["entries"][1:]]},
        {**good, "entries": [{**good["entries"][0], "proof": [None]}, *good["entries"][1:]]},
        {**good, "entries": [{**good["entries"][0], "proof": ["0" * 64] * 65}, *good["entries"][1:]]},
        {**good, "extends": good["extends"] * 2},
        {**good, "extends": [{**good["extends"][0], "size": 0}]},
        {**good, "extends": None},
        {**good, "files": good["files"][::-1]},
        {**good, "files": good["files"][1:]},
        {**good, "files": [{**good["files"][0], "size": 1}, *good["files"][1:]]},
        {**good, "files": [*good["files"], {**good["files"][0], "name": "zz"}]},
        {**good, "files": [{**good["files"][0], "name": "../x"}, *good["files"][1:]]},
        {**good, "authors": good["authors"] * 2},
        {**good, "authors": [{**good["authors"][0], "salt": "00"}]},
        {name: value for name, value in good.items() if name != "authors"},
        [],
        "manifest",
        None,
    ]
    for value in spoiled:
        monkeypatch.setattr(form, "_manifest", lambda *_, value=value: value)
        assert not sound(W.bundle())
    raw = canonical(good)
    for other in (raw + b"\n", raw.replace(b",", b", ", 1), raw.replace(b"a", b"\\u0061", 1)):
        monkeypatch.setattr(form, "canonical", lambda _, other=other: other)
        assert not sound(W.bundle())


def test_a_file_of_a_bundle_is_named_after_its_own_and_once() -> None:
    taken: dict[str, bytes] = {}
    for name in ("Hosting (v2).sla.md", "hosting-v2.sla.md", "../../etc/passwd", "ÄÖÜ", "", "a/b/C.PDF", "x" * 300):
        taken[name_in_bundle("documents/", name, taken)] = b""
    assert list(taken) == [
        "documents/hosting-v2-sla.md",
        "documents/hosting-v2.sla.md",
        "documents/passwd",
        "documents/file",
        "documents/file-2",
        "documents/c.pdf",
        f"documents/{'x' * 80}",
    ]
    write_archive(taken)
