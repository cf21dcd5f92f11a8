"""Results that come late fill what an earlier batch left out: read as runs, and the same as one by one."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from makegood.model.runs import MISSING, RunResults
from makegood.store.filling import filled
from makegood.store.folder import read_folder
from makegood.store.opened import Store
from makegood.store.sheets import Beside, Layers, _runs
from tests.engine.worlds import examples
from tests.store.batches import rows, slots
from tests.store.test_archive import said, sealed, take

NAMES = (("api", "iad"), ("shop", "iad"))


def cells_of(layers: Layers) -> np.ndarray:
    """What a sheet says of slots 0 to 39, int8[series, slot]."""
    sheet = layers.sheet
    cells = np.full((len(sheet.series), 40), MISSING, dtype=np.int8)
    for n in range(len(sheet.series)):
        at, outcome = sheet.rows(n)
        cells[n, at] = outcome
    return cells


@given(st.data())
@examples(60)
def test_what_fills_is_put_in_and_what_contradicts_stays(data: st.DataObject) -> None:
    cell = st.sampled_from([0, 0, 0, 1, 2, MISSING, MISSING])
    drawn = data.draw(st.lists(cell, min_size=80, max_size=80))
    cells = np.array(drawn, dtype=np.int8).reshape(2, 40)
    cells[:, : data.draw(st.integers(0, 20))] = MISSING
    told = data.draw(st.sets(st.tuples(st.integers(0, 1), st.integers(0, 39), st.integers(0, 2)), max_size=30))
    beside = sorted(one for one in told if cells[one[0], one[1]] != one[2])
    columns = np.array(beside, dtype=np.int64).reshape(-1, 3)
    positions = np.arange(len(columns))
    layers = Layers(
        _runs(1, NAMES, 0, cells), Beside(columns[:, 0], columns[:, 1], columns[:, 2].astype(np.int8), positions)
    )
    found = filled(layers)
    expected, rest, fills = cells.copy(), list[int](), list[int]()
    for n, (series, slot, outcome) in enumerate(beside):
        alone = sum(one[:2] == (series, slot) for one in beside) == 1
        if alone and cells[series, slot] == MISSING:
            expected[series, slot] = outcome
            fills.append(n)
        else:
            rest.append(n)
    assert np.array_equal(cells_of(Layers(found.sheet, found.beside)), expected)
    assert found.beside.position.tolist() == rest
    assert found.fills.position.tolist() == fills
    for series in (0, 1):
        asked = np.arange(40)
        mine = {beside[n][1]: n for n in fills if beside[n][0] == series}
        assert found.positions(series, asked, asked + 100).tolist() == [mine.get(s, s + 100) for s in range(40)]
    seen = expected != MISSING
    for n in (0, 1):
        if seen[n].any():
            at = np.flatnonzero(seen[n])
            assert found.sheet.watched[n].tolist() == [at[0], at[-1] + 1]
    plain = _runs(1, NAMES, 0, expected)
    assert np.array_equal(plain.first, found.sheet.first)
    assert np.array_equal(plain.end, found.sheet.end)
    assert np.array_equal(plain.outcome, found.sheet.outcome)
    assert np.array_equal(plain.bounds, found.sheet.bounds)


@pytest.mark.parametrize("late", [0, 1, 2])
def test_a_result_that_comes_late_is_read_as_a_run_and_known_from_its_own_batch(store: Store, late: int) -> None:
    take(
        store,
        [
            rows("iad", 1, [(0, "api", 0), (0, "shop", 0)]), rows("iad", 2, [(1, "shop", 0)]),
            rows("iad", 3, [(2, "api", 0), (2, "shop", 0)]), rows("iad", 4, [(1, "api", late)]),
            slots("iad", 5, [(3, "api", 0), (3, "shop", 0)]),
        ],
    )  # fmt: skip
    results = read_folder(store.folder)[0].results
    assert isinstance(results["api"], RunResults)
    before = said(store)
    assert [row[1:] for row in before[0]["api"]][1][1:] == (late, 4_000_000)
    sealed(store)
    results = read_folder(store.folder)[0].results
    assert isinstance(results["api"], RunResults)
    assert said(store) == before
    assert len(said(store, as_of=3_000_000)[0]["api"]) == 2
