"""iCalendar files (RFC 5545): announced work as maintenances, and days off as the holidays of a calendar.

A calendar shows what was planned and when that was written down, never that anybody was told: the notices of a
maintenance are facts of their own.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from makegood.contract import numbers
from makegood.contract.wrong import Wrong
from makegood.exchange.brought import Brought, Foreign
from makegood.exchange.columns import shown, why_no_name
from makegood.exchange.foreign_json import plain_words
from makegood.exchange.ical_events import Event, read_events
from makegood.exchange.ical_lines import LineFindings, read_calendars
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
    found = _occurrences(file, findings)
    facts, left_out = list[Maintenance](), dict[str, None]()
    asked = set[str]()
    for one in found.all:
        services = _services(file, one.event, asked, findings)
        if services is None:
            left_out[one.event.name] = None
        elif services:
            facts.append(_maintenance(file, one, services, findings))
    unknown = [name for name in file.names if name != EVERYTHING and name not in asked]
    if unknown and not findings.count:
        there = sorted({name for one in found.all for name in one.event.words("CATEGORIES")})
        hint = f"it has {', '.join(f'`{shown(name)}`' for name in there[:5])}" if there else "it has none"
        findings.error("foreign-name", f"no event has the category `{shown(unknown[0])}`", "", hint)
    if findings.problems:
        return Brought(notes=(), problems=findings.all())
    notes = [*found.notes, *([NO_NOTICE] if facts else [])]
    if left_out:
        some = ", ".join(f"`{name}`" for name in list(left_out)[:3])
        more = f" and {len(left_out) - 3:,} more" if len(left_out) > 3 else ""
        notes.append(f"left out, because --name names none of their categories: {some}{more}")
    return Brought(facts=tuple(facts), notes=tuple(notes))


def holidays_text(file: Foreign) -> str:
    """The days off of a calendar as the key `holidays` of a calendar rule, in YAML, what was left out in comments.

    Options: `between`, `zone`. Raises Refused with every problem, Unreadable for a file that is no calendar, and
    OSError as `open` does.
    """
    findings = LineFindings(str(file.path))
    found = _occurrences(file, findings, dates_only=True)
    if not findings.problems and not any(one.days for one in found.all):
        findings.error("foreign-value", "there is no day off in this file", "only events of whole days are holidays",
                       "look at its dates, and at --between")  # fmt: skip
    if findings.problems:
        raise Refused(list(findings.all()))
    names = dict[date, dict[str, None]]()
    for one in found.all:
        for day in _dates(one):
            names.setdefault(day, {})[one.event.name] = None
    timed = sum(one.days is None for one in found.all)
    notes = [*found.notes, *([f"{timed:,} of its events are not of whole days"] if timed else [])]
    lines = [*(f"# {note}" for note in notes), "holidays:", "  dates:"]
    lines += [f"    - {day} # {', '.join(names[day])}" for day in sorted(names)]
    return "\n".join(lines) + "\n"


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


def _occurrences(file: Foreign, findings: LineFindings, dates_only: bool = False) -> _Found:
    calendars = read_calendars(file.raw, findings)
    between = _between(file.options.get("between", ""), findings)
    said = [text for text in file.options.get("zone", "").split("\n") if text]
    if dates_only and not said:
        said = ["UTC"]  # a holiday is a date, whosever clock counts
    made, notes, cancelled = list[Occurrence](), list[str](), 0
    for calendar in calendars:
        zones = zones_of(calendar, said, findings)
        expansion = Expansion(zones, findings, between)
        made += expansion.of(read_events(calendar, zones, findings))
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


def _services(file: Foreign, event: Event, asked: set[str], findings: LineFindings) -> tuple[str, ...] | None:
    """The services of an event; None where it is about none that is mapped, and none at all after a problem."""
    own = event.words(SERVICES)
    if own:
        wrong = [reason for name in own if (reason := why_no_name(name, None, "service"))]
        for reason in wrong[:1]:
            findings.at(event.component.line, f"{SERVICES}: {reason}")
        return () if wrong else tuple(dict.fromkeys(own))
    if EVERYTHING in file.names:
        return (file.names[EVERYTHING],)
    categories = event.words("CATEGORIES")
    mapped = [name for name in categories if name in file.names]
    asked.update(mapped)
    if mapped:
        return tuple(dict.fromkeys(file.names[name] for name in mapped))
    if file.names:
        return None
    there = f"its categories are {', '.join(f'`{shown(name)}`' for name in categories[:5])}" if categories else ""
    example = shown(categories[0]) + "=" if categories else ""
    if not any(problem.code == "foreign-name" for problem in findings.problems):
        findings.error("foreign-name", f"which services `{shown(event.name)}` is about is not said", there,
                       f'say it for a category, or for all events: --name "{example}web"')  # fmt: skip
    return ()


def _maintenance(file: Foreign, one: Occurrence, services: Sequence[str], findings: LineFindings) -> Maintenance:
    event = one.event
    kinds = event.words(KIND) or [name for name in event.words("CATEGORIES") if name not in file.names]
    kind = file.options.get("kind", "") or (kinds[0] if kinds else "")
    recorded = file.now if event.recorded is None else event.recorded
    if recorded > file.now:
        what = f"`{shown(event.name)}` was written at {written(recorded)}, which lies in the future"
        findings.at(event.component.line, what, f"it is {written(file.now)}", "look at the clock of its program")
    purpose = plain_words(event.name)
    return Maintenance(one.id, recorded, file.by, "", tuple(services), one.span, plain_words(kind), purpose)
