"""The shapes of single values: names, durations, thresholds, windows, shares, money, and ranges of a table."""

from __future__ import annotations

import re
from calendar import month_name
from datetime import date
from fractions import Fraction
from typing import Any

from makegood.contract import numbers, patterns
from makegood.contract.edges import Edge, edge_range, edge_threshold
from makegood.contract.patterns import sided, whole
from makegood.contract.shape import Shape, from_words, list_of, mapped
from makegood.contract.wrong import Wrong
from makegood.model.spans import Duration
from makegood.model.terms import Counts, Strength
from makegood.model.threshold import Threshold
from makegood.model.when import Allowance, Weekday, WeeklyWindow

_NAME = re.compile(rf"{patterns.NAME}\Z")


def _name(text: str) -> str | Wrong:
    if _NAME.match(text):
        return text
    fixed = re.sub(r"[^a-z0-9]+", "-", text.lower()).strip("-")
    what = f"`{text}` is no name of a rule" if text else "the name of a rule is missing"
    hint = f"write `{fixed}`" if _NAME.match(fixed) else "write a name such as `monthly-uptime`"
    return Wrong(what, "names are lower-case words joined by hyphens", hint)


def _words(text: str) -> str | Wrong:
    return text if text.strip() else Wrong("nothing is written here", "", "write some words, or leave the key out")


def _yes_no(text: str) -> bool | Wrong:
    if text in ("yes", "no"):
        return text == "yes"
    return Wrong(f"`{text}` is neither yes nor no", "", "write `yes` or `no`")


def either_schema(pattern: str) -> dict[str, Any]:
    """A number, or a text of this pattern: readers of YAML other than ours take `30` for a number."""
    return {"type": ["string", "number"], "pattern": pattern}


def _counted(unit: str) -> Shape[int]:
    def convert(text: str) -> int | Wrong:
        found = re.fullmatch(r"(\d{1,6})(?: (?:consecutive )?([a-z]+))?", text)
        singular = unit.removesuffix("es") if unit == "successes" else unit.removesuffix("s")
        if not found or (found[2] and found[2] not in (unit, singular)) or int(found[1]) < 1:
            return Wrong(f"`{text}` is no number of {unit}", "", f"write for example `3 {unit}`")
        return int(found[1])

    singular = unit.removesuffix("es") if unit == "successes" else unit.removesuffix("s")
    pattern = whole(f"[1-9][0-9]{{0,5}}(?: (?:consecutive )?(?:{unit}|{singular}))?")
    return from_words(f"a number of {unit}", f"3 {unit}", convert, schema=either_schema(pattern))


def _month(text: str) -> int | Wrong:
    months = tuple(month_name)[1:]
    return months.index(text) + 1 if text in months else Wrong(f"`{text}` is no month", "", "write `February`")


def _places(text: str) -> int | Wrong:
    found = re.fullmatch(r"(\d) places?", text)
    return int(found[1]) if found else Wrong(f"`{text}` is no number of places", "", "write `2 places`")


def _target(text: str) -> Threshold[Edge] | Wrong:
    value = edge_threshold(text)
    if not isinstance(value, Wrong) and value.edge.counts is Counts.SHARE and not 0 <= value.edge.value <= 1:
        why = "a share of time lies between 0 % and 100 %"
        return Wrong(f"{text} cannot be reached", why, "write a smaller share, as in at least 99.9 %")
    return value


def _threshold_duration(text: str) -> Threshold[Duration] | Wrong:
    return numbers.threshold(text, numbers.duration)


def _notice(text: str) -> Threshold[Duration] | Allowance | Wrong:
    """`at least 72 h`, or counted in days: `at least 5 business days`."""
    elapsed = numbers.threshold(text, numbers.duration)
    if isinstance(elapsed, Threshold):
        return elapsed
    if text.startswith("at least "):
        return numbers.allowance(text.removeprefix("at least "))
    return elapsed


def _items(text: str) -> Threshold[Fraction] | Wrong:
    """`more than 15 days`, `at least 3 months`, `more than 2`: a side and a number, its unit for the reader."""

    def counted(words: str) -> Fraction | Wrong:
        return numbers.number(words.partition(" ")[0])

    return numbers.threshold(text, counted)


def _windows(text: str) -> tuple[WeeklyWindow, ...] | Wrong:
    return numbers.weekly_window(text)


NAME = from_words("the name of a rule", "monthly-uptime", _name, whole(patterns.NAME))
NAMES = list_of(NAME)
WORDS = from_words("some words", "as a credit on a later invoice", _words)
WORD_LIST = list_of(WORDS)
YES_NO = from_words("`yes` or `no`", "yes", _yes_no, schema={"enum": ["yes", "no"]})


def _positive(text: str) -> Duration | Wrong:
    length = numbers.duration(text)
    if length == 0:
        return Wrong("a length of nothing cuts time into nothing", "", "write for example `1 min`")
    return length


POSITIVE = from_words("a length of time above zero", "1 min", _positive, whole(patterns.DURATION))
DURATION = from_words("a length of time with its unit", "5 min", numbers.duration, whole(patterns.DURATION))
THRESHOLD_DURATION = from_words(
    "a length of time with its side", "at least 5 min", _threshold_duration, whole(sided(patterns.DURATION))
)
TARGET = from_words(
    "a share, a length of time or a number, with its side", "at least 99.9 %", _target, whole(sided(patterns.EDGE))
)
SHARE = from_words("a share", "10 %", numbers.percent, whole(patterns.SHARE))
NUMBER = from_words("a number", "5", numbers.number, schema=either_schema(whole(patterns.NUMBER)))
MONEY = from_words("an amount of money", "1,250.00 USD", numbers.money, whole(patterns.MONEY))
ALLOWANCE = from_words("how long something may take", "30 days", numbers.allowance, whole(patterns.ALLOWANCE))
NOTICE: Shape[Threshold[Duration] | Allowance] = from_words(
    "how long before, with its side",
    "at least 72 h",
    _notice,
    whole(sided(patterns.DURATION), f"at least {patterns.ALLOWANCE}"),
)
DAY = from_words("a date", "2026-02-01", numbers.day, whole(patterns.DATE))
DATES: Shape[tuple[date, ...]] = list_of(DAY)
WINDOWS = mapped(
    list_of(from_words("a weekly window", "Sunday 02:00-06:00", _windows, whole(patterns.WINDOW))),
    lambda groups: tuple(w for group in groups for w in group),
)
_DAY_NAMES = {"enum": [day.name.title() for day in Weekday]}
WEEKDAY: Shape[Weekday] = from_words(
    "a day of the week", "Monday", numbers.weekday, schema={"anyOf": [_DAY_NAMES, {"pattern": whole(patterns.WEEKDAY)}]}
)
FAILURES = _counted("failures")
SUCCESSES = _counted("successes")
MONTH = from_words("a month of the year", "February", _month, schema={"enum": list(month_name)[1:]})
PLACES = from_words("a number of decimal places of the percentage", "2 places", _places, whole("[0-9] places?"))
RANGE = from_words("a stretch of values", "at least 99.0 % and below 99.9 %", edge_range, whole(patterns.RANGE))
ITEMS = from_words("a number with its side", "more than 15 days", _items, whole(sided(f"{patterns.NUMBER}(?: .*)?")))
STRENGTH: Shape[Strength] = mapped(
    from_words(
        "`promise`, `efforts` or `aim`",
        "promise",
        lambda t: (
            t
            if t in [s.value for s in Strength]
            else Wrong(f"`{t}` is no strength of a commitment", "", "write `promise`, `efforts` or `aim`")
        ),
        schema={"enum": [s.value for s in Strength]},
    ),
    Strength,
)
