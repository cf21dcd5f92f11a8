"""Whatever stands where something belongs, under good signatures: neither verifier crashes, and both say the same."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import replace
from hashlib import sha256
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from makegood.evidence import bundle as form
from makegood.evidence.archive import read_archive, write_archive
from makegood.evidence.canonical import NotCanonical, canonical, read_canonical
from makegood.evidence.head import HEAD_CONTEXT
from tests.evidence.both import sound
from tests.evidence.making import SECOND, real

W = real()
FILES = read_archive(W.bundle())
MANIFEST = read_canonical(FILES[form.MANIFEST])
HEAD = read_canonical(FILES[form.HEAD])
STATEMENT = json.loads(W.statement)
Path = tuple[Any, ...]

STRANGE = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-3, 20),
    st.sampled_from([2**53 - 1, -(2**53) + 1, 2**62, "", "0", "-1", "key", "segment", "0" * 32, "f" * 64, "00" * 64]),
    st.text(max_size=3),
    st.lists(st.integers(0, 3), max_size=2),
    st.dictionaries(st.sampled_from(["v", "file", "payload", "salt"]), st.integers(0, 3), max_size=2),
)


def paths(value: Any, at: Path = ()) -> Iterator[Path]:
    """Every place in a value of JSON."""
    yield at
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for name, part in inner:
        yield from paths(part, (*at, name))


def changed(value: Any, at: Path, change: Callable[[Any], Any]) -> Any:
    if not at:
        return change(value)
    copy: Any = dict(value) if isinstance(value, dict) else list(value)
    copy[at[0]] = changed(value[at[0]], at[1:], change)
    return copy


def signed(manifest: Any, **files: bytes) -> bytes:
    """A bundle whose manifest the log's key signs, whatever it says."""
    raw = canonical(manifest)
    kept = {name: content for name, content in FILES.items() if name not in (form.MANIFEST, form.SIGNATURE)}
    return write_archive({form.MANIFEST: raw, form.SIGNATURE: SECOND.sign(form.BUNDLE_CONTEXT + raw), **kept, **files})


def test_a_manifest_signed_again_is_sound() -> None:
    assert sound(signed(MANIFEST))


@given(st.sampled_from(sorted(paths(MANIFEST), key=str)), STRANGE)
def test_anything_anywhere_in_a_manifest(at: Path, strange: Any) -> None:
    try:
        raw = signed(changed(MANIFEST, at, lambda _: strange))
    except NotCanonical:
        return
    assert not sound(raw) or strange in ([], None) or json.dumps(strange) == json.dumps(found(MANIFEST, at))


@given(st.sampled_from(sorted(paths(MANIFEST), key=str)), st.integers(0, 3))
def test_anything_left_out_doubled_or_turned_round_in_a_manifest(at: Path, how: int) -> None:
    here = found(MANIFEST, at)
    if not isinstance(here, dict | list):
        return
    parts = list(here.items() if isinstance(here, dict) else here)
    changes = [parts[:-1], parts[1:], parts[::-1], [*parts, *parts[:1]]]
    made: Any = dict(changes[how]) if isinstance(here, dict) else changes[how]
    raw = signed(changed(MANIFEST, at, lambda _: made))
    assert not sound(raw) or made == here or at in ((), ("authors",), ("extends",), ("entries",))


@given(st.sampled_from(sorted(paths(HEAD), key=str)), STRANGE)
def test_anything_anywhere_in_a_head(at: Path, strange: Any) -> None:
    try:
        head = canonical(changed(HEAD, at, lambda _: strange))
    except NotCanonical:
        return
    assert not sound(write_archive({**FILES, form.HEAD: head})) or head == FILES[form.HEAD]


@given(st.sampled_from(sorted(paths(HEAD["head"]), key=str)), STRANGE)
def test_anything_anywhere_in_a_head_that_is_signed(at: Path, strange: Any) -> None:
    """Its instant may be any other, and its size some: these are the word of whoever signs."""
    head = changed(HEAD["head"], at, lambda _: strange)
    try:
        signature = SECOND.sign(HEAD_CONTEXT + canonical(head)).hex()
    except NotCanonical:
        return
    raw = canonical({**HEAD, "head": head, "signature": signature})
    listed = [{**one, "sha256": sha256(raw).hexdigest(), "size": len(raw)} for one in MANIFEST["files"]]
    files = [new if new["name"] == form.HEAD else old for new, old in zip(listed, MANIFEST["files"], strict=True)]
    made = signed({**MANIFEST, "files": files}, **{form.HEAD: raw})
    assert not sound(made) or at in (("at",), ("size",)) or canonical(head) == canonical(HEAD["head"])


@given(st.sampled_from(sorted(paths(STATEMENT), key=str)), STRANGE)
def test_anything_anywhere_in_a_statement(at: Path, strange: Any) -> None:
    """Where words stand, both take any others; the first verifier alone asks for the form of what nothing rests on."""
    try:
        text = json.dumps(changed(STATEMENT, at, lambda _: strange)).encode()
    except ValueError:
        return
    raw = replace(W, statement=text).bundle()
    try:
        sound(raw)
    except AssertionError as differ:
        ours, theirs = differ.args[0]
        assert ours == [] or all("this is no statement" in what for what in ours)
        assert theirs == []


def found(value: Any, at: Path) -> Any:
    for name in at:
        value = value[name]
    return value


@pytest.mark.parametrize(
    "at", [("entries", 0, "leaf", "by"), ("entries", 3, "leaf", "id"), ("entries", 4, "leaf", "at")]
)
def test_a_leaf_with_another_word_in_it_is_another_leaf(at: Path) -> None:
    assert not sound(signed(changed(MANIFEST, at, lambda text: f"1{text}")))
