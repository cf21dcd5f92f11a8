"""Secrets by their names, as the machine that uses them knows them: from its environment, or from files that it names.

`MAKEGOOD_SECRET_NAME` holds the value, or `MAKEGOOD_SECRET_NAME_FILE` the path of a file that does. No store has them.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

PREFIX = "MAKEGOOD_SECRET_"
MOST = 64 * 1024


def secrets_of(environment: Mapping[str, str]) -> Callable[[str], str | None]:
    """Gives the value of a secret by its name, or None. A file's value is without the line feed at its end."""

    def secret(name: str) -> str | None:
        if (value := environment.get(f"{PREFIX}{name}")) is not None:
            return value
        if (path := environment.get(f"{PREFIX}{name}_FILE")) is None:
            return None
        try:
            with Path(path).open(encoding="utf-8") as file:
                return file.read(MOST).rstrip("\r\n")
        except (OSError, UnicodeDecodeError):
            return None

    return secret
