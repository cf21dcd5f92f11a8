"""Downtimes of monitors in Datadog as announced work: the JSON of `/api/v1/downtime` and of `/api/v2/downtime`.

A downtime silences alerts. Whether it was announced work is for the person to say who imports it, by naming its scope
and its kind; that anybody was told is never shown by it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from makegood.calendar.zone import Zone
from makegood.exchange.brought import Brought, Foreign
from makegood.exchange.columns import shown
from makegood.exchange.datadog_rules import Rules, with_start, zone_named
from makegood.exchange.foreign_json import Findings, Record, json_of, looks_like_json, plain_words
from makegood.exchange.moments import written
from makegood.exchange.naming import Naming
from makegood.model.facts import Maintenance
from makegood.model.spans import DAY, HOUR, MINUTE, Duration, Instant, Span
from makegood.model.when import ClockTime

KIND = "monitor downtime"
"""The kind of the work where the person who imports it says none."""

NO_NOTICE = "a downtime is no notice: who was told of the work, and when, is recorded with notices"
STATUSES = ("active", "canceled", "ended", "scheduled")
_V1 = (
    *("id", "uuid", "scope", "start", "end", "canceled", "disabled", "message", "monitor_id", "monitor_tags"),
    *("parent_id", "child_id", "recurrence", "timezone", "active", "active_child", "created", "modified", "creator"),
    *("creator_id", "updater_id", "org_id", "downtime_type", "status", "mute_first_recovery_notification"),
    *("notify_end_states", "notify_end_types"),
)
_V2 = (
    *("scope", "schedule", "status", "canceled", "message", "monitor_identifier", "created", "modified"),
    *("created_at", "modified_at", "display_timezone", "mute_first_recovery_notification", "notify_end_states"),
    "notify_end_types",
)
_FREQUENCIES = {"days": "DAILY", "weeks": "WEEKLY", "months": "MONTHLY", "years": "YEARLY"}
_DAYS = {"Mon": "MO", "Tue": "TU", "Wed": "WE", "Thu": "TH", "Fri": "FR", "Sat": "SA", "Sun": "SU"}
_LASTING = re.compile(r"([1-9][0-9]{0,5})([mhdw])")
_UNITS = {"m": MINUTE, "h": HOUR, "d": DAY, "w": 7 * DAY}
_LONGEST: Duration = 366 * DAY
_LOCAL = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}(?::[0-9]{2})?")


def tells(file: Foreign) -> bool:
    """Whether it holds downtimes, of either version of the API."""
    if not looks_like_json(file, b"scope", b"start") and not looks_like_json(file, b"scope", b"schedule"):
        return False
    value = json_of(file)
    return any(_is_old(entry) or _is_new(entry) for entry in _entries(value))


def read(file: Foreign) -> Brought:
    """The downtimes as maintenances, one for each time.

    Options: `kind`. Raises Unreadable, and OSError as `open` does.
    """
    findings = Findings(str(file.path))
    entries = _entries(json_of(file))
    name = "data" if all(_is_new(entry) for entry in entries) else "downtimes"
    top = Record({name: entries}, "", findings)
    naming = Naming(file.names, findings, "scope")
    reading = _Reading(file, findings, naming, {e.get("id") for e in entries if isinstance(e, dict)})
    facts = tuple(fact for record in top.records(name) for fact in reading.facts(record))
    notes = [*reading.rules.notes, *reading.of_parents(), *naming.finish(), *findings.left_aside()]
    if facts:
        notes.insert(0, NO_NOTICE)
    return Brought(file.source or "datadog", facts, notes=tuple(notes), problems=findings.all())


def _entries(value: object) -> list[object]:
    if isinstance(value, dict) and "data" in value:
        value = value["data"]
    return value if isinstance(value, list) else [value]


def _is_old(entry: object) -> bool:
    return (
        isinstance(entry, dict)
        and {"scope", "start", "end"} <= entry.keys()
        and bool({"monitor_tags", "monitor_id", "downtime_type"} & entry.keys())
    )


def _is_new(entry: object) -> bool:
    attributes = entry.get("attributes") if isinstance(entry, dict) else None
    return (
        isinstance(entry, dict)
        and entry.get("type", "downtime") == "downtime"
        and isinstance(attributes, dict)
        and {"scope", "schedule"} <= attributes.keys()
    )


@dataclass(frozen=True)
class _Downtime:
    """What both versions of the API say of one.

    `monitors` are those that it is for, by id and by tags, in words; `spans` its times, as if it were never cancelled.
    """

    ident: str
    scope: str
    monitors: Sequence[str]
    message: str
    recurs: bool
    spans: Sequence[Span]
    canceled: Instant | None


@dataclass
class _Reading:
    file: Foreign
    findings: Findings
    naming: Naming
    known: set[object]
    rules: Rules = field(init=False)
    ids: dict[str, str] = field(default_factory=dict)
    children: int = 0

    def __post_init__(self) -> None:
        self.rules = Rules(self.file.now)

    def facts(self, record: Record) -> Iterator[Maintenance]:
        before = self.findings.count
        found = self._new(record) if _is_new(record.value) else self._old(record)
        if found is None:
            return
        if self.ids.setdefault(found.ident, record.where) != record.where:
            record.error(f"has the id `{shown(found.ident)}` of {self.ids[found.ident]}", "", "keep one of the two")
        if self.findings.count > before or not found.spans:
            return
        service = self.naming.of(found.scope, *found.monitors)
        if service is None:
            return
        about = "; ".join([f"scope {found.scope}", *found.monitors])
        words = plain_words(f"{found.message} ({about})" if found.message else about)
        kind = self.file.options.get("kind", "") or KIND
        ident = f"datadog-downtime-{found.ident}"
        for span in self._uncancelled(found):
            one = with_start(ident, span) if found.recurs else ident
            yield Maintenance(one, self.file.now, self.file.by, "", (service,), span, kind, words)

    def of_parents(self) -> Sequence[str]:
        """A note on the downtimes that are single times of others in the file."""
        if not self.children:
            return ()
        times = "1 downtime is one time" if self.children == 1 else f"{self.children:,} downtimes are times"
        return (f"{times} of a recurring one in this file, whose rule gives it, and left out",)

    def _uncancelled(self, found: _Downtime) -> list[Span]:
        """The times, up to the instant at which it was cancelled."""
        at = found.canceled
        if at is None:
            return list(found.spans)
        kept = [Span(span.start, min(span.end, at)) for span in found.spans if span.start < at]
        if len(kept) < len(found.spans) or any(span.end == at for span in kept):
            self._note(found.ident, f"was cancelled at {written(at)}: what lies after that was left out")
        return kept

    def _note(self, ident: str, says: str) -> None:
        self.rules.notes.append(f"downtime {shown(ident)} {says}")

    def _old(self, entry: Record) -> _Downtime | None:
        entry.knows(*_V1)
        ident = self._old_id(entry)
        if not ident:
            return None
        if (parent := entry.value.get("parent_id")) is not None and parent in self.known:
            self.children += 1
            return None
        canceled = entry.seconds("canceled")
        if entry.value.get("disabled") is True and canceled is None:
            self._note(ident, "is disabled, and since when is not said: left out")
            return None
        start, end = entry.seconds("start"), entry.seconds("end")
        if start is None and entry.value.get("start") is None:
            entry.error("says no start")
        if start is not None and end is not None and end <= start:
            entry.error(f"ends at {written(end)}, which is not after its start at {written(start)}")
        scope = " AND ".join(_texts(entry, "scope"))
        if not scope:
            entry.error("names no `scope`", "it would concern nothing")
        recurs = entry.value.get("recurrence") is not None
        if start is None or (end is not None and end <= start):
            return None
        spans = self._old_times(entry, ident, start, end) if recurs else self._once(ident, start, end, canceled)
        monitor = _whole(entry, "monitor_id")
        monitors = [*([f"monitor {monitor}"] if monitor else []), *_tags(_texts(entry, "monitor_tags"))]
        return _Downtime(ident, scope, monitors, plain_words(entry.text("message")), recurs, spans, canceled)

    def _old_id(self, entry: Record) -> str:
        """The UUID, by which the second version of the API calls it too, or else the number."""
        if entry.value.get("uuid"):
            return entry.ident("uuid")
        if (number := _whole(entry, "id")) is None:
            if entry.value.get("id") is None:
                entry.error("has no `id`", "the entry cannot be told from others without it")
            return ""
        return str(number)

    def _once(self, ident: str, start: Instant, end: Instant | None, canceled: Instant | None) -> list[Span]:
        if end is None and canceled is not None and canceled > start:
            end = canceled
        if end is None:
            self._note(ident, "has no end yet and was left out: import it again when it has one")
            return []
        return [Span(start, end)]

    def _old_times(self, entry: Record, ident: str, start: Instant, end: Instant | None) -> list[Span]:
        again = entry.record("recurrence")
        again.knows("type", "period", "rrule", "until_date", "until_occurrences", "week_days")
        before = self.findings.count
        if end is None:
            entry.error("recurs and has no end", "how long each time lasts is not known")
        rule, until = _rule(again), again.seconds("until_date")
        zone = zone_named(entry, entry.text("timezone"))
        if self.findings.count > before or end is None or zone is None:
            return []
        if "COUNT=" in rule and again.value.get("until_occurrences") is not None:
            self._note(
                ident, f"recurs {again.value['until_occurrences']} times: the first one is taken to be among them"
            )
        return self.rules.spans(again, rule, start, end - start, zone, None if until is None else until + 1)

    def _new(self, record: Record) -> _Downtime | None:
        record.knows("id", "type", "attributes", "relationships")
        entry, ident = record.record("attributes"), record.ident("id")
        entry.knows(*_V2)
        schedule, scope = entry.record("schedule"), entry.text("scope")
        if not scope:
            entry.error("names no `scope`", "it would concern nothing")
        status, canceled = entry.word("status", STATUSES), entry.instant("canceled")
        if status == "canceled" and canceled is None:
            self._note(ident, "is cancelled, and since when is not said: left out")
            return None
        of = entry.record("monitor_identifier")
        of.knows("monitor_id", "monitor_tags")
        monitor = _whole(of, "monitor_id")
        monitors = [*([f"monitor {monitor}"] if monitor else []), *_tags(_texts(of, "monitor_tags"))]
        recurs = schedule.value.get("recurrences") is not None
        spans = self._recurring(schedule) if recurs else self._one_time(schedule, ident, canceled)
        return _Downtime(ident, scope, monitors, plain_words(entry.text("message")), recurs, spans, canceled)

    def _one_time(self, schedule: Record, ident: str, canceled: Instant | None) -> list[Span]:
        schedule.knows("start", "end")
        start, end = schedule.instant("start"), schedule.instant("end")
        if start is None:
            if schedule.value.get("start") is None:
                schedule.error("says no start")
            return []
        if end is not None and end <= start:
            schedule.error(f"ends at {written(end)}, which is not after its start at {written(start)}")
            return []
        return self._once(ident, start, end, canceled)

    def _recurring(self, schedule: Record) -> list[Span]:
        schedule.knows("recurrences", "timezone", "current_downtime")
        zone, found = zone_named(schedule, schedule.text("timezone")), dict[Instant, Span]()
        for one in schedule.records("recurrences"):
            one.knows("duration", "rrule", "start")
            lasting, rule = _lasting(one), one.text("rrule", needed=True)
            start = _start(one, zone) if zone is not None else None
            if lasting is None or start is None or zone is None or not rule:
                continue
            for span in self.rules.spans(one, rule, start, lasting, zone, None):
                other = found.setdefault(span.start, span)
                if other.end < span.end:
                    found[span.start] = span
        return [found[at] for at in sorted(found)]


def _rule(again: Record) -> str:
    """The recurrence of the first version of the API as a rule of RFC 5545; empty after a problem."""
    kind = again.word("type", (*_FREQUENCIES, "rrule"))
    if kind == "rrule":
        return again.text("rrule", needed=True)
    if not kind:
        if again.value.get("type") is None:
            again.error("says no `type`", "it decides how often it recurs")
        return ""
    period, times = _whole(again, "period"), _whole(again, "until_occurrences")
    parts = [f"FREQ={_FREQUENCIES[kind]}", *([f"INTERVAL={period}"] if period else [])]
    days = _texts(again, "week_days")
    if strange := [day for day in days if day not in _DAYS]:
        again.error(f"has the week day `{shown(strange[0])}`", "known are " + ", ".join(f"`{d}`" for d in _DAYS))
        return ""
    if days and kind != "weeks":
        again.error(f"has `week_days` and recurs in {kind}", "only weeks have them")
        return ""
    if days:
        parts.append("BYDAY=" + ",".join(_DAYS[day] for day in days))
    if times is not None and again.value.get("until_date") is not None:
        again.error("has both `until_date` and `until_occurrences`", "one of them is wrong")
        return ""
    return ";".join([*parts, *([f"COUNT={times}"] if times else [])])


def _lasting(one: Record) -> Duration | None:
    text = one.text("duration", needed=True)
    parts = _LASTING.fullmatch(text)
    lasting = int(parts[1]) * _UNITS[parts[2]] if parts else None
    if text and (lasting is None or lasting > _LONGEST):
        one.error(
            f"has `duration: {shown(text)}`, which is no length up to a year", "", "it is written as in 90m or 4h"
        )
        return None
    return lasting


def _start(one: Record, zone: Zone) -> Instant | None:
    """When the first time begins: by the clock of the zone, or an instant where an offset is written."""
    text = one.text("start", needed=True)
    if not _LOCAL.fullmatch(text):
        return one.instant("start") if text else None
    try:
        wall = datetime.fromisoformat(text)
    except ValueError:
        one.error(f"has `start: {shown(text)}`, which is no date and time")
        return None
    return zone.instant(wall.date(), ClockTime(wall.hour * 3600 + wall.minute * 60 + wall.second))


def _whole(entry: Record, name: str) -> int | None:
    """A whole number from 1 on; None where there is none, and after a problem."""
    value = entry.value.get(name)
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int) or not 1 <= value < 2**63:
        entry.error(f"has `{name}: {shown(str(value))}`, which is no whole number from 1 on")
        return None
    return value


def _texts(entry: Record, name: str) -> list[str]:
    """A text, or a list of texts."""
    value = entry.value.get(name)
    if value is None:
        return []
    if isinstance(value, str):
        return [value] if value else []
    if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
        entry.error(f"has `{name}`, which is no list of texts")
        return []
    return [item for item in value if item]


def _tags(tags: Sequence[str]) -> list[str]:
    """Tags of monitors as one name; `*` is every monitor and names none."""
    return [f"monitors {' AND '.join(tags)}"] if tags and list(tags) != ["*"] else []
