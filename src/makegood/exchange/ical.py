"""iCalendar files (RFC 5545): announced work as maintenances, and days off as the holidays of a calendar.

A calendar shows what was planned and when that was written down, never that anybody was told: the notices of a
maintenance are facts of their own.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta

from makegood.contract import numbers
from makegood.contract.wrong import Wrong
from makegood.exchange.brought import Brought, Foreign
from makegood.exchange.columns import shown, why_no_name
from makegood.exchange.ical_events import name_of, read_events, words_of
from makegood.exchange.ical_lines import Component, LineFindings, read_calendars
from makegood.exchange.ical_occurrences import Expansion, Occurrence
from makegood.exchange.ical_times import zones_of
from makegood.exchange.moments import written
from makegood.exchange.naming import EVERYTHING
from makegood.model.facts import Maintenance
from makegood.model.problem import Refused

OPTIONS = ("between", "zone", "kind")
SERVICES, KIND = "X-MAKEGOOD-SERVICES", "X-MAKEGOOD-KIND"
"""Properties by which an event says itself which services it is about, and of what kind the work is."""

NO_NOTICE = "a calendar does not show who was told, and when: notices are facts of their own"


def tells(file: Foreign) -> bool:
    """Whether it begins as a calendar does."""
    return file.head.removeprefix(b"\xef\xbb\xbf").lstrip().upper().startswith(b"BEGIN:VCALENDAR")


def read(file: Foreign) -> Brought:
    """The events as maintenances.

    Options: `between` (`2026-01-01 to 2026-12-31`, both included), `zone` (one a line), `kind`. Raises Unreadable for a
    file that is no calendar, and OSError as `open` does.
    """
    findings = LineFindings(str(file.path))
    calendars = read_calendars(file.raw, findings)
    events = [event for calendar in calendars for event in calendar.components("VEVENT")]
    about = _About(file, findings)
    about.look_at(events)
    found = _occurrences(file, calendars, about.covers, findings)
    facts = [_maintenance(file, one, about, findings) for one in found.all]
    if findings.problems:
        return Brought(problems=findings.all())
    return Brought(facts=tuple(facts), notes=(*found.notes, *about.left_out(), *([NO_NOTICE] if facts else [])))


def holidays_text(file: Foreign) -> str:
    """The days off of a calendar as the key `holidays` of a calendar rule, in YAML, what was left out in comments.

    Options: `between`. Raises Refused with every problem, Unreadable for a file that is no calendar, and OSError as
    `open` does.
    """
    findings = LineFindings(str(file.path))
    calendars = read_calendars(file.raw, findings)
    timed = sum(not _is_day_off(event) for calendar in calendars for event in calendar.components("VEVENT"))
    found = _occurrences(file, calendars, _is_day_off, findings, otherwise="UTC")
    if not findings.problems and not found.all:
        findings.error("foreign-value", "there is no day off in this file", "only events of whole days are holidays",
                       "look at its dates, and at --between")  # fmt: skip
    if findings.problems:
        raise Refused(list(findings.all()))
    names = dict[date, dict[str, None]]()
    for one in found.all:
        for day in _dates(one):
            names.setdefault(day, {})[one.event.name] = None
    notes = [*found.notes, *([f"left out, because not of whole days: {timed:,}"] if timed else [])]
    lines = [*(f"# {note}" for note in notes), "holidays:", "  dates:"]
    lines += [f"    - {day} # {', '.join(names[day])}" for day in sorted(names)]
    return "\n".join(lines) + "\n"


def _is_day_off(event: Component) -> bool:
    start = next(event.every("DTSTART"), None)
    return start is None or "T" not in start.value.upper()


def _dates(one: Occurrence) -> Sequence[date]:
    if one.days is None:
        return ()
    first, last = one.days
    return [first + timedelta(days=i) for i in range((last - first).days + 1)]


@dataclass(frozen=True)
class _Found:
    """The occurrences of all calendars of a file in order of time, and notes about them."""

    all: Sequence[Occurrence]
    notes: Sequence[str]


def _occurrences(
    file: Foreign,
    calendars: Sequence[Component],
    wanted: Callable[[Component], bool],
    findings: LineFindings,
    otherwise: str = "",
) -> _Found:
    """What the wanted events come to; `otherwise` is the zone of dates where no zone is said."""
    between = _between(file.options.get("between", ""), findings)
    said = [text for text in file.options.get("zone", otherwise).split("\n") if text]
    if findings.count:
        return _Found((), ())
    made, notes, cancelled = list[Occurrence](), list[str](), 0
    for calendar in calendars:
        zones = zones_of(calendar, said, findings)
        expansion = Expansion(zones, findings, between)
        made += expansion.of(read_events(calendar, zones, findings, wanted))
        notes += expansion.notes
        cancelled += expansion.cancelled
    if cancelled:
        notes.append("1 is cancelled and left out" if cancelled == 1 else f"{cancelled:,} are cancelled and left out")
    seen = dict[str, Occurrence]()
    for one in made:
        if (other := seen.setdefault(one.id, one)) is not one and other.span != one.span:
            findings.at(one.event.component.line, f"`{shown(one.event.name)}` has the UID of another event",
                        f"that in line {other.event.component.line}")  # fmt: skip
    return _Found(sorted(seen.values(), key=lambda one: (one.span.start, one.id)), notes)


def _between(text: str, findings: LineFindings) -> tuple[date, date] | None:
    if not text:
        return None
    first, to, last = text.partition(" to ")
    days = [numbers.day(part.strip()) for part in (first, last)] if to else []
    wrong = next((day for day in days if isinstance(day, Wrong)), None)
    if not days or wrong is not None:
        what = wrong.what if wrong is not None else f"`{shown(text)}` is no span of dates"
        findings.error("foreign-option", f"--between: {what}", "", 'write --between "2026-01-01 to 2026-12-31"')
        return None
    begin, end = (day for day in days if isinstance(day, date))
    if end < begin:
        findings.error("foreign-option", f"--between: {end} is before {begin}", "", "exchange the two")
        return None
    return begin, end


@dataclass
class _About:
    """Which services each event is about, and which events are about none that is asked for.

    An override that does not say it is about the same as its event.
    """

    file: Foreign
    findings: LineFindings
    services: dict[str, tuple[str, ...]] = field(default_factory=dict)
    kinds: dict[str, str] = field(default_factory=dict)
    without: dict[str, None] = field(default_factory=dict)

    def look_at(self, events: Sequence[Component]) -> None:
        asked, there = set[str](), dict[str, None]()
        for event in sorted(events, key=lambda one: any(True for _ in one.every("RECURRENCE-ID"))):
            categories = words_of(event, "CATEGORIES")
            there |= dict.fromkeys(categories)
            asked.update(categories)
            uid = _uid(event)
            found = self._services(event, categories)
            if found:
                self.services.setdefault(uid, found)
            kinds = words_of(event, KIND) or [name for name in categories if name not in self.file.names]
            self.kinds.setdefault(uid, self.file.options.get("kind", "") or (kinds[0] if kinds else ""))
        for event in events:
            if _uid(event) not in self.services:
                self._about_none(event)
        strange = [name for name in self.file.names if name != EVERYTHING and name not in asked]
        if strange:
            some = ", ".join(f"`{shown(name)}`" for name in list(there)[:5])
            hint = f"there are {some}" if there else "no event has categories"
            what = f"no event has the category `{shown(strange[0])}`"
            self.findings.error("foreign-name", what, "", hint)

    def covers(self, event: Component) -> bool:
        return _uid(event) in self.services

    def left_out(self) -> tuple[str, ...]:
        """A note on the events that are about no service that is asked for."""
        if not self.without:
            return ()
        count = len(self.without)
        some = ", ".join(f"`{name}`" for name in list(self.without)[:3])
        more = f" and {count - 3:,} more" if count > 3 else ""
        said = "1 event" if count == 1 else f"{count:,} events"
        return (f"left out: {said} whose categories --name does not name, {some}{more}",)

    def _services(self, event: Component, categories: Sequence[str]) -> tuple[str, ...]:
        own = words_of(event, SERVICES)
        if reason := next((reason for name in own if (reason := why_no_name(name, None, "service"))), ""):
            self.findings.at(event.line, f"{SERVICES}: {reason}")
        if own:
            return tuple(dict.fromkeys(own))
        if EVERYTHING in self.file.names:
            return (self.file.names[EVERYTHING],)
        return tuple(dict.fromkeys(self.file.names[name] for name in categories if name in self.file.names))

    def _about_none(self, event: Component) -> None:
        if self.file.names:
            self.without[name_of(event)] = None
        elif not any(problem.code == "foreign-name" for problem in self.findings.problems):
            categories = words_of(event, "CATEGORIES")
            there = f"its categories are {', '.join(f'`{shown(n)}`' for n in categories[:5])}" if categories else ""
            example = f"{shown(categories[0])}=" if categories else ""
            what = f"which services `{shown(name_of(event))}` is about is not said"
            hint = f'say it for a category, or for all events: --name "{example}web"'
            self.findings.error("foreign-name", what, there, hint)


def _uid(event: Component) -> str:
    return next((found.text for found in event.every("UID")), "")


def _maintenance(file: Foreign, one: Occurrence, about: _About, findings: LineFindings) -> Maintenance:
    event = one.event
    recorded = file.now if event.recorded is None else event.recorded
    if recorded > file.now:
        what = f"`{shown(event.name)}` was written at {written(recorded)}, which lies in the future"
        findings.at(event.component.line, what, f"it is {written(file.now)}", "look at the clock of its program")
    uid = _uid(event.component)
    base = one.id, recorded, file.by, ""
    return Maintenance(*base, about.services[uid], one.span, about.kinds[uid], event.name)
