"""One case judged again, with something changed: other facts, other terms, other down time."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, replace

from makegood.calendar.period import NoSuchPeriod, period_holding, period_named, periods, span_of
from makegood.engine.chain import Judged, Key, cases_of, run_chain
from makegood.engine.judge.case import Case, World
from makegood.engine.owed import between
from makegood.engine.verdicts import overall
from makegood.model.statement import Line, RunName, Verdict
from makegood.model.terms import Terms
from makegood.model.when import PeriodKind, PeriodRule


@dataclass(frozen=True, eq=False)
class Outcome:
    """Verdict and amount of a case, and what both runs came to.

    Terms of other periods may make several of one: `earlier` are those before the last. Their verdict is the gravest,
    and their amounts add up.
    """

    best: Judged
    worst: Judged
    earlier: tuple[Outcome, ...] = ()

    @property
    def verdict(self) -> Verdict:
        mine = overall(self.best.figure.verdict, self.worst.figure.verdict)
        return min((mine, *(e.verdict for e in self.earlier)), key=_GRAVEST.index)

    @property
    def amount(self) -> str:
        best = [line for e in self.earlier for line in e.best.lines]
        return between([*best, *self.best.lines], self.lines)

    @property
    def said(self) -> tuple[Verdict, str]:
        return self.verdict, self.amount

    @property
    def lines(self) -> Sequence[Line]:
        return [*(line for e in self.earlier for line in e.worst.lines), *self.worst.lines]


_GRAVEST = (
    *(Verdict.BREACHED, Verdict.INSUFFICIENT, Verdict.RUNNING, Verdict.UNSTATED),
    *(Verdict.MET, Verdict.RECORDED, Verdict.NOT_APPLICABLE),
)


def rejudged(case: Case, world: World | None = None, terms: Terms | None = None, more_down: int = 0) -> Outcome | None:
    """The whole order-period of a case judged again, and what it says of the case; None where the case is gone.

    `more_down` adds microseconds of down time to this case alone, in both runs. Where the terms have other periods, all
    are judged that end inside the case's own, or else the one that holds its last instant.
    """
    world, terms = world or case.world, terms or case.terms
    commitment = terms.commitments.get(case.commitment.name)
    if commitment is None:
        return None
    key: Key = (case.commitment.name, case.subject)
    found: tuple[Outcome, ...] = ()
    for label in _labels(terms.periods[commitment.period], case):
        cases = cases_of(world, terms, label)
        change = {key: more_down} if more_down else None
        best = run_chain(cases, RunName.FAVOURABLE, change).get(key)
        worst = run_chain(cases, RunName.UNFAVOURABLE, change).get(key)
        if best is not None and worst is not None:
            found += (Outcome(best, worst),)
    return replace(found[-1], earlier=found[:-1]) if found else None


def _labels(rule: PeriodRule, case: Case) -> list[str]:
    """The periods of a rule that are judged in the place of the case's own; windows that overlap are one."""
    with suppress(NoSuchPeriod):
        return [period_named(rule, case.period.label).label]
    inside = [p.label for p in periods(rule, case.span) if case.span.start < span_of(p).end <= case.span.end]
    if rule.kind is PeriodKind.DAYS:
        inside = inside[-1:]
    return inside or [period_holding(rule, case.span.end - 1).label]
