"""Hubs whose own clock is set, while they run or before they start: nothing is lost or charged, and they work again."""

from __future__ import annotations

from itertools import product
from pathlib import Path

import pytest

from makegood.model.spans import DAY, HOUR, MINUTE, Duration
from makegood.store.alarms import AlarmKind, alarms
from makegood.store.sql.database import reading
from makegood.store.sql.log import extent
from makegood.store.sql.store import Appended, Document
from tests.faults.simulated import World
from tests.faults.test_simulated import A_YEAR, PLACES, STEPS, counting, lived
from tests.store.faults.conftest import TORTURE

SET = [*product(STEPS, (1, 3))] if TORTURE else [(-HOUR, 1), (A_YEAR, 3)]
STARTED = [*product(STEPS, (2, 3))] if TORTURE else [(-A_YEAR, 2), (HOUR, 3)]


def ahead(here: World) -> Duration:
    """How far the log is ahead of the truth; what is not, is not."""
    with reading(here.store.engine) as connection:
        return max(0, extent(connection).at - here.now())


def flagged(here: World) -> set[AlarmKind]:
    return {one.kind for one in alarms(here.store)} - {AlarmKind.HUB_CLOCK}


@pytest.mark.parametrize(("step", "places"), SET)
def test_a_wall_clock_that_is_set_under_a_hub_changes_nothing_and_is_told(
    tmp_path: Path, step: Duration, places: int
) -> None:
    async def script(here: World) -> None:
        here.outage(6, 10)
        await here.until(4)
        here.hub_step = step
        await here.until(8)
        assert here.time.apart() == step
        assert here.time.doubt() == ""
        assert ahead(here) == 0
        await here.until(11)
        here.hub_step = 0

    here = lived(tmp_path, script, 14, PLACES[:places])
    assert [one.says.partition(",")[0] for one in alarms(here.store)] == [
        "its wall clock was set", "its wall clock is right again",
    ]  # fmt: skip
    assert {one.kind for one in alarms(here.store)} == {AlarmKind.HUB_CLOCK}
    assert counting(here, "iad", 1, 13) == 2 * (12 - 4), "of all slots but those of the outage"
    assert {(turn.subject, turn.after and turn.after.begin) for turn in here.turns} == {
        (name, here.begin + 6 * here.every) for name in ("api", "shop")
    }


@pytest.mark.parametrize(("step", "places"), STARTED)
def test_a_hub_that_starts_with_a_wrong_clock_takes_nothing_until_it_is_set(
    tmp_path: Path, step: Duration, places: int
) -> None:
    async def script(here: World) -> None:
        here.outage(5, 8)
        await here.until(4)
        here.hub_step = step
        here.start_hub()
        before = here.store.size()
        await here.until(5)
        assert here.time.doubt() != ""
        await here.until(9)
        assert here.store.size() == before, "nothing is dated by a clock that others say is wrong"
        here.hub_step = 0

    here = lived(tmp_path, script, 14, PLACES[:places])
    assert flagged(here) == set(), "what waited in the spools counts, all of it"
    assert counting(here, "iad", 1, 13) == 2 * (12 - 3)
    assert len(here.turns) == 2


def test_a_hub_that_was_wrong_from_its_first_day_is_put_right_by_two_locations(tmp_path: Path) -> None:
    def before(here: World) -> None:
        here.hub_step = HOUR
        here.start_hub()
        assert here.time.doubt() == "", "nobody is there to ask yet"

    async def script(here: World) -> None:
        await here.until(4)
        assert "most clocks agree on a time that is 1 h behind it" in here.time.doubt()
        here.outage(6, 9)
        await here.until(7)
        here.hub_step = 0
        await here.until(8)
        assert here.time.doubt() == ""

    here = lived(tmp_path, script, 18, before=before)
    assert counting(here, "fra", 12, 17) == 2 * 5


@pytest.mark.parametrize("places", [0, 1, 3] if TORTURE else [0, 3])
def test_a_store_whose_log_is_a_year_ahead_is_used_again(tmp_path: Path, places: int) -> None:
    async def script(here: World) -> None:
        here.outage(8, 12)
        await here.until(4)
        here.store.append(Appended("ops", documents=[Document("note", "ahead", b"ahead")]), here.now() + A_YEAR)
        here.start_hub()
        assert "8,760 h behind what the store has recorded" in here.time.doubt()
        await here.until(5 if not places else 7)
        if not places:
            assert here.time.doubt() != "", "nobody said that it is right"
            here.start_hub(insist=True)
        assert here.time.doubt() == ""
        here.keep_time()
        here.start_hub()
        assert "behind" not in here.time.doubt(), "the log says by now that it is ahead"

    here = lived(tmp_path, script, 16, PLACES[:places])
    assert flagged(here) == set()
    if places:
        assert counting(here, "iad", 1, 15) == 2 * (14 - 4)
        assert {one.favourable.down for one in here.statements()} == {4 * here.every}, "what came since is known"


@pytest.mark.parametrize("step", [HOUR, -DAY, 20 * MINUTE] if TORTURE else [HOUR, 20 * MINUTE])
def test_of_two_servers_the_one_whose_clock_is_wrong_steps_aside(tmp_path: Path, step: Duration) -> None:
    async def script(here: World) -> None:
        here.outage(10, 14)
        await here.until(4)
        here.start_beside(step)
        await here.until(16)
        assert here.beside is not None
        assert here.beside.doubt() != ""
        assert here.time.doubt() == "", "the others say that this one is right"

    here = lived(tmp_path, script, 20)
    assert counting(here, "syd", 9, 19) == 2 * (10 - 4)
    assert {(turn.subject, turn.after and turn.after.begin) for turn in here.turns} == {
        (name, here.begin + 10 * here.every) for name in ("api", "shop")
    }
