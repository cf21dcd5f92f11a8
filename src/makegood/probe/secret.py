"""Values that only the location knows: put in where a check names them, and taken out of all that is told."""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Mapping
from functools import cached_property
from urllib.parse import quote, quote_plus

FIELD = re.compile(r"\{(secret\.)?([A-Za-z0-9_][A-Za-z0-9_.-]*)\}")
"""`{secret.NAME}`, and `{NAME}` of what a step captured."""

NOT_SHOWN = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\u200e\u200f\u202a-\u202e\u2066-\u2069]+")
"""Control characters and those that turn the direction of writing: they would break a line, or forge one."""

MOST = 80
"""Characters of an excerpt of what others sent."""


class MissingSecret(Exception):
    """A check names a secret that the location does not know."""

    def __init__(self, name: str) -> None:
        super().__init__(f"this location does not know the secret {name}")


class Secrets:
    """The secrets of a location by name."""

    def __init__(self, known: Mapping[str, str]) -> None:
        self._known = dict(known)

    def fill(self, text: str, captured: Mapping[str, str] | None = None) -> str:
        """The text with secrets and captured values put in, in one pass: nothing in a value is looked at again.

        What is in braces and is neither stays as it is, for JSON has braces too. Raises MissingSecret.
        """
        if "{" not in text:
            return text
        return FIELD.sub(lambda found: self._value(found, captured or {}), text)

    def _value(self, found: re.Match[str], captured: Mapping[str, str]) -> str:
        secret, name = found.groups()
        if not secret:
            return captured.get(name, found[0])
        try:
            return self._known[name]
        except KeyError:
            raise MissingSecret(name) from None

    def redact(self, text: str) -> str:
        """The text with `{secret.NAME}` in place of every value, also as a URL, JSON or Base64 have it."""
        if self._forms is None or not text:
            return text
        pattern, names = self._forms
        return pattern.sub(lambda found: f"{{secret.{names[found[0]]}}}", text)

    def excerpt(self, text: str, most: int = MOST) -> str:
        """A piece of what others sent, for one line: redacted first and then cut."""
        shown = NOT_SHOWN.sub(" ", self.redact(text)).strip()
        return shown if len(shown) <= most else shown[: most - 1] + "…"

    @cached_property
    def _forms(self) -> tuple[re.Pattern[str], Mapping[str, str]] | None:
        names = {form: name for name, value in self._known.items() if value for form in _written(value)}
        if not names:
            return None
        longest_first = sorted(names, key=len, reverse=True)
        return re.compile("|".join(map(re.escape, longest_first))), names


def _written(value: str) -> set[str]:
    raw = value.encode()
    plain = {value, quote(value, safe=""), quote(value), quote_plus(value), json.dumps(value)[1:-1]}
    # Shorter ones are in everything that is written in Base64.
    coded = {base64.b64encode(raw).decode().rstrip("="), base64.urlsafe_b64encode(raw).decode().rstrip("=")}
    return plain | coded if len(raw) >= 6 else plain
