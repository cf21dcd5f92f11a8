"""Who runs a command, as the system knows them: the author of what is recorded where no other is named."""

from __future__ import annotations

import getpass


def user_name() -> str:
    """The user's name."""
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        return "unknown"
