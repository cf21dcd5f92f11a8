"""Instants and spans as people write them in facts: RFC 3339, or a local time with the place whose clock it is on.

`2026-02-08T07:00:00Z`, `2026-02-08T02:00:00-05:00` and `2026-02-08 02:00 America/New_York` are one instant. A time
without zone or offset is refused.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import TypeVar

from makegood.calendar.zone import Showing, UnknownZone, Zone
from makegood.contract import numbers, patterns
from makegood.contract.nodes import Node
from makegood.contract.patterns import whole
from makegood.contract.shape import Report, Shape, text_of
from makegood.contract.wrong import Wrong
from makegood.model.problem import warning
from makegood.model.spans import END_OF_TIME, Instant, Span

T = TypeVar("T")

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_LOCAL = re.compile(r"([0-9]{4}-[0-9]{2}-[0-9]{2})[T ]([0-9]{2}:[0-9]{2}(?::[0-9]{2})?)(?: ([A-Za-z].*))?")
_SPAN = "2026-02-08 02:00 to 2026-02-08 04:00 America/New_York"


def written(instant: Instant) -> str:
    """An instant as RFC 3339 in UTC, with a fraction only where there is one: `2026-02-08T07:00:00Z`."""
    return (EPOCH + timedelta(microseconds=instant)).isoformat().replace("+00:00", "Z")


def read_moment(text: str, zone: str = "") -> tuple[Instant, str] | Wrong:
    """An instant in either way of writing, and a remark where the place's clock skips or repeats that local time.

    `zone` is taken for a local time that names none.
    """
    found = _LOCAL.fullmatch(text)
    place = (found[3] or zone) if found else ""
    if found and not place:
        hint = f"name the place whose clock it is on, as in `{text} America/New_York`, or write {text}Z if it is UTC"
        return Wrong(f"`{text}` is on no clock", "the same clock time is many moments", hint)
    if found is None:
        instant = numbers.instant(text)
        return instant if isinstance(instant, Wrong) else (instant, "")
    try:
        where = Zone.named(place)
    except UnknownZone as unknown:
        return Wrong(f"`{unknown.name}` {unknown.reason}", "", did_you_mean(unknown.suggestions))
    instant = numbers.instant(f"{found[1]} {found[2]}", place)
    day, clock = numbers.day(found[1]), numbers.clock_time(found[2])
    if isinstance(instant, Wrong):
        return instant
    if isinstance(day, Wrong):
        return day
    if isinstance(clock, Wrong):
        return clock
    showing, before, after = where.showing(day, clock)
    if showing is Showing.ONCE:
        return instant, ""
    verb = "shows no" if showing is Showing.SKIPPED else "twice shows"
    change = f"that day the clock in {place} is set from {before} to {after}"
    return instant, f"{change}, so that it {verb} {clock}; {written(instant)} is taken"


def did_you_mean(names: tuple[str, ...]) -> str:
    """The hint for a name that was not found."""
    return f"did you mean {' or '.join(f'`{name}`' for name in names)}?" if names else ""


def read_span(text: str, open_end: bool = False) -> tuple[Span, str] | Wrong:
    """`A to B`, and where an open end makes sense `from A`; a zone after B is that of A too, unless A names its own."""
    if open_end and text.startswith("from ") and " to " not in text:
        start = read_moment(text.removeprefix("from "))
        return start if isinstance(start, Wrong) else (Span(start[0], END_OF_TIME), start[1])
    first, to, last = text.partition(" to ")
    if not to:
        return Wrong(f"`{text}` is no span of time", "a span has a start and an end", f"write `{_SPAN}`")
    local = _LOCAL.fullmatch(last)
    start, end = read_moment(first, local[3] or "" if local else ""), read_moment(last)
    if isinstance(start, Wrong):
        return start
    if isinstance(end, Wrong):
        return end
    if end[0] <= start[0]:
        how = "ends when it starts" if end[0] == start[0] else "ends before it starts"
        hint = "write a later end" if end[0] == start[0] else "exchange the two"
        return Wrong(f"`{text}` {how}", f"it starts {written(start[0])} and ends {written(end[0])}", hint)
    return Span(start[0], end[0]), "; ".join(dict.fromkeys(remark for _, remark in (start, end) if remark))


def _shape(says: str, example: str, convert: Callable[[str], tuple[T, str] | Wrong], pattern: str) -> Shape[T]:
    def read(node: Node, report: Report) -> T | None:
        text = text_of(node, report, says, example)
        if text is None:
            return None
        value = convert(text.text)
        if isinstance(value, Wrong):
            report.error("wrong-value", text.place, value.what, value.why, value.hint)
            return None
        found, remark = value
        if remark:
            hint = "write the instant with its offset, as in 2026-02-08T02:00:00-05:00"
            report.problems.append(
                warning("clock-change", text.place, f"`{text.text}` meets a clock change", remark, hint)
            )
        return found

    return Shape(says, example, read, {"type": "string", "pattern": whole(pattern)})


MOMENT: Shape[Instant] = _shape("an instant", "2026-02-05T08:00:00Z", read_moment, patterns.MOMENT)
SPAN: Shape[Span] = _shape("a span of time", _SPAN, read_span, patterns.SPAN)
OPEN_SPAN: Shape[Span] = _shape(
    "a span of time", _SPAN, lambda text: read_span(text, open_end=True), patterns.OPEN_SPAN
)
