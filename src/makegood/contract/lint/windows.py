"""Weekly windows and exclusions: windows in a clock change, gates that can never hold, clips that leave nothing."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from itertools import groupby

from makegood.calendar.window import crossing, length, weekly
from makegood.calendar.wording import day_words
from makegood.calendar.zone import MIDNIGHT, UnknownZone, Zone
from makegood.contract.lint.ground import Situation, length_words
from makegood.contract.nodes import Keyed
from makegood.model.problem import Place, Problem, error, note, warning
from makegood.model.spans import SECOND, Span, Spans
from makegood.model.terms import ExcludeRule, Gate, GateKind
from makegood.model.threshold import Side
from makegood.model.when import Calendar, WeeklyWindow

YEARS_AHEAD = 2
"""How far ahead of the day of force a clock change is looked for."""

_UPPER = (Side.AT_MOST, Side.BELOW)


def window_findings(situation: Situation) -> Iterator[Problem]:
    """Every finding about the windows and the conditions of exclusions."""
    for calendar in situation.terms.calendars.values():
        if isinstance(calendar, Calendar):
            place = situation.place(calendar.name, "hours")
            yield from _changes(situation, calendar.hours, calendar.zone, place, f"`{calendar.name}`")
    for exclude in situation.terms.excludes:
        for key, gates in (("gates", exclude.gates), ("clips", exclude.clips), ("expect", exclude.expect)):
            for gate in gates:
                place = _place(situation, exclude, gate, key)
                zone = zone_of(situation, gate.calendar)
                if gate.windows and zone:
                    yield from _changes(situation, gate.windows, zone, place, f"`{exclude.name}`")
        yield from _never_holds(situation, exclude)
        yield from _both_ways(situation, exclude)


def _place(situation: Situation, exclude: ExcludeRule, gate: Gate, key: str = "") -> Place:
    """Where a condition is written: conditions are read in the order of their keys."""
    key = key or ("gates" if gate in exclude.gates else "clips")
    gates = {"gates": exclude.gates, "clips": exclude.clips, "expect": exclude.expect}[key]
    rule = situation.rules.get(exclude.name)
    node = rule.node.get(key) if rule is not None else None
    if isinstance(node, Keyed) and len(node.entries) == len(gates):
        return node.entries[gates.index(gate)][1].place
    return situation.place(exclude.name, key)


def zone_of(situation: Situation, calendar: str) -> str:
    """The zone of a calendar by its name, or nothing where it is not known."""
    found = situation.terms.calendars.get(calendar)
    return found.zone if isinstance(found, Calendar) else ""


def _ahead(zone: Zone, since: date) -> Span:
    first = date(min(max(since.year, 1971), 2400), since.month, min(since.day, 28))
    return Span(zone.instant(first, MIDNIGHT), zone.instant(first.replace(year=first.year + YEARS_AHEAD), MIDNIGHT))


def _zone(name: str) -> Zone | None:
    try:
        return Zone.named(name)
    except UnknownZone:
        return None


def _changes(
    situation: Situation, windows: tuple[WeeklyWindow, ...], name: str, place: Place, rule: str
) -> Iterator[Problem]:
    """A window that starts or ends at a time that a clock change skips or repeats, with the next dates."""
    zone = _zone(name)
    if zone is None:
        return
    for window in windows:
        found = crossing(window, zone, _ahead(zone, situation.terms.effective))
        for _, same in groupby(sorted(found, key=lambda c: c.what), key=lambda c: c.what):
            days = list(same)
            what = f"{window} of {rule} meets a clock change on " + " and ".join(day_words(d.date) for d in days[:3])
            hours = weekly((window,), zone, zone.days(days[0].date, days[0].date)).total
            why = f"in {name} {days[0].what}; it then has {length_words(hours)} on that date"
            hint = "move the start or end out of the hour that changes, or agree that this is meant"
            yield note("window-in-clock-change", place, what, why, hint)


def _never_holds(situation: Situation, exclude: ExcludeRule) -> Iterator[Problem]:
    """Conditions that no announcement meets, so that nothing is ever excused."""
    for key, gates in (("gates", exclude.gates), ("clips", exclude.clips)):
        for gate in gates:
            place = _place(situation, exclude, gate, key)
            if gate.kind is GateKind.NOTICE and getattr(gate.notice, "side", None) in _UPPER:
                what = f"`{gate.says}` asks for late notice"
                why = "work that is announced earlier than that would not be excused"
                yield warning("notice-upper-side", place, what, why, "write `at least …`")
            if gate.lasting is not None and not _positive(gate):
                what = f"`{gate.says}` holds for nothing that has a length"
                yield error("never-excused", place, what, "nothing is ever excused by it", "write a longer time")
    lasting = next((g for g in (*exclude.gates, *exclude.clips) if g.lasting is not None), None)
    for gate in (*exclude.gates, *exclude.clips):
        if gate.kind is not GateKind.WITHIN or not gate.windows:
            continue
        longest = max(length(w) for w in gate.windows) * SECOND
        place = _place(situation, exclude, gate)
        if lasting is None or lasting.lasting is None:
            continue
        edge = lasting.lasting.edge
        if lasting.lasting.side in (Side.AT_LEAST, Side.MORE_THAN) and edge > longest:
            what = f"`{gate.says}` is shorter than `{lasting.says}`"
            why = f"the longest window has {length_words(longest)}, so that nothing can be both"
            yield error("never-excused", place, what, why, "write a longer window, or `at most`")
        elif lasting.lasting.side in _UPPER and edge > longest:
            what = f"`{lasting.says}` is longer than the window, which has {length_words(longest)}"
            why = "the window ends first, so that this limit never decides"
            yield note("lasting-beyond-window", place, what, why, "leave it out, or write a longer window")
    yield from _disjoint(situation, exclude)


def _positive(gate: Gate) -> bool:
    assert gate.lasting is not None
    return gate.lasting.side not in _UPPER or gate.lasting.edge > (0 if gate.lasting.side is Side.AT_MOST else 1)


def _disjoint(situation: Situation, exclude: ExcludeRule) -> Iterator[Problem]:
    """`within` and `outside` windows that leave no time in common."""
    common: Spans | None = None
    last: Gate | None = None
    weeks = _ahead(Zone.named("UTC"), situation.terms.effective)  # with every change of every zone in it
    for gate in (*exclude.gates, *exclude.clips):
        if gate.kind not in (GateKind.WITHIN, GateKind.OUTSIDE):
            continue
        zone = _zone(zone_of(situation, gate.calendar) or "UTC")
        if zone is None:
            return
        calendar = situation.terms.calendars.get(gate.calendar)
        windows = gate.windows or (calendar.hours if isinstance(calendar, Calendar) else ())
        inside = weekly(windows, zone, weeks) if windows else Spans([weeks])
        left = inside if gate.kind is GateKind.WITHIN else Spans([weeks]) - inside
        common, last = (left if common is None else common & left), gate
        if not common:
            place = _place(situation, exclude, last)
            what = f"`{last.says}` leaves no time that the other conditions of `{exclude.name}` allow"
            yield error("never-excused", place, what, "nothing is ever excused", "let the windows share some time")
            return


def _both_ways(situation: Situation, exclude: ExcludeRule) -> Iterator[Problem]:
    """Excused time that the exclusion puts in one place and the measure in another."""
    for name in exclude.commitments:
        commitment = situation.terms.commitments.get(name)
        measure = situation.terms.measures.get(commitment.measure) if commitment else None
        if measure is None or measure.excused is None or measure.excused is exclude.counts_as:
            continue
        if situation.writes(exclude.name, "counts as"):
            what = f"`{exclude.name}` says that excused time counts as {exclude.counts_as.value}, `{measure.name}` as"
            what += f" {measure.excused.value}"
            why = "the same month then has two figures: 50 min down of an 8 h x 5 month is 99.884 % or 99.527 %"
            hint = "say it in one of the two; the measure decides"
            yield warning("excused-both-ways", situation.place(exclude.name, "counts as"), what, why, hint)
