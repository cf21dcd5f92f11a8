"""Use case: watch the hub from outside, and tell people by channels of one's own when nothing is heard of it.

The watchdog has no store: all it knows lies in one small file, which is written before anything is sent, so that a kill
loses no message. It uses the rules on a silent hub of the file of alerts, with their escalations.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from itertools import count
from pathlib import Path
from urllib.parse import urlsplit

from makegood.app.alerting import message_for
from makegood.door.fetch import fetch
from makegood.door.forbidden import Forbidden, Unreached
from makegood.door.policy import Policy
from makegood.engine.alerting.alert import Alert, take
from makegood.engine.alerting.course import advance
from makegood.engine.alerting.looking import look_for_silence, turned
from makegood.engine.alerting.reaching import reached
from makegood.engine.alerting.retrying import next_attempt
from makegood.exchange.message_json import alert_bytes, alert_from, message_bytes, message_from
from makegood.model.alerts import Alerts, Trigger
from makegood.model.events import LocationHeard
from makegood.model.messages import Accepted, Message, Outcome
from makegood.model.problem import Place, Refused, error
from makegood.model.spans import SECOND, Duration, Instant
from makegood.notify.context import Context
from makegood.notify.sending import send
from makegood.render.alerting import look_words
from makegood.store.durable import write_whole

CAP, TIMEOUT = 64 * 1024, 10.0
READY = "/readyz"


@dataclass(frozen=True, slots=True)
class Pending:
    """A message that is still to be sent, with its attempts so far, and when it is tried next and given up."""

    message: Message
    attempts: int
    due: Instant
    until: Instant


@dataclass(frozen=True, slots=True)
class State:
    """What the watchdog knows: when the hub was last heard of, its alerts that are not over, and what is to be sent."""

    heard: Instant
    alerts: tuple[Alert, ...] = ()
    pending: tuple[Pending, ...] = ()
    number: int = 0


def step(state: State, alerts: Alerts, hub: str, answered: bool, now: Instant) -> State:
    """What follows from asking the hub once, at an instant."""
    state = replace(state, heard=now) if answered else state
    mine = replace(alerts, link="")  # a silent hub shows no page and takes no acknowledgement
    for rule in (r for r in mine.rules if r.on is Trigger.SILENT_HUB):
        seen = look_for_silence(rule, LocationHeard(hub, state.heard), now)
        open_now = {c.subject for one in state.alerts if one.rule == rule.name for c in one.open_conditions}
        changes = list(turned(rule, [(seen, look_words(rule, seen, "UTC"))], open_now, now))
        names = (f"{rule.name}-{number}" for number in count(state.number + 1))
        taken = take(state.alerts, rule, changes, names)
        there = {one.id: one for one in (*state.alerts, *taken.alerts)}
        if len(there) > len(state.alerts):
            state = replace(state, number=state.number + 1)
        state = _advanced(replace(state, alerts=tuple(there.values())), mine, rule.name, now)
    return state


def _advanced(state: State, alerts: Alerts, name: str, now: Instant) -> State:
    rule = alerts.rule(name)
    assert rule is not None
    escalation = alerts.escalation(rule.tell)
    assert escalation is not None
    after, pending = list[Alert](), list(state.pending)
    for alert in state.alerts:
        if alert.rule != name:
            after.append(alert)
            continue
        found = advance(alert, rule, escalation, (), lambda names, at: reached(alerts, names, at), now)
        for tell in found.tells:
            for recipient in tell.recipients:
                channel = alerts.channel(recipient.channel)
                assert channel is not None
                message = message_for(alerts, rule, found.alert, tell, recipient, now)
                pending.append(Pending(message, 0, now, now + channel.give_up))
        after += [found.alert] if found.alert.closed is None else []
    return replace(state, alerts=tuple(after), pending=tuple(pending))


def settled(state: State, outcomes: Sequence[tuple[str, Outcome]]) -> State:
    """The state after some attempts: what was taken is done, what was refused for good or is too old is given up."""
    by_id, left = dict(outcomes), list[Pending]()
    for one in state.pending:
        outcome = by_id.get(one.message.id)
        if outcome is None:
            left.append(one)
        elif not isinstance(outcome, Accepted) and not outcome.for_good:
            due = next_attempt(one.message.id, one.attempts + 1, outcome.at)
            if due <= one.until:
                left.append(replace(one, attempts=one.attempts + 1, due=due))
    return replace(state, pending=tuple(left))


async def answers(hub: str, policy: Policy) -> bool:
    """Whether the hub says that it works."""
    try:
        answer = await fetch("GET", hub.rstrip("/") + READY, policy=policy, cap=CAP, timeout=TIMEOUT)
    except (Forbidden, Unreached):
        return False
    return answer.status == 200


async def watch(
    hub: str,
    alerts: Alerts,
    context: Context,
    file: Path,
    every: Duration,
    stop: asyncio.Event,
    told: Callable[[str], None],
    rounds: int | None = None,
) -> None:
    """Watch until told to stop, or for some rounds. Raises Refused where the file of alerts has no rule for it, or the
    state cannot be kept; `told` hears what was seen and sent."""
    if not any(rule.on is Trigger.SILENT_HUB for rule in alerts.rules):
        hint = "write for example `{rule: hub, when: silent hub, is: at least 5 min, tell: ops}`"
        raise Refused([error("no-rule", Place("--alerts"), "no rule is on a silent hub", "nobody would be told", hint)])
    name = urlsplit(hub).netloc or hub
    state = read_state(file) or State(context.clock())
    while not stop.is_set() and rounds != 0:
        rounds = None if rounds is None else rounds - 1
        answered = await answers(hub, context.policy)
        if not answered:
            told(f"{name} does not answer")
        state = step(state, alerts, name, answered, context.clock())
        write_state(file, state)
        outcomes = await _send(state, alerts, context, told)
        if outcomes:
            state = settled(state, outcomes)
            write_state(file, state)
        with suppress(TimeoutError):
            await asyncio.wait_for(stop.wait(), every / SECOND if rounds != 0 else 0)


async def _send(
    state: State, alerts: Alerts, context: Context, told: Callable[[str], None]
) -> list[tuple[str, Outcome]]:
    now = context.clock()

    async def one(pending: Pending) -> tuple[str, Outcome] | None:
        channel = alerts.channel(pending.message.channel)
        if channel is None or pending.due > now:
            return None
        outcome = await send(channel, pending.message, context)
        said = "told" if isinstance(outcome, Accepted) else f"could not tell ({outcome.why})"
        told(f"{said} {pending.message.name} by {channel.name}: {pending.message.subject}")
        return pending.message.id, outcome

    found = await asyncio.gather(*(one(pending) for pending in state.pending))
    return [outcome for outcome in found if outcome is not None]


def read_state(file: Path) -> State | None:
    """What was kept in a file; None where there is none yet. Raises Refused for a file of something else."""
    try:
        said = json.loads(file.read_bytes())
        pending = tuple(
            Pending(message_from(json.dumps(p["message"]).encode()), p["attempts"], p["due"], p["until"])
            for p in said["pending"]
        )
        alerts = tuple(alert_from(json.dumps(one).encode()) for one in said["alerts"])
        return State(int(said["heard"]), alerts, pending, int(said["number"]))
    except FileNotFoundError:
        return None
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        hint = "name another file, or take this one away: what was to be sent is then forgotten"
        raise Refused([error("watchdog-state", Place(str(file)), "this is no state of a watchdog", "", hint)]) from None


def write_state(file: Path, state: State) -> None:
    """Keep a state, durably and whole. Raises Refused where that fails."""
    document = {
        "heard": state.heard,
        "number": state.number,
        "alerts": [json.loads(alert_bytes(one)) for one in state.alerts],
        "pending": [
            {"message": json.loads(message_bytes(p.message)), "attempts": p.attempts, "due": p.due, "until": p.until}
            for p in state.pending
        ],
    }
    try:
        write_whole(file, lambda path: _write(path, json.dumps(document)))
    except OSError as failure:
        said = (failure.strerror or str(failure)).lower()
        raise Refused([error("unwritable", Place(str(file)), f"the state cannot be kept: {said}")]) from None


def _write(path: Path, text: str) -> None:
    path.write_text(text, encoding="utf-8")
