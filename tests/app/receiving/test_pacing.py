"""One location asks too much, and only that one waits."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from makegood.app.pacing import PACES, Pace, Paces, Paid
from makegood.app.receiving import take_list
from makegood.evidence.canonical import canonical
from makegood.model.problem import Refused
from makegood.model.spans import MINUTE, SECOND
from makegood.store.alarms import alarms
from makegood.store.sql.database import reading
from makegood.store.sql.log import extent
from tests.app.receiving.agents import Asker, Held, hub_at

TEN = {paid: Pace(10, SECOND) for paid in Paid}


def waits(paces: Paces, location: str, now: int) -> int:
    """How many seconds a location is to wait, 0 where it need not."""
    try:
        paces.must_not_owe(location, now)
    except Refused as refused:
        (problem,) = refused.problems
        assert problem.code == "too-much"
        return int(problem.hint.removeprefix("wait ").removesuffix(" s"))
    return 0


def test_a_credit_is_used_up_and_grows_back_and_is_nobody_elses() -> None:
    paces = Paces(TEN)
    for _ in range(9):
        paces.charge("a", Paid.REQUESTS, 1, 0)
    assert waits(paces, "a", 0) == 0
    paces.charge("a", Paid.REQUESTS, 3, 0)
    assert waits(paces, "a", 0) == 3
    assert waits(paces, "b", 0) == 0
    assert waits(paces, "a", 2 * SECOND) == 1
    assert waits(paces, "a", 2 * SECOND + 1) == 0
    paces.charge("a", Paid.ALARMS, 20, 3 * SECOND)
    with pytest.raises(Refused, match="asks too much of this hub: alarms"):
        paces.must_not_owe("a", 3 * SECOND)


def test_a_clock_that_is_set_makes_nobody_wait_longer() -> None:
    paces = Paces(TEN)
    paces.charge("a", Paid.BYTES, 12, 1_000 * SECOND)
    assert waits(paces, "a", 5 * SECOND) == 3
    assert waits(paces, "a", 8 * SECOND) == 0


@given(st.lists(st.tuples(st.integers(0, 5), st.integers(0, 4 * SECOND)), max_size=60))
def test_nobody_gets_more_than_the_pace_in_any_stretch(asked: list[tuple[int, int]]) -> None:
    paces, now, taken = Paces(TEN), 0, list[tuple[int, int]]()
    for much, later in asked:
        now += later
        if waits(paces, "a", now) == 0:
            paces.charge("a", Paid.REQUESTS, much, now)
            taken.append((now, much))
    for n, (begin, _) in enumerate(taken):
        for end, last in taken[n:]:
            inside = sum(much for at, much in taken if begin <= at <= end)
            assert inside - last <= 10 + (end - begin) // SECOND
    assert not paces._spent or waits(paces, "a", now + 100 * SECOND) == 0


def test_what_nobody_owes_any_more_is_forgotten() -> None:
    paces = Paces(TEN)
    for n in range(100):
        paces.charge(f"a{n}", Paid.REQUESTS, 1, 0)
        waits(paces, f"a{n}", SECOND)
    assert not paces._spent


def test_a_location_that_hammers_is_refused_and_the_batches_of_another_are_taken(tmp_path: Path) -> None:
    clock = Held()
    with hub_at(tmp_path / "store", clock) as hub:
        wild, calm = Asker(hub, clock, "fra"), Asker(hub, clock, "iad")
        wild.begin()
        calm.begin()
        most, refused = PACES[Paid.REQUESTS].most, 0
        for _ in range(most + 20):
            try:
                wild.work()
            except Refused:
                refused += 1
        assert refused >= 20
        assert calm.send(calm.minute(1)).taken == 1
        clock.move(MINUTE)
        wild.work()


def test_who_does_not_sign_as_a_location_uses_up_none_of_its_credit(tmp_path: Path) -> None:
    clock = Held()
    with hub_at(tmp_path / "store", clock) as hub:
        calm, stranger = Asker(hub, clock, "iad"), Asker(hub, clock, "iad")
        calm.begin()
        before = dict(hub.paces._spent)
        for _ in range(5):
            with pytest.raises(Refused, match="no agent that was enrolled"):
                stranger.work()
        assert hub.paces._spent == before


def test_lists_that_are_new_are_paid_for_and_those_that_are_known_leave_no_trace(tmp_path: Path) -> None:
    clock = Held()
    with hub_at(tmp_path / "store", clock) as hub:
        wild = Asker(hub, clock, "fra")
        wild.begin()
        hub.paces.paces = {**PACES, Paid.LISTS: Pace(5_000, SECOND)}
        with reading(hub.store.engine) as connection:
            size = extent(connection).size
        for n in range(3):
            body = canonical([f"check-{n}-{k}" for k in range(100)])
            for _ in range(2):
                take_list_of(wild, body)
        with reading(hub.store.engine) as connection:
            assert extent(connection).size == size + 3
        take_list_of(wild, canonical([f"check-3-{k}" for k in range(100)]))
        with pytest.raises(Refused, match="new lists of checks"):
            take_list_of(wild, canonical(["one-more"]))


def test_alarms_are_paid_for(tmp_path: Path) -> None:
    clock = Held()
    with hub_at(tmp_path / "store", clock) as hub:
        wild = Asker(hub, clock, "fra")
        wild.begin()
        hub.paces.paces = {**PACES, Paid.ALARMS: Pace(3, MINUTE)}
        for n in range(3):
            wild.work(offset=0)
            wild.work(acknowledged=wild.sequence + n + 1)
        with pytest.raises(Refused, match="alarms"):
            wild.work()
        assert len(alarms(hub.store)) == 3


def take_list_of(asker: Asker, body: bytes) -> None:
    take_list(asker.hub, asker.signed("/agent/v1/lists", body))
