"""Use case: seal the closed days of a store."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from makegood.app.upkeep import must_be_store
from makegood.model.problem import Place, Refused, error
from makegood.model.spans import DAY, Instant
from makegood.store.opened import opened
from makegood.store.sealing_days import SealedDays, seal
from makegood.store.sql.batches import gaps
from makegood.store.sql.database import reading

EPOCH = date(1970, 1, 1).toordinal()


@dataclass(frozen=True)
class Sealing:
    """The segments as they are sealed, and which numbers of batches each location has not sent (first and last)."""

    segments: Iterator[SealedDays]
    missing: dict[str, list[tuple[int, int]]]


@contextmanager
def sealing(folder: Path, until: date | None, *, by: str, now: Instant) -> Iterator[Sealing]:
    """Seal the days (UTC) of a store up to a date, that one included, or all that are over.

    Raises Refused for a day that is not over, and where a disk or the database refuses.
    """
    must_be_store(folder)
    today = now // DAY
    end = today if until is None else until.toordinal() - EPOCH + 1
    if end > today:
        what = f"{until} is not over in UTC" if until is not None else ""
        raise Refused([error("day-not-over", Place("--until"), what, "only closed days are sealed")])
    with opened(folder) as store:
        with reading(store.engine) as connection:
            missing = gaps(connection)
        yield Sealing(seal(store, end * DAY, now, by), missing)
