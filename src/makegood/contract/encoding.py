"""Bytes become text: UTF-8 without a byte order mark, without control characters, of bounded size."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator

from makegood.model.problem import Place, Problem, error

MOST_BYTES = 4 * 1024 * 1024
MOST_SHOWN = 20
"""Of one kind of unwelcome character, this many are reported one by one."""

_CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]")
_HIDDEN = re.compile("[\u200b\u2028-\u202e\u2060\u2066-\u2069\ufeff]")
_WIDE_MARKS = (
    (b"\xff\xfe\x00\x00", "UTF-32"),
    (b"\x00\x00\xfe\xff", "UTF-32"),
    (b"\xff\xfe", "UTF-16"),
    (b"\xfe\xff", "UTF-16"),
)
_SAVE_AS = "save the file as UTF-8 without a byte order mark"


def read_bytes(raw: bytes, source: str, most: int = MOST_BYTES) -> tuple[str | None, list[Problem]]:
    """The text of a file, or None with what is wrong. Line ends stay as they are."""
    top = Place(source, 1, 1)
    if len(raw) > most:
        what = f"this file has {len(raw):,} bytes"
        return None, [
            error("text-too-long", Place(source), what, f"at most {most:,} are read", "split it into several files")
        ]
    for mark, name in _WIDE_MARKS:
        if raw.startswith(mark):
            return None, [
                error(
                    "text-not-utf-8", top, f"this file is {name}, by its first bytes", "text is read as UTF-8", _SAVE_AS
                )
            ]
    if raw.startswith(b"\xef\xbb\xbf"):
        why = "the mark is an invisible character that would become part of the first word"
        return None, [error("text-bom", top, "this file begins with a UTF-8 byte order mark", why, _SAVE_AS)]
    try:
        text = raw.decode("utf-8")
    except UnicodeDecodeError as failure:
        return None, [_undecodable(raw, failure, source)]
    if text and text.count("\x00") * 3 > len(text):
        why = "many of its bytes are zero"
        return None, [
            error("text-not-utf-8", top, "this file looks like UTF-16 or UTF-32 without a mark", why, _SAVE_AS)
        ]
    problems = list(control_characters(text, source))
    return (None if problems else text), problems


def control_characters(
    text: str, source: str, first_line: int = 1, first_column: int = 1, clause: str = ""
) -> Iterator[Problem]:
    """The control characters of a text, other than tab and line ends: invisible, and read differently by programs."""
    why = "a control character is invisible, and readers disagree about what it means"
    places = _places(_CONTROL, text, source, first_line, first_column, clause)
    return _each("text-control-character", places, "cannot stand in a text", why)


def hidden_characters(
    text: str, source: str, first_line: int = 1, first_column: int = 1, clause: str = ""
) -> Iterator[Problem]:
    """Characters that make a text read otherwise than it is: direction overrides, zero-width spaces, odd line ends."""
    why = "it is invisible, and can make a text look like another one"
    places = _places(_HIDDEN, text, source, first_line, first_column, clause)
    return _each("text-hidden-character", places, "cannot stand in an agreement", why)


def without_unwelcome(text: str) -> str:
    """The text with a visible sign for each unwelcome character, so that reading can go on."""
    return _HIDDEN.sub("\ufffd", _CONTROL.sub("\ufffd", text))


def _places(
    pattern: re.Pattern[str], text: str, source: str, first_line: int, first_column: int, clause: str
) -> Iterator[tuple[str, Place]]:
    line, at = 0, 0
    for found in pattern.finditer(text):
        line += text.count("\n", at, found.start())
        at = found.start()
        column = at - (text.rfind("\n", 0, at) + 1)
        yield found.group(), Place(source, first_line + line, first_column + column, clause)


def _each(code: str, places: Iterator[tuple[str, Place]], cannot: str, why: str) -> Iterator[Problem]:
    for count, (character, place) in enumerate(places):
        if count == MOST_SHOWN:
            yield error(code, place, "more such characters follow and are not listed", why, "delete them")
            return
        yield error(code, place, f"{_named(character)} {cannot}", why, "delete it")


def _named(character: str) -> str:
    known: dict[str, str] = {
        "\x00": "the NUL character",
        "\x0c": "a form feed",
        "\x1b": "an escape character",
        "\x7f": "a delete character",
    }
    if "\ud800" <= character <= "\udfff":
        return f"half a character (U+{ord(character):04X})"
    if character in known:
        return known[character]
    return f"{unicodedata.name(character, 'a control character')} (U+{ord(character):04X})"


def _undecodable(raw: bytes, failure: UnicodeDecodeError, source: str) -> Problem:
    line = raw.count(b"\n", 0, failure.start) + 1
    before = raw[raw.rfind(b"\n", 0, failure.start) + 1 : failure.start]
    byte = raw[failure.start : failure.start + 1]
    meant = byte.decode("cp1252", errors="ignore")
    why = f"in the older Windows encoding this byte is “{meant}”" if meant.isprintable() and meant else ""
    place = Place(source, line, len(before.decode("utf-8", errors="replace")) + 1)
    return error("text-not-utf-8", place, f"the byte 0x{byte.hex().upper()} is not UTF-8", why, _SAVE_AS)
