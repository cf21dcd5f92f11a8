"""Mutations of a translation: every number, unit, weekday, zone and clock time of its prose, changed one at a time."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from random import Random

UNITS: Mapping[str, Sequence[Sequence[str]]] = {
    "de": (
        ("Sekunden", "Minuten", "Stunden"),
        ("Stunde", "Minute"),
        ("Tage", "Wochen"),
        ("Tagen", "Wochen", "Geschäftstagen"),
        ("%", "Prozentpunkte"),
    ),
    "fr": (
        ("secondes", "minutes", "heures"),
        ("heure", "minute"),
        ("jours ouvrés", "jours"),
        ("jours", "semaines", "mois"),
        ("%", "points"),
    ),
    "ja": (
        ("秒以内", "分以内", "時間以内"),
        ("時間前", "日前"),
        ("分", "秒"),
        ("営業日", "日"),
        ("%", "ポイント"),
    ),
}
"""Words for units that may take each other's place behind a number, by language."""

NAMES: Mapping[str, Sequence[Sequence[str]]] = {
    "de": (
        ("Montag", "Dienstag", "Freitag", "Samstag"),
        ("sonntags", "samstags", "mittwochs"),
        ("Ostküstenzeit", "Rocky-Mountain-Zeit"),
    ),
    "fr": (
        ("lundi", "mardi", "vendredi", "samedi"),
        ("dimanche", "jeudi"),
        ("heure de l'Est", "heure du Pacifique"),
    ),
    "ja": (
        ("月曜日", "火曜日", "金曜日", "土曜日"),
        ("日曜日", "水曜日"),
        ("米国東部時間", "米国太平洋時間"),
    ),
}
"""Weekdays and zones that may take each other's place, by language."""

_NUMBER = re.compile(r"(?<![A-Za-z0-9_#.])\d+(?:[.,]\d+)?(?![A-Za-z0-9_])")


@dataclass(frozen=True)
class Mutation:
    """One change, and the text with it. `what` is what was changed into what, with its line."""

    what: str
    text: str


def mutations(text: str, language: str, seed: int) -> list[Mutation]:
    """Every mutation of the prose below the header block, in an order that the seed gives."""
    head, fence, prose = text.partition("```\n\n")
    found = [
        Mutation(f"line {text[: len(head + fence) + at].count(chr(10)) + 1}: {old} → {new}", head + fence + changed)
        for at, old, new, changed in _every(prose, language, Random(seed))
    ]
    Random(seed).shuffle(found)
    return found


def _every(prose: str, language: str, chance: Random) -> Iterator[tuple[int, str, str, str]]:
    for match in _NUMBER.finditer(prose):
        if not _begins_a_heading(prose, match.start()):
            new = _other_number(match[0], chance)
            yield match.start(), match[0], new, prose[: match.start()] + new + prose[match.end() :]
    for words in UNITS[language]:
        for old in words:
            for match in re.finditer(rf"(?<=\d)\s?{re.escape(old)}(?![a-zäöüé]| ouvrés)", prose):
                new = chance.choice([word for word in words if word != old])
                shown = match[0].replace(old, new)
                yield match.start(), match[0], new, prose[: match.start()] + shown + prose[match.end() :]
    for words in NAMES[language]:
        for old in words:
            for match in re.finditer(re.escape(old), prose):
                new = chance.choice([word for word in words if word != old])
                yield match.start(), old, new, prose[: match.start()] + new + prose[match.end() :]


def _begins_a_heading(prose: str, at: int) -> bool:
    return prose[prose.rfind("\n", 0, at) + 1 : at].startswith("#")


def _other_number(text: str, chance: Random) -> str:
    """One digit changed, the decimal sign moved, or a digit more."""
    places = [n for n, c in enumerate(text) if c.isdigit()]
    kind = chance.choice(("digit", "digit", "more"))
    if kind == "more":
        return f"{text}0" if not ("," in text or "." in text) else f"1{text}"
    at = chance.choice(places)
    digit = chance.choice([d for d in "123456789" if d != text[at]])
    return text[:at] + digit + text[at + 1 :]
