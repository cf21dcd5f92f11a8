"""What is deployed is watched: each turn of an outage is told once, whoever looks, and whenever one is killed."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
from sqlalchemy import Connection, insert, select

from makegood.app.deployed import deployed
from makegood.app.judging import open_docket
from makegood.app.offering import offer_of_files
from makegood.app.planning import apply_plan, plan
from makegood.app.watching import Turn, Watching, dockets_of
from makegood.evidence.batch import Roster, RowBatch
from makegood.model.health import Health, Outage
from makegood.model.problem import Refused
from makegood.model.spans import DAY, MINUTE, Instant
from makegood.store.ingest import Ingest
from makegood.store.opened import Store, create
from makegood.store.outages import health_in, outages_in
from makegood.store.sealing_days import seal
from makegood.store.sql.database import reading
from makegood.store.sql.tables import setting
from tests.app.test_following import AGREEMENT, ORDER, minute, told
from tests.store.batches import MIDNIGHT, rows
from tests.store.test_archive import take

PLACES = ("iad", "fra", "syd")


def deploy(store: Store, folder: Path, order: str, at: Instant) -> None:
    (folder / "hosting.sla.md").write_text(AGREEMENT)
    (folder / "acme.order.yaml").write_text(order)
    offer = offer_of_files([folder / "hosting.sla.md", folder / "acme.order.yaml"])
    apply_plan(store, plan(deployed(store), offer), at, "ops")


def note(connection: Connection, turns: Sequence[Turn], now: Instant) -> None:
    """Write what is told into the database, as an outbox does."""
    for turn in turns:
        said = f"{now - MIDNIGHT} {turn.subject} {turn.before} {turn.after}"
        connection.execute(insert(setting).values(name=said, value="told"))


def noted(store: Store) -> list[str]:
    with reading(store.engine) as connection:
        asked = select(setting.c.name).where(setting.c.value == "told")
        return sorted(connection.execute(asked).scalars())


@pytest.fixture
def watched(store: Store, tmp_path: Path) -> Store:
    deploy(store, tmp_path, ORDER, MIDNIGHT)
    return store


def fail(store: Store, sequence: int, span: range, down: Sequence[range]) -> None:
    """The check of the API fails, that of the shop does not."""
    said = [*told(span, "api", down), *told(span, "shop", [])]
    take(store, [rows(place, sequence, said) for place in PLACES], minute(span.stop))


def test_each_turn_of_an_outage_is_told_once_and_the_next_process_goes_on_from_there(watched: Store) -> None:
    first = Watching(watched, note)
    assert first.look(minute(0)) == []
    fail(watched, 1, range(10), [range(5, 10)])
    opened = Outage(minute(5), None, lasting=True)
    assert [(t.subject, t.before, t.after) for t in first.look(minute(10))] == [
        ("api", None, opened),
        ("shop", None, opened),
    ]
    assert first.look(minute(10)) == []
    fail(watched, 2, range(10, 14), [range(10, 12)])
    over = Outage(minute(5), minute(12), lasting=True)
    second = Watching(watched, note)
    assert [(t.subject, t.before, t.after) for t in second.look(minute(14))] == [
        ("api", opened, over),
        ("shop", opened, over),
    ]
    assert first.look(minute(14)) == []
    assert len(noted(watched)) == 4
    with reading(watched.engine) as connection:
        assert set(map(tuple, outages_in(connection).values())) == {(over,)}
        assert {s.health for s, _ in health_in(connection).values()} == {Health.UP}


def test_a_service_is_not_surely_up_again_while_one_of_its_checks_was_never_heard(watched: Store) -> None:
    watching = Watching(watched, note)
    take(watched, [rows(place, 1, told(range(20), "api", [range(5, 10)])) for place in PLACES], minute(20))
    api, shop = watching.look(minute(20))
    assert (api.after, shop.after) == (
        Outage(minute(5), minute(10), lasting=True),
        Outage(minute(5), None, lasting=True),
    )
    take(watched, [rows(place, 2, told(range(20), "shop", [])) for place in PLACES], minute(20))
    assert [(t.subject, t.after) for t in watching.look(minute(20))] == [("shop", api.after)]


def test_what_could_not_be_written_is_told_by_the_next_look(watched: Store) -> None:
    refused = False

    def tell(connection: Connection, turns: Sequence[Turn], now: Instant) -> None:
        note(connection, turns, now)
        if refused:
            raise RuntimeError("the power went")

    watching = Watching(watched, tell)
    watching.look(minute(0))
    fail(watched, 1, range(10), [range(5, 10)])
    refused = True
    with pytest.raises(RuntimeError):
        watching.look(minute(10))
    assert noted(watched) == []
    refused = False
    assert len(watching.look(minute(11))) == len(noted(watched)) == 2


def test_a_guard_that_refuses_keeps_another_process_from_telling(watched: Store) -> None:
    def other(_: Connection) -> None:
        raise PermissionError("another one looks")

    watching = Watching(watched, note)
    with pytest.raises(PermissionError):
        watching.look(minute(0), other)
    assert noted(watched) == []


def test_late_evidence_takes_an_outage_back_also_after_it_was_sealed(watched: Store) -> None:
    watching = Watching(watched, note)
    watching.look(minute(0))
    take(watched, [rows("iad", 1, told(range(10), "api", [range(5, 10)]))], minute(10))
    assert len(watching.look(minute(10))) == 2
    list(seal(watched, MIDNIGHT + DAY, MIDNIGHT + DAY, "ops"))
    take(watched, [rows(place, 1, told(range(10), "api", [])) for place in ("fra", "syd")], MIDNIGHT + 2 * DAY)
    turns = watching.look(MIDNIGHT + 2 * DAY)
    assert [(t.subject, t.after) for t in turns] == [("api", None), ("shop", None)]


def test_evidence_that_is_missing_takes_no_outage_back(watched: Store) -> None:
    watching = Watching(watched, note)
    fail(watched, 1, range(10), [range(5, 10)])
    assert len(watching.look(minute(10))) == 2
    list(seal(watched, MIDNIGHT + DAY, MIDNIGHT + DAY, "ops"))
    (file,) = (watched.folder / "outcomes").iterdir()
    file.rename(moved := watched.folder / "elsewhere")
    again = Watching(watched, note)
    with pytest.raises(Refused):
        again.look(minute(11))
    assert len(noted(watched)) == 2
    moved.rename(file)
    assert again.look(minute(11)) == []


def test_what_is_deployed_later_is_watched_from_then_on_and_what_is_taken_away_ends(
    watched: Store, tmp_path: Path
) -> None:
    watching = Watching(watched, note)
    fail(watched, 1, range(10), [range(5, 10)])
    assert {t.subject for t in watching.look(minute(10))} == {"api", "shop"}
    fewer = ORDER.replace("  - {service: shop, checks: [api, shop]}\n", "  - {service: new, checks: [api]}\n")
    deploy(watched, tmp_path, fewer, minute(11))
    turns = watching.look(minute(12))
    opened = Outage(minute(5), None, lasting=True)
    assert sorted((t.subject, t.before, t.after) for t in turns if t.before is None) == [("new", None, opened)]
    ended = Outage(minute(5), minute(12), lasting=True)
    assert [(t.subject, t.after) for t in turns if t.before is not None] == [("shop", ended)]
    assert watching.look(minute(12)) == []


def test_an_order_without_its_agreement_is_not_watched_and_is_said(tmp_path: Path) -> None:
    store = create(tmp_path / "other")
    assert dockets_of(deployed(store)) == ([], [])
    assert Watching(store, note).look(minute(0)) == []
    store.engine.dispose()


def test_what_another_order_of_the_store_watches_is_no_stranger_to_one_of_them(store: Store, tmp_path: Path) -> None:
    deploy(store, tmp_path, ORDER, MIDNIGHT)
    second = ORDER.replace("order: acme", "order: globex").replace("api, checks: [api]", "mail, checks: [smtp]")
    (tmp_path / "globex.order.yaml").write_text(second.replace("shop, checks: [api, shop]", "web, checks: [http]"))
    (tmp_path / "all.checks.yaml").write_text(
        "checks:\n"
        "  - {check: smtp, service: mail, ping: 192.0.2.1}\n"
        "  - {check: gone, service: mail, ping: 192.0.2.2}\n"
    )
    offer = offer_of_files([tmp_path / "globex.order.yaml", tmp_path / "all.checks.yaml"])
    apply_plan(store, plan(deployed(store), offer), MIDNIGHT, "ops")
    roster = Roster(("api", "gone", "smtp"))
    begun, outcome = np.full(3, MIDNIGHT), np.zeros(3, dtype=np.int8)
    with Ingest(store, "agent", lambda: MIDNIGHT + MINUTE) as ingest:
        ingest.take(RowBatch("fra", 1, MINUTE, roster, begun, np.arange(3), outcome))
        (tmp_path / "acme.order.yaml").write_text(ORDER)
        assert open_docket(tmp_path / "hosting.sla.md", tmp_path / "acme.order.yaml", store.folder).order.id == "acme"
        ingest.take(RowBatch("fra", 2, MINUTE, Roster(("smpt",)), begun[:1], np.zeros(1, dtype=np.int64), outcome[:1]))
    with pytest.raises(Refused, match="no service of the order has the check `smpt`"):
        open_docket(tmp_path / "hosting.sla.md", tmp_path / "acme.order.yaml", store.folder)
