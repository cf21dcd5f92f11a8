"""The engine against the oracle, on worlds drawn at random."""

from __future__ import annotations

import itertools
import random

import numpy as np
from hypothesis import example, given, settings
from hypothesis import strategies as st

from makegood.engine.detect import detect, gridded
from makegood.model.grid import OPEN
from makegood.model.spans import MINUTE, Spans
from tests.engine.detect.oracle import Row, Rule
from tests.engine.detect.worlds import OFFSET, World, cases, detection, fed, found, observed, spans, stitched


@given(cases())
@settings(max_examples=400)
def test_both_runs_are_those_of_the_oracle(case: tuple[World, Rule]) -> None:
    world, rule = case
    findings = found(world, rule)
    for favourable, mine in ((True, findings.favourable), (False, findings.unfavourable)):
        plain = world.answer(rule, favourable)
        assert mine.failing == tuple(spans(slots) for slots in plain.failing)
        assert mine.down == spans(plain.down)
        assert mine.open == (world.slots - 1 in plain.down)


@given(cases())
def test_what_is_down_at_best_is_down_at_worst(case: tuple[World, Rule]) -> None:
    findings = found(*case)
    assert len(findings.favourable.down - findings.unfavourable.down) == 0
    for best, worst in zip(findings.favourable.failing, findings.unfavourable.failing, strict=True):
        assert len(best - worst) == 0


@given(cases(20))
@settings(max_examples=40)
def test_cut_anywhere_it_finds_the_same(case: tuple[World, Rule]) -> None:
    world, rule = case
    whole = stitched([found(world, rule)])
    for cut in range(world.slots + 1):
        assert stitched(fed(world, rule, [cut])) == whole
    assert stitched(fed(world, rule, list(range(1, world.slots)))) == whole


ENDING_SOON = World(12, ((0, 1, "up"),), ((0, OPEN), (0, 12)))


@given(cases(), st.data())
@settings(max_examples=200)
@example((ENDING_SOON, Rule(3, 1, 1, "confirmation", "first success")), None)
def test_cut_at_several_slots_it_finds_the_same_and_counts_each_slot_once(
    case: tuple[World, Rule], data: st.DataObject | None
) -> None:
    world, rule = case
    cuts = sorted(data.draw(st.lists(st.integers(0, world.slots), max_size=5))) if data else [11]
    made, whole = fed(world, rule, cuts), found(world, rule)
    assert stitched(made) == stitched([whole])
    for counts in ("expected_slots", "seen_slots"):
        assert np.sum([getattr(f, counts) for f in made], axis=0).tolist() == list(getattr(whole, counts))


@given(cases(24), st.data())
@settings(max_examples=300)
def test_no_future_changes_what_is_settled_or_not_provisional(case: tuple[World, Rule], data: st.DataObject) -> None:
    world, rule = case
    now = data.draw(st.integers(0, world.slots))
    began = [(first, last) if first < now else (OPEN, OPEN) for first, last in world.expected]
    known = World(now, tuple(r for r in world.rows if r[0] < now), tuple(began))
    then, later = found(known, rule), found(world, rule)
    for before, after in ((then.favourable, later.favourable), (then.unfavourable, later.unfavourable)):
        changed = ((before.down - after.down) | (after.down - before.down)).within(then.span)
        assert len(changed - before.provisional) == 0
        assert all(start >= then.settled for start in before.provisional.edges[:, 0])


@given(cases(16))
@settings(max_examples=200)
def test_all_that_is_provisional_has_a_future_that_changes_it(case: tuple[World, Rule]) -> None:
    world, rule = case
    findings = found(world, rule)
    more = max(rule.fails_after, rule.recovers_after)
    ends = []
    for outcome in ("up", "down"):
        rows: list[Row] = [
            (world.slots + k, i, outcome)
            for k, (i, (first, _)) in itertools.product(range(more), enumerate(world.expected))
            if first < world.slots
        ]
        ends.append(found(World(world.slots + more, world.rows + tuple(rows), world.expected), rule))
    for run in ("favourable", "unfavourable"):
        least, most = (getattr(end, run).down for end in ends)
        assert getattr(findings, run).provisional == (most - least).within(findings.span)


@given(cases(), st.randoms(use_true_random=False))
def test_neither_order_nor_repeats_matter(case: tuple[World, Rule], dice: random.Random) -> None:
    world, rule = case
    rows = [*world.rows, *(row for row in world.rows if dice.random() < 0.5)]
    dice.shuffle(rows)
    assert found(World(world.slots, tuple(rows), world.expected), rule) == found(world, rule)


@given(cases())
def test_blind_and_seen_add_up_to_what_was_expected(case: tuple[World, Rule]) -> None:
    world, rule = case
    findings = found(world, rule)
    for i, (first, last) in enumerate(world.expected):
        served = range(first, min(last, world.slots))
        said: dict[int, set[str]] = {}
        for slot, location, outcome in world.rows:
            if location == i:
                said.setdefault(slot, set()).add(outcome)
        saw = {k for k in served if said.get(k) in ({"up"}, {"down"})}
        assert findings.expected[i] == spans(set(served))
        assert findings.blind[i] == spans(set(served) - saw)
        assert (findings.expected_slots[i], findings.seen_slots[i]) == (len(served), len(saw))


@given(cases(20))
@settings(max_examples=40)
def test_a_location_without_a_given_start_serves_from_its_first_result_whatever_the_cut(
    case: tuple[World, Rule],
) -> None:
    world, rule = case
    names = tuple(f"L{i}" for i in range(len(world.expected)))
    firsts = [min((s for s, at, _ in world.rows if at == i), default=OPEN) for i in range(len(names))]
    given_starts = World(world.slots, world.rows, tuple((first, OPEN) for first in firsts))
    seen = observed(list(world.rows), names)
    carry, made = None, []
    for first in range(world.slots):
        findings, carry = detect(detection(rule), gridded(seen, first, first + 1), carry)
        made.append(findings.of(0))
    assert stitched(made) == stitched([found(given_starts, rule)])


def test_the_time_of_findings_is_the_time_of_slots() -> None:
    findings = found(World(3, ((1, 0, "down"),), ((0, OPEN),)), Rule(1, 1, 1, "first failure", "first success"))
    assert findings.favourable.down == Spans([(OFFSET + MINUTE, OFFSET + 2 * MINUTE)])
