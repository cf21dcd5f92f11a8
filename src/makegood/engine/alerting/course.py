"""The course of an alert: at each instant what is to be told to whom, why nothing is, and when to look again.

All of it is a function of the alert, its rule, its escalation, the mutes and the time. Doing it late tells it once.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import TypeAlias

from makegood.engine.alerting.alert import Alert, Condition, Note
from makegood.model.alerts import Escalation, Mute, Rule
from makegood.model.spans import MINUTE, Duration, Instant

NOT_TOLD = "it is over, and nobody is told"
AGAIN: Duration = MINUTE
"""How long after nobody at all could be told it is tried again."""


class Telling(StrEnum):
    """Why a message is sent."""

    OPENED = "opened"
    ESCALATED = "escalated"
    REPEATED = "repeated"
    MORE = "more"
    REMINDER = "still open"
    CLOSED = "closed"
    RETRACTED = "retracted"


@dataclass(frozen=True, slots=True)
class Recipient:
    """Who is told, by what channel, and there at which address; `name` is a person's, or that of the channel."""

    name: str
    channel: str
    address: str = ""


@dataclass(frozen=True, slots=True)
class Tell:
    """One telling of an alert, to several recipients. `number` is unique in the alert."""

    why: Telling
    number: int
    recipients: tuple[Recipient, ...]
    conditions: tuple[Condition, ...]


Reached: TypeAlias = Callable[[Iterable[str], Instant], tuple[Recipient, ...]]
"""Who stands behind the names of people, rotations and channels at an instant."""


@dataclass(frozen=True)
class Advanced:
    """An alert after an instant: what is to be told and noted, and when to look again (None where it is over, or where
    nothing happens before a change)."""

    alert: Alert
    tells: tuple[Tell, ...] = ()
    notes: tuple[Note, ...] = ()
    due: Instant | None = None


def advance(
    alert: Alert, rule: Rule, escalation: Escalation, mutes: Sequence[Mute], reached: Reached, now: Instant
) -> Advanced:
    """What an alert comes to by an instant. It is done again at `due`, and after each change."""
    if alert.closed is not None:
        return Advanced(alert)
    silent = {c.subject: m for c in alert.conditions if (m := _muted(mutes, rule, c, now)) is not None}
    heard = tuple(c for c in alert.conditions if c.subject not in silent)
    found = _advance(alert, rule, escalation, silent, heard, reached, now)
    if found.tells:
        left_out = tuple(Note(now, f"{subject} is left out", _words(m)) for subject, m in silent.items())
        found = replace(found, notes=(*found.notes, *left_out))
    if found.alert.closed is None:
        ends = [m.until for m in silent.values()]
        found = replace(found, due=min((at for at in (found.due, *ends) if at is not None), default=None))
    return found


def _advance(
    alert: Alert, rule: Rule, escalation: Escalation, silent: Mapping[str, Mute], heard: tuple[Condition, ...],
    reached: Reached, now: Instant,
) -> Advanced:  # fmt: skip
    if _is_settled(alert, rule, now):
        return _close(alert, rule, escalation, silent, heard, reached, now)
    if not heard or (alert.level and not any(c.open for c in heard) and not _fresh(alert, heard)):
        return _quietly(alert, silent, rule, now)
    alert = replace(alert, withheld=alert.withheld if not alert.level else "")
    if not alert.level:
        begin = min(c.known for c in heard) + rule.wait
        return Advanced(alert, due=begin) if now < begin else _step(alert, escalation, heard, rule, reached, now)
    return _go_on(alert, rule, escalation, heard, reached, now)


def _muted(mutes: Iterable[Mute], rule: Rule, condition: Condition, now: Instant) -> Mute | None:
    return next((m for m in mutes if m.covers(rule.name, condition.subject, now)), None)


def _words(mute: Mute) -> str:
    return f"muted by {mute.by}: {mute.because}"


def _is_settled(alert: Alert, rule: Rule, now: Instant) -> bool:
    """Whether nothing is open, and has not been for as long as it takes to settle; a retraction settles at once."""
    return not alert.open_conditions and all(
        c.retracted or (c.quiet or 0) + rule.settle <= now for c in alert.conditions
    )


def _settles(alert: Alert, rule: Rule) -> Instant:
    return max((c.quiet or 0) + rule.settle for c in alert.conditions if not c.retracted)


def _fresh(alert: Alert, heard: Iterable[Condition]) -> bool:
    """Whether nobody was told yet of one of these, which is no mistake."""
    return any(c.subject in alert.fresh and not c.retracted for c in heard)


def _quietly(alert: Alert, silent: Mapping[str, Mute], rule: Rule, now: Instant) -> Advanced:
    """Nothing may be told: what is open is muted, or all has ended and has yet to settle."""
    due = None if alert.open_conditions else _settles(alert, rule)
    muted = next((silent[c.subject] for c in alert.conditions if c.subject in silent), None)
    if muted is None:
        return Advanced(alert, due=due)
    why = _words(muted)
    notes = () if alert.withheld == why else (Note(now, "nobody is told", why),)
    return Advanced(replace(alert, withheld=why), (), notes, due)


def _step(
    alert: Alert, escalation: Escalation, heard: tuple[Condition, ...], rule: Rule, reached: Reached, now: Instant
) -> Advanced:
    """The next step of the escalation, and beyond those at which nobody is there the one after."""
    level, notes, found = alert.level, list[Note](), tuple[Recipient, ...]()
    while level < len(escalation.steps) and not found:
        step = escalation.steps[level]
        found = reached(step.tell, now)
        level += 1
        if not found:
            notes.append(Note(now, "nobody is told", f"nobody is on call for {', '.join(step.tell)} (step {level})"))
    if not found and not alert.level:
        why = notes[-1].why
        notes = [] if alert.withheld == why else notes
        return Advanced(replace(alert, withheld=why), (), tuple(notes), now + AGAIN)
    kind = Telling.ESCALATED if alert.level else Telling.OPENED
    alert = replace(alert, level=level, stepped=now)
    if not found:
        return replace(_go_on(alert, rule, escalation, heard, reached, now), notes=tuple(notes))
    told = _tell(alert, kind, found, heard, now)
    return replace(told, notes=(*notes, *told.notes), due=_next(told.alert, rule, escalation, heard))


def _go_on(
    alert: Alert, rule: Rule, escalation: Escalation, heard: tuple[Condition, ...], reached: Reached, now: Instant
) -> Advanced:
    """An alert that was told and lasts: further steps, repetition, what joined it, and reminders."""
    if alert.open_conditions and (at := _next_step(alert, escalation)) is not None and at <= now:
        if alert.level < len(escalation.steps):
            return _step(alert, escalation, heard, rule, reached, now)
        everyone = reached([name for step in escalation.steps for name in step.tell], now)
        alert = replace(alert, stepped=now)
        if everyone:
            told = _tell(alert, Telling.REPEATED, everyone, heard, now)
            return replace(told, due=_next(told.alert, rule, escalation, heard))
        note = Note(now, "nobody is told again", "nobody is on call")
        return Advanced(alert, (), (note,), _next(alert, rule, escalation, heard))
    if _fresh(alert, heard) and alert.spoke + rule.gather <= now:
        return _to_the_same(alert, Telling.MORE, heard, rule, escalation, reached, now)
    if rule.remind is not None and alert.spoke + rule.remind <= now and alert.open_conditions:
        return _to_the_same(alert, Telling.REMINDER, heard, rule, escalation, reached, now)
    return Advanced(alert, due=_next(alert, rule, escalation, heard))


def _to_the_same(
    alert: Alert, why: Telling, heard: tuple[Condition, ...], rule: Rule, escalation: Escalation, reached: Reached,
    now: Instant,
) -> Advanced:  # fmt: skip
    """To whoever was told of it before."""
    told = _tell(alert, why, reached(alert.told, now), heard, now)
    return replace(told, due=_next(told.alert, rule, escalation, heard))


def _next_step(alert: Alert, escalation: Escalation) -> Instant | None:
    if alert.acknowledged is not None:
        return None
    if alert.level < len(escalation.steps):
        return alert.stepped + escalation.steps[alert.level].after
    return None if escalation.repeat is None else alert.stepped + escalation.repeat


def _next(alert: Alert, rule: Rule, escalation: Escalation, heard: Iterable[Condition]) -> Instant | None:
    """When an alert that was told is to be looked at again."""
    if alert.open_conditions:
        times = [_next_step(alert, escalation), None if rule.remind is None else alert.spoke + rule.remind]
    else:
        times = [_settles(alert, rule)]
    times.append(alert.spoke + rule.gather if _fresh(alert, heard) else None)
    return min((at for at in times if at is not None), default=None)


def _tell(
    alert: Alert, why: Telling, recipients: tuple[Recipient, ...], heard: tuple[Condition, ...], now: Instant
) -> Advanced:
    number = alert.number + 1
    subjects = {c.subject for c in heard}
    told = tuple(dict.fromkeys((*alert.told, *(r.name for r in recipients))))
    after = replace(
        alert, number=number, spoke=now, told=told, withheld="", said_open=any(c.open for c in heard),
        fresh=tuple(s for s in alert.fresh if s not in subjects),
    )  # fmt: skip
    whom = ", ".join(dict.fromkeys(r.name for r in recipients))
    note = (
        Note(now, f"told {whom}: {why.value}") if recipients else Note(now, "nobody is told", "nobody can be reached")
    )
    tells = (Tell(why, number, recipients, heard),) if recipients else ()
    return Advanced(after, tells, (note,))


def _close(
    alert: Alert, rule: Rule, escalation: Escalation, silent: Mapping[str, Mute], heard: tuple[Condition, ...],
    reached: Reached, now: Instant,
) -> Advanced:  # fmt: skip
    """It is over: those who were told of it are told so, and who was told of nothing yet is told all at once."""
    retracted, over = all(c.retracted for c in alert.conditions), replace(alert, closed=now)
    muted = next((_words(silent[c.subject]) for c in alert.conditions if c.subject in silent), "")
    if not alert.level and retracted:
        return Advanced(over, (), (Note(now, NOT_TOLD, "it was retracted before anybody was told"),))
    if not heard:
        return Advanced(over, (), (Note(now, NOT_TOLD, muted),))
    if not alert.level:
        begin = min(c.known for c in heard) + rule.wait
        if now < begin:
            return Advanced(alert, due=begin)
        told = _step(alert, escalation, heard, rule, reached, now)
        over_now = Note(now, "it is over") if told.tells else Note(now, NOT_TOLD, "nobody was on call")
        return Advanced(replace(told.alert, closed=now), told.tells, (*told.notes, over_now))
    if not alert.told:
        return Advanced(over, (), (Note(now, NOT_TOLD, "nobody was on call"),))
    if not alert.said_open and not _fresh(alert, heard):
        return Advanced(over, (), (Note(now, "it is over", "the last message said so already"),))
    told = _tell(over, Telling.RETRACTED if retracted else Telling.CLOSED, reached(alert.told, now), heard, now)
    return replace(told, due=None)
