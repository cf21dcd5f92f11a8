"""Announced work in the rest of a period: whether it would be excused, and what it would cost, each judged again."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from makegood.engine.judge.case import Case, Supposed, World
from makegood.engine.statement import state
from makegood.engine.sums import Owed, owed_by
from makegood.engine.supposing import facts_without, with_facts, with_supposed
from makegood.model.facts import Maintenance
from makegood.model.spans import Span, Spans
from makegood.model.statement import Excuse, Statement, Verdict
from makegood.model.terms import Terms


@dataclass(frozen=True, eq=False)
class Planned:
    """Announced work in the rest of the period, taken as down throughout: whether it is excused, and what it costs.

    `cost` is owed more than without any down time in it, `cost_refused` the same if it were not excused at all.
    """

    item: str
    title: str
    span: Span
    excuses: tuple[Excuse, ...]
    verdict: Verdict
    cost: Owed
    verdict_refused: Verdict
    cost_refused: Owed

    @property
    def excused(self) -> bool:
        return bool(self.excuses) and self.span.length == sum(e.excused.within(self.span).total for e in self.excuses)


def planned(world: World, later: World, terms: Terms, label: str, end: Statement, case: Case) -> Iterator[Planned]:
    """Each announced work that is still to come, with its services down from its start to its end."""
    names = {s.name for s in case.services}
    ahead = min(max(world.as_of, end.span.start), end.span.end)
    rest = Span(ahead, end.span.end)
    before, key = _by_key(later, terms, label), (end.commitment, end.subject)
    for work in sorted(world.facts.maintenances, key=lambda m: (m.announced, m.id)):
        span = Spans([work.announced]).within(rest).hull
        if span is None or not names & set(work.services):
            continue
        down = [Supposed(name, span, down=True) for name in work.services]
        struck = with_supposed(later, down)
        refused = with_facts(struck, facts_without(struck.facts, {work.id}))
        as_planned, if_refused = _by_key(struck, terms, label), _by_key(refused, terms, label)
        if key not in as_planned or key not in if_refused:
            continue
        mine = as_planned[key]
        yield Planned(
            work.id,
            _title(work),
            span,
            tuple(e for e in mine.excuses if e.item == work.id),
            mine.verdict,
            owed_by(mine) - owed_by(before[key]),
            if_refused[key].verdict,
            owed_by(if_refused[key]) - owed_by(before[key]),
        )


def _by_key(world: World, terms: Terms, label: str) -> Mapping[tuple[str, str], Statement]:
    return {(s.commitment, s.subject): s for s in state(world, terms, label, (), explain=False).statements}


def _title(work: Maintenance) -> str:
    return " ".join(w for w in (work.kind, "maintenance", f"({work.purpose})" if work.purpose else "") if w)
