"""What was known at an instant: facts recorded by then, without those that were superseded by then."""

from collections.abc import Sequence

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from makegood.model.facts import (
    Cause,
    Fact,
    Facts,
    Judgement,
    Maintenance,
    Notice,
    Results,
    Retraction,
    Standing,
    States,
)

RECORDED = [10, 20, 20, 40]


def evidence() -> tuple[Results, States]:
    times = np.array([1, 2, 3, 4], dtype=np.int64)
    outcome = np.array([0, 1, 1, 0], dtype=np.int8)
    recorded = np.array(RECORDED, dtype=np.int64)
    place = np.array([0, 0, 1, 1], dtype=np.int16)
    return (
        Results("web-http", ("fra", "lon"), times, place, outcome, recorded),
        States("web", "upptime", times, times - 1, outcome, recorded),
    )


@pytest.mark.parametrize(("as_of", "known"), [(9, []), (10, [1]), (19, [1]), (20, [1, 2, 3]), (40, [1, 2, 3, 4])])
def test_evidence_is_known_from_the_instant_it_was_recorded(as_of: int, known: list[int]) -> None:
    results, states = evidence()
    assert results.known_at(as_of).begun.tolist() == known
    assert states.known_at(as_of).at.tolist() == known
    assert len(results.known_at(as_of).location) == len(results.known_at(as_of).outcome) == len(known)
    assert states.known_at(as_of).earliest.tolist() == [at - 1 for at in known]


def test_what_is_all_known_is_not_copied() -> None:
    results, states = evidence()
    assert results.known_at(40) is results
    assert states.known_at(99) is states


def test_a_correction_counts_from_when_it_was_recorded() -> None:
    first = Maintenance("M-1", 10, "anna", services=("web",))
    mended = Maintenance("M-2", 30, "anna", supersedes="M-1", services=("shop",))
    facts = Facts(maintenances=(first, mended))
    assert [m.id for m in facts.known_at(9).maintenances] == []
    assert [m.id for m in facts.known_at(29).maintenances] == ["M-1"]
    assert [m.id for m in facts.known_at(30).maintenances] == ["M-2"]


def test_a_retraction_puts_nothing_in_its_place() -> None:
    facts = Facts(causes=(Cause("C-1", 10, "anna"),), retractions=(Retraction("R-1", 20, "anna", "C-1"),))
    assert [c.id for c in facts.known_at(19).causes] == ["C-1"]
    assert facts.known_at(20).causes == ()


def test_a_fact_that_was_superseded_does_not_come_back_when_its_correction_is_corrected() -> None:
    chain = tuple(Standing(f"S-{n}", n * 10, "anna", f"S-{n - 1}" if n > 1 else "") for n in (1, 2, 3))
    facts = Facts(standings=chain)
    assert [[s.id for s in facts.known_at(at).standings] for at in (10, 20, 30)] == [["S-1"], ["S-2"], ["S-3"]]


def _ids(facts: Facts) -> set[str]:
    groups: Sequence[Sequence[Fact]] = (
        facts.maintenances, facts.notices, facts.causes, facts.judgements, facts.standings, facts.retractions,
    )  # fmt: skip
    return {fact.id for group in groups for fact in group}


@given(st.lists(st.tuples(st.integers(0, 5), st.integers(0, 20), st.integers(-1, 9)), max_size=10), st.integers(0, 22))
def test_known_is_recorded_by_then_and_not_superseded_by_then(drawn: list[tuple[int, int, int]], as_of: int) -> None:
    kinds = (Maintenance, Notice, Cause, Judgement, Standing, Retraction)
    made = [
        kinds[kind](f"F-{n}", recorded, "anna", f"F-{other}" if other >= 0 else "")
        for n, (kind, recorded, other) in enumerate(drawn)
    ]
    groups = [tuple(fact for fact in made if type(fact) is kind) for kind in kinds]
    known = Facts(*groups).known_at(as_of)  # type: ignore[arg-type]
    gone = {fact.supersedes for fact in made if fact.recorded <= as_of}
    assert _ids(known) == {fact.id for fact in made if fact.recorded <= as_of and fact.id not in gone}
    assert _ids(known.known_at(as_of)) == _ids(known)
