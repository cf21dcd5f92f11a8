"""One case judged again, with something changed: other facts, other terms, other down time."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from makegood.calendar.period import NoSuchPeriod, period_holding
from makegood.engine.chain import Judged, Key, cases_of, run_chain
from makegood.engine.judge.case import Case, World
from makegood.engine.owed import between
from makegood.engine.verdicts import overall
from makegood.model.statement import Line, RunName, Verdict
from makegood.model.terms import Terms


@dataclass(frozen=True, eq=False)
class Outcome:
    """Verdict and amount of a case, and what both runs came to."""

    best: Judged
    worst: Judged

    @property
    def verdict(self) -> Verdict:
        return overall(self.best.figure.verdict, self.worst.figure.verdict)

    @property
    def amount(self) -> str:
        return between(self.best.lines, self.worst.lines)

    @property
    def said(self) -> tuple[Verdict, str]:
        return self.verdict, self.amount

    @property
    def lines(self) -> Sequence[Line]:
        return self.worst.lines


def rejudged(case: Case, world: World | None = None, terms: Terms | None = None, more_down: int = 0) -> Outcome | None:
    """The whole order-period of a case judged again, and what it says of the case; None where the case is gone.

    `more_down` adds microseconds of down time to this case alone, in both runs.
    """
    world, terms = world or case.world, terms or case.terms
    commitment = terms.commitments.get(case.commitment.name)
    if commitment is None:
        return None
    try:
        cases = cases_of(world, terms, case.period.label)
    except NoSuchPeriod:
        period = period_holding(terms.periods[commitment.period], case.span.start)
        cases = cases_of(world, terms, period.label)
    key: Key = (case.commitment.name, case.subject)
    change = {key: more_down} if more_down else None
    best = run_chain(cases, RunName.FAVOURABLE, change).get(key)
    worst = run_chain(cases, RunName.UNFAVOURABLE, change).get(key)
    return Outcome(best, worst) if best is not None and worst is not None else None
