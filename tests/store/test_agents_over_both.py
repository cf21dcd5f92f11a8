"""Enrolling and receiving over SQLite and PostgreSQL alike."""

from __future__ import annotations

from dataclasses import replace

import pytest

from makegood.app.hub import Hub
from makegood.model.problem import Refused
from makegood.store.alarms import alarms
from makegood.store.ingest import Ingest
from makegood.store.opened import Store
from tests.app.receiving.agents import CHECKS, Asker, Held


def test_an_agent_is_enrolled_works_sends_is_doubled_and_put_out(store: Store) -> None:
    clock = Held()
    with Ingest(store, "hub", clock) as ingest:
        hub = Hub(store, ingest, clock, lambda: CHECKS)
        agent = Asker(hub, clock)
        agent.begin()
        assert agent.send(agent.minute(0)).taken == 1
        assert agent.work(offset=5, told={"abstains": False}).latest == 1
        clone = replace(agent)
        agent.send(agent.minute(1, 0))
        with pytest.raises(Refused, match="suspended"):
            clone.send(clone.minute(1, 1))
        assert [alarm.kind for alarm in alarms(store)] == ["cloned"]
        follower = Asker(hub, clock)
        assert follower.enrol().sequence == 2
