"""Pages for people who sign in: the alerts, one alert, the form to sign in, and what went wrong. No script.

Times are UTC: one page is read by several people.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from makegood.engine.alerting.alert import Alert, Note
from makegood.model.alerts import Alerts, Mute, Trigger
from makegood.model.messages import Kept
from makegood.model.problem import Problem
from makegood.model.spans import SECOND, Instant
from makegood.render.alert_page import condition_line
from makegood.render.alerting import named
from makegood.render.lengths import duration
from makegood.render.moments import local
from makegood.render.pages import page

CLASSES: Mapping[str, str] = {"waiting": "waits", "sent": "good", "dead": "wrong"}
MOST_NAMED = 3


def alerts_page(
    rules: Alerts, running: Sequence[Alert], over: Sequence[Alert], mutes: Sequence[Mute], dead: Sequence[Kept],
    name: str, may: bool, now: Instant,
) -> str:  # fmt: skip
    """All alerts: those that are open, what was over lately, what is muted, and messages that nobody took. `may` says
    that its reader, `name`, may act; `rules` are those in force."""
    count = "No alert is open" if not running else f"{len(running):,} open {'alert' if len(running) == 1 else 'alerts'}"
    return page(
        "alerts.html.j2", running=running, over=over, mutes=mutes, dead=dead, name=name, may=may, count=count,
        headline=lambda one: headline(one, rules), stands=lambda one: _stands(one, now), local=_utc, words=mute_words,
    )  # fmt: skip


def told_page(
    rules: Alerts, alert: Alert, notes: Sequence[Note], messages: Sequence[Kept], mutes: Sequence[Mute], name: str,
    may: bool, now: Instant,
) -> str:  # fmt: skip
    """One alert, with who was told of it and what was decided."""
    return page(
        "told.html.j2", alert=alert, notes=notes, messages=messages, mutes=mutes, name=name, may=may,
        headline=headline(alert, rules), state=_state(alert), line=lambda one: condition_line(one, now), local=_utc,
        words=mute_words, classes=CLASSES, became=_became,
    )  # fmt: skip


def sign_in_page(to: str, wrong: str = "") -> str:
    """The form that takes a token and leads on to a page; `wrong` says what was wrong with the last one."""
    return page("sign_in.html.j2", to=to, wrong=wrong)


def going_on(to: str) -> str:
    """A page that loads another one of ours at once."""
    return page("going_on.html.j2", to=to)


def problem_of(problems: Sequence[Problem], to: str) -> str:
    """What went wrong, and a way back."""
    return page("wrong.html.j2", problems=problems, to=to)


def headline(one: Alert, rules: Alerts) -> str:
    """What an alert is about, in a few words: `shop, mail and 3 more are down`, `shop: 20.000 % of 50 failed`."""
    open_now = one.open_conditions
    conditions = open_now or one.conditions
    listed = named([each.subject for each in conditions], MOST_NAMED) or one.rule
    rule = rules.rule(one.rule)
    if rule is not None and rule.on is Trigger.OUTAGE:
        many = len(conditions) > 1
        if all(each.retracted for each in conditions):
            return f"{listed} {'were' if many else 'was'} not down"
        return f"{listed} {('are' if many else 'is') if open_now else ('were' if many else 'was')} down"
    only = conditions[0].says if len(conditions) == 1 and open_now else ""
    return f"{listed}: {only}" if only else listed


def mute_words(one: Mute) -> str:
    """`shop, the rule outages; until Fri 20 Mar 2026 14:00 +00:00, by Ada: moving racks`."""
    named = [*one.subjects, *(f"the rule {name}" for name in one.rules)]
    return f"{', '.join(named) or 'Everything'}; until {_utc(one.until)}, by {one.by}: {one.because}"


def _stands(one: Alert, now: Instant) -> str:
    if one.closed is not None:
        lasted = duration(max(0, one.closed - one.opened) // SECOND * SECOND)
        retracted = "; retracted" if all(each.retracted for each in one.conditions) else ""
        return f"{_utc(one.opened)}, over after {lasted}{retracted}"
    whom = f"{one.acknowledged.by} takes care" if one.acknowledged is not None else "nobody takes care yet"
    return f"since {_utc(one.opened)}, for {duration(max(0, now - one.opened) // SECOND * SECOND)} so far; {whom}"


def _state(one: Alert) -> str:
    if one.closed is not None:
        return "It is over."
    if one.acknowledged is not None:
        return f"{one.acknowledged.by} takes care of it, since {_utc(one.acknowledged.at)}."
    return "Nobody takes care of it yet."


def _became(one: Kept) -> str:
    said = f": {one.said}" if one.said else ""
    if one.state == "waiting":
        tried = f"; tried {one.attempts:,} {'time' if one.attempts == 1 else 'times'}{said}" if one.attempts else ""
        return f"not sent yet{tried}"
    if one.state == "sent":
        return f"taken {_utc(one.settled or one.message.made)}{said}"
    return f"dead, after {one.attempts:,} {'attempt' if one.attempts == 1 else 'attempts'}{said}"


def _utc(at: Instant) -> str:
    return local(at // SECOND * SECOND, "UTC")
