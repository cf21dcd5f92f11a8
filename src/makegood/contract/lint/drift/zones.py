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
_REGIONS: Final = (
    *("Africa/", "America/", "Antarctica/", "Asia/", "Atlantic/"),
    *("Australia/", "Europe/", "Indian/", "Pacific/"),
)
"""Where a zone's last word is a city; `US/Eastern` and the like are older names."""

_DIRECTIONS: Final = ("/North", "/South", "/West", "/East")
_SAME: Final = {
    "Etc/UTC": "UTC",
    **{f"US/{n}": _BY_ALIAS[n.lower()] for n in ("Eastern", "Central", "Mountain", "Pacific")},
}
_GAP: Final = r"(?:[ \t\u00a0\u202f]|\n(?![ \t]*\n))+"
_TIME: Final = rf"{_GAP}(?:(?:standard|daylight|summer|local){_GAP})?time\b"
_NAMED: Final = "|".join(sorted((re.escape(a).replace(r"\ ", _GAP) for a in _BY_ALIAS), key=len)[::-1])
_SHORT: Final = "|".join(
    a.upper() for a in sorted(_BY_ALIAS, key=len)[::-1] if a.isalpha() and len(a) < 5 and a != "uk"
)
_CITY: Final = rf"[A-Z][\w'-]+(?:{_GAP}[A-Z][\w'-]+){{0,3}}"
_PATTERN: Final = re.compile(
    rf"(?<![\w/])(?P<iana>[A-Z]\w+/[A-Z][\w/+-]*\w)|\b(?:US{_GAP})?(?P<named>(?i:{_NAMED})){_TIME}"
    rf"|(?<![\w-])(?P<short>{_SHORT})(?![\w-])|\b(?P<city>{_CITY}){_TIME}"
    rf"|(?i:\b(?:those|clock|times?|zone|hours){_GAP}(?:of|in){_GAP})(?P<of>{_CITY})"
)


def zones_in(text: str) -> Iterator[tuple[int, int, str]]:
    """Every zone that a text names: where, and its IANA name."""
    at = 0
    while match := _PATTERN.search(text, at):
        kind = match.lastgroup or ""
        words = re.sub(r"\s+", " ", match[kind])
        start, at = match.start(kind), match.end(kind) if kind == "of" else match.end()
        if kind in ("named", "short"):
            yield start, at, _BY_ALIAS[words.lower()]
        elif kind == "iana" and words in known_zones():
            yield start, at, canonical(words)
        elif kind in ("city", "of") and (found := _city(words)) is not None:
            yield start + found[0], at, found[1]
        else:  # no zone, but one may stand inside, as in `those of US Eastern time`
            at = start + (kind != "of")


def _city(words: str) -> tuple[int, str] | None:
    """The zone of a city, and where its name begins after other capitals, as in `The New York`."""
    parts = words.split(" ")
    for first in range(len(parts)):
        zone = _cities().get(" ".join(parts[first:]).lower())
        if zone is not None:
            return len(" ".join([*parts[:first], ""])), zone
    return None


def canonical(zone: str) -> str:
    """One name for zones that are the same, such as `Etc/UTC` and `UTC`."""
    return _SAME.get(zone, zone)


@cache
def _cities() -> dict[str, str]:
    names = sorted((n for n in known_zones() if n.startswith(_REGIONS) and not n.endswith(_DIRECTIONS)), reverse=True)
    return {n.rpartition("/")[2].replace("_", " ").lower(): n for n in names}
