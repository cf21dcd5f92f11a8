"""Rules of local time: zones, weekly windows, holidays, business calendars and the periods that are judged.

These are values only. `makegood.calendar` turns them into spans and deadlines, date by date in their zone.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import IntEnum, StrEnum

from makegood.model.spans import Duration


class Weekday(IntEnum):
    """Days of the week; numbered as `datetime.date.weekday` numbers them."""

    MONDAY = 0
    TUESDAY = 1
    WEDNESDAY = 2
    THURSDAY = 3
    FRIDAY = 4
    SATURDAY = 5
    SUNDAY = 6


@dataclass(frozen=True, slots=True, order=True)
class ClockTime:
    """A local time as a clock shows it, in whole seconds after midnight; 86,400 is 24:00, the next date's midnight."""

    seconds: int

    def __str__(self) -> str:
        minutes, seconds = divmod(self.seconds, 60)
        return f"{minutes // 60:02d}:{minutes % 60:02d}" + (f":{seconds:02d}" if seconds else "")


@dataclass(frozen=True, slots=True)
class WeeklyWindow:
    """From one weekday's clock time to another's, every week; `Friday 18:00 - Monday 03:00` crosses days.

    The end is the first such time after the start; equal day and time make a whole week.
    """

    first: Weekday
    start: ClockTime
    last: Weekday
    end: ClockTime

    def __str__(self) -> str:
        if self.first is self.last and self.start < self.end:
            return f"{self.first.name.title()} {self.start}-{self.end}"
        return f"{self.first.name.title()} {self.start} - {self.last.name.title()} {self.end}"


@dataclass(frozen=True, slots=True)
class Holidays:
    """A named list of public holidays: a country or market code of the `holidays` library with an optional subdivision
    and categories, or dates written out in the agreement (both may hold)."""

    code: str = ""
    subdivision: str = ""
    categories: tuple[str, ...] = ()
    dates: tuple[date, ...] = ()


@dataclass(frozen=True, slots=True)
class Calendar:
    """A named local time. `hours` empty means around the clock; a holiday has no hours. `zone` is an IANA name."""

    name: str
    zone: str
    hours: tuple[WeeklyWindow, ...] = ()
    holidays: Holidays | None = None


class PeriodKind(StrEnum):
    """The shapes of span that agreements judge."""

    MONTH = "calendar month"
    QUARTER = "calendar quarter"
    YEAR = "calendar year"
    WEEK = "week"
    DAY = "day"
    BILLING_MONTH = "billing month"
    DAYS = "days"


class Partial(StrEnum):
    """What becomes of a period that the order covers only in part: its covered part is judged, nothing is, or the whole
    of it, the part that is not covered being up."""

    JUDGED = "judged"
    NOT = "not judged"
    WHOLE = "judged as a whole"


@dataclass(frozen=True, slots=True)
class PeriodRule:
    """How time is cut into the periods that are judged, in the zone of a calendar.

    `first_month` is the month that a year or a quarter of a fiscal year starts from (January is 1); `anchor` the day of
    the month on which a billing month starts, clamped to a month's last; `week_starts` the first weekday of a week;
    `days` the number of consecutive local dates of a window of days; `nominal` a length that replaces the true one in
    the totals.
    """

    name: str
    kind: PeriodKind
    zone: str
    first_month: int = 1
    anchor: int = 1
    week_starts: Weekday = Weekday.MONDAY
    days: int = 0
    nominal: Duration | None = None
    partial: Partial = Partial.JUDGED


@dataclass(frozen=True, slots=True)
class Period:
    """One judged period: its label (`2026-02`, `2026-Q1`, `2026`, `2026-W07`), first and last local date, and zone."""

    label: str
    first: date
    last: date
    zone: str


class DayCount(StrEnum):
    """What an allowance is counted in. Hours and minutes are elapsed time; days and months are local dates."""

    ELAPSED = "elapsed"
    DAYS = "days"
    BUSINESS_DAYS = "business days"
    BUSINESS_TIME = "business time"
    MONTHS = "months"
    WEEKS = "weeks"


@dataclass(frozen=True, slots=True)
class Allowance:
    """How long something may take: µs for elapsed and business time, else a count of days, weeks or months."""

    count: int
    unit: DayCount

    def __str__(self) -> str:
        if self.unit in (DayCount.ELAPSED, DayCount.BUSINESS_TIME):
            hours, rest = divmod(self.count, 3_600_000_000)
            if rest:
                return f"{self.count // 60_000_000} min"
            return f"{hours} h"
        return f"{self.count} {self.unit.value if self.count != 1 else self.unit.value.removesuffix('s')}"
