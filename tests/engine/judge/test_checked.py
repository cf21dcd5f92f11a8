"""Checks that are detected together see what each sees alone."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from makegood.engine.judge.down import Seen, checked
from makegood.model.detection import Begins, Ends
from makegood.model.facts import Results
from makegood.model.spans import MINUTE, SECOND
from makegood.model.terms import DetectRule, EvidenceKind, OutageRule
from tests.engine.building import CLAUSE
from tests.engine.worlds import examples

PLACES = (("iad", "fra", "sin"), ("fra", "iad", "sin"), ("iad",))


def results(check: str, seed: int) -> Results:
    """Some minutes of a check that begins and ends where it likes, with gaps, failures and jitter."""
    dice = np.random.default_rng(seed)
    names = PLACES[int(dice.integers(len(PLACES)))]
    begin, slots = int(dice.integers(0, 300)), int(dice.integers(1, 200))
    slot, place = (axis.reshape(-1) for axis in np.indices((slots, len(names))))
    kept = dice.random(len(slot)) < dice.choice([0.5, 0.98, 1.0])
    kept[0] = True
    begun = (slot + begin) * MINUTE + dice.integers(0, 60, len(slot)) * SECOND
    outcome = (dice.random(len(slot)) < dice.choice([0.02, 0.3])).astype(np.int8)
    return Results(check, names, begun[kept], place[kept].astype(np.int16), outcome[kept], begun[kept])


def plain(seen: Seen) -> object:
    return (
        *(s.edges.tolist() for s in (seen.favourable, seen.unfavourable, seen.evidenced, seen.pending)),
        [(w.name, *(s.edges.tolist() for s in (w.expected, w.blind, w.failing)), w.every) for w in seen.by],
        seen.slots,
    )


@given(st.lists(st.integers(0, 2**32), min_size=2, max_size=6), st.sampled_from(["1", "2", "majority"]))
@examples(60)
def test_many_checks_at_once_see_what_each_sees_alone(seeds: list[int], quorum: str) -> None:
    rule = DetectRule(
        "detect", CLAUSE, EvidenceKind.OBSERVATIONS, every=MINUTE, fails_after=2, recovers_after=2, locations=quorum
    )
    outage = OutageRule("downtime", CLAUSE, "detect", Begins.FIRST_FAILURE, Ends.FIRST_SUCCESS)
    many = [results(f"check-{n}", seed) for n, seed in enumerate(seeds)]
    alone = [checked([one], rule, outage)[0] for one in many]
    assert [plain(s) for s in checked(many, rule, outage)] == [plain(s) for s in alone]
