"""From down time to outages that count: grain, shortest, and the time beyond (DESIGN 3.6)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from makegood.calendar.business import hours
from makegood.calendar.zone import Zone, ordinal_of
from makegood.engine.judge.case import Case
from makegood.engine.judge.down import Seen, down_of
from makegood.model.order import CoveredService
from makegood.model.spans import DAY, Duration, Spans, Times, at_least
from makegood.model.statement import RunName
from makegood.model.terms import Counted, OutageRule


@dataclass(frozen=True, eq=False)
class Down:
    """The outages of one subject in one run, over all time: raw, those that count, and the time of these that counts.

    `counted` and `by_service`, the part of each service, are inside the order and the service hours, as excuses and
    their limits look at them (DESIGN 3.6).
    """

    raw: Spans
    lasting: Spans
    counted: Spans
    by_service: Mapping[str, Spans]


def outages_of(case: Case, run: RunName) -> Down:
    """Outages of the subject in one run, over all the evidence and the unseen parts of the period."""
    rule, world, measure = case.outage, case.world, case.measure
    names = tuple(s.name for s in case.services)
    hours_of = case.calendar(measure.service_hours) if measure.service_hours else None
    asked = (case.terms.detects[rule.detect], rule, measure.unknown, hours_of, case.period.zone, case.quorum)
    key = (outages_of, names, asked, run, world.supposed)
    if key not in world.evidence:
        world.evidence[key] = _outages(case, run)
    found: Down = world.evidence[key]
    return found


def _outages(case: Case, run: RunName) -> Down:
    rule = case.outage
    detect = case.terms.detects[rule.detect]
    raw_by_service: dict[str, Spans] = {}
    for service in case.services:
        seen = down_of(case.world, service, detect, rule)
        raw_by_service[service.name] = grained(_run(case, service, seen, run), rule, case.period.zone)
    raw = at_least(case.quorum, list(raw_by_service.values()))
    lasting = long_enough(raw, rule)
    counted = what_counts(lasting, rule)
    by_service = {
        s.name: covered_hours(case, Spans([case.world.covered(s)]) & raw_by_service[s.name] & counted)
        for s in case.services
    }
    return Down(raw, lasting, at_least(case.quorum, list(by_service.values())), by_service)


def covered_hours(case: Case, spans: Spans) -> Spans:
    """The part of some spans that lies inside the service hours."""
    calendar = case.calendar(case.measure.service_hours) if case.measure.service_hours else None
    hull = spans.hull
    return spans & hours(calendar, hull) if calendar and hull else spans


def _run(case: Case, service: CoveredService, seen: Seen, run: RunName) -> Spans:
    decided = case.measure.unknown
    if decided == "up" or (run is RunName.FAVOURABLE and decided != "down"):
        return seen.favourable
    covered = case.world.covered(service)
    known = Spans([(covered.start, max(covered.start, min(covered.end, case.world.as_of)))])
    return seen.unfavourable | (known - seen.evidenced)


def grained(down: Spans, rule: OutageRule, zone_name: str) -> Spans:
    """Down time in whole cells counted from each local midnight; a cell is down when any, all or half of it is.

    A date's last cell ends with the date, shorter where the date's length is no multiple of the cell. Only the cells
    that hold a start or an end need a look; those between are down whole.
    """
    if rule.grain is None or not len(down):
        return down
    dates = _midnights(down, Zone.named(zone_name))
    heads, tails = _cells(down.edges[:, 0], dates, rule.grain), _cells(down.edges[:, 1] - 1, dates, rule.grain)
    cells = np.unique(np.concatenate((heads, tails)), axis=0)
    inside, whole = _before(cells[:, 1], down) - _before(cells[:, 0], down), cells[:, 1] - cells[:, 0]
    counts = {"any": inside > 0, "all": inside == whole, "half": 2 * inside >= whole}[rule.grain_down]
    between = np.stack((heads[:, 1], tails[:, 0]), axis=1)
    return Spans.from_edges(np.concatenate((cells[counts], between[between[:, 0] < between[:, 1]])))


def _midnights(down: Spans, zone: Zone) -> Times:
    """The first instants of the local dates that some spans lie in, and of the date after them."""
    first, last = (ordinal_of(zone.date_of(int(edge))) for edge in (down.edges[0, 0], down.edges[-1, 1]))
    return zone.instants(np.arange(first, last + 2, dtype=np.int64) * DAY)


def _cells(instants: Times, dates: Times, grain: Duration) -> Times:
    """The cell that holds each instant, int64[n, 2]."""
    at = np.searchsorted(dates, instants, side="right") - 1
    start = dates[at] + (instants - dates[at]) // grain * grain
    return np.stack((start, np.minimum(start + grain, dates[at + 1])), axis=1)


def _before(instants: Times, spans: Spans) -> Times:
    """The time inside the spans before each instant, in microseconds."""
    starts, ends = spans.edges[:, 0], spans.edges[:, 1]
    sums = np.concatenate(([0], np.cumsum(ends - starts)))
    at = np.searchsorted(starts, instants, side="left")
    beyond = np.maximum(np.concatenate((starts[:1], ends))[at] - instants, 0) * (at > 0)
    inside: Times = sums[at] - beyond
    return inside


def long_enough(raw: Spans, rule: OutageRule) -> Spans:
    """The outages that are long enough to count, tested whole: across period ends and before anything is excused."""
    if rule.shortest is None:
        return raw
    shortest = rule.shortest
    return Spans([s for s in raw if shortest.holds(s.length)])


def what_counts(lasting: Spans, rule: OutageRule) -> Spans:
    """All of each outage, or its time beyond the shortest one."""
    if rule.counted is Counted.ALL or rule.shortest is None:
        return lasting
    return Spans([(min(s.start + rule.shortest.edge, s.end), s.end) for s in lasting])
