"""Named substitution: `{name}` in a text becomes a value, and nothing else does. There is no template language.

A value is put in as it is, once: braces in it stay braces.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping

NAMED = re.compile(r"\{([A-Za-z][A-Za-z0-9_.-]*)\}")
SECRET = "secret."
"""What the name of a secret begins with: `{secret.SMTP}`."""

MESSAGE = ("details", "lasted", "link", "number", "rule", "since", "state", "subjects")
"""The names that texts of messages may hold."""


def names_in(text: str) -> tuple[str, ...]:
    """The names that stand in a text, each once, in order."""
    return tuple(dict.fromkeys(NAMED.findall(text)))


def filled(text: str, values: Mapping[str, str], written: Callable[[str], str] = str) -> str:
    """The text with its names replaced; `written` says how a value is put in. Raises KeyError where one is missing."""
    return NAMED.sub(lambda found: written(values[found[1]]), text)


def secrets_in(*texts: str) -> tuple[str, ...]:
    """The names of the secrets that texts hold, without the word before them."""
    found = (name for text in texts for name in names_in(text) if name.startswith(SECRET))
    return tuple(dict.fromkeys(name.removeprefix(SECRET) for name in found))
