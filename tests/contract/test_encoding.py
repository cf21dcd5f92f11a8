"""Bytes become text only when they are UTF-8 that shows everything it holds."""

import pytest

from makegood.contract.encoding import MOST_BYTES, read_bytes
from makegood.model.problem import Place

SAVE_AS = "save the file as UTF-8 without a byte order mark"


@pytest.mark.parametrize("text", ["", "a\n", "a\r\nb\tc", "99,9 % – “Verfügbarkeit” 😀", "\u00a0\u202f", "\u200d"])
def test_plain_utf_8_is_read_as_it_is(text: str) -> None:
    assert read_bytes(text.encode(), "a.sla.md") == (text, [])


@pytest.mark.parametrize(
    ("raw", "line", "column", "code", "what", "why", "hint"),
    [
        (
            *(b"\xef\xbb\xbfa", 1, 1, "text-bom", "this file begins with a UTF-8 byte order mark"),
            *("the mark is an invisible character that would become part of the first word", SAVE_AS),
        ),
        (
            *("a: b".encode("utf-16"), 1, 1, "text-not-utf-8", "this file is UTF-16, by its first bytes"),
            *("text is read as UTF-8", SAVE_AS),
        ),
        (
            *("a: b".encode("utf-32"), 1, 1, "text-not-utf-8", "this file is UTF-32, by its first bytes"),
            *("text is read as UTF-8", SAVE_AS),
        ),
        (
            *("a: b".encode("utf-16-le"), 1, 1, "text-not-utf-8"),
            *("this file looks like UTF-16 or UTF-32 without a mark", "many of its bytes are zero", SAVE_AS),
        ),
        (
            *(
                "one\nfür “two” – three".encode("cp1252", "replace"),
                2,
                2,
                "text-not-utf-8",
                "the byte 0xFC is not UTF-8",
            ),
            *("in the older Windows encoding this byte is “ü”", SAVE_AS),
        ),
        (b"a\nb\x81", 2, 2, "text-not-utf-8", "the byte 0x81 is not UTF-8", "", SAVE_AS),
        (
            b"\xed\xa0\x80",
            1,
            1,
            "text-not-utf-8",
            "the byte 0xED is not UTF-8",
            "in the older Windows encoding this byte is “í”",
            SAVE_AS,
        ),
        (
            *("é\nab\0".encode(), 2, 3, "text-control-character", "the NUL character cannot stand in a text"),
            *("a control character is invisible, and readers disagree about what it means", "delete it"),
        ),
        (
            *(b"a\x1b[31m", 1, 2, "text-control-character", "an escape character cannot stand in a text"),
            *("a control character is invisible, and readers disagree about what it means", "delete it"),
        ),
        (
            *(b"a" * (MOST_BYTES + 1), 0, 0, "text-too-long", "this file has 4,194,305 bytes"),
            *("at most 4,194,304 are read", "split it into several files"),
        ),
    ],
    ids=lambda value: value.decode("latin-1")[:12] if isinstance(value, bytes) else "",
)
def test_other_bytes_are_refused_by_name_and_place(
    raw: bytes, line: int, column: int, code: str, what: str, why: str, hint: str
) -> None:
    text, (problem,) = read_bytes(raw, "a.sla.md")
    assert text is None
    assert (problem.code, problem.where) == (code, Place("a.sla.md", line, column))
    assert (problem.what, problem.why, problem.hint) == (what, why, hint)


def test_the_longest_file_is_read() -> None:
    assert read_bytes(b"a" * MOST_BYTES, "a.sla.md")[1] == []


def test_of_many_control_characters_twenty_are_listed() -> None:
    problems = read_bytes(b"a\x01b\n" * 100_000, "a.sla.md")[1]
    assert len(problems) == 21
    assert problems[-1].what == "more such characters follow and are not listed"
