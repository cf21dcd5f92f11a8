"""Figures of outages beside the share of time: their total, the longest, how many; and several services pooled."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction

from makegood.engine.judge.case import Case
from makegood.engine.judge.figures import Figure, Time, held, is_ceiling, share_of, with_more
from makegood.engine.judge.outages import Down
from makegood.model.spans import Spans
from makegood.model.statement import Verdict
from makegood.model.terms import EvidenceKind, MeasureKind, Strength
from makegood.model.trace import Kind, Node, Op, derive, leaf

ONE = leaf(Op.RULE, "one", Kind.ITEMS, Fraction(1))


def counted_outages(case: Case, down: Down, time: Time) -> tuple[Spans, ...]:
    """The outages that begin in the judged time and count, each as the part of it that is not excused."""
    found = []
    for span in down.lasting.touching(case.judged):
        part = Spans([span]) & time.down
        if span.start >= case.judged.start and part.total:
            found.append(part)
    return tuple(found)


def _most_outages(case: Case, down: Down, time: Time, seen: Spans) -> int | None:
    """How many outages may begin in the judged time, where a stretch that nobody saw may hold more than one.

    `seen` is what is down for sure. None where nothing bounds their number.
    """
    detect, shortest = case.terms.detects[case.outage.detect], case.outage.shortest
    least = max(
        detect.every if detect.evidence is EvidenceKind.OBSERVATIONS else 0,
        shortest.edge if shortest is not None else 0,
    )
    number = len(counted_outages(case, down, time))
    for span in down.lasting.touching(case.judged):
        part = Spans([span]) & time.down
        if not part.total or (part & seen).total:
            continue
        if not least:
            return None
        number += max(1, part.total // least) - (span.start >= case.judged.start)
    return number


def outage_figure(case: Case, down: Down, time: Time, more_down: int = 0, seen: Spans | None = None) -> Figure:
    """The total down time, the longest outage, or how many outages begin in the period.

    `seen` is what is down for sure, where what nobody saw is taken as down: a number of outages is then their most.
    """
    total = with_more(time.nodes[2], more_down) if more_down else time.nodes[2]
    clause = case.measure.clause
    match case.measure.kind:
        case MeasureKind.TOTAL:
            value = total
        case MeasureKind.LONGEST:
            lengths = [(Spans([s]) & time.down).total for s in down.lasting.touching(case.judged)]
            value = leaf(Op.FINDING, "the longest outage", Kind.TIME, Fraction(max(lengths, default=0)), clause)
            value = with_more(value, more_down) if more_down else value
        case _:
            most = _most_outages(case, down, time, seen) if seen is not None and is_ceiling(case) else None
            if seen is not None and is_ceiling(case) and most is None:
                says = "nobody saw all of it, and nothing bounds how many outages there were"
                return _unbounded(case, says, total)
            number = len(counted_outages(case, down, time)) if most is None else most
            value = leaf(Op.FINDING, "outages that begin in the period", Kind.ITEMS, Fraction(number), clause)
    return plain_figure(case, value if time.covered.total else None, total)


def _unbounded(case: Case, says: str, total: Node) -> Figure:
    """No figure, and the verdict of one that is as bad as can be: an aim is recorded, a running period runs."""
    verdict = Verdict.RUNNING if case.running else Verdict.BREACHED
    if case.commitment.strength is Strength.AIM:
        verdict = Verdict.RECORDED
    node = leaf(Op.FINDING, says, Kind.LABEL, verdict.value, case.measure.clause)
    return Figure(leaf(Op.RULE, "nothing", Kind.ITEMS, Fraction()), ONE, None, total, verdict, node)


def plain_figure(case: Case, value: Node | None, down: Node) -> Figure:
    """A figure that is no share: it is its own numerator. What is kept down can only grow while the period runs."""
    best = value.value if value is not None and is_ceiling(case) else None
    return alone(case, value, down, best if isinstance(best, Fraction) else None)


def alone(case: Case, value: Node | None, down: Node, best: Fraction | None) -> Figure:
    """A figure that is its own numerator, with what a running period can still come to at best, where that is known."""
    verdict, node = held(case, value, best)
    none = leaf(Op.RULE, "nothing", Kind.ITEMS, Fraction())
    return Figure(value or none, ONE if value is not None else none, value, down, verdict, node)


def pooled_figure(case: Case, members: Sequence[tuple[str, Figure, Fraction]]) -> Figure:
    """The figures of several services added up, numerators and denominators each by themselves, with their weights."""

    def added(says: str, parts: list[tuple[str, Node, Fraction]]) -> Node:
        return derive(Op.SUM, says, Kind.TIME, [_weighted(name, node, weight) for name, node, weight in parts])

    numerator = added("available time of all", [(n, f.numerator, w) for n, f, w in members])
    denominator = added("time of all that is judged", [(n, f.denominator, w) for n, f, w in members])
    down = added("down time of all", [(n, f.down, w) for n, f, w in members])
    ratio = share_of(case, numerator, denominator, "pooled availability")
    verdict, node = held(case, ratio, None)
    return Figure(numerator, denominator, ratio, down, verdict, node)


def _weighted(name: str, node: Node, weight: Fraction) -> Node:
    if weight == 1:
        return node
    factor = leaf(Op.FACT, f"weight of {name}", Kind.ITEMS, weight, None, (f"order: {name}",))
    return derive(Op.MULTIPLY, f"{node.says} of {name}, weighted", node.kind, [node, factor])
