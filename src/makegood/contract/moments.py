"""Times of day, dates and instants from words: a time without its zone is never guessed."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta
from typing import Final

from makegood.calendar.zone import UnknownZone, Zone
from makegood.contract.wrong import Wrong, prepared
from makegood.model.spans import MINUTE, SECOND, Instant
from makegood.model.when import ClockTime

_CLOCK = re.compile(r"([0-9]{1,2}):([0-9]{2})(?::([0-9]{2}))?\Z")
_TWELVE = re.compile(r"([0-9]{1,2})(?:[:.]([0-9]{2}))? ?([ap])\.?m\.?\Z")
_DAY = re.compile(r"([0-9]{4})-([0-9]{2})-([0-9]{2})\Z")
_INSTANT = re.compile(
    r"([0-9]{4}-[0-9]{2}-[0-9]{2})[T ]([0-9]{2}:[0-9]{2}(?::[0-9]{2})?)(?:\.([0-9]+))?(Z|[+-][0-9]{2}:[0-9]{2})?\Z"
)
_MONTHS: Final = (
    *("January", "February", "March", "April", "May", "June"),
    *("July", "August", "September", "October", "November", "December"),
)
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_EPOCH_ORDINAL: Final = date(1970, 1, 1).toordinal()


def clock_time(text: str) -> ClockTime | Wrong:
    """A local time on the 24-hour clock: `02:00`, `23:59:30`; `24:00` is the end of the day."""
    plain = prepared(text)
    if isinstance(plain, Wrong):
        return plain
    if found := _CLOCK.match(plain):
        hours, minutes, seconds = int(found[1]), int(found[2]), int(found[3] or 0)
        total = hours * 3600 + minutes * 60 + seconds
        if minutes > 59 or seconds > 59 or total > 86_400:
            return Wrong(
                f"`{plain}` is not a time of day", "times run from 00:00 to 24:00", "write as in 02:00 or 18:30"
            )
        return ClockTime(total)
    return _no_clock_time(plain)


def day(text: str) -> date | Wrong:
    """A date as year, month and day: `2026-02-28`."""
    plain = prepared(text)
    if isinstance(plain, Wrong):
        return plain
    if found := _DAY.match(plain):
        return _date(plain, int(found[1]), int(found[2]), int(found[3]))
    what = f"`{plain}` is not a date"
    if found := re.fullmatch(r"([0-9]{1,2})\.([0-9]{1,2})\.([0-9]{4})", plain):
        return Wrong(what, "dates begin with the year", f"write {found[3]}-{int(found[2]):02d}-{int(found[1]):02d}")
    if found := re.fullmatch(r"([0-9]{1,2})/([0-9]{1,2})/([0-9]{4})", plain):
        first, second = int(found[1]), int(found[2])
        month_first, day_first = f"{found[3]}-{first:02d}-{second:02d}", f"{found[3]}-{second:02d}-{first:02d}"
        meant = [month_first] * (first <= 12) + [day_first] * (second <= 12 and first != second)
        why = "it may begin with the month or with the day" if len(meant) > 1 else "dates begin with the year"
        return Wrong(what, why, f"write {' or '.join(meant) or 'year, month and day, as in 2026-02-28'}")
    if found := re.fullmatch(r"([0-9]{4})([/.]?)([0-9]{2})\2([0-9]{2})", plain):
        return Wrong(what, "its parts are joined by hyphens", f"write {found[1]}-{found[3]}-{found[4]}")
    if found := re.fullmatch(r"([0-9]{4})[-/.]([0-9]{1,2})[-/.]([0-9]{1,2})", plain):
        return Wrong(what, "month and day have two digits", f"write {found[1]}-{int(found[2]):02d}-{int(found[3]):02d}")
    if _INSTANT.match(plain):
        return Wrong(what, "it has a time of day", f"write {plain[:10]}")
    return Wrong(what, "", "write year, month and day, as in 2026-02-28")


def instant(text: str, zone: str | None = None) -> Instant | Wrong:
    """A moment in microseconds UTC, from RFC 3339: `2026-02-28T14:00:00Z`, `2026-02-28 14:00+01:00`.

    Without an offset it is refused, unless a zone is given: then it is the first instant at which the clock of that
    date in that zone shows the time or a later one.
    """
    plain = prepared(text)
    if isinstance(plain, Wrong):
        return plain
    if not (found := _INSTANT.match(plain)):
        return _no_instant(plain)
    on, at = day(found[1]), clock_time(found[2])
    if isinstance(on, Wrong):
        return on
    if isinstance(at, Wrong):
        leap = found[2].endswith(":60")
        return (
            Wrong(f"`{plain}` has a 61st second", "leap seconds are not counted", "write :59, or the next second")
            if leap
            else at
        )
    if at.seconds == 86_400:
        return Wrong(f"`{plain}` is on the next date", "a moment lies before 24:00", "write 00:00 on the next date")
    micros = found[3] or ""
    if len(micros) > 6 and micros[6:].strip("0"):
        return Wrong(
            f"`{plain}` is finer than a microsecond", "time is counted in microseconds", "write at most 6 digits"
        )
    return _resolved(plain, on, at, int(micros[:6].ljust(6, "0")), found[4] or "", zone)


def _resolved(plain: str, on: date, at: ClockTime, micros: int, offset: str, zone: str | None) -> Instant | Wrong:
    if not offset:
        if zone is None:
            return Wrong(
                f"`{plain}` has no offset from UTC",
                "the same clock time is many moments",
                f"write {plain}Z if it is UTC, or as in {plain}-05:00",
            )
        return _in_zone(plain, on, at, micros, zone)
    shift = 0
    if offset != "Z":
        hours, minutes = int(offset[1:3]), int(offset[4:])
        if hours > 23 or minutes > 59:
            return Wrong(
                f"`{offset}` is not an offset from UTC", "offsets lie between -23:59 and +23:59", "write as in +01:00"
            )
        if offset == "-00:00":
            return Wrong(
                "`-00:00` says that the offset is unknown", "RFC 3339 gives it that meaning", "write Z for UTC"
            )
        shift = (hours * 60 + minutes) * MINUTE * (-1 if offset[0] == "-" else 1)
    wall = ((on.toordinal() - _EPOCH_ORDINAL) * 86_400 + at.seconds) * SECOND + micros
    return wall - shift


def _in_zone(plain: str, on: date, at: ClockTime, micros: int, zone: str) -> Instant | Wrong:
    try:
        return Zone.named(zone).instant(on, at) + micros
    except UnknownZone as unknown:
        return Wrong(f"`{zone}` is not a time zone", str(unknown), "write an IANA name, as in America/New_York")
    except ValueError:
        return Wrong(
            f"`{plain}` is too far away", "local times are known from the years 2 to 9998", "write a nearer date"
        )


def _date(plain: str, year: int, month: int, of_month: int) -> date | Wrong:
    try:
        return date(year, month, of_month)
    except ValueError:
        if not 1 <= month <= 12:
            swapped = (
                f"write {year:04d}-{of_month:02d}-{month:02d}"
                if 1 <= of_month <= 12 and 1 <= month <= 31
                else "write a month from 01 to 12"
            )
            return Wrong(f"`{plain}` has no month {month:02d}", "the month comes before the day", swapped)
        if year < 1:
            return Wrong(f"`{plain}` has no year", "years begin at 0001", "write the year with four digits")
        last = (
            (date(year + month // 12, month % 12 + 1, 1) if year < 9999 else date(9999, 12, 31)) - timedelta(days=1)
        ).day
        return Wrong(
            f"{_MONTHS[month - 1]} {year} has no day {of_month}",
            f"it has {last} days",
            f"write {year:04d}-{month:02d}-{last}",
        )


def _no_clock_time(plain: str) -> Wrong:
    what = f"`{plain}` is not a time of day"
    if (found := _TWELVE.match(plain.lower())) and 1 <= int(found[1]) <= 12 and int(found[2] or 0) < 60:
        hour = int(found[1]) % 12 + (12 if found[3] == "p" else 0)
        return Wrong(what, "times are written on the 24-hour clock", f"write {hour:02d}:{int(found[2] or 0):02d}")
    if (found := re.fullmatch(r"([0-9]{1,2})(?:[.h ]?([0-9]{2}))?", plain)) and int(found[1]) < 25:
        return Wrong(what, "hours and minutes are joined by a colon", f"write {int(found[1]):02d}:{found[2] or '00'}")
    named = {"noon": "write 12:00", "midnight": "write 00:00 for the start of the day, or 24:00 for its end"}
    return Wrong(what, "", named.get(plain.lower(), "write as in 02:00 or 18:30"))


def _no_instant(plain: str) -> Wrong:
    what = f"`{plain}` is not a moment"
    if re.fullmatch(r"-?[0-9]{9,19}(\.[0-9]{1,9})?", plain):
        whole = int(plain.split(".")[0])
        digits = len(str(abs(whole)))
        for most, unit, name in ((11, SECOND, "seconds"), (14, 1000, "milliseconds"), (17, 1, "microseconds")):
            if digits <= most:
                meant = (_EPOCH + timedelta(microseconds=whole * unit)).strftime("%Y-%m-%dT%H:%M:%SZ")
                return Wrong(what, f"it looks like {name} since 1970", f"write {meant}")
        meant = (_EPOCH + timedelta(microseconds=whole // 1000)).strftime("%Y-%m-%dT%H:%M:%SZ")
        return Wrong(what, "it looks like nanoseconds since 1970", f"write {meant}")
    if isinstance(day(plain), date):
        return Wrong(what, "it has no time of day", f"write as in {plain}T00:00:00Z")
    return Wrong(what, "", "write as in 2026-02-28T14:00:00Z or 2026-02-28T14:00:00+01:00")
