"""One value has one sequence of bytes, and the reader takes no other."""

from __future__ import annotations

import json
from enum import StrEnum
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from makegood.evidence.canonical import Json, NotCanonical, canonical, read_canonical, read_strict

TEXTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=8)
WHOLE = st.integers(-(2**53) + 1, 2**53 - 1)
VALUES = st.recursive(
    st.none() | st.booleans() | WHOLE | TEXTS,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(TEXTS, inner, max_size=4),
    max_leaves=12,
)


class Word(StrEnum):
    ONE = "one"


@pytest.mark.parametrize(
    ("value", "written"),
    [
        ({}, "{}"),
        ([], "[]"),
        ((1, -2, 0), "[1,-2,0]"),
        ([True, False, None], "[true,false,null]"),
        ({"b": 1, "a": {"d": [], "c": ""}}, '{"a":{"c":"","d":[]},"b":1}'),
        (2**53 - 1, "9007199254740991"),
        ('€$\x0f\nA\'B"\\\\"/', '"€$\\u000f\\nA\'B\\"\\\\\\\\\\"/"'),
        ("\b\t\n\f\r\x00\x1f\x7f\u2028", '"\\b\\t\\n\\f\\r\\u0000\\u001f\x7f\u2028"'),
        ({Word.ONE: Word.ONE}, '{"one":"one"}'),
        ("e\u0301\u00e9", '"e\u0301\u00e9"'),
    ],
)
def test_the_bytes_are_those_of_rfc_8785(value: Json, written: str) -> None:
    assert canonical(value) == written.encode()


def test_names_are_in_the_order_of_utf_16() -> None:
    """The example of RFC 8785 section 3.2.3: an emoji's first code unit is less than U+FB33."""
    names = ["\u20ac", "\r", "\ufb33", "1", "\U0001f600", "\u0080", "\u00f6"]
    written = canonical({name: i for i, name in enumerate(names)})
    assert list(json.loads(written)) == ["\r", "1", "\u0080", "\u00f6", "\u20ac", "\U0001f600", "\ufb33"]
    assert names != sorted(names, key=str)


@pytest.mark.parametrize(
    ("value", "why"),
    [
        (1.0, "float"),
        (2**53, "beyond"),
        (-(2**53), "beyond"),
        ("\ud800", "surrogate"),
        ({"\udfff": 1}, "surrogate"),
        ({1: 1}, "not a text"),
        (b"x", "bytes"),
        ({1}, "set"),
    ],
)
def test_what_has_no_canonical_form_is_refused(value: Any, why: str) -> None:
    with pytest.raises(NotCanonical, match=why):
        canonical(value)


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b" 1",
        b"1 ",
        b"1\n",
        b"01",
        b"-0",
        b"+1",
        b"1.0",
        b"1e2",
        b"NaN",
        b"-Infinity",
        b"9007199254740992",
        b"9" * 5000,
        b'{"a":1,"a":1}',
        b'{"b":1,"a":2}',
        b'{"a": 1}',
        b'{"a":1,}',
        b'{"\\u0061":1}',
        b'"\\u00E9"',
        b'"\\/"',
        b'"\\u000a"',
        b'"\\u000F"',
        b'"\\ud83d\\ude00"',
        b'"\\ud800"',
        b'"\x01"',
        b"'a'",
        b"\xef\xbb\xbf1",
        b"\xff",
        b'"\xed\xa0\x80"',
        b'"\xc1\xa1"',
        b"1\x00",
        b"[" * 100_000,
        b"[" * 70 + b"]" * 70,
    ],
    ids=repr,
)
def test_bytes_that_are_not_canonical_are_refused(raw: bytes) -> None:
    with pytest.raises(NotCanonical):
        read_canonical(raw)


def test_a_strict_reader_takes_spaces_and_any_order_but_no_name_twice() -> None:
    assert read_strict(b'{ "b": 1,\n "a": [] }') == {"b": 1, "a": []}
    for raw in (b'{"a":1,"a":2}', b"1.5", b"NaN", b"[", b"\xff"):
        with pytest.raises(NotCanonical):
            read_strict(raw)


@given(VALUES)
def test_what_is_written_is_read_back_and_no_other_bytes_say_it(value: Json) -> None:
    raw = canonical(value)
    assert read_canonical(raw) == value
    assert canonical(read_canonical(raw)) == raw
    spaced = json.dumps(value, ensure_ascii=True, indent=1).encode()
    if spaced != raw:
        with pytest.raises(NotCanonical):
            read_canonical(spaced)


@given(VALUES, VALUES)
def test_different_values_have_different_bytes(a: Any, b: Any) -> None:
    same = json.dumps(a, sort_keys=True) == json.dumps(b, sort_keys=True)
    assert (canonical(a) == canonical(b)) is same
