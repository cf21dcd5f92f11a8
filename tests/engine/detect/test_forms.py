"""Runs and bit planes, one check and many: the same outages."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from makegood.engine.detect import detect, gridded, outages, together
from makegood.engine.detect.forms import as_planes, as_runs
from makegood.model.findings import Detected, Finding
from makegood.model.grid import OPEN, Carry, Grid, Planes, Runs
from makegood.model.spans import HOUR, MINUTE, SECOND, Span, Spans, Times
from tests.engine.detect.oracle import Rule
from tests.engine.detect.oracle_bits import down as down_by_bits
from tests.engine.detect.worlds import OFFSET, World, cases, detection, found, observed, rules, spans, stitched, worlds

LONG = {"most_slots": 260, "longest": 90}


def grid_of(part: list[World], first: int, last: int, dense: bool) -> Grid:
    """The worlds as the checks of one grid, each with an offset of its own."""
    grids = [w.grid(first, last) for w in part]
    grids = [replace(g, offset=g.offset + i * SECOND) for i, g in enumerate(grids)]
    return as_planes(together(grids)) if dense else together(grids)


def shifted(finding: Finding, check: int) -> Finding:
    """The finding of a check as if its slots began when those of the first do."""
    by = -check * SECOND

    def moved(one: Spans) -> Spans:
        return Spans.from_edges(one.edges + by)

    def run(one: Detected) -> Detected:
        return Detected(moved(one.down), tuple(map(moved, one.failing)), moved(one.provisional), one.open)

    return replace(
        finding,
        span=Span(finding.span.start + by, finding.span.end + by),
        settled=finding.settled + by,
        favourable=run(finding.favourable),
        unfavourable=run(finding.unfavourable),
        expected=tuple(map(moved, finding.expected)),
        blind=tuple(map(moved, finding.blind)),
    )


@st.composite
def several(draw: st.DrawFn, most_slots: int = 30, longest: int = 7) -> tuple[list[World], Rule]:
    """Some worlds with one number of slots and locations, and a rule for all of them."""
    one = draw(worlds(most_slots, longest=longest))
    others = draw(st.lists(worlds(most_slots, longest=longest), max_size=3))
    places = len(one.expected)
    part = [replace(w, slots=one.slots, expected=(w.expected * places)[:places]) for w in (one, *others)]
    fitting = [replace(w, rows=tuple(r for r in w.rows if r[0] < one.slots and r[1] < places)) for w in part]
    return fitting, draw(rules(places))


@given(cases(**LONG), st.booleans())
@settings(max_examples=150)
def test_both_runs_are_those_of_the_oracle_in_either_form(case: tuple[World, Rule], dense: bool) -> None:
    world, rule = case
    findings = detect(detection(rule), grid_of([world], 0, world.slots, dense))[0].of(0)
    for favourable, mine in ((True, findings.favourable), (False, findings.unfavourable)):
        plain = world.answer(rule, favourable)
        assert mine.failing == tuple(spans(slots) for slots in plain.failing)
        assert mine.down == spans(plain.down)


@given(cases(**LONG))
@settings(max_examples=150)
def test_an_addition_of_whole_numbers_finds_the_same(case: tuple[World, Rule]) -> None:
    world, rule = case
    findings = found(world, rule)
    places = range(len(world.expected))
    heard: dict[tuple[int, int], set[str]] = {}
    for slot, place, outcome in world.rows:
        heard.setdefault((place, slot), set()).add(outcome)

    def bits(place: int, *wanted: str) -> int:
        first, last = world.expected[place]
        said = (heard.get((place, k), set()) for k in range(world.slots))
        return sum(1 << k for k, s in enumerate(said) if first <= k < last and len(s) == 1 and s & set(wanted))

    failed, seen = [bits(p, "down") for p in places], [bits(p, "up", "down") for p in places]
    due = [sum(1 << k for k in range(world.slots) if first <= k < last) for first, last in world.expected]
    for favourable, mine in ((True, findings.favourable), (False, findings.unfavourable)):
        failing, down = down_by_bits(failed, seen, due, rule, world.slots, favourable)
        assert mine.failing == tuple(spans(slots_of(f)) for f in failing)
        assert mine.down == spans(slots_of(down))


def slots_of(bits: int) -> set[int]:
    return {k for k in range(bits.bit_length()) if bits >> k & 1}


@given(several(), st.booleans(), st.data())
@settings(max_examples=150)
def test_many_checks_at_once_cut_anywhere_give_what_each_alone_gives(
    case: tuple[list[World], Rule], dense: bool, data: st.DataObject
) -> None:
    part, rule = case
    slots = part[0].slots
    cuts = sorted(data.draw(st.lists(st.integers(0, slots), max_size=4)))
    made: list[list[Finding]] = [[] for _ in part]
    carry: Carry | None = None
    for i, (first, last) in enumerate(zip([0, *cuts], [*cuts, slots], strict=True)):
        findings, carry = detect(detection(rule), grid_of(part, first, last, dense != bool(i % 2)), carry)
        assert len(findings) == len(part)
        for check, finding in enumerate(findings):
            made[check].append(shifted(finding, check))
    for world, findings_of_one in zip(part, made, strict=True):
        alone = found(world, rule)
        assert stitched(findings_of_one) == stitched([alone])
        final = findings_of_one[-1]
        for run in ("favourable", "unfavourable"):
            assert getattr(final, run).provisional == getattr(alone, run).provisional
        assert final.settled == alone.settled
        for counts in ("expected_slots", "seen_slots"):
            total = np.sum([getattr(f, counts) for f in findings_of_one], axis=0).tolist()
            assert total == list(getattr(alone, counts))


@given(several(**LONG), st.booleans())
@settings(max_examples=60)
def test_checks_worked_on_one_by_one_give_what_all_at_once_give(case: tuple[list[World], Rule], dense: bool) -> None:
    part, rule = case
    grid = grid_of(part, 0, part[0].slots, dense)
    together_, carry = detect(detection(rule), grid)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(outages, "RUNS", 1)
        patch.setattr(outages, "WORDS", 1)
        one_by_one, other = detect(detection(rule), grid)
    assert list(one_by_one) == list(together_)
    for name in ("favourable", "unfavourable", "failed"):
        assert np.array_equal(getattr(other.past, name), getattr(carry.past, name))


@given(cases(**LONG))
def test_a_grid_goes_from_runs_to_planes_and_back(case: tuple[World, Rule]) -> None:
    grid = case[0].grid()
    back = as_runs(as_planes(grid)).seen
    assert isinstance(grid.seen, Runs)
    assert isinstance(back, Runs)
    for name in ("start", "end", "outcome"):
        assert np.array_equal(getattr(back, name), getattr(grid.seen, name))


def test_a_check_that_flaps_is_kept_as_planes_and_a_quiet_one_as_runs() -> None:
    slots = 10_000
    dice = np.random.default_rng(3)
    for share, form in ((0.05, Planes), (0.001, Runs)):
        outcomes = np.where(dice.random(slots) < share, "down", "up").tolist()
        grid = gridded(observed([(k, 0, said) for k, said in enumerate(outcomes)], ("L0",)), 0, slots)
        assert isinstance(grid.seen, form)
        rule = detection(Rule(2, 2, 1, "confirmation", "first success"))
        assert list(detect(rule, grid)[0]) == list(detect(rule, as_planes(grid))[0])
        assert list(detect(rule, grid)[0]) == list(detect(rule, as_runs(grid))[0])


@pytest.mark.parametrize("dense", [True, False])
@pytest.mark.parametrize(("fails", "recovers"), [(1, 1), (3, 2), (130, 70), (2, 200)])
def test_long_streaks_and_long_outages_are_the_same_in_either_form(dense: bool, fails: int, recovers: int) -> None:
    lengths = [150, 1, 64, 63, 65, 500, 128, 5, 129, 300, 700, 2]
    signs = [("up", "down")[i % 2] for i, length in enumerate(lengths) for _ in range(length)]
    rows = tuple((k, i, s) for i in range(2) for k, s in enumerate(signs))
    world = World(len(signs), rows, ((0, OPEN), (30, OPEN)))
    rule = Rule(fails, recovers, 1, "first failure", "first success")
    findings = detect(detection(rule), grid_of([world], 0, world.slots, dense))[0].of(0)
    assert findings.favourable.down == spans(world.answer(rule, True).down)
    assert findings.unfavourable.down == spans(world.answer(rule, False).down)


def test_where_nothing_is_blind_both_runs_are_one() -> None:
    world = World(6, tuple((k, 0, "down" if k == 3 else "up") for k in range(6)), ((0, OPEN),))
    for dense in (True, False):
        findings, _ = detect(detection(Rule(1, 1, 1, "confirmation", "first success")), grid_of([world], 0, 6, dense))
        assert findings.unfavourable.down is findings.favourable.down
        assert findings.unfavourable.failing is findings.favourable.failing


def test_grids_that_do_not_fit_together_are_refused() -> None:
    rows = [(0, 0, "up")]
    one, other = gridded(observed(rows, ("L0",)), 0, 2), gridded(observed(rows, ("L1",)), 0, 2)
    for grids in ([one, other], [one, gridded(observed(rows, ("L0",)), 0, 3)], [one, replace(one, every=HOUR)]):
        with pytest.raises(ValueError, match="same locations and slots"):
            together(grids)
    with pytest.raises(ValueError, match="no grid"):
        together([])


def test_conflicts_of_many_checks_are_named_by_series() -> None:
    rows = [(1, 0, "up"), (1, 0, "down"), (0, 1, "up")]
    quiet = gridded(observed([(0, 0, "up")], ("L0", "L1")), 0, 2)
    both = together([quiet, gridded(observed(rows, ("L0", "L1")), 0, 2)])
    assert both.conflicts.tolist() == [[1, 2]]
    assert both.instant(1, 1) == OFFSET + MINUTE


def test_a_location_of_another_check_only_counts_as_one_that_did_not_see() -> None:
    serving: Times = np.array([[0, OPEN], [OPEN, OPEN]])
    here = gridded(observed([(k, 0, "up") for k in (0, 3)], ("L0", "L1")), 0, 4, serving)
    for dense in (True, False):
        grid = as_planes(here) if dense else here
        finding = detect(detection(Rule(1, 1, 1, "confirmation", "first success")), grid)[0].of(0)
        assert finding.unfavourable.down == spans({1, 2})
        assert finding.expected_slots == (4, 0)
