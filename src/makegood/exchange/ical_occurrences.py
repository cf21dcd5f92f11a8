"""What the events of an iCalendar file come to: every recurrence a span of its own, exceptions and changes applied."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Final

from makegood.calendar.wording import duration_words
from makegood.contract.wrong import Wrong
from makegood.exchange.columns import shown
from makegood.exchange.ical_events import Event
from makegood.exchange.ical_lines import LineFindings, Property
from makegood.exchange.ical_times import LAST_DATE, Moment, Zones, after, instant_of, read_lasting, read_time, remark
from makegood.exchange.moments import written
from makegood.exchange.recurrence import walls
from makegood.model.spans import Instant, Span

MOST: Final = 20_000
"""Spans that one file may come to."""


@dataclass(frozen=True)
class Occurrence:
    """One time that an event comes to pass. `id` is that of the event, with the original start where it recurs.

    `days` are its first and last date where it lasts whole days. `event` is the component that says what it is.
    """

    id: str
    span: Span
    days: tuple[date, date] | None
    event: Event


@dataclass
class Expansion:
    """Every occurrence of a calendar's events, between two dates where they are given (the last one included)."""

    zones: Zones
    findings: LineFindings
    between: tuple[date, date] | None
    notes: list[str] = field(default_factory=list)
    cancelled: int = 0

    def of(self, events: Sequence[Event]) -> list[Occurrence]:
        """The occurrences in order of time, those that are cancelled left out and counted."""
        overrides = dict[str, list[Event]]()
        for event in events:
            if event.original is not None:
                overrides.setdefault(event.uid, []).append(event)
        masters = [event for event in events if event.original is None]
        alone = {event.uid for event in masters}
        made = list[Occurrence]()
        for event in masters:
            made += self._event(event, overrides.get(event.uid, ()))
            if len(made) > MOST:
                self.findings.error("foreign-value", f"the events come to more than {MOST:,} spans", "",
                                    "say a shorter time with --between")  # fmt: skip
                return []
        for uid in overrides.keys() - alone:
            made += [found for event in overrides[uid] for found in self._moved(event)]
        return sorted(made, key=lambda found: (found.span.start, found.id))

    def _event(self, event: Event, overrides: Sequence[Event]) -> Iterator[Occurrence]:
        if event.cancelled:
            self.cancelled += 1
            return
        moved = {override.original.instant: override for override in overrides if override.original is not None}
        spans = self._spans(event)
        without = self._excluded(event, spans)
        for override in moved.values():
            if override.original is not None and (override.original.clock is None) != (event.start.clock is None):
                self.findings.at(override.component.line, "RECURRENCE-ID and DTSTART of the event are not of one kind",
                                 "one is a date, and the other a time")  # fmt: skip
        recurs = len(spans) > 1 or any(True for _ in self._rules(event))
        for begin, (span, days) in sorted(spans.items()):
            if begin in without:
                continue
            if begin in moved:
                yield from self._moved(moved.pop(begin))
            elif self._inside(days[0] if days else event.start.zone.date_of(begin)):
                yield from self._told(event, event.id(begin, recurs), span, days)
        for override in moved.values():
            yield from self._moved(override)

    def _moved(self, event: Event) -> Iterator[Occurrence]:
        """An occurrence that has another time, or other words, than its rule gives it."""
        if event.cancelled:
            self.cancelled += 1
        elif event.original is not None and self._inside(event.start.day):
            self._remark(event, event.start.wall)
            yield from self._told(event, event.id(event.original.instant, True), *event.at(event.start.wall))

    def _told(self, event: Event, id_: str, span: Span, days: tuple[date, date] | None) -> Iterator[Occurrence]:
        if span.start == span.end:
            self.notes.append(f"`{event.name}` of {written(span.start)} falls into an hour that no clock showed")
            return
        yield Occurrence(id_, span, days, event)

    def _rules(self, event: Event) -> Iterable[Property]:
        return event.component.every("RRULE")

    def _spans(self, event: Event) -> dict[Instant, tuple[Span, tuple[date, date] | None]]:
        """What the event comes to by itself, its rules and its further dates, by where each begins."""
        zone, first = event.start.zone, event.start.wall
        found = [first]
        for rule in self._rules(event):
            made = self._walls(event, rule, first)
            if made and made[0] != first and self._inside(first.date()):
                self.notes.append(
                    f"`{event.name}` begins {first}, which its rule does not give: it counts all the same"
                )
            found += made
        for exception in event.component.every("EXRULE"):
            self.findings.at(exception.line, "EXRULE is not read", "it was dropped from iCalendar", "write EXDATE")
        spans = {}
        for wall in dict.fromkeys(found):
            if self._inside(wall.date()):
                self._remark(event, wall)
            spans[instant_of(wall, zone)] = event.at(wall)
        for property_ in event.component.every("RDATE"):
            for part in property_.value.split(","):
                begin, slash, rest = part.strip().partition("/")
                moment = read_time(property_, self.zones, begin)
                if moment is None or not self._of_one_kind(event, moment, property_):
                    continue
                spans[moment.instant] = event.at(moment.wall) if moment.zone == zone else self._elsewhere(event, moment)
                if slash and (end := self._period(property_, moment, rest)) is not None:
                    spans[moment.instant] = Span(moment.instant, end), None
        return spans

    def _walls(self, event: Event, rule: Property, first: datetime) -> list[datetime]:
        text = rule.value.strip().upper()
        if self.between is None and "UNTIL=" not in text and "COUNT=" not in text:
            self.findings.at(rule.line, f"`{shown(event.name)}` recurs without end", "",
                             'say from when to when: --between "2026-01-01 to 2026-12-31"')  # fmt: skip
            return []
        between, zone = self.between or (first.date(), LAST_DATE), event.start.zone
        found = walls(text, first, zone, zone.day(between[1]).end, zone.day(between[0]).start)
        if isinstance(found, Wrong):
            self.findings.at(rule.line, found.what, found.why, found.hint)
            return []
        return found

    def _excluded(self, event: Event, spans: Iterable[Instant]) -> set[Instant]:
        without, starts = set[Instant](), set(spans)
        for property_ in event.component.every("EXDATE"):
            for part in property_.value.split(","):
                moment = read_time(property_, self.zones, part.strip())
                if moment is None or not self._of_one_kind(event, moment, property_):
                    continue
                without.add(moment.instant)
                if moment.instant not in starts and self._inside(moment.day):
                    self.notes.append(f"line {property_.line}: EXDATE {part.strip()} is no date of `{event.name}`")
        return without

    def _of_one_kind(self, event: Event, moment: Moment, found: Property) -> bool:
        if (moment.clock is None) == (event.start.clock is None):
            return True
        kinds = ("a date", "a time")
        mine, its = kinds[moment.clock is not None], kinds[event.start.clock is not None]
        self.findings.at(found.line, f"{found.name} is {mine}, and DTSTART is {its}", "both are of one kind")
        return False

    def _elsewhere(self, event: Event, moment: Moment) -> tuple[Span, tuple[date, date] | None]:
        """A further date that is written in another zone: it lasts as long as the first one did."""
        span, _ = event.at(event.start.wall)
        return Span(moment.instant, moment.instant + span.length), None

    def _period(self, found: Property, begin: Moment, rest: str) -> Instant | None:
        if rest.upper().startswith(("P", "+P")):
            lasting = read_lasting(found, self.findings, rest.upper())
            return after(begin.wall, begin.zone, lasting) if lasting is not None else None
        end = read_time(found, self.zones, rest)
        if end is not None and end.instant <= begin.instant:
            self.findings.at(found.line, "this period ends before it has begun")
            return None
        return end.instant if end is not None else None

    def _inside(self, day: date) -> bool:
        return self.between is None or self.between[0] <= day <= self.between[1]

    def _remark(self, event: Event, wall: datetime) -> None:
        if event.start.clock is None:
            return
        zone, found = event.start.zone, [remark(wall, event.start.zone)]
        if isinstance(event.end, Moment) and wall == event.start.wall:
            found.append(remark(event.end.wall, event.end.zone))
            if any(True for _ in self._rules(event)):
                found.append(_uneven_first(event))
        elif isinstance(event.end, Moment) and event.end.zone == zone:
            found.append(_moved_end(event, wall))
        self.notes += [text for text in found if text and text not in self.notes]


def _uneven(event: Event) -> bool:
    """Whether the first time of an event is longer or shorter than the clock shows, since it is changed in it."""
    start, end = event.start, event.end
    if not isinstance(end, Moment) or end.zone != start.zone:
        return False
    return timedelta(microseconds=end.instant - start.instant) != end.wall - start.wall


def _uneven_first(event: Event) -> str:
    if not isinstance(event.end, Moment) or not _uneven(event):
        return ""
    lasts = duration_words(event.end.instant - event.start.instant)
    return f"the clock is changed in the first time of `{event.name}`, which lasts {lasts}, and so does every later one"


def _moved_end(event: Event, wall: datetime) -> str:
    """Where a clock change makes an occurrence end at another time of the clock than the first one does."""
    zone, (span, _) = event.start.zone, event.at(wall)
    if not isinstance(event.end, Moment) or _uneven(event):
        return ""
    end, expected = zone.shown(span.end).replace(tzinfo=None), wall + (event.end.wall - event.start.wall)
    if end == expected:
        return ""
    return (
        f"on {wall.date()} the clock in {zone.name} is changed: `{event.name}` lasts as long as its first time, "
        f"and ends when it shows {end:%H:%M} and not {expected:%H:%M}"
    )
