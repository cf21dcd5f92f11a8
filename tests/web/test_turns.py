"""Who finds outages: one process at a time, also though it takes its lease anew only every few seconds."""

from __future__ import annotations

from pathlib import Path

from makegood.app.deployed import deployed
from makegood.app.offering import offer_of_files
from makegood.app.planning import apply_plan, plan
from makegood.app.starting import start
from makegood.model.spans import SECOND
from makegood.store.leases import Leases
from makegood.store.outages import followed_in, health_in
from makegood.store.sql.database import reading
from makegood.web.loops import LEASED, WATCH
from tests.web.asking import Desk


def test_whoever_lost_the_turn_keeps_nothing_until_it_is_won_again(hub: Desk, tmp_path: Path) -> None:
    def kept() -> tuple[object, list[object]]:
        with reading(hub.store.engine) as connection:
            return followed_in(connection), list(health_in(connection))

    hub.loops.watch()
    before = kept()
    assert before[0] is not None
    hub.clock.now += LEASED + SECOND
    other = Leases(hub.store.engine, "other", hub.clock)
    taken = other.take(WATCH, LEASED)
    assert taken is not None
    start(tmp_path / "example")
    apply_plan(hub.store, plan(deployed(hub.store), offer_of_files([tmp_path / "example"])), hub.clock.now, "test")
    for _ in range(2):  # it still believes that it is its turn, and then knows better
        hub.loops.watch()
        assert kept() == before
    other.leave(taken)
    hub.loops.watch()
    assert kept()[1] != before[1]
