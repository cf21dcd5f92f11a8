"""Evidence to down time as the design states it (3.3 to 3.6): every slot looked at, in both runs, by plain loops."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil

from makegood.model.facts import DOWN, UNKNOWN, UP, Results, States
from makegood.model.order import CoveredService
from makegood.model.terms import Counted, DetectRule, EvidenceKind, OutageRule
from tests.exact.bits import runs, span
from tests.exact.edges import Edges
from tests.exact.question import Question
from tests.exact.stage import TICK, Face
from tests.exact.thresholds import on_side


@dataclass(frozen=True)
class Part:
    """What one check or source says of a service: down at best, down at worst, and where it says anything."""

    best: int
    worst: int
    told: int


def evidence(q: Question, service: CoveredService, detect: DetectRule, outage: OutageRule, edges: Edges) -> list[Part]:
    """A part for each source of states, or for each check that has any result; the checks without one say nothing."""
    if detect.evidence is EvidenceKind.REPORTED:
        named = [s for s in q.facts.states.get(service.name, ()) if detect.source in ("", s.source)]
        sources = [_known(s, q.as_of) for s in named]
        return [reported(q, rows, detect, edges) for rows in sources if rows]
    heard = [rows for c in service.checks if c in q.facts.results and (rows := _heard(q.facts.results[c], q.as_of))]
    if not heard:
        return []
    found = [checked(q, rows, detect, outage, edges) for rows in heard]
    return [*found, *[Part(0, 0, 0)] * (len(service.checks) - len(found))]


def combined(parts: Sequence[Part], detect: DetectRule, known: int) -> tuple[int, int]:
    """A service's raw down time at best and at worst; `known` is the time in which it could have been seen."""
    someone = 0
    for part in parts:
        someone |= part.told
    if not parts:
        return 0, known
    least = {"all": len(parts), "any": 1}.get(detect.checks) or int(detect.checks.removeprefix("at least "))
    best = at_least(least, [p.best for p in parts])
    worst = at_least(least, [p.worst | (someone & ~p.told) for p in parts])
    return best, worst | (known & ~someone)


def at_least(least: int, votes: Sequence[int]) -> int:
    """The ticks that at least so many of the votes hold."""
    reached = [-1] + [0] * least
    for vote in votes:
        for n in range(least, 0, -1):
            reached[n] |= reached[n - 1] & vote
    return reached[least]


Row = tuple[int, int, int]


def _known(states: States, as_of: int) -> list[Row]:
    """(latest, earliest, outcome) of what was recorded by then."""
    columns = (states.at.tolist(), states.earliest.tolist(), states.outcome.tolist(), states.recorded.tolist())
    return [(at, early, said) for at, early, said, recorded in zip(*columns, strict=True) if recorded <= as_of]


def reported(q: Question, rows: list[Row], detect: DetectRule, edges: Edges) -> Part:
    """Each state holds until the next; between an earliest and a latest instant, either may."""
    tick = q.stage.tick
    expires = tick(rows[-1][0] + (detect.holds or 0))
    if detect.holds:  # what is believed beyond the question does not matter
        edges.near("what a last state is believed for", expires - tick(q.as_of))
    ends = [tick(at) for at, _, _ in rows[1:]] + [min(tick(q.as_of), expires)]
    may = {UP: 0, DOWN: 0, UNKNOWN: 0}
    for (_, earliest, outcome), end in zip(rows, ends, strict=True):
        may[outcome] |= span(tick(earliest), end)
    down, unknown, up = may[DOWN], may[UNKNOWN], may[UP]
    return Part(down & ~unknown & ~up, down | unknown, (down | up) & ~unknown)


def _heard(results: Results, as_of: int) -> list[Row]:
    """(begun, location, outcome) of what was recorded by then."""
    columns = (results.begun.tolist(), results.location.tolist(), results.outcome.tolist(), results.recorded.tolist())
    return [(at, place, said) for at, place, said, recorded in zip(*columns, strict=True) if recorded <= as_of]


def quorum(spec: str, locations: int) -> int | None:
    """How many of so many locations must fail; None where they can never be enough, or one of several is meant."""
    words = spec.removeprefix("at least ")
    if words == "all":
        needed = locations
    elif words == "a majority":
        needed = locations // 2 + 1
    elif words.endswith("%"):
        needed = ceil(int(words.removesuffix("%")) * locations / 100)
        if needed == 1 < locations:
            return None
    else:
        needed = int(words)
    return needed if 1 <= needed <= locations else None


def checked(q: Question, rows: list[Row], detect: DetectRule, outage: OutageRule, edges: Edges) -> Part:
    """One check, slot by slot: what each location saw, what it is taken for in each run, and when enough fail."""
    said: dict[int, dict[int, int]] = {}
    for begun, place, outcome in rows:
        mine = said.setdefault(place, {})
        slot = begun // detect.every
        mine[slot] = outcome if mine.get(slot, outcome) == outcome else UNKNOWN
    needed = quorum(detect.locations, len(said))
    if needed is None:
        return Part(0, 0, 0)
    first, last = min(min(m) for m in said.values()), max(max(m) for m in said.values()) + 1
    saw = [0] * (last - first)
    there = [0] * (last - first)
    for mine in said.values():
        for slot in range(min(mine), last):
            there[slot - first] += 1
            saw[slot - first] += mine.get(slot, UNKNOWN) != UNKNOWN
    failing = [[0] * (last - first) for _ in (0, 1)]
    for mine in said.values():
        since = min(mine)
        line = [mine.get(slot, UNKNOWN) for slot in range(since, last)]
        for counts, bad in zip(failing, _taken(line, saw[since - first :], needed, edges), strict=True):
            for at in _failing(bad, detect, outage, edges):
                counts[at + since - first] += 1
    width, start = detect.every // TICK, first * (detect.every // TICK) - q.stage.origin

    def ticks(slots: Sequence[bool]) -> int:
        return sum(span(start + n * width, start + (n + 1) * width) for n, holds in enumerate(slots) if holds)

    for count in failing[0]:
        edges.near("locations that fail together", count - needed)
    best, worst, told = (ticks([n >= needed for n in counts]) for counts in (*failing, there))
    return Part(best, worst, told)


def _taken(line: list[int], saw: list[int], needed: int, edges: Edges) -> tuple[list[bool], list[bool]]:
    """Whether each slot of a location is a failure, at best and at worst."""
    best = [outcome == DOWN for outcome in line]
    worst = list(best)
    for start, end in _stretches(line, UNKNOWN):
        beside = (start > 0 and line[start - 1] == DOWN) or (end < len(line) and line[end] == DOWN)
        for at in range(start, end):
            edges.near("locations that saw a blind slot", saw[at] - needed)
            worst[at] = beside or saw[at] < needed
    return best, worst


def _stretches(line: Sequence[int], outcome: int) -> list[tuple[int, int]]:
    found, start = [], None
    for at, one in enumerate([*line, -1]):
        if one == outcome and start is None:
            start = at
        elif one != outcome and start is not None:
            found.append((start, at))
            start = None
    return found


def _failing(bad: list[bool], detect: DetectRule, outage: OutageRule, edges: Edges) -> set[int]:
    """The slots at which a location is failing: from the N-th failure in a row to the M-th success in a row."""
    for start, end in _stretches(bad, True):
        edges.near("failures in a row", end - start - detect.fails_after)
    for start, end in _stretches(bad, False):
        edges.near("successes in a row", end - start - detect.recovers_after)
    found: set[int] = set()
    is_failing, bads, goods = False, 0, 0
    for at, fails in enumerate(bad):
        bads, goods = (bads + 1, 0) if fails else (0, goods + 1)
        if not is_failing and bads == detect.fails_after:
            is_failing = True
            if outage.begins.value == "first failure":
                found |= set(range(at - detect.fails_after + 1, at))
        elif is_failing and goods == detect.recovers_after:
            is_failing = False
            if outage.ends.value == "first success":
                found -= set(range(at - detect.recovers_after + 1, at))
        if is_failing:
            found.add(at)
    return found


def grained(down: int, rule: OutageRule, face: Face, edges: Edges) -> int:
    """Down time in whole cells from each local midnight; a cell is down when any, all or half of it is."""
    if rule.grain is None:
        return down
    size = rule.grain // TICK
    found = 0
    for low, high in face.dates.values():
        whole = span(0, high - low)
        day = (down >> low) & whole
        if day in (0, whole):
            found |= day << low
            continue
        for start in range(0, high - low, size):
            length = min(size, high - low - start)
            inside = ((day >> start) & span(0, length)).bit_count()
            edges.near(f"a cell is down when {rule.grain_down} of it is", *_of_cell(rule.grain_down, inside, length))
            if {"any": inside > 0, "all": inside == length, "half": 2 * inside >= length}[rule.grain_down]:
                found |= span(low + start, low + start + length)
    return found


def _of_cell(how: str, inside: int, length: int) -> tuple[int, int]:
    """How far the down part of a cell is beyond what makes it down, and the unit of that."""
    if how == "half":
        return 2 * inside - length, 2
    return (inside - 1 if how == "any" else inside - length), 1


def lasting(raw: int, rule: OutageRule, edges: Edges) -> tuple[int, int]:
    """The outages that are long enough, and the ticks of these that count."""
    if rule.shortest is None:
        return raw, raw
    long_enough = counts = 0
    least = rule.shortest.edge // TICK
    for start, end in runs(raw):
        edges.near("the shortest outage", end - start - least)
        if on_side(rule.shortest, (end - start) * TICK):
            long_enough |= span(start, end)
            counts |= span(start + least if rule.counted is Counted.BEYOND else start, end)
    return long_enough, counts
