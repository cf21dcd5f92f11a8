"""The lines of an iCalendar file (RFC 5545) as components with their properties, each with its line in the file."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from makegood.exchange.columns import shown
from makegood.exchange.foreign_json import MOST_PROBLEMS, Findings
from makegood.exchange.table import Unreadable
from makegood.model.problem import Place, error

DEEPEST = 8
_NAME = re.compile(r"[A-Za-z0-9-]+")
_UNREAD = ("ATTACH", "DESCRIPTION", "X-ALT-DESC", "ATTENDEE", "IMAGE", "STYLED-DESCRIPTION", "COMMENT")
"""Properties that are often long and never asked for."""


@dataclass
class LineFindings(Findings):
    """Where the problems of a file of lines gather."""

    def at(self, line: int, what: str, why: str = "", hint: str = "") -> None:
        """A problem with what stands in a line."""
        if len(self.problems) < MOST_PROBLEMS:
            self.problems.append(error("foreign-value", Place(self.source, line, 1), what, why, hint))
        else:
            self.more += 1


@dataclass(frozen=True)
class Property:
    """One property: its name and parameters in capitals, its value as written, and its line."""

    name: str
    params: Mapping[str, str]
    value: str
    line: int

    @property
    def text(self) -> str:
        """The value as words, its escapes undone."""
        return _plain(self.value)

    @property
    def texts(self) -> list[str]:
        """The value as a list of words."""
        return [_plain(part) for part in re.findall(r"(?:[^\\,]|\\.)+", self.value)]


@dataclass
class Component:
    """A component such as VCALENDAR or VEVENT, with those inside it."""

    name: str
    line: int
    properties: list[Property] = field(default_factory=list)
    inside: list[Component] = field(default_factory=list)

    def every(self, name: str) -> Iterator[Property]:
        return (found for found in self.properties if found.name == name)

    def one(self, name: str, findings: LineFindings) -> Property | None:
        """The only property of a name; a second one is a problem."""
        found = list(self.every(name))
        for again in found[1:]:
            findings.at(again.line, f"a second {name} of this {self.name}", f"the first is in line {found[0].line}")
        return found[0] if found else None

    def components(self, name: str) -> Iterator[Component]:
        return (found for found in self.inside if found.name == name)


def read_calendars(raw: bytes, findings: LineFindings) -> list[Component]:
    """The calendars of a file. Raises Unreadable where it is none, or breaks off."""
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise Unreadable("the file is not UTF-8, as iCalendar is") from None
    top = Component("", 0)
    open_ = [top]
    for number, line in _unfolded(text):
        name = _NAME.match(line)
        if name is None:
            findings.at(number, f"`{shown(line)}` is no line of a calendar", "a line begins with a name and a colon")
            continue
        word = name[0].upper()
        if word in _UNREAD:
            continue
        found = _property(word, line, number, findings)
        if found is None:
            continue
        if word == "BEGIN":
            if len(open_) > DEEPEST:
                raise Unreadable(f"line {number}: the components are nested too deeply")
            open_.append(Component(found.value.strip().upper(), number))
            open_[-2].inside.append(open_[-1])
        elif word == "END":
            closed = open_.pop() if len(open_) > 1 else top
            if closed.name != found.value.strip().upper():
                raise Unreadable(f"line {number}: END:{shown(found.value)} where {closed.name or 'nothing'} is open")
        else:
            open_[-1].properties.append(found)
    if len(open_) > 1:
        raise Unreadable(f"the file breaks off: the {open_[-1].name} of line {open_[-1].line} has no end")
    calendars = list(top.components("VCALENDAR"))
    if not calendars:
        raise Unreadable("this is no calendar: it should begin with BEGIN:VCALENDAR")
    return calendars


def _unfolded(text: str) -> Iterator[tuple[int, str]]:
    """The logical lines, each with the number of its first one; a line that begins with a space goes on."""
    number, parts = 0, list[str]()
    for i, line in enumerate(re.split(r"\r\n|\n|\r", text), 1):
        if line[:1] in (" ", "\t") and parts:
            parts.append(line[1:])
            continue
        if parts:
            yield number, "".join(parts)
        number, parts = i, [line] if line.strip() else []
    if parts:
        yield number, "".join(parts)


def _property(word: str, line: str, number: int, findings: LineFindings) -> Property | None:
    from icalendar.parser import Contentline

    try:
        _, params, value = Contentline(line).raw_parts()  # type: ignore[no-untyped-call]
    except ValueError:
        findings.at(number, f"`{shown(line)}` is no line of a calendar", "a line is a name, a colon and a value")
        return None
    plain = {str(key).upper(): said if isinstance(said, str) else ",".join(said) for key, said in params.items()}
    return Property(word, plain, value, number)


def _plain(value: str) -> str:
    return re.sub(r"\\([nN;,\\])", lambda found: "\n" if found[1] in "nN" else found[1], value).strip()
