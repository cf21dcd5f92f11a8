"""What the rules of a clause say in numbers: which quantities its prose may name, and which it ought to."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from fractions import Fraction
from typing import Final

from makegood.contract import link
from makegood.contract.lint.drift.quantities import ALWAYS, COUNT, EVERY_YEAR, Quantity, quantities
from makegood.contract.lint.drift.whole import Ground, Meaning, leaves
from makegood.contract.lint.drift.zones import canonical
from makegood.contract.nodes import Keyed, Many, Node, Text
from makegood.contract.written import RawRule
from makegood.model.problem import Place
from makegood.model.spans import MINUTE

FREE: Final = frozenset(
    {
        *("because", "clauses", "title", "version", "effective", "provider", "succeeds on", "says", "paid", "does"),
        *("upon", "requires", "to", "via", "stops at", "pauses while", "causes", "applies to", "exception to"),
        *("metric", "source", "good", "valid", "value", "unit", "where", "only where", "alike in", "kinds", "until"),
        *("unless caused by", "events", "facts of orders"),
        *("when", "for", "fees of", "plans", "deployments", "order of precedence", "rows that hold together"),
    }
)
"""Keys whose value is words for the reader: a number in them may stand in the prose, and need not."""

_PHRASES: Final = {("period", "days"): "{} days", ("period", "year starts"): "starts in {}"}
"""What a value says together with its key."""

_OPERATING: Final = {("detect", "every"), ("detect", "answers within"), ("detect", "holds"), ("measure", "interval")}
"""Keys of how it is measured. A number of them may stand in the prose, and is then held against the rule."""

_NAME: Final = re.compile(r"\b[a-z]+(?:-[a-z0-9]+)+\b")
_WHOLE_WEEK: Final = "Monday 00:00 - Monday 00:00"
_DAILY: Final = re.compile(r"\bMonday to Sunday\b")
_NEED_NOT: Final = {
    *((COUNT, Fraction(1)), ("time", Fraction(MINUTE)), ("share", Fraction(1))),
    *(("clock", Fraction(0)), ("clock", Fraction(86_400))),
}
"""What goes without saying: one of something, counting by the minute, the whole, the start and end of a day."""


@dataclass(frozen=True, slots=True)
class Needed:
    """A quantity of a rule that the prose ought to mention: as the rule writes it, and where.

    One that is `plain` goes without saying, unless the prose speaks of such things at all.
    """

    meaning: Meaning
    shown: str
    rule: str
    place: Place
    plain: bool = False


def same_day(one: Meaning, other: Meaning) -> bool:
    """Whether two dates are the same day, one of them without its year: `24 December` and `2026-12-24`."""
    if one[0] != "date" or other[0] != "date" or (EVERY_YEAR in str(one[1])) == (EVERY_YEAR in str(other[1])):
        return False
    return str(one[1])[-6:] == str(other[1])[-6:]


@dataclass
class Carried:
    """What the rules of one clause carry. `loose` are bare numbers of explanations, which fit any unit."""

    may: set[Meaning] = field(default_factory=set)
    loose: set[Fraction] = field(default_factory=set)
    needed: list[Needed] = field(default_factory=list)
    labels: dict[str, set[Meaning]] = field(default_factory=dict)
    """What a table by class gives each of its labels, over all the rules of the clause."""

    def carries(self, quantity: Quantity, shown: str) -> bool:
        """Whether the rules say this quantity, or a reason in them names its number."""
        if quantity.meaning in self.may or any(same_day(quantity.meaning, other) for other in self.may):
            return True
        return any(q.kind == COUNT and q.value in self.loose for q in quantities(_digits(shown)))

    def take(self, other: Carried) -> None:
        self.may |= other.may
        self.loose |= other.loose
        for label, meanings in other.labels.items():
            self.labels.setdefault(label, set()).update(meanings)


def carried_by(rules: Sequence[RawRule], ground: Ground) -> Carried:
    """What the rules of one clause carry, with the zones of the calendars that they name."""
    found = Carried()
    for primitive, many in Counter(rule.primitive for rule in rules).items():
        if primitive and many > 1:
            found.may.add((COUNT, Fraction(many)))
    calendars = ground.calendars
    for rule in rules:
        before = len(found.needed)
        _take(found, rule, rule.node, "", needed=True)
        if rule.name in ground.weekdays_only:
            found.needed[before:] = [
                replace(n, plain=n.meaning[0] in ("weekday", "clock")) for n in found.needed[before:]
            ]
        if rule.primitive == "calendar" and rule.node.get("hours") is None:
            found.may.add((ALWAYS, ALWAYS))
        if rule.primitive == "target":
            found.may |= {(kind, 1 - value) for kind, value in _shares(rule.node.get("is"))}
        if rule.primitive == "period":
            for text in leaves(rule.node.get("is")):
                found.may |= {q.meaning for q in quantities(f"1 {text.text}")}
        for name, _ in link.references(rule.primitive, rule.node):
            for text in leaves(calendars[name.text].node.get("zone")) if name.text in calendars else ():
                found.may.add(("zone", canonical(text.text)))
    return found


def _shares(node: Node | None) -> Iterator[tuple[str, Fraction]]:
    for text in leaves(node):
        for quantity in quantities(text.text):
            if quantity.kind == "share" and isinstance(quantity.value, Fraction):
                yield quantity.kind, quantity.value


def header_carries(node: Keyed) -> Carried:
    """What the agreement's own block carries: nothing that the prose need repeat."""
    found = Carried()
    for _, value in node.entries:
        _words(found, value)
        if isinstance(value, Many):
            found.may.add((COUNT, Fraction(len(value.items))))
    return found


def everywhere(rules: Sequence[RawRule]) -> Carried:
    """How many rules of each kind the whole document has, which its first words may say."""
    found = Carried()
    for many in Counter(rule.primitive for rule in rules).values():
        found.may.add((COUNT, Fraction(many)))
    return found


def _take(found: Carried, rule: RawRule, node: Node, key: str, needed: bool) -> None:
    if isinstance(node, Text):
        if (rule.primitive, key) in _PHRASES:
            _phrase(found, rule, node, _PHRASES[rule.primitive, key], needed)
        else:
            _scalar(found, rule, node, needed)
    elif isinstance(node, Many):
        found.may.add((COUNT, Fraction(len(node.items))))
        for item in node.items:
            _take(found, rule, item, key, needed)
    else:
        reading = node.get("among") is not None
        if key in ("among", "allow", "does"):
            found.may.add((COUNT, Fraction(len(node.entries))))
        for name, value in node.entries:
            if (rule.primitive, name.text) in link.TARGETS:
                continue
            if name.text in FREE and not (rule.primitive == "scale" and name.text == "when"):
                _words(found, value)
                continue
            _words(found, name)
            if key == "allow" and not reading and name.text not in ("by", "otherwise"):
                given = {q.meaning for text in leaves(value) for q in quantities(text.text)}
                found.labels.setdefault(name.text, set()).update(given)
            need = needed and not reading and not _operating(rule, name.text)
            _take(found, rule, value, key if reading else name.text, need)


def _operating(rule: RawRule, key: str) -> bool:
    """The slot of a probe and the like: how it is done, which an agreement need not say."""
    return (rule.primitive, key) in _OPERATING


def _scalar(found: Carried, rule: RawRule, written: Text, needed: bool) -> None:
    named = rule.primitive in ("remedy", "limit")  # an amount is arithmetic over names, and a name says no number
    text = Text(_NAME.sub(lambda m: " " * len(m[0]), written.text), written.place) if named else written
    if text.text == _WHOLE_WEEK:
        found.may.add((ALWAYS, ALWAYS))
        return
    if _DAILY.search(text.text):
        found.may |= {q.meaning for q in quantities(text.text)}
        found.may.add(("days", Fraction(1)))
        text = Text(_DAILY.sub(lambda m: " " * len(m[0]), text.text), text.place)
    for quantity in quantities(text.text):
        found.may.add(quantity.meaning)
        if needed and quantity.meaning not in _NEED_NOT and (quantity.value != 0 or quantity.kind == "weekday"):
            shown = text.text[quantity.start : quantity.end]
            shown = text.text if quantity.kind == COUNT and text.text.startswith(f"{shown} ") else shown
            found.needed.append(Needed(quantity.meaning, shown, rule.name, text.place))


def _phrase(found: Carried, rule: RawRule, text: Text, phrase: str, needed: bool) -> None:
    """A value whose key says what it is, as a number of days."""
    said = phrase.format(text.text)
    for quantity in quantities(said):
        found.may.add(quantity.meaning)
        if needed:
            shown = said[quantity.start : quantity.end]
            found.needed.append(Needed(quantity.meaning, shown, rule.name, text.place))


def _words(found: Carried, node: Node) -> None:
    for text in leaves(node):
        for quantity in quantities(text.text):
            found.may.add(quantity.meaning)
            if quantity.kind == COUNT and isinstance(quantity.value, Fraction):
                found.loose.add(quantity.value)


def _digits(shown: str) -> str:
    return "".join(c if c.isdigit() or c in ".," else " " for c in shown)
