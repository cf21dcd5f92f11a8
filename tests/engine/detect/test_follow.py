"""Results heard one after the other, late, repeated and in any order: what is found is what all of them say at once."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from makegood.engine.detect import detect, gridded
from makegood.engine.detect.follow import KEPT, Track
from makegood.model.detection import ALL, Begins, Detection, Ends, Observations
from makegood.model.findings import Finding
from makegood.model.spans import HOUR, MINUTE, Spans

EVERY = 3 * HOUR
"""Few slots a day, so that few slots make many days."""

Row = tuple[int, int, int]
"""Slot, location, outcome."""

RULES = (
    Detection(EVERY, 1, 1, 1, Begins.FIRST_FAILURE, Ends.FIRST_SUCCESS),
    Detection(EVERY, 2, 1, ALL, Begins.CONFIRMATION, Ends.CONFIRMATION),
    Detection(EVERY, 3, 2, 1, Begins.FIRST_FAILURE, Ends.CONFIRMATION),
)


def columns(rows: list[Row]) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    table = np.array(rows, dtype=np.int64).reshape(-1, 3)
    return table[:, 0], table[:, 1].astype(np.int16), table[:, 2].astype(np.int8)


def at_once(rows: list[Row], names: tuple[str, ...], rule: Detection) -> Finding:
    slot, location, outcome = columns(rows)
    seen = Observations(names, 0, EVERY, slot, location, outcome)
    return detect(rule, gridded(seen, int(slot.min()), int(slot.max()) + 1))[0].of(0)


def follow(track: Track, heard: list[Row], news: list[Row]) -> list[Row]:
    """Tell a track some results, and again what it forgot; everything that it was told by then."""
    heard = heard + news
    assert track.hear(*columns(news)) or track.hear(*columns(heard))
    return heard


@st.composite
def arrivals(draw: st.DrawFn) -> tuple[int, list[list[Row]]]:
    """How many locations there are, and their results as they come: in parts, mostly in order, some late or twice."""
    places = draw(st.integers(1, 3))
    slots = draw(st.integers(1, 90))
    start = draw(st.integers(-50, 50))
    rows = list[Row]()
    for place in range(places):
        at = start
        while at < start + slots:
            stretch, outcome = draw(st.integers(1, 5)), draw(st.sampled_from([0, 0, 1, 1, 2, None, None]))
            rows += [(k, place, outcome) for k in range(at, min(at + stretch, start + slots)) if outcome is not None]
            at += stretch
        rows.append((draw(st.integers(start, start + slots)), place, draw(st.integers(0, 2))))
    lateness = draw(st.sampled_from([0, 2, 20, 200]))
    order = sorted(rows, key=lambda row: row[0] + draw(st.integers(0, lateness)))
    cuts = sorted(draw(st.lists(st.integers(0, len(order)), max_size=25)))
    parts = [order[a:b] for a, b in zip([0, *cuts], [*cuts, len(order)], strict=True)]
    return places, [part for part in parts if part]


@given(arrivals(), st.integers(1, 4), st.booleans())
def test_whatever_comes_when_the_same_is_found_as_in_all_at_once(
    drawn: tuple[int, list[list[Row]]], at_hand: int, look_each_time: bool
) -> None:
    places, parts = drawn
    names = tuple("abc"[:places])
    track, heard = Track(EVERY, names, RULES, at_hand), list[Row]()
    for n, part in enumerate(parts):
        heard = follow(track, heard, part)
        if look_each_time or n == len(parts) - 1:
            for rule in RULES:
                assert track.found(rule) == at_once(heard, names, rule)


def test_however_late_a_location_is_heard_the_same_is_found() -> None:
    """Two locations fail for six slots; one of them is heard up to eighty slots later."""
    rows = [(k, place, int(40 <= k < 46)) for k in range(80) for place in (0, 1)]
    whole = at_once(rows, ("a", "b"), RULES[2])
    assert whole.favourable.down == Spans([(40 * EVERY, 47 * EVERY)])
    for delay in range(0, 80, 3):
        track, heard = Track(EVERY, ("a", "b"), RULES[2:], at_hand=8), list[Row]()
        for k in range(80 + delay):
            now = [row for row in rows if row[0] + delay * row[1] == k]
            heard = follow(track, heard, now) if now else heard
        assert track.found(RULES[2]) == whole


def test_what_nobody_saw_is_judged_anew_when_more_is_heard_after_a_mark() -> None:
    """The blind slots wait for the result after them, which says that nothing had failed there."""
    rows = [(0, 0, 1), (1, 0, 1), (2, 0, 0), *[(k, 0, 0) for k in range(20, 40)]]
    for rule in RULES:
        track = Track(EVERY, ("a",), RULES, at_hand=2)
        for n, row in enumerate(rows):
            track.hear(*columns([row]))
            assert track.found(rule) == at_once(rows[: n + 1], ("a",), rule)


def test_going_back_twice_counts_no_slot_twice() -> None:
    rows = [(k, 0, 0) for k in range(120) if k not in (70, 90)]
    track, heard = Track(EVERY, ("a",), RULES, at_hand=2), list[Row]()
    for row in [*rows, (90, 0, 1), (70, 0, 1)]:
        heard = follow(track, heard, [row])
        assert track.found(RULES[0]) == at_once(heard, ("a",), RULES[0])


def test_a_late_result_takes_an_outage_back() -> None:
    track = Track(MINUTE, ("a",), [Detection(MINUTE, 3, 1, 1, Begins.FIRST_FAILURE, Ends.FIRST_SUCCESS)])
    rule = track.rules[0]
    assert track.hear(*columns([(1, 0, 0), (2, 0, 1), (3, 0, 1), (4, 0, 1)]))
    assert track.found(rule).favourable.down == Spans([(2 * MINUTE, 5 * MINUTE)])
    assert track.found(rule).favourable.open
    assert track.hear(*columns([(3, 0, 0)]))  # contradicted: nobody knows
    assert track.found(rule).favourable.down == Spans()


def test_results_that_are_four_days_late_are_read_with_those_around_them_and_for_older_ones_all_is_heard_anew() -> None:
    rows = [(k, 0, 0) for k in range(200) if k % 50]
    track, heard = Track(EVERY, ("a",), RULES, at_hand=2), list[Row]()
    for row in rows:
        heard = follow(track, heard, [row])
    late = 200 - KEPT // EVERY
    for slot in (late, late + 1):
        assert track.hear(*columns([(slot, 0, 1)]))
        heard.append((slot, 0, 1))
        for rule in RULES:
            assert track.found(rule) == at_once(heard, ("a",), rule)
    assert not track.hear(*columns([(3, 0, 1)]))
    with pytest.raises(ValueError, match="nothing was heard"):
        track.found(RULES[0])


def test_nothing_heard_is_nothing_found() -> None:
    track = Track(EVERY, ("a",), RULES)
    assert track.hear(*columns([]))
    with pytest.raises(ValueError, match="nothing was heard"):
        track.found(RULES[0])
