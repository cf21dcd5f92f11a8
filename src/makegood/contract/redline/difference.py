"""What a redline is made of: pieces of prose, keys of rules, clauses and the whole."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

from makegood.contract.document import Clause
from makegood.contract.written import Header


class Mark(StrEnum):
    """What became of a piece of text."""

    SAME = "same"
    REMOVED = "removed"
    ADDED = "added"


class Kind(StrEnum):
    """What became of a clause or a rule."""

    SAME = "unchanged"
    CHANGED = "changed"
    ADDED = "added"
    REMOVED = "removed"


@dataclass(frozen=True, slots=True)
class Piece:
    """Words that stand in both versions, in the old one only, or in the new one only; their spaces are part of them."""

    mark: Mark
    text: str


@dataclass(frozen=True, slots=True)
class Passage:
    """A paragraph, an item of a list or a row of a table, as pieces in the order to read them."""

    pieces: tuple[Piece, ...]

    @property
    def changed(self) -> bool:
        return any(piece.mark is not Mark.SAME for piece in self.pieces)


@dataclass(frozen=True, slots=True)
class KeyChange:
    """One value of a rule: its path of keys, as written before and after (None where it was not there).

    `says` puts a change of a figure into words, such as `raised by 0.05 points`; it is empty for words.
    """

    path: str
    old: str | None
    new: str | None
    says: str = ""


@dataclass(frozen=True, slots=True)
class ReadingChange:
    """A choice where the text is silent: taken, given up, or taken differently. `id` is the reading's."""

    id: str
    old: str | None
    new: str | None
    says: str


@dataclass(frozen=True, slots=True)
class RuleChange:
    """One rule by its primitive and name. `was` is its former name, `moved_from` the clause in which it stood."""

    kind: Kind
    primitive: str
    name: str
    keys: tuple[KeyChange, ...] = ()
    readings: tuple[ReadingChange, ...] = ()
    was: str = ""
    moved_from: str = ""


@dataclass(frozen=True, slots=True)
class ClauseChange:
    """One clause in both versions, or in one of them. `after` is the clause behind which a moved one stood before."""

    kind: Kind
    old: Clause | None
    new: Clause | None
    heading: tuple[Piece, ...]
    passages: tuple[Passage, ...] = ()
    rules: tuple[RuleChange, ...] = ()
    moved: bool = False
    after: str = ""

    @property
    def clause(self) -> Clause:
        found = self.new or self.old
        assert found is not None
        return found


@dataclass(frozen=True, slots=True)
class Redline:
    """Two versions compared. `header` are the changes of what the agreement says of itself."""

    old: Header
    new: Header
    header: tuple[KeyChange, ...]
    clauses: tuple[ClauseChange, ...]

    def of(self, kind: Kind) -> tuple[ClauseChange, ...]:
        """The clauses of which this became."""
        return tuple(clause for clause in self.clauses if clause.kind is kind)

    @property
    def moved(self) -> tuple[ClauseChange, ...]:
        return tuple(clause for clause in self.clauses if clause.moved)

    def figures(self) -> Iterator[tuple[ClauseChange, RuleChange, KeyChange]]:
        """Every figure of a rule that differs, in the order of the new version."""
        for clause in self.clauses:
            for rule in clause.rules:
                for key in rule.keys:
                    if key.says:
                        yield clause, rule, key

    def readings(self) -> Iterator[tuple[ClauseChange, ReadingChange]]:
        for clause in self.clauses:
            for rule in clause.rules:
                for reading in rule.readings:
                    yield clause, reading
