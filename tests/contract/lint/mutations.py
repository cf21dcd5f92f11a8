"""Changes of one number, unit, weekday or zone in the prose of an agreement, found without the lint's own reader."""

from __future__ import annotations

import random
import re
from collections.abc import Iterator
from dataclasses import dataclass

UNITS = ("seconds", "minutes", "hours", "days", "weeks", "months", "business days")
SINGLE = ("second", "minute", "hour", "day", "week", "month")
WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
ZONES = ("Eastern", "Central", "Mountain", "Pacific", "UTC")
WORDS = (
    *("two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "twelve", "fifteen", "twenty"),
    *("twenty-five", "thirty", "forty-five", "forty-eight", "ninety", "ninety-five", "ninety-nine"),
)
ORDINALS = ("fourth", "fifth", "tenth", "fifteenth", "twentieth", "thirtieth")
MONTHS = (
    *("January", "February", "March", "April", "May", "June", "July"),
    *("August", "September", "October", "November", "December"),
)
PARTS = ("half", "one third", "one quarter", "two thirds")

_NUMBER = re.compile(r"(?<![A-Za-z0-9.,-])\d[\d,.:-]*(?:x+\b)?")
_WORD = re.compile(rf"(?<!-)\b({'|'.join(sorted(WORDS, key=len)[::-1])})(?!-(?:{'|'.join(WORDS)}))\b", re.IGNORECASE)
_ORDINAL = re.compile(rf"\b({'|'.join(ORDINALS)})\b")
_MONTH = re.compile(rf"\b({'|'.join(MONTHS)})\b")
_PART = re.compile(rf"\b({'|'.join(PARTS)})(?= of the\b)")
_COMPOUND = re.compile(rf"(?<=-)({'|'.join(SINGLE)})\b")
_UNIT = re.compile(
    r"(?<=\d)\s(?:\w+ \w+ |\w+ )?(seconds?|minutes?|(?:business )?days?|hours?|weeks?|months?)\b|\d\s?(%)"
)
_EVERY = re.compile(r"\bevery (second|minute|hour|day|week|month)\b")
_WEEKDAY = re.compile(rf"\b({'|'.join(WEEKDAYS)})(?=s?\b)")
_ZONE = re.compile(rf"\b({'|'.join(ZONES)})\b")


WORDED = (
    *((_EVERY, SINGLE, "unit"), (_WEEKDAY, WEEKDAYS, "weekday"), (_ZONE, ZONES, "zone"), (_MONTH, MONTHS, "month")),
    *((_ORDINAL, ORDINALS, "ordinal"), (_PART, PARTS, "share word"), (_COMPOUND, SINGLE, "compound unit")),
)


@dataclass(frozen=True)
class Mutation:
    """What is changed, where, and into what."""

    kind: str
    start: int
    end: int
    new: str

    def applied(self, text: str) -> str:
        return text[: self.start] + self.new + text[self.end :]

    def told(self, text: str) -> str:
        line = text.count("\n", 0, self.start) + 1
        return f"line {line}: {self.kind} {text[self.start : self.end]!r} -> {self.new!r}"


def prose_spans(text: str) -> Iterator[tuple[int, int]]:
    """The lines that are neither headings nor inside a fence, joined where they follow each other."""
    at, fenced, begun = 0, False, None
    for line in text.splitlines(keepends=True):
        is_prose = not fenced and not line.startswith(("#", "```"))
        fenced ^= line.startswith("```")
        if is_prose and begun is None:
            begun = at
        elif not is_prose and begun is not None:
            yield begun, at
            begun = None
        at += len(line)
    if begun is not None:
        yield begun, at


def mutations(text: str, seed: int) -> list[Mutation]:
    """One mutation of every number, unit, weekday and zone of the prose, drawn by the seed."""
    draw = random.Random(seed)
    found: list[Mutation] = []
    for start, end in prose_spans(text):
        span = text[start:end]
        for match in _NUMBER.finditer(span):
            shown = match[0].rstrip(".,:-")
            found.append(_at(start + match.start(), shown, "number", _number(draw, shown)))
        for match in _WORD.finditer(span):
            others = [w for w in WORDS if w != match[1].lower()]
            new = draw.choice(others)
            found.append(
                _at(start + match.start(), match[1], "number word", new.title() if match[1][0].isupper() else new)
            )
        for match in _UNIT.finditer(span):
            unit = match[1] or match[2]
            others = [u for u in (*UNITS, "%") if u.removesuffix("s") != unit.removesuffix("s")]
            found.append(_at(start + match.start(1 if match[1] else 2), unit, "unit", draw.choice(others)))
        for pattern, words, kind in WORDED:
            for match in pattern.finditer(span):
                new = draw.choice([word for word in words if word != match[1]])
                found.append(_at(start + match.start(1), match[1], kind, new))
    return found


def _at(start: int, shown: str, kind: str, new: str) -> Mutation:
    return Mutation(kind, start, start + len(shown), new)


def _number(draw: random.Random, shown: str) -> str:
    """Another number of the same look: one digit changed, or one put in, or one taken away."""
    places = [n for n, c in enumerate(shown) if c.isdigit()]
    while True:
        n, how = draw.choice(places), draw.randrange(4)
        if how < 2:
            new = shown[:n] + draw.choice("0123456789") + shown[n + 1 :]
        elif how == 2:
            new = shown[: n + 1] + draw.choice("0123456789") + shown[n + 1 :]
        else:
            new = shown[:n] + shown[n + 1 :]
        if new[:1].isdigit() and new[-1:] != "." and new != shown and _value(new) != _value(shown):
            return new


def _value(shown: str) -> str:
    plain = shown.replace(",", "").lstrip("0")
    return plain.rstrip("0").rstrip(".") if "." in plain else plain
