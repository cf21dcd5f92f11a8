"""A value that could not be read, as a value; and the characters that a value may be written in."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass

LONGEST = 200
"""No value is longer than this many characters; what is longer is text that lost its quotes."""

_SPACES = dict.fromkeys(map(ord, "\t\n\r\u00a0\u2007\u2009\u202f"), " ")
_DASHES = dict.fromkeys(map(ord, "\u2010\u2011\u2012\u2013\u2014"), "-")
_MINUS = {0x2212: "-"}


@dataclass(frozen=True, slots=True)
class Wrong:
    """Why a text is not the value that was asked for: what is wrong, why it cannot be right, what to write instead."""

    what: str
    why: str = ""
    hint: str = ""


def prepared(text: str, *, ranges: bool = False) -> str | Wrong:
    """The text in plain ASCII: no-break and narrow spaces are spaces, `−` is a minus, and in ranges a dash is a hyphen.

    Any other character beyond ASCII is refused by name, since a value that looks like another must not pass for it.
    """
    if len(text) > LONGEST:
        return Wrong(f"this value is {len(text):,} characters long", f"a value has at most {LONGEST}")
    words = text.translate(_SPACES | _MINUS | (_DASHES if ranges else {})).split(" ")
    plain = " ".join(word for word in words if word)
    if not plain:
        return Wrong("nothing is written here", hint="write the value, or leave the key out")
    odd = next((c for c in plain if not (" " <= c <= "~")), None)
    return plain if odd is None else _odd(odd, plain)


def _odd(odd: str, plain: str) -> Wrong:
    name = unicodedata.name(odd, f"U+{ord(odd):04X}")
    meant = unicodedata.normalize("NFKC", plain).translate(_DASHES)
    hint = f"write {meant}" if meant.isascii() and meant.isprintable() else "write it with ordinary letters and digits"
    shown = f"“{odd}” ({name})" if odd.isprintable() else name
    return Wrong(f"{shown} cannot stand in a value", "it looks like another character, or like none", hint)
