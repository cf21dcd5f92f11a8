"""Tracks that begin with runs say what tracks say that heard each of the results, then and after more is heard."""

from __future__ import annotations

from random import Random

import numpy as np
import pytest

from makegood.engine.detect.follow import Track, kept_slots
from makegood.engine.detect.started import started
from makegood.model.detection import Begins, Detection, Ends
from makegood.model.runs import MISSING, RunResults, Sheet
from makegood.model.spans import HOUR, Times

EVERY = 3 * HOUR
AT_HAND = 4
RULES = (
    Detection(EVERY, 1, 1, 1, Begins.FIRST_FAILURE, Ends.FIRST_SUCCESS),
    Detection(EVERY, 3, 2, 1, Begins.FIRST_FAILURE, Ends.CONFIRMATION),
)
TWO = Detection(EVERY, 2, 1, 2, Begins.CONFIRMATION, Ends.FIRST_SUCCESS)
"""Of at least two locations."""


def rules(locations: int) -> tuple[Detection, ...]:
    return RULES if locations == 1 else (*RULES, TWO)


def recorded(_check: str, _places: tuple[str, ...], _location: Times, slot: Times) -> Times:
    return slot


def sheet_of(series: dict[tuple[str, str], tuple[int, np.ndarray]]) -> tuple[Sheet, list[RunResults]]:
    """A sheet of cells from a slot on, by check and location, and its checks."""
    names, watched, bounds, runs = sorted(series), list[tuple[int, int]](), [0], list[tuple[int, int, int]]()
    for name in names:
        first, cells = series[name]
        watched.append((first, first + len(cells)))
        edges = np.flatnonzero(np.diff(cells, prepend=-1, append=-1))
        parts = list(zip(edges.tolist(), edges[1:].tolist(), strict=False))
        runs += [(first + a, first + b, int(cells[a])) for a, b in parts if cells[a]]
        bounds.append(len(runs))
    start, end, outcome = np.array(runs, dtype=np.int64).reshape(-1, 3).T
    sheet = Sheet(
        EVERY, tuple(names), np.array(watched), np.array(bounds), start.copy(), end.copy(), outcome.astype(np.int8)
    )
    checks = sorted({check for check, _ in names})
    at = {check: [n for n, (name, _) in enumerate(names) if name == check] for check in checks}
    return sheet, [RunResults(sheet, slice(at[c][0], at[c][-1] + 1), 0, recorded) for c in checks]


def drawn(random: Random, slots: int) -> np.ndarray:
    """Cells that are seen at both ends."""
    cells = np.zeros(slots, dtype=np.int8)
    for _ in range(slots // 12):
        at = random.randrange(slots)
        cells[at : at + random.randint(1, 9)] = random.choice([1, 1, 2, MISSING])
    cells[[0, -1]] = np.minimum(cells[[0, -1]], 2)
    return cells


def by_rows(one: RunResults) -> Track:
    track = Track(EVERY, one.locations, rules(len(one.locations)), AT_HAND)
    assert track.hear(one.begun // EVERY, one.location, one.outcome)
    return track


@pytest.mark.parametrize("seed", range(30))
def test_tracks_that_begin_with_runs_say_what_tracks_of_rows_say(seed: int) -> None:
    random, kept = Random(seed), kept_slots(EVERY, AT_HAND)
    now, series = 30_000 + random.randint(0, 8), dict[tuple[str, str], tuple[int, np.ndarray]]()
    for n in range(random.randint(1, 6)):
        places = random.choice([["a"], ["a", "b"], ["a", "b", "c"]])
        ended = now - random.choice([0, 0, 0, 1, kept - 1, kept, kept + 1, 3 * kept])
        for place in places:
            stopped = ended - random.choice([0, 0, 2, 2 * kept])
            length = random.choice([1, kept - 1, kept, kept + 1, 2 * kept, 5 * kept])
            series[f"check-{n}", place] = stopped - length, drawn(random, length)
    _, checks = sheet_of(series)
    for one, track in zip(checks, started(checks, rules, AT_HAND), strict=True):
        whole = by_rows(one)
        assert (track.last, track.locations) == (whole.last, whole.locations)
        for _ in range(4):
            for rule in rules(len(one.locations)):
                assert track.found(rule) == whole.found(rule)
            assert track.failing() == whole.failing()
            news = [
                (track.last + random.choice([0, 1, 2, -3, -9, 3 - kept]), random.randrange(len(one.locations)), k % 3)
                for k in range(random.randint(1, 9))
            ]
            slot, location, outcome = np.array(news).T
            assert whole.hear(slot, location, outcome.astype(np.int8))
            if not track.hear(slot, location, outcome.astype(np.int8)):  # it ended long before others did
                assert slot.min() < max(one.begun.max() // EVERY for one in checks) + 1 - kept
                break


def test_what_lies_before_all_that_is_at_hand_has_to_be_heard_anew() -> None:
    kept = kept_slots(EVERY, AT_HAND)
    _, checks = sheet_of({("check", "a"): (0, np.zeros(3 * kept, dtype=np.int8))})
    (track,) = started(checks, rules, AT_HAND)
    late = np.array([2 * kept - 1])
    assert not track.hear(late, np.array([0]), np.array([1], dtype=np.int8))
    (track,) = started(checks, rules, AT_HAND)
    assert track.hear(late + 1, np.array([0]), np.array([1], dtype=np.int8))


def test_rows_are_those_from_a_slot_on() -> None:
    sheet, _ = sheet_of({("check", "a"): (5, np.array([0, 1, 1, 3, 3, 0, 2], dtype=np.int8))})
    slots, outcome = sheet.rows(0)
    for since in range(3, 15):
        part, said = sheet.rows(0, since)
        assert part.tolist() == slots[slots >= since].tolist()
        assert said.tolist() == outcome[slots >= since].tolist()
