"""Leases: one holder at a time, and one that was paused while another took over writes nothing."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from threading import Event

import pytest
from sqlalchemy import insert, select

from makegood.model.spans import DAY, SECOND
from makegood.store.leases import Lease, Leases, Lost, database_clock, fenced
from makegood.store.opened import Store
from makegood.store.sql.database import reading, writing
from makegood.store.sql.tables import setting


class Hand:
    now = 1_000 * SECOND

    def __call__(self) -> int:
        return self.now


@pytest.fixture
def clock() -> Hand:
    return Hand()


def test_of_many_who_ask_at_once_one_has_it(store: Store, clock: Hand) -> None:
    for turn in range(4):  # also where the row is there, and has run out
        clock.now += 60 * SECOND
        with ThreadPoolExecutor(8) as threads:
            won = list(threads.map(lambda n: Leases(store.engine, f"{n}", clock).take("work", 5 * SECOND), range(8)))
        held = [one for one in won if one is not None]
        assert len(held) == 1, turn
        assert held[0].epoch == turn + 1


def test_a_holder_that_asks_in_time_keeps_it_under_its_epoch(store: Store, clock: Hand) -> None:
    one, other = Leases(store.engine, "one", clock), Leases(store.engine, "other", clock)
    first = one.take("work", 5 * SECOND)
    assert first == Lease("work", "one", 1, clock.now + 5 * SECOND)
    for _ in range(5):
        clock.now += 4 * SECOND
        first = one.take("work", 5 * SECOND)
        assert first is not None
        assert first.epoch == 1
        assert other.take("work", 5 * SECOND) is None
    clock.now += 5 * SECOND
    assert not one.holds(first)
    taken = other.take("work", 5 * SECOND)
    assert taken is not None
    assert taken.epoch == 2
    assert one.take("work", 5 * SECOND) is None


def test_one_that_is_given_back_is_free_at_once_and_a_lost_one_cannot_be_given_back(store: Store, clock: Hand) -> None:
    one, other = Leases(store.engine, "one", clock), Leases(store.engine, "other", clock)
    first = one.take("work", 60 * SECOND)
    assert first is not None
    one.leave(first)
    second = other.take("work", 60 * SECOND)
    assert second is not None
    one.leave(first)
    assert one.take("work", 60 * SECOND) is None


def written(store: Store, name: str, lease: Lease) -> None:
    with writing(store.engine) as connection:
        fenced(connection, lease)
        connection.execute(insert(setting).values(name=name, value=""))


def test_what_a_paused_holder_writes_is_refused_by_the_epoch(store: Store, clock: Hand) -> None:
    paused = Leases(store.engine, "one", clock).take("work", 5 * SECOND)
    assert paused is not None
    written(store, "in time", paused)
    clock.now += 6 * SECOND
    other = Leases(store.engine, "other", clock).take("work", 5 * SECOND)
    assert other is not None
    clock.now -= 6 * SECOND  # the clock of the one that was paused is behind, and tells it that all is well
    with pytest.raises(Lost):
        written(store, "too late", paused)
    written(store, "its turn", other)
    with reading(store.engine) as connection:
        names = set(connection.execute(select(setting.c.name)).scalars())
    assert {"in time", "its turn"} <= names
    assert "too late" not in names


def test_nobody_takes_a_lease_while_its_holder_is_writing_under_it(store: Store, clock: Hand) -> None:
    held = Leases(store.engine, "one", clock).take("work", 5 * SECOND)
    assert held is not None
    clock.now += 6 * SECOND
    inside = Event()

    def take() -> Lease | None:
        inside.wait()
        return Leases(store.engine, "other", clock).take("work", 5 * SECOND)

    with ThreadPoolExecutor(1) as threads:
        with writing(store.engine) as connection:
            fenced(connection, held)
            taking = threads.submit(take)
            inside.set()
            connection.execute(insert(setting).values(name="whole", value=""))
            assert not taking.done()
        taken = taking.result()
    assert taken is not None
    assert taken.epoch == 2


def test_the_clock_of_postgresql_is_that_of_its_database(store: Store, clock: Hand) -> None:
    now = database_clock(store.engine, clock)
    if store.engine.dialect.name == "sqlite":
        assert now is clock
    else:
        assert now() > 1_700_000_000 * SECOND


def test_a_lease_that_was_taken_by_a_clock_a_year_ahead_keeps_nobody_out(store: Store, clock: Hand) -> None:
    clock.now += 365 * DAY
    dead = Leases(store.engine, "dead", clock).take("work", 5 * SECOND)
    assert dead is not None
    clock.now -= 365 * DAY
    other = Leases(store.engine, "other", clock).take("work", 5 * SECOND)
    assert other is not None
    assert other.epoch == dead.epoch + 1, "should its holder live, it writes nothing more"
    assert Leases(store.engine, "third", clock).take("work", 5 * SECOND) is None
