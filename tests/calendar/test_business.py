from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from makegood.calendar.business import UnknownHolidays, holiday_source, holidays_of, hours, is_business_day
from makegood.calendar.holiday import check_holidays
from makegood.calendar.zone import Zone
from makegood.model.spans import DAY, END_OF_TIME, HOUR, Span, Spans
from makegood.model.when import Calendar, ClockTime, Holidays, Weekday, WeeklyWindow

NINE_TO_FIVE = tuple(WeeklyWindow(day, ClockTime(9 * 3600), day, ClockTime(17 * 3600)) for day in list(Weekday)[:5])
NEW_YORK = "America/New_York"
OFFICE = Calendar("office", NEW_YORK, NINE_TO_FIVE, Holidays("US"))
ALWAYS = Calendar("always", NEW_YORK)
NIGHTS = Calendar(
    "nights", NEW_YORK, (WeeklyWindow(Weekday.FRIDAY, ClockTime(79_200), Weekday.SATURDAY, ClockTime(21_600)),)
)


def days(first: str, last: str, zone: str = NEW_YORK) -> Span:
    return Zone.named(zone).days(date.fromisoformat(first), date.fromisoformat(last))


@pytest.mark.parametrize(
    ("calendar", "first", "last", "length"),
    [
        (OFFICE, "2026-02-23", "2026-02-27", 40 * HOUR),
        (OFFICE, "2026-02-28", "2026-03-01", 0),
        (OFFICE, "2026-11-23", "2026-11-29", 32 * HOUR),  # Thanksgiving
        (OFFICE, "2026-07-02", "2026-07-05", 8 * HOUR),  # Independence Day is a Saturday, Friday is off in lieu
        (OFFICE, "2026-02-01", "2026-02-28", 19 * 8 * HOUR),  # Washington's Birthday
        (ALWAYS, "2026-03-08", "2026-03-08", 23 * HOUR),
        (Calendar("always but", NEW_YORK, (), Holidays("US")), "2026-11-25", "2026-11-27", 48 * HOUR),
        (NIGHTS, "2026-02-27", "2026-02-28", 8 * HOUR),
        (NIGHTS, "2026-02-28", "2026-02-28", 6 * HOUR),
        # a night that runs into a holiday ends at midnight
        (
            Calendar("nights", NEW_YORK, NIGHTS.hours, Holidays(dates=(date(2026, 2, 28),))),
            "2026-02-27",
            "2026-02-28",
            2 * HOUR,
        ),
    ],
)
def test_business_hours_are_the_windows_without_the_holidays(
    calendar: Calendar, first: str, last: str, length: int
) -> None:
    assert hours(calendar, days(first, last)).total == length


def test_hours_are_cut_to_the_span_and_an_open_one_is_refused() -> None:
    noon = Zone.named(NEW_YORK).instant(date(2026, 2, 27), ClockTime(12 * 3600))
    assert hours(OFFICE, Span(noon, noon + 3 * DAY)).total == 5 * HOUR + 3 * HOUR
    assert hours(OFFICE, Span(noon, noon)) == Spans()
    assert hours(ALWAYS, Span(noon, noon)) == Spans()
    with pytest.raises(ValueError, match="open span"):
        hours(OFFICE, Span(noon, END_OF_TIME))


@pytest.mark.parametrize(
    ("calendar", "day", "business"),
    [
        (OFFICE, "2026-11-25", True),
        (OFFICE, "2026-11-26", False),  # Thanksgiving
        (OFFICE, "2026-11-27", True),
        (OFFICE, "2026-11-28", False),
        (OFFICE, "2026-07-03", False),  # in lieu
        (OFFICE, "2021-12-31", False),  # in lieu of the next year's first day
        (ALWAYS, "2026-11-28", True),
        (ALWAYS, "2026-12-25", True),
        (NIGHTS, "2026-02-27", True),
        (NIGHTS, "2026-02-28", True),
        (NIGHTS, "2026-03-01", False),
        (Calendar("office", "Pacific/Apia", NINE_TO_FIVE), "2011-12-30", False),  # a Friday that was skipped
        (Calendar("always", "Pacific/Apia"), "2011-12-30", False),
        (Calendar("always", "Pacific/Apia"), "2011-12-31", True),
    ],
)
def test_a_business_day_has_hours_and_no_holiday(calendar: Calendar, day: str, business: bool) -> None:
    assert is_business_day(calendar, date.fromisoformat(day)) is business


@pytest.mark.parametrize(
    ("named", "year", "day", "name"),
    [
        (Holidays("US"), 2026, "2026-11-26", "Thanksgiving Day"),
        (Holidays("US"), 2026, "2026-07-03", "Independence Day (observed)"),
        (Holidays("US"), 2021, "2021-12-31", "New Year's Day (observed)"),
        (Holidays("USA"), 2026, "2026-11-26", "Thanksgiving Day"),
        (Holidays("US"), 2026, "2026-11-27", None),
        (Holidays("US", "CA"), 2026, "2026-03-31", "Cesar Chavez Day"),
        (Holidays("US"), 2026, "2026-03-31", None),
        (Holidays("US", categories=("government",)), 2026, "2026-01-19", "Birthday of Martin Luther King, Jr."),
        (Holidays("DE"), 2026, "2026-10-03", "Tag der Deutschen Einheit"),
        (Holidays("DE", "BY"), 2026, "2026-01-06", "Heilige Drei Könige"),
        (Holidays("GB", "SCT"), 2026, "2026-11-30", "Saint Andrew's Day"),
        (Holidays("XNYS"), 2026, "2026-04-03", "Good Friday"),
        (Holidays("XECB"), 2026, "2026-05-01", "Labour Day"),
        (Holidays(dates=(date(2026, 3, 3),)), 2026, "2026-03-03", "holiday named in the agreement"),
        (Holidays("US", dates=(date(2026, 3, 3),)), 2026, "2026-03-03", "holiday named in the agreement"),
        (Holidays("US", dates=(date(2026, 3, 3),)), 2026, "2026-11-26", "Thanksgiving Day"),
        (Holidays("US", dates=(date(2026, 11, 26),)), 2026, "2026-11-26", "Thanksgiving Day"),
        (Holidays(dates=(date(2026, 3, 3),)), 2027, "2026-03-03", None),
    ],
)
def test_holidays_have_names(named: Holidays, year: int, day: str, name: str | None) -> None:
    assert holidays_of(named, [year]).get(date.fromisoformat(day)) == name


def test_holidays_are_in_order_and_of_the_years_asked() -> None:
    found = list(holidays_of(Holidays("US"), (2022, 2021)))
    assert found == sorted(found)
    assert {day.year for day in found} == {2021, 2022}
    assert list(holidays_of(Holidays("US"), ())) == []


@pytest.mark.parametrize(
    ("named", "message"),
    [
        (Holidays("us"), "there is no list of holidays for 'us'; did you mean US?"),
        (Holidays("Germany"), "there is no list of holidays for 'Germany'; did you mean DE?"),
        (Holidays("United States"), "there is no list of holidays for 'United States'; did you mean US"),
        (Holidays("XNYSE"), "there is no list of holidays for 'XNYSE'; did you mean XNYS"),
        (Holidays("UnitedStates"), "there is no list of holidays for 'UnitedStates'"),
        (Holidays("US", "California"), "US has no subdivision 'California'; did you mean CA?"),
        (Holidays("US", "QQ"), "US has no subdivision 'QQ'"),
        (
            Holidays("US", categories=("goverment",)),
            "US has no holidays of the category 'goverment'; did you mean government?",
        ),
        (Holidays("", "CA"), "a subdivision or a category needs the code of a country or a market"),
    ],
)
def test_a_list_that_does_not_exist_is_refused_with_what_was_probably_meant(named: Holidays, message: str) -> None:
    with pytest.raises(UnknownHolidays) as refused:
        check_holidays(named)
    assert str(refused.value).startswith(message)


def test_the_names_of_holidays_do_not_depend_on_the_language_of_the_host(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("LANGUAGE", "LC_ALL", "LANG"):
        monkeypatch.setenv(name, "uk")
    assert holidays_of(Holidays("DE"), [2031])[date(2031, 10, 3)] == "Tag der Deutschen Einheit"


def test_the_source_of_holidays_names_the_library_and_its_version() -> None:
    library, version = holiday_source().split()
    assert library == "holidays"
    assert version[0].isdigit()


calendars = st.builds(
    Calendar,
    st.just("any"),
    st.sampled_from([NEW_YORK, "Europe/Dublin", "Pacific/Apia", "America/Sao_Paulo"]),
    st.lists(
        st.builds(
            WeeklyWindow,
            st.sampled_from(Weekday),
            st.integers(0, 86_400).map(ClockTime),
            st.sampled_from(Weekday),
            st.integers(0, 86_400).map(ClockTime),
        ),
        max_size=3,
    ).map(tuple),
    st.sampled_from([None, Holidays("US"), Holidays("IE"), Holidays(dates=(date(2011, 12, 29), date(2026, 3, 8)))]),
)


@given(
    calendars, st.dates(date(2010, 1, 1), date(2030, 1, 1)) | st.sampled_from([date(2011, 12, 30), date(2026, 3, 8)])
)
def test_a_date_is_a_business_day_just_when_its_span_has_hours(calendar: Calendar, day: date) -> None:
    zone = Zone.named(calendar.zone)
    for ahead in range(-2, 3):
        each = day + timedelta(days=ahead)
        assert is_business_day(calendar, each) == bool(hours(calendar, zone.day(each)).total)
