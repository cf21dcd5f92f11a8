"""Several documents that say something of the same rule: the one that stands higher is judged, and both are named.

The agreement's `order of precedence` ranks documents. What an order form lays over a rule is an exception that both
sides signed, and holds wherever the agreement does not rank the order form at all. Any other document that is not
ranked leaves a reading: nobody but the parties can say which of the two they meant.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from difflib import get_close_matches

from makegood.contract.choose import written
from makegood.contract.nodes import Keyed, Many, Node, Text
from makegood.contract.shape import Report
from makegood.contract.written import Header, RawRule

ORDER_FORM = "order form"
"""The document that an order is, where an exception in it names no other."""

RULE, DOCUMENT, CLAUSE = "rule", "document", "clause"
_LONGEST = 100


@dataclass(frozen=True)
class Stated:
    """What one document says of one key of a rule. No `document` is a supposition, which stands above all of them."""

    document: str
    clause: str
    key: Text
    value: Node


def stated_by(overlay: Keyed, report: Report) -> list[Stated]:
    """What an exception says, key by key."""
    words = {}
    for name in (DOCUMENT, CLAUSE):
        value = overlay.get(name)
        if isinstance(value, Keyed | Many):
            report.error("wrong-shape", value.place, f"`{name}` is some words", "", f"write `{name}: {_LIKE[name]}`")
        words[name] = value.text if isinstance(value, Text) else ""
    body = [(k, v) for k, v in overlay.entries if k.text not in (RULE, DOCUMENT, CLAUSE)]
    return [Stated(words[DOCUMENT], words[CLAUSE], key, value) for key, value in body]


_LIKE = {DOCUMENT: "master agreement", CLAUSE: "7.2"}


def prevailing(
    header: Header, rule: RawRule, stated: Sequence[Stated], report: Report
) -> tuple[RawRule, tuple[str, ...]]:
    """The rule as the documents together have it, and what is to be said of each key on which they differ."""
    entries: dict[str, tuple[Text, Node]] = {}
    notes: list[str] = []
    for name in dict.fromkeys(s.key.text for s in stated):
        mine = [s for s in stated if s.key.text == name]
        if _twice(rule, mine, report):
            continue
        value, says = _Key(header, rule, name, mine, report).settled()
        entries[name] = mine[0].key, value
        notes += [says] if says else []
    kept = tuple((k, v) for k, v in rule.node.entries if k.text not in entries)
    return replace(rule, node=Keyed((*kept, *entries.values()), rule.node.place)), tuple(notes)


def _twice(rule: RawRule, stated: Sequence[Stated], report: Report) -> bool:
    first: dict[str, Stated] = {}
    for one in stated:
        other = first.setdefault(one.document, one)
        if written(other.value) != written(one.value):
            by = "order" if one.document in ("", ORDER_FORM) else one.document
            what = f"the {by} changes `{one.key.text}` of `{rule.name}` twice, and differently"
            report.error("conflict", one.key.place, what, "neither of the two decides", "delete one of them")
            return True
    return False


@dataclass(frozen=True)
class _Key:
    """One key of one rule, and what each document says of it."""

    header: Header
    rule: RawRule
    name: str
    stated: Sequence[Stated]
    report: Report

    @property
    def own(self) -> Node | None:
        return self.rule.node.get(self.name)

    def settled(self) -> tuple[Node, str]:
        ranked = [s for s in self.stated if s.document in self.header.precedence]
        for document in ("", ORDER_FORM):
            outright = next((s for s in self.stated if s.document == document and s not in ranked), None)
            if outright is not None:
                others = [s for s in self.stated if s.document not in ("", document)]
                return outright.value, self._over(outright, others) if document else ""
        unranked = [s for s in self.stated if s not in ranked]
        if unranked:
            return self._unranked(unranked)
        return self._ranked(ranked)

    def _over(self, exception: Stated, others: Sequence[Stated]) -> str:
        """What an exception of the order form sets aside of other documents; nothing of the agreement itself."""
        differ = [s for s in others if written(s.value) != written(exception.value)]
        if not differ:
            return ""
        said = "; ".join(f"the {_by(s)} says {_short(s.value)}" for s in differ)
        return f"{self._says(exception.value)} by an exception of the {_by(exception)}: {said}"

    def _ranked(self, ranked: Sequence[Stated]) -> tuple[Node, str]:
        order = self.header.precedence
        here = order.index(self.header.document) if self.header.document in order else len(order)
        best = min(ranked, key=lambda s: order.index(s.document))
        own, wins = self.own, order.index(best.document) < here
        if own is None:
            return best.value, ""
        agreement = f"{self.header.document} (clause {self.rule.clause})"
        value, by = (best.value, _by(best)) if wins else (own, agreement)
        others = [(_by(s), s.value) for s in ranked if s is not best or not wins]
        others += [(agreement, own)] if wins else []
        differ = [(name, other) for name, other in others if written(other) != written(value)]
        if not differ:
            return value, ""
        said = ", and ".join(f"not {_short(other)} as the {name} has it" for name, other in differ)
        why = f"the {by.partition(' (')[0]} stands above it (order of precedence, clause {self.header.changes.clause})"
        return value, f"{self._says(value)} by the {by}, and {said}: {why}"

    def _unranked(self, unranked: Sequence[Stated]) -> tuple[Node, str]:
        """A reading among what the documents say; a word that is nearly one of the ranked ones is a slip."""
        for one in unranked:
            near = get_close_matches(one.document, [*self.header.precedence, ORDER_FORM], n=1, cutoff=0.75)
            if near:
                what = f"the order of precedence names no `{one.document}`"
                self.report.error("unknown-document", one.key.place, what, "", f"did you mean `{near[0]}`?")
                return one.value, ""
        own = () if self.own is None else ((self.header.document, self.own),)
        among: Mapping[str, Node] = dict((*own, *((s.document, s.value) for s in self.stated)))
        first = next(iter(among.values()))
        if all(written(value) == written(first) for value in among.values()):
            return first, ""
        place = unranked[0].key.place
        names = " and ".join(f"the {name}" for name in among)
        if any(isinstance(value, Keyed) and (value.get("among") or value.get("by")) for value in among.values()):
            what = f"{names} differ in `{self.name}` of `{self.rule.name}`, and no order of precedence ranks them"
            hint = "name the documents in `order of precedence` of the agreement"
            self.report.error("no-precedence", place, what, "one of them is a choice of its own", hint)
            return first, ""
        choices = Keyed(tuple((Text(name, place), value) for name, value in among.items()), place)
        reading = f"{self.rule.name}.{self.name.replace(' ', '-')}"
        says = f"{names} differ in `{self.name}` of {self.rule.name}, and no order of precedence ranks them"
        return Keyed(((Text("among", place), choices),), place), f"{says}: it is the reading `{reading}`"

    def _says(self, value: Node) -> str:
        return f"`{self.name}` of {self.rule.name} is {_short(value)}"


def _by(stated: Stated) -> str:
    return f"{stated.document} (clause {stated.clause})" if stated.clause else stated.document


def _short(value: Node) -> str:
    text = written(value)
    return text if len(text) <= _LONGEST else text[: _LONGEST - 1].rstrip() + "…"
