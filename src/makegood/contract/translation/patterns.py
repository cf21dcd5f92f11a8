"""The expressions by which the figures of one language are found in its text; made once for each language."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from fractions import Fraction
from functools import cache
from typing import Final

from makegood.contract.translation.languages import UNITS, Tongue, tongue
from makegood.contract.translation.words import Words, words_of

GAP: Final = r"(?:[ \t\u00a0\u202f\u2009]|\n(?![ \t]*\n))"
"""A space, or the end of a line that is no end of a paragraph."""

ALONE: Final = r"(?<![A-Za-z0-9_.,:/])"
"""Before a number: no letter or sign that would make it part of something else; ideographs may stand there."""

DIGITS: Final = r"\d{1,3}(?:[.,’'\u00a0\u202f\u2009 ]\d{3})+(?!\d)(?:[.,]\d+)?|\d+(?:[.,]\d+)?"
NOTHING: Final = re.compile(r"(?!)")

_MORE: Final[Mapping[str, tuple[str, Fraction]]] = {
    "hours": UNITS["duration-hour"],
    "minutes": UNITS["duration-minute"],
    "seconds": UNITS["duration-second"],
    "share": UNITS["concentr-percent"],
}
"""Kinds of further unit words whose factor is not one."""


@dataclass(frozen=True)
class Patterns:
    """Expressions with named groups, and the meanings of the unit words and number words in them."""

    number: re.Pattern[str]
    money: re.Pattern[str]
    zones: re.Pattern[str]
    cities: re.Pattern[str]
    weekdays: re.Pattern[str]
    hours: re.Pattern[str]
    dates: tuple[re.Pattern[str], ...]
    clock: re.Pattern[str]
    always: re.Pattern[str]
    units: Mapping[str, tuple[str, Fraction]]
    numbers: Mapping[str, int]
    zone_of: Mapping[str, str]


@cache
def patterns(language: str) -> Patterns:
    """The expressions of the language of a CLDR code."""
    known, words = tongue(language), words_of(language)
    own = {name: _MORE.get(kind, (kind, Fraction(1))) for kind, names in words.units.items() for name in names}
    zone_of = {**known.zones, **words.zones}
    named = named_in(zone_of, inflected=False).replace("’", "[’']").replace(r"\ ", GAP + "+")
    return Patterns(
        _number(known, words, own),
        _money(known),
        re.compile(named, re.IGNORECASE),
        re.compile(named_in(known.cities, inflected=False)),
        re.compile(named_in(known.weekdays, inflected=True), re.IGNORECASE),
        re.compile(named_in(known.hours, inflected=True), re.IGNORECASE),
        _dates(known),
        re.compile(rf"(?<![A-Za-z0-9_.:,]){words.clock}", re.IGNORECASE) if words.clock else NOTHING,
        re.compile(rf"(?<![\w.])(?:{words.always})", re.IGNORECASE) if words.always else NOTHING,
        {**known.short_units, **known.units, **own},
        {**words.numbers, **dict.fromkeys(words.one, 1)},
        zone_of,
    )


def _number(known: Tongue, words: Words, own: Iterable[str]) -> re.Pattern[str]:
    """A number in digits or words, with the unit that follows it."""
    long, short = _units({*known.units, *own}, inflected=True), _units(known.short_units, inflected=False)
    spelled = _alternatives({*words.numbers, *words.one})
    spoken = rf"(?<!\w)(?P<word>{spelled})(?!\w)(?:{GAP}+\((?P<again>\d+)\))?"
    between = rf"{GAP}*(?:(?:{words.between}){GAP}*){{0,3}}" if words.between else f"{GAP}*"
    return re.compile(
        rf"(?:{ALONE}(?P<digits>{DIGITS})|{spoken})(?:(?:-|{between})(?P<unit>{long}|{short}))?", re.IGNORECASE
    )


def _money(known: Tongue) -> re.Pattern[str]:
    names = _alternatives(known.money)
    before = rf"(?<![^\W\d_])(?P<before>{names}){GAP}?(?P<one>{DIGITS})"
    after = rf"{ALONE}(?P<two>{DIGITS}){GAP}?(?P<after>{names})(?![^\W\d_])"
    return re.compile(f"{before}|{after}", re.IGNORECASE)


def _dates(known: Tongue) -> tuple[re.Pattern[str], ...]:
    """`31 January 2026`, `January 31, 2026` and `2026年1月31日`, with or without the year."""
    month = rf"(?P<month>{_alternatives(known.months)})"
    of, year = rf"(?:de{GAP}+)?", rf"(?:,?{GAP}+(?:de{GAP}+)?(?P<year>\d{{4}})(?!\d))?"
    day = r"(?P<day>\d{1,2})(?:\.|er|st|nd|rd|th|º)?"
    return (
        re.compile(rf"(?<![\w.]){day}{GAP}+{of}{month}\.?(?!\w){year}", re.IGNORECASE),
        re.compile(rf"(?<!\w){month}\.?{GAP}+{day}(?!\w){year}", re.IGNORECASE),
        re.compile(rf"(?:(?P<year>\d{{4}})年)?{month}(?P<day>\d{{1,2}})日(?!間)"),
    )


def named_in(names: Collection[str], inflected: bool) -> str:
    """Names as whole words; long ones may have up to three letters of inflection in place of their last.

    Those of scripts that do not part their words are found anywhere. The group is `name`, or `short`.
    """
    spaced = [name for name in names if _parted(name)]
    if len(spaced) < len(names):
        return rf"(?P<name>{_alternatives(name for name in names if not _parted(name))})"
    long = [name[:-1] for name in spaced if inflected and len(name) > 4]
    short = [name for name in spaced if not (inflected and len(name) > 4)]
    return rf"(?<!\w)(?:(?P<name>{_alternatives(long)})\w{{0,3}}|(?P<short>{_alternatives(short)}))(?!\w)"


def _units(names: Iterable[str], inflected: bool) -> str:
    """Unit words: with up to two letters of inflection, or as abbreviations with a full stop; signs as they are."""
    parted = {name for name in names if _parted(name)}
    lettered = {name for name in parted if name[-1:].isalpha()}
    ends = r"\w{0,2}" if inflected else r"\.?"
    as_they_are = {*parted - lettered, *(name for name in names if not _parted(name))}
    return rf"(?:{_alternatives(lettered)}){ends}(?!\w)|{_alternatives(as_they_are)}"


def _alternatives(names: Iterable[str]) -> str:
    return "|".join(sorted((re.escape(name) for name in names if name), key=lambda n: (-len(n), n))) or "(?!)"


def _parted(name: str) -> bool:
    """Whether a name is of a script that parts its words by spaces."""
    return not any("\u2e80" <= c <= "\u9fff" or "\uac00" <= c <= "\ud7af" or "\u0e00" <= c <= "\u0e7f" for c in name)
