"""Batches are taken once, durably, and each is compared with what came before."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from hashlib import sha256

import pytest
from sqlalchemy import event, func, select

from makegood.evidence.batch import Batch
from makegood.evidence.leaf import read_leaf
from makegood.model.problem import Refused
from makegood.model.spans import DAY
from makegood.store.alarms import Alarm, AlarmKind, alarms
from makegood.store.folder import read_folder
from makegood.store.ingest import Arrival, Ingest, Taken
from makegood.store.opened import Store
from makegood.store.sealing_days import seal
from makegood.store.sql import log as logs
from makegood.store.sql.batches import Sent, filed, gaps, held, rosters
from makegood.store.sql.database import reading
from makegood.store.sql.tables import batch, observation
from tests.store.batches import MIDNIGHT, ROSTER, Told, detailed, rows, slots

TOMORROW = MIDNIGHT + 9 * DAY
TOLD: list[Told] = [(0, "api", 0), (0, "shop", 1), (2, "api", 2)]


@pytest.fixture
def ingest(store: Store) -> Iterator[Ingest]:
    with Ingest(store, "iad", lambda: 1_000) as taking:
        yield taking


def kept(store: Store) -> list[Batch]:
    with reading(store.engine) as connection:
        found = filed(connection)
        return [one for _, one in held(connection, found, rosters(connection, [f.roster for f in found]))]


@pytest.mark.parametrize("latency", [None, 40])
def test_rows_and_slots_are_kept_to_the_byte_and_committed_to_in_the_log(
    store: Store, ingest: Ingest, latency: int | None
) -> None:
    sent: list[Batch] = [rows("iad", 1, TOLD, latency, late=7), slots("fra", 1, TOLD, latency)]
    sent = [replace(one, closed=n + 5, previous=bytes([n] * 32)) for n, one in enumerate(sent)]
    assert ingest.take_all(sent) == [Taken(1), Taken(2)]
    assert [one.body for one in kept(store)] == [one.body for one in sent]
    with reading(store.engine) as connection:
        leaves = [read_leaf(raw) for raw in logs.leaves(connection, 0, 3)]
        assert [bool(body) for body in connection.execute(select(batch.c.body)).scalars()] == [False, True]
        assert connection.execute(select(func.count()).select_from(observation)).scalar() == 3
    assert [(leaf.kind, leaf.id) for leaf in leaves[1:]] == [("batch", "iad/1"), ("batch", "fra/1")]
    assert [leaf.commit for leaf in leaves[1:]] == [sha256(one.body).digest() for one in sent]
    assert leaves[0].commit == ROSTER.digest


def test_a_batch_with_details_and_who_signed_it_is_kept_to_the_byte(store: Store, ingest: Ingest) -> None:
    sent = detailed("iad", 1, TOLD)
    ingest.take(Arrival(sent, Sent(b"k" * 32, b"s" * 64)))
    assert [one.body for one in kept(store)] == [sent.body]
    with reading(store.engine) as connection:
        (row,) = connection.execute(select(batch.c.agent, batch.c.signature, batch.c.flag)).all()
    assert tuple(row) == (b"k" * 32, b"s" * 64, None)


def test_what_is_flagged_is_in_the_log_and_does_not_count(store: Store, ingest: Ingest) -> None:
    alarm = Alarm(AlarmKind.BACKDATED, 900, "iad", "too late", 1)
    ingest.take(Arrival(rows("iad", 1, [(9_000, "api", 1)]), Sent(flag="backdated"), (alarm,)))
    assert alarms(store) == [replace(alarm, position=2)]
    assert ingest.take(rows("iad", 2, [(0, "api", 0)])) == Taken(3)
    assert ingest.take(rows("iad", 3, [(9_000, "api", 0)])) == Taken(4)
    facts, problems = read_folder(store.folder)
    assert facts.results["api"].outcome.tolist() == [0, 0]
    assert [p.code for p in problems] == ["location-alarm"]
    assert len(list(seal(store, TOMORROW, TOMORROW, "ops"))) == 1
    assert read_folder(store.folder)[0].results["api"].outcome.tolist() == [0, 0]


def test_the_same_batch_again_is_a_duplicate_and_another_under_its_number_is_refused(ingest: Ingest) -> None:
    first = rows("iad", 1, TOLD)
    assert ingest.take_all([first, first]) == [Taken(1), Taken(1, duplicate=True)]
    assert ingest.take(rows("iad", 1, TOLD)) == Taken(1, duplicate=True)
    with pytest.raises(Refused) as refused:
        ingest.take_all([slots("iad", 1, TOLD), rows("iad", 2, [(9, "api", 0)])])
    assert [p.code for p in refused.value.problems] == ["batch-exists"]
    assert ingest.take(rows("iad", 2, [(9, "api", 0)])).duplicate


def test_slots_that_overlap_are_compared_whatever_their_form(store: Store, ingest: Ingest) -> None:
    assert ingest.take(rows("iad", 1, TOLD)) == Taken(1)
    assert ingest.take(slots("iad", 2, TOLD)) == Taken(2)
    assert ingest.take(rows("iad", 3, [(0, "api", 1), (0, "shop", 1), (5, "api", 0)])) == Taken(3, contradicts=1)
    assert ingest.take(rows("iad", 4, [(0, "api", 0)], late=3)) == Taken(5, contradicts=1)
    assert ingest.take(rows("fra", 1, [(0, "api", 1)])) == Taken(7)
    assert [(a.kind, a.location, a.sequence, a.position) for a in alarms(store)] == [
        ("contradicts", "iad", 3, 4), ("contradicts", "iad", 4, 6),
    ]  # fmt: skip
    sent = [one.body for one in kept(store)]
    assert sent[2] == rows("iad", 3, [(0, "api", 1), (0, "shop", 1), (5, "api", 0)]).body


def test_missing_numbers_are_told(store: Store, ingest: Ingest) -> None:
    for number in (1, 2, 5, 9):
        ingest.take(rows("iad", number, [(number, "api", 0)]))
    with reading(store.engine) as connection:
        assert gaps(connection) == {"iad": [(3, 4), (6, 8)]}


def test_many_callers_share_transactions_and_each_is_answered_after_its_own(store: Store, ingest: Ingest) -> None:
    commits = []
    event.listen(store.engine, "commit", lambda _: commits.append(1))

    def send(number: int) -> bool:
        taken = ingest.take(rows(f"place {number % 4}", number // 4 + 1, [(number, "api", 0)]))
        with reading(store.engine) as connection:
            return (
                connection.execute(select(batch.c.position).where(batch.c.position == taken.position)).scalar()
                == taken.position
            )

    with ThreadPoolExecutor(8) as pool:
        assert all(pool.map(send, range(60)))
    assert len(kept(store)) == 60


def test_a_group_is_one_transaction(store: Store, ingest: Ingest) -> None:
    commits = []
    event.listen(store.engine, "commit", lambda _: commits.append(1))
    ingest.take_all([rows("iad", n, [(n, "api", 0)]) for n in range(1, 101)])
    assert len(commits) == 2  # one asked for the id of the log


def test_what_the_database_refuses_was_not_taken_and_can_come_again(
    store: Store, ingest: Ingest, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patched:
        patched.setattr("makegood.store.ingest.file_rows", lambda *_: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            ingest.take(rows("iad", 1, TOLD))
    assert store.size() == 0
    assert ingest.take(rows("iad", 1, TOLD)) == Taken(1)
