"""The outages of now are kept, and what changed is said once."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from makegood.model.health import Change, Health, Outage, Subject
from makegood.store.opened import Store
from makegood.store.outages import health_in, keep_outages, outages_in
from makegood.store.sql.database import reading, writing
from makegood.store.sql.live_tables import followed

OPEN, OVER = Outage(10, None, lasting=False), Outage(10, 20, lasting=True)


def subject(*outages: Outage, name: str = "shop", health: Health = Health.UP) -> Subject:
    return Subject("acme", "uptime", name, ("shop", "api"), health, 30, outages)


def keep(store: Store, *subjects: Subject, at: int) -> list[Change]:
    with writing(store.engine) as connection:
        return keep_outages(connection, subjects, at, at)


def test_what_was_found_is_there_and_said_once(store: Store) -> None:
    assert keep(store, subject(OPEN, health=Health.DOWN), at=15) == [Change("acme", "uptime", "shop", None, OPEN)]
    assert keep(store, subject(OPEN, health=Health.DOWN), at=16) == []
    assert keep(store, subject(OVER), at=30) == [Change("acme", "uptime", "shop", OPEN, OVER)]
    with reading(store.engine) as connection:
        assert outages_in(connection) == {("acme", "uptime", "shop"): [OVER]}
        assert health_in(connection) == {("acme", "uptime", "shop"): (subject(), 30)}
        assert connection.execute(select(followed.c.size, followed.c.at)).one() == (30, 30)
    assert keep(store, subject(), at=40) == [Change("acme", "uptime", "shop", OVER, None)]
    with reading(store.engine) as connection:
        assert outages_in(connection) == {}
        assert health_in(connection) == {("acme", "uptime", "shop"): (subject(), 30)}


@pytest.mark.parametrize("many", [1, 300])
def test_only_some_subjects_may_be_kept_and_the_others_stay(store: Store, many: int) -> None:
    names = [f"s{n}" for n in range(many)]
    keep(store, *[subject(OPEN, name=name, health=Health.DOWN) for name in names], subject(OPEN, name="other"), at=15)
    some = [subject(OVER, name=name) for name in names]
    with writing(store.engine) as connection:
        changed = keep_outages(connection, some, 20, 20, whole=False)
        assert changed == [Change("acme", "uptime", name, OPEN, OVER) for name in names]
        assert outages_in(connection)["acme", "uptime", "other"] == [OPEN]
        assert health_in(connection)["acme", "uptime", "other"] == (subject(name="other"), 15)
        assert health_in(connection)["acme", "uptime", "s0"] == (subject(name="s0"), 20)


def test_what_nobody_promises_any_more_goes_without_a_word(store: Store) -> None:
    keep(store, subject(OVER), subject(OPEN, name="api"), at=30)
    assert keep(store, subject(OVER), at=31) == []
    with reading(store.engine) as connection:
        assert outages_in(connection) == {("acme", "uptime", "shop"): [OVER]}
