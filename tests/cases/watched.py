"""What was watched, written compactly, as results and reported states.

    check web-http from iad, fra, sin every 1 min, 2026-02-01 00:00 to 2026-03-01 00:00 America/New_York
      iad, fra down 2026-02-08 02:10 to 02:57
      sin blind 2026-02-08 02:00 to 03:00
      all abstain 2026-02-09 04:00 to 04:05
      iad down every 20 s 2026-02-10 10:00 to 10:02
      fra down 2026-02-11 10:00 to 10:30, known from 2026-03-04 12:00
    service pipelines by status-page, 2026-04-01 00:00 to 2026-07-01 00:00 America/Los_Angeles
      down 2026-05-10 01:00 to 03:00
      unknown 2026-05-11 01:00 to 03:00

All is up where nothing else is said; a blind slot has no result, and a location that abstains says that it does not
know. A service's state is reported at every change, and once more at the end.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

import numpy as np

from makegood.contract.numbers import Wrong, duration
from makegood.exchange.moments import read_moment
from makegood.model.facts import DOWN, UNKNOWN, UP, Results, States
from makegood.model.spans import Duration, Instant, Span

_CHECK = re.compile(r"check (\S+) from (.+) every (.+?), (.+)")
_SERVICE = re.compile(r"service (\S+) by (\S+), (.+)")
_LINE = re.compile(
    r"(?:(?P<who>\S.*?) )?(?P<state>down|up|blind|abstains?|unknown)(?: every (?P<every>\d+ \w+))? "
    r"(?P<span>\d{4}-.*?)(?:, known from (?P<known>.+))?"
)
_SPAN = re.compile(
    r"(\d{4}-\d\d-\d\d) (\d\d:\d\d(?::\d\d)?) to (?:(\d{4}-\d\d-\d\d) )?(\d\d:\d\d(?::\d\d)?)(?: ([A-Z].*))?"
)
OUTCOMES = {"down": DOWN, "up": UP, "abstain": UNKNOWN, "abstains": UNKNOWN, "unknown": UNKNOWN}


@dataclass(frozen=True)
class Stretch:
    """Something that was not simply up: who saw it, what, when, how often where faster, and from when it was known."""

    who: tuple[str, ...]
    state: str
    span: Span
    every: Duration | None
    known: Instant | None


@dataclass
class Watch:
    """One check from its locations, or one service by its source, over a span."""

    name: str
    who: tuple[str, ...]
    every: Duration | None
    span: Span
    zone: str
    stretches: list[Stretch] = field(default_factory=list)


def expand(text: str) -> tuple[dict[str, Results], dict[str, tuple[States, ...]]]:
    """The results of the checks and the states of the services. Raises ValueError for a line that cannot be read."""
    watches = list(read_watches(text))
    results = {w.name: results_of(w) for w in watches if w.every is not None}
    states: dict[str, tuple[States, ...]] = {}
    for watch in watches:
        if watch.every is None:
            states[watch.name] = (*states.get(watch.name, ()), states_of(watch))
    return results, states


def read_watches(text: str) -> Iterator[Watch]:
    """The headers with the lines below them; a header that comes again goes on with the first."""
    found: dict[tuple[str, tuple[str, ...]], Watch] = {}
    at: Watch | None = None
    for line in text.splitlines():
        if not line.strip() or line.lstrip().startswith("#"):
            continue
        if line[0] != " ":
            at = _header(line)
            at = found.setdefault((at.name, at.who), at)
        elif at is None:
            raise ValueError(f"`{line.strip()}` stands below no check or service")
        else:
            at.stretches.append(_stretch(line.strip(), at))
    return iter(found.values())


def read_span(text: str, zone: str = "") -> tuple[Span, str]:
    """A span as `2026-02-08 02:10 to 02:57`, its zone at the end or given; and the zone."""
    found = _SPAN.fullmatch(text)
    if found is None:
        raise ValueError(f"`{text}` is no span: write `2026-02-08 02:10 to 02:57 America/New_York`")
    zone = found[5] or zone
    return Span(_moment(f"{found[1]} {found[2]}", zone), _moment(f"{found[3] or found[1]} {found[4]}", zone)), zone


def _moment(text: str, zone: str) -> Instant:
    found = read_moment(text, zone)
    if isinstance(found, Wrong):
        raise ValueError(found.what)
    return found[0]


def _length(text: str) -> Duration:
    found = duration(text)
    if isinstance(found, Wrong):
        raise ValueError(found.what)
    return found


def _header(line: str) -> Watch:
    if check := _CHECK.fullmatch(line):
        span, zone = read_span(check[4])
        return Watch(check[1], tuple(check[2].split(", ")), _length(check[3]), span, zone)
    if service := _SERVICE.fullmatch(line):
        span, zone = read_span(service[3])
        return Watch(service[1], (service[2],), None, span, zone)
    raise ValueError(f"`{line}` is neither a check nor a service")


def _stretch(line: str, watch: Watch) -> Stretch:
    found = _LINE.fullmatch(line)
    if found is None:
        raise ValueError(f"`{line}` says nothing about {watch.name}")
    who = watch.who if found["who"] in (None, "all") else tuple(found["who"].split(", "))
    if strangers := set(who) - set(watch.who):
        raise ValueError(f"`{line}` names {', '.join(sorted(strangers))}, from where {watch.name} is not watched")
    span, _ = read_span(found["span"], watch.zone)
    every = _length(found["every"]) if found["every"] else None
    known = _moment(found["known"], watch.zone) if found["known"] else None
    return Stretch(who, found["state"], span, every, known)


def results_of(watch: Watch) -> Results:
    """One result for each slot and location, and the more frequent ones that are written."""
    assert watch.every is not None
    slots = np.arange(watch.span.start, watch.span.end, watch.every, dtype=np.int64)
    rows: list[tuple[int, np.ndarray, np.ndarray, np.ndarray]] = []
    for at, who in enumerate(watch.who):
        outcome = np.full(len(slots), UP, dtype=np.int8)
        known, seen = slots.copy(), np.ones(len(slots), dtype=np.bool_)
        for stretch in watch.stretches:
            if who not in stretch.who:
                continue
            inside = (slots >= stretch.span.start) & (slots < stretch.span.end)
            if stretch.state == "blind":
                seen[inside] = False
                continue
            outcome[inside], seen[inside] = OUTCOMES[stretch.state], True
            if stretch.known is not None:
                known[inside] = stretch.known
            if stretch.every is not None:
                more = np.arange(stretch.span.start, stretch.span.end, stretch.every, dtype=np.int64)
                rows.append((at, more, np.full(len(more), OUTCOMES[stretch.state], dtype=np.int8), more))
        rows.append((at, slots[seen], outcome[seen], known[seen]))
    return Results(
        watch.name,
        watch.who,
        np.concatenate([begun for _, begun, _, _ in rows]),
        np.concatenate([np.full(len(begun), at, dtype=np.int16) for at, begun, _, _ in rows]),
        np.concatenate([outcome for _, _, outcome, _ in rows]),
        np.concatenate([known for _, _, _, known in rows]),
    )


def states_of(watch: Watch) -> States:
    """Up at the start, each change and its end, and the last state once more at the end."""
    changes: dict[Instant, tuple[int, Instant]] = {watch.span.start: (UP, watch.span.start)}
    for stretch in sorted(watch.stretches, key=lambda s: s.span):
        changes[stretch.span.start] = (OUTCOMES[stretch.state], stretch.known or stretch.span.start)
        changes.setdefault(stretch.span.end, (UP, stretch.known or stretch.span.end))
    last = changes[max(changes)][0]
    changes.setdefault(watch.span.end, (last, watch.span.end))
    at = np.array(sorted(changes), dtype=np.int64)
    outcome = np.array([changes[int(t)][0] for t in at], dtype=np.int8)
    known = np.array([changes[int(t)][1] for t in at], dtype=np.int64)
    return States(watch.name, watch.who[0], at, at, outcome, known)
