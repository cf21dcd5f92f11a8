"""The same commitments judged twice, under other facts or other terms: what differs, statement by statement."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TypeAlias

from makegood.engine.sums import Owed, owed_by
from makegood.model.spans import Instant
from makegood.model.statement import Excuse, Statement

Key: TypeAlias = tuple[str, str, str, str]
"""Order, period label, commitment and subject: what makes two statements the same question."""


@dataclass(frozen=True, eq=False)
class Compared:
    """One question and both answers; None where one side does not ask it."""

    before: Statement | None
    after: Statement | None

    @property
    def either(self) -> Statement:
        found = self.after or self.before
        assert found is not None
        return found

    @cached_property
    def difference(self) -> Owed:
        """What the second answer owes more (or less, below zero) than the first, run by run."""
        return owed_by(self.after) - owed_by(self.before)

    @property
    def verdict_changes(self) -> bool:
        return (self.before and self.before.verdict) != (self.after and self.after.verdict)

    @property
    def amount_changes(self) -> bool:
        """Whether the credit is another one in words: in money, in days, or in what is unstated or withheld."""
        return (self.before.amount if self.before else "none") != (self.after.amount if self.after else "none")

    @cached_property
    def moved(self) -> Mapping[str, tuple[Instant | None, Instant | None]]:
        """Deadlines that both answers start, and that end at another instant; None is without one."""
        if self.before is None or self.after is None:
            return {}
        due = [{d.clock: d.late_from for d in s.deadlines} for s in (self.before, self.after)]
        return {c: (at, due[1][c]) for c, at in due[0].items() if c in due[1] and due[1][c] != at}

    @cached_property
    def excuses(self) -> tuple[tuple[Excuse | None, Excuse | None], ...]:
        """The excuses of both answers side by side, by exclusion and item."""
        found: list[dict[tuple[str, str], Excuse]] = [
            {(e.exclusion, e.item): e for e in s.excuses} if s else {} for s in (self.before, self.after)
        ]
        keys = dict.fromkeys((*found[0], *found[1]))
        return tuple((found[0].get(key), found[1].get(key)) for key in keys)

    @property
    def excuses_change(self) -> bool:
        return any((a and a.excused) != (b and b.excused) for a, b in self.excuses)

    @property
    def changes(self) -> bool:
        """Whether verdict, credit or a deadline differs."""
        return self.verdict_changes or self.amount_changes or bool(self.difference) or bool(self.moved)


def compared(before: Sequence[Statement], after: Sequence[Statement]) -> tuple[Compared, ...]:
    """Both answers to every question that either side asks, in the order of the first side, then of the second."""
    first, second = ({key_of(s): s for s in side} for side in (before, after))
    keys = dict.fromkeys((*first, *second))
    return tuple(Compared(first.get(key), second.get(key)) for key in keys)


def key_of(statement: Statement) -> Key:
    return statement.order, statement.period.label, statement.commitment, statement.subject


def difference(pairs: Sequence[Compared]) -> Owed:
    """What the second answers owe more than the first ones, all together."""
    found = Owed()
    for pair in pairs:
        found += pair.difference
    return found
