"""The numbers of a text, each changed a little and then more: what must move some figure, due time or verdict."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

_TOKEN = re.compile(
    r"(?<![\w.#-])(?:(?P<moment>\d{4}-\d\d-\d\d[ T]\d\d:\d\d(?::\d\d)?)(?![\w-])|(?P<date>\d{4}-\d\d-\d\d)(?![\w-])"
    r"|(?P<number>\d[\d,]*(?:\.\d+)?)(?![\w:-]))|(?<![\w:])(?P<time>\d\d:\d\d(?::\d\d)?)"
)


_APART = (
    *(timedelta(minutes=1), timedelta(days=400), timedelta(days=-40), timedelta(minutes=-1)),
    timedelta(hours=-2),
    timedelta(hours=2),
    timedelta(days=-1),
    timedelta(days=1),
)


@dataclass(frozen=True)
class Number:
    """A number at its place in a text, with what is written instead of it, the smallest change first."""

    text: str
    line: int
    start: int
    end: int
    instead: tuple[str, ...]

    def changed(self, whole: str) -> Iterator[str]:
        """The text with each of the changes."""
        lines = whole.split("\n")
        for other in self.instead:
            line = lines[self.line]
            yield "\n".join(
                [*lines[: self.line], line[: self.start] + other + line[self.end :], *lines[self.line + 1 :]]
            )


def numbers(line: str, at: int) -> Iterator[Number]:
    """The numbers of a line: moments, dates, times of day and amounts; those in names such as `M-7` are none."""
    for found in _TOKEN.finditer(line):
        kind = found.lastgroup or ""
        yield Number(found[0], at, found.start(), found.end(), tuple(_others(kind, found[0])))


def _others(kind: str, text: str) -> Iterator[str]:
    match kind:
        case "moment":
            shape = f"%Y-%m-%d{text[10]}%H:%M" + (":%S" if text.count(":") == 2 else "")
            moment = datetime.strptime(text, shape).replace(tzinfo=UTC)
            yield from ((moment + more).strftime(shape) for more in _APART)
        case "date":
            day = date.fromisoformat(text)
            yield from (str(day + timedelta(days=n)) for n in (-330, 330, 1, -1, 40, -40))
        case "time":
            total = int(text[:2]) * 60 + int(text[3:5])
            later = (total + minutes for minutes in (1, -1, 30, -30, 180, -180))
            yield from (f"{at // 60:02d}:{at % 60:02d}{text[5:]}" for at in later if 0 <= at < 1440)
        case _:
            digits = [i for i, c in enumerate(text) if c.isdigit()]
            for i in dict.fromkeys((digits[-1], digits[0])):
                for step in (1, -1):
                    digit = int(text[i]) + step
                    if 0 <= digit <= 9 and not (digit == 0 and i == digits[0]):
                        yield text[:i] + str(digit) + text[i + 1 :]
            if text == "100":
                yield "99"
            if "." not in text:
                yield text + "0"
