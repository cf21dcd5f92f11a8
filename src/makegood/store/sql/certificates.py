"""When the certificates end that the checks of locations were shown: what was told last, by location and check."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from sqlalchemy import Connection, delete, insert, select, tuple_, update

from makegood.model.spans import Instant
from makegood.store.sql.agents_tables import certificate
from makegood.store.sql.log import in_parts

AT_ONCE = 400


@dataclass(frozen=True, slots=True)
class Shown:
    """That a location was shown a certificate by a check, which ends then; `seen` is when it was told, by the hub's
    clock. Both are µs UTC."""

    location: str
    check: str
    ends: Instant
    seen: Instant


def note_certificates(connection: Connection, location: str, ends: Mapping[str, Instant], now: Instant) -> None:
    """Keep what the checks of a location were shown, in place of what each was shown before."""
    c = certificate.c
    new = []
    for check, at in sorted(ends.items()):
        there = update(certificate).where(c.location == location, c.check == check)
        if connection.execute(there.values(ends=at, seen=now)).rowcount == 0:
            new.append({"location": location, "check": check, "ends": at, "seen": now})
    in_parts(connection, insert(certificate), new)


def certificates(connection: Connection) -> list[Shown]:
    """All that is known, by check and location."""
    asked = select(certificate.c.location, certificate.c.check, certificate.c.ends, certificate.c.seen)
    ordered = asked.order_by(certificate.c.check, certificate.c.location)
    return [Shown(*row) for row in connection.execute(ordered).all()]


def forget_certificates(connection: Connection, gone: Collection[Shown]) -> int:
    """Forget some, unless they were told anew since; how many."""
    keys, count = [(one.location, one.check, one.seen) for one in gone], 0
    named = tuple_(certificate.c.location, certificate.c.check, certificate.c.seen)
    for start in range(0, len(keys), AT_ONCE):
        count += connection.execute(delete(certificate).where(named.in_(keys[start : start + AT_ONCE]))).rowcount
    return count
