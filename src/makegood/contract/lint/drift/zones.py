"""Zones as prose names them: `US Eastern time`, `Pacific`, `PST`, `Europe/Berlin`, `the clock of Berlin`, `UTC`."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from typing import Final

from makegood.calendar.zone import known_zones

_ALIASES: Final = {
    "America/New_York": "US Eastern|Eastern|EST|EDT|ET",
    "America/Chicago": "US Central|Central|CST|CDT|CT",
    "America/Denver": "US Mountain|Mountain|MST|MDT|MT",
    "America/Los_Angeles": "US Pacific|Pacific|PST|PDT|PT",
    "Europe/London": "British|UK|GMT/BST|BST",
    "Europe/Berlin": "Central European|German|CET/CEST|CET|CEST",
    "Asia/Kolkata": "Indian|IST",
    "Asia/Tokyo": "Japanese|Japan|JST",
    "Asia/Singapore": "SGT",
    "Australia/Sydney": "Australian Eastern|AEST|AEDT|AET",
    "UTC": "coordinated universal|UTC|GMT|Zulu",
}
_BY_ALIAS: Final = {alias.lower(): zone for zone, words in _ALIASES.items() for alias in words.split("|")}
_SAME: Final = {"Etc/UTC": "UTC", "Europe/Amsterdam": "Europe/Amsterdam"}
_GAP: Final = r"(?:[ \t\u00a0\u202f]|\n(?![ \t]*\n))+"
_TIME: Final = rf"{_GAP}(?:(?:standard|daylight|summer|local){_GAP})?time\b"
_NAMED: Final = "|".join(sorted((re.escape(a).replace(r"\ ", _GAP) for a in _BY_ALIAS), key=len)[::-1])
_SHORT: Final = "|".join(
    a.upper() for a in sorted(_BY_ALIAS, key=len)[::-1] if a.isalpha() and len(a) < 5 and a != "uk"
)
_BEFORE: Final = rf"(?:(?:those|clock|times?|zone|hours){_GAP}(?:of|in){_GAP})"


def zones_in(text: str) -> Iterator[tuple[int, int, str]]:
    """Every zone that a text names: where, and its IANA name. Overlapping names are told once, the longest."""
    end = 0
    for match in _pattern().finditer(text):
        if match.start() < end:
            continue
        words = re.sub(r"\s+", " ", next(g for g in match.groups() if g))
        start = match.start() + match[0].find(next(g for g in match.groups() if g))
        zone = _BY_ALIAS.get(words.lower()) or _cities().get(words.lower()) or words
        end = match.end()
        yield start, end, canonical(zone)


def canonical(zone: str) -> str:
    """One name for zones that are the same, such as `Etc/UTC` and `UTC`."""
    return _SAME.get(zone, zone)


@cache
def _cities() -> dict[str, str]:
    names = sorted((n for n in known_zones() if "/" in n and not n.startswith("Etc/")), reverse=True)
    return {n.rpartition("/")[2].replace("_", " ").lower(): n for n in names}


@cache
def _pattern() -> re.Pattern[str]:
    iana = "|".join(sorted((re.escape(n) for n in known_zones() if "/" in n), key=len)[::-1])
    cities = "|".join(sorted((re.escape(c).replace(r"\ ", _GAP) for c in _cities()), key=len)[::-1])
    return re.compile(
        rf"(?<![\w/])({iana})(?![\w/])|\b(?:US{_GAP})?((?i:{_NAMED})){_TIME}|(?<![\w-])({_SHORT})(?![\w-])"
        rf"|\b((?i:{cities})){_TIME}|(?i:{_BEFORE})((?i:{cities}))\b"
    )
