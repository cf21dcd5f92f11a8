"""What holds for every agreement, order and evidence."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from typing import Any

import numpy as np
from hypothesis import assume, given
from hypothesis import strategies as st

from makegood.engine.owed import total
from makegood.engine.statement import state
from makegood.model.expression import Unit
from makegood.model.facts import Cause, Facts, States
from makegood.model.spans import Span, Spans
from makegood.model.statement import Figures, Statement, Verdict
from makegood.model.terms import CountsAs, GateKind, Nesting, Range, Terms, Tier
from makegood.model.trace import recompute
from tests.engine import building as make
from tests.engine.worlds import TICK, Asked, announced, asked, examples, states


def gist(statements: tuple[Statement, ...]) -> list[tuple[Any, ...]]:
    """What a statement says, without what it was made from."""
    return [
        (s.subject, s.verdict, s.amount, s.life, s.classes, figures(s.favourable), figures(s.unfavourable))
        for s in statements
    ]


def figures(of: Figures) -> tuple[Any, ...]:
    money = [(line.remedy, line.money, line.cut_by) for line in of.lines]
    return of.verdict, of.numerator, of.denominator, of.ratio, of.down, of.excused_up, of.excused_out, money


@given(asked())
@examples(30)
def test_every_instant_of_the_judged_time_has_one_class(question: Asked) -> None:
    for s in question.statements():
        parts = [s.classes.outside, s.classes.excused, s.classes.down, s.classes.unknown, s.classes.up]
        together = Spans()
        for part in parts:
            assert not len(together & part)
            together = together | part
        assert together == Spans([s.judged])
        assert sum(p.total for p in parts) == s.judged.length
        assert s.classes.brief - s.classes.up == Spans()


@given(asked())
@examples(20)
def test_every_node_of_a_derivation_recomputes(question: Asked) -> None:
    for s in question.statements():
        for node in {id(n): n for f in (s.favourable, s.unfavourable) for n in f.trace.walk()}.values():
            assert recompute(node) == node.value


@given(asked(), st.randoms(use_true_random=False))
@examples(20)
def test_the_order_of_facts_says_nothing(question: Asked, dice: Any) -> None:
    facts = question.facts

    def mixed(group: tuple[Any, ...]) -> tuple[Any, ...]:
        return tuple(dice.sample(group, len(group)))

    other = replace(
        facts, maintenances=mixed(facts.maintenances), notices=mixed(facts.notices), causes=mixed(facts.causes),
        states={name: mixed(facts.states[name]) for name in mixed(tuple(facts.states))},
    )  # fmt: skip
    assert gist(replace(question, facts=other).statements()) == gist(question.statements())


@given(asked(), st.data())
@examples(20)
def test_a_state_reported_again_and_a_notice_sent_again_change_nothing(question: Asked, data: st.DataObject) -> None:
    again = {name: tuple(repeated(s, data) for s in of) for name, of in question.facts.states.items()}
    later = [replace(n, id=f"{n.id}-2", accepted=n.accepted + TICK) for n in question.facts.notices if n.accepted]
    facts = replace(question.facts, states=again, notices=(*question.facts.notices, *later))
    assert gist(replace(question, facts=facts).statements()) == gist(question.statements())


def repeated(of: States, data: st.DataObject) -> States:
    """The states with some of them reported once more before the next."""
    rows = list(zip(of.at.tolist(), of.earliest.tolist(), of.outcome.tolist(), strict=True))
    for (begin, _, outcome), (_, end, _) in zip(list(rows), rows[1:], strict=False):
        if end - begin > TICK and data.draw(st.booleans()):
            rows.append((begin + TICK, begin, outcome))
    at, earliest, outcomes = (np.array(c, dtype=np.int64) for c in zip(*sorted(rows), strict=True))
    return States(of.service, of.source, at, earliest, outcomes.astype(np.int8), at)


@given(asked(instance_limits=False), st.integers(0, 3), st.integers(1, 40))
@examples(20)
def test_a_cause_told_in_two_parts_is_the_same_cause(question: Asked, which: int, after: int) -> None:
    rules = tuple(
        replace(r, clips=tuple(c for c in r.clips if c.kind is not GateKind.LASTING)) for r in question.terms.excludes
    )
    question = replace(question, terms=replace(question.terms, excludes=rules))
    assume(which < len(question.facts.causes))
    whole = question.facts.causes[which]
    middle = min(whole.span.start + after * TICK, whole.span.end)
    parts = [
        replace(whole, id=f"{whole.id}{end}", span=Span(*edges))
        for end, edges in (("a", (whole.span.start, middle)), ("b", (middle, whole.span.end)))
    ]
    others = tuple(c for c in question.facts.causes if c is not whole)
    facts = replace(question.facts, causes=(*others, *parts))
    assert gist(replace(question, facts=facts).statements()) == gist(question.statements())


def without_limits(terms: Terms) -> Terms:
    return replace(terms, limits=())


@given(asked(), st.data())
@examples(30)
def test_one_more_excuse_never_lowers_availability(question: Asked, data: st.DataObject) -> None:
    question = replace(question, terms=without_limits(question.terms))
    if data.draw(st.booleans()):
        during = data.draw(announced(question.start))
        more = Cause("more", 0, "provider", service=data.draw(st.sampled_from(["web", "mail"])), span=during,
                     cause="client")  # fmt: skip
        other = replace(question, facts=replace(question.facts, causes=(*question.facts.causes, more)))
    else:
        rule = make.exclude("more", "cause", causes=("storm",), counts_as=data.draw(st.sampled_from(list(CountsAs))))
        other = replace(question, terms=replace(question.terms, excludes=(*question.terms.excludes, rule)))
    for before, after in zip(question.statements(), other.statements(), strict=True):
        for a, b in ((before.favourable, after.favourable), (before.unfavourable, after.unfavourable)):
            if a.ratio is not None and b.ratio is not None:
                assert b.ratio >= a.ratio
            assert b.down <= a.down


def growing(terms: Terms, steps: list[int]) -> Terms:
    """The same agreement with a table that answers everything, and gives more the less was available; no cap."""
    amounts = sorted((Fraction(n, 100) for n in steps), reverse=True)
    edges = [Fraction(n + 1, len(amounts)) for n in range(len(amounts))]
    rows = tuple(
        Tier(Range(low, True, high, high == 1), amount, "row", make.CLAUSE)
        for low, high, amount in zip([None, *edges], edges, amounts, strict=False)
    )
    scale = replace(terms.scales["scale"], tiers=rows, nesting=Nesting.DEEPEST)
    return replace(terms, scales={"scale": scale}, limits=tuple(x for x in terms.limits if x.unit is Unit.TIME))


def credited(of: Figures) -> Fraction:
    money = total(of.lines)
    return money.minor if money else Fraction()


@given(asked(instance_limits=False, runs_over=False), st.lists(st.integers(0, 99), min_size=2, max_size=9), st.data())
@examples(30)
def test_more_downtime_never_means_less_credit(question: Asked, steps: list[int], data: st.DataObject) -> None:
    question = replace(question, terms=growing(question.terms, steps))
    more = data.draw(states("web", "another log", question.start))
    detects = {"detect": replace(question.terms.detects["detect"], checks="any")}
    question = replace(question, terms=replace(question.terms, detects=detects))
    sources = {**question.facts.states, "web": (*question.facts.states.get("web", ()), more)}
    other = replace(question, facts=replace(question.facts, states=sources))
    for before, after in zip(question.statements(), other.statements(), strict=True):
        assert after.favourable.down >= before.favourable.down
        assert credited(after.favourable) >= credited(before.favourable)


@given(asked(instance_limits=False, runs_over=False), st.lists(st.integers(0, 99), min_size=2, max_size=9))
@examples(30)
def test_the_unfavourable_run_owes_at_least_what_the_favourable_one_does(question: Asked, steps: list[int]) -> None:
    question = replace(question, terms=growing(question.terms, steps))
    for s in question.statements():
        assert s.favourable.down <= s.unfavourable.down
        if s.unfavourable.ratio is not None:  # where all that was unseen is excused out of the ratio, nothing is left
            assert credited(s.favourable) <= credited(s.unfavourable)
        if s.verdict is Verdict.MET:
            assert not s.favourable.lines
            assert not s.unfavourable.lines


@given(asked(), st.integers(0, 21 * 48))
@examples(20)
def test_an_earlier_statement_knows_only_what_was_recorded_by_then(question: Asked, when: int) -> None:
    then = question.start + when * TICK
    later = replace(question, facts=dated(question.facts, question.start))
    assume(later.facts.known_at(then).states)
    filtered = replace(later, facts=later.facts.known_at(then), as_of=then)
    fresh = replace(later, facts=by_hand(later.facts, then), as_of=then)
    assert gist(filtered.statements()) == gist(fresh.statements())


def dated(facts: Facts, start: int) -> Facts:
    """The same facts, each recorded at some instant, and some of them superseding another."""
    causes = [replace(c, recorded=start + n * 40 * TICK) for n, c in enumerate(facts.causes)]
    if len(causes) > 1:
        causes[-1] = replace(causes[-1], supersedes=causes[0].id)
    works = [replace(m, recorded=start + n * 100 * TICK) for n, m in enumerate(facts.maintenances)]
    return replace(facts, causes=tuple(causes), maintenances=tuple(works))


def by_hand(facts: Facts, then: int) -> Facts:
    """Only what had been recorded, written out anew: rows that are not known are not there."""
    causes = [c for c in facts.causes if c.recorded <= then]
    gone = {c.supersedes for c in causes}
    states = {}
    for name, sources in facts.states.items():
        kept = []
        for s in sources:
            rows = [n for n, recorded in enumerate(s.recorded.tolist()) if recorded <= then]
            if rows:
                kept.append(States(name, s.source, s.at[rows], s.earliest[rows], s.outcome[rows], s.recorded[rows]))
        states[name] = tuple(kept)
    return Facts(
        maintenances=tuple(m for m in facts.maintenances if m.recorded <= then),
        notices=facts.notices,
        causes=tuple(c for c in causes if c.id not in gone),
        states=states,
    )


@given(asked(runs_over=False))
@examples(15)
def test_a_notice_accepted_as_much_earlier_as_is_said_changes_what_is_said(question: Asked) -> None:
    for statement in state(question.world, question.terms, question.label).statements:
        for change in statement.smallest:
            if change.kind != "gate" or change.size is None:
                continue
            item = change.says.split(" ")[2]
            now = statement.verdict, statement.amount
            assert outcome(question, statement, item, change.size) == (change.verdict, change.amount) != now
            assert outcome(question, statement, item, change.size - 1_000_000) == now


def outcome(question: Asked, statement: Statement, item: str, earlier: int) -> tuple[Verdict, str]:
    notices = tuple(
        replace(n, accepted=n.accepted - earlier) if n.of == item and n.accepted is not None else n
        for n in question.facts.notices
    )
    again = replace(question, facts=replace(question.facts, notices=notices)).statements()
    found = next(s for s in again if (s.commitment, s.subject) == (statement.commitment, statement.subject))
    return found.verdict, found.amount
