"""An alert: what one rule found, gathered so that people are told of it together, acknowledge it and see it end.

A condition is one thing that is wrong: a rule about one subject, such as a service. Several agreements that see one
outage are parts of one condition. What begins while an alert of the rule is open and nobody has acknowledged it yet
joins that alert; what begins later begins another.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum

from makegood.model.alerts import Rule
from makegood.model.spans import Instant


class Turn(StrEnum):
    """What a change does to a condition."""

    BEGAN = "began"
    ENDED = "ended"
    RETRACTED = "retracted"


@dataclass(frozen=True, slots=True)
class Change:
    """A condition of a rule begins, ends or never was: about a subject, as one of its parts (an order) sees it.

    `at` is when it began or ended, `known` when that was found, both µs UTC. `says` tells people more, in one line.
    """

    rule: str
    subject: str
    turn: Turn
    at: Instant
    known: Instant
    part: str = ""
    says: str = ""


@dataclass(frozen=True, slots=True)
class Condition:
    """One thing that is wrong, or was. It is open while it has parts; `ended` is when the last of them ended, and
    `quiet` when that was found. `times` counts how often it began."""

    subject: str
    since: Instant
    known: Instant
    parts: tuple[str, ...] = ()
    seen_by: tuple[str, ...] = ()
    says: str = ""
    ended: Instant | None = None
    quiet: Instant | None = None
    retracted: bool = False
    times: int = 1

    @property
    def open(self) -> bool:
        return bool(self.parts)


@dataclass(frozen=True, slots=True)
class Acknowledged:
    """Somebody takes care."""

    by: str
    at: Instant


@dataclass(frozen=True, slots=True)
class Alert:
    """Conditions of one rule, and how far their telling has come.

    `level` steps of the escalation were told, the last at `stepped`; `spoke` is when anything was last told, `told` to
    whom (names of people, and of channels that are nobody's own). `fresh` are conditions that nobody was told of yet.
    `number` counts messages. `closed` is when it was over.
    """

    id: str
    rule: str
    opened: Instant
    conditions: tuple[Condition, ...] = ()
    level: int = 0
    stepped: Instant = 0
    spoke: Instant = 0
    told: tuple[str, ...] = ()
    fresh: tuple[str, ...] = ()
    said_open: bool = False
    acknowledged: Acknowledged | None = None
    number: int = 0
    withheld: str = ""
    closed: Instant | None = None

    @property
    def open_conditions(self) -> tuple[Condition, ...]:
        return tuple(c for c in self.conditions if c.open)


@dataclass(frozen=True, slots=True)
class Note:
    """What was decided about an alert, when and why. Each change leads to a message, or to a note that says why not."""

    at: Instant
    what: str
    why: str = ""


@dataclass(frozen=True)
class Taken:
    """Open alerts after some changes: those that differ now, and what is to be noted of each by the alert's id."""

    alerts: tuple[Alert, ...]
    notes: tuple[tuple[str, Note], ...] = field(default=())


def take(alerts: Sequence[Alert], rule: Rule, changes: Sequence[Change], new_id: Iterator[str]) -> Taken:
    """Let the changes of one rule take hold of its alerts, in their order.

    A change that says nothing new (a part that began already) is noted and has no other effect; an end that no alert
    knows has none at all. A retraction opens the alert once more that is closed, so that those who were told are told
    the truth. `new_id` names alerts that begin.
    """
    held = {one.id: one for one in alerts if one.rule == rule.name}
    before, notes = dict(held), list[tuple[str, Note]]()
    for change in changes:
        running = [one for one in held.values() if one.closed is None]
        alert = _of(running, change.subject)
        if change.turn is Turn.BEGAN:
            alert = alert or next((one for one in running if one.acknowledged is None), None)
            alert, note = _began(alert or Alert(next(new_id), rule.name, change.known), change)
        elif change.turn is Turn.ENDED and alert is not None:
            alert, note = _ended(alert, change)
        elif change.turn is Turn.RETRACTED and (alert := alert or _of(held.values(), change.subject)) is not None:
            alert, note = _retracted(
                replace(alert, closed=None, said_open=alert.said_open or bool(alert.closed)), change
            )
        else:
            continue
        held[alert.id] = alert
        notes.append((alert.id, note))
    return Taken(tuple(one for one in held.values() if before.get(one.id) != one), tuple(notes))


def _of(alerts: Iterable[Alert], subject: str) -> Alert | None:
    """The alert that has a condition of the subject, the latest of several."""
    found = [one for one in alerts if any(c.subject == subject for c in one.conditions)]
    return found[-1] if found else None


def _began(alert: Alert, change: Change) -> tuple[Alert, Note]:
    part = change.part or change.subject
    found = next((c for c in alert.conditions if c.subject == change.subject), None)
    if found is None:
        new = Condition(change.subject, change.at, change.known, (part,), (part,), change.says)
        alert = replace(alert, conditions=(*alert.conditions, new), fresh=(*alert.fresh, change.subject))
        return alert, Note(change.known, f"{change.subject} began", change.says)
    if part in found.parts:
        return alert, Note(change.known, f"{change.subject} goes on", "it had begun already")
    seen_by = found.seen_by if part in found.seen_by else (*found.seen_by, part)
    if found.open:
        now = replace(found, parts=(*found.parts, part), seen_by=seen_by, since=min(found.since, change.at))
        return _with(alert, now), Note(change.known, f"{change.subject} goes on", f"{part} sees it too")
    now = replace(found, parts=(part,), seen_by=seen_by, times=found.times + 1, ended=None, quiet=None,
                  retracted=False, says=change.says or found.says)  # fmt: skip
    why = f"it comes and goes: time {now.times} within one alert"
    if not alert.said_open and change.subject not in alert.fresh:
        alert = replace(alert, fresh=(*alert.fresh, change.subject))
    return _with(alert, now), Note(change.known, f"{change.subject} began again", why)


def _ended(alert: Alert, change: Change) -> tuple[Alert, Note]:
    part = change.part or change.subject
    found = next(c for c in alert.conditions if c.subject == change.subject)
    if part not in found.parts:
        return alert, Note(change.known, f"{change.subject} ended", "it had ended already")
    parts = tuple(p for p in found.parts if p != part)
    ended = max(change.at, found.ended or change.at)
    if parts:
        now = replace(found, parts=parts, ended=ended)
        return _with(alert, now), Note(change.known, f"{change.subject} goes on", f"it ended for {part} only")
    after = _with(alert, replace(found, parts=(), ended=ended, quiet=change.known))
    lasts = "the next message tells it: others of the alert last" if after.open_conditions else ""
    return after, Note(change.known, f"{change.subject} ended", lasts)


def _retracted(alert: Alert, change: Change) -> tuple[Alert, Note]:
    part = change.part or change.subject
    found = next(c for c in alert.conditions if c.subject == change.subject)
    parts = tuple(p for p in found.parts if p != part)
    seen_by = tuple(p for p in found.seen_by if p != part)
    if seen_by and (parts or found.ended is not None):
        quiet = found.quiet if parts or found.quiet is not None else change.known
        now = replace(found, parts=parts, seen_by=seen_by, quiet=quiet)
        return _with(alert, now), Note(change.known, f"{change.subject} was none for {part}", change.says)
    now = replace(found, parts=(), seen_by=(), ended=found.since, quiet=change.known, retracted=True)
    return _with(alert, now), Note(change.known, f"{change.subject} was none", change.says or "late evidence shows it")


def _with(alert: Alert, condition: Condition) -> Alert:
    changed = tuple(condition if c.subject == condition.subject else c for c in alert.conditions)
    return replace(alert, conditions=changed)


def acknowledge(alert: Alert, by: str, now: Instant) -> tuple[Alert, Note]:
    """Somebody takes care: nobody further is told, and what begins from now on is another alert.

    Who was first stays; doing it again says so and changes nothing.
    """
    if alert.closed is not None:
        return alert, Note(now, f"{by} acknowledged it", "it was over already")
    if alert.acknowledged is not None:
        return alert, Note(now, f"{by} acknowledged it", f"{alert.acknowledged.by} had done so before")
    return replace(alert, acknowledged=Acknowledged(by, now)), Note(now, f"{by} acknowledged it")
