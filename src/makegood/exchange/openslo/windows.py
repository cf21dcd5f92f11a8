"""Time windows: OpenSLO's duration, rolling or from a start time on, and the spans that an agreement judges."""

from __future__ import annotations

import re
from datetime import date
from typing import Any, Final

from makegood.calendar.zone import UnknownZone, Zone
from makegood.contract.nodes import Keyed, Many, Text
from makegood.contract.shape import Report
from makegood.exchange.openslo.objectives import Window
from makegood.model.spans import DAY, HOUR, MINUTE, Duration
from makegood.model.when import PeriodKind, PeriodRule, Weekday

_SHORT: Final = re.compile(r"([1-9][0-9]{0,4})(m|h|d|w|M|Q|Y)")
_CALENDAR: Final = {
    "1d": PeriodKind.DAY,
    "1w": PeriodKind.WEEK,
    "1M": PeriodKind.MONTH,
    "1Q": PeriodKind.QUARTER,
    "1Y": PeriodKind.YEAR,
}
_LENGTHS: Final = {"m": MINUTE, "h": HOUR, "d": DAY, "w": 7 * DAY}
_HINT: Final = "write `30d` with `isRolling: true`, or `1M` with a `calendar`"


def length(text: str) -> Duration | None:
    """A duration of so many minutes, hours, days or weeks, or a bare number of minutes; None for any other."""
    if re.fullmatch(r"[1-9][0-9]{0,6}", text):
        return int(text) * MINUTE
    found = _SHORT.fullmatch(text)
    return int(found[1]) * _LENGTHS[found[2]] if found and found[2] in _LENGTHS else None


def read_window(node: Any, report: Report, lost: list[str]) -> Window | None:
    """The one time window of an SLO. A problem is reported for what cannot be judged so; `lost` gains what is left."""
    item = node.items[0] if isinstance(node, Many) and len(node.items) == 1 else node
    if not isinstance(item, Keyed):
        if node is not None:
            report.error("openslo-window", node.place, "an SLO has one time window", "", _HINT)
        return None
    duration, calendar = _text(item, "duration"), item.get("calendar")
    rolling = _text(item, "isRolling")
    if (rolling is not None and rolling.text == "true") or (rolling is None and calendar is None):
        return _rolling(item, duration, report)
    zone = _text(calendar, "timeZone") if isinstance(calendar, Keyed) else None
    name = zone.text if zone is not None else "UTC"
    try:
        Zone.named(name)
    except UnknownZone as unknown:
        at = zone.place if zone is not None else item.place
        report.error("openslo-window", at, f"`{name}` {unknown.reason}", "", "write an IANA name")
        return None
    kind = _CALENDAR.get(duration.text) if duration is not None else None
    if kind is None:
        at = duration.place if duration is not None else item.place
        what = "this length is judged from no calendar" if duration is not None else "a window has no duration"
        why = "periods are days, weeks, months, quarters or years, one at a time"
        report.error("openslo-window", at, what, why, _HINT)
        return None
    start = _text(calendar, "startTime") if isinstance(calendar, Keyed) else None
    return _aligned(kind, name, start.text if start is not None else "", lost)


def _rolling(item: Keyed, duration: Text | None, report: Report) -> Window | None:
    span = length(duration.text) if duration is not None and not duration.text.isdigit() else None
    if span is None or span % DAY:
        at = duration.place if duration is not None else item.place
        why = "a window that rolls is so many local dates, and ends with each of them"
        report.error("openslo-window", at, "this window is no whole number of days", why, _HINT)
        return None
    return Window(PeriodKind.DAYS, days=span // DAY)


def _aligned(kind: PeriodKind, zone: str, start: str, lost: list[str]) -> Window:
    found = re.match(r"([0-9]{4})-([0-9]{2})-([0-9]{2})(?:[ T]([0-9:]+))?", start)
    if found is None:
        return Window(kind, zone, first=0 if kind is PeriodKind.WEEK else 1)
    on = date(int(found[1]), int(found[2]), int(found[3]))
    if found[4] and found[4].strip("0:"):
        lost.append(f"the time of day {found[4]} at which the window starts: periods start at midnight")
    match kind:
        case PeriodKind.WEEK:
            return Window(kind, zone, first=on.weekday())
        case PeriodKind.MONTH if on.day != 1:
            return Window(PeriodKind.BILLING_MONTH, zone, anchor=on.day)
        case PeriodKind.QUARTER | PeriodKind.YEAR:
            if on.day != 1:
                lost.append(f"the day {on.day} of the month on which the window starts: it starts on the first")
            return Window(kind, zone, first=on.month if kind is PeriodKind.YEAR else (on.month - 1) % 3 + 1)
        case _:
            return Window(kind, zone)


def written_window(rule: PeriodRule, since: date) -> dict[str, Any]:
    """The window of a period that an agreement judges, from the first one that starts since a day."""
    if rule.kind is PeriodKind.DAYS:
        return {"duration": f"{rule.days}d", "isRolling": True}
    short = {kind: text for text, kind in _CALENDAR.items()} | {PeriodKind.BILLING_MONTH: "1M"}
    start = since
    match rule.kind:
        case PeriodKind.WEEK:
            start = date.fromordinal(since.toordinal() + (Weekday(rule.week_starts) - since.weekday()) % 7)
        case PeriodKind.MONTH:
            start = since.replace(day=1)
        case PeriodKind.BILLING_MONTH:
            start = since.replace(day=min(rule.anchor, 28))
        case PeriodKind.QUARTER | PeriodKind.YEAR:
            start = since.replace(month=rule.first_month, day=1)
    calendar = {"startTime": f"{start} 00:00:00", "timeZone": rule.zone}
    return {"duration": short[rule.kind], "calendar": calendar, "isRolling": False}


def _text(node: Any, key: str) -> Text | None:
    value = node.get(key) if isinstance(node, Keyed) else None
    return value if isinstance(value, Text) else None
