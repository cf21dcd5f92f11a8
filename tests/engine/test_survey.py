"""The sweep over many cases says what the chain says of each, and a replay that trusts it says the same."""

from __future__ import annotations

from collections import Counter

from makegood.engine.chain import cases_of, run_chain
from makegood.engine.judge.case import Case, World
from makegood.engine.survey import is_plain, surely_met, survey
from makegood.model.statement import RunName, Verdict
from tests.exact.draw import drawn

PAIRS = 600


def cases_of_pair(seed: int) -> list[Case]:
    q, _ = drawn(seed)
    return cases_of(World(q.order, q.facts, q.as_of), q.terms, q.label)


def by_chain(case: Case) -> tuple[tuple[Verdict, Verdict], bool]:
    """The verdicts of both runs, and whether any line stands in them."""
    cases = cases_of(case.world, case.terms, case.period.label)
    key = (case.commitment.name, case.subject)
    best, worst = (run_chain(cases, run)[key] for run in RunName)
    return (best.figure.verdict, worst.figure.verdict), bool(best.lines or worst.lines)


def test_a_sweep_over_many_orders_says_of_each_case_what_the_chain_says() -> None:
    cases = [case for seed in range(PAIRS) for case in cases_of_pair(seed)]
    seen: Counter[tuple[bool, bool]] = Counter()
    for case, met in zip(cases, surely_met(cases).tolist(), strict=True):
        verdicts, owing = by_chain(case)
        assert met == (is_plain(case) and set(verdicts) == {Verdict.MET}), case.subject
        assert not (met and owing), case.subject
        seen[met, is_plain(case)] += 1
    assert min(seen[True, True], seen[False, True], seen[False, False]) > 50, seen


def test_one_case_alone_says_what_it_says_among_many() -> None:
    cases = [case for seed in range(60) for case in cases_of_pair(seed)]
    assert [bool(surely_met([case])[0]) for case in cases] == surely_met(cases).tolist()


def test_no_cases_are_no_answer() -> None:
    assert surely_met([]).tolist() == []


def test_a_survey_knows_only_what_it_was_asked() -> None:
    q, _ = drawn(0)
    world = World(q.order, q.facts, q.as_of)
    asked = survey(world, [(q.terms, q.label), (q.terms, "no such label")])
    assert asked.met(q.terms, "no such label") == frozenset()
    assert not asked.all_met(q.terms, q.label, [])
