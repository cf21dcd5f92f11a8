"""What is left of a target: down time allowed, used and left in a period, and what each further step would cost.

Every step is judged again at its second and one second before it, so that nothing here is a second formula. The period
is judged as it would be at its end if all the rest of it were up.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction

from makegood.engine.chain import cases_of
from makegood.engine.edges import edges_of, rounded_edges
from makegood.engine.further import Further, further, not_told
from makegood.engine.judge.case import Case, World
from makegood.engine.planned import Planned, planned
from makegood.engine.rejudge import Outcome, rejudged
from makegood.engine.statement import state
from makegood.engine.sums import Owed, owed_in_one_run
from makegood.engine.supposing import ended_well
from makegood.model.spans import SECOND, Duration, Instant
from makegood.model.statement import RunName, Statement, Verdict
from makegood.model.terms import MeasureKind, Terms
from makegood.model.threshold import Threshold


@dataclass(frozen=True, eq=False)
class Step:
    """What follows from so much more down time (whole seconds, in µs), and not from one second less.

    `cost` is what is owed more than now, `owed` all that is owed then.
    """

    more: Duration
    verdict: Verdict
    amount: str
    owed: Owed
    cost: Owed


@dataclass(frozen=True, eq=False)
class RunBudget:
    """One run over the unseen. Lengths in µs; `allowed` is in whole seconds, None where no number is promised.

    `glides` says that the credit also grows between steps.
    """

    run: RunName
    verdict: Verdict
    amount: str
    owed: Owed
    elapsed: Duration
    covered: Fraction
    allowed: Duration | None
    used: Duration
    steps: tuple[Step, ...]
    glides: bool
    exhausted: Instant | None
    """When the allowance would be used up if down time went on as in the part that has elapsed; None if not before
    the end. It is arithmetic, and no forecast."""

    @property
    def left(self) -> Duration | None:
        """What is left in whole seconds, cut down; below zero where more was down than is allowed."""
        return None if self.allowed is None else (self.allowed - self.used) // SECOND * SECOND

    @property
    def used_share(self) -> Fraction | None:
        return Fraction(self.used, self.allowed) if self.allowed else None

    @property
    def elapsed_share(self) -> Fraction | None:
        return Fraction(self.elapsed) / self.covered if self.covered else None

    @property
    def pace(self) -> Fraction | None:
        """Used share over elapsed share: above one, the allowance is used faster than the period passes."""
        used, elapsed = self.used_share, self.elapsed_share
        return used / elapsed if used is not None and elapsed else None


@dataclass(frozen=True, eq=False)
class Budget:
    """One commitment and subject: as it stands (`now`), and at the end of the period if the rest of it is up (`end`).

    `runs` has one entry where both runs agree, else the favourable and the unfavourable one; it is empty where the
    commitment does not measure a share of time.
    """

    now: Statement
    end: Statement
    runs: tuple[RunBudget, ...]
    planned: tuple[Planned, ...]
    further: tuple[Further, ...] = ()
    """What one more outage would cost, by its length, where seconds of down time do not tell it."""
    not_told: str = ""
    """Why neither steps nor further outages are priced, of intervals and of tickets."""


def budgets(world: World, terms: Terms, label: str, end: Instant) -> tuple[Budget, ...]:
    """The budget of every commitment and subject in a period that ends at an instant. Raises NoSuchPeriod."""
    later = ended_well(world, end)
    now = state(world, terms, label, (), explain=False).statements
    then = {_key(s): s for s in state(later, terms, label, (), explain=False).statements}
    cases = {(c.commitment.name, c.subject): c for c in cases_of(later, terms, label)} if then else {}
    found = []
    for statement in now:
        key = _key(statement)
        case = cases.get(key)
        runs = tuple(_runs(case, then[key], statement)) if case is not None and _is_time(case) else ()
        works = tuple(planned(world, later, terms, label, then[key], case)) if case is not None else ()
        more = tuple(further(later, terms, label, then[key], case, world.as_of)) if case is not None else ()
        found.append(Budget(statement, then[key], runs, works, more, not_told(then[key])))
    return tuple(found)


def _key(s: Statement) -> tuple[str, str]:
    return s.commitment, s.subject


def _is_time(case: Case) -> bool:
    return case.measure.kind is MeasureKind.RATIO


class _Trying:
    """One case with more or less down time, each tried once."""

    def __init__(self, case: Case, run: RunName) -> None:
        self.case, self.run, self._tried = case, run, dict[int, Outcome | None]()

    def said(self, more: Duration) -> tuple[Verdict, Owed, str] | None:
        """Verdict, credit and its words with so much more down time; None where the case is gone."""
        outcome = self._at(more)
        if outcome is None:
            return None
        one = outcome.best if self.run is RunName.FAVOURABLE else outcome.worst
        alone = Outcome(one, one)
        return one.figure.verdict, owed_in_one_run(one.lines), alone.amount

    def kept(self, more: Duration) -> bool:
        """Whether the ratio is on the target's side with so much more down time; so of an aim as well."""
        outcome = self._at(more)
        target = self.case.commitment.target
        assert outcome is not None
        assert isinstance(target, Threshold)
        one = outcome.best if self.run is RunName.FAVOURABLE else outcome.worst
        return one.figure.ratio is not None and target.holds(one.figure.ratio.value)  # type: ignore[arg-type]

    def _at(self, more: Duration) -> Outcome | None:
        if more not in self._tried:
            self._tried[more] = rejudged(self.case, more_down=more)
        return self._tried[more]


def _runs(case: Case, end: Statement, now: Statement) -> Iterator[RunBudget]:
    pairs = [(end.favourable, now.favourable), (end.unfavourable, now.unfavourable)]
    names = (RunName.FAVOURABLE, RunName.UNFAVOURABLE)
    exact = end.exact and now.exact
    for name, (figures, before) in list(zip(names, pairs, strict=True))[: 1 if exact else 2]:
        trying = _Trying(case, name)
        at_end = trying.said(0)
        assert at_end is not None
        verdict, owed, amount = at_end
        whole, down = figures.denominator, figures.down
        edges = edges_of(case)
        seconds = sorted({s * SECOND for e in edges for s in _around((1 - e) * whole - down) if s > 0})
        seconds = [s for s in seconds if down + s <= whole]
        steps = tuple(_steps(trying, seconds, owed))
        yield RunBudget(
            run=name,
            verdict=verdict,
            amount=amount,
            owed=owed,
            elapsed=before.covered,
            covered=whole,
            allowed=(allowed := _allowed(trying, case, whole, down)),
            used=down,
            steps=steps,
            glides=_glides(trying, steps, int(whole - down) // SECOND * SECOND),
            exhausted=_exhausted(now, end, allowed, down, before.covered),
        )


def _steps(trying: _Trying, seconds: Sequence[Duration], owed: Owed) -> Iterator[Step]:
    for more in seconds:
        then, before = trying.said(more), trying.said(more - SECOND)
        if then is None or before is None or (then[0], then[2]) == (before[0], before[2]):
            continue
        yield Step(more, then[0], then[2], then[1], then[1] - owed)


def _glides(trying: _Trying, steps: Sequence[Step], room: Duration) -> bool:
    """Whether an amount changes between two steps, and not only at them."""
    starts = [0, *(s.more for s in steps)]
    ends = [*(s.more - SECOND for s in steps), room]
    return any(
        a is not None and b is not None and a[2] != b[2]
        for a, b in ((trying.said(x), trying.said(y)) for x, y in zip(starts, ends, strict=True) if y > x)
    )


def _allowed(trying: _Trying, case: Case, whole: Fraction, down: Duration) -> Duration | None:
    """The most whole seconds of down time that keep the target, each side of it judged again."""
    target = case.commitment.target
    if not isinstance(target, Threshold) or not whole:
        return None
    near = sorted(
        {s * SECOND for e in rounded_edges({Fraction(target.edge)}, case) for s in _around((1 - e) * whole)},
        reverse=True,
    )
    for length in near:
        if 0 <= length <= whole and trying.kept(length - down):
            return length
    return 0 if trying.kept(-down) else None


def _around(change: Fraction) -> tuple[int, int, int]:
    """The whole seconds at and on both sides of a length in µs."""
    at = int(change // SECOND)
    return at - 1, at, at + 1


def _exhausted(
    now: Statement, end: Statement, allowed: Duration | None, down: Duration, elapsed: Duration
) -> Instant | None:
    """The instant at which covered time has come so far that the same share of it makes the whole allowance."""
    if not allowed or not down or down > allowed or not elapsed or now.judged.end >= end.span.end:
        return None
    needed = Fraction(allowed) * elapsed / down
    covered = end.classes.up | end.classes.down | end.classes.excused | end.classes.unknown
    for span in covered:
        if needed <= span.length:
            return span.start + int(needed // SECOND) * SECOND
        needed -= span.length
    return None
