"""Hubs and agents that are killed or stand still: nobody is charged, nothing is up unseen, people are told once."""

from __future__ import annotations

import json
import signal
import socket
import time
from pathlib import Path

import pytest

from makegood.model.facts import DOWN
from makegood.store.alarms import alarms
from tests.faults.real import scene
from tests.faults.stores import BOTH
from tests.notify.servers import web
from tests.store.faults.conftest import TORTURE, dice


def free_port() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])


@pytest.mark.parametrize("database", BOTH, indirect=True)
@pytest.mark.parametrize("turn", range(10 if TORTURE else 1))
def test_a_hub_and_agents_that_are_killed_in_an_outage_tell_of_it_once_and_of_nothing_else(
    tmp_path: Path, turn: int
) -> None:
    random = dice("killed", turn)
    places = ("iad", "fra")
    with web() as hook, scene(tmp_path, places, free_port(), hook.url) as here:
        here.begin(*places)
        here.signal("fra", signal.SIGSTOP)
        time.sleep(random.uniform(1.2, 3.5))
        here.signal("fra", signal.SIGCONT)
        here.wait_for_news(*places)
        here.become("down")
        if turn % 2 == 0:  # it is found, and perhaps told already
            here.wait(lambda: any(one.end is None for one in here.outages()), "the outage is found")
        time.sleep(random.uniform(0, 1 if turn % 2 == 0 else 4))
        for name in random.sample(["hub", "iad"], 2):
            here.kill(name)
            time.sleep(random.uniform(0, 1.5))
        for name in random.sample(["hub", "iad"], 2):
            here.hub() if name == "hub" else here.agent(name)
        here.wait_for_news(*places, outcome=DOWN)
        here.wait(lambda: any(one.end is None for one in here.outages()), "the outage is found")
        here.become("up")
        here.wait_for_news(*places)
        here.wait(lambda: all(one.end is not None for one in here.outages()), "the outage has ended")
        here.wait(lambda: len({_id(body) for *_, body in hook.got}) >= 2, "people were told of both")
        for name in places:
            here.kill(name, signal.SIGTERM)
        here.wait_until_heard()
        here.kill("hub", signal.SIGTERM)
        assert here.faults() == []
        assert alarms(here.store) == []
        assert len(here.outages()) == 1
        messages = {_id(body): json.loads(body) for *_, body in hook.got}
        assert sorted(one["state"] for one in messages.values()) == ["closed", "opened"]


def _id(body: bytes) -> str:
    return str(json.loads(body)["id"])
