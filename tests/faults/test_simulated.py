"""Hubs that are away, locations that are gone, clocks that are set: nobody is charged for it, nothing is up unseen."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from itertools import product
from pathlib import Path
from random import Random
from typing import TypeAlias

import pytest

from makegood.model.facts import UP
from makegood.model.spans import DAY, HOUR, SECOND, Duration, Span
from makegood.store.alarms import AlarmKind, alarms
from tests.faults.simulated import NAMES, Node, World, world
from tests.faults.stores import BOTH
from tests.faults.truth import batches
from tests.faults.virtual import virtually
from tests.store.faults.conftest import TORTURE, dice

PLACES = ("iad", "fra", "syd")
A_YEAR = 365 * DAY
STEPS = (HOUR, -HOUR, A_YEAR, -A_YEAR)
SET = STEPS if TORTURE else (HOUR, -A_YEAR)
STARTED = (
    [*product(STEPS, (False, True), (1, 3))] if TORTURE else [(HOUR, True, 1), (A_YEAR, True, 1), (A_YEAR, False, 3)]
)
Script: TypeAlias = Callable[[World], Awaitable[None]]


def lived(
    folder: Path, script: Script, end: float, places: tuple[str, ...] = PLACES, checks: tuple[str, ...] = NAMES,
    before: Callable[[World], None] = lambda _: None,
) -> World:  # fmt: skip
    """A world in which a script was followed, after so many slots; whatever is wrong with it was asserted not to be.
    `before` is done before anybody is enrolled."""

    async def live(here: World) -> None:
        before(here)
        for n, name in enumerate(places):
            node = here.node(name, boot=n * HOUR)
            await node.enrol()
            node.start()
        looking = asyncio.create_task(here.look_always(here.every))
        await script(here)
        await here.until(end)
        looking.cancel()
        for node in here.nodes:
            if node.running is not None:
                await node.kill()
        found = here.faults()
        assert found == [], "\n".join([*found[:5], *(str(one) for one in alarms(here.store))])

    with world(folder, checks) as here:
        virtually(live(here))
        return here


def said(here: World) -> list[str]:
    return [line for node in here.nodes for line in node.says]


def counting(here: World, location: str, first: float, last: float) -> int:
    """How many results of a location count that it found up, from one slot to before another."""
    begin, end = (here.begin + int(slot * here.every) for slot in (first, last))
    found = [one for _, one in batches(here.store) if one.location == location]
    return sum(
        begin <= at < end and outcome == UP
        for one in found
        for at, outcome in zip(one.begun.tolist(), one.outcome.tolist(), strict=True)
    )


def test_a_hub_that_was_away_for_a_day_learns_all_of_it_afterwards(tmp_path: Path) -> None:
    async def script(here: World) -> None:
        here.outage(30, 40)
        await here.until(8)
        here.away = True
        await here.until(8 + DAY // here.every)
        assert here.turns == []
        here.away = False

    here = lived(tmp_path, script, 112, PLACES[:2])
    assert {(turn.subject, turn.before) for turn in here.turns} == {("api", None), ("shop", None)}
    assert len(here.turns) == 2
    assert alarms(here.store) == []
    assert counting(here, "iad", 10, 100) == 2 * (90 - 10)


def test_a_location_that_has_gone_is_unseen_and_not_up(tmp_path: Path) -> None:
    async def script(here: World) -> None:
        here.outage(14, 20)
        await here.until(8)
        await here.nodes[0].kill()
        await here.nodes[1].kill()
        await here.until(24)
        here.nodes[1].start()

    here = lived(tmp_path, script, 32)
    assert here.turns == [], "one location of three is no majority"
    assert alarms(here.store) == []
    for one in here.statements():
        unseen = Span(here.begin + 9 * here.every, here.begin + 23 * here.every)
        assert one.classes.unknown.covers(unseen), "nobody saw enough, so that nobody knows"
        assert one.unfavourable.down > one.favourable.down == 0


@pytest.mark.parametrize("database", BOTH, indirect=True)
def test_a_line_that_was_cut_is_nobodys_outage(tmp_path: Path) -> None:
    async def script(here: World) -> None:
        here.outage(20, 26)
        await here.until(8)
        for node in here.nodes:
            node.cut = True
        await here.until(16)
        for node in here.nodes:
            node.cut = False

    here = lived(tmp_path, script, 32)
    assert {(turn.subject, turn.after and turn.after.begin) for turn in here.turns} == {
        (name, here.begin + 20 * here.every) for name in ("api", "shop")
    }


@pytest.mark.parametrize("step", SET)
def test_a_wall_clock_that_is_set_under_an_agent_moves_no_slot(tmp_path: Path, step: Duration) -> None:
    async def script(here: World) -> None:
        here.outage(12, 16)
        await here.until(6)
        here.nodes[0].step = step
        await here.until(20)
        here.nodes[0].step = 0

    here = lived(tmp_path, script, 26, PLACES[:1])
    assert alarms(here.store) == []
    assert counting(here, "iad", 4, 24) == 2 * (20 - 4)
    assert sum("was set by" in line for line in said(here)) == 2


@pytest.mark.parametrize(("step", "away", "places"), STARTED)
def test_an_agent_that_starts_with_a_wrong_clock_is_not_believed(
    tmp_path: Path, step: Duration, away: bool, places: int
) -> None:
    async def script(here: World) -> None:
        here.outage(12, 18)
        await here.until(6)
        here.away = away
        await here.until(8)
        await here.nodes[0].kill()
        here.nodes[0].step = step
        await here.until(9)
        here.nodes[0].start()
        await here.until(24)
        here.away = False
        await here.until(28)
        here.nodes[0].step = 0

    here = lived(tmp_path, script, 40, PLACES[:places])
    kinds = {one.kind for one in alarms(here.store)}
    assert AlarmKind.SKEWED in kinds
    assert AlarmKind.LOST not in kinds, "nothing is too old by a clock that is wrong"
    assert counting(here, "iad", 1, 7) == 2 * 6
    assert counting(here, "iad", 10, 24) == 0
    assert counting(here, "iad", 32, 39) == 2 * 7, "it counts again when its clock is right"


@pytest.mark.parametrize("step", SET)
def test_what_was_found_by_a_clock_that_no_hub_ever_saw_never_counts(tmp_path: Path, step: Duration) -> None:
    async def script(here: World) -> None:
        (node,) = here.nodes
        here.outage(14, 18)
        await here.until(6)
        here.away = True
        await here.until(7)
        await node.kill()
        await here.until(13)
        node.step = step
        node.start()
        await here.until(20)
        await node.kill()
        node.step = 0
        node.start()
        await here.until(22)
        here.away = False

    here = lived(tmp_path, script, 34, PLACES[:1])
    assert here.turns == []
    assert counting(here, "iad", 1, 6) == 2 * 5
    assert counting(here, "iad", 13, 20) == 0
    assert counting(here, "iad", 30, 33) == 2 * 3, "it counts again when the hub has found its clock right"


def test_of_fifty_agents_some_slow_some_deaf_and_one_cloned_the_others_suffer_nothing(tmp_path: Path) -> None:
    places = tuple(f"at-{n:02}" for n in range(50))

    async def script(here: World) -> None:
        here.outage(3, 6)
        for node in here.nodes[::7]:
            node.trip = 20 * SECOND
        await here.until(1.5)
        for node in here.nodes[3::9]:
            node.deaf = True
        copy = here.nodes[10].copied("copy")
        copy.start()
        await here.until(2.5)
        for node in here.nodes[3::9]:
            node.deaf = False

    here = lived(tmp_path, script, 8, places, ("api",))
    assert [(one.location, one.kind) for one in alarms(here.store)] == [("at-10", AlarmKind.CLONED)]
    assert counting(here, "at-10", 3, 8) == 0
    assert all(counting(here, one, 1, 3) == 2 for one in places if one != "at-10")
    (outage,) = {turn.after for turn in here.turns if turn.after is not None and turn.after.end is not None}
    assert outage.begin == here.begin + 3 * here.every
    assert outage.end == here.begin + 6 * here.every


@pytest.mark.parametrize("turn", range(60 if TORTURE else 1))
def test_whatever_goes_wrong_when_nobody_is_charged_for_it_and_nothing_is_up_unseen(tmp_path: Path, turn: int) -> None:
    random, end = dice("simulated", turn), 160 if TORTURE else 48

    async def script(here: World) -> None:
        at = 3.0
        while at < end - 18:
            first = at + random.uniform(1, 6)
            at = first + random.choice([0.5, 2, 4, 8])
            here.outage(first, at)
        wrong = random.choice([None, *here.nodes])  # whose clock, or the hub's; all others are right
        at = 2.0
        while at < end - 18:
            await here.until(at)
            await _go_wrong(random, here, random.choice(here.nodes), wrong)
            at += random.uniform(0.2, 3)
        await here.until(end - 17)
        here.away, here.hub_step = False, 0
        for node in here.nodes:
            node.cut, node.deaf, node.step = False, False, 0
            if node.running is None:
                node.start()

    here = lived(tmp_path, script, end)
    found = {one.kind for one in alarms(here.store)}
    assert not found & {AlarmKind.CLONED, AlarmKind.CONTRADICTS, AlarmKind.LOST, AlarmKind.FOREIGN}
    for name in PLACES:
        assert counting(here, name, end - 3, end - 1) > 0, "each is heard again in the end"


async def _go_wrong(random: Random, here: World, node: Node, wrong: Node | None) -> None:
    """One more fault, or one less."""
    match random.randrange(6):
        case 0:
            here.away = not here.away
        case 1:
            node.cut = not node.cut
        case 2:
            node.deaf = not node.deaf
        case 3 if wrong is not None:
            wrong.step = random.choice([0, *STEPS])
        case 3:
            here.hub_step = random.choice([0, *STEPS])
            if random.random() < 0.5:
                here.start_hub()
        case _ if node.running is None:
            node.start()
        case _:
            await node.kill()
