"""`alerts`, `outbox` and `mute`: who is told of what, what became of it, and silence."""

from __future__ import annotations

import asyncio
import os
import time
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from cyclopts import Parameter

from makegood.cli.screen import complain, say, say_problems
from makegood.cli.usage import WrongUsage
from makegood.cli.who import user_name
from makegood.contract import numbers
from makegood.contract.wrong import Wrong
from makegood.model.alerts import Alerts, Channel, Mute
from makegood.model.messages import Accepted, Message, Outcome
from makegood.model.problem import Place, Refused, error
from makegood.model.spans import DAY, SECOND, Instant, Span

if TYPE_CHECKING:
    from makegood.notify.context import Context
    from makegood.store.opened import Store

Names = Annotated[tuple[str, ...], Parameter(consume_multiple=False)]
SHOWN = 14
"""Days ahead for which it is shown who is on call."""


def now() -> Instant:
    """The time of this machine's clock, µs UTC."""
    return time.time_ns() // 1000


def alerts(
    file: Path,
    *,
    test: str = "",
    to: str = "",
    into: Path | None = None,
    at: str = "",
    allow: Names = (),
    refuse: Names = (),
    by: str = "",
) -> int:
    """Look at a file of alerts: what is wrong in it, and who is on call. Or try a channel, or put it in force.

    Parameters
    ----------
    file
        The file, NAME.alerts.yaml.
    test
        Send a test message by this channel.
    to
        With --test: to this person, or this address.
    into
        Put it in force in this store.
    at
        Say who is on call from this instant on; from now on where not given.
    allow
        A network that may be connected to although it is not public, such as 10.0.0.0/8; may be given several times.
    refuse
        A network that may not be connected to, though it is public or allowed; may be given several times.
    by
        Who puts it in force; the user's name where not given.
    """
    from makegood.app.alerts_in_force import put_in_force, read_file
    from makegood.render.plan import counted
    from makegood.store.opened import opened

    begin = _instant(at, "--at") if at else now()
    if into is not None:
        with opened(into) as store:
            found, problems = put_in_force(store, file, by or user_name(), now())
        say_problems(problems)
        say(f"in force in {into}: {counted(found)}")
        return 0
    found, problems = read_file(file)
    say_problems(problems)
    if test:
        from makegood.app.trying import try_channel

        return _said(test, asyncio.run(try_channel(found, test, to, context_of(allow, refuse), now())))
    say(counted(found))
    _say_who_is_on_call(found, begin)
    return 0


def _say_who_is_on_call(found: Alerts, begin: Instant) -> None:
    from makegood.engine.alerting.rotation import shifts
    from makegood.render.moments import local

    for rotation in found.rotations:
        say(f"\n{rotation.name}, in {rotation.zone}:")
        for shift in shifts(rotation, Span(begin, begin + SHOWN * DAY)):
            start = local(shift.span.start // SECOND * SECOND, rotation.zone)
            why = "" if shift.why in ("turn", "nobody") else f" ({shift.why})"
            say(f"  from {start}  {shift.person or 'NOBODY'}{why}")


def _said(name: str, outcome: Outcome) -> int:
    if isinstance(outcome, Accepted):
        say(f"sent by {name}" + (f": {outcome.said}" if outcome.said else ""))
        return 0
    complain(f"not sent by {name}: {outcome.why}")
    return 1


def outbox(
    store: Path,
    *,
    deliver: bool = False,
    again: Names = (),
    acknowledge: str = "",
    allow: Names = (),
    refuse: Names = (),
    by: str = "",
) -> int:
    """Show which alerts are open, and which messages wait or are dead. It exits with 1 if a message is dead.

    Parameters
    ----------
    store
        The folder of the store.
    deliver
        First see which alerts are due, and deliver what waits.
    again
        The id of a dead message that is tried once more; may be given several times.
    acknowledge
        The id of an alert of which somebody takes care.
    allow
        With --deliver: a network that may be connected to although it is not public; may be given several times.
    refuse
        With --deliver: a network that may not be connected to, though it is public or allowed.
    by
        Who acknowledges; the user's name where not given.
    """
    from makegood.store.opened import opened

    with opened(store) as found:
        if acknowledge:
            from makegood.app.acknowledging import acknowledged

            shown = acknowledged(found, acknowledge, by or user_name(), now())
            say(_note(shown.notes[-1].what, shown.notes[-1].why))
        if again:
            _again(found, again)
        if deliver:
            _deliver(found, allow, refuse)
        return _show(found)


def _again(store: Store, messages: Sequence[str]) -> None:
    from makegood.store.sql import outbox as kept
    from makegood.store.sql.database import writing

    asked = list(dict.fromkeys(messages))
    with writing(store.engine) as connection:
        alive = [key for key in asked if not kept.again(connection, [key], now(), now() + DAY)]
        if alive:
            hint = "`makegood outbox STORE` lists those that are dead, with their ids"
            raise Refused([error("no-message", Place("--again"), f"no dead message `{k}`", "", hint) for k in alive])
    say(f"{len(asked):,} {'message is' if len(asked) == 1 else 'messages are'} tried once more")


def _deliver(store: Store, allow: Sequence[str], refuse: Sequence[str]) -> None:
    from makegood.app.alerting import tick
    from makegood.app.alerts_in_force import in_force
    from makegood.app.delivering import Delivery, context_for, deliver_due

    found = in_force(store)
    tick(store.engine, found, now())
    plain = context_of(allow, refuse)
    context = context_for(store, plain.policy, plain.secret, now)
    asyncio.run(deliver_due(Delivery(store, lambda: found, context, _attempted)))


def _attempted(channel: Channel, message: Message, outcome: Outcome) -> None:
    if isinstance(outcome, Accepted):
        say(f"sent: {message.subject}, to {message.name} by {channel.name}")
    else:
        complain(f"not sent to {message.name} by {channel.name}: {outcome.why}")


def _show(store: Store) -> int:
    from makegood.render.moments import local
    from makegood.store.sql import alerts as kept
    from makegood.store.sql import outbox as messages
    from makegood.store.sql.database import reading

    with reading(store.engine) as connection:
        running = kept.open_alerts(connection)
        notes = {one.id: kept.notes(connection, one.id) for one in running}
        waiting = messages.kept(connection, messages.WAITING)
        dead = messages.kept(connection, messages.DEAD)
    for alert in running:
        named = ", ".join(c.subject for c in alert.conditions)
        whom = f", {alert.acknowledged.by} takes care" if alert.acknowledged is not None else ""
        say(f"alert {alert.id}: {alert.rule}: {named}, since {local(alert.opened // SECOND * SECOND, 'UTC')}{whom}")
        for note in notes[alert.id][-5:]:
            say(f"  {local(note.at // SECOND * SECOND, 'UTC')}  {_note(note.what, note.why)}")
    for one in waiting:
        times = "once" if one.attempts == 1 else f"{one.attempts:,} times"
        failed = f", tried {times}: {one.said}" if one.said else ""
        say(f"waits: {one.message.subject}, to {one.message.name} by {one.message.channel}{failed}")
    for one in dead:
        say(f"DEAD {one.message.id}: {one.message.subject}, to {one.message.name} by {one.message.channel}: {one.said}")
    if not (running or waiting or dead):
        say("no alert is open, and no message waits")
    return 1 if dead else 0


def _note(what: str, why: str) -> str:
    return f"{what}: {why}" if why else what


def mute(
    store: Path,
    *,
    service: Names = (),
    rule: Names = (),
    until: str = "",
    because: str = "",
    release: str = "",
    every: bool = False,
    by: str = "",
) -> None:
    """Silence alerts for a while, or list who silenced what. It never touches what is measured or owed.

    Parameters
    ----------
    store
        The folder of the store.
    service
        A service, or a location, that is silenced; may be given several times.
    rule
        A rule that is silenced; may be given several times. Without --service and --rule everything is.
    until
        Until this instant, or for so long: "2 h".
    because
        Why; it is kept.
    release
        End the mute of this id now.
    every
        List all mutes there ever were, not only those that run.
    by
        Who mutes or releases; the user's name where not given.
    """
    from makegood.app import muting
    from makegood.store.opened import opened

    with opened(store) as found:
        who = by or user_name()
        if release:
            muting.release(found, release, who, now())
            say(f"released: {release}")
        elif until:
            span = Span(now(), max(now(), _until(until)))
            muting.must_be_known(found, service, rule)
            made = muting.mute(found, service, rule, span, who, because, now())
            say(f"muted: {_mute(made)}")
        elif service or rule or because:
            raise WrongUsage('say for how long, with --until "2 h" or --until 2026-03-02T09:00:00Z')
        else:
            listed = muting.mutes(found, None if every else now())
            for one in listed:
                say(_mute(one))
            if not listed:
                say("nothing is muted")


def _mute(one: Mute) -> str:
    from makegood.render.moments import local

    named = [*one.subjects, *(f"the rule {name}" for name in one.rules)]
    whom = f", released by {one.released_by}" if one.released is not None else ""
    until = local(one.until // SECOND * SECOND, "UTC")
    return f"{one.id}: {', '.join(named) or 'everything'} until {until}, by {one.by}: {one.because}{whom}"


def _until(text: str) -> Instant:
    """An instant, or so long from now. Raises WrongUsage."""
    length = numbers.duration(text)
    return now() + length if isinstance(length, int) else _instant(text, "--until")


def _instant(text: str, option: str) -> Instant:
    found = numbers.instant(text, None)
    if isinstance(found, Wrong):
        raise WrongUsage(f"{option}: {found.what}" + (f": {found.hint}" if found.hint else ""))
    return found


def context_of(allow: Sequence[str], refuse: Sequence[str]) -> Context:
    """What channels are given on this machine, with networks that are allowed or refused. Raises WrongUsage."""
    from makegood.app.secrets import secrets_of
    from makegood.door.policy import policy_of
    from makegood.notify.context import Context

    try:
        policy = policy_of(allow, refuse)
    except Refused as wrong:
        first = wrong.problems[0]
        raise WrongUsage(f"{first.where}: {first.what}; {first.hint}") from None
    return Context(policy, secrets_of(os.environ), now)
