"""What an agreement calls unstated, and what that leaves open: credits, verdicts, deadlines."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, fields, is_dataclass, replace
from fractions import Fraction
from typing import Any

from makegood.engine.judge.case import World
from makegood.engine.statement import state
from makegood.engine.sums import Owed, owed_in_one_run
from makegood.model.expression import Literal, Unit
from makegood.model.statement import Line, Statement
from makegood.model.terms import Clause, RemedyForm, Terms, Unstated

BEYOND_EVERY_LIMIT = Fraction(10**15)
"""An amount that stands in for an unstated one, to see what a limit leaves of it."""


@dataclass(frozen=True, slots=True)
class Silence:
    """A value of a rule that the agreement calls `unstated`, and how often the rule does."""

    rule: str
    clause: Clause
    what: str
    times: int = 1


@dataclass(frozen=True, eq=False)
class WeighedSilence:
    """What a silence leaves open: statements without an amount, without a verdict, clocks without a deadline.

    `most` is what limits leave of the open credits, where every one of them has a limit; None where one has none.
    """

    silence: Silence
    credits: tuple[Statement, ...] = ()
    most: Owed | None = None
    targets: tuple[Statement, ...] = ()
    deadlines: tuple[Statement, ...] = ()

    @property
    def matters(self) -> bool:
        return bool(self.credits or self.targets or self.deadlines)

    @property
    def rank(self) -> tuple[int, Fraction, int, int]:
        """For sorting, the weightiest greatest: open amounts first, of these the ones with the highest bound."""
        bound = self.most.size if self.most is not None else BEYOND_EVERY_LIMIT
        return len(self.credits), bound if self.credits else Fraction(), len(self.targets), len(self.deadlines)


def silences_in(terms: Terms) -> tuple[Silence, ...]:
    """Every value that a rule calls `unstated`, those of open readings among them."""
    found: dict[tuple[str, Clause, str], Silence] = {}
    for item in fields(Terms):
        group = getattr(terms, item.name)
        if item.name in ("others", "in_force") or not isinstance(group, (Mapping, tuple)):
            continue
        named = group.items() if isinstance(group, Mapping) else ((getattr(r, "name", ""), r) for r in group)
        for name, rule in named:
            for unstated in _unstated(rule):
                key = (str(name), unstated.clause, unstated.what)
                before = found.get(key)
                found[key] = Silence(*key, before.times + 1 if before else 1)
    return tuple(found.values())


def _unstated(value: Any) -> Iterator[Unstated]:
    if isinstance(value, Unstated):
        yield value
    elif isinstance(value, Mapping):
        for inner in value.values():
            yield from _unstated(inner)
    elif isinstance(value, tuple):
        for inner in value:
            yield from _unstated(inner)
    elif is_dataclass(value) and not isinstance(value, (Terms, Clause)):
        for item in fields(value):
            yield from _unstated(getattr(value, item.name))


def most_of(world: World, terms: Terms, label: str, statement: Statement, open_lines: Sequence[Line]) -> Owed | None:
    """What limits would leave of unstated credits, however high they were; None where one has no limit.

    Judged again with an amount beyond every limit in their place.
    """
    remedies = dict(terms.remedies)
    currency = next((f.amount.currency for s in world.order.services for f in s.fees), "")
    for line in open_lines:
        rule = remedies[line.remedy]
        endless = Literal(BEYOND_EVERY_LIMIT, rule.unit, currency if rule.unit is Unit.MONEY else "")
        remedies[line.remedy] = replace(rule, amount=endless)
    then = state(world, replace(terms, remedies=remedies), label, (), explain=False).statements
    same = next((s for s in then if (s.commitment, s.subject) == (statement.commitment, statement.subject)), None)
    if same is None:
        return None
    names = {line.remedy for line in open_lines}
    lines = [line for line in same.unfavourable.lines if line.remedy in names]
    if len(lines) < len(names) or any(line.unstated or not line.cut_by for line in lines):
        return None
    return owed_in_one_run(lines)


def speaks_of(line: Line, silence: Silence) -> bool:
    return (
        line.form is RemedyForm.CREDIT
        and not line.withheld
        and line.unstated_clause == silence.clause
        and line.unstated.startswith(silence.what)
    )
