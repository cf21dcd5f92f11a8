"""Times of an iCalendar file: dates, and clock times in UTC, in a named zone, or floating.

A zone counts by its IANA name only: what a file itself says of a zone's clock changes is never taken, since a name of
its own may mean anything. Whoever imports says which zone such a name is.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from makegood.calendar.zone import Showing, UnknownZone, Zone
from makegood.exchange.columns import shown
from makegood.exchange.ical_lines import Component, LineFindings, Property
from makegood.exchange.moments import did_you_mean, written
from makegood.model.spans import SECOND, Duration, Instant
from makegood.model.when import ClockTime

UTC_ZONE = "UTC"
LAST_DATE = date(2199, 12, 31)
"""The last date that is read, and that a rule is followed to: no order runs so long."""

_TIME = re.compile(r"([0-9]{8})(?:T([0-9]{6})(Z?))?")
_DURATION = re.compile(
    r"\+?P(?:([0-9]{1,4})W|(?:([0-9]{1,5})D)?(?:T(?:([0-9]{1,6})H)?(?:([0-9]{1,8})M)?(?:([0-9]{1,9})S)?)?)"
)


@dataclass(frozen=True, slots=True)
class Moment:
    """A date, or what a zone's clock shows: `clock` is None for a date, and `zone` its zone in either case."""

    day: date
    clock: time | None
    zone: Zone

    @property
    def wall(self) -> datetime:
        """What the clock shows, without an offset; a date's midnight."""
        return datetime.combine(self.day, self.clock or time())

    @property
    def instant(self) -> Instant:
        return instant_of(self.wall, self.zone)


@dataclass(frozen=True, slots=True)
class Lasting:
    """A DURATION: so many dates, and then so long, in µs."""

    days: int
    elapsed: Duration


def instant_of(wall: datetime, zone: Zone) -> Instant:
    """The first instant at which a zone's clock shows this, or later where it is skipped; whole seconds."""
    return zone.instant(wall.date(), _clock(wall))


def remark(wall: datetime, zone: Zone) -> str:
    """What a clock change does to a local time; empty where it is shown once."""
    showing, before, after = zone.showing(wall.date(), _clock(wall))
    if showing is Showing.ONCE:
        return ""
    verb = "shows no" if showing is Showing.SKIPPED else "twice shows"
    return (
        f"on {wall.date()} the clock in {zone.name} is set from {before} to {after} and {verb} {_clock(wall)}: "
        f"{written(instant_of(wall, zone))} is taken"
    )


def _clock(wall: datetime) -> ClockTime:
    return ClockTime(wall.hour * 3600 + wall.minute * 60 + wall.second)


@dataclass
class Zones:
    """The zones that a calendar's times are in.

    `own` is the zone for floating times and dates, as its user says it; `named` are zones by the file's own names for
    them; `calendar` is what the calendar says of itself (X-WR-TIMEZONE), which counts for dates only.
    """

    findings: LineFindings
    own: Zone | None
    named: Mapping[str, Zone]
    calendar: str
    described: Mapping[str, str]
    """The IANA name that a file's own description of a zone hints at, by its name."""

    def of(self, found: Property, is_date: bool, utc: bool) -> Zone | None:
        """The zone of a value, or None after a problem."""
        if utc:
            return Zone.named(UTC_ZONE)
        name = found.params.get("TZID", "")
        if name in self.named:
            return self.named[name]
        if name:
            return self._iana(name, found)
        if self.own is not None:
            return self.own
        if is_date and self.calendar:
            return self.named.get(self.calendar) or self._iana(self.calendar, found)
        what = (
            f"{found.name} is a date, and no place says when it begins" if is_date else f"{found.name} is on no clock"
        )
        hint = "say whose clock it is on with --zone, such as --zone Europe/Berlin"
        self.findings.at(found.line, what, "the same local time is many instants", hint)
        return None

    def _iana(self, name: str, found: Property) -> Zone | None:
        try:
            return Zone.named(name)
        except UnknownZone as unknown:
            meant = self.described.get(name) or _windows(name) or next(iter(unknown.suggestions), "")
            hint = f'say which zone it is: --zone "{shown(name)}={meant or "Europe/Berlin"}"'
            why = "only the IANA's names of zones say when clocks are changed" if not meant else did_you_mean((meant,))
            self.findings.at(found.line, f"`{shown(name)}` is no time zone that is known", why, hint)
            return None


def zones_of(calendar: Component, said: Sequence[str], findings: LineFindings) -> Zones:
    """The zones of a calendar. `said` are zones as options give them: `Europe/Berlin`, or `Its name=Europe/Berlin`."""
    own, named = None, dict[str, Zone]()
    for text in said:
        foreign, sign, ours = text.rpartition("=")
        try:
            zone = Zone.named(ours.strip())
        except UnknownZone as unknown:
            what = f"--zone: `{shown(unknown.name)}` {unknown.reason}"
            findings.error("foreign-option", what, "", did_you_mean(unknown.suggestions))
            continue
        if sign:
            named[foreign.strip()] = zone
        elif own is not None and own != zone:
            findings.error("foreign-option", f"--zone names both {own.name} and {zone.name}", "", "say one of them")
        else:
            own = zone
    described = {}
    for component in calendar.components("VTIMEZONE"):
        name, place = next(component.every("TZID"), None), next(component.every("X-LIC-LOCATION"), None)
        if name is not None and place is not None:
            described[name.value] = place.text
    whole = next(calendar.every("X-WR-TIMEZONE"), None)
    return Zones(findings, own, named, whole.text if whole is not None else "", described)


def read_time(found: Property, zones: Zones, text: str = "") -> Moment | None:
    """The value of a property, or one part of it, as a date or a clock time; None after a problem."""
    text = text or found.value.strip()
    parts = _TIME.fullmatch(text)
    try:
        if parts is None:
            raise ValueError
        day = datetime.strptime(parts[1], "%Y%m%d").date()  # noqa: DTZ007 -- a date
        clock = time(int(parts[2][:2]), int(parts[2][2:4]), int(parts[2][4:])) if parts[2] else None
        if not 1970 <= day.year <= LAST_DATE.year:
            raise ValueError
    except ValueError:
        zones.findings.at(found.line, f"{found.name}: `{shown(text)}` is no date and no time", "",
                          "write as in 20260329 or 20260329T013000Z")  # fmt: skip
        return None
    zone = zones.of(found, clock is None, parts[3] == "Z")
    return None if zone is None else Moment(day, clock, zone)


def read_lasting(found: Property, findings: LineFindings, text: str = "") -> Lasting | None:
    """A DURATION, longer than nothing; None after a problem."""
    text = text or found.value.strip().upper()
    parts = _DURATION.fullmatch(text)
    weeks, days, hours, minutes, seconds = (int(part or 0) for part in parts.groups()) if parts else (0,) * 5
    lasting = Lasting(weeks * 7 + days, (hours * 3600 + minutes * 60 + seconds) * SECOND)
    if parts is None or (lasting.days == 0 and lasting.elapsed == 0):
        findings.at(found.line, f"{found.name}: `{shown(text)}` is no length of time", "", "write as in PT4H or P1D")
        return None
    return lasting


def after(wall: datetime, zone: Zone, lasting: Lasting) -> Instant:
    """The end of what begins when the clock shows `wall`: so many dates later by the clock, and then elapsed time."""
    return instant_of(wall + timedelta(days=lasting.days), zone) + lasting.elapsed


def _windows(name: str) -> str:
    """The IANA name of a zone that Windows calls so, by the mapping of the Unicode consortium."""
    from icalendar.timezone.windows_to_olson import WINDOWS_TO_OLSON

    return str(WINDOWS_TO_OLSON.get(name, ""))
