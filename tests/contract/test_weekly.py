"""Weekdays and weekly windows in words: the hours of a service and the windows of its maintenance."""

import pytest

from makegood.contract.numbers import Wrong, weekday, weekly_window
from makegood.model.when import Weekday


@pytest.mark.parametrize(
    ("text", "windows"),
    [
        ("Sunday 02:00-06:00", ["Sunday 02:00-06:00"]),
        ("sunday 2:00 – 6:00", ["Sunday 02:00-06:00"]),
        ("Sunday 02:00 to 06:00", ["Sunday 02:00-06:00"]),
        ("Sunday 00:00-24:00", ["Sunday 00:00-24:00"]),
        ("Friday 18:00 - Monday 03:00", ["Friday 18:00 - Monday 03:00"]),
        ("Friday 18:00 to Monday 03:00", ["Friday 18:00 - Monday 03:00"]),
        ("Saturday 22:00 - Sunday 24:00", ["Saturday 22:00 - Sunday 24:00"]),
        ("Sunday 02:00 - Sunday 02:00", ["Sunday 02:00 - Sunday 02:00"]),
        ("Saturday and Sunday 02:00-06:00", ["Saturday 02:00-06:00", "Sunday 02:00-06:00"]),
        ("Monday, Wednesday and Friday 09:00-17:00", [f"{d} 09:00-17:00" for d in ("Monday", "Wednesday", "Friday")]),
        ("Friday to Monday 09:00-17:00", [f"{d} 09:00-17:00" for d in ("Friday", "Saturday", "Sunday", "Monday")]),
        ("Monday–Wednesday 09:00–17:00", [f"{d} 09:00-17:00" for d in ("Monday", "Tuesday", "Wednesday")]),
        ("every day 02:00-04:00", [f"{d.name.title()} 02:00-04:00" for d in Weekday]),
        (
            "Monday to Friday 09:00-17:00",
            [f"{d} 09:00-17:00" for d in ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday")],
        ),
    ],
)
def test_words_are_one_window_for_each_day_or_one_across_days(text: str, windows: list[str]) -> None:
    read = weekly_window(text)
    assert not isinstance(read, Wrong)
    assert [str(window) for window in read] == windows


@pytest.mark.parametrize(
    ("text", "what", "why", "hint"),
    [
        (
            "Sunday",
            "`Sunday` has no hours",
            "a window has a start and an end",
            "write Sunday 00:00-24:00 for the whole day",
        ),
        (
            "Sunday 02:00",
            "`Sunday 02:00` is not a weekly window",
            "",
            "write as in Sunday 02:00-06:00, Friday 18:00 - Monday 03:00 or Monday to Friday 09:00-17:00",
        ),
        (
            "Monday to Thursday 08:00-17:00, Friday 08:00-13:00",
            "`Monday to Thursday 08:00-17:00, Friday 08:00-13:00` is 2 windows, and one is read here",
            "a comma joins days of the same hours",
            "write a list: [Monday to Thursday 08:00-17:00, Friday 08:00-13:00]",
        ),
        ("Sun 02:00-06:00", "`Sun` is not a day of the week", "", "write Sunday"),
        (
            "Saturday 22:00-02:00",
            "`Saturday 22:00-02:00` ends before it starts",
            "a window that crosses midnight names both days",
            "write Saturday 22:00 - Sunday 02:00",
        ),
        (
            "Monday to Friday 22:00-06:00",
            "`Monday to Friday 22:00-06:00` ends before it starts",
            "a window that crosses midnight names both days",
            "write Monday 22:00 - Tuesday 06:00, and so on for each day",
        ),
        (
            "Sunday 02:00-02:00",
            "`Sunday 02:00-02:00` ends when it starts",
            "a window that crosses midnight names both days",
            "write Sunday 02:00 - Monday 02:00",
        ),
        (
            "Sunday 24:00 - Monday 02:00",
            "a window cannot start at 24:00",
            "24:00 is the end of its day",
            "write 00:00 of the next day",
        ),
        (
            "Sunday 2 am - 6 am",
            "`Sunday 2 am - 6 am` is not a weekly window",
            "",
            "write as in Sunday 02:00-06:00, Friday 18:00 - Monday 03:00 or Monday to Friday 09:00-17:00",
        ),
        (
            "Sunday 02:00-25:00",
            "`25:00` is not a time of day",
            "times run from 00:00 to 24:00",
            "write as in 02:00 or 18:30",
        ),
        ("Sunday and Sunday 02:00-06:00", "Sunday is named twice", "", "name each day once"),
        (
            "02:00-06:00",
            "`02:00-06:00` is not a weekly window",
            "",
            "write as in Sunday 02:00-06:00, Friday 18:00 - Monday 03:00 or Monday to Friday 09:00-17:00",
        ),
        (
            "Monday to Friday to Sunday 02:00-03:00",
            "`Monday to Friday to Sunday` is not a day of the week",
            "",
            "write its English name, as in Sunday",
        ),
    ],
)
def test_a_window_that_is_not_whole_is_refused(text: str, what: str, why: str, hint: str) -> None:
    assert weekly_window(text) == Wrong(what, why, hint)


@pytest.mark.parametrize("day", Weekday)
def test_a_day_of_the_week_is_its_english_name(day: Weekday) -> None:
    assert weekday(day.name.title()) is day
    assert weekday(day.name.lower()) is day


@pytest.mark.parametrize(
    ("text", "what", "why", "hint"),
    [
        ("Sun", "`Sun` is not a day of the week", "", "write Sunday"),
        ("Sundays", "`Sundays` is not a day of the week", "", "write Sunday"),
        ("Mon", "`Mon` is not a day of the week", "", "write Monday"),
        ("T", "`T` is not a day of the week", "", "write its English name, as in Sunday"),
        ("Wendsday", "`Wendsday` is not a day of the week", "", "write Wednesday"),
        ("Sonntag", "`Sonntag` is not a day of the week", "", "write its English name, as in Sunday"),
        ("0", "`0` is not a day of the week", "", "write its English name, as in Sunday"),
    ],
)
def test_another_name_of_a_day_is_refused_with_the_one_probably_meant(
    text: str, what: str, why: str, hint: str
) -> None:
    assert weekday(text) == Wrong(what, why, hint)
