"""Text from outside made safe to show: one line, and no character that acts instead of being read.

A fact may hold escape sequences for a terminal, or marks that turn the direction of writing and make `exe.cod` of
`doc.exe`. They are shown as what they are, `\\x1b` or `\\u202e`, so that nothing is hidden and nothing happens.
"""

from __future__ import annotations

import unicodedata

JOINERS = frozenset("\u200c\u200d")
"""Invisible, but spelling needs them (Persian, Hindi, emoji)."""

ACTING = frozenset(("Cc", "Cf", "Cs", "Cn"))
BREAKING = frozenset(("Zl", "Zp"))

PLAIN = str.maketrans(
    {
        "–": "-", "—": "-", "−": "-", "‑": "-", "×": "x", "÷": "/", "·": "-", "…": "~", "’": "'", "“": '"', "”": '"',
        "✓": "+", "✗": "x", "─": "-", "━": "=", "│": "|", "└": "`", "├": "|", "╵": "'", "→": ">", "§": "S", "≥": ">",
        "█": "#", "▓": "%", "▒": "?", "░": ":", "▁": "_", "▄": "o", "╌": ".", "•": "*", "▸": ">", "\u00a0": " ",
    }
)  # fmt: skip


def printable(text: str) -> str:
    """The text on one line, with control, formatting and unassigned characters written as escapes."""
    return "".join(map(_shown, text)) if not text.isascii() or not text.isprintable() else text


def lettered(text: str, encoding: str) -> str:
    """The text in what an encoding can carry: drawn signs become ASCII of the same width, other letters `?`."""
    try:
        text.encode(encoding)
    except UnicodeEncodeError:
        return text.translate(PLAIN).encode(encoding, "replace").decode(encoding)
    return text


def unformulaic(text: str) -> str:
    """Text that a spreadsheet takes for text, and never for a formula."""
    return f"'{text}" if text[:1] in ("=", "+", "-", "@", "\t", "\r") else text


def _shown(character: str) -> str:
    category = unicodedata.category(character)
    if character in "\n\r\t" or category in BREAKING:
        return " "
    if category not in ACTING or character in JOINERS:
        return character
    code = ord(character)
    return f"\\x{code:02x}" if code < 0x100 else f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"
