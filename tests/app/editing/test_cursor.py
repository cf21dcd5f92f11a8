"""Where a cursor stands in YAML that is still being written: the keys that lead there, and the word."""

import pytest

from makegood.app.editing.cursor import Cursor, cursor_at


def at(marked: str) -> Cursor:
    before, _, after = marked.partition("|")
    lines = (before + after).split("\n")
    return cursor_at(lines, before.count("\n"), len(before.rpartition("\n")[2]))


@pytest.mark.parametrize(
    ("text", "path", "at_key", "word", "seen"),
    [
        ("|", [], True, "", []),
        ("per|", [], True, "per", []),
        ("a: 1\n|\nb: 2", [], True, "", ["a", "b"]),
        ("a: |", ["a"], False, "", []),
        ("a: some wor|", ["a"], False, "some wor", []),
        ("a:\n  b: 1\n  |", ["a"], True, "", ["b"]),
        ("a:\n  b:\n    c: |", ["a", "b", "c"], False, "", []),
        ("a:\n  - b: 1\n    |", ["a", 0], True, "", ["b"]),
        ("a:\n  - b: 1\n  - |", ["a", 1], True, "", []),
        ("a:\n- b: 1\n- c: |", ["a", 1, "c"], False, "", []),
        ("a:\n- b: 1\nd: |", ["d"], False, "", []),
        ("a: {b: 1, |}", ["a"], True, "", ["b"]),
        ("a: {b: [x, y|]}", ["a", "b", 1], False, "y", []),
        ("a: {b: {c: |}}", ["a", "b", "c"], False, "", []),
        ("a: {b: 1}\nc: |", ["c"], False, "", []),
        ("a: {b: 1,\n  c: |", ["a", "c"], False, "", []),
        ("- {a: 1, |}", [0], True, "", ["a"]),
        ("# a: 1\n\nb: |", ["b"], False, "", []),
        ('"a": |', ["a"], False, "", []),
        ("a: 'x: y'\nb|", [], True, "b", ["a"]),
    ],
)
def test_the_path_and_the_word_are_found(
    text: str, path: list[str | int], at_key: bool, word: str, seen: list[str]
) -> None:
    found = at(text)
    assert [level.step for level in found.path] == path
    assert (found.at_key, found.word) == (at_key, word)
    if found.at_key:
        assert sorted(found.seen) == seen
