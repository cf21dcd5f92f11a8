"""What a clock that was ahead left behind is set to now, and what lies ahead rightly stays."""

from __future__ import annotations

from sqlalchemy import insert, select

from makegood.model.spans import DAY, HOUR, MINUTE, SECOND, Span
from makegood.store.opened import Store
from makegood.store.sql.agents import Agent, agents, insert_agent, offsets
from makegood.store.sql.ahead import set_to
from makegood.store.sql.database import reading, writing
from makegood.store.sql.hub_tables import attendance, heard
from makegood.store.sql.notify_tables import alert
from tests.store.batches import MIDNIGHT

NOW, THEN = MIDNIGHT, MIDNIGHT + 365 * DAY


def test_what_lies_ahead_and_cannot_is_set_to_now_and_nothing_else(store: Store) -> None:
    with writing(store.engine) as connection:
        insert_agent(connection, Agent(b"a" * 32, "iad", "", THEN, seen=THEN, asked=THEN, offset=5))
        insert_agent(
            connection, Agent(b"b" * 32, "fra", "", NOW - DAY, seen=NOW - SECOND, asked=NOW - SECOND, offset=7)
        )
        connection.execute(insert(attendance), [
            {"process": "one", "since": NOW - DAY, "until": THEN}, {"process": "two", "since": THEN, "until": THEN},
            {"process": "three", "since": NOW - DAY, "until": NOW - HOUR},
        ])  # fmt: skip
        connection.execute(insert(heard), [
            {"check": "ahead", "every": MINUTE, "slot": THEN // MINUTE},
            {"check": "now", "every": MINUTE, "slot": NOW // MINUTE},
        ])  # fmt: skip
        rest = {"rule": "r", "opened": NOW, "version": 1, "body": b""}
        connection.execute(insert(alert), [
            {"id": "far", "due": THEN, **rest}, {"id": "soon", "due": NOW + HOUR, **rest},
        ])  # fmt: skip
    with reading(store.engine) as connection:
        assert list(offsets(connection, Span(NOW - MINUTE, NOW + MINUTE))) == [7], "it was not heard of today"
    with writing(store.engine) as connection:
        assert set_to(connection, NOW) == 7
        assert set_to(connection, NOW) == 0
    with reading(store.engine) as connection:
        times = {one.location: (one.enrolled, one.seen, one.asked) for one in agents(connection)}
        assert times == {"iad": (NOW, NOW, NOW), "fra": (NOW - DAY, NOW - SECOND, NOW - SECOND)}
        there = connection.execute(select(attendance.c.process, attendance.c.until)).all()
        assert {tuple(row) for row in there} == {("one", NOW), ("three", NOW - HOUR)}
        slots = connection.execute(select(heard.c.check, heard.c.slot)).all()
        assert {tuple(row) for row in slots} == {("ahead", NOW // MINUTE), ("now", NOW // MINUTE)}
        due = connection.execute(select(alert.c.id, alert.c.due)).all()
        assert {tuple(row) for row in due} == {("far", NOW), ("soon", NOW + HOUR)}
