"""Use case: the hub's own results, of what others told it, become signed batches of the location `hub`."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import Connection

from makegood.app.heartbeats import heard
from makegood.app.hub import Hub
from makegood.evidence.batch import MOST_LATENCY, NO_LATENCY, Details, Roster, RowBatch, signed_bytes
from makegood.evidence.figures import figures_of
from makegood.model.checks import HUB, Check, HeartbeatProbe
from makegood.model.figures import Figure
from makegood.model.results import UNTIMED, Result
from makegood.model.spans import DAY, SECOND, Duration, Instant, Span, Spans
from makegood.store.attendance import forget, present
from makegood.store.ingest import Arrival
from makegood.store.leases import Lease, fenced
from makegood.store.opened import Store
from makegood.store.pings import first_ping, forget_pings, pings
from makegood.store.sql.agents import reached
from makegood.store.sql.batches import Sent
from makegood.store.sql.database import reading, writing
from makegood.store.told import Judged, decide, done, judged, keep_judged, latest, undone

LEASE = "told"
"""The lease of whoever judges what was told."""
SETTLE: Duration = 5 * SECOND
"""How long after a slot and its grace it is judged: for pings that are on their way to the disk."""
LONG_AWAY: Duration = DAY
"""Slots are passed over that lie in a longer absence: they are as unseen as if it were told of each."""
MOST_SLOTS = 5_000
"""Slots of one check that are judged at once; after a long absence there are several turns."""
KEPT: Duration = 100 * DAY
"""How long pings are kept after they came, and when the hub was there."""

Rows = Sequence[tuple[Check, list[Result]]]


@dataclass(frozen=True, slots=True)
class Pulled:
    """What one turn of a signal found: its result, and all that is known of what it measured in some slots."""

    check: Check
    result: Result
    slots: range = range(0)
    figures: tuple[Figure, ...] = ()


def judge_heartbeats(hub: Hub, lease: Lease) -> int:
    """Judge every slot of every heartbeat that is over, and take the results into the log; how many batches.

    A heartbeat begins with the slot of its first ping. Raises Lost where the lease is lost: nothing was decided then.
    """
    now = hub.clock()
    checks = {one.name: one for one in hub.checks() if isinstance(one.probe, HeartbeatProbe)}
    with writing(hub.store.engine) as connection:
        fenced(connection, lease)
        there = judged(connection)
        due = {name: slots for name, one in checks.items() if (slots := _due(connection, one, there.get(name), now))}
        if due:
            _decide(connection, _grouped(connection, checks, due), now)
            after = [Judged(name, checks[name].every, slots.stop) for name, slots in due.items()]
            keep_judged(connection, after)
    return take_in(hub)


def keep_results(hub: Hub, lease: Lease, found: Sequence[Pulled]) -> int:
    """Take what was found of signals into the log, each result and each figure once; how many batches. A batch has the
    results of one slot. Raises Lost where the lease is lost: nothing was decided then."""
    groups = dict[tuple[Duration, int], dict[str, tuple[Check, list[Result]]]]()
    figures = dict[tuple[Duration, int], list[Figure]]()
    with writing(hub.store.engine) as connection:
        fenced(connection, lease)
        there = {name: one.slot * one.every for name, one in judged(connection).items()}
        after = dict[str, Judged]()
        for one in found:
            key = one.check.every, one.result.begun // one.check.every
            groups.setdefault(key, {}).setdefault(one.check.name, (one.check, [one.result]))
            if one.slots:
                since = there.get(one.check.name, one.slots.start * one.check.every)
                figures.setdefault(key, []).extend(figure for figure in one.figures if figure.start >= since)
                there[one.check.name] = max(since, one.slots.stop * one.check.every)
                after[one.check.name] = Judged(one.check.name, one.check.every, one.slots.stop)
        rows = [list(group.values()) for group in groups.values()]
        _decide(connection, rows, hub.clock(), [figures.get(key, []) for key in groups])
        keep_judged(connection, after.values())
    return take_in(hub)


def measured_until(store: Store) -> dict[str, tuple[Duration, int]]:
    """The length of the slots of each signal, and the first of them whose figures no batch has."""
    with reading(store.engine) as connection:
        return {name: (one.every, one.slot) for name, one in judged(connection).items()}


def take_in(hub: Hub) -> int:
    """Take the hub's batches that were decided into the log; how many."""
    with reading(hub.store.engine) as connection:
        waiting = undone(connection)
    key = hub.store.key
    for one in waiting:
        hub.ingest.take(Arrival(one, Sent(key.public.raw, key.sign(signed_bytes(one.digest)))))
    if waiting:
        with writing(hub.store.engine) as connection:
            done(connection, waiting[-1].sequence)
    return len(waiting)


def forget_old(hub: Hub, lease: Lease) -> None:
    """Forget pings and attendance that are old and judged."""
    before = hub.clock() - KEPT
    with writing(hub.store.engine) as connection:
        fenced(connection, lease)
        forget_pings(connection, before)
        forget(connection, before)


def _due(connection: Connection, check: Check, before: Judged | None, now: Instant) -> range | None:
    """The slots of a check that are over and not judged yet."""
    assert isinstance(check.probe, HeartbeatProbe)
    if before is None:
        began = first_ping(connection, check.name)
        if began is None:
            return None
        start = began // check.every
    else:  # a slot of another length begins where the last one that was judged ended
        start = before.slot if before.every == check.every else -(-before.slot * before.every // check.every)
    end = (now - SETTLE - check.probe.grace) // check.every
    if end * check.every > start * check.every + LONG_AWAY:
        whole = Span(start * check.every, end * check.every)
        long = [one for one in Spans([whole]) - present(connection, whole) if one.length > LONG_AWAY]
        if long and long[0].start > whole.start:
            end = -(-long[0].start // check.every)
        elif long:
            start = long[0].end // check.every
    return range(start, min(end, start + MOST_SLOTS)) if end > start else None


def _grouped(connection: Connection, checks: Mapping[str, Check], due: Mapping[str, range]) -> list[Rows]:
    """Results of checks whose slots are the same: a batch covers every slot of every check in it."""
    groups = dict[tuple[Duration, range], list[tuple[Check, list[Result]]]]()
    for name, slots in sorted(due.items()):
        check = checks[name]
        assert isinstance(check.probe, HeartbeatProbe)
        within = Span(slots.start * check.every, slots.stop * check.every + check.probe.grace)
        found = heard(check, slots, pings(connection, name, within), present(connection, within))
        groups.setdefault((check.every, slots), []).append((check, found))
    return list(groups.values())


def _decide(
    connection: Connection, groups: Sequence[Rows], now: Instant, figures: Sequence[Sequence[Figure]] = ()
) -> None:
    sequence, previous = latest(connection)
    if sequence == 0:  # a store that was restored without its operational rows goes on from its log
        last = reached(connection, HUB)
        sequence, previous = last.sequence, last.digest or previous
    for n, rows in enumerate(groups):
        one = _batch(rows, sequence + 1, previous, now, figures[n] if figures else ())
        decide(connection, one)
        sequence, previous = one.sequence, one.digest


def _batch(rows: Rows, sequence: int, previous: bytes, closed: Instant, figures: Sequence[Figure] = ()) -> RowBatch:
    found = sorted(
        ((one.begun, n, one) for n, (_, results) in enumerate(rows) for one in results), key=lambda row: row[:2]
    )

    def times(part: Callable[[Result], Duration]) -> NDArray[np.int64]:
        return np.array([_told(part(one)) for _, _, one in found], dtype=np.int64)

    details = Details(
        np.array([one.reason.value for _, _, one in found], dtype=np.uint8),
        np.array([one.status & 0xFFFF for _, _, one in found], dtype=np.uint16),
        times(lambda r: r.dns), times(lambda r: r.connect), times(lambda r: r.tls), times(lambda r: r.first_byte),
    )  # fmt: skip
    roster = Roster(tuple(check.name for check, _ in rows))
    return RowBatch(
        HUB, sequence, rows[0][0].every, roster,
        np.array([begun for begun, _, _ in found], dtype=np.int64), np.array([n for _, n, _ in found], dtype=np.int64),
        np.array([one.outcome for _, _, one in found], dtype=np.int8), times(lambda r: r.total), details,
        figures_of(figures, roster.checks), closed=closed, previous=previous,
    )  # fmt: skip


def _told(took: Duration) -> int:
    return NO_LATENCY if took == UNTIMED else min(max(took, 0), MOST_LATENCY)
