from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from makegood.calendar.window import crossing, weekly
from makegood.calendar.zone import Zone
from makegood.model.spans import DAY, END_OF_TIME, HOUR, MINUTE, Span, Spans
from makegood.model.when import ClockTime, Weekday, WeeklyWindow
from tests.calendar import oracle


def window(text: str) -> WeeklyWindow:
    """`Fri 18:00 - Mon 03:00` as a value."""
    names = {day.name[:3].title(): day for day in Weekday}
    first, start, _, last, end = text.split()
    times = [ClockTime(int(time[:2]) * 3600 + int(time[3:]) * 60) for time in (start, end)]
    return WeeklyWindow(names[first], times[0], names[last], times[1])


def days(zone: Zone, first: str, last: str) -> Span:
    return zone.days(date.fromisoformat(first), date.fromisoformat(last))


@pytest.mark.parametrize(
    ("text", "zone", "first", "last", "length"),
    [
        ("Sun 02:00 - Sun 06:00", "America/New_York", "2026-03-01", "2026-03-01", 4 * HOUR),
        ("Sun 02:00 - Sun 06:00", "America/New_York", "2026-03-08", "2026-03-08", 3 * HOUR),  # starts at 03:00 EDT
        ("Sun 02:00 - Sun 06:00", "America/New_York", "2026-11-01", "2026-11-01", 4 * HOUR),  # 02:00 is shown once, EST
        ("Sun 01:00 - Sun 06:00", "America/New_York", "2026-11-01", "2026-11-01", 6 * HOUR),  # from the first 01:00
        ("Sun 00:00 - Sun 01:30", "America/New_York", "2026-11-01", "2026-11-01", 90 * MINUTE),  # to the first 01:30
        ("Sun 01:30 - Sun 02:00", "America/New_York", "2026-11-01", "2026-11-01", 90 * MINUTE),  # both hours of it
        ("Sun 02:10 - Sun 02:50", "America/New_York", "2026-03-08", "2026-03-08", 0),  # neither end is shown
        ("Sun 00:00 - Sun 24:00", "America/New_York", "2026-03-08", "2026-03-08", 23 * HOUR),
        ("Fri 18:00 - Mon 03:00", "America/Los_Angeles", "2026-02-27", "2026-03-02", 57 * HOUR),
        ("Fri 18:00 - Mon 03:00", "America/Los_Angeles", "2026-03-06", "2026-03-09", 56 * HOUR),
        ("Fri 18:00 - Mon 03:00", "America/Los_Angeles", "2026-10-30", "2026-11-02", 58 * HOUR),
        (
            "Mon 22:00 - Mon 06:00",
            "UTC",
            "2026-03-02",
            "2026-03-08",
            6 * DAY + 8 * HOUR,
        ),  # nearly a week, and its beginning is the one before
        ("Wed 09:00 - Wed 09:00", "Europe/Berlin", "2026-03-23", "2026-04-05", 14 * DAY - HOUR),  # every hour
        ("Sun 24:00 - Mon 06:00", "Europe/Berlin", "2026-03-01", "2026-03-02", 6 * HOUR),
        ("Fri 09:00 - Fri 17:00", "Pacific/Apia", "2011-12-29", "2011-12-31", 0),  # that Friday was skipped
        ("Thu 20:00 - Sat 04:00", "Pacific/Apia", "2011-12-29", "2011-12-31", 8 * HOUR),
    ],
)
def test_a_window_lasts_as_long_as_the_clocks_of_its_dates_make_it(
    text: str, zone: str, first: str, last: str, length: int
) -> None:
    at = Zone.named(zone)
    assert weekly([window(text)], at, days(at, first, last)).total == length


def test_windows_that_touch_or_overlap_are_one_span_and_none_are_no_time() -> None:
    zone = Zone.named("Europe/Berlin")
    over = days(zone, "2026-03-02", "2026-03-08")
    both = [window("Mon 22:00 - Mon 24:00"), window("Tue 00:00 - Tue 06:00"), window("Tue 05:00 - Tue 07:00")]
    assert [span.length for span in weekly(both, zone, over)] == [9 * HOUR]
    assert weekly([], zone, over) == Spans()
    assert weekly(both, zone, Span(over.start, over.start)) == Spans()


def test_a_window_that_began_before_the_span_is_in_it() -> None:
    zone = Zone.named("America/Los_Angeles")
    sunday = days(zone, "2026-03-08", "2026-03-08")
    assert weekly([window("Fri 18:00 - Mon 03:00")], zone, sunday) == Spans([sunday])


def test_an_open_end_is_refused() -> None:
    with pytest.raises(ValueError, match="open span"):
        weekly([window("Fri 18:00 - Mon 03:00")], Zone.named("UTC"), Span(0, END_OF_TIME))


@pytest.mark.parametrize(
    ("text", "zone", "told"),
    [
        (
            "Sun 02:00 - Sun 06:00",
            "America/New_York",
            [
                (
                    "2026-03-08",
                    "02:00 is skipped: clocks go forward from 02:00 to 03:00; the window starts at 03:00 EDT",
                ),
            ],
        ),
        (
            "Sat 22:00 - Sun 01:30",
            "America/New_York",
            [
                (
                    "2026-11-01",
                    "01:30 is shown twice: clocks go back from 02:00 to 01:00; "
                    "the window ends at 01:30 EDT, the first time",
                )
            ],
        ),
        ("Sun 03:00 - Sun 06:00", "America/New_York", []),
        ("Sat 02:00 - Sat 06:00", "America/New_York", []),
        ("Fri 18:00 - Mon 03:00", "America/Los_Angeles", []),
        ("Sun 02:00 - Sun 06:00", "UTC", []),
        ("Sun 02:00 - Sun 06:00", "Asia/Tokyo", []),
        (
            "Sun 00:00 - Sun 24:00",
            "Asia/Beirut",
            [
                (
                    "2026-03-29",
                    "00:00 is skipped: clocks go forward from 00:00 to 01:00; the window starts at 01:00 EEST",
                ),
            ],
        ),
        ("Sat 12:00 - Sat 24:00", "Asia/Beirut", []),  # 24:00 is the next date's first instant, by its own rule
    ],
)
def test_a_start_or_an_end_in_a_clock_change_is_told(text: str, zone: str, told: list[tuple[str, str]]) -> None:
    at = Zone.named(zone)
    found = crossing(window(text), at, days(at, "2026-01-01", "2026-12-31"))
    assert [(day.isoformat(), what) for day, what in found] == told


def test_a_start_on_a_date_that_was_skipped_whole_is_told_with_the_date_it_falls_to() -> None:
    zone = Zone.named("Pacific/Apia")
    (found,) = crossing(window("Fri 09:00 - Sat 17:00"), zone, days(zone, "2011-12-01", "2012-01-31"))
    assert found.date == date(2011, 12, 30)
    assert "the window starts at 00:00 +14 on 2011-12-31" in found.what


places = st.sampled_from(
    [
        "America/New_York",
        "Europe/Dublin",
        "Australia/Lord_Howe",
        "America/Sao_Paulo",
        "Pacific/Apia",
        "Asia/Gaza",
        "UTC",
    ]
)
minutes = st.integers(0, 1440).map(lambda minute: ClockTime(60 * minute))
windows = st.builds(WeeklyWindow, st.sampled_from(Weekday), minutes, st.sampled_from(Weekday), minutes)
dates = st.dates(date(1995, 1, 1), date(2037, 12, 1))
changing = st.sampled_from(
    [date(2026, 3, 8), date(2026, 11, 1), date(2011, 12, 30), date(2018, 11, 4), date(2026, 4, 5), date(2026, 10, 4)]
)


@given(windows, places, dates | changing, st.integers(0, 20))
def test_each_week_of_a_window_goes_from_the_first_start_to_the_first_end_that_a_watched_clock_shows(
    wanted: WeeklyWindow, place: str, day: date, length: int
) -> None:
    zone = Zone.named(place)
    over = zone.days(day, day + timedelta(days=length))
    expected = []
    for ahead in range(-9, length + 2):
        begins = day + timedelta(days=ahead)
        if begins.weekday() == wanted.first:
            ends = begins + timedelta(days=(wanted.last - wanted.first) % 7)
            if (begin := wall(begins, wanted.start)) >= (end := wall(ends, wanted.end)):
                end += timedelta(days=7)
            if end - begin > timedelta(days=7):  # from 24:00 to the same midnight, a date later by name
                end -= timedelta(days=7)
            expected.append((first_shown(place, begin), first_shown(place, end)))
    assert weekly([wanted], zone, over) == Spans(expected).within(over)


def wall(day: date, time: ClockTime) -> datetime:
    return datetime(day.year, day.month, day.day, tzinfo=UTC) + timedelta(seconds=time.seconds)


def first_shown(place: str, at: datetime) -> int:
    midnight = at.replace(hour=0, minute=0)
    return oracle.first_instant(place, at.date(), ClockTime((at - midnight) // timedelta(seconds=1)))


@given(windows, places, dates, st.integers(0, 400), st.integers(0, 400))
def test_windows_of_two_spans_that_touch_are_those_of_both_together(
    wanted: WeeklyWindow, place: str, day: date, first: int, second: int
) -> None:
    zone = Zone.named(place)
    begin = zone.day(day).start
    middle = begin + first * HOUR
    end = middle + second * HOUR
    apart = weekly([wanted], zone, Span(begin, middle)) | weekly([wanted], zone, Span(middle, end))
    assert apart == weekly([wanted], zone, Span(begin, end))
