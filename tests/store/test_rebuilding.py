"""The outages that a store keeps follow from its facts: they are made again, row for row, and nobody is told of it."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import count
from pathlib import Path
from random import Random
from typing import Any

import pytest
from sqlalchemy import Row, delete, insert, select, update

from makegood.app.upkeep import rebuild_store
from makegood.app.watching import Watching
from makegood.model.problem import Refused
from makegood.model.spans import DAY, SECOND
from makegood.store.opened import Store
from makegood.store.sealing_days import seal
from makegood.store.sql.database import reading, writing
from makegood.store.sql.live_tables import followed, outage
from tests.app.test_following import ORDER, minute, told
from tests.store.batches import MIDNIGHT, rows
from tests.store.test_archive import take
from tests.store.test_watching import PLACES, deploy, fail, note


def kept(store: Store) -> tuple[list[Row[Any]], list[Row[Any]]]:
    with reading(store.engine) as connection:
        asked = select(outage).order_by(outage.c.order, outage.c.commitment, outage.c.subject, outage.c.begin)
        return [*connection.execute(asked)], [*connection.execute(select(followed))]


@pytest.fixture
def watched(store: Store, tmp_path: Path) -> Store:
    """A store with two outages of two services, looked at twice, and with evidence that nobody looked at yet."""
    deploy(store, tmp_path, ORDER, MIDNIGHT)
    watching = Watching(store, note)
    fail(store, 1, range(20), [range(5, 10), range(15, 20)])
    watching.look(minute(20))
    fail(store, 2, range(20, 30), [range(20, 22)])
    watching.look(minute(30))
    fail(store, 3, range(30, 40), [range(30, 36)])
    return store


def spoil(store: Store, *changes: object) -> None:
    with writing(store.engine) as connection:
        for change in changes:
            connection.execute(change)  # type: ignore[call-overload]


def test_outages_that_are_as_the_facts_give_them_stay(watched: Store) -> None:
    before = kept(watched)
    assert [len(part) for part in before] == [4, 1]
    tree = rebuild_store(watched.folder).rows - 5
    assert tree > 0
    assert rebuild_store(watched.folder, only_check=True).different == 0
    assert kept(watched) == before


def test_outages_that_are_changed_missing_or_too_many_are_made_again(watched: Store) -> None:
    before = kept(watched)
    extra = {"order": "acme", "commitment": "uptime", "subject": "api", "begin": 7, "end": 8, "lasting": True}
    spoil(
        watched,
        update(outage).where(outage.c.subject == "api", outage.c.begin == minute(5)).values(end=minute(6)),
        delete(outage).where(outage.c.subject == "shop", outage.c.begin == minute(5)),
        insert(outage).values(extra),
    )
    spoiled = kept(watched)
    assert rebuild_store(watched.folder, only_check=True).different == 3
    assert kept(watched) == spoiled
    assert rebuild_store(watched.folder).different == 3
    assert kept(watched) == before
    assert rebuild_store(watched.folder).different == 0


@pytest.mark.parametrize("lost", ["gone", "beyond"])
def test_where_it_is_not_known_what_outages_were_found_in_all_of_the_log_is_taken(watched: Store, lost: str) -> None:
    spoil(watched, delete(followed) if lost == "gone" else update(followed).values(size=10_000))
    assert rebuild_store(watched.folder).different == 3  # the instant, and the outage of each service since
    found, known = kept(watched)
    assert [tuple(row)[1:] for row in known] == [(watched.size(), minute(40) + 3 * SECOND)]  # the third place told last
    assert len(found) == 6
    assert rebuild_store(watched.folder).different == 0


def test_a_store_that_nobody_watched_has_no_outages_to_make(store: Store, tmp_path: Path) -> None:
    deploy(store, tmp_path, ORDER, MIDNIGHT)
    fail(store, 1, range(20), [range(5, 10)])
    assert rebuild_store(store.folder).different == 0
    assert kept(store) == ([], [])


def test_what_is_deployed_later_does_not_change_what_was_found_before(watched: Store, tmp_path: Path) -> None:
    before = kept(watched)
    deploy(watched, tmp_path, ORDER.replace("  - {service: shop, checks: [api, shop]}\n", ""), minute(41))
    assert rebuild_store(watched.folder).different == 0
    assert kept(watched) == before


def test_outages_are_not_made_from_evidence_that_is_missing(watched: Store) -> None:
    list(seal(watched, MIDNIGHT + DAY, MIDNIGHT + DAY, "ops"))
    assert rebuild_store(watched.folder).different == 0
    (segment,) = (watched.folder / "outcomes").iterdir()
    segment.unlink()
    before = kept(watched)
    with pytest.raises(Refused, match="missing"):
        rebuild_store(watched.folder)
    assert kept(watched) == before


def test_a_server_that_looks_meanwhile_keeps_what_it_found(watched: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    import makegood.app.rebuilding as module

    spoil(watched, delete(outage))
    watching, found, looked = Watching(watched, note), module._found, 0

    def found_late(*about: object) -> Sequence[object]:
        nonlocal looked
        made = found(*about)  # type: ignore[arg-type]
        if not looked:
            watching.look(minute(40))
        looked += 1
        return made

    monkeypatch.setattr(module, "_found", found_late)
    assert rebuild_store(watched.folder).different == 0
    assert looked == 2
    assert len(kept(watched)[0]) == 6


@pytest.mark.parametrize("seed", range(3))
def test_whatever_comes_when_what_is_kept_is_what_all_of_it_gives_at_once(
    store: Store,
    tmp_path: Path,
    seed: int,
) -> None:
    random, sequences = Random(seed), {place: count(1) for place in PLACES}
    deploy(store, tmp_path, ORDER, MIDNIGHT)
    watching = Watching(store, note)
    for at in range(0, 240, 20):
        down = [range(a, a + random.randint(1, 12)) for a in random.sample(range(at, at + 20), 2)]
        begin = at - random.choice([0, 0, 15, 60])
        for place in random.sample(PLACES, 2):
            said = [t for c in ("api", "shop") for t in told(range(max(begin, 0), at + 20), c, down)]
            take(store, [rows(place, next(sequences[place]), said)], minute(at + 20))
        if random.random() < 0.7:
            watching.look(minute(at + 20 + random.randint(0, 3)))
        assert rebuild_store(store.folder, only_check=True).different == 0
    assert kept(store)[0]
