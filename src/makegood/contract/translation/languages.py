"""Languages by their names, and what CLDR knows of each: number signs, weekdays, months, units, money and zones."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from fractions import Fraction
from functools import cache
from typing import Final

from babel import Locale, UnknownLocaleError
from babel.core import get_global
from babel.dates import get_day_names, get_month_names, get_period_names
from babel.numbers import get_currency_name, get_currency_symbol, get_decimal_symbol, get_group_symbol, list_currencies
from babel.units import format_unit

from makegood.contract.wrong import Wrong
from makegood.model.spans import HOUR, MINUTE, SECOND

COUNTS: Final = (0, 1, 2, 3, 5, 11, 21, 100, 1.5)
"""Numbers that between them take every plural form that CLDR has."""

UNITS: Final[Mapping[str, tuple[str, Fraction]]] = {
    "duration-millisecond": ("time", Fraction(SECOND, 1000)),
    "duration-second": ("time", Fraction(SECOND)),
    "duration-minute": ("time", Fraction(MINUTE)),
    "duration-hour": ("time", Fraction(HOUR)),
    "duration-day": ("days", Fraction(1)),
    "duration-week": ("days", Fraction(7)),
    "duration-month": ("months", Fraction(1)),
    "duration-quarter": ("months", Fraction(3)),
    "duration-year": ("months", Fraction(12)),
    "concentr-percent": ("share", Fraction(1, 100)),
}
"""CLDR's units that agreements use, with the kind and the factor by which figures are compared."""

ZONE_OF: Final[Mapping[str, str]] = {"UTC": "UTC", "Etc/UTC": "UTC", "GMT": "UTC"}


@dataclass(frozen=True)
class Tongue:
    """One language as CLDR describes it. Names are as written in running text, in any case."""

    code: str
    decimal: str
    group: str
    weekdays: Mapping[str, int]
    months: Mapping[str, int]
    units: Mapping[str, tuple[str, Fraction]]
    short_units: Mapping[str, tuple[str, Fraction]]
    money: Mapping[str, str]
    zones: Mapping[str, str]
    """The names of zones, and the CLDR metazone of each."""
    cities: Mapping[str, str]
    """Cities by which zones are named, and the zone of each."""
    hours: Mapping[str, int]
    """Words for a time of day, such as noon, and its hour."""
    day_first: bool
    """Whether a date in digits begins with its day, as in 31/12/2026."""


def known_language(name: str) -> str | Wrong:
    """The CLDR code of a language by its English name (`German`, `Swiss High German`) or its code (`de`, `pt-BR`)."""
    codes = _codes()
    code = codes.get(name.casefold(), name if re.fullmatch(r"[a-z]{2,3}([-_][A-Za-z]{2,4})*", name) else "")
    try:
        return str(Locale.parse(code.replace("-", "_"))) if code else _unknown(name, codes)
    except (UnknownLocaleError, ValueError):
        return _unknown(name, codes)


def _unknown(name: str, codes: Mapping[str, str]) -> Wrong:
    near = get_close_matches(name.casefold(), codes, n=1, cutoff=0.7)
    hint = (
        f"did you mean `{near[0].title()}`?" if near else "write its English name, such as `German`, or its code, `de`"
    )
    return Wrong(f"`{name}` is no language that is known here", "", hint)


@cache
def _codes() -> dict[str, str]:
    found = {name.casefold(): code for code, name in Locale("en").languages.items()}
    for code in ("de", "fr", "ja", "es", "it", "nl", "pt", "pl", "sv", "da", "nb", "fi", "cs", "zh", "ko"):
        own = Locale(code).get_display_name(code)
        if own:
            found.setdefault(own.casefold(), code)
    return found


@cache
def tongue(code: str) -> Tongue:
    """What CLDR knows of a language that `known_language` named."""
    locale = Locale.parse(code.replace("-", "_"))
    long, short = _units(locale, "long"), _units(locale, "short")
    periods = get_period_names(width="wide", context="format", locale=locale)
    hours = {periods[word].lower(): hour for word, hour in (("noon", 12), ("midnight", 0)) if word in periods}
    pattern = locale.date_formats["short"].pattern
    return Tongue(
        code,
        get_decimal_symbol(locale),
        get_group_symbol(locale),
        dict(_names(get_day_names, locale)),
        dict(_names(get_month_names, locale)),
        long,
        {**short, "h": UNITS["duration-hour"], "min": UNITS["duration-minute"], "%": UNITS["concentr-percent"]},
        _money(locale),
        dict(_zones(locale)),
        dict(_cities(locale)),
        hours,
        "d" in pattern and "M" in pattern and pattern.index("d") < pattern.index("M"),
    )


def _names(named: object, locale: Locale) -> Iterator[tuple[str, int]]:
    """Weekdays from 0 (Monday), or months from 1, by their full names and by abbreviations of three letters or more."""
    for width in ("abbreviated", "wide"):
        for context in ("format", "stand-alone"):
            names: Mapping[int, str] = named(width, context, locale)  # type: ignore[operator]
            for number, name in names.items():
                if width == "wide" or len(name.rstrip(".")) >= 3:
                    yield name.lower().rstrip("."), number


def _units(locale: Locale, length: str) -> dict[str, tuple[str, Fraction]]:
    found: dict[str, tuple[str, Fraction]] = {}
    for unit, meaning in UNITS.items():
        for count in COUNTS:
            words = format_unit(count, unit, length, locale=locale)  # type: ignore[arg-type]
            name = re.sub(r"[\d.,\s\u00a0\u202f]+", " ", words).strip(" .").lower()
            if name and not name.isspace():
                found.setdefault(name, meaning)
    return found


def _money(locale: Locale) -> dict[str, str]:
    found: dict[str, str] = {}
    for code in sorted(list_currencies()):
        for words in (code, get_currency_symbol(code, locale), *(get_currency_name(code, n, locale) for n in COUNTS)):
            if words and not words.isdigit():
                found.setdefault(words.lower(), code)
    return {**found, "$": "USD", "€": "EUR", "£": "GBP", "¥": found.get("¥", "JPY")}


def _zones(locale: Locale) -> Iterator[tuple[str, str]]:
    for meta, info in locale.meta_zones.items():
        for words in info.get("long", {}).values():
            if words:
                yield words.lower(), str(meta)


def _cities(locale: Locale) -> Iterator[tuple[str, str]]:
    for zone in sorted(get_global("meta_zones")):
        city = locale.time_zones.get(zone, {}).get("city") or zone.rpartition("/")[2].replace("_", " ")
        if "/" in zone and len(city) > 1:
            yield str(city), str(zone)


def metazone(zone: str) -> str:
    """The CLDR metazone of an IANA zone; the zone itself where it has none."""
    if zone in ZONE_OF:
        return "UTC"
    return str(get_global("meta_zones").get(zone, zone))
