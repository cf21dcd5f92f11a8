"""Use case: certificates that checks were shown. Agents tell when each ends; alerts and metrics read it."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any

from sqlalchemy import Connection

from makegood.model.checks import Check
from makegood.model.events import CertificateSeen
from makegood.model.spans import DAY, HOUR, Duration, Instant
from makegood.store.opened import Store
from makegood.store.sql.agents import State, agents
from makegood.store.sql.agents_tables import agent
from makegood.store.sql.certificates import Shown, certificates, forget_certificates
from makegood.store.sql.database import reading, writing

MOST = 1_000
"""Certificates that a location tells of at once."""
LATEST: Instant = 2**62
BEHIND: Duration = 3 * HOUR
"""Where another location saw a certificate so much later, or three slots later, what one saw before counts no more: it
may have been renewed since."""
KEPT: Duration = 7 * DAY
"""For so long, or three slots, a certificate that nobody sees any more is remembered."""


def told_certificates(told: Mapping[str, Any], checks: Collection[str]) -> dict[str, Instant]:
    """What an agent tells of certificates, as far as it is told of checks that its location runs, and can be."""
    said = told.get("certificates")
    if not isinstance(said, dict):
        return {}
    found = {
        check: ends
        for check, ends in said.items()
        if check in checks and isinstance(ends, int) and not isinstance(ends, bool) and 0 < ends < LATEST
    }
    return dict(list(found.items())[:MOST])


def shown_now(connection: Connection, checks: Iterable[Check], now: Instant) -> tuple[list[Shown], list[Shown]]:
    """What counts of what locations told of certificates, and what is to be forgotten.

    That is what belongs to a check that is gone, or to a location that no longer runs it or is none any more, and what
    nobody saw for long.
    """
    known = {check.name: check for check in checks}
    active = {one.location for one in agents(connection, agent.c.state == State.ACTIVE.value)}
    held, gone = dict[str, list[Shown]](), list[Shown]()
    for one in certificates(connection):
        check = known.get(one.check)
        lasts = check is not None and check.runs_at(one.location) and one.location in active
        if check is None or not lasts or one.seen < now - max(KEPT, 3 * check.every):
            gone.append(one)
        else:
            held.setdefault(one.check, []).append(one)
    counts = [one for name, several in held.items() for one in _latest(several, known[name].every)]
    return counts, gone


def _latest(several: Sequence[Shown], every: Duration) -> list[Shown]:
    since = max(one.seen for one in several) - max(BEHIND, 3 * every)
    return [one for one in several if one.seen >= since]


def forget_gone(store: Store, checks: Iterable[Check], now: Instant) -> int:
    """Forget the certificates of checks and locations that are gone, and those that nobody saw for long; how many."""
    with reading(store.engine) as connection:
        _, gone = shown_now(connection, checks, now)
    if not gone:
        return 0
    with writing(store.engine) as connection:
        return forget_certificates(connection, gone)


def earliest(shown: Iterable[Shown], checks: Iterable[Check]) -> list[CertificateSeen]:
    """For each check the certificate that ends first, over its locations; the first to end first."""
    services = {check.name: check.service for check in checks}
    first = dict[str, Shown]()
    for one in shown:
        if one.check not in first or one.ends < first[one.check].ends:
            first[one.check] = one
    ordered = sorted(first.values(), key=lambda one: (one.ends, one.check))
    return [CertificateSeen(services[one.check], one.check, one.ends, one.seen) for one in ordered]
