"""What a server does for its store every day, and that doing it again does nothing."""

from __future__ import annotations

from makegood.app.tidying import LATE, Tidied, tidy
from makegood.model.spans import DAY, HOUR
from makegood.store.folder import read_folder
from makegood.store.opened import Store
from tests.store.batches import MIDNIGHT, slots
from tests.store.test_archive import take

NOTHING = Tidied(0, 0, 0, 0)


def test_a_day_is_sealed_when_it_is_surely_over_and_goes_when_it_is_old(store: Store) -> None:
    take(store, [slots("iad", 1, [(n, "api", n % 7 == 3) for n in range(50)])], MIDNIGHT)
    assert tidy(store, MIDNIGHT + 23 * HOUR) == NOTHING
    assert tidy(store, MIDNIGHT + DAY + LATE - 1) == NOTHING
    assert tidy(store, MIDNIGHT + DAY + LATE) == Tidied(sealed=1, compacted=0, retired=0, mirrored=0)
    assert tidy(store, MIDNIGHT + DAY + LATE) == NOTHING
    assert list(read_folder(store.folder)[0].results) == ["api"]
    assert tidy(store, MIDNIGHT + 500 * DAY).retired == 1
    assert list(read_folder(store.folder)[0].results) == []
    assert tidy(store, MIDNIGHT + 500 * DAY) == NOTHING
