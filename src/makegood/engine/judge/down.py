"""From evidence to down time: what each check or source saw, detected twice, and combined into a service.

The favourable run takes what nobody saw as up, the unfavourable run as down wherever it may have been (DESIGN 3.5).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction

import numpy as np
from numpy.typing import NDArray

from makegood.engine.detect.grid import gridded, slotted, together
from makegood.engine.detect.outages import detect
from makegood.engine.detect.sheets import grid_of_runs
from makegood.engine.judge.case import World
from makegood.model.detection import Detection, quorum_of
from makegood.model.facts import DOWN, UNKNOWN, Measurements, Quantity, Results, States
from makegood.model.findings import Finding
from makegood.model.grid import Grid
from makegood.model.order import CoveredService
from makegood.model.runs import RunResults
from makegood.model.spans import END_OF_TIME, Duration, Instant, Spans, Times, Truths, at_least
from makegood.model.terms import FAILED, Condition, DetectRule, EvidenceKind, OutageRule
from makegood.model.threshold import Side, Threshold


@dataclass(frozen=True, eq=False)
class Seen:
    """What the evidence says of one service, or of one check.

    `favourable` and `unfavourable` are the raw down time of the two runs. `evidenced` is where enough was seen to tell,
    `pending` where later evidence may still change an outage. `by` names who saw what, for each location: expected and
    seen time in microseconds, and the favourable down time there.
    """

    favourable: Spans
    unfavourable: Spans
    evidenced: Spans
    pending: Spans
    by: tuple[Witness, ...] = ()
    slots: tuple[int, int] = (0, 0)


@dataclass(frozen=True, eq=False)
class Witness:
    """One location of one check, or one source: when it was to see, when it did not, when the service failed."""

    name: str
    expected: Spans
    blind: Spans
    failing: Spans
    every: int
    location: str = ""


NOTHING_SEEN = Seen(Spans(), Spans(), Spans(), Spans())


def down_of(world: World, service: CoveredService, detect_rule: DetectRule, outage: OutageRule) -> Seen:
    """The down time of one service under one detection and its dating, over all the evidence that is known."""
    key = (service.name, detect_rule, outage.begins, outage.ends)
    if key not in world.evidence:
        world.evidence[key] = _service(world, service, detect_rule, outage)
    found: Seen = world.evidence[key]
    for supposed in world.supposed:
        if supposed.service == service.name:
            found = _supposing(found, Spans([supposed.span]), supposed.down)
    return found


def _supposing(seen: Seen, span: Spans, down: bool) -> Seen:
    if down:
        best, worst = seen.favourable | span, seen.unfavourable | span
    else:
        best, worst = seen.favourable - span, seen.unfavourable - span
    return replace(seen, favourable=best, unfavourable=worst, evidenced=seen.evidenced | span)


def _service(world: World, service: CoveredService, rule: DetectRule, outage: OutageRule) -> Seen:
    if rule.evidence is EvidenceKind.REPORTED:
        told = [s for s in world.facts.states.get(service.name, ()) if rule.source in ("", s.source) and len(s.at)]
        parts = [reported(states, rule, world.as_of) for states in told]
    elif rule.evidence is EvidenceKind.MEASUREMENTS:
        parts = [measured(made, rule) for made in measurements_of(world, service, rule.metric, rule.source)]
    else:
        parts = [seen for c in service.checks if (seen := _watched(world, rule, outage).get(c)) is not None]
    if not parts:
        return NOTHING_SEEN
    if rule.evidence is EvidenceKind.OBSERVATIONS:
        parts += [NOTHING_SEEN] * (len(service.checks) - len(parts))
    k = len(parts) if rule.checks == "all" else int(rule.checks.removeprefix("any").removeprefix("at least") or 1)
    return Seen(
        at_least(k, [p.favourable for p in parts]),
        at_least(k, [p.unfavourable | _unseen(p, parts) for p in parts]),
        at_least(1, [p.evidenced for p in parts]),
        at_least(1, [p.pending for p in parts]),
        tuple(w for p in parts for w in p.by),
        (sum(p.slots[0] for p in parts), sum(p.slots[1] for p in parts)),
    )


def _watched(world: World, rule: DetectRule, outage: OutageRule) -> Mapping[str, Seen]:
    """What was seen of every check of the order that has results, by its name; all of them are detected together."""
    key = (_watched, rule, outage.begins, outage.ends)
    if key not in world.evidence:
        names = dict.fromkeys(c for service in world.order.services for c in service.checks)
        results = [r for c in names if (r := world.facts.results.get(c)) is not None and len(r)]
        world.evidence[key] = dict(zip((r.check for r in results), checked(results, rule, outage), strict=True))
    found: Mapping[str, Seen] = world.evidence[key]
    return found


def _unseen(part: Seen, parts: list[Seen]) -> Spans:
    """Where other checks of the service were already seen and this one was not."""
    return at_least(1, [p.evidenced for p in parts]) - part.evidenced


def checked(many: Sequence[Results], rule: DetectRule, outage: OutageRule) -> list[Seen]:
    """What the results of some checks say, put into their slots and detected in both runs.

    Checks that were watched from the same locations are one grid and one sweep. With fewer locations than the quorum
    asks for, nothing can be confirmed and nothing counts as seen.
    """
    heard = [_heard(results) for results in many]
    alike: dict[tuple[str, ...], list[int]] = {}
    for n, results in enumerate(heard):
        alike.setdefault(results.locations, []).append(n)
    found: dict[int, Seen] = {}
    for locations, numbers in alike.items():
        some = [heard[n] for n in numbers]
        detection = detection_of(rule, outage, len(locations))
        if detection is None:
            found |= {n: too_few(results.check, locations) for n, results in zip(numbers, some, strict=True)}
            continue
        findings, _ = detect(detection, _grid(some, rule.every))
        for check, (n, results) in enumerate(zip(numbers, some, strict=True)):
            found[n] = seen_of(results.check, locations, findings.of(check), detection)
    return [found[n] for n in range(len(many))]


def detection_of(rule: DetectRule, outage: OutageRule, locations: int) -> Detection | None:
    """The rules for a check that so many locations watch; None where they cannot be as many as the quorum."""
    try:
        k = quorum_of(rule.locations, locations)
    except ValueError:
        return None
    return Detection(rule.every, rule.fails_after, rule.recovers_after, k, outage.begins, outage.ends, rule.timeout)


def tell(world: World, rule: DetectRule, outage: OutageRule, seen: Mapping[str, Seen]) -> None:
    """Tell a world what was seen of the checks of its order, by their names, instead of results to detect it in."""
    world.evidence[_watched, rule, outage.begins, outage.ends] = seen


def _grid(checks: Sequence[Results], every: Duration) -> Grid:
    """One grid of checks that were watched from the same locations; from runs where all of them lie on one sheet."""
    runs = [one for one in checks if isinstance(one, RunResults) and one.sheet.every == every]
    if len(runs) == len(checks) and all(one.sheet is runs[0].sheet for one in runs):
        return grid_of_runs(runs)
    return together(_grids(checks, every))


def _grids(checks: Sequence[Results], every: Duration) -> list[Grid]:
    """A grid for each check, from its first slot with a result to its last, all of them ending with the same slot.

    Slots begin at whole multiples of their length since 1970 UTC.
    """
    firsts = [int(results.begun.min()) // every for results in checks]
    lasts = [int(results.begun.max()) // every + 1 for results in checks]
    end = max(last - first for first, last in zip(firsts, lasts, strict=True))
    return [
        gridded(
            slotted(r.begun, r.location, r.outcome, r.locations, (last - end) * every, every), end - last + first, end
        )
        for r, first, last in zip(checks, firsts, lasts, strict=True)
    ]


def seen_of(check: str, locations: Sequence[str], found: Finding, detection: Detection) -> Seen:
    """What was seen of a check by what was detected of it, under a rule whose quorum is a number."""
    assert isinstance(detection.locations, int)
    return Seen(
        found.favourable.down,
        found.unfavourable.down,
        at_least(detection.locations, list(found.expected)),
        found.favourable.provisional | found.unfavourable.provisional,
        tuple(
            Witness(f"{check} from {name}", expected, blind, failing, detection.every, name)
            for name, expected, blind, failing in zip(
                locations, found.expected, found.blind, found.favourable.failing, strict=True
            )
        ),
        (sum(found.expected_slots), sum(found.seen_slots)),
    )


def _heard(results: Results) -> Results:
    """The results with only the locations that have one: a location that is not known yet has no count."""
    if isinstance(results, RunResults):
        return results  # its locations have one
    there = np.unique(results.location)
    if len(there) == len(results.locations):
        return results
    names = tuple(results.locations[i] for i in there.tolist())
    location = np.searchsorted(there, results.location).astype(np.int16)
    return Results(results.check, names, results.begun, location, results.outcome, results.recorded)


def too_few(check: str, locations: Sequence[str]) -> Seen:
    """What counts as seen of a check whose locations are fewer than the quorum: nothing."""
    nowhere = Spans()
    witnesses = tuple(Witness(f"{check} from {name}", nowhere, nowhere, nowhere, 0) for name in locations)
    return Seen(nowhere, nowhere, nowhere, nowhere, witnesses)


def measurements_of(world: World, service: CoveredService, metric: str, source: str) -> list[Measurements]:
    """What was measured of a service of one metric, from one source or from all."""
    made = world.facts.measurements.get(service.name, ())
    return [m for m in made if m.metric == metric and source in ("", m.source) and len(m.start)]


def measured(made: Measurements, rule: DetectRule) -> Seen:
    """One source of measurements: an interval is down in which every condition holds, and unseen where one of their
    quantities is not known. Of an interval in which nothing was valid, no share failed."""
    bad, known = np.ones(len(made.start), dtype=np.bool_), np.ones(len(made.start), dtype=np.bool_)
    for condition in rule.bad:
        holds, told = _holding(condition, made)
        bad &= holds
        known &= told
    edges = np.stack((made.start, made.end), axis=1)
    down = Spans.from_edges(edges[bad & known])
    unknown = Spans.from_edges(edges[~known])
    evidenced = Spans.from_edges(edges)
    name = f"{made.metric} from {made.source}" if made.source else made.metric
    witness = Witness(name, evidenced, unknown, down, 0)
    return Seen(down, down | unknown, evidenced - unknown, Spans(), (witness,), (0, 0))


def _holding(condition: Condition, made: Measurements) -> tuple[Truths, Truths]:
    """For each interval, whether the condition holds, and whether its quantities are known; exact, in integers."""
    names: tuple[str, ...] = ("valid", "good") if condition.quantity == FAILED else (condition.quantity,)
    names += (condition.times,) if condition.times else ()
    columns = [made.quantities.get(name) for name in names]
    if any(c is None for c in columns):
        nothing = np.zeros(len(made.start), dtype=np.bool_)
        return nothing, nothing
    held = [c for c in columns if c is not None]
    known: Truths = np.logical_and.reduce([c.known for c in held])
    of, of_places = (held[-1].values, held[-1].places) if condition.times else (np.ones(len(known), dtype=np.int64), 0)
    if condition.quantity != FAILED:
        return known & _beyond(condition.bad, held[0].values, held[0].places, of, of_places), known
    valid, good = _common(held[0], held[1])
    of = of.astype(object) * valid if condition.times else valid
    return known & (valid != 0) & _beyond(condition.bad, valid - good, 0, of, of_places), known


def _common(one: Quantity, other: Quantity) -> tuple[Times, Times]:
    """Two columns in one unit, that of the finer of them."""
    places = max(one.places, other.places)
    return _times(one.values, 10 ** (places - one.places)), _times(other.values, 10 ** (places - other.places))


def _beyond(bad: Threshold[Fraction], values: Times, places: int, of: Times, of_places: int) -> Truths:
    """Whether each value, in units of 10**-places, is on the side of the edge times `of`: both are multiplied by their
    denominators, which are above zero."""
    left = _times(values, bad.edge.denominator * 10**of_places)
    right = _times(of, bad.edge.numerator * 10**places)
    match bad.side:
        case Side.AT_LEAST:
            found = left >= right
        case Side.MORE_THAN:
            found = left > right
        case Side.BELOW:
            found = left < right
        case Side.AT_MOST:
            found = left <= right
        case Side.EXACTLY:
            found = left == right
    return np.asarray(found, dtype=np.bool_)


def _times(values: Times, factor: int) -> Times:
    """Each value so many times, exactly: as int64 where that holds all of them, else as Python's integers."""
    most = int(np.abs(values).max(initial=0)) * abs(factor)
    return values * factor if max(most, abs(factor)) < 2**63 else values.astype(object) * factor


def reported(states: States, rule: DetectRule, as_of: Instant) -> Seen:
    """One source that told something: each state holds until the next, the last no longer than the rule says.

    Between the earliest and the latest instant of a change, the runs differ; a state that is only repeated is none.
    Unknown states are unseen.
    """
    last = int(states.at[-1])
    end = min(as_of, last + (rule.holds or 0)) if as_of >= last else as_of
    ends_late = np.append(states.at[1:], end)
    ends_early = np.append(states.earliest[1:], end)
    down, unknown = states.outcome == DOWN, states.outcome == UNKNOWN

    def spans(mask: NDArray[np.bool_], starts: Times, stops: Times) -> Spans:
        return Spans.from_edges(np.stack((starts[mask], np.maximum(starts[mask], stops[mask])), axis=1))

    again = np.append(states.outcome[1:] == states.outcome[:-1], False)
    evidenced = Spans([(int(states.earliest[0]), max(end, int(states.earliest[0])))])
    blind = spans(unknown, states.earliest, ends_late)
    favourable = spans(down, states.at, np.where(again, ends_late, ends_early))
    unfavourable = spans(down, states.earliest, ends_late) | blind
    still = bool(down[-1]) and last + (rule.holds or 0) >= as_of
    pending = Spans([(last, END_OF_TIME)]) if still else Spans()
    witness = Witness(f"the log {states.source}", evidenced, blind, favourable, 0)
    return Seen(favourable, unfavourable, evidenced - blind, pending, (witness,), (0, 0))
