"""One question to both the engine and the oracle: an agreement's terms, an order, facts, and a period judged."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import TypeVar

from makegood.engine.judge.case import World
from makegood.engine.statement import state
from makegood.model.facts import Cause, Fact, Facts, Item, Judgement, Maintenance, Notice, Standing
from makegood.model.order import Order
from makegood.model.statement import Statement
from makegood.model.terms import Terms
from tests.exact.stage import Stage

F = TypeVar("F", bound=Fact)


@dataclass(frozen=True)
class Known:
    """The records that were known when the question was asked, and not superseded by then."""

    maintenances: list[Maintenance]
    notices: list[Notice]
    causes: list[Cause]
    judgements: list[Judgement]
    standings: list[Standing]
    items: list[Item]


@dataclass(frozen=True)
class Question:
    """The period of `label`, which holds `day`, as known at an instant (µs). `facts` hold what is known later, too."""

    seed: int
    stage: Stage
    terms: Terms
    order: Order
    facts: Facts
    as_of: int
    label: str
    day: date

    def statements(self) -> tuple[Statement, ...]:
        """What the engine says."""
        world = World(self.order, self.facts.known_at(self.as_of), self.as_of)
        statements = state(world, self.terms, self.label, explain=False).statements
        world.memo.clear()  # what is remembered there knows the world itself, and only the collector would free it
        world.evidence.clear()
        return statements

    @property
    def _records(self) -> list[Fact]:
        f = self.facts
        return [*f.maintenances, *f.notices, *f.causes, *f.judgements, *f.standings, *f.retractions, *f.items]

    @property
    def recorded(self) -> list[int]:
        """When each record became known."""
        return [one.recorded for one in self._records]

    @cached_property
    def known(self) -> Known:
        """What the oracle knows."""
        f = self.facts
        gone = {one.supersedes for one in self._records if one.recorded <= self.as_of}

        def those(group: Iterable[F]) -> list[F]:
            return [one for one in group if one.recorded <= self.as_of and one.id not in gone]

        return Known(
            those(f.maintenances),
            those(f.notices),
            those(f.causes),
            those(f.judgements),
            those(f.standings),
            those(f.items),
        )
