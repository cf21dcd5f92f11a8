"""Two agreements compared rule by rule, and any part of the differences applied to the old one."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from makegood.app.binding import bound
from makegood.app.judging import Docket, file_bytes
from makegood.app.overlays import laid_over, read_overlays
from makegood.app.refusals import unknown_readings
from makegood.contract import link
from makegood.contract.agreement import read_agreement
from makegood.contract.choose import written
from makegood.contract.nodes import Keyed, Many, Node, Text
from makegood.contract.written import Agreement, RawRule
from makegood.engine.replaying import Change
from makegood.model.problem import Place, Problem, Refused, Severity, error


@dataclass(frozen=True)
class Draft:
    """A new agreement, with what is laid over it and read otherwise."""

    agreement: Agreement
    instead: tuple[Keyed, ...] = ()
    readings: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, eq=False)
class Part:
    """One difference, with what it takes to apply it: a rule before and after, an overlay, or a reading."""

    change: Change
    before: RawRule | None = None
    after: RawRule | None = None
    overlay: Keyed | None = None
    reading: tuple[str, str] | None = None


def open_draft(path: Path, instead: Sequence[str], readings: Mapping[str, str]) -> Draft:
    """Read the new agreement and what is laid over it. Raises Refused with every problem."""
    agreement, problems = read_agreement(file_bytes(path), str(path))
    if agreement is None:
        raise Refused(problems)
    overlays, found = read_overlays(instead, agreement)
    if any(p.severity is Severity.ERROR for p in found):
        raise Refused(found)
    return Draft(agreement, overlays, readings)


def parts_of(old: Agreement, draft: Draft) -> list[Part]:
    """Every difference between an agreement and a draft."""
    first, second = ({(r.primitive, r.name): r for r in rules} for rules in (old.rules, draft.agreement.rules))
    found = []
    for key in dict.fromkeys((*first, *second)):
        before, after = first.get(key), second.get(key)
        differs = _differing(*(None if rule is None else _whole(rule) for rule in (before, after)))
        either = after or before
        if either is not None and (differs or before is None or after is None):
            found.append(Part(Change(key[0], key[1], either.clause, differs), before, after))
    clauses = {r.name: r for r in draft.agreement.rules}
    for overlay in draft.instead:
        named = overlay.get("rule")
        name = named.text if isinstance(named, Text) else ""
        rule = clauses.get(name)
        over = Keyed(tuple((k, v) for k, v in overlay.entries if k.text != "rule"), overlay.place)
        changed = tuple((k, v) for k, v in rule.node.entries if overlay.get(k.text) is not None) if rule else ()
        differs = _differing(Keyed(changed, overlay.place), over)
        change = Change("instead", name, rule.clause if rule else None, differs)
        found.append(Part(change, overlay=overlay))
    for name, text in draft.readings.items():
        found.append(Part(Change("reading", name, None, (("", "", text),)), reading=(name, text)))
    return found


def apply(docket: Docket, parts: Sequence[Part], draft: Draft) -> tuple[Docket, list[Problem]]:
    """The order under the old agreement with some of the differences applied; without terms where that cannot bind."""
    gone = {(p.before.primitive, p.before.name) for p in parts if p.before is not None and p.after is None}
    new = {(p.after.primitive, p.after.name): p.after for p in parts if p.after is not None}
    old = docket.agreement
    kept = [new.pop((r.primitive, r.name), r) for r in old.rules if (r.primitive, r.name) not in gone]
    header = replace(old.header, plans=draft.agreement.header.plans, deployments=draft.agreement.header.deployments)
    mixed = replace(old, header=header, rules=(*kept, *new.values()))
    overlays = tuple(p.overlay for p in parts if p.overlay is not None)
    return _bound(docket, mixed, overlays, dict(p.reading for p in parts if p.reading is not None))


def under(docket: Docket, draft: Draft) -> tuple[Docket, list[Problem]]:
    """The order under the whole draft; without terms where it cannot be bound."""
    return _bound(docket, draft.agreement, draft.instead, draft.readings)


def _bound(
    docket: Docket, agreement: Agreement, overlays: tuple[Keyed, ...], readings: Mapping[str, str]
) -> tuple[Docket, list[Problem]]:
    order = replace(docket.order, readings={**(docket.order.readings or {}), **readings})
    instead = laid_over(docket.instead, overlays)
    terms, found = bound([agreement], order, instead)
    where = f"order {order.id}"
    problems = [error(p.code, Place(where), p.what, p.why, p.hint) if p.where.source == "order" else p for p in found]
    if terms:
        problems += unknown_readings(terms, readings, "--reading")
    return replace(docket, agreements=(agreement,), order=order, instead=instead, terms=terms, readings={}), problems


def together(parts: Sequence[Part], dockets: Sequence[Docket], draft: Draft) -> list[tuple[list[Part], str]]:
    """The differences, each alone where the old agreement can bind with it, else with those that it leans on.

    Where it cannot be bound even so, the reason stands beside it. Groups that share a difference are one.
    """
    groups: list[tuple[set[int], str]] = []
    for n in range(len(parts)):
        members, why = {n}, _wrong([parts[n]], dockets, draft)
        if why:
            members = _closure(n, parts)
            why = _wrong([parts[m] for m in sorted(members)], dockets, draft)
        for other in [g for g in groups if g[0] & members]:
            groups.remove(other)
            members |= other[0]
            why = _wrong([parts[m] for m in sorted(members)], dockets, draft)
        groups.append((members, why))
    return [([parts[m] for m in sorted(members)], why) for members, why in groups]


def _wrong(parts: Sequence[Part], dockets: Sequence[Docket], draft: Draft) -> str:
    for docket in dockets:
        _, problems = apply(docket, parts, draft)
        for problem in problems:
            if problem.severity is Severity.ERROR:
                return problem.what
    return ""


def _closure(start: int, parts: Sequence[Part]) -> set[int]:
    """A difference with all others that its rule names or that name it, step by step."""
    found, todo = {start}, [start]
    while todo:
        one = parts[todo.pop()]
        for n, other in enumerate(parts):
            if n not in found and (other.change.name in _names(one) or one.change.name in _names(other)):
                found.add(n)
                todo.append(n)
    return found


def _names(part: Part) -> set[str]:
    rules = [r for r in (part.before, part.after) if r is not None]
    named = {text.text for rule in rules for text, _ in link.references(rule.primitive, rule.node)}
    return named | {r.exception_to.text for r in rules if r.exception_to is not None}


def _differing(before: Node | None, after: Node | None) -> tuple[tuple[str, str, str], ...]:
    """Each path of keys at which two nodes differ, with what stands there on both sides."""
    first, second = (dict(_leaves(node, "")) if node is not None else {} for node in (before, after))
    paths = [path for path in dict.fromkeys((*first, *second)) if first.get(path) != second.get(path)]
    return tuple((path, first.get(path, ""), second.get(path, "")) for path in paths)


def _leaves(node: Node, path: str) -> Iterator[tuple[str, str]]:
    """The values of a node by their paths; a list of words is one value."""
    if isinstance(node, Keyed):
        for key, value in node.entries:
            yield from _leaves(value, f"{path}.{key.text}" if path else key.text)
    elif isinstance(node, Many) and not all(isinstance(item, Text) for item in node.items):
        for n, item in enumerate(node.items, 1):
            yield from _leaves(item, f"{path}.{n}")
    else:
        yield path, written(node)


def _whole(rule: RawRule) -> Keyed:
    """A rule with its conditions, which its node does not hold."""
    place = rule.node.place
    applies = Keyed(tuple((k, Many(tuple(Text(v, place) for v in values), place)) for k, values in rule.applies), place)
    more: list[tuple[Text, Node]] = [(Text("applies to", place), applies)] if rule.applies else []
    more += [(Text("exception to", place), rule.exception_to)] if rule.exception_to is not None else []
    return Keyed((*rule.node.entries, *more), place)
