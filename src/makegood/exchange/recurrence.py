"""Recurrence rules (RFC 5545) as spans of time: daily or slower, on a place's clock, and never without end.

Each occurrence begins when that date's clock shows the time of the first one, across clock changes, and lasts its
elapsed length.
"""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta
from itertools import chain

import numpy as np

from makegood.calendar.zone import Zone, wall_of
from makegood.contract.wrong import Wrong
from makegood.model.spans import BEGINNING_OF_TIME, SECOND, Duration, Instant, Span
from makegood.model.when import ClockTime

MOST = 2_000
"""Occurrences of one rule; a daily one has that many in five and a half years."""

PARTS = frozenset(
    (
        "FREQ",
        "UNTIL",
        "COUNT",
        "INTERVAL",
        "BYDAY",
        "BYMONTHDAY",
        "BYYEARDAY",
        "BYWEEKNO",
        "BYMONTH",
        "BYSETPOS",
        "WKST",
    )
)
SLOW = ("DAILY", "WEEKLY", "MONTHLY", "YEARLY")
_LONGEST_MONTH = (31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)
_UNTIL = re.compile(r"([0-9]{4})([0-9]{2})([0-9]{2})(?:T([0-9]{2})([0-9]{2})([0-9]{2})(Z?))?")


def occurrences(rule: str, start: Instant, lasting: Duration, zone: Zone, until: Instant) -> list[Span] | Wrong:
    """The spans that begin by the rule from `start` on (µs UTC), none at or after `until`.

    `lasting` is their length in µs. A rule that is no such rule, comes to pass more than 2,000 times before `until`, or
    never at all, is wrong.
    """
    local = _local(zone, start)
    found = walls(rule, local.replace(microsecond=0), zone, until)
    if isinstance(found, Wrong):
        return found
    times = np.array([wall_of(w.date(), _clock(w)) for w in found], dtype=np.int64)
    return [Span(at, at + lasting) for at in (int(at) + local.microsecond for at in zone.instants(times)) if at < until]


def walls(
    rule: str, first: datetime, zone: Zone, until: Instant, since: Instant = BEGINNING_OF_TIME
) -> list[datetime] | Wrong:
    """What the place's clock shows, without an offset, when a rule comes to pass from `since` on and before `until`.

    `first` is what it shows when the rule begins, in whole seconds. A rule that is no such rule, comes to pass more
    than 2,000 times in between, or never at all, is wrong.
    """
    from dateutil.rrule import rrulestr

    parts = _parts(rule)
    if isinstance(parts, Wrong):
        return parts
    last = _last(parts.pop("UNTIL", ""), zone)
    if isinstance(last, Wrong):
        return last
    until = until if last is None else min(until, last + 1)
    horizon = _local(zone, until) + timedelta(days=2)
    later = first.replace(year=first.year + _near_the_end(max(first, horizon)))
    text = ";".join(f"{name}={value}" for name, value in parts.items())
    try:
        found = iter(rrulestr(text, dtstart=later))
        one = next(found, None)
    except (ValueError, TypeError, IndexError, OverflowError, KeyError) as failure:
        return Wrong(f"`{rule[:80]}` is no recurrence rule", str(failure)[:120])
    if one is None:
        return Wrong(f"`{rule[:80]}` never comes to pass", "no date fits all of its parts", "correct the rule")
    made = list[datetime]()
    for wall in chain((one,), found):
        at = wall.replace(year=wall.year - (later.year - first.year))
        if at > horizon:
            break
        if since <= zone.instant(at.date(), _clock(at)) < until:
            made.append(at)
        if len(made) > MOST:
            what = f"`{rule[:80]}` comes to pass more than {MOST:,} times"
            return Wrong(what, "it has no end, or a late one", "give it an UNTIL or a COUNT")
    return made


def _near_the_end(last: datetime) -> int:
    """Years, a multiple of the 400 after which dates and weekdays recur, by which a rule is looked at later.

    A rule that never comes to pass is searched for until the year 9999: from there on it is not far.
    """
    return max(0, (9_990 - last.year) // 400 * 400)


def _parts(rule: str) -> dict[str, str] | Wrong:
    """The parts of a rule by name, checked for what would be misread or would search without end."""
    parts: dict[str, str] = {}
    for part in rule.strip().removeprefix("RRULE:").rstrip(";").split(";"):
        name, sign, value = part.partition("=")
        name = name.strip().upper()
        if not sign or not value.strip() or name in parts:
            return Wrong(f"`{rule[:80]}` is no recurrence rule", f"`{part[:40]}` is no part of one, or is there twice")
        parts[name] = value.strip().upper()
    if parts.get("FREQ") not in SLOW:
        what = f"`{rule[:80]}` recurs more often than daily" if "FREQ" in parts else f"`{rule[:80]}` says no FREQ"
        return Wrong(what, f"FREQ is one of {', '.join(SLOW)}", "write the spans one by one")
    if strange := sorted(set(parts) - PARTS):
        return Wrong(f"`{strange[0]}` of `{rule[:80]}` is not read", "it would change when the rule comes to pass")
    for name in ("INTERVAL", "COUNT"):
        if name in parts and (not parts[name].isdigit() or not 1 <= int(parts[name][:9]) < 10**6):
            return Wrong(f"{name} of `{rule[:80]}` is `{parts[name][:20]}`", "it is a whole number from 1 on")
    return _possible(parts, rule)


def _possible(parts: dict[str, str], rule: str) -> dict[str, str] | Wrong:
    """Days that none of the months have: a search for them would go on for eight thousand years."""
    never = Wrong(f"`{rule[:80]}` never comes to pass", "no date fits all of its parts", "correct the rule")
    try:
        months = [int(text) for text in parts.get("BYMONTH", "1").split(",")]
        days = [abs(int(text)) for text in parts.get("BYMONTHDAY", "1").split(",")]
    except ValueError:
        return parts
    if not all(1 <= month <= 12 for month in months) or 0 in days:
        return never
    if min(days) > max(_LONGEST_MONTH[month - 1] for month in months):
        return never
    if "BYSETPOS" in parts and parts["FREQ"] == "DAILY":
        return Wrong(f"`{rule[:80]}` has BYSETPOS of single days", "a day has no second one", "take BYSETPOS away")
    return parts


def _last(text: str, zone: Zone) -> Instant | Wrong | None:
    """The instant of an UNTIL, the last at which an occurrence may begin; a date alone is the whole of it."""
    if not text:
        return None
    found = _UNTIL.fullmatch(text)
    try:
        if found is None:
            raise ValueError
        day = date(int(found[1]), int(found[2]), int(found[3]))
        clock = (int(found[4]), int(found[5]), int(found[6])) if found[4] else (23, 59, 59)
        if found[7]:
            return int(datetime(day.year, day.month, day.day, *clock, tzinfo=UTC).timestamp()) * SECOND
        return zone.instant(day, ClockTime(clock[0] * 3600 + clock[1] * 60 + clock[2]))
    except ValueError:
        return Wrong(f"UNTIL={text[:20]} is no instant", "", "write as in UNTIL=20260228T140000Z")


def _local(zone: Zone, instant: Instant) -> datetime:
    """What the place's clock shows at an instant, without its offset."""
    shown = zone.shown(instant)
    return shown.replace(tzinfo=None)


def _clock(wall: datetime) -> ClockTime:
    return ClockTime(wall.hour * 3600 + wall.minute * 60 + wall.second)
