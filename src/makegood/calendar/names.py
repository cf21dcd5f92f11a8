"""Names of zones: which are taken, which are refused and why, and what was probably meant."""

from __future__ import annotations

import re
from difflib import get_close_matches
from functools import cache
from importlib.resources import files
from typing import Final

import tzdata  # type: ignore[import-untyped]  # it holds data, and its version

TZDATA_VERSION: Final[str] = tzdata.IANA_VERSION
"""The release of the IANA database in use, such as `2026f`; a statement pins it."""

MEANT = {
    "America/New_York": "EST EDT ET EST5EDT Eastern",
    "America/Chicago": "CST CDT CT CST6CDT Central",
    "America/Denver": "MST MDT MT MST7MDT Mountain",
    "America/Phoenix": "MST",
    "America/Los_Angeles": "PST PDT PT PST8PDT Pacific",
    "America/Anchorage": "AKST AKDT Alaska",
    "Pacific/Honolulu": "HST HDT Hawaii",
    "Europe/London": "GMT BST GB",
    "Europe/Lisbon": "WET WEST",
    "Europe/Dublin": "IST",
    "Europe/Berlin": "CET CEST MET MEZ MESZ",
    "Europe/Paris": "CET CEST",
    "Europe/Helsinki": "EET EEST",
    "Europe/Athens": "EET EEST",
    "Europe/Moscow": "MSK",
    "Asia/Jerusalem": "IST IDT",
    "Asia/Kolkata": "IST India",
    "Asia/Shanghai": "CST China",
    "Asia/Singapore": "SGT",
    "Asia/Tokyo": "JST",
    "Australia/Sydney": "AEST AEDT AET",
    "Australia/Brisbane": "AEST",
    "Pacific/Auckland": "NZST NZDT",
    "UTC": "GMT UCT Zulu Z Universal Greenwich Etc/UCT Etc/Zulu Etc/Universal Etc/GMT Etc/Greenwich GMT0 Etc/GMT0",
}
"""What people write for a zone where a place is needed. Several places may share one: then a person has to choose."""

AMERICAN = {"EST", "MST", "HST", "EST5EDT", "CST6CDT", "MST7MDT", "PST8PDT"}
UNIVERSAL = {"GMT", "GMT0", "GMT+0", "GMT-0", "UCT", "Zulu", "Universal", "Greenwich", "Factory"}
ABBREVIATIONS = frozenset(AMERICAN | UNIVERSAL | {"CET", "MET", "EET", "WET"})
"""Names that the IANA database keeps for old programs and that name no place."""

FIXED = re.compile(r"(?:Etc/.*|(?:UTC|GMT)?\s*[+\-−]\s*\d.*|(?:UTC|GMT)\s*\d.*)", re.IGNORECASE)


class UnknownZone(ValueError):
    """A name that is no zone, or hides clock changes. `reason` says which; `suggestions` are names to write instead."""

    def __init__(self, name: str, reason: str, suggestions: tuple[str, ...] = ()) -> None:
        self.name = name
        self.reason = reason
        self.suggestions = suggestions
        meant = f"; did you mean {' or '.join(suggestions)}?" if suggestions else ""
        super().__init__(f"{name!r} {reason}{meant}")


@cache
def known_zones() -> frozenset[str]:
    """Every name in the `tzdata` package that `Zone.named` takes."""
    names = files("tzdata").joinpath("zones").read_text(encoding="utf-8").split()
    return frozenset(name for name in names if not _hides(name))


def check_name(name: str) -> None:
    """Raises UnknownZone unless the name is of a place, or UTC: IANA's spelling, letter for letter."""
    if name in known_zones():
        return
    if FIXED.fullmatch(name):
        reason = "is a fixed distance from UTC, which hides clock changes: name the place whose clock is meant, or UTC"
    elif name in ABBREVIATIONS or re.fullmatch(r"[A-Z]{2,5}", name):
        reason = "is an abbreviation, which hides clock changes: name the place whose clock is meant, or UTC"
    else:
        reason = f"is not a zone of the IANA database {TZDATA_VERSION}"
    raise UnknownZone(name, reason, _suggestions(name))


def _hides(name: str) -> bool:
    return name in ABBREVIATIONS or (name.startswith("Etc/") and name != "Etc/UTC")


def _suggestions(name: str) -> tuple[str, ...]:
    plain = re.sub(r"[\s_-]+", "_", name.strip()).casefold()
    spoken = re.sub(r"_(standard_|daylight_|summer_)?time$", "", plain)
    meant = tuple(place for place, words in MEANT.items() if spoken in words.casefold().split())
    if meant or FIXED.fullmatch(name):
        return meant
    whole = {zone.casefold(): zone for zone in sorted(known_zones())}
    if plain in whole:
        return (whole[plain],)
    cities: dict[str, list[str]] = {}
    for zone in sorted(known_zones()):
        cities.setdefault(zone.rpartition("/")[2].casefold(), []).append(zone)
    city = plain.rpartition("/")[2]
    if city in cities:
        return tuple(cities[city][:3])
    near = [whole[found] for found in get_close_matches(plain, whole, 3, 0.75)]
    near += [zone for found in get_close_matches(city, cities, 2, 0.8) for zone in cities[found]]
    return tuple(dict.fromkeys(near))[:3]
