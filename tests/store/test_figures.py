"""What signals measured is in batches as long as these are hot, and in files of figures then, and is the same."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction

import numpy as np

from makegood.evidence.batch import RowBatch
from makegood.model.facts import Measurements
from makegood.model.spans import DAY, MINUTE
from makegood.store.compacting import compact
from makegood.store.folder import read_folder
from makegood.store.ingest import Arrival, Ingest
from makegood.store.joining import join_files
from makegood.store.opened import Store
from makegood.store.retiring import Hold, hold, old, retire
from makegood.store.sql.batches import Sent
from tests.store.batches import FIRST, MIDNIGHT, measuring
from tests.store.test_archive import TOMORROW, sealed, take

Row = tuple[int, Fraction | None, Fraction | None]
"""A minute from `FIRST` on, and how many were good and valid in it."""

DAY_OF_SLOTS = DAY // MINUTE
TOLD = [
    measuring(
        1, [(0, "api", "good", "9.5"), (0, "api", "valid", "10"), (1, "api", "good", "3"), (1, "shop", "p95", "0.25")]
    ),
    measuring(2, [(1, "api", "valid", "4"), (3, "api", "good", "0"), (3, "api", "valid", "0")]),
    measuring(3, [(DAY_OF_SLOTS, "api", "good", "7"), (DAY_OF_SLOTS, "api", "valid", "8")]),
]  # fmt: skip


def measured(store: Store, size: int | None = None) -> dict[str, Measurements]:
    """What was measured of `api`, by source."""
    facts, problems = read_folder(store.folder, size)
    assert problems == []
    return {one.source: one.known_at(2 * TOMORROW) for one in facts.measurements.get("api", ())}


def counts(made: Measurements) -> list[Row]:
    good, valid = (made.quantities[word] for word in ("good", "valid"))
    return [(int(at) // MINUTE - FIRST, good.at(n), valid.at(n)) for n, at in enumerate(made.start.tolist())]


def test_figures_are_measurements_whose_source_is_their_check(store: Store) -> None:
    take(store, TOLD)
    found = measured(store)
    assert set(found) == {"api", "shop"}
    assert counts(found["api"]) == [
        (0, Fraction(19, 2), Fraction(10)), (1, Fraction(3), Fraction(4)), (3, Fraction(0), Fraction(0)),
        (DAY_OF_SLOTS, Fraction(7), Fraction(8)),
    ]  # fmt: skip
    assert np.array_equal(found["api"].end - found["api"].start, np.full(4, MINUTE))
    assert found["shop"].quantities["p95"].at(0) == Fraction(1, 4)
    (raw,) = read_folder(store.folder)[0].measurements["api"][:1]
    assert raw.recorded.tolist() == [1_000_000, 1_000_000, 2_000_000, 2_000_000, 3_000_000]


def test_sealed_or_hot_the_same_was_measured_as_of_every_length_of_the_log(store: Store) -> None:
    take(store, TOLD)
    size = store.size()

    def told() -> list[dict[str, list[Row]]]:
        return [{s: counts(m) for s, m in measured(store, n).items() if s == "api"} for n in range(1, size + 1)]

    hot = told()
    assert hot[-1]["api"] != hot[-2]["api"]
    (made,) = sealed(store)
    assert made.batches == 2
    assert len(list((store.folder / "figures").glob("*.parquet"))) == 1
    assert told() == hot
    list(sealed(store, TOMORROW + DAY, TOMORROW + DAY))
    assert len(list((store.folder / "figures").glob("*.parquet"))) == 2
    assert told() == hot
    april = MIDNIGHT + 60 * DAY
    list(compact(store, april, april, "ops"))
    assert told() == hot
    assert [one.replaced for one in join_files(store, april, april, "ops")] == [2]
    assert told() == hot
    assert list(join_files(store, april, april, "ops")) == []


def test_figures_of_batches_that_do_not_count_are_not_there(store: Store) -> None:
    with Ingest(store, "hub", lambda: MIDNIGHT) as ingest:
        ingest.take(Arrival(TOLD[0], Sent(flag="skewed")))
    assert measured(store) == {}


def test_figures_that_contradict_earlier_ones_are_named_and_the_earlier_ones_hold(store: Store) -> None:
    take(store, [TOLD[0], measuring(2, [(0, "api", "valid", "11")])])
    facts, problems = read_folder(store.folder)
    assert [one.code for one in problems] == ["evidence-contradicts"]
    assert "valid is 11, and 10 in batch hub/1" in problems[0].what
    assert counts(facts.measurements["api"][0])[0] == (0, Fraction(19, 2), Fraction(10))


def test_figures_are_kept_as_long_as_outcomes_and_while_they_are_held(store: Store) -> None:
    take(store, TOLD)
    list(sealed(store))
    later = MIDNIGHT + 800 * DAY
    hold(store, Hold("case", "a dispute", (), ("api",), MIDNIGHT, TOMORROW), later, "counsel")
    found = {one.kind: one.held for one in old(store, later)}
    assert found["figures"] == "case"
    assert found["outcomes"] == ""
    hold_free = [one for one in old(store, later) if not one.held]
    assert "figures" not in {one.kind for one in retire(store, hold_free, later, "ops")}
    assert [counts(one) for one in measured_with_warnings(store)] != []


def measured_with_warnings(store: Store) -> list[Measurements]:
    return [one for one in read_folder(store.folder)[0].measurements["api"] if one.source == "api"]


def test_a_file_of_figures_that_was_changed_is_named(store: Store) -> None:
    take(store, TOLD)
    list(sealed(store))
    (path,) = (store.folder / "figures").glob("*.parquet")
    path.write_bytes(path.read_bytes()[:-1] + b"x")
    assert "segment-changed" in {one.code for one in read_folder(store.folder)[1]}


def test_a_batch_without_details_keeps_its_figures(store: Store) -> None:
    one = replace(TOLD[0], details=None)
    assert isinstance(one, RowBatch)
    take(store, [one])
    assert counts(measured(store)["api"])[0] == (0, Fraction(19, 2), Fraction(10))
