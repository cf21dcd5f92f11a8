"""What readings and silences are worth: every statement judged again under each alternative, and the sums ranked."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from fractions import Fraction

from makegood.calendar.period import NoSuchPeriod, period_holding
from makegood.engine.chain import judged_commitments
from makegood.engine.comparing import Compared, compared
from makegood.engine.judge.case import World
from makegood.engine.remedy.credits import AMOUNTS
from makegood.engine.silences import Silence, WeighedSilence, most_of, silences_in, speaks_of
from makegood.engine.statement import state
from makegood.engine.sums import Between, Owed
from makegood.engine.survey import Survey, survey
from makegood.model.spans import Instant
from makegood.model.statement import Statement, Verdict
from makegood.model.terms import Choice, Clause, Terms, Variant


@dataclass(frozen=True, eq=False)
class Alternative:
    """One other reading, and every statement that it changes; `difference` is what it owes more, all together."""

    text: str
    difference: Owed
    changed: tuple[Compared, ...]

    @property
    def verdicts(self) -> int:
        return sum(pair.verdict_changes for pair in self.changed)

    @property
    def deadlines(self) -> int:
        return sum(len(pair.moved) for pair in self.changed)

    @property
    def rank(self) -> tuple[Fraction, int, Fraction, int]:
        """For sorting, the weightiest greatest: money, verdicts, amounts that become known or unknown, deadlines."""
        return self.difference.size, self.verdicts, self.difference.unstated.size, self.deadlines


@dataclass(frozen=True, eq=False)
class WeighedReading:
    """A reading with all its alternatives judged over the same statements, the weightiest first."""

    choice: Choice
    alternatives: tuple[Alternative, ...]

    @property
    def matters(self) -> bool:
        return any(a.changed for a in self.alternatives)

    @property
    def rank(self) -> tuple[Fraction, int, Fraction, int]:
        return max((a.rank for a in self.alternatives), default=(Fraction(), 0, Fraction(), 0))


@dataclass
class Weighing:
    """Readings and silences being weighed, period by period. `add` may be called for any number of orders."""

    readings: dict[str, Choice] = field(default_factory=dict)
    pairs: dict[tuple[str, str], list[Compared]] = field(default_factory=dict)
    silences: dict[tuple[str, Clause, str], Silence] = field(default_factory=dict)
    open_credits: dict[tuple[str, Clause, str], list[tuple[Statement, Owed | None]]] = field(default_factory=dict)
    open_targets: dict[tuple[str, Clause, str], list[Statement]] = field(default_factory=dict)
    open_deadlines: dict[tuple[str, Clause, str], list[Statement]] = field(default_factory=dict)
    statements: int = 0

    def add(self, world: World, terms: Terms, label: str, variants: Sequence[Variant]) -> tuple[Statement, ...]:
        """Judge a period of an order and weigh what it says; the statements as they are read now."""
        now = state(world, terms, label, (), explain=False).statements
        start = min((s.span.start for s in now), default=world.as_of)
        self.statements += len(now)
        for choice in terms.choices:
            self.readings.setdefault(choice.id, choice)
        surveyed = survey(world, [(v.terms, label) for v in variants])
        for variant in variants:
            alike = surely_alike(now, variant.terms, label, surveyed)
            then = now if alike else judged_again(world, variant.terms, label, start)
            self.readings.setdefault(variant.choice.id, variant.choice)
            self.pairs.setdefault((variant.choice.id, variant.text), []).extend(paired(now, then))
        for silence in silences_in(terms):
            key = (silence.rule, silence.clause, silence.what)
            self.silences.setdefault(key, silence)
            self._leaves_open(key, silence, world, terms, label, now)
        return now

    def _leaves_open(
        self,
        key: tuple[str, Clause, str],
        silence: Silence,
        world: World,
        terms: Terms,
        label: str,
        now: Iterable[Statement],
    ) -> None:
        for statement in now:
            lines = statement.unfavourable.lines if statement.verdict is not Verdict.UNSTATED else ()
            open_lines = [line for line in lines if speaks_of(line, silence)]
            if open_lines:
                bound = most_of(world, terms, label, statement, open_lines)
                self.open_credits.setdefault(key, []).append((statement, bound))
            if silence.clause == statement.clause and statement.verdict is Verdict.UNSTATED:
                self.open_targets.setdefault(key, []).append(statement)
            if any(d.clause == silence.clause and d.late_from is None for d in statement.deadlines):
                self.open_deadlines.setdefault(key, []).append(statement)

    def weighed(self) -> tuple[WeighedReading, ...]:
        """Every reading, the weightiest first; those that changed nothing last, by their id."""
        found = [
            WeighedReading(
                choice,
                tuple(
                    sorted(
                        (_alternative(text, pairs) for (id_, text), pairs in self.pairs.items() if id_ == choice.id),
                        key=lambda a: a.rank,
                        reverse=True,
                    )
                ),
            )
            for choice in self.readings.values()
        ]
        return tuple(sorted(sorted(found, key=lambda r: r.choice.id), key=lambda r: (r.matters, r.rank), reverse=True))

    def weighed_silences(self) -> tuple[WeighedSilence, ...]:
        """Every silence, what leaves most open first."""
        found = []
        for key, silence in self.silences.items():
            credits_ = self.open_credits.get(key, [])
            bounds = [bound for _, bound in credits_]
            known = [b for b in bounds if b is not None]
            most = sum(known, Owed()) if credits_ and len(known) == len(bounds) else None
            found.append(
                WeighedSilence(
                    silence,
                    tuple(s for s, _ in credits_),
                    most,
                    tuple(self.open_targets.get(key, ())),
                    tuple(self.open_deadlines.get(key, ())),
                )
            )
        return tuple(sorted(found, key=lambda s: s.rank, reverse=True))


def surely_alike(now: Sequence[Statement], terms: Terms, label: str, surveyed: Survey) -> bool:
    """Whether other terms surely change neither verdict nor credit nor a deadline of some statements of a period:
    where all are met and owe nothing, and will be so, and no right can start a clock."""
    settled = all(s.verdict is Verdict.MET and not s.deadlines for s in now)
    rights = {name for name, remedy in terms.remedies.items() if remedy.form not in AMOUNTS}
    quiet = not any(clock.of in rights for clock in terms.clocks.values())
    return settled and quiet and surveyed.all_met(terms, label, [(s.commitment, s.subject) for s in now])


def judged_again(world: World, terms: Terms, label: str, start: Instant) -> tuple[Statement, ...]:
    """The statements of a period under other terms; where they cut time otherwise, those of what holds its start."""
    try:
        return state(world, terms, label, (), explain=False).statements
    except NoSuchPeriod:
        rules = {c.period: terms.periods[c.period] for c in judged_commitments(terms)}
        labels = dict.fromkeys(period_holding(rule, start).label for rule in rules.values())
        return tuple(s for one in labels for s in state(world, terms, one, (), explain=False).statements)


def paired(now: Sequence[Statement], then: Sequence[Statement]) -> tuple[Compared, ...]:
    """Both sides by commitment and subject, be their periods named alike or not."""
    first, second = ({(s.commitment, s.subject): s for s in side} for side in (now, then))
    if len(first) < len(now) or len(second) < len(then):
        return compared(now, then)
    return tuple(Compared(first.get(k), second.get(k)) for k in dict.fromkeys((*first, *second)))


def _alternative(text: str, pairs: Sequence[Compared]) -> Alternative:
    changed = tuple(pair for pair in pairs if pair.changes)
    total = Owed()
    for pair in changed:
        total += pair.difference
    return Alternative(text, total, changed)


def minutes_between(pair: Compared) -> Between:
    """How much more down time the second answer counts, in µs, run by run."""
    downs = [(s.favourable.down, s.unfavourable.down) if s else (0, 0) for s in (pair.before, pair.after)]
    return Between(Fraction(downs[1][0] - downs[0][0]), Fraction(downs[1][1] - downs[0][1]))
