"""How values look, as regular expressions that JSON Schema and Python read alike, from the same words as the readers.

A pattern never refuses what its reader takes; what it lets through the reader may still refuse, such as 30 February.
"""

from __future__ import annotations

from typing import Final

from makegood.contract.lengths import COUNTS, UNITS
from makegood.model.spans import SECOND
from makegood.model.threshold import Side
from makegood.model.when import Weekday


def whole(*patterns: str) -> str:
    """The pattern of a value that is one of these and nothing else."""
    return f"^{any_of(*patterns)}$"


def any_of(*patterns: str) -> str:
    return f"(?:{'|'.join(patterns)})"


def _any_case(word: str) -> str:
    return "".join(f"[{c.upper()}{c.lower()}]" if c.isalpha() else c for c in word)


def _words(words: object) -> str:
    return any_of(*(w.replace(" ", SPACE) for w in sorted(map(str, words), key=len, reverse=True)))  # type: ignore[call-overload]


SPACE: Final = "[ \u00a0\u2007\u2009\u202f]+"
_GAP: Final = SPACE.replace("+", "*")
_DASH: Final = f"{_GAP}(?:[-\u2010-\u2014]|to){_GAP}"

NAME: Final = "[a-z][a-z0-9]*(?:-[a-z0-9]+)*"
NUMBER: Final = "[-\u2212]?(?:0|[1-9][0-9]*|[1-9][0-9]{0,2}(?:,[0-9]{3})+)(?:\\.[0-9]+)?"
SHARE: Final = f"{NUMBER}{_GAP}%"
DURATION: Final = f"{NUMBER}{_GAP}{_words(UNITS)}(?:{_GAP}{NUMBER}{_GAP}{_words(UNITS)})*"
_OPEN_HOURS: Final = "(?:{0}business{0}{1}|{0}{1})".format(SPACE, _words(u for u, n in UNITS.items() if n >= SECOND))
ALLOWANCE: Final = any_of(
    DURATION, f"{NUMBER}{_GAP}{_words(COUNTS)}", f"{NUMBER}{_OPEN_HOURS}(?:{_GAP}{NUMBER}{_OPEN_HOURS})*"
)
MONEY: Final = any_of(f"{NUMBER}{_GAP}[A-Z]{{3}}", f"[A-Z]{{3}}{_GAP}{NUMBER}")
DATE: Final = "[0-9]{4}-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12][0-9]|3[01])"
CLOCK: Final = "(?:[01]?[0-9]|2[0-4]):[0-5][0-9](?::[0-5][0-9])?"
WEEKDAY: Final = any_of(*(_any_case(day.name) for day in Weekday))
_DAYS: Final = any_of(
    f"{WEEKDAY}{_DASH}{WEEKDAY}",
    f"{WEEKDAY}(?:(?:,{_GAP}|{SPACE}and{SPACE}|,{SPACE}and{SPACE}){WEEKDAY})*",
    f"{_any_case('every')}{SPACE}{_any_case('day')}",
    _any_case("daily"),
)
WINDOW: Final = any_of(f"{_DAYS}{SPACE}{CLOCK}{_DASH}{CLOCK}", f"{WEEKDAY}{SPACE}{CLOCK}{_DASH}{WEEKDAY}{SPACE}{CLOCK}")
_SIDE: Final = _words(side.value for side in Side)


def sided(value: str) -> str:
    """A side and a value: `at least 99.9 %`."""
    return f"{_SIDE}{SPACE}{value}"


EDGE: Final = any_of(SHARE, DURATION, MONEY, f"{NUMBER}{_GAP}[a-zA-Z][a-zA-Z /-]*")
RANGE: Final = any_of(
    "otherwise",
    f"from{SPACE}{EDGE}{SPACE}to{SPACE}{EDGE}",
    f"{sided(EDGE)}(?:(?: and |, ){sided(EDGE)})?",
)
_OFFSET: Final = "(?:Z|[-+][0-9]{2}:[0-9]{2})"
_WALL: Final = f"{DATE}[T ]{CLOCK}"
ZONE: Final = "[A-Za-z][A-Za-z0-9_+-]*(?:/[A-Za-z0-9_+-]+)*"
MOMENT: Final = any_of(f"{_WALL}(?:\\.[0-9]+)?{_OFFSET}", f"{_WALL} {ZONE}")
SPAN: Final = f"{any_of(MOMENT, _WALL)} to {MOMENT}"
OPEN_SPAN: Final = any_of(SPAN, f"from {MOMENT}")
