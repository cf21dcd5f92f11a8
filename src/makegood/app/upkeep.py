"""Use cases on a store as a whole: look at everything, make what is derived again, erase personal data."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from makegood.app.rebuilding import rebuilt
from makegood.model.problem import Refused
from makegood.model.spans import Instant
from makegood.store.checking import Checked, check
from makegood.store.compacting import Compacted, compact
from makegood.store.joining import join_files
from makegood.store.mirroring import mirror
from makegood.store.opened import Store, opened
from makegood.store.place import is_store, no_store
from makegood.store.sealing_days import SealedDays, seal
from makegood.store.sealing_flagged import seal_flagged
from makegood.store.sql.batches import gaps
from makegood.store.sql.database import reading, writing
from makegood.store.sql.deriving import Rebuilt
from makegood.store.sql.erasures import Erased, Why, erase_author, erase_fact, scrub


@dataclass(frozen=True)
class Erasing:
    """What was erased, one for each that was asked for, and whether its bytes are gone from the files as well."""

    done: tuple[tuple[str, Erased], ...]
    scrubbed: bool


def must_be_store(folder: Path) -> None:
    """Refuse what is no store."""
    if not is_store(folder):
        raise Refused([no_store(folder)])


def seal_store(folder: Path, until: Instant, now: Instant, by: str) -> Iterator[SealedDays]:
    """Seal what batches hold that end before an instant, and flagged batches that came before it, segment by segment.

    Raises Refused as `seal` does.
    """
    must_be_store(folder)
    with opened(folder) as store:
        yield from seal(store, until, now, by)
        yield from seal_flagged(store, until, now, by)


def compact_store(folder: Path, until: Instant, now: Instant, by: str) -> Iterator[Compacted]:
    """Make one segment of those of each month that ended before an instant. Raises Refused as `compact` does."""
    must_be_store(folder)
    with opened(folder) as store:
        yield from compact(store, until, now, by)
        yield from join_files(store, until, now, by)


def mirror_store(folder: Path) -> list[str]:
    """Upload the segments that the object store of a store lacks; their names. Raises Refused as `mirror` does."""
    must_be_store(folder)
    with opened(folder) as store:
        return list(mirror(store))


def missing_batches(folder: Path) -> dict[str, list[tuple[int, int]]]:
    """Which numbers of batches each location has not sent below its latest, the first and last of each stretch."""
    must_be_store(folder)
    with opened(folder) as store, reading(store.engine) as connection:
        return gaps(connection)


def check_store(folder: Path) -> Checked:
    """Look at everything in a store. Raises Refused where it cannot be opened at all."""
    must_be_store(folder)
    with opened(folder, mending=False) as store:
        return check(store)


def rebuild_store(folder: Path, only_check: bool = False) -> Rebuilt:
    """Make what is derived again, or only say what differs. Raises Refused as `rebuilt` does."""
    must_be_store(folder)
    with opened(folder, mending=False) as store:
        return rebuilt(store, only_check)


def erase(
    folder: Path, facts: Sequence[str], author: str, *, by: str, because: str, now: Instant, with_facts: bool = False
) -> Erasing:
    """Erase the content of facts, the name of an author, or both: all of it, or nothing where one is refused.

    With `with_facts`, the facts that name the author in a field of theirs go too.
    """
    must_be_store(folder)
    why = Why(by, now, because)
    with opened(folder) as store:
        try:
            done = _erase(store, facts, author, why, with_facts)
        except Refused:
            scrub(store.engine)  # perhaps it was erased before, while others were in the way of this
            raise
        return Erasing(done, scrub(store.engine))


def _erase(
    store: Store, facts: Sequence[str], author: str, why: Why, with_facts: bool
) -> tuple[tuple[str, Erased], ...]:
    sign, done = store.sign, list[tuple[str, Erased]]()
    with writing(store.engine) as connection:
        done += [(named, erase_fact(connection, named, why, sign)) for named in dict.fromkeys(facts)]
        if author:
            done.append((author, erase_author(connection, author, why, sign, with_facts)))
    return tuple(done)
