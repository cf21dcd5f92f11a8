"""What a server does for its store every day, and that doing it again does nothing."""

from __future__ import annotations

from dataclasses import replace

import pytest

from makegood.app.archiving import retain
from makegood.app.tidying import LATE, Tidied, tidy
from makegood.model.problem import Refused
from makegood.model.spans import DAY, HOUR, Instant
from makegood.store.folder import read_folder
from makegood.store.opened import Store
from makegood.store.retiring import LIVED
from makegood.store.sql.store import Appended, Document
from tests.store.batches import MIDNIGHT, slots
from tests.store.test_archive import take

NOTHING = Tidied(0, 0, 0, 0)


def live(store: Store, until: Instant) -> None:
    """Something is logged on each of the days before an instant."""
    for day in range(LIVED, 0, -1):
        said = Document("note", f"{until - day * DAY}", b"%d" % day)
        store.append(Appended("ops", documents=[said]), until - day * DAY + HOUR)


def test_a_clock_that_is_a_year_ahead_lets_no_evidence_go(store: Store) -> None:
    take(store, [slots("iad", 1, [(n, "api", 0) for n in range(50)])], MIDNIGHT)
    live(store, MIDNIGHT + 30 * DAY)
    assert tidy(store, MIDNIGHT + 30 * DAY).sealed == 1
    assert tidy(store, MIDNIGHT + 500 * DAY) == replace(NOTHING, kept=1)
    for hour in range(10):  # what is recorded by such a clock shows nothing
        ahead = MIDNIGHT + 500 * DAY + hour * HOUR
        store.append(Appended("ops", documents=[Document("note", "ahead", b"%d" % hour)]), ahead)
        assert tidy(store, ahead) == replace(NOTHING, kept=1)
    with pytest.raises(Refused, match="it may not be"):
        retain(store.folder, by="ops", now=MIDNIGHT + 501 * DAY)
    assert len(retain(store.folder, by="ops", now=MIDNIGHT + 501 * DAY, dry_run=True)) == 1
    assert list(read_folder(store.folder)[0].results) == ["api"]
    retain(store.folder, by="ops", now=MIDNIGHT + 501 * DAY, trust_clock=True)
    assert list(read_folder(store.folder)[0].results) == []


def test_a_day_is_sealed_when_it_is_surely_over_and_goes_when_it_is_old(store: Store) -> None:
    take(store, [slots("iad", 1, [(n, "api", n % 7 == 3) for n in range(50)])], MIDNIGHT)
    assert tidy(store, MIDNIGHT + 23 * HOUR) == NOTHING
    assert tidy(store, MIDNIGHT + DAY + LATE - 1) == NOTHING
    assert tidy(store, MIDNIGHT + DAY + LATE) == Tidied(sealed=1, compacted=0, retired=0, mirrored=0)
    assert tidy(store, MIDNIGHT + DAY + LATE) == NOTHING
    assert list(read_folder(store.folder)[0].results) == ["api"]
    live(store, MIDNIGHT + 500 * DAY)
    assert tidy(store, MIDNIGHT + 500 * DAY).retired == 1
    assert list(read_folder(store.folder)[0].results) == []
    assert tidy(store, MIDNIGHT + 500 * DAY) == NOTHING
