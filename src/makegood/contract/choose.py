"""Choices inside a rule: by plan or deployment, and by reading. What is left is one value, and a record of the choice.

A value may be written `{by: plan, standard: …, premier: …}`, and any value may be a reading:
`{among: […], chosen: …, because: …, clauses: […]}`, or with labels `{among: {label: value, …}, chosen: label, …}`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from makegood.contract.nodes import Keyed, Many, Node, Text
from makegood.contract.shape import UNSTATED, Report, unknown_word
from makegood.model.terms import Choice

_READING_KEYS = ("among", "chosen", "because", "clauses")


@dataclass
class Chooser:
    """Resolves one rule for one order. `chosen` overrides readings by their id; `choices` records what was used.

    `facts` are all that an order may be asked in a `by`; every other `by` names a class and stays in the rule.
    """

    rule: str
    facts: Mapping[str, str]
    chosen: Mapping[str, str]
    report: Report
    choices: list[Choice] = field(default_factory=list)

    def resolve(self, node: Node, path: str) -> Node:
        """The node with every choice made."""
        if isinstance(node, Many):
            items = tuple(self.resolve(item, f"{path}.{n}") for n, item in enumerate(node.items, 1))
            return Many(items, node.place)
        if not isinstance(node, Keyed):
            return node
        if node.get("among") is not None:
            return self.resolve(self._read(node, path), path)
        if node.get("chosen") is not None and node.get("by") is None:
            return self._without_among(node)
        by = node.get("by")
        if isinstance(by, Text) and by.text in self.facts:
            return self.resolve(self._by(node, by), path)
        entries = tuple((key, self.resolve(value, f"{path}.{_slug(key.text)}")) for key, value in node.entries)
        return Keyed(entries, node.place)

    def _without_among(self, node: Keyed) -> Node:
        what, why = "a reading does not say `among`", "the other side will ask what else was possible"
        self.report.error("missing-key", node.place, what, why, "write `among: [a, b]`")
        return Text(UNSTATED, node.place)

    def _by(self, node: Keyed, by: Text) -> Node:
        wanted = self.facts.get(by.text, "")
        value = node.get(wanted) or node.get("otherwise")
        if value is not None:
            return value
        labels = [key.text for key, _ in node.entries if key.text != "by"]
        self.report.error(
            unknown_code(by.text),
            node.place,
            f"the order's {by.text} `{wanted}` is not one that this rule knows"
            if wanted
            else f"this depends on the order's {by.text}, and none is named",
            f"the rule distinguishes {', '.join(f'`{x}`' for x in labels)}",
            f"list them in the block `agreement`, as in `{by.text}s: [{', '.join(labels)}]`; an order then names one"
            if labels
            else f"write a value for each {by.text}",
        )
        return Text(UNSTATED, node.place)

    def _read(self, node: Keyed, path: str) -> Node:
        for key, _ in node.entries:
            if key.text not in _READING_KEYS:
                unknown_word(self.report, key, "a reading has no key", _READING_KEYS, "unknown-key")
        among = node.get("among")
        labels: tuple[str, ...] = ()
        values: tuple[Node, ...] = ()
        if isinstance(among, Many):
            values = among.items
            labels = tuple(written(v) for v in values)
        elif isinstance(among, Keyed):
            labels, values = among.keys(), tuple(v for _, v in among.entries)
        if len(values) < 2:
            self.report.error(
                "one-alternative", node.place, "a reading needs two alternatives or more", "", "write `among: [a, b]`"
            )
            return Text(UNSTATED, node.place)
        index = self._index(node, path, labels)
        because = node.get("because")
        clauses = node.get("clauses")
        if node.get("chosen") is not None and index is not None and not isinstance(because, Text):
            self.report.error(
                "no-reason",
                node.place,
                "a reading was chosen without saying why",
                "the other side will ask",
                "write `because: …`",
            )
        self.choices.append(
            Choice(
                path,
                self.report.clause,
                self.rule,
                labels,
                index,
                because.text if isinstance(because, Text) else "",
                tuple(written(c) for c in clauses.items) if isinstance(clauses, Many) else (),
            )
        )
        return Text(UNSTATED, node.place) if index is None else values[index]

    def _index(self, node: Keyed, path: str, labels: tuple[str, ...]) -> int | None:
        override = self.chosen.get(path)
        if override is not None and override in labels:
            return labels.index(override)
        chosen = node.get("chosen")
        if chosen is None:
            return None
        word = written(chosen)
        if word in labels:
            return labels.index(word)
        at = chosen if isinstance(chosen, Text) else Text(word, chosen.place)
        unknown_word(self.report, at, "there is no alternative", labels, "unknown-alternative")
        return None


def unknown_code(fact: str) -> str:
    """The code of a problem about a word of an order that is not known."""
    return f"unknown-{fact}" if fact in ("plan", "deployment") else "unknown-fact"


def written(node: Node) -> str:
    """A value as one line of text, to name an alternative by."""
    if isinstance(node, Text):
        return node.text
    if isinstance(node, Many):
        return ", ".join(written(item) for item in node.items)
    return ", ".join(f"{key.text}: {written(value)}" for key, value in node.entries)


def _slug(key: str) -> str:
    return key.replace(" ", "-")
