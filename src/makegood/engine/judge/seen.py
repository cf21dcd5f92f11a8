"""What the evidence says of each service of a subject, whatever the kind of evidence."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import numpy as np

from makegood.engine.judge.case import Case
from makegood.engine.judge.down import Seen, Witness, down_of, measurements_of
from makegood.model.order import CoveredService
from makegood.model.spans import Spans, at_least
from makegood.model.terms import OF_INTERVALS, MeasureKind


def seen_of(case: Case) -> Mapping[str, Seen]:
    """What the evidence says of each service of the subject; nothing where it is a figure of tickets."""
    if case.measure.kind is MeasureKind.PERIODS:
        return seen_of(replace(case, commitment=replace(case.commitment, measure=case.measure.of)))
    if case.measure.kind in OF_INTERVALS:
        return {s.name: _measured(case, s) for s in case.services}
    if case.measure.of not in case.terms.outages:
        return {}
    rule = case.outage
    detect = case.terms.detects[rule.detect]
    return {s.name: down_of(case.world, s, detect, rule) for s in case.services}


def _measured(case: Case, service: CoveredService) -> Seen:
    made = measurements_of(case.world, service, case.measure.metric, case.measure.source)
    nothing = Spans()
    witnesses = []
    for one in made:
        told = Spans.from_edges(np.stack((one.start, one.end), axis=1))
        name = f"{one.metric} from {one.source}" if one.source else one.metric
        witnesses.append(Witness(name, told, nothing, nothing, 0))
    evidenced = at_least(1, [w.expected for w in witnesses]) if witnesses else nothing
    return Seen(nothing, nothing, evidenced, nothing, tuple(witnesses))
