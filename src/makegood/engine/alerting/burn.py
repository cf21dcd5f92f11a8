"""Budgets that burn: what is left of a target, when it is gone at the pace so far, and what is at stake then."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

from makegood.engine.budget import Budget, RunBudget
from makegood.engine.sums import NOTHING, Owed
from makegood.model.alerts import Burn
from makegood.model.spans import Instant
from makegood.model.statement import Life, Statement


@dataclass(frozen=True, eq=False)
class Burning:
    """A budget that burns too fast. `run` is that of the run over the unseen in which it does, the favourable one where
    both do; `sure` says that it burns whatever the unseen was. `stake` is what is owed more than now by the step that
    the last second of the budget leads to. `gone` is µs UTC: None where it is not used up in the period at this pace,
    and the instant of the statement where nothing is left."""

    statement: Statement
    run: RunBudget
    sure: bool
    gone: Instant | None
    stake: Owed
    why: tuple[str, ...]

    @property
    def subject(self) -> str:
        """What names the condition: the order, the commitment and the subject that it is about."""
        return f"{self.statement.order}: {self.statement.subject}, {self.statement.commitment}"


def burning(budget: Budget, rule: Burn, now: Instant) -> Burning | None:
    """Whether a budget of a running period burns as a rule says; None where it does not, or where none is promised."""
    if budget.now.life is not Life.RUNNING or not budget.runs:
        return None
    for run in budget.runs:
        if why := _burns(run, rule, now):
            return Burning(budget.now, run, run is budget.runs[0], _gone(run, now), _stake(run), why)
    return None


def tells(budget: Budget) -> bool:
    """Whether a budget can burn at all: a share of time is promised in it, as a number."""
    return any(run.allowed is not None for run in budget.runs)


def _burns(run: RunBudget, rule: Burn, now: Instant) -> tuple[str, ...]:
    """Which parts of a rule hold of a run."""
    if not run.allowed:
        return ()
    left, gone, why = run.left or 0, _gone(run, now), []
    if rule.left is not None and rule.left.holds(1 - (run.used_share or Fraction())):
        why.append("left")
    if rule.pace is not None and run.used and run.pace is not None and rule.pace.holds(run.pace):
        why.append("pace")
    if rule.gone is not None and gone is not None and rule.gone.holds(max(0, gone - now)):
        why.append("gone")
    return tuple(why) or (("left",) if left < 0 else ())


def _gone(run: RunBudget, now: Instant) -> Instant | None:
    return now if (run.left or 0) < 0 else run.exhausted


def _stake(run: RunBudget) -> Owed:
    """What the first step costs that lies beyond what is left; of a budget that is used up, the next step."""
    left = max(run.left or 0, 0)
    return next((step.cost for step in run.steps if step.more > left), NOTHING)
