"""Figures in running text of any language: numbers with their units, money, weekdays, clock times, dates and zones.

Two figures are the same when they say the same, whatever the language: `99.9 %` and `99,9 %`, `30 days` and `30 Tage`.
Names and number signs are CLDR's, so that a language needs no table to be compared.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache
from typing import Final

from makegood.contract.lint.drift.quantities import COUNT
from makegood.contract.lint.drift.zones import zones_in
from makegood.contract.translation.languages import metazone, tongue
from makegood.contract.translation.patterns import Patterns, patterns
from makegood.contract.translation.words import words_of
from makegood.model.spans import HOUR

UNNAMED: Final = frozenset(("business days", "business hours", "points"))
"""Kinds that CLDR has no words for: in a language without an entry of its own they look like bare numbers."""

_WIDE: Final = str.maketrans("０１２３４５６７８９％：．，", "0123456789%:.,")
_LABEL: Final = re.compile(r"(?<![A-Za-z0-9_.])(?:[A-Z]{1,4}-?\d{1,4}|\d{1,3}xx)(?![A-Za-z0-9_])")
_ISO: Final = re.compile(r"(?<![\w-])(\d{4})-(\d{2})-(\d{2})(?![\w-])")
_DIGITS: Final = re.compile(r"(?<![\w./])(\d{1,2})([./])(\d{1,2})\2(\d{4})(?![\w/])")
_CLOCK: Final = re.compile(r"(?<![A-Za-z0-9_.:])(\d{1,2}):(\d{2})(?::\d{2})?(?![A-Za-z0-9_:])")


@dataclass(frozen=True, slots=True)
class Figure:
    """What is meant, as kind and value, and where it stands: `text[start:end]`.

    A figure that is not `firm`, such as `an hour`, may stand without its like in the other text.
    """

    kind: str
    value: Fraction | str
    start: int
    end: int
    firm: bool = True

    def same_as(self, other: Figure) -> bool:
        """Whether both say the same. A zone's name, such as Eastern time, fits every place that has it."""
        if self.kind == other.kind == "zone" and not all("/" in str(f.value) for f in (self, other)):
            return metazone(str(self.value)) == metazone(str(other.value))
        kinds = {self.kind, other.kind}
        return self.value == other.value and (len(kinds) == 1 or (COUNT in kinds and bool(kinds & UNNAMED)))


@lru_cache(maxsize=2048)
def figures(text: str, language: str) -> tuple[Figure, ...]:
    """Every figure of a text in the language of a CLDR code, in the order in which they stand."""
    found = _Search(text.translate(_WIDE), language).found()
    return tuple(sorted(found, key=lambda figure: (figure.start, figure.end)))


class _Search:
    """One text searched, kind by kind; what was found is blanked, so that nothing is found twice."""

    def __init__(self, text: str, language: str) -> None:
        self.rest, self.language = text, language
        self.known, self.patterns = tongue(language), patterns(language)

    def found(self) -> Iterator[Figure]:
        for search in (self._dates, self._zones, self._clocks, self._names, self._money):
            yield from search()
        yield from _numbers(self.rest, self.language, self.patterns)

    def _take(self, pattern: re.Pattern[str]) -> Iterator[re.Match[str]]:
        for match in pattern.finditer(self.rest):
            yield match
            self._blank(*match.span())

    def _blank(self, start: int, end: int) -> None:
        self.rest = self.rest[:start] + "\x00" * (end - start) + self.rest[end:]

    def _dates(self) -> Iterator[Figure]:
        for match in self._take(_ISO):
            yield Figure("date", match[0], *match.span())
        for pattern in self.patterns.dates:
            for match in self._take(pattern):
                month = self.known.months[match["month"].lower()]
                year = match["year"] or "every year"
                yield Figure("date", f"{year}-{month:02d}-{int(match['day']):02d}", *match.span())
        for match in self._take(_DIGITS):
            of_day, of_month = (1, 3) if self.known.day_first else (3, 1)
            yield Figure("date", f"{match[4]}-{int(match[of_month]):02d}-{int(match[of_day]):02d}", *match.span())

    def _zones(self) -> Iterator[Figure]:
        """In English every name that drift knows; elsewhere those written alike in all languages, and CLDR's.

        Of a city it is not known there whether its clock is meant: it answers a zone of the other text, and needs none.
        """
        english = self.known.code.startswith("en")
        for start, end, zone in list(zones_in(self.rest)):
            shown = self.rest[start:end]
            if english or "/" in shown or shown.isupper():
                yield Figure("zone", zone, start, end)
                self._blank(start, end)
        for match in self._take(self.patterns.zones):
            name = " ".join(match[0].lower().replace("'", "’").split())
            yield Figure("zone", self.patterns.zone_of[name], *match.span())
        for match in self.patterns.cities.finditer("" if english else self.rest):
            yield Figure("zone", self.known.cities[match[0]], *match.span(), firm=False)

    def _clocks(self) -> Iterator[Figure]:
        for match in self._take(self.patterns.always):
            yield Figure("time", Fraction(24 * HOUR), *match.span())
            yield Figure("days", Fraction(7), *match.span())
        for match in self._take(self.patterns.clock):
            groups = match.groupdict()
            half = {"a": 0, "p": 12}.get((groups.get("half") or "").lower())
            hour = int(match["h"]) if half is None else int(match["h"]) % 12 + half
            yield Figure("clock", Fraction(hour * 3600 + int(groups.get("m") or 0) * 60), *match.span())
        for match in self._take(_CLOCK):
            yield Figure("clock", Fraction(int(match[1]) * 3600 + int(match[2]) * 60), *match.span())
        for match in self._take(self.patterns.hours):
            yield Figure("clock", Fraction(_named(match, self.known.hours) * 3600), *match.span())

    def _names(self) -> Iterator[Figure]:
        for match in self._take(_LABEL):
            yield Figure("label", match[0].replace("-", ""), *match.span())
        for match in self._take(self.patterns.weekdays):
            yield Figure("weekday", Fraction(_named(match, self.known.weekdays)), *match.span())

    def _money(self) -> Iterator[Figure]:
        for match in self._take(self.patterns.money):
            currency = self.known.money[(match["before"] or match["after"]).lower()]
            yield Figure(currency, number_of(match["one"] or match["two"], self.language), *match.span())


def _named(match: re.Match[str], names: Mapping[str, int]) -> int:
    name = (match["name"] or match.groupdict().get("short") or "").lower()
    return next(value for known, value in names.items() if name in (known, known[:-1]))


def _numbers(text: str, language: str, known: Patterns) -> Iterator[Figure]:
    ones = words_of(language).one
    for match in known.number.finditer(text):
        word, unit = (match["word"] or "").lower(), " ".join((match["unit"] or "").lower().split())
        if word in ones and not unit:
            continue  # an article, more often than a number
        kind, factor = _meant(unit, known.units) if unit else (COUNT, Fraction(1))
        digits = match["digits"] or match["again"]
        value = number_of(digits, language) if digits else Fraction(known.numbers[word])
        yield Figure(kind, value * factor, *match.span(), firm=word not in ones)


def number_of(digits: str, language: str) -> Fraction:
    """A number as a language writes it: `1.250,5` in German and `1,250.5` in English are the same.

    Where it cannot be one of that language, as `99.9` in German, a point or comma is taken for the decimal sign.
    """
    decimal, group = tongue(language).decimal, tongue(language).group
    plain = re.sub(r"[\s\u00a0\u202f\u2009’']", "", digits)
    for sign in sorted({group, ",", "."} - {decimal}):
        if re.fullmatch(rf"\d{{1,3}}(?:{re.escape(sign)}\d{{3}})+(?:{re.escape(decimal)}\d+)?", plain):
            plain = plain.replace(sign, "")
    plain = plain.replace(decimal, ".").replace(",", ".")
    return Fraction(plain if plain.count(".") < 2 else plain.replace(".", ""))


def _meant(unit: str, units: Mapping[str, tuple[str, Fraction]]) -> tuple[str, Fraction]:
    """The meaning of a unit word, which may be inflected: that of the longest name that it begins with."""
    found = max((name for name in units if unit.startswith(name)), key=len, default=None)
    return units[found] if found is not None else (COUNT, Fraction(1))
