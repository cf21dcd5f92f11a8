"""A figure that changed, in words: by how much, in which direction, and what a target then allows."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from typing import Final

from makegood.calendar.wording import duration_words
from makegood.contract import numbers, values
from makegood.contract.nodes import Text
from makegood.contract.shape import Report
from makegood.contract.wrong import Wrong
from makegood.model.money import Money
from makegood.model.problem import Place
from makegood.model.spans import DAY
from makegood.model.terms import Clause, Counts, Range
from makegood.model.threshold import Side
from makegood.model.when import Allowance, DayCount

THIRTY_DAYS: Final = 30 * DAY
NAMES: Final = frozenset(("version", "title", "because"))
"""Keys whose values are names and words, though they may look like dates and numbers."""


_NOWHERE: Final = Place("")


@dataclass(frozen=True, slots=True)
class _Measured:
    """A value with its side, where it has one; `kind` is what may be compared with its like."""

    side: str
    kind: str
    value: Fraction


def said(old: str, new: str, primitive: str, key: str) -> str:
    """What became of a figure: `raised by 0.05 points`; empty where the two values are no figures of one kind."""
    one, other = _measured(old), _measured(new)
    if key in NAMES:
        return ""
    if one is None or other is None:
        return _edges(old, new)
    parts = [f"now {other.side}, no longer {one.side}"] if one.side != other.side else []
    if one.kind != other.kind:
        return "; ".join([*parts, f"now counted in {other.kind}, no longer in {one.kind}"])
    if one.value != other.value:
        parts.append(_by(one, other))
    elif not parts:
        return "the same, written differently"
    if primitive == "target" and key == "is" and one.kind == "points" and one.value != other.value:
        parts.append(_allowed(one.value, other.value))
    return "; ".join(parts)


def _measured(text: str) -> _Measured | None:
    side = next((s.value for s in Side if text.startswith(f"{s.value} ")), "")
    rest = text.removeprefix(f"{side} ")
    for reader in _READERS:
        found = reader(rest)
        if found is not None:
            return _Measured(side or "no side", *found)
    return None


def _edges(old: str, new: str) -> str:
    """What became of the edges of a stretch of values, such as `at least 99.0 % and below 99.9 %`."""
    read = _range(old), _range(new)
    if read[0] is None or read[1] is None or read[0] == read[1]:
        return ""
    (one, counts), (other, counts_now) = read[0], read[1]
    if counts is not Counts.SHARE or counts_now is not Counts.SHARE or (one.low is None) != (other.low is None):
        return ""
    parts = []
    for edge, before, after in (("lower", one.low, other.low), ("upper", one.high, other.high)):
        if before is not None and after is not None and before != after:
            change = _by(_Measured("", "points", before * 100), _Measured("", "points", after * 100))
            parts.append(f"its {edge} edge is {change}")
    sides = (one.low_inside, one.high_inside) != (other.low_inside, other.high_inside)
    return "; ".join([*parts, *(["an edge lies on the other side now"] if sides else [])])


def _range(text: str) -> tuple[Range, Counts | None] | None:
    return values.RANGE.read(Text(text, _NOWHERE), Report(Clause("")))


def _percent(text: str) -> tuple[str, Fraction] | None:
    value = numbers.percent(text)
    return None if isinstance(value, Wrong) else ("points", value * 100)


def _money(text: str) -> tuple[str, Fraction] | None:
    value = numbers.money(text)
    return None if isinstance(value, Wrong) else (value.currency, Fraction(value.minor))


def _length(text: str) -> tuple[str, Fraction] | None:
    value = numbers.allowance(text)
    return None if isinstance(value, Wrong) else (value.unit.value, Fraction(value.count))


def _date(text: str) -> tuple[str, Fraction] | None:
    value = numbers.day(text)
    return None if isinstance(value, Wrong) else ("dates", Fraction(value.toordinal()))


def _counted(text: str) -> tuple[str, Fraction] | None:
    """`5 instances`, `3 consecutive failures`, `2`."""
    first, _, unit = text.partition(" ")
    value = numbers.number(first)
    if isinstance(value, Wrong) or not all(word.isalpha() for word in unit.split()):
        return None
    return unit or "numbers", value


_READERS: Final[tuple[Callable[[str], tuple[str, Fraction] | None], ...]] = (_percent, _money, _length, _date, _counted)


def _by(one: _Measured, other: _Measured) -> str:
    change = abs(other.value - one.value)
    more = other.value > one.value
    match one.kind:
        case "points":
            return f"{'raised' if more else 'lowered'} by {_decimal(change)} {'point' if change == 1 else 'points'}"
        case DayCount.ELAPSED | DayCount.BUSINESS_TIME:
            return f"{duration_words(int(change))} {'longer' if more else 'shorter'}"
        case DayCount.DAYS | DayCount.BUSINESS_DAYS | DayCount.MONTHS | DayCount.WEEKS:
            return f"{Allowance(int(change), DayCount(one.kind))} {'longer' if more else 'shorter'}"
        case "dates":
            days = int(change)
            first = date.fromordinal(int(other.value))
            return f"{days} {'day' if days == 1 else 'days'} {'later' if more else 'earlier'}, a {first:%A}"
        case currency if len(currency) == 3 and currency.isupper():
            return f"{'raised' if more else 'lowered'} by {Money(change, currency)}"
    return f"{_decimal(change)} {'more' if more else 'fewer'}"


def _allowed(old: Fraction, new: Fraction) -> str:
    """What a share of time allows in 30 days, before and after."""
    before, after = (duration_words(int(THIRTY_DAYS * (100 - share) / 100)) for share in (old, new))
    return f"30 days then allow {after} of downtime, and not {before}"


def _decimal(value: Fraction) -> str:
    return numbers.decimal(value)
