"""What the page and the metrics tell of services: what is watched now, and what `evaluate` says of the days."""

from __future__ import annotations

import shutil
from collections import Counter
from datetime import date
from pathlib import Path

import numpy as np
import pytest

from makegood.app.configured import Configured
from makegood.app.deployed import deployed
from makegood.app.importing import import_evidence
from makegood.app.offering import offer_of_files
from makegood.app.planning import apply_plan, plan
from makegood.app.recording import record
from makegood.app.serve_settings import PageSettings
from makegood.app.shown import Shown
from makegood.app.starting import start
from makegood.app.watching import Watching
from makegood.evidence.batch import Roster, RowBatch
from makegood.model.spans import DAY, HOUR, MINUTE, SECOND
from makegood.model.status import DayKind, ServiceStatus, State
from makegood.store.ingest import Ingest
from makegood.store.opened import Store
from tests.docs.test_docs import ROOT
from tests.web.asking import NOON

TENTH = 1_770_681_600_000_000  # 2026-02-10T00:00:00Z


@pytest.fixture
def shop(store: Store, tmp_path: Path) -> Store:
    """The store of the example that `makegood init` writes."""
    start(tmp_path / "example")
    apply_plan(store, plan(deployed(store), offer_of_files([tmp_path / "example"])), NOON - 20 * DAY, "test")
    facts = tmp_path / "example" / "facts"
    record(facts / "work.facts.yaml", store.folder, now=NOON - 10 * DAY, by="test")
    import_evidence(facts / "states" / "shop.csv", store.folder, now=NOON - HOUR, by="test")
    return store


def shown(store: Store, settings: PageSettings | None = None, now: int = NOON) -> Shown:
    made = Shown(store, Configured(store), settings or PageSettings(services={"shop": "Web shop"}))
    Watching(store, lambda *_: None).look(now)
    made.study(now)
    made.refresh(now)
    return made


def test_days_outages_and_excuses_are_those_of_the_statements(shop: Store) -> None:
    (one,) = shown(shop).services()
    kinds = {day.date: day.kind for day in one.days}
    assert len(one.days) == 90
    assert one.days[-1].date == date(2026, 3, 1)
    assert kinds[date(2026, 2, 3)] is DayKind.UP  # three minutes, too short to count
    assert kinds[date(2026, 2, 10)] is DayKind.DOWN
    assert kinds[date(2026, 2, 15)] is DayKind.EXCUSED
    assert kinds[date(2026, 3, 1)] is DayKind.UNKNOWN  # what was told last holds for an hour
    assert kinds[date(2025, 12, 31)] is DayKind.NONE  # before the agreement
    assert Counter(kinds.values())[DayKind.UP] == 31 + 26
    assert [(o.end - o.begin, o.excused, o.because) for o in one.outages if o.end is not None] == [
        (30 * MINUTE, 30 * MINUTE, ("standard maintenance (database upgrade)",)),
        (70 * MINUTE, 0, ()),
    ]
    assert one.zone == "Europe/Berlin"
    assert one.state is State.UNKNOWN  # the log has ended


def test_only_public_services_are_shown_under_their_public_titles(shop: Store) -> None:
    made = shown(shop, PageSettings(services={"mail": "Mail", "shop": "Web shop"}))
    assert [(one.name, one.title) for one in made.public()] == [("mail", "Mail"), ("shop", "Web shop")]
    assert made.public()[0] == ServiceStatus("mail", "Mail", State.UNKNOWN)
    assert [one.name for one in made.services()] == ["shop"]
    assert shown(shop, PageSettings()).public() == ()


def test_a_service_is_down_while_an_outage_is_open(store: Store, tmp_path: Path) -> None:
    start(tmp_path / "example")
    apply_plan(store, plan(deployed(store), offer_of_files([tmp_path / "example"])), TENTH - 20 * DAY, "test")
    log = tmp_path / "shop.csv"
    log.write_text("at,service,status\n2026-01-01T00:00:00Z,shop,up\n2026-02-10T09:00:00Z,shop,down\n")
    import_evidence(log, store.folder, now=TENTH + 9 * HOUR + 10 * MINUTE, by="test")
    (one,) = shown(store, now=TENTH + 9 * HOUR + 20 * MINUTE).services()
    assert one.state is State.DOWN
    assert one.since == TENTH + 9 * HOUR
    assert [(o.begin, o.end) for o in one.outages] == [(TENTH + 9 * HOUR, None)]
    assert one.days[-1].kind is DayKind.DOWN


def test_a_promise_about_a_whole_order_is_told_of_each_of_its_services(store: Store, tmp_path: Path) -> None:
    agreement = (ROOT / "examples" / "harri" / "harri.sla.md").read_text(encoding="utf-8")
    (tmp_path / "harri.sla.md").write_text(agreement.replace("chosen: at least 2", 'chosen: "1"'))
    shutil.copy(ROOT / "examples" / "harri" / "northwind.order.yaml", tmp_path)
    apply_plan(store, plan(deployed(store), offer_of_files([tmp_path])), NOON - DAY, "test")
    begun = np.arange(NOON - HOUR, NOON, MINUTE, dtype=np.int64)
    outcome = np.zeros(60, dtype=np.int8)
    outcome[20:25] = 1
    one = RowBatch("fra-1", 1, MINUTE, Roster(("web-http",)), begun, np.zeros(60, dtype=np.int64), outcome)
    with Ingest(store, "test", lambda: NOON) as ingest:
        ingest.take(one)
    (web,) = shown(store, now=NOON + SECOND).services()
    assert (web.name, web.state) == ("web", State.UP)
    assert [(o.begin, o.end) for o in web.outages] == [(NOON - 40 * MINUTE, NOON - 35 * MINUTE)]
    assert [day.kind for day in web.days[-2:]] == [DayKind.NONE, DayKind.DOWN]


def test_an_outage_that_has_just_ended_is_told_before_the_days_are_evaluated_again(
    store: Store, tmp_path: Path
) -> None:
    start(tmp_path / "example")
    apply_plan(store, plan(deployed(store), offer_of_files([tmp_path / "example"])), TENTH - 20 * DAY, "test")
    log = tmp_path / "shop.csv"
    rows = "at,service,status\n2026-01-01T00:00:00Z,shop,up\n2026-02-10T09:00:00Z,shop,down\n"
    log.write_text(rows)
    import_evidence(log, store.folder, now=TENTH + 9 * HOUR + 10 * MINUTE, by="test")
    made = Shown(store, Configured(store), PageSettings(services={"shop": "Web shop"}))
    watching = Watching(store, lambda *_: None)
    made.study(TENTH + 9 * HOUR - MINUTE)  # it knows of nothing yet
    ended = TENTH + 9 * HOUR + 20 * MINUTE
    log.write_text(f"{rows}2026-02-10T09:20:00Z,shop,up\n2026-02-10T09:30:00Z,shop,up\n")
    import_evidence(log, store.folder, now=TENTH + 9 * HOUR + 30 * MINUTE, by="test")
    for study in (False, True):
        now = TENTH + 9 * HOUR + 31 * MINUTE
        if study:
            made.study(now)
        watching.look(now)
        made.refresh(now)
        (one,) = made.services()
        assert one.state is State.UP
        assert [(o.begin, o.end) for o in one.outages] == [(TENTH + 9 * HOUR, ended)]
        assert one.days[-1].kind is DayKind.DOWN


def test_nothing_is_known_where_nothing_is_deployed(store: Store) -> None:
    assert shown(store).services() == ()
