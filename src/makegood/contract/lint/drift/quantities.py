"""Quantities in English text: numbers with their units, times of day, dates, weekdays, zones, each with its place.

Two quantities are equal when they say the same: `4 hours` and `240 min`, `2 weeks` and `14 days`, `02:00` and `2 am`,
`thirty (30) days` and `30 days`. `72 hours` and `3 days` are not: days are local dates, which differ in length.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import lru_cache
from typing import Final

from makegood.contract.lint.drift.words import MONTHS, ORDINALS, PARTS, TIMES, WORDS
from makegood.contract.lint.drift.zones import zones_in
from makegood.model.spans import HOUR, MINUTE, SECOND
from makegood.model.when import Weekday

_LONGEST: Final = 60
ALWAYS: Final = "around the clock"
COUNT: Final = "number"
EVERY_YEAR: Final = "every year"


@dataclass(frozen=True, slots=True)
class Quantity:
    """What is meant, as kind and value, and where it stands in the text: `text[start:end]`."""

    kind: str
    value: Fraction | str
    start: int = 0
    end: int = 0

    @property
    def meaning(self) -> tuple[str, Fraction | str]:
        return self.kind, self.value


_UNITS: Final[dict[str, tuple[str, Fraction]]] = {
    **dict.fromkeys(("%", "percent", "per cent", "pct"), ("share", Fraction(1, 100))),
    **dict.fromkeys(("percentage points", "percentage point"), ("points", Fraction(1))),
    **dict.fromkeys(("ms", "millisecond", "milliseconds"), ("time", Fraction(SECOND, 1000))),
    **dict.fromkeys(("s", "sec", "second", "seconds"), ("time", Fraction(SECOND))),
    **dict.fromkeys(("min", "mins", "minute", "minutes"), ("time", Fraction(MINUTE))),
    **dict.fromkeys(("h", "hr", "hrs", "hour", "hours"), ("time", Fraction(HOUR))),
    **dict.fromkeys(
        (f"{of} {hours}" for of in ("business", "working", "support", "office") for hours in ("hour", "hours")),
        ("business hours", Fraction(1)),
    ),
    **dict.fromkeys(
        ("business day", "business days", "working day", "working days", "workday", "workdays"),
        ("business days", Fraction(1)),
    ),
    **dict.fromkeys(("day", "days", "calendar day", "calendar days"), ("days", Fraction(1))),
    **dict.fromkeys(("week", "weeks"), ("days", Fraction(7))),
    **dict.fromkeys(("month", "months", "calendar month", "calendar months"), ("months", Fraction(1))),
    **dict.fromkeys(("quarter", "quarters", "calendar quarter", "calendar quarters"), ("months", Fraction(3))),
    **dict.fromkeys(("year", "years", "calendar year", "calendar years"), ("months", Fraction(12))),
    **dict.fromkeys(("dollar", "dollars", "usd", "$"), ("USD", Fraction(1))),
    **dict.fromkeys(("euro", "euros", "eur", "€"), ("EUR", Fraction(1))),
    **dict.fromkeys(("pound", "pounds", "gbp", "£"), ("GBP", Fraction(1))),
}
_DAYS: Final = {day.name.lower(): day for day in Weekday}

_GAP: Final = r"(?:[ \t\u00a0\u202f]|\n(?![ \t]*\n))"
_NUM: Final = r"(?:\d{1,3}(?:,\d{3})+(?:\.\d+)?|\d+(?:\.\d+)?)"
_BETWEEN: Final = "|".join(
    ("or more", "or fewer", "or less", "consecutive", "full", "whole", "elapsed", "started", "complete", "additional")
)
_UNIT: Final = "|".join(sorted((re.escape(u).replace(r"\ ", _GAP) for u in _UNITS if u[-1].isalpha()), key=len)[::-1])
_MONTH: Final = "|".join(MONTHS)
_SPELT: Final = "|".join(sorted(WORDS, key=len, reverse=True))
_DIGIT: Final = "|".join(word for word, value in WORDS.items() if value < 10)
_REFERENCE: Final = re.compile(
    rf"(?:\b(?:clauses?|sections?|articles?|annex|appendix|schedule|exhibit|pages?|steps?|version|rfc|iso|tls|no\.)|§)"
    rf"{_GAP}*\(?\d[\w.]*\)?(?:(?:{_GAP}*,|{_GAP}+(?:and|or|to)){_GAP}*\d[\w.]*)*",
    re.IGNORECASE,
)
_ALWAYS: Final = re.compile(
    rf"\b24(?:{_GAP}+hours)?{_GAP}+a{_GAP}+day,?(?:{_GAP}+and)?{_GAP}+7{_GAP}+days{_GAP}+a{_GAP}+week\b"
    rf"(?:,?(?:{_GAP}+and)?{_GAP}+365{_GAP}+days{_GAP}+(?:a|per|each){_GAP}+year\b)?"
    rf"|\b24 ?[x×/] ?7(?: ?[x×/] ?365)?\b|\b365{_GAP}+days{_GAP}+(?:a|per|each|in{_GAP}+the|of{_GAP}+the){_GAP}+year\b"
)
_ISO: Final = re.compile(r"(?<![\w-])(\d{3,5}-\d{1,3}-\d{1,3})(?![\w-])")
_DATE: Final = re.compile(
    rf"\b(?:(\d{{1,2}})(?:st|nd|rd|th)?{_GAP}+({_MONTH})|({_MONTH}){_GAP}+(\d{{1,2}})(?:st|nd|rd|th)?)\b"
    rf"(?:,?{_GAP}+(\d{{4}})\b)?",
    re.IGNORECASE,
)
_CLOCK: Final = re.compile(
    rf"(?<![\w.:])(\d{{1,2}})(?:[:.](\d{{2}}))(?::(\d{{2}}))?(?:{_GAP}?([ap])\.?m\b\.?)?(?![\w%:]|\.\d|{_GAP}?%)|"
    rf"(?<![\w.:])(\d{{1,2}}){_GAP}?([ap])\.?m\b\.?|\b(noon|midnight)\b"
    rf"|(?<![\w.:])(\d{{1,2}}){_GAP}+(?:o['’]clock\b|(?=in{_GAP}+the{_GAP}+(?:morning|afternoon|evening)\b))"
    rf"(?:{_GAP}*in{_GAP}+the{_GAP}+(morning|afternoon|evening)\b)?",
    re.IGNORECASE,
)
_MONTH_ALONE: Final = re.compile(
    rf"\b(?:(?:in|of|from|to|and|until|till|since|by|before|after|each|every|next|starts|begins|ends){_GAP}+({_MONTH})"
    rf"|({'|'.join(m for m in MONTHS if m not in ('march', 'may'))}))\b",
    re.IGNORECASE,
)
_PART: Final = re.compile(rf"\b({'|'.join(PARTS)}){_GAP}+(?:of{_GAP}+)?(?=the\b|its\b|those\b|all\b)", re.IGNORECASE)
_TIMES: Final = re.compile(rf"\b({'|'.join(TIMES)})\b(?!{_GAP}+as\b)", re.IGNORECASE)
_WEEKDAY: Final = re.compile(rf"\b({'|'.join(_DAYS)})s?\b", re.IGNORECASE)
_WORKDAYS: Final = re.compile(r"\bweekdays?\b", re.IGNORECASE)
_STATUS: Final = re.compile(r"(?<![\w.])(\d{1,2})xx\b|(?<![\w.])([1-5])00 to ([1-5])99\b", re.IGNORECASE)
_MONEY: Final = re.compile(rf"([$€£]){_GAP}?({_NUM})|\b(USD|EUR|GBP){_GAP}({_NUM})")
_NUMBER: Final = re.compile(
    rf"(?<![\w.,:/])(?<!\w-)(?:({_NUM})|\b((?:{_SPELT})(?:{_GAP}+point(?:{_GAP}+(?:{_DIGIT})\b)+)?|{'|'.join(ORDINALS)})\b"
    rf"(?:{_GAP}+\(({_NUM})(?:st|nd|rd|th)?(?:{_GAP}*%)?\))?)(?:st|nd|rd|th)?"
    rf"(?:(?:-|{_GAP}*(?:(?:{_BETWEEN}){_GAP}+){{0,3}})(%|[$€£]|(?:{_UNIT})\b)|(?![\w%]))",
    re.IGNORECASE,
)
_EVERY: Final = re.compile(rf"\b(?:every|each){_GAP}+(?:(?:{_BETWEEN}){_GAP}+)?({_UNIT})\b", re.IGNORECASE)
_OR_TWO: Final = re.compile(rf"\ban?{_GAP}+(?:{_UNIT}){_GAP}+or{_GAP}+two\b", re.IGNORECASE)
_BOUND: Final = re.compile(
    rf"\b(?:at{_GAP}+(?:least|most)|(?:no|not){_GAP}+(?:more|fewer|less|later){_GAP}+than|(?:more|fewer|less){_GAP}+than"
    rf"|up{_GAP}+to|only|all|any|exactly|after|every|each|limited{_GAP}+to|maximum{_GAP}+of|minimum{_GAP}+of){_GAP}+\Z",
    re.IGNORECASE,
)
_REPEATED: Final = re.compile(
    rf"{_GAP}+(?:times|consecutive|in{_GAP}+a{_GAP}+row|or{_GAP}+(?:more|fewer)|instances|of{_GAP}+the)\b",
    re.IGNORECASE,
)
_LENGTH: Final = re.compile(
    rf"\b(?:2[89]|3[01])(?:-days?|{_GAP}+days?){_GAP}+months?\b"
    rf"|\bmonths?{_GAP}+(?:of|with|that{_GAP}+ha(?:s|ve)|having){_GAP}+(?:2[89]|3[01]){_GAP}+days\b",
    re.IGNORECASE,
)
"""An example's month, as in `43 min 12 s in a month of 30 days`: it promises no days."""
_JOINED: Final = re.compile(rf"\A{_GAP}*(?:,|–|-|or|to|and){_GAP}*(?:at least|at most)?{_GAP}*\Z", re.IGNORECASE)
_COMPOUND: Final = re.compile(rf"\A{_GAP}*(?:,|and)?{_GAP}*\Z")


@lru_cache(maxsize=4096)
def quantities(text: str) -> tuple[Quantity, ...]:
    """Every quantity of a text, in order. A reference (`clause 4`), a label (`P1`) or a list's number is none."""
    masked = text
    found: list[Quantity] = []

    def take(start: int, end: int, *meanings: tuple[str, Fraction | str]) -> None:
        nonlocal masked
        found.extend(Quantity(kind, value, start, end) for kind, value in meanings)
        masked = masked[:start] + "\x00" * (end - start) + masked[end:]

    for match in _REFERENCE.finditer(masked):
        take(match.start(), match.end())
    for match in (*_LENGTH.finditer(masked), *_OR_TWO.finditer(masked)):
        take(match.start(), match.end())
    for match in _ALWAYS.finditer(masked):
        take(match.start(), match.end(), (ALWAYS, ALWAYS))
    for match in _ISO.finditer(masked):
        take(match.start(), match.end(), ("date", match[1]))
    for match in _DATE.finditer(masked):
        month = MONTHS.index((match[2] or match[3]).lower()) + 1
        day = int(match[1] or match[4])
        take(match.start(), match.end(), ("date", f"{match[5] or EVERY_YEAR}-{month:02d}-{day:02d}"))
    for start, end, zone in zones_in(masked):
        take(start, end, ("zone", zone))
    for match in _STATUS.finditer(masked):
        codes = range(int(match[1] or match[2]), int(match[1] or match[3]) + 1)
        take(match.start(), match.end(), *(("status", Fraction(code)) for code in codes))
    for match in _CLOCK.finditer(masked):
        if (seconds := _seconds(match)) is not None:
            take(match.start(), match.end(), ("clock", Fraction(seconds)))
    for match in _WEEKDAY.finditer(masked):
        take(match.start(), match.end(), ("weekday", Fraction(_DAYS[match[1].lower()])))
    for match in _WORKDAYS.finditer(masked):
        take(match.start(), match.end(), ("weekday", Fraction(0)), ("weekday", Fraction(4)))
    for match in _MONTH_ALONE.finditer(masked):
        group = 1 if match[1] else 2
        take(match.start(group), match.end(group), ("month", Fraction(MONTHS.index(match[group].lower()) + 1)))
    for match in _PART.finditer(masked):
        take(match.start(1), match.end(1), ("share", PARTS[re.sub(r"\s+", " ", match[1]).lower()]))
    for match in _TIMES.finditer(masked):
        take(match.start(), match.end(), (COUNT, Fraction(TIMES[match[1].lower()])))
    for match in _MONEY.finditer(masked):
        kind = _UNITS[(match[1] or match[3]).lower()][0]
        take(match.start(), match.end(), (kind, _plain(match[2] or match[4])))
    for match in _EVERY.finditer(masked):
        kind, factor = _unit(match[1])
        take(match.start(), match.end(), (kind, factor))
    for match in _NUMBER.finditer(masked):
        if (match[2] or "").lower() == "one" and not match[3] and not match[4]:
            continue  # a pronoun more often than a number
        value = _plain(match[1]) if match[1] else _spelt(match[2])
        kind, factor = _unit(match[4]) if match[4] else (COUNT, Fraction(1))
        found.append(Quantity(kind, value * factor, match.start(), match.end()))
        if match[3] and _plain(match[3]) != value:
            found.append(Quantity(kind, _plain(match[3]) * factor, match.start(3), match.end(3)))
    found.sort(key=lambda q: (q.start, q.end))
    return tuple(_compounded(_units_shared(found, text), text))


def is_aside(text: str, quantity: Quantity) -> bool:
    """Whether a `two` counts things in passing, as in `the two feeds`, rather than bounding how many there may be.

    Where it stands for another number of a rule, that number is then said nowhere.
    """
    bound = _BOUND.search(text, 0, quantity.start) or _REPEATED.match(text, quantity.end)
    return text[quantity.start : quantity.end].lower() == "two" and not bound


def _spelt(words: str) -> Fraction:
    """The value of a number in words: `thirty`, `ninety-nine point nine`, `fifteenth`."""
    whole, point, rest = re.sub(r"\s+", " ", words.replace("\u00a0", " ")).lower().partition(" point ")
    value = Fraction(WORDS.get(whole) or ORDINALS[whole])
    if not point:
        return value
    digits = "".join(str(WORDS[word]) for word in rest.split())
    return value + Fraction(int(digits), 10 ** len(digits))


def _plain(digits: str) -> Fraction:
    """A number as written; of one that is longer than any that counts, its first digits."""
    return Fraction(digits.replace(",", "")[:_LONGEST].rstrip("."))


def _unit(words: str) -> tuple[str, Fraction]:
    return _UNITS[re.sub(r"\s+", " ", words.replace("\u00a0", " ").replace("\u202f", " ")).lower()]


def _seconds(match: re.Match[str]) -> int | None:
    if match[7]:
        return 43_200 if match[7].lower() == "noon" else 0
    hours, minutes = int(match[1] or match[5] or match[8]), int(match[2] or 0)
    half = (match[4] or match[6] or ("" if not match[9] else "a" if match[9].lower() == "morning" else "p")).lower()
    if match[2] and not half and match[0][len(match[1])] == ".":
        return None
    if half:
        hours = hours % 12 + (12 if half == "p" else 0)
    total = hours * 3600 + minutes * 60 + int(match[3] or 0)
    return total if minutes < 60 and total <= 86_400 else None


def _units_shared(found: list[Quantity], text: str) -> list[Quantity]:
    """`10 or 15 days`, `between 95 and 99 %`: the unit that is written once belongs to both numbers."""
    for n in range(len(found) - 2, -1, -1):
        this, after = found[n], found[n + 1]
        if not isinstance(this.value, Fraction) or not isinstance(after.value, Fraction) or this.kind != COUNT:
            continue
        if after.kind == "clock" and this.value <= 24 and _JOINED.match(text[this.end : after.start]):
            found[n] = replace(this, kind="clock", value=_earlier(this.value, after, text))
        else:
            written = next((f for k, f in _UNITS.values() if k == after.kind), None)
            factor = _factor(text[after.start : after.end]) or written
            if factor is not None and after.kind != COUNT and _JOINED.match(text[this.end : after.start]):
                found[n] = replace(this, kind=after.kind, value=this.value * factor)
    return found


def _earlier(hours: Fraction, after: Quantity, text: str) -> Fraction:
    """The `9` of `9 to 5 pm` and the `2` of `2 to 4 pm`, in seconds: the half of the day is that of the later time,
    where it then is the later one."""
    afternoon = hours + 12 if re.search(r"p\.?m", text[after.start : after.end], re.IGNORECASE) else hours
    assert isinstance(after.value, Fraction)
    return 3600 * (afternoon if afternoon < 24 and afternoon * 3600 < after.value else hours)


def _factor(shown: str) -> Fraction | None:
    match = _NUMBER.search(shown)
    return _unit(match[4])[1] if match and match[4] else None


def _compounded(found: list[Quantity], text: str) -> Iterator[Quantity]:
    """`43 minutes and 50 seconds` is one length."""
    held: Quantity | None = None
    for this in found:
        if held is not None and held.kind == this.kind == "time" and _smaller(this, held, text):
            assert isinstance(held.value, Fraction)
            assert isinstance(this.value, Fraction)
            held = Quantity("time", held.value + this.value, held.start, this.end)
            continue
        if held is not None:
            yield held
        held = this
    if held is not None:
        yield held


def _smaller(this: Quantity, held: Quantity, text: str) -> bool:
    one, other = _factor(text[this.start : this.end]), _last_factor(text[held.start : held.end])
    joined = _COMPOUND.match(text[held.end : this.start])
    return bool(joined) and one is not None and other is not None and one < other


def _last_factor(shown: str) -> Fraction | None:
    found = [m for m in _NUMBER.finditer(shown) if m[4]]
    return _unit(found[-1][4])[1] if found else None
