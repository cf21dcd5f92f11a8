"""Use case: mute and release. A mute silences alerts; what is measured and what is owed never changes by it."""

from __future__ import annotations

from collections.abc import Sequence
from secrets import token_hex

from sqlalchemy import select

from makegood.app.alerts_in_force import in_force
from makegood.app.deployed import deployed
from makegood.app.refusals import nearest
from makegood.model.alerts import Mute
from makegood.model.checks import HUB
from makegood.model.problem import Place, Refused, error
from makegood.model.spans import DAY, END_OF_TIME, Instant, Span
from makegood.store.opened import Store
from makegood.store.sql import alerts as kept
from makegood.store.sql.agents_tables import agent
from makegood.store.sql.database import reading, writing

LONGEST = 366 * DAY


def mute(
    store: Store, subjects: Sequence[str], rules: Sequence[str], span: Span, by: str, because: str, now: Instant
) -> Mute:
    """Silence alerts about some subjects or rules (all, where neither is named) in a span.

    Who, until when and why are kept for good. Raises Refused for a span that is over, or longer than a year, or without
    a reason.
    """
    problems = []
    if span.end <= now:
        problems.append(error("mute-over", Place("until"), "this mute would be over already", "", "name a later end"))
    if span.length > LONGEST:
        why = "a mute that nobody remembers hides what it was not meant for"
        problems.append(
            error("mute-long", Place("until"), "this mute is longer than a year", why, "take the rule away")
        )
    if not because.strip():
        hint = "whoever wonders why nobody was told reads it"
        problems.append(error("mute-reason", Place("because"), "this mute says not why", "", hint))
    if problems:
        raise Refused(problems)
    made = Mute(token_hex(4), span, by, " ".join(because.split()), tuple(subjects), tuple(rules))
    with writing(store.engine) as connection:
        kept.lock(connection)
        kept.add_mute(connection, made, now)
        kept.wake(connection, now)
    return made


def must_be_known(store: Store, subjects: Sequence[str], rules: Sequence[str]) -> None:
    """Raises Refused for names that are of no rule in force, and of no service, location or open alert: a mute of what
    is not there silences nothing, and whoever made it believes that it does."""
    alerts, there = in_force(store), deployed(store)
    known = {service.name for order in there.orders for service in order.order.services}
    known |= {check.service for check in there.checks} | {HUB}
    with reading(store.engine) as connection:
        known |= set(connection.execute(select(agent.c.location)).scalars())
        held = kept.of_rules(connection, [rule.name for rule in alerts.rules], END_OF_TIME)
        known |= {condition.subject for one in held for condition in one.alert.conditions}
    named = [("service or location", "service", subjects, known)]
    named.append(("rule", "rule", rules, {rule.name for rule in alerts.rules}))
    problems = [
        error("mute-of-nothing", Place(where), f"there is no {kind} `{name}`", "nothing would be silenced",
              nearest(name, sorted(those), "deploy it first"))
        for kind, where, names, those in named
        for name in names
        if name not in those
    ]  # fmt: skip
    if problems:
        raise Refused(problems)


def release(store: Store, key: str, by: str, now: Instant) -> None:
    """End a mute early. Raises Refused where there is none of this id that runs."""
    with writing(store.engine) as connection:
        kept.lock(connection)
        if not kept.release_mute(connection, key, now, by):
            hint = "`makegood mute STORE` lists those that do"
            raise Refused([error("no-mute", Place("release"), f"no mute `{key}` runs", "", hint)])
        kept.wake(connection, now)


def mutes(store: Store, since: Instant | None = None) -> list[Mute]:
    """The mutes that end after an instant, or all there ever were."""
    with reading(store.engine) as connection:
        return kept.mutes(connection, since)
