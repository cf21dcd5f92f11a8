"""Where and when a question plays, and what is worth aiming at: edges of local time, and lengths that rules name."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, timedelta

from makegood.model.spans import HOUR
from makegood.model.when import ClockTime, Partial, PeriodKind, PeriodRule, Weekday, WeeklyWindow
from tests.exact.dice import Dice
from tests.exact.plain_periods import dates_of, label_of
from tests.exact.stage import Face, Stage, stage

WEEKS = (
    ("UTC", date(2026, 2, 23)),
    ("America/New_York", date(2026, 2, 16)),
    ("America/New_York", date(2026, 10, 12)),
    ("Europe/Berlin", date(2026, 3, 9)),
    ("Europe/Berlin", date(2026, 10, 5)),
    ("Australia/Lord_Howe", date(2026, 3, 16)),
    ("Australia/Lord_Howe", date(2026, 9, 14)),
    ("America/Havana", date(2026, 2, 16)),
    ("Asia/Kolkata", date(2026, 2, 9)),
)
"""Zones with a Monday about three weeks before a clock change, where there is one; the third week is judged."""

MONTHS = (
    ("UTC", date(2026, 1, 20), date(2026, 2, 1)),
    ("America/New_York", date(2028, 1, 20), date(2028, 2, 1)),
    ("Europe/Berlin", date(2026, 3, 19), date(2026, 4, 1)),
    ("America/New_York", date(2026, 2, 18), date(2026, 3, 1)),
)
"""Zones with a first date, and the first of the month that is judged."""

WEEK_DAYS, MONTH_DAYS = 35, 72
SHORT_DAYS = 2
BEFORE = 9
"""Dates of a stage before a term begins there: as many as the longest window reaches back."""
AFTER = 10
"""Dates of a stage from the question on: more than the longest window, so that none is cut before it."""


@dataclass
class Setting:
    """`start` and `end` are the ticks of the judged period; `marks` and `lengths` are what facts aim at."""

    stage: Stage
    face: Face
    rule: PeriodRule
    day: date
    label: str
    dates: tuple[date, date]
    start: int
    end: int
    as_of: int
    marks: list[int] = field(default_factory=list)
    lengths: list[int] = field(default_factory=list)

    @property
    def is_short(self) -> bool:
        """Whether the period is short enough to draw every slot of it."""
        return (self.dates[1] - self.dates[0]).days < SHORT_DAYS

    def aim(self, window: WeeklyWindow) -> WeeklyWindow:
        """The window, whose edges near the period are now worth aiming at."""
        day = 1440
        self.marks += [t for t in self.face.edges_of(window) if self.start - day <= t <= self.end + day]
        return window

    def tick(self, dice: Dice) -> int:
        """Often on a mark, a tick before it or after it; else anywhere in the period or a day around it."""
        if dice.chance(0.5):
            return dice.one(self.marks) + dice.one((-1, 0, 0, 1))
        return dice.between(self.start - 400, self.end + 400)

    def length(self, dice: Dice) -> int:
        """Often a length that a rule names, a tick less or more; at least one tick."""
        if self.lengths and dice.chance(0.5):
            return max(1, dice.one(self.lengths) + dice.one((-1, 0, 0, 1)))
        return dice.by((0.6, dice.between(1, 90)), (0.3, dice.between(60, 500)), (0.1, dice.between(500, 4000)))


def setting(dice: Dice) -> Setting:
    """A stage, a period on it, and the instant from which it is looked at."""
    if dice.chance(0.06):
        zone, first, day = dice.one(MONTHS)
        where = stage(zone, first, MONTH_DAYS)
        rule = _months(dice, zone)
    else:
        zone, first = dice.one(WEEKS)
        where = stage(zone, first, WEEK_DAYS)
        day = first + timedelta(days=dice.between(14, 20))
        rule = _weeks(dice, zone)
    dates = dates_of(rule, day)
    face = where.face(zone)
    start, end = face.dates[dates[0]][0], face.dates[dates[1]][1]
    as_of = face.dates[face.days[-AFTER]][1]
    if dice.chance(0.15):
        as_of = dice.by((0.5, end + dice.one((-1, 0, 1))), (0.5, dice.between(start + 1, end - 1)))
    return Setting(where, face, rule, day, label_of(rule, dates), dates, start, end, as_of, [start, end, end, start])


def _months(dice: Dice, zone: str) -> PeriodRule:
    if dice.chance(0.5):
        return PeriodRule("period", PeriodKind.BILLING_MONTH, zone, anchor=dice.one((1, 1, 30, 31)))
    nominal = dice.by((0.7, None), (0.3, 730 * HOUR))
    return PeriodRule("period", PeriodKind.MONTH, zone, nominal=nominal, partial=_partial(dice))


def _weeks(dice: Dice, zone: str) -> PeriodRule:
    kind = dice.by((0.6, PeriodKind.DAY), (0.25, PeriodKind.WEEK), (0.15, PeriodKind.DAYS))
    partial = _partial(dice)
    if kind is PeriodKind.DAY:
        nominal = 24 * HOUR if dice.chance(0.2) else None
        return PeriodRule("period", kind, zone, nominal=nominal, partial=partial)
    if kind is PeriodKind.WEEK:
        nominal = 168 * HOUR if dice.chance(0.2) else None
        starts = Weekday.SUNDAY if dice.chance(0.2) else Weekday.MONDAY
        return PeriodRule("period", kind, zone, week_starts=starts, nominal=nominal, partial=partial)
    return PeriodRule("period", kind, zone, days=dice.between(1, 4), partial=partial)


def _partial(dice: Dice) -> Partial:
    return dice.by((0.8, Partial.JUDGED), (0.1, Partial.NOT), (0.1, Partial.WHOLE))


def window(dice: Dice) -> WeeklyWindow:
    """Hours on one weekday, over midnight, or over several days."""
    first = Weekday(dice.between(0, 6))
    last = dice.by((0.6, first), (0.25, Weekday((first + 1) % 7)), (0.15, Weekday(dice.between(0, 6))))
    start, end = (_clock_time(dice) for _ in (0, 1))
    if start.seconds == 86_400:
        start = ClockTime(0)
    return WeeklyWindow(first, start, last, end)


def _clock_time(dice: Dice) -> ClockTime:
    if dice.chance(0.1):
        return ClockTime(dice.between(0, 1440) * 60)
    return ClockTime(dice.between(0, 48) * 1800)


def office(dice: Dice) -> tuple[WeeklyWindow, ...]:
    """Hours by day on some weekdays, none of which a clock change can swallow."""
    opens, closes = ClockTime(dice.between(14, 20) * 1800), ClockTime(dice.between(30, 48) * 1800)
    return tuple(WeeklyWindow(Weekday(n), opens, Weekday(n), closes) for n in dice.some(range(7), 3, 6))
