"""What processes of a test do at once; it loads little, since each of them does."""

from __future__ import annotations

from pathlib import Path

from makegood.app.tokens import set_up
from makegood.model.problem import Refused
from makegood.store.opened import opened


def made_administrator(said: tuple[str, str, int, int]) -> bool:
    """Whether a process made itself the first administrator of a store, with a token, under a number, at an instant."""
    folder, token, number, now = said
    with opened(Path(folder)) as store:
        try:
            set_up(store, token, f"racer {number}", now)
        except Refused:
            return False
        return True
