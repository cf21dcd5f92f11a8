"""The sweep over many subjects against plain sets of instants, and its comparisons against `Fraction`."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from makegood.engine.judge import totals as sweep
from makegood.engine.judge.totals import NO_ROW, TWO_ROWS, Ratios, SpansOf, holds, ratios, rows, totals
from makegood.model.money import Rounding, rounded
from makegood.model.spans import BEGINNING_OF_TIME, DAY, END_OF_TIME, Spans
from makegood.model.terms import Range
from makegood.model.threshold import Side, Threshold

TICKS = 24


def every(spans: Spans) -> set[int]:
    return {t for s in spans for t in range(s.start, s.end)}


def some_spans() -> st.SearchStrategy[Spans]:
    edge = st.integers(-3, TICKS)
    pairs = st.lists(st.tuples(edge, edge).map(lambda p: (min(p), max(p))), max_size=4)
    return st.builds(Spans, pairs)


@st.composite
def fleets(draw: st.DrawFn) -> tuple[list[dict[str, Spans]], list[tuple[int, int, int]]]:
    """Subjects with their spans, and periods (subject, first, last), which may overlap."""
    names = ("covered", "down", "excused_up", "excused_out")
    subjects = draw(st.lists(st.fixed_dictionaries({n: some_spans() for n in names}), min_size=1, max_size=5))
    tick = st.integers(-5, TICKS + 4)
    one = st.tuples(st.integers(0, len(subjects) - 1), tick, tick).map(lambda p: (p[0], min(p[1:]), max(p[1:])))
    return subjects, draw(st.lists(one, min_size=1, max_size=8))


def swept(subjects: list[dict[str, Spans]], periods: list[tuple[int, int, int]]) -> sweep.Totals:
    table = np.array(periods, dtype=np.int64).reshape(-1, 3)
    kinds = {name: SpansOf.each([s[name] for s in subjects]) for name in subjects[0]}
    return totals(SpansOf(table[:, 0], table[:, 1:]), **kinds)


@given(fleets(), st.sampled_from([64, 128, 2**59]))
@settings(max_examples=300)
def test_each_instant_of_a_period_has_the_first_class_that_holds(
    fleet: tuple[list[dict[str, Spans]], list[tuple[int, int, int]]], room: int
) -> None:
    subjects, periods = fleet
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sweep, "_ROOM", room)  # so many subjects to a sweep
        found = swept(subjects, periods)
    for i, (subject, first, last) in enumerate(periods):
        sets = {name: every(spans) for name, spans in subjects[subject].items()}
        counts = dict.fromkeys(("excused_up", "excused_out", "down", "up"), 0)
        for instant in set(range(first, last)) & sets["covered"]:
            counts[next((n for n in ("excused_up", "excused_out", "down") if instant in sets[n]), "up")] += 1
        assert {name: int(getattr(found, name)[i]) for name in counts} == counts
        assert found.covered[i] == sum(counts.values())


@given(fleets(), st.none() | st.integers(0, 40))
def test_the_ratio_of_a_period_is_that_of_fractions(
    fleet: tuple[list[dict[str, Spans]], list[tuple[int, int, int]]], nominal: int | None
) -> None:
    found = swept(*fleet)
    lengths = None if nominal is None else np.full(len(fleet[1]), nominal)
    values = ratios(found, lengths)
    for i in range(len(fleet[1])):
        covered = Fraction(int(found.covered[i])) if nominal is None else Fraction(nominal)
        judged = max(covered - int(found.excused_out[i]), Fraction(0))
        available = max(judged - int(found.down[i]), Fraction(0))
        assert (values.numerator[i], values.denominator[i]) == (available, judged)
        assert values.applicable[i] == (judged > 0)


BIG = st.integers(0, 2**58)
EDGES = st.fractions(0, 1, max_denominator=10**9) | st.sampled_from(
    [Fraction(999, 1000), Fraction(9_999_999, 10**7), Fraction(10**12 - 1, 10**12), Fraction(0), Fraction(1)]
)


@st.composite
def near(draw: st.DrawFn) -> tuple[int, int, Fraction]:
    """A ratio at an edge or beside it, of totals small or so large that their products pass 64 bits."""
    edge = draw(EDGES)
    total = draw(st.integers(1, 10**4) | BIG.map(lambda n: n + 1))
    exact = edge * total
    up = int(exact) + draw(st.integers(-1, 2))
    return max(0, min(up, total)), total, edge


def plain(up: int, total: int, places: int | None) -> Fraction:
    ratio = Fraction(up, total)
    if places is None:
        return ratio
    return Fraction(rounded(ratio * 10**places, Rounding.HALF_UP), 10**places)


@given(st.lists(near(), min_size=1, max_size=5), st.sampled_from(Side), st.none() | st.integers(0, 8))
@settings(max_examples=400)
def test_a_threshold_holds_where_it_does_of_fractions(
    cases: list[tuple[int, int, Fraction]], side: Side, places: int | None
) -> None:
    values = Ratios(np.array([c[0] for c in cases]), np.array([c[1] for c in cases]))
    for _, _, edge in cases:
        threshold = Threshold(side, edge)
        expected = [threshold.holds(plain(up, total, places)) for up, total, _ in cases]
        assert holds(values, threshold, places).tolist() == expected


def test_a_decade_at_seven_nines_is_exact_to_the_microsecond() -> None:
    decade = 3653 * DAY
    allowed = decade // 10**7
    assert decade * (10**7 - 1) > 2**63
    down = [allowed, allowed + 1]
    found = totals(
        SpansOf(np.array([0, 1]), np.array([[0, decade]] * 2)),
        SpansOf.each([Spans([(0, decade)])] * 2),
        SpansOf.each([Spans([(5, 5 + d)]) for d in down]),
        SpansOf.each([Spans()] * 2),
        SpansOf.each([Spans()] * 2),
    )
    assert found.down.tolist() == down
    assert decade % 10**7 == 0
    target = Threshold(Side.AT_LEAST, Fraction(9_999_999, 10**7))
    assert holds(ratios(found), target).tolist() == [True, False]


def test_an_edge_written_with_more_digits_than_a_word_holds_is_exact() -> None:
    edge = 1 - Fraction(1, 10**30)
    values = Ratios(np.array([10**15, 10**15 - 1, 0]), np.array([10**15, 10**15, 0]))
    assert holds(values, Threshold(Side.AT_LEAST, edge)).tolist() == [True, False, False]
    assert holds(values, Threshold(Side.BELOW, edge)).tolist() == [False, True, False]


def _above(other: Fraction | None, this: Fraction | None) -> bool:
    return other is None or (this is not None and other >= this)


def _below(other: Fraction | None, this: Fraction | None) -> bool:
    return other is None or (this is not None and other <= this)


def some_ranges() -> st.SearchStrategy[list[Range]]:
    end = st.none() | st.integers(0, 8).map(lambda n: Fraction(n, 8))
    return st.lists(st.builds(Range, end, st.booleans(), end, st.booleans()), max_size=5)


@given(st.lists(st.tuples(st.integers(0, 16), st.integers(0, 16)), min_size=1, max_size=6), some_ranges())
@settings(max_examples=300)
def test_the_row_of_a_table_is_the_deepest_that_holds(cases: list[tuple[int, int]], table: list[Range]) -> None:
    values = Ratios(np.array([min(c) for c in cases]), np.array([max(c) for c in cases]))
    for found, case in zip(rows(values, table).tolist(), cases, strict=True):
        up, total = min(case), max(case)
        held = [i for i, r in enumerate(table) if total and r.holds(Fraction(up, total))]
        deepest = [i for i in held if all(_above(table[j].high, table[i].high) for j in held)]
        if all(table[i].high is None for i in held):
            deepest = [i for i in held if all(_below(table[j].low, table[i].low) for j in held)]
        assert found == (NO_ROW if not held else deepest[0] if len(deepest) == 1 else TWO_ROWS)


def test_a_rounded_ratio_meets_target_and_row_alike() -> None:
    values = Ratios(np.array([99_895, 99_894]), np.array([100_000, 100_000]))
    assert holds(values, Threshold(Side.AT_LEAST, Fraction(999, 1000)), 4).tolist() == [True, False]
    table = [Range(None, False, Fraction(999, 1000), False), Range(Fraction(999, 1000), True, None, False)]
    assert rows(values, table, 4).tolist() == [1, 0]


def test_spans_of_open_ends_are_cut_to_the_periods() -> None:
    always = Spans([(BEGINNING_OF_TIME, END_OF_TIME)])
    found = totals(
        SpansOf(np.array([0, 0]), np.array([[0, DAY], [DAY, 2 * DAY]])),
        SpansOf.each([always]),
        SpansOf.each([Spans([(DAY - 5, DAY + 7)])]),
        SpansOf.each([Spans()]),
        SpansOf.each([Spans()]),
    )
    assert found.down.tolist() == [5, 7]
    assert found.up.tolist() == [DAY - 5, DAY - 7]


def test_spans_that_overlap_and_periods_beyond_all_clocks_are_refused() -> None:
    none = SpansOf.each([Spans()])
    twice = SpansOf(np.array([0, 0]), np.array([[0, 5], [4, 9]]))
    with pytest.raises(ValueError, match="overlap"):
        totals(SpansOf(np.array([0]), np.array([[0, 9]])), none, twice, none, none)
    with pytest.raises(ValueError, match="18,000 years"):
        totals(SpansOf(np.array([0]), np.array([[BEGINNING_OF_TIME, END_OF_TIME]])), none, none, none, none)
    assert len(totals(SpansOf(np.empty(0, dtype=np.int64), np.empty((0, 2), dtype=np.int64)), *[none] * 4).up) == 0
