"""History under two agreements: what each period came to under both, and which change made the difference."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from makegood.engine.comparing import Compared, difference
from makegood.engine.sums import Owed, owed_by_all
from makegood.model.terms import Clause


@dataclass(frozen=True, slots=True)
class Change:
    """One difference between the agreements: a rule, an exception laid over one, or a reading taken otherwise.

    `differs` has for each part that differs its path of keys, and what stands there before and after; empty where one
    side has nothing. `clause` is that of the new rule, or of the old one where it was taken away; None where it stands
    in no agreement.
    """

    kind: str
    name: str
    clause: Clause | None
    differs: tuple[tuple[str, str, str], ...]


@dataclass(frozen=True, eq=False)
class Attributed:
    """Changes applied alone to the old agreement: what they make of history. Mostly one; several where one cannot stand
    without the others. `pairs` are the statements that they may change; the others are met either way. `refused` says
    why they cannot be applied alone, and then they have no figure."""

    changes: tuple[Change, ...]
    pairs: tuple[Compared, ...]
    refused: str = ""

    @cached_property
    def difference(self) -> Owed:
        return difference(self.pairs)

    @property
    def changed(self) -> int:
        """How many statements they change."""
        return sum(pair.changes for pair in self.pairs)


@dataclass(frozen=True, eq=False)
class Replay:
    """Every statement under the old and the new agreement, and the difference by change.

    `remainder` is what the changes make together beyond what each makes alone.
    """

    old: str
    new: str
    pairs: tuple[Compared, ...]
    attributed: tuple[Attributed, ...]

    @cached_property
    def difference(self) -> Owed:
        return difference(self.pairs)

    @cached_property
    def remainder(self) -> Owed:
        alone = Owed()
        for one in self.attributed:
            alone += one.difference
        return self.difference - alone

    @property
    def orders(self) -> Mapping[str, tuple[Compared, ...]]:
        found: dict[str, list[Compared]] = {}
        for pair in self.pairs:
            found.setdefault(pair.either.order, []).append(pair)
        return {order: tuple(pairs) for order, pairs in found.items()}


def both_sides(pairs: Sequence[Compared]) -> tuple[Owed, Owed]:
    """What is owed under the old and under the new agreement, all together."""
    return owed_by_all(p.before for p in pairs), owed_by_all(p.after for p in pairs)
