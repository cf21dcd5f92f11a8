"""As of when something is asked: an instant, or in a store a length of its log, which says exactly what was known.

What a store knows now is what is in its log, whatever instants stand there: a clock that was ahead once hides nothing.
The instant only says how much of a running period has passed.
"""

from __future__ import annotations

import re
import time
from pathlib import Path
from typing import NamedTuple

from makegood.contract import numbers
from makegood.contract.wrong import Wrong
from makegood.model.problem import Place, Refused, error
from makegood.model.spans import Instant
from makegood.store.opened import opened
from makegood.store.place import is_store

LENGTH = re.compile(r"log\s+(\d{1,15})")


class Known(NamedTuple):
    """What counts as known. `at` is the instant (µs UTC) up to which time has passed. Of a store the first `size`
    entries of the log are known; with None, as of a plain folder, what was recorded by that instant is."""

    at: Instant
    size: int | None = None


def known(text: str | None, facts: Path | None) -> Known:
    """What `--as-of` says: an instant, `log 42` for the first 42 entries of a store, or now where it is not given.

    Raises Refused for a time without a zone, an epoch number and the like, and for a length that the log never had.
    """
    if text is None:
        return _of_now(facts)
    if length := LENGTH.fullmatch(text.strip()):
        return _of_length(int(length[1]), facts)
    found = numbers.instant(text, None)
    if isinstance(found, Wrong):
        raise Refused([error("wrong-instant", Place("--as-of"), found.what, found.why, found.hint)])
    return Known(found)


def _of_now(facts: Path | None) -> Known:
    size = None
    if facts is not None and is_store(facts):
        with opened(facts) as store:
            size = store.size()
    return Known(time.time_ns() // 1000, size)


def _of_length(size: int, facts: Path | None) -> Known:
    if facts is None or not is_store(facts):
        hint = "say an instant, such as 2026-03-02T00:00:00Z"
        raise Refused([error("wrong-instant", Place("--as-of"), "only a store has a log", "", hint)])
    with opened(facts) as store:
        head = store.head(size)
        if head is None:
            latest = store.head()
            lengths = f"it has {latest.head.size:,} entries now" if latest is not None else "it is empty"
            what = f"the log was never told to be {size:,} entries long"
            hint = "name the size of a signed head, such as a statement shows"
            raise Refused([error("wrong-instant", Place("--as-of"), what, lengths, hint)])
        return Known(min(head.head.at, time.time_ns() // 1000), size)  # that log may have been written by a fast clock
