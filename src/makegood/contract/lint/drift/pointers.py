"""References of the prose to clauses and numbered paragraphs, and where the rules tell that another one is meant.

A document numbers its clauses in their headings, and may number the paragraphs below, `2.1 We will …`. A rule belongs
to the paragraph above it. Both kinds of number may be pointed to, as in `see clause 4` or `as set out in 4.2`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from makegood.contract.document import Clause, Document
from makegood.contract.lint.named import named_by
from makegood.contract.written import Agreement, RawRule

_SEE: Final = re.compile(
    r"\b(?:clauses?|sections?|paragraphs?|articles?|§{1,2})\s*((?:\d[\w.]*(?:\s*(?:,|and|or|to)\s*)?)+)", re.IGNORECASE
)
_SEEN: Final = re.compile(r"\d[\w.]*")
_BARE: Final = re.compile(r"(?<![\w.,:/$€£-])(\d{1,2}(?:\.\d{1,2})+)(?![\w%:/-]|[.,]\d|\s*%)")
_TITLED: Final = re.compile(r"§?\s*(\d{1,3}(?:\.\d{1,3})*[a-z]?)[.)]?\Z")
_MARK: Final = re.compile(r"^[ \t]*\((\d{1,2})\)(?=\s)", re.MULTILINE)
_HEAD: Final = re.compile(r"^[ \t]*(\d{1,3}(?:\.\d{1,3})+)[.)]?(?=\s)", re.MULTILINE)
_AMBIENT: Final = ("calendar", "period", "class")
"""What rules everywhere name, and what no text points to for each of them."""


@dataclass(frozen=True, slots=True)
class Part:
    """A numbered clause with the clauses below it, or one numbered paragraph: its lines, the last one left out."""

    number: str
    first: int
    end: int

    def holds(self, line: int) -> bool:
        return self.first <= line < self.end


@dataclass(frozen=True, slots=True)
class Pointer:
    """A number in the prose that points to a part, and where it stands: `prose[start:end]`."""

    number: str
    start: int
    end: int


def number_of(clause: Clause) -> str:
    """The number of a clause, from its heading: `4.` and `4)` and `§4` and `4 Credits` are all 4; empty without."""
    if clause.number:
        return clause.number.rstrip(".)")
    found = _TITLED.match(clause.title.partition(" ")[0])
    return found[1] if found else ""


def heads(clause: Clause, prose: str) -> list[tuple[str, int, int]]:
    """The numbers of a clause's paragraphs, `4.1`, `4.2` and so on, each with its place; a gap ends them."""
    found: list[tuple[str, int, int]] = []
    for match in _beginning(_HEAD, prose):
        if match[1] == f"{number_of(clause)}.{len(found) + 1}":
            found.append((match[1], match.start(1), match.end(1)))
    return found


def _beginning(pattern: re.Pattern[str], prose: str) -> Iterator[re.Match[str]]:
    """What a pattern finds at the start of a paragraph: on the first line, or below one that is empty."""
    for match in pattern.finditer(prose):
        above = prose[prose.rfind("\n", 0, max(match.start() - 1, 0)) + 1 : match.start()]
        if not above.strip():
            yield match


def marks(prose: str) -> list[tuple[int, int]]:
    """The places of `(1)`, `(2)` and so on, each at the start of a paragraph; a gap ends them."""
    found: list[tuple[int, int]] = []
    for match in _beginning(_MARK, prose):
        if int(match[1]) == len(found) + 1:
            found.append(match.span(1))
    return found


def parts(document: Document, prose: Mapping[str, str]) -> list[Part]:
    """Every part of a document that has a number, in no particular order."""
    found: list[Part] = []
    clauses, last = document.clauses, document.text.count("\n") + 2
    for n, clause in enumerate(clauses):
        after = next((c.line for c in clauses[n + 1 :] if c.level <= clause.level), last)
        if number := number_of(clause):
            found.append(Part(number, clause.line, after))
        own = [(number, line_of(clause, prose[clause.id], at)) for number, at, _ in heads(clause, prose[clause.id])]
        below = clauses[n + 1].line if n + 1 < len(clauses) else last
        ends = [*(line for _, line in own), below][1:]
        found += [Part(number, line, end) for (number, line), end in zip(own, ends, strict=True)]
    return found


def line_of(clause: Clause, prose: str, at: int) -> int:
    """The line of a document on which a character of a clause's prose stands."""
    return clause.prose_line + prose.count("\n", 0, at)


def pointers(prose: str, known: Iterable[str]) -> Iterator[Pointer]:
    """Every number that the prose points to: behind a word such as `clause`, and a bare one where it is known."""
    seen: set[int] = set()
    for match in _SEE.finditer(prose):
        for number in _SEEN.finditer(match[1]):
            at = match.start(1) + number.start()
            seen.add(at)
            shown = number[0].rstrip(".")
            yield Pointer(shown, at, at + len(shown))
    own = {match.start(1) for match in _beginning(_HEAD, prose)}
    known = set(known)
    for match in _BARE.finditer(prose):
        if match[1] in known and match.start() not in seen | own:
            yield Pointer(match[1], match.start(), match.end())


def pointed_at(pointer: Pointer, found: list[Part]) -> Part | None:
    """The part that a pointer leads to; None where there is none."""
    return next((part for part in found if part.number == pointer.number), None)


class Web:
    """Which rules name which, so that a pointer of the prose can be held against what its rules name."""

    def __init__(self, agreement: Agreement) -> None:
        self.rules = agreement.rules
        known = {rule.name: rule for rule in self.rules}
        self._kinds = {name: rule.primitive for name, rule in known.items()}
        self._names = {
            rule.name: (named_by(rule) | ({rule.exception_to.text} if rule.exception_to else set())) & known.keys()
            for rule in self.rules
        }

    def inside(self, part: Part) -> list[RawRule]:
        return [rule for rule in self.rules if part.holds(rule.node.place.line)]

    def named(self, rules: Iterable[RawRule]) -> list[RawRule]:
        """The rules that some rules name themselves, as `names` has them."""
        named = self.names(rules)
        return [rule for rule in self.rules if rule.name in named]

    def names(self, rules: Iterable[RawRule]) -> set[str]:
        """What rules name themselves, beside each other and the calendars and periods that all name."""
        own = {rule.name for rule in rules}
        named = {name for rule in own for name in self._names[rule]}
        return {name for name in named - own if self._kinds[name] not in _AMBIENT}

    def reach(self, names: Iterable[str]) -> set[str]:
        """These rules, what they name, what that names, and so on."""
        found, left = set[str](), list(names)
        while left:
            name = left.pop()
            if name not in found:
                found.add(name)
                left += self._names[name]
        return found

    def meant(
        self, line: int, rules: Sequence[RawRule], pointed: Part, said: set[str], found: list[Part]
    ) -> Part | None:
        """The part that is meant where the text points to one whose rules have nothing to do with those here.

        `rules` are those of the clause, which decide where its paragraph has none. None while there is any reason to
        point there: rules that lead from one to the other, a rule that both name, or no part of the same depth to
        which the text does not point and that has a rule which is named here.
        """
        inner = max((part for part in found if part.holds(line)), key=lambda part: part.first, default=None)
        own = (self.inside(inner) if inner is not None else []) or rules
        other = self.inside(pointed)
        if not own or not other or pointed.holds(line) or (inner is not None and inner.holds(pointed.first)):
            return None
        mine, theirs = {rule.name for rule in own}, {rule.name for rule in other}
        if self.reach(mine) & theirs or self.reach(theirs) & mine:
            return None
        named = self.names(own)
        if self.names(other) & named:
            return None
        for part in found:
            inside = {rule.name for rule in self.inside(part)} & named
            alike = part.number.count(".") == pointed.number.count(".")
            if inside and alike and not part.holds(line) and part.number not in said:
                return None if self.names(self.inside(part)) & theirs else part
        return None
