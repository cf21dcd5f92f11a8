"""Messages in words: subject and text of a telling, and what a rule saw, for people in their own zone."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from fractions import Fraction

from makegood.calendar.zone import Zone
from makegood.engine.alerting.alert import Alert, Condition
from makegood.engine.alerting.burn import Burning
from makegood.engine.alerting.course import Tell, Telling
from makegood.engine.alerting.looking import Look
from makegood.model.alerts import Rule, Trigger
from makegood.model.spans import MINUTE, SECOND, Instant
from makegood.model.substitution import filled
from makegood.render.lengths import duration
from makegood.render.moments import day, local
from makegood.render.owing import owed_words
from makegood.render.printable import printable
from makegood.render.shares import decimal, percent

MOST_NAMED, MOST_LISTED = 3, 20
MILLISECOND = SECOND // 1000

STATES: Mapping[Telling, str] = {
    Telling.OPENED: "NEW",
    Telling.ESCALATED: "UNANSWERED",
    Telling.REPEATED: "UNANSWERED",
    Telling.MORE: "MORE",
    Telling.REMINDER: "STILL OPEN",
    Telling.CLOSED: "OVER",
    Telling.RETRACTED: "RETRACTED",
}


def subject_and_text(rule: Rule, alert: Alert, tell: Tell, zone: str, link: str, now: Instant) -> tuple[str, str]:
    """What a message says; the rule's own texts where it has some. The subject is one line."""
    values = _values(rule, tell, zone, link, now)
    subject = filled(rule.subject, values) if rule.subject else f"{values['state']}: {_headline(rule, tell)}"
    text = filled(rule.text, values) if rule.text else _text(rule, alert, values)
    return " ".join(printable(subject).split()), text


def _values(rule: Rule, tell: Tell, zone: str, link: str, now: Instant) -> dict[str, str]:
    since = min(c.since for c in tell.conditions)
    ended = None if any(c.open for c in tell.conditions) else max(c.ended or now for c in tell.conditions)
    return {
        "details": "\n".join(_lines(rule, tell.conditions, zone, now)),
        "lasted": duration(_whole((now if ended is None else ended) - since)),
        "link": link,
        "number": str(tell.number),
        "rule": rule.name,
        "since": local(_whole(since), zone),
        "state": STATES[tell.why],
        "subjects": named([c.subject for c in tell.conditions]),
    }


def _headline(rule: Rule, tell: Tell) -> str:
    names, one = named([c.subject for c in tell.conditions]), len(tell.conditions) == 1
    lasts = any(c.open for c in tell.conditions)
    whole = max(c.ended or 0 for c in tell.conditions) - min(c.since for c in tell.conditions)
    lasted = duration(_whole(whole)) if one and not lasts else ""
    if rule.on is not Trigger.OUTAGE:
        only = tell.conditions[0].says if one and lasts else ""
        return f"{rule.name}: {names}" + (f": {only}" if only else "") + (f", after {lasted}" if lasted else "")
    if lasts:
        return f"{names} {'is' if one else 'are'} down"
    if tell.why is Telling.RETRACTED:
        return f"{names} {'was' if one else 'were'} not down"
    return f"{names} {'was' if one else 'were'} down" + (f" for {lasted}" if lasted else "")


def _text(rule: Rule, alert: Alert, values: Mapping[str, str]) -> str:
    parts = [values["details"]]
    if alert.acknowledged is not None:
        parts.append(f"{alert.acknowledged.by} takes care.")
    parts.append(f"Told by the rule `{rule.name}`, message {values['number']} of this alert.")
    if values["link"]:
        parts.append(values["link"])
    return "\n\n".join(parts) + "\n"


def _lines(rule: Rule, conditions: Sequence[Condition], zone: str, now: Instant) -> list[str]:
    lines = [_line(rule, c, zone, now) for c in conditions[:MOST_LISTED]]
    more = len(conditions) - MOST_LISTED
    return [*lines, f"and {more:,} more"] if more > 0 else lines


def _line(rule: Rule, condition: Condition, zone: str, now: Instant) -> str:
    word = "down " if rule.on is Trigger.OUTAGE else ""
    since = local(_whole(condition.since), zone)
    if condition.retracted:
        told = f"no outage after all, from {since}" if word else f"retracted, from {since}"
    elif condition.open and rule.on is Trigger.CERTIFICATE:
        told = ""  # when it was first seen says nothing of the certificate
    elif condition.open:
        told = f"{word}since {since}, for {duration(_whole(now - condition.since))} so far"
    else:
        ended = condition.ended or now
        told = f"{word}from {since} to {local(_whole(ended), zone)}, {duration(_whole(ended - condition.since))}"
    parts = [f"{condition.subject}: {'; '.join(part for part in (told, condition.says) if part)}"]
    orders = [p for p in condition.seen_by if p != condition.subject]
    parts += [f"under {named(orders, MOST_LISTED)}"] if orders else []
    parts += [f"it began {condition.times} times"] if condition.times > 1 else []
    return printable("; ".join(parts))


def named(names: Sequence[str], most: int = MOST_NAMED) -> str:
    """Some names, and how many more there are: `web, shop and 3 more`."""
    some = list(names[:most])
    if len(names) > most:
        return f"{', '.join(some)} and {len(names) - most:,} more"
    return " and ".join(part for part in (", ".join(some[:-1]), some[-1]) if part) if some else ""


def _whole(instant: int) -> int:
    """Cut to whole seconds, which is what people read."""
    return instant // SECOND * SECOND


def look_words(rule: Rule, look: Look, zone: str) -> str:
    """What a rule saw, with its threshold."""
    value, edge = look.value or Fraction(), str(rule.holds)
    match rule.on:
        case Trigger.ERROR_RATE:
            return f"{percent(value)} of {look.of:,} failed, {edge}"
        case Trigger.LATENCY:
            quantile = f"p{decimal(rule.quantile * 100, 3)}"
            return f"{quantile} of {look.of:,} is {decimal(value / MILLISECOND, 1)} ms, {edge}"
        case Trigger.THROUGHPUT:
            return f"{decimal(value * MINUTE / SECOND, 3)} per minute, {edge}"
        case Trigger.CERTIFICATE:
            ends = local(_whole(look.since + int(value)), zone)
            return f"the certificate that {look.says} was shown holds until {ends}, {edge}"
        case _:
            return f"not heard for {duration(_whole(int(value)))}, {edge}"


def burn_words(burning: Burning, now: Instant) -> str:
    """`6 min 10 s of 43 min 12 s left; gone on Thursday at this pace; 1,250.00 USD at stake`."""
    run, zone = burning.run, burning.statement.period.zone
    left, allowed = run.left or 0, duration(run.allowed or 0)
    if left < 0:
        parts = [f"used up: {duration(-left)} more than the {allowed} allowed"]
    else:
        parts = [f"{duration(left)} of {allowed} left"]
        if burning.gone is not None:
            parts.append(f"gone {_when(burning.gone, zone, now)} at this pace")
    parts.append(f"{owed_words(burning.stake)} at stake" if burning.stake else "no money at stake")
    parts += [] if burning.sure else ["if what was not seen was down"]
    return "; ".join(parts)


def _when(at: Instant, zone: str, now: Instant) -> str:
    """The local day of an instant: by its name within the next six days, else by its date."""
    clock = Zone.named(zone)
    there: date = clock.date_of(at)
    apart = (there - clock.date_of(now)).days
    if apart == 0:
        return f"today at {clock.shown(at):%H:%M}"
    return f"on {there:%A}" if apart <= 6 else f"on {day(there)}"
