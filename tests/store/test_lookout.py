"""What is watched becomes what people are told: turns of outages, silent locations, and what checks found lately."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from sqlalchemy import insert, select

from makegood.app.alerting import tick
from makegood.app.alerts_in_force import Current, put_in_force
from makegood.app.deployed import deployed
from makegood.app.lookout import Lookout, counts_since, events, results_since, telling
from makegood.app.offering import offer_of_files
from makegood.app.planning import apply_plan, plan
from makegood.app.watching import Turn, Watching
from makegood.evidence.batch import Details, RowBatch
from makegood.model.events import OutageClosed, OutageEvent, OutageOpened, OutageRetracted
from makegood.model.health import Outage
from makegood.model.results import Reason, Result
from makegood.model.spans import MINUTE, SECOND
from makegood.store.opened import Store
from makegood.store.sql.agents_tables import agent
from makegood.store.sql.database import reading, writing
from makegood.store.sql.notify_tables import outbox
from tests.app.test_following import ORDER, minute, told
from tests.store.batches import FIRST, MIDNIGHT, ROSTER, measuring, rows
from tests.store.test_archive import take
from tests.store.test_watching import deploy

ALERTS = """\
channels:
  - {channel: room, webhook: "https://hooks.example/x", secret: "{secret.HOOK}"}
escalations:
  - escalation: all
    steps: [{tell: room}]
rules:
  - {rule: outages, when: outage, tell: all, wait: 0 s}
  - {rule: errors, when: error rate, is: more than 50 %, over: 10 min, tell: all, wait: 0 s}
  - {rule: silence, when: silent location, is: more than 5 min, tell: all, wait: 0 s}
"""
CHECKS = """\
checks:
  - {check: api, service: api, ping: 192.0.2.1}
  - {check: shop, service: shop, ping: 192.0.2.2}
"""

OPEN, OVER = Outage(10, None, lasting=False), Outage(10, 20, lasting=True)


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        (None, OPEN, [OutageOpened("shop", "acme", 10, 99, locations=("fra",))]),
        (
            None,
            OVER,
            [OutageOpened("shop", "acme", 10, 99, locations=("fra",)), OutageClosed("shop", "acme", 10, 20, 99)],
        ),
        (OPEN, OVER, [OutageClosed("shop", "acme", 10, 20, 99)]),
        (OVER, OPEN, [OutageOpened("shop", "acme", 10, 99, locations=("fra",))]),
        (OPEN, Outage(8, None, lasting=True), []),
        (OPEN, Outage(8, 20, lasting=True), [OutageClosed("shop", "acme", 10, 20, 99)]),
        (OVER, None, [OutageRetracted("shop", "acme", 10, 99, "late results show that it was not down")]),
    ],
)  # fmt: skip
def test_people_hear_that_an_outage_began_ended_or_was_none(
    before: Outage | None, after: Outage | None, expected: list[OutageEvent]
) -> None:
    assert list(events([Turn("acme", "shop", ("shop",), before, after, ("fra",))], 99)) == expected


@pytest.fixture
def watched(store: Store, tmp_path: Path) -> Store:
    deploy(store, tmp_path, ORDER, MIDNIGHT)
    (tmp_path / "a.checks.yaml").write_text(CHECKS)
    apply_plan(store, plan(deployed(store), offer_of_files([tmp_path / "a.checks.yaml"])), MIDNIGHT, "ops")
    (tmp_path / "ops.alerts.yaml").write_text(ALERTS)
    put_in_force(store, tmp_path / "ops.alerts.yaml", "ops", MIDNIGHT)
    return store


def sent(store: Store) -> list[str]:
    """The subjects of what is in the outbox."""
    with reading(store.engine) as connection:
        bodies = connection.execute(select(outbox.c.body).order_by(outbox.c.made, outbox.c.id)).scalars()
        return [json.loads(bytes(body))["subject"] for body in bodies]


def test_an_outage_that_is_found_is_in_the_outbox_and_so_is_its_end(watched: Store) -> None:
    alerts = Current(watched)
    watching = Watching(watched, telling(alerts))
    watching.look(minute(0))
    take(watched, [rows(place, 1, told(range(10), "shop", [range(5, 10)])) for place in ("fra", "iad")], minute(10))
    (turn,) = watching.look(minute(10))
    assert turn.places == ("fra", "iad")
    tick(watched.engine, alerts(), minute(10))
    assert sent(watched) == ["NEW: shop is down"]
    with reading(watched.engine) as connection:
        (text,) = (json.loads(bytes(raw))["text"] for raw in connection.execute(select(outbox.c.body)).scalars())
    assert "so far; seen from fra, iad" in text, "what is kept without its reason is given none"
    said = [*told(range(10, 20), "shop", []), *told(range(20), "api", [])]
    take(watched, [rows(place, 2, said) for place in ("fra", "iad")], minute(20))
    watching.look(minute(20))
    tick(watched.engine, alerts(), minute(40))
    assert sent(watched)[1:] == ["OVER: shop was down for 5 min"]


def test_an_outage_that_late_results_of_other_locations_take_back_is_told_to_who_was_told(watched: Store) -> None:
    alerts = Current(watched)
    watching = Watching(watched, telling(alerts))
    watching.look(minute(0))
    take(watched, [rows("fra", 1, told(range(10), "shop", [range(5, 10)]))], minute(10))
    watching.look(minute(10))
    tick(watched.engine, alerts(), minute(10))
    assert sent(watched) == ["NEW: shop is down"]
    take(watched, [rows(place, 1, told(range(10), "shop", [])) for place in ("iad", "syd")], minute(30))
    watching.look(minute(30))
    tick(watched.engine, alerts(), minute(30))
    tick(watched.engine, alerts(), minute(40))
    assert sent(watched)[1:] == ["RETRACTED: shop was not down"]
    with reading(watched.engine) as connection:
        last = connection.execute(select(outbox.c.body).order_by(outbox.c.made.desc()).limit(1)).scalar_one()
    assert "shop: no outage after all, from " in json.loads(bytes(last))["text"]


def test_rules_look_at_what_was_found_lately_and_at_who_is_silent(watched: Store) -> None:
    alerts = Current(watched)
    lookout = Lookout(watched, alerts, lambda: deployed(watched))
    with writing(watched.engine) as connection:
        connection.execute(
            insert(agent).values(
                key=bytes(32), location="fra", operator="", enrolled=MIDNIGHT, state="active", why="", version="1",
                asked=minute(1), seen=minute(1), oldest=1, told="{}",
            )
        )  # fmt: skip
    take(watched, [rows("fra", 1, told(range(20), "shop", [range(8, 20)]))], minute(20))
    lookout.look(minute(20))
    tick(watched.engine, alerts(), minute(20))
    errors, silence = sorted(sent(watched))
    assert errors == "NEW: errors: shop: 100 % of 10 failed, more than 50 %"
    assert silence.startswith("NEW: silence: fra: ")
    lookout.look(minute(20) + SECOND)
    assert len(sent(watched)) == 2


def test_rules_look_at_what_signals_counted(watched: Store) -> None:
    alerts = Current(watched)
    counts = [(k, "api", word, value) for k in range(10) for word, value in (("good", "92.5"), ("valid", "100"))]
    take(watched, [measuring(1, counts)], minute(10))
    Lookout(watched, alerts, lambda: deployed(watched)).look(minute(11))
    assert sent(watched) == []
    more = [(k, "api", word, value) for k in range(11, 20) for word, value in (("good", "4"), ("valid", "100"))]
    take(watched, [measuring(2, more)], minute(20))
    Lookout(watched, alerts, lambda: deployed(watched)).look(minute(20))
    tick(watched.engine, alerts(), minute(20))
    (errors,) = sent(watched)
    assert errors.startswith("NEW: errors: api: 95.")
    assert {service for service, _ in counts_since(watched, MIDNIGHT, {"api"})} == {"api"}
    assert list(counts_since(watched, MIDNIGHT, {"shop"})) == []


def test_a_result_is_read_with_its_reason_and_times(watched: Store) -> None:
    begun, check = np.array([FIRST * MINUTE + 5], dtype=np.int64), np.array([1], dtype=np.int64)
    none = np.array([-1], dtype=np.int64)
    details = Details(
        np.array([Reason.STATUS], dtype=np.uint8), np.array([503], dtype=np.uint16), none, none, none, none
    )
    outcome, took = np.array([1], dtype=np.int8), np.array([7_000], dtype=np.int64)
    take(watched, [RowBatch("fra", 1, MINUTE, ROSTER, begun, check, outcome, took, details)], minute(1))
    found = list(results_since(watched, MIDNIGHT, {"shop"}))
    assert found == [("shop", Result(FIRST * MINUTE + 5, Reason.STATUS, 503, total=7_000))]
    assert list(results_since(watched, minute(3), {"shop"})) == []
    assert list(results_since(watched, MIDNIGHT, {"api"})) == []
