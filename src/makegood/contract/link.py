"""Names between rules: which rule may name which, and what is wrong where a name leads nowhere."""

from __future__ import annotations

import re
from collections.abc import Container, Iterator, Mapping

from makegood.contract.expressions import expression
from makegood.contract.nodes import Keyed, Many, Node, Text
from makegood.contract.rules.clock import EVENTS
from makegood.contract.rules.limit import MORE_THAN
from makegood.contract.shape import UNSTATED, Report, article, either, unknown_word
from makegood.contract.written import Header
from makegood.contract.wrong import Wrong
from makegood.model.expression import names_in
from makegood.model.terms import WITHIN

BUILT_IN = (
    *("shortfall", "downtime", "availability", "figure", "target", "unlimited"),
    *("allowed-downtime", "excess-downtime", "covered-time", "outages"),
)
"""Names that an amount may use without a rule: figures of the statement at hand."""

TARGETS: Mapping[tuple[str, str], tuple[str, ...]] = {
    ("period", "in"): ("calendar",),
    ("outage", "from"): ("detect",),
    ("measure", "of"): ("outage", "clock", "measure", "count"),
    ("measure", "service hours"): ("calendar",),
    ("target", "over"): ("period",),
    ("target", "measures"): ("measure",),
    ("exclude", "from"): ("target",),
    ("exclude", "in"): ("calendar",),
    ("count", "of"): ("remedy", "target", "outage"),
    ("count", "in"): ("calendar",),
    ("limit", "on"): ("exclude", "remedy", "duty"),
    ("limit", "in"): ("calendar",),
    ("remedy", "when missed"): ("target",),
    ("clock", "for"): ("remedy", "target", "exclude"),
    ("scale", "of"): ("target", "count", "basis", "scale"),
    ("clock", "in"): ("calendar",),
}
"""Which keys name other rules, and of which primitives these may be."""

_AMOUNTS = (
    *(("limit", "most"), ("limit", "least"), ("remedy", "amount")),
    *(("remedy", "a day is worth"), ("remedy", "a point is worth")),
)
_IN_AMOUNTS = ("scale", "basis", "count", "target")


def references(
    primitive: str, node: Keyed, built_in: Container[str] = BUILT_IN
) -> Iterator[tuple[Text, tuple[str, ...]]]:
    """Every name that a rule uses, with the primitives it may lead to; those built in lead to no rule."""
    for key, value in node.entries:
        if (primitive, key.text) in TARGETS:
            for text in _texts(value):
                if primitive != "scale" or text.text not in built_in:
                    yield text, TARGETS[primitive, key.text]
        elif (primitive, key.text) in _AMOUNTS and isinstance(value, Text):
            parsed = expression(value.text.removeprefix(MORE_THAN))
            if not isinstance(parsed, Wrong):
                for name in sorted(names_in(parsed)):
                    if name not in built_in:
                        yield Text(name, value.place), _IN_AMOUNTS
        elif primitive in ("limit", "count") and key.text == "over":
            if isinstance(value, Text) and " " not in value.text:
                yield value, ("period",)
        elif primitive == "remedy" and key.text == "when count" and isinstance(value, Keyed):
            yield from ((t, ("count",)) for t in _texts(value.get("of")))
        elif primitive == "clock" and key.text == "allow" and isinstance(value, Keyed):
            yield from ((t, ("class",)) for t in _texts(value.get("by")))
            for label, allowed in value.entries:
                if label.text != "by":
                    yield from _allowance(allowed)
        elif primitive == "clock" and key.text == "allow":
            yield from _allowance(value)
        elif primitive == "class" and key.text == "rows" and isinstance(value, Many):
            for row in value.items:
                when = row.get("when") if isinstance(row, Keyed) else None
                for fact, calendars in when.entries if isinstance(when, Keyed) else ():
                    if fact.text.endswith(f" {WITHIN}"):
                        yield from ((t, ("calendar",)) for t in _texts(calendars))
        elif primitive == "exclude" and key.text in ("gates", "clips", "expect") and isinstance(value, Keyed):
            for _, gate in value.entries:
                if isinstance(gate, Keyed):
                    yield from ((t, ("calendar",)) for k in ("in", "hours of") for t in _texts(gate.get(k)))


_LISTS = (("exclude", "from"), ("limit", "on"))
"""Keys that name several rules, each for itself: where one does not apply, the others still do."""


def without(primitive: str, node: Keyed, gone: Container[str]) -> Keyed:
    """The rule without those names in its lists that do not apply, while one is left; else the same node."""
    entries = []
    for key, value in node.entries:
        if (primitive, key.text) in _LISTS and isinstance(value, Many):
            left = tuple(i for i in value.items if not (isinstance(i, Text) and i.text in gone))
            if left and len(left) < len(value.items):
                value = Many(left, value.place)
        entries.append((key, value))
    changed = any(a is not b for (_, a), (_, b) in zip(entries, node.entries, strict=True))
    return Keyed(tuple(entries), node.place) if changed else node


def _allowance(value: Node) -> Iterator[tuple[Text, tuple[str, ...]]]:
    """The period or the clock that a single allowance names."""
    if not isinstance(value, Text):
        return
    if found := re.fullmatch(r"end of the \S+ (\S+?)(?: after)?", value.text):
        yield Text(found[1], value.place), ("period",)
    elif found := re.fullmatch(r"\S+ x ([a-z][a-z0-9-]*)", value.text):
        yield Text(found[1], value.place), ("clock",)


def _check_events(node: Keyed, header: Header, report: Report) -> None:
    value = node.get("from")
    if not isinstance(value, Text):
        return
    known = (*EVENTS, *header.events)
    for event in re.split(" and | or ", value.text):
        if event not in known:
            hint = "events are: " + ", ".join(known) + "; list others under `events` in the block `agreement`"
            report.error("unknown-event", value.place, f"no clock starts from `{event}`", "", hint)


def check(primitive: str, node: Keyed, known: Mapping[str, str], report: Report, header: Header) -> None:
    """Report every name that leads to no rule, or to a rule of the wrong kind, and events that nobody knows."""
    if primitive == "clock":
        _check_events(node, header, report)
    for text, wanted in references(primitive, node, (*BUILT_IN, *header.numbers)):
        if text.text == UNSTATED:
            continue
        found = known.get(text.text)
        if found is None:
            fitting = [name for name, kind in known.items() if kind in wanted]
            unknown_word(report, text, f"there is no {either(wanted)} named", fitting, "unknown-name")
        elif found not in wanted:
            report.error(
                "wrong-kind",
                text.place,
                f"`{text.text}` is {article(found)}, and {article(either(wanted))} is needed here",
                "",
                f"name {article(either(wanted))}",
            )


def _texts(node: Node | None) -> list[Text]:
    if isinstance(node, Text):
        return [node]
    return [item for item in node.items if isinstance(item, Text)] if isinstance(node, Many) else []
