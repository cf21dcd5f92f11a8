"""Events of an iCalendar file: from when to when each is, and of several versions the last.

What recurs begins when the clock of its zone shows the time of the first one. After a DTEND each lasts as long as the
first one did, to the second (RFC 5545, 3.8.5.3), so that a window from 02:00 to 06:00 ends at 07:00 or 05:00 where the
clock is changed in it; after a DURATION its days are dates by the clock, and its hours elapse. Whole days are dates.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from makegood.contract.wrong import LONGEST
from makegood.exchange.columns import shown
from makegood.exchange.foreign_json import plain_words
from makegood.exchange.ical_lines import Component, LineFindings, Property
from makegood.exchange.ical_times import (
    Lasting,
    Moment,
    Zones,
    after,
    instant_of,
    read_lasting,
    read_time,
)
from makegood.exchange.moments import written
from makegood.model.spans import Instant, Span

ONCE = ("UID", "DTSTART", "DTEND", "DURATION", "RECURRENCE-ID", "SEQUENCE", "STATUS", "DTSTAMP", "LAST-MODIFIED")
"""What an event says once at most."""

_WHOLE_DAY = Lasting(1, 0)
_LONGEST_UID = 150


@dataclass(frozen=True)
class Event:
    """One VEVENT that can be told: from when to when it is first, and by what rule it comes again."""

    component: Component
    uid: str
    start: Moment
    end: Moment | Lasting
    original: Moment | None
    """Of an override: the start of the occurrence that it stands for."""

    rank: tuple[int, int]
    """SEQUENCE, and when it was last written: of two versions the greater one counts."""

    recorded: Instant | None
    cancelled: bool

    @property
    def name(self) -> str:
        return name_of(self.component)

    def id(self, begin: Instant, recurs: bool) -> str:
        """What tells an occurrence from others: the UID, with the start by its rule where there are several."""
        return f"{self.uid} {written(begin)}" if recurs else self.uid

    def at(self, wall: datetime) -> tuple[Span, tuple[date, date] | None]:
        """The span when it begins as the clock shows `wall`, and its dates where it lasts whole days."""
        zone, begin = self.start.zone, instant_of(wall, self.start.zone)
        if isinstance(self.end, Lasting):
            end = after(wall, zone, self.end)
        elif self.start.clock is None:
            end = instant_of(wall + (self.end.wall - self.start.wall), zone)
        else:
            end = begin + self.end.instant - self.start.instant
        days = None
        if self.start.clock is None:
            count = self.end.days if isinstance(self.end, Lasting) else (self.end.day - self.start.day).days
            days = wall.date(), wall.date() + timedelta(days=count - 1)
        return Span(begin, max(begin, end)), days


def name_of(event: Component) -> str:
    """What an event is called, for people."""
    found = [text for name in ("SUMMARY", "UID") for text in words_of(event, name)]
    return found[0] if found else "an event"


def words_of(event: Component, name: str) -> list[str]:
    """The words of every property of a name, each as one plain line; SUMMARY and UID are one each."""
    one = name in ("SUMMARY", "UID")
    texts = [text for found in event.every(name) for text in ([found.text] if one else found.texts)]
    return [plain for text in texts if (plain := plain_words(text, 120 if one else LONGEST))]


def read_events(
    calendar: Component, zones: Zones, findings: LineFindings, wanted: Callable[[Component], bool]
) -> list[Event]:
    """The events of a calendar that are wanted, of several versions of one the last."""
    cancels = any(found.text.upper() == "CANCEL" for found in calendar.every("METHOD"))
    found = [_event(event, zones, findings, cancels) for event in calendar.components("VEVENT") if wanted(event)]
    latest = dict[tuple[str, Instant | None], Event]()
    for event in found:
        if event is None:
            continue
        key = event.uid, event.original.instant if event.original is not None else None
        other = latest.setdefault(key, event)
        if other is not event and event.rank == other.rank and _says(event) != _says(other):
            findings.at(event.component.line, f"`{shown(event.name)}` is written twice, and otherwise",
                        f"the other is in line {other.component.line}, with the same UID and SEQUENCE",
                        "give the later one a higher SEQUENCE")  # fmt: skip
        elif event.rank > other.rank:
            latest[key] = event
    return list(latest.values())


def _uid(text: str) -> str:
    """A UID as part of an id: one that cannot stand there, or is very long, by its hash."""
    if text == plain_words(text, _LONGEST_UID):
        return text
    return f"uid-{hashlib.sha256(text.encode()).hexdigest()[:16]}"


def _says(event: Event) -> list[tuple[str, str]]:
    return sorted((found.name, found.value) for found in event.component.properties if found.name != "DTSTAMP")


def _event(component: Component, zones: Zones, findings: LineFindings, cancelled: bool) -> Event | None:
    before = findings.count
    one = {name: component.one(name, findings) for name in ONCE}
    uid, begins = one["UID"], one["DTSTART"]
    if uid is None or not plain_words(uid.text):
        findings.at(component.line, "this event has no UID", "it cannot be told from others without one")
    if begins is None:
        findings.at(component.line, "this event has no DTSTART", "it has no time")
        return None
    start = read_time(begins, zones)
    end = _end(component, start, one["DTEND"], one["DURATION"], zones, findings) if start is not None else None
    original = one["RECURRENCE-ID"]
    replaced = read_time(original, zones) if original is not None else None
    if original is not None and original.params.get("RANGE"):
        findings.at(original.line, "this changes all later occurrences at once", "RANGE is not read",
                    "end the rule with an UNTIL, and write a second event")  # fmt: skip
    stamps = [_stamp(one[name], zones) for name in ("DTSTAMP", "LAST-MODIFIED")]
    sequence = _sequence(one["SEQUENCE"], findings)
    if findings.count > before or uid is None or start is None or end is None:
        return None
    recorded = max((at for at in stamps if at is not None), default=None)
    status = one["STATUS"]
    cancelled = cancelled or (status is not None and status.text.upper() == "CANCELLED")
    return Event(component, _uid(uid.text), start, end, replaced, (sequence, recorded or 0), recorded, cancelled)


def _end(
    component: Component,
    start: Moment,
    until: Property | None,
    lasting: Property | None,
    zones: Zones,
    findings: LineFindings,
) -> Moment | Lasting | None:
    if until is not None and lasting is not None:
        findings.at(lasting.line, "this event has a DTEND and a DURATION", "one of them is wrong")
        return None
    if lasting is not None:
        found = read_lasting(lasting, findings)
        if found is not None and start.clock is None and found.elapsed:
            findings.at(lasting.line, "a date lasts whole days", "", "write as in P1D")
            return None
        return found
    if until is None:
        if start.clock is None:
            return _WHOLE_DAY
        findings.at(component.line, "this event has neither DTEND nor DURATION", "it would last no time at all")
        return None
    end = read_time(until, zones)
    if end is None:
        return None
    if (end.clock is None) != (start.clock is None):
        findings.at(until.line, "one of DTSTART and DTEND is a date, and the other a time", "both are of one kind")
        return None
    if end.wall <= start.wall if end.zone == start.zone else end.instant <= start.instant:
        findings.at(until.line, "this event ends before it has begun", "", "DTEND is the first instant after it")
        return None
    return end


def _stamp(found: Property | None, zones: Zones) -> Instant | None:
    moment = read_time(found, zones) if found is not None else None
    return moment.instant if moment is not None else None


def _sequence(found: Property | None, findings: LineFindings) -> int:
    if found is None:
        return 0
    text = found.value.strip()
    if not (text.isascii() and text.isdigit() and len(text) < 10):
        findings.at(found.line, f"SEQUENCE: `{shown(text)}` is no whole number")
        return 0
    return int(text)
