"""Sealed or not, batches say the same; what is sealed is in the log and out of the database, whatever goes wrong."""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from pathlib import Path

import duckdb
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import func, select

from makegood.engine.judge.down import checked
from makegood.evidence.batch import Batch, Roster, SlotBatch
from makegood.exchange.parquet_table import connect
from makegood.model.detection import Begins, Ends
from makegood.model.facts import Results
from makegood.model.problem import Refused
from makegood.model.runs import RunResults
from makegood.model.spans import DAY, MINUTE, Instant
from makegood.model.terms import DetectRule, EvidenceKind, OutageRule
from makegood.store import sealing_days
from makegood.store.folder import read_folder
from makegood.store.ingest import Ingest
from makegood.store.opened import Store, create
from makegood.store.outcome_files import write_outcomes
from makegood.store.sealing_days import SealedDays, seal
from makegood.store.sheets import Layers
from makegood.store.sql.database import reading
from makegood.store.sql.tables import batch, log, observation, segment
from tests.engine.building import CLAUSE
from tests.engine.judge.test_checked import plain
from tests.engine.worlds import examples
from tests.store.batches import FIRST, MIDNIGHT, Told, detailed, rows, slots

NOON = MIDNIGHT + DAY // 2
TOMORROW = MIDNIGHT + DAY
RULE = DetectRule(
    "detect", CLAUSE, EvidenceKind.OBSERVATIONS, every=MINUTE, fails_after=2, recovers_after=2, locations="1"
)
OUTAGE = OutageRule("downtime", CLAUSE, "detect", Begins.FIRST_FAILURE, Ends.FIRST_SUCCESS)

Row = tuple[str, int, int, int]
"""Location, begin, outcome, recorded."""


def take(store: Store, batches: Sequence[Batch], start: Instant = 0) -> None:
    """Each in a transaction of its own, a second after the one before."""
    for n, one in enumerate(batches):
        with Ingest(store, "agent", lambda n=n: start + (n + 1) * 1_000_000) as ingest:  # type: ignore[misc]
            ingest.take(one)


def sealed(store: Store, until: Instant = TOMORROW, now: Instant = TOMORROW) -> list[SealedDays]:
    return list(seal(store, until, now, "ops"))


def told(results: Results) -> list[Row]:
    return sorted(
        zip(
            [results.locations[n] for n in results.location.tolist()], results.begun.tolist(), results.outcome.tolist(),
            results.recorded.tolist(), strict=True,
        )
    )  # fmt: skip


def said(store: Store, size: int | None = None, as_of: Instant | None = None) -> tuple[dict[str, list[Row]], list[str]]:
    facts, problems = read_folder(store.folder, size)
    known = facts if as_of is None else facts.known_at(as_of)
    found = {check: told(results) for check, results in known.results.items()}
    return {check: there for check, there in found.items() if there}, sorted(str(p) for p in problems)


def oracle(batches: Sequence[Batch], before: int) -> dict[str, list[Row]]:
    """What some batches say, one by one: each outcome of a slot is known from when the first batch said it."""
    known = dict[tuple[str, str, int, int], int]()
    for n, one in enumerate(batches[:before]):
        for check, slot, outcome in zip(*(column.tolist() for column in one.samples()), strict=True):
            known.setdefault((one.checks[check], one.location, slot * one.every, outcome), (n + 1) * 1_000_000)
    found = dict[str, list[Row]]()
    for (check, location, begun, outcome), recorded in known.items():
        found.setdefault(check, []).append((location, begun, outcome, recorded))
    return {check: sorted(there) for check, there in found.items()}


def drawn(seed: int) -> list[Batch]:
    """Some batches of two locations: regular ones, late ones, overlapping ones, and such as contradict others."""
    dice = np.random.default_rng(seed)
    made, numbers, reach = list[Batch](), {"iad": 0, "fra": 0}, {"iad": 0, "fra": 0}
    for _ in range(int(dice.integers(1, 7))):
        location = str(dice.choice(["iad", "fra"]))
        numbers[location] += 1
        begin = reach[location] if dice.random() < 0.7 else int(dice.integers(0, 3000))
        length = int(dice.integers(1, 40))
        checks = ["api", "shop"] if dice.random() < 0.7 else ["shop"]
        table: list[Told] = []
        for slot in range(begin, begin + length):
            for check in checks:
                if dice.random() < 0.9:
                    # What the truth is depends on the slot alone, so that most of what overlaps agrees.
                    truth = 1 if slot % 17 < 3 else 2 if slot % 29 == 5 else 0
                    table.append((slot, check, truth if dice.random() < 0.97 else int(dice.integers(0, 3))))
        if table:
            latency = int(dice.integers(1, 999)) if dice.random() < 0.5 else None
            make = rows if dice.random() < 0.5 else slots
            made.append(make(location, numbers[location], table, latency))
            reach[location] = begin + length + int(dice.integers(0, 3))
        else:
            numbers[location] -= 1
    return made or [rows("iad", 1, [(0, "api", 0)])]


@given(st.integers(0, 2**32), st.integers(0, 6), st.integers(0, 4000))
@examples(8)
def test_batches_say_the_same_before_and_after_they_are_sealed_whenever_it_is_asked(
    seed: int, part: int, cut: int
) -> None:
    import tempfile

    with tempfile.TemporaryDirectory() as folder:
        store = create(Path(folder) / "store")
        batches = drawn(seed)
        take(store, batches[:part])
        sealed(store, MIDNIGHT + cut * MINUTE, 0)
        take(store, batches[part:], len(batches[:part]) * 1_000_000)
        with reading(store.engine) as connection:
            positions = sorted(connection.execute(select(batch.c.position)).scalars())
        sizes = [p + 1 for p in positions]
        before = [said(store, size) for size in sizes]
        asked = [n * 1_000_000 for n in range(len(batches) + 1)]
        known = [said(store, None, at) for at in asked]
        assert [rows for rows, _ in before] == [oracle(batches, n + 1) for n in range(len(batches))]
        sealed(store, MIDNIGHT + 9 * DAY)
        assert [said(store, size) for size in sizes] == before
        assert [said(store, None, at) for at in asked] == known
        assert [rows for rows, _ in known] == [oracle(batches, n) for n in range(len(batches) + 1)]
        with reading(store.engine) as connection:
            assert connection.execute(select(func.count()).select_from(observation)).scalar() == 0
            assert not any(connection.execute(select(batch.c.body)).scalars())
        store.engine.dispose()


def of_each(results: Results) -> list[tuple[str, list[int], list[int]]]:
    """What each location said, checked against the rows themselves."""
    found = [(name, begun.tolist(), outcome.tolist()) for name, begun, outcome in results.by_location()]
    told = sorted(zip((results.locations[n] for n in results.location.tolist()), results.begun.tolist(),
                      results.outcome.tolist(), strict=True))  # fmt: skip
    assert [(name, *row) for name, *rows in found for row in zip(*rows, strict=True)] == told
    return found


@given(st.integers(0, 2**32))
@examples(8)
def test_detection_from_runs_is_that_from_rows_and_so_is_what_each_location_said(seed: int) -> None:
    import tempfile

    with tempfile.TemporaryDirectory() as folder:
        store = create(Path(folder) / "store")
        take(store, drawn(seed))
        sealed(store, MIDNIGHT + 9 * DAY)
        found = list(read_folder(store.folder)[0].results.values())
        as_rows = [r.only(np.ones(len(r.begun), dtype=np.bool_)) for r in found]
        assert [of_each(r) for r in found] == [of_each(r) for r in as_rows]
        assert [plain(s) for s in checked(found, RULE, OUTAGE)] == [plain(s) for s in checked(as_rows, RULE, OUTAGE)]
        store.engine.dispose()


def test_checks_are_read_as_runs_where_batches_do_not_overlap(store: Store) -> None:
    take(store, [rows("iad", 1, [(0, "api", 0), (3, "api", 1)]), slots("iad", 2, [(4, "api", 1), (9, "shop", 2)])])
    before = said(store)
    (days,) = sealed(store)
    assert (days.batches, days.results) == (2, 4)
    results = read_folder(store.folder)[0].results
    assert all(isinstance(r, RunResults) for r in results.values())
    assert said(store) == before
    assert [len(r) for r in results.values()] == [3, 1]


def test_sealing_takes_the_results_out_and_keeps_what_proves_the_batches(store: Store) -> None:
    first = rows("iad", 1, [(0, "api", 0), (3, "api", 1)], 77)
    take(store, [first])
    (days,) = sealed(store)
    with reading(store.engine) as connection:
        (found,) = connection.execute(select(batch)).all()
        assert (found.body, found.sealed) == (None, 2)
        assert connection.execute(select(func.count()).select_from(observation)).scalar() == 0
        kinds = connection.execute(select(log.c.kind).order_by(log.c.position)).scalars().all()
        assert kinds == ["document/checks", "batch", "segment/outcomes", "segment/latencies"]
        names = connection.execute(select(segment.c.name).order_by(segment.c.position)).scalars().all()
    assert names[0] == days.name
    with connect() as db:
        found_latencies = db.execute(
            'select "check", location, epoch_us(begun), latency_us from read_parquet($1)',
            [str(store.folder / names[1])],
        ).fetchall()
    assert found_latencies == [("api", "iad", MIDNIGHT, 77), ("api", "iad", MIDNIGHT + 3 * MINUTE, 77)]


def test_details_are_sealed_beside_outcomes_and_what_was_not_up_keeps_its_reason(store: Store) -> None:
    take(store, [detailed("iad", 1, [(0, "api", 0), (1, "api", 1), (2, "api", 2)]), rows("fra", 1, [(0, "api", 1)], 9)])
    sealed(store)
    with reading(store.engine) as connection:
        found = connection.execute(select(segment.c.kind, segment.c.name)).all()
    path = {kind: str(store.folder / name) for kind, name in found}
    with connect() as db:
        latencies = db.execute("select * exclude (begun) from read_parquet($1)", [path["latencies"]]).fetchall()
        failures = db.execute("select * exclude (begun) from read_parquet($1)", [path["failures"]]).fetchall()
    assert latencies == [
        ("api", "fra", 9, None, None, None, None, None, None),
        ("api", "iad", 5_000, 0, 200, 1_000, 2_000, 3_000, 4_000),
        ("api", "iad", 5_000, 12, 503, 1_001, 2_001, 3_001, 4_001),
    ]
    assert failures == [("api", "iad", 12, 503), ("api", "iad", 100, 0)]


def test_the_file_is_as_documented(store: Store) -> None:
    take(store, [rows("iad", 1, [(0, "api", 0), (3, "api", 1), (4, "api", 1), (6, "api", 2), (7, "api", 0)])])
    take(store, [rows("iad", 2, [(7, "api", 1)])], 9)
    (days,) = sealed(store)
    with connect() as db:
        path = [str(store.folder / days.name)]
        columns = db.execute("describe select * from read_parquet($1)", path).fetchall()
        found = db.execute("select * from read_parquet($1)", path).fetchall()
    assert [(name, kind) for name, kind, *_ in columns] == [
        ("check", "VARCHAR"), ("location", "VARCHAR"), ("state", "VARCHAR"), ("slot", "BIGINT"), ("slots", "INTEGER"),
        ("every_us", "BIGINT"), ("position", "BIGINT"),
    ]  # fmt: skip
    assert [(state, slot - FIRST, slots, position) for _, _, state, slot, slots, _, position in found[:6]] == [
        ("watched", 0, 8, None), ("missing", 1, 2, None), ("down", 3, 2, None), ("missing", 5, 1, None),
        ("unknown", 6, 1, None), ("down", 7, 1, 2),
    ]  # fmt: skip


def test_files_have_the_same_types_however_long_their_slots_are(store: Store) -> None:
    take(store, [rows("iad", 1, [(-1, "api", 0)])])
    short = SlotBatch("iad", 2, 50_000, Roster(("fast",)), MIDNIGHT // 50_000, np.zeros((10, 1), dtype=np.int8), None)
    take(store, [short])
    before = said(store)
    assert len(before[0]["fast"]) == 10
    first, second = (store.folder / days.name for days in sealed(store))
    with connect() as db:
        types = [db.execute("describe select * from read_parquet($1)", [str(f)]).fetchall() for f in (first, second)]
    assert types[0] == types[1]
    assert said(store) == before


def test_a_day_is_sealed_once_and_what_comes_late_is_a_further_segment(store: Store) -> None:
    take(store, [rows("iad", 1, [(0, "api", 0), (1, "api", 0)])])
    assert len(sealed(store)) == 1
    assert sealed(store) == []
    take(store, [rows("iad", 2, [(1, "api", 0), (2, "api", 1)])], TOMORROW)
    before = said(store)
    assert len(sealed(store, TOMORROW, TOMORROW + DAY)) == 1
    assert said(store) == before
    assert [row[1:3] for row in before[0]["api"]] == [(MIDNIGHT + n * MINUTE, n // 2) for n in range(3)]


def test_a_day_that_is_not_over_is_not_sealed(store: Store) -> None:
    take(store, [rows("iad", 1, [(0, "api", 0)]), rows("iad", 2, [(720, "api", 0)])])
    assert [days.batches for days in sealed(store, NOON)] == [1]
    assert [days.batches for days in sealed(store, NOON)] == []
    assert len(said(store)[0]["api"]) == 2


def test_months_are_sealed_apart(store: Store) -> None:
    take(store, [rows("iad", 1, [(-1, "api", 0)]), rows("iad", 2, [(0, "api", 0)])])
    assert [days.batches for days in sealed(store)] == [1, 1]


def test_a_crash_between_file_and_transaction_loses_and_doubles_nothing(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    take(store, [rows("iad", 1, [(0, "api", 0), (1, "api", 1)], 5), slots("fra", 1, [(0, "shop", 1)])])
    before, size = said(store), store.size()
    with monkeypatch.context() as patched:
        patched.setattr("makegood.store.sealing_days.empty", lambda *_: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            sealed(store)
    assert len(list((store.folder / "outcomes").iterdir())) == 1
    assert (said(store), store.size()) == (before, size)
    (days,) = sealed(store)
    assert said(store) == before
    assert [f.name for f in (store.folder / "outcomes").iterdir()] == [Path(days.name).name]


def test_two_that_seal_at_once_do_not_seal_twice(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    take(store, [rows("iad", 1, [(0, "api", 0), (1, "api", 1)])])
    before = said(store)

    def meanwhile(path: Path, layers: Layers) -> int:
        monkeypatch.setattr(sealing_days, "write_outcomes", write_outcomes)
        sealed(store, TOMORROW, TOMORROW - 1)
        return write_outcomes(path, layers)

    monkeypatch.setattr(sealing_days, "write_outcomes", meanwhile)
    with pytest.raises(Refused) as refused:
        sealed(store)
    assert [p.code for p in refused.value.problems] in (["sealed-meanwhile"], ["unwritable"])
    assert said(store) == before
    assert sealed(store) == []


def test_contradictions_are_named_alike_before_and_after_sealing(store: Store) -> None:
    take(store, [rows("iad", 1, [(0, "api", 0)]), rows("iad", 2, [(0, "api", 1)])])
    before = said(store)
    assert "up in batch iad/1, and down in batch iad/2" in before[1][0]
    sealed(store)
    assert said(store) == before


@pytest.mark.parametrize("harm", ["changed", "missing"])
def test_a_segment_that_was_changed_or_is_gone_is_a_problem(store: Store, harm: str) -> None:
    take(store, [rows("iad", 1, [(0, "api", 0)])])
    (days,) = sealed(store)
    path = store.folder / days.name
    if harm == "changed":
        raw = bytearray(path.read_bytes())
        raw[len(raw) // 2] ^= 1
        path.write_bytes(bytes(raw))
    else:
        shutil.move(path, store.folder / "elsewhere")
    facts, problems = read_folder(store.folder)
    assert [p.code for p in problems] == [f"segment-{harm}"]
    assert facts.results == {}


def test_a_full_disk_leaves_the_batches_where_they_were(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    take(store, [rows("iad", 1, [(0, "api", 0)])])
    before = said(store)

    def full(*_: object) -> int:
        raise duckdb.IOException("No space left on device")

    monkeypatch.setattr("makegood.store.sealing_days.write_outcomes", full)
    with pytest.raises(Refused) as refused:
        sealed(store)
    assert [p.code for p in refused.value.problems] == ["unwritable"]
    assert said(store) == before
