"""Hand-written facts: `*.facts.yaml`, each a list of facts that are led by their kind and id.

Facts are append-only: a wrong one is corrected by another that supersedes it, and never edited.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from makegood.contract.nodes import Keyed, Many, Node, Text
from makegood.contract.shape import Report, unknown_word
from makegood.exchange.documents import gather, in_order, read_document
from makegood.exchange.fact_kinds import KINDS
from makegood.exchange.moments import written
from makegood.model.facts import AnyFact, Cause, Item, ItemKind, Judgement, Maintenance, Notice, Retraction, Standing
from makegood.model.problem import Place, Problem

RETRACTABLE: tuple[type[AnyFact], ...] = (Maintenance, Notice, Cause, Judgement, Standing, Item)
"""The kinds that a retraction may withdraw: never another retraction, since what is withdrawn stays so."""


@dataclass(frozen=True, slots=True)
class Placed:
    """A fact and where it is written."""

    fact: AnyFact
    node: Keyed

    @property
    def name(self) -> str:
        return f"{self.kind} `{self.fact.id}`"

    @property
    def kind(self) -> str:
        """The word that its fact begins with."""
        return self.fact.kind.value if isinstance(self.fact, Item) else type(self.fact).__name__.lower()

    def place(self, key: str) -> Place:
        value = self.node.get(key)
        return value.place if value is not None else self.node.place


def read_facts(raw: bytes, source: str, by: str = "") -> tuple[list[AnyFact], list[Problem]]:
    """The facts of one file that stands alone, in the order written, and every problem in it."""
    return read_fact_files([(source, raw)], by)


def read_fact_files(files: Iterable[tuple[str, bytes]], by: str = "") -> tuple[list[AnyFact], list[Problem]]:
    """The facts of several files (name, bytes), which may refer to each other's, and every problem in them.

    `by` recorded those that do not say who did; where it is empty, that is a problem.

    A fact with an error is left out; one whose reference leads nowhere is kept, so the caller looks at the problems.
    """
    report, facts, unread = gather(), list[Placed](), set[str]()
    for source, raw in files:
        node, problems = read_document(raw, source)
        report.problems.extend(problems)
        for item in _items(node, report):
            placed = _read_fact(item, report, unread, by)
            if placed is not None:
                facts.append(placed)
    _check_links(facts, unread, report)
    return [placed.fact for placed in facts], in_order(report)


def _items(node: Node | None, report: Report) -> tuple[Node, ...]:
    if node is None:
        return ()
    if isinstance(node, Many):
        return node.items
    if isinstance(node, Text) and not node.text.strip():
        return ()
    report.error("wrong-shape", node.place, "expected a list of facts", "", "begin each fact with `- `")
    return ()


def _read_fact(node: Node, report: Report, unread: set[str], by: str) -> Placed | None:
    if not isinstance(node, Keyed) or not node.entries:
        report.error("wrong-shape", node.place, "expected a fact", "", "write for example `- maintenance: M-7`")
        return None
    lead, name = node.entries[0]
    kind = KINDS.get(lead.text)
    if kind is None:
        later = next((key for key, _ in node.entries if key.text in KINDS), None)
        if later is None:
            unknown_word(report, lead, "a fact begins with its kind; there is no kind", tuple(KINDS), "unknown-kind")
        else:
            report.error("kind-not-first", later.place, f"this {later.text} does not begin with `{later.text}`",
                         "the first key says what the fact is", f"write `- {later.text}: …` first")  # fmt: skip
        return None
    fact = kind.read(node, report, by)
    if fact is None:
        if isinstance(name, Text):
            unread.add(name.text)
        return None
    return Placed(fact, node)


def _check_links(facts: list[Placed], unread: set[str], report: Report) -> None:
    """Ids are unique over all kinds and files; what a fact refers to exists, is of a fitting kind and came before."""
    by_id: dict[str, Placed] = {}
    for placed in facts:
        first = by_id.setdefault(placed.fact.id, placed)
        if first is not placed:
            where = first.node.place
            report.error("duplicate-id", placed.node.place, f"the id `{placed.fact.id}` is taken",
                         f"it is that of the {first.kind} at {where}",
                         "give it an id of its own; a correction says `supersedes:`")  # fmt: skip
    corrected: dict[str, Placed] = {}
    for placed in facts:
        fact = placed.fact
        if isinstance(fact, Notice):
            told = _refers(placed, "of", fact.of, (Maintenance, Item), by_id, unread, report, "maintenance or change")
            if told is not None and isinstance(told.fact, Item) and told.fact.kind is not ItemKind.CHANGE:
                what = f"`of` of this {placed.name} names a {told.kind}, not a maintenance or change"
                report.error("wrong-kind", placed.place("of"), what, "", "write the id of a maintenance or change")
        if isinstance(fact, Judgement):
            _refers(placed, "about", fact.about, (Maintenance, Cause, Item), by_id, unread, report)
        if fact.supersedes:
            _corrects(placed, by_id, unread, corrected, report)


def _refers(
    placed: Placed,
    key: str,
    to: str,
    kinds: tuple[type[AnyFact], ...],
    by_id: dict[str, Placed],
    unread: set[str],
    report: Report,
    expected: str = "",
) -> Placed | None:
    target = by_id.get(to)
    expected = expected or ("fact to retract" if kinds is RETRACTABLE else _words(kinds))
    if target is None:
        if to not in unread:
            known = [i for i, other in by_id.items() if isinstance(other.fact, kinds)] or list(by_id)
            at = Text(to, placed.place(key))
            unknown_word(report, at, f"this {placed.name} refers to an unknown {expected}", known[:50], "unknown-id")
        return None
    if not isinstance(target.fact, kinds):
        what = f"`{key}` of this {placed.name} names a {target.kind}, not a {expected}"
        why = "what was retracted stays so: record it again under a new id" if kinds is RETRACTABLE else ""
        report.error("wrong-kind", placed.place(key), what, why, f"write the id of a {expected}")
        return None
    return target


def _words(kinds: tuple[type[AnyFact], ...]) -> str:
    return " or ".join("record of events" if kind is Item else kind.__name__.lower() for kind in kinds)


def _corrects(
    placed: Placed, by_id: dict[str, Placed], unread: set[str], corrected: dict[str, Placed], report: Report
) -> None:
    fact, where = placed.fact, placed.place("supersedes")
    if fact.supersedes == fact.id:
        report.error("supersedes-itself", where, f"this {placed.name} supersedes itself", "", "write another id")
        return
    kinds = RETRACTABLE if isinstance(fact, Retraction) else (type(fact),)
    target = _refers(placed, "supersedes", fact.supersedes, kinds, by_id, unread, report)
    if target is None:
        return
    if (other := corrected.setdefault(fact.supersedes, placed)) is not placed:
        what = f"`{fact.supersedes}` is superseded twice"
        why = f"by `{other.fact.id}` at {other.node.place} as well, and both would count"
        report.error("superseded-twice", where, what, why, "let the later one supersede the earlier one")
    if fact.recorded < target.fact.recorded:
        what = f"this {placed.name} was recorded at {written(fact.recorded)}, before what it corrects"
        why = f"`{target.fact.id}` was recorded at {written(target.fact.recorded)}"
        report.error("recorded-early", where, what, why, "write when the correction became known")
    elif _leads_back(placed, by_id):
        report.error("supersedes-circle", where, f"this {placed.name} supersedes itself by way of others",
                     "all of them would vanish", "write the id of the fact that it corrects")  # fmt: skip


def _leads_back(placed: Placed, by_id: dict[str, Placed]) -> bool:
    seen, at = {placed.fact.id}, placed.fact.supersedes
    while at in by_id and at not in seen:
        seen.add(at)
        at = by_id[at].fact.supersedes
    return at == placed.fact.id
