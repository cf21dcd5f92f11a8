"""Rows put aside on disk are weighed as those in memory are, however they are cut into batches."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from makegood.app.importing import import_evidence
from makegood.app.novelty import Claims, novelty
from makegood.exchange.observations import NO_LATENCY, Observations
from makegood.model.spans import MINUTE
from makegood.store import folder, staging
from makegood.store.evidence_files import read_imported
from makegood.store.folder import read_folder
from makegood.store.staging import Known

CHECKS, PLACES, REASONS = ("web", "api"), ("fra", "lon"), ("", "timeout", "it's 'down'")
NOW = 1_790_000_000_000_000

Row = tuple[int, int, int, int]
"""Check, location, minute, outcome."""

rows = st.lists(st.tuples(st.integers(0, 1), st.integers(0, 1), st.integers(0, 4), st.integers(0, 2)), max_size=12)


def batch(some: list[Row], first: int) -> Observations:
    table = np.array(some, dtype=np.int64).reshape(-1, 4)
    number = np.arange(first, first + len(table))
    latency = np.where(number % 3, number * 1000, NO_LATENCY)
    return Observations(
        CHECKS, PLACES, REASONS, number, table[:, 0], table[:, 1], table[:, 2] * MINUTE, table[:, 3].astype(np.int8),
        number % len(REASONS), latency, table[:, 2] * MINUTE,
    )  # fmt: skip


def claims(some: list[Row]) -> Claims:
    table = np.array(some, dtype=np.int64).reshape(-1, 4)
    return Claims(table[:, 0] * 2 + table[:, 1], table[:, 2] * MINUTE, table[:, 3].astype(np.int8))


def once(some: list[Row]) -> list[Row]:
    """Each key with one outcome, as a folder holds them."""
    return [(*key, outcome) for key, outcome in {row[:3]: row[3] for row in some}.items()]


@given(rows, st.lists(rows, max_size=4), st.integers(1, 5))
@settings(max_examples=60)
def test_rows_on_disk_are_weighed_as_rows_in_memory(held: list[Row], batches: list[list[Row]], at_once: int) -> None:
    held = once(held)
    together = [row for part in batches for row in part]
    plain = novelty(claims(held), claims(together))
    columns = np.array(held, dtype=np.int64).reshape(-1, 4)
    known = Known(columns[:, 0], columns[:, 1], columns[:, 2] * MINUTE, columns[:, 3])
    with pytest.MonkeyPatch.context() as patch, staging.staging() as staged:
        patch.setattr(staging, "AT_ONCE", at_once)
        first = 2
        for part in batches:
            staged.add(batch(part, first))
            first += len(part)
        counts = staged.weigh(known, most_told=5)
        assert (counts.new, counts.duplicate) == (plain.new.sum(), plain.duplicate.sum())
        wrong = np.flatnonzero(plain.against >= 0).tolist()
        assert counts.wrong == len(wrong)
        against = [int(plain.against[at]) - len(held) for at in wrong]
        told = [(w.row, w.against) for w in counts.first_wrong]
        assert told == [(at + 2, row + 2 if row >= 0 else 0) for at, row in zip(wrong, against, strict=True)][:5]


def test_what_is_new_is_written_in_order_with_reasons_and_latencies(tmp_path: Path) -> None:
    with staging.staging() as staged:
        staged.add(batch([(0, 1, 3, 1), (1, 0, 2, 0), (0, 1, 3, 1)], 2))
        staged.add(batch([(0, 0, 9, 2), (1, 0, 1, 0)], 5))
        assert staged.weigh([], 5) == staging.Counts(4, 1, 0, ())
        (tmp_path / "observations").mkdir()
        staged.write(tmp_path / "observations/a.parquet", NOW)
        staged.write_latencies(tmp_path / "latencies.parquet")
        folder_of_rows = staged.folder
        reasons = staged.db.execute(f"select reason from '{tmp_path}/observations/a.parquet'").fetchall()
        latencies = staged.db.execute(f"select latency_us from '{tmp_path}/latencies.parquet'").fetchall()
    assert not folder_of_rows.exists()
    read = read_imported(tmp_path, ["observations/a.parquet"], "observations").rows
    subjects = [read.subjects[i] for i in read.subject.tolist()]
    assert subjects == [("api", "fra"), ("api", "fra"), ("web", "fra"), ("web", "lon")]
    assert (read.at // MINUTE).tolist() == [1, 2, 9, 3]
    assert read.outcome.tolist() == [0, 0, 2, 1]
    assert set(read.recorded.tolist()) == {NOW}
    assert [text for (text,) in reasons] == ["", "", "it's 'down'", "it's 'down'"]
    assert [n for (n,) in latencies] == [5000, 2000]


def test_a_folder_is_the_same_however_many_checks_are_read_at_once(tmp_path: Path) -> None:
    facts = tmp_path / "facts"
    for name, minutes in (("a", range(9)), ("b", range(5, 12))):
        lines = ["check,location,begun,outcome"]
        lines += [f"{c},{p},2026-02-08T00:{m:02}:00Z,up" for m in minutes for c in ("web", "api", "db") for p in PLACES]
        (tmp_path / f"{name}.csv").write_text("\n".join(lines) + "\n", encoding="utf-8")
        import_evidence(tmp_path / f"{name}.csv", facts, now=NOW, by="anna")
    hand = "check,location,begun,outcome\nweb,fra,2026-02-08T00:01:00Z,up\ncron,fra,2026-02-08T00:01:00Z,down\n"
    (facts / "observations/hand.csv").write_text(hand, encoding="utf-8")
    whole, problems = read_folder(facts)
    assert problems == []
    assert list(whole.results) == ["api", "cron", "db", "web"]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(folder, "AT_ONCE", 1)
        parts, problems = read_folder(facts)
    assert problems == []
    assert list(parts.results) == list(whole.results)
    for check, results in whole.results.items():
        other = parts.results[check]
        assert other.locations == results.locations
        for column in ("begun", "location", "outcome", "recorded"):
            assert np.array_equal(getattr(other, column), getattr(results, column))
