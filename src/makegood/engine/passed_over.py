"""Evidence that is recorded of a service which has parts: the parts decide, so it is not judged, and a note says so."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from makegood.engine.judge.case import Case
from makegood.model.order import CoveredService
from makegood.model.spans import Span, Times
from makegood.model.terms import OF_INTERVALS, EvidenceKind


def passed_over(case: Case) -> tuple[str, ...]:
    """For each whole whose parts a case is about, how many records of it lie in the period and were not judged.

    Only records of the kind that the case's own measure reads are counted.
    """
    mine = {service.name for service in case.services}
    wholes = {service.part_of for service in case.services} - mine - {""}
    found = []
    for whole in (s for s in case.world.order.services if s.name in wholes):
        parts = sorted(s.name for s in case.services if s.part_of == whole.name)
        for number, what in _records(case, whole):
            if number:
                are = "is" if number == 1 else "are"
                found.append(
                    f"{number:,} {what if number == 1 else _many(what)} told of {whole.name} itself in this period and "
                    f"{are} not judged: it has parts, and {' and '.join(parts)} decide{'s' * (len(parts) == 1)}"
                )
    return tuple(found)


def _records(case: Case, whole: CoveredService) -> Iterator[tuple[int, str]]:
    """How many records of each log, check or metric there are of a service in the case's period."""
    facts, measure = case.world.facts, case.measure
    if measure.kind in OF_INTERVALS:
        yield from _measured(case, whole, measure.metric, measure.source)
        return
    if measure.of not in case.terms.outages:
        return
    rule = case.terms.detects[case.terms.outages[measure.of].detect]
    if rule.evidence is EvidenceKind.MEASUREMENTS:
        yield from _measured(case, whole, rule.metric, rule.source)
    elif rule.evidence is EvidenceKind.REPORTED:
        for log in facts.states.get(whole.name, ()):
            if rule.source in ("", log.source):
                lasting = bool((log.at < case.judged.start).any())
                yield _inside(log.at, case.judged) + lasting, f"state from {log.source}"
    else:
        for check in whole.checks:
            if check in facts.results:
                yield _inside(facts.results[check].begun, case.judged), f"result of {check}"


def _many(what: str) -> str:
    word, _, rest = what.partition(" ")
    return f"{word}s {rest}"


def _measured(case: Case, whole: CoveredService, metric: str, source: str) -> Iterator[tuple[int, str]]:
    for made in case.world.facts.measurements.get(whole.name, ()):
        if made.metric == metric and source in ("", made.source):
            yield _inside(made.start, case.judged), f"interval of {metric}"


def _inside(at: Times, span: Span) -> int:
    return int(np.count_nonzero((at >= span.start) & (at < span.end)))
