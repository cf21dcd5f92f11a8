"""Use case: what a store needs every day while a server fills it: sealing, compacting, letting old evidence go."""

from __future__ import annotations

from dataclasses import dataclass

from makegood.model.spans import DAY, HOUR, Duration, Instant
from makegood.store.compacting import compact
from makegood.store.joining import join_files
from makegood.store.mirroring import mirror
from makegood.store.opened import Store
from makegood.store.retiring import lived_until, old, retire
from makegood.store.sealing_days import seal
from makegood.store.sealing_flagged import seal_flagged

LATE: Duration = HOUR
"""How long after midnight (UTC) a day is sealed. What comes later still counts, and is sealed beside it."""
AUTHOR = "makegood"


@dataclass(frozen=True, slots=True)
class Tidied:
    """What was done: so many segments sealed, months compacted, files retired, and files put on the object store; and
    how many files are old enough to go, and stay because the log does not show that time came so far."""

    sealed: int
    compacted: int
    retired: int
    mirrored: int
    kept: int = 0


def tidy(store: Store, now: Instant) -> Tidied:
    """Do what is due at an instant; done again, nothing is left to do.

    Each part is whole by itself. Raises Refused for the first that a disk, an object store or the database refuses.
    """
    midnight = (now - LATE) // DAY * DAY
    sealed = sum(1 for way in (seal, seal_flagged) for _ in way(store, midnight, now, AUTHOR))
    compacted = sum(1 for way in (compact, join_files) for _ in way(store, midnight, now, AUTHOR))
    mirrored = sum(1 for _ in mirror(store))
    due = old(store, now)
    if due and not lived_until(store, now):
        return Tidied(sealed, compacted, sum(1 for _ in retire(store, [], now, AUTHOR)), mirrored, len(due))
    return Tidied(sealed, compacted, sum(1 for _ in retire(store, due, now, AUTHOR)), mirrored)
