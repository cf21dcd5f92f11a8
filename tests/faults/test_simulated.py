"""Hubs that are away, locations that are gone, clocks that are set: nobody is charged for it, nothing is up unseen."""

from __future__ import annotations

import asyncio
from pathlib import Path

from tests.faults.simulated import World, world
from tests.faults.virtual import virtually


def test_a_hub_that_was_away_for_a_day_learns_of_it_afterwards(tmp_path: Path) -> None:
    async def live(here: World) -> None:
        nodes = [here.node(name) for name in ("iad", "fra", "syd")]
        for node in nodes:
            await node.enrol()
            node.start()
        looking = asyncio.create_task(here.look_always(here.every))
        here.outage(100, 130)
        await here.until(20)
        here.away = True
        await here.until(20 + 288)
        here.away = False
        await here.until(20 + 288 + 20)
        looking.cancel()
        for node in nodes:
            await node.kill()
        assert here.faults() == []
        print(here.turns, [n.says for n in nodes])

    with world(tmp_path) as here:
        virtually(live(here))
