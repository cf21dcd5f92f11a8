"""What really happened, kept beside a watch under faults, and what the watch may say of it and what it may not.

Instants are µs of one true clock, which nobody sets. A `Diary` has every probe that really reached, or tried to
reach, a target; `faults_of` holds a store against it and names every sentence that is not covered by what happened.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import groupby

from sqlalchemy import select

from makegood.app.following import Following
from makegood.app.judging import Docket, judge
from makegood.engine.judge.case import World
from makegood.engine.judge.down import Seen, checked
from makegood.engine.live import OrderNow
from makegood.evidence.batch import RowBatch
from makegood.model.facts import DOWN, UP
from makegood.model.health import Subject
from makegood.model.spans import SECOND, Duration, Instant, Span, Spans
from makegood.model.statement import Statement
from makegood.model.terms import DetectRule, OutageRule, Terms
from makegood.store.alarms import AlarmKind, alarms
from makegood.store.checking import check as look_at
from makegood.store.folder import read_folder
from makegood.store.opened import Store
from makegood.store.outages import followed_in, outages_in
from makegood.store.sql.batches import Filed, filed, gaps, held, rosters
from makegood.store.sql.database import reading
from makegood.store.sql.tables import batch

Place = tuple[str, str]
"""A location and a check."""
EITHER = -1
"""The target was neither: it changed, or stood still itself."""


@dataclass(frozen=True, slots=True)
class Tried:
    """A probe as it really was: what it must find, UP, DOWN or EITHER; None where it could not reach the target."""

    at: Instant
    finds: int | None


@dataclass
class Diary:
    """What really happened. `down` is when the target was, `tried` every probe by location and check in their order.

    `near` is how far the date of a result may be from the true time of its probe, µs. `still` is when the target stood
    still itself, so that whoever asked it rightly found nothing.
    """

    near: Duration = 0
    down: list[Span] = field(default_factory=list)
    still: list[Span] = field(default_factory=list)
    tried: dict[Place, list[Tried]] = field(default_factory=dict)

    def note(self, location: str, check: str, one: Tried) -> None:
        self.tried.setdefault((location, check), []).append(one)

    def was_down(self, at: Instant) -> bool:
        return any(one.start <= at < one.end for one in self.down)


@dataclass(frozen=True)
class Found:
    """What a store says: the results that count, by location and check, and what they lead to under an order."""

    rows: Mapping[Place, list[tuple[Instant, int]]]
    seen: Mapping[str, Seen]
    subjects: tuple[Subject, ...]
    rule: DetectRule


def batches(store: Store, counting: bool = True) -> list[tuple[Filed, RowBatch]]:
    """The batches in a store, those that count or all."""
    with reading(store.engine) as connection:
        found = filed(connection, *([batch.c.flag.is_(None)] if counting else []))
        lists = rosters(connection, [one.roster for one in found])
        return [(at, one) for at, one in held(connection, found, lists) if isinstance(one, RowBatch)]


def terms_of(docket: Docket) -> tuple[Terms, DetectRule, OutageRule]:
    (terms,) = docket.terms.values()
    (rule,), (outage,) = terms.detects.values(), terms.outages.values()
    return terms, rule, outage


def found_in(store: Store, docket: Docket, label: str, now: Instant) -> Found:
    """All that a store says, read as `evaluate` reads it."""
    rows = dict[Place, list[tuple[Instant, int]]]()
    for _, one in batches(store):
        for begun, check, outcome in zip(one.begun.tolist(), one.check.tolist(), one.outcome.tolist(), strict=True):
            rows.setdefault((one.location, one.checks[check]), []).append((begun, outcome))
    facts = read_folder(store.folder)[0]
    terms, rule, outage = terms_of(docket)
    results = [*facts.results.values()]
    seen = {r.check: s for r, s in zip(results, checked(results, rule, outage), strict=True)}
    order = OrderNow(World(docket.order, facts, now), terms, label)
    for check, one_seen in seen.items():
        order.see(rule, outage, check, one_seen)
    return Found(rows, seen, tuple(order.subjects(now)), rule)


def faults_of(store: Store, docket: Docket, label: str, now: Instant, diary: Diary) -> list[str]:
    """Every sentence of a store that what happened does not cover; none where all is as it must be."""
    found = found_in(store, docket, label, now)
    return [
        *_unbacked(found, diary),
        *_charged(found, diary),
        *_up_unseen(found, diary),
        *_order_of_batches(store),
        *_apart(store, docket, label, now, found),
        *(str(one) for one in look_at(store).problems),
    ]


def _unbacked(found: Found, diary: Diary) -> Iterator[str]:
    """Results that no probe had: each is of one of its own, at its time, and says what that had to find."""
    for (location, check), rows in found.rows.items():
        tried = diary.tried.get((location, check), [])
        for begun, outcome in rows:
            if outcome not in (UP, DOWN):
                continue
            close = [one for one in tried if abs(one.at - begun) <= diary.near]
            excused = outcome == DOWN and any(one.start <= begun < one.end for one in diary.still)
            if not excused and not any(one.finds in (outcome, EITHER) for one in close):
                was = [(one.at - begun, one.finds) for one in close]
                yield f"{location} says {outcome} of {check} at {begun}: {was or 'nobody looked then'}"


def _charged(found: Found, diary: Diary) -> Iterator[str]:
    """Time that the favourable run has as down, and that was not, or in an outage too short to be confirmed.

    What several locations confirm together may be less than each of them does.
    """
    rule = found.rule
    really = Spans(diary.down) | Spans(diary.still)
    for check, seen in found.seen.items():
        for one in seen.favourable:
            long = sum(part.end - part.start for part in really if part.start < one.end and one.start < part.end)
            if long < (rule.fails_after - 1) * rule.every - diary.near:
                yield f"{check} is charged with {_told(one)}, and was down for {long / SECOND:.3f} s of it"
            for start in range(one.start, one.end, rule.every):
                slot = Spans([Span(start - diary.near, start + rule.every + diary.near)])
                if not really & slot:
                    yield f"{check} is charged with the slot {start}, in which it was up"


def _up_unseen(found: Found, diary: Diary) -> Iterator[str]:
    """Time that the unfavourable run has as up, though as many locations as the quorum may have had an outage: each
    found the target down, or did not look while fewer than the quorum did, in as many slots in a row as make one."""
    every, least = found.rule.every, found.rule.fails_after
    for check, seen in found.seen.items():
        counted = {at: rows for (at, of), rows in found.rows.items() if of == check and rows}
        if not counted:
            continue
        quorum = len(counted) // 2 + 1
        last = max(begun // every for rows in counted.values() for begun, _ in rows) + 1
        looked = {at: _looked(diary, at, check, every) for at in counted}
        seers = Counter(slot for slots in looked.values() for slot in slots)
        failing = Counter[int]()
        for location, rows in counted.items():
            first, mine = min(begun // every for begun, _ in rows), looked[location]
            may_fail = [s for s in range(first, last) if not mine.get(s, seers[s] >= quorum)]
            failing.update(_runs(may_fail, least))
        up = seen.evidenced - seen.unfavourable
        for slot, many in sorted(failing.items()):
            if many >= quorum and up & Spans([Span(slot * every, (slot + 1) * every)]):
                yield f"{check} counts as up in slot {slot}, and {many} of {len(counted)} locations did not see it so"


def _looked(diary: Diary, location: str, check: str, every: Duration) -> dict[int, bool]:
    """The slots in which a location reached the target, and whether it may have found it up."""
    found = dict[int, bool]()
    for one in diary.tried.get((location, check), ()):
        for slot in range((one.at - diary.near) // every, one.at // every + 1) if one.finds is not None else ():
            found[slot] = found.get(slot, False) or one.finds in (UP, EITHER)
    return found


def _runs(slots: Sequence[int], least: int) -> Iterator[int]:
    """Those of some slots that lie in a row of at least so many."""
    for _, group in groupby(enumerate(slots), key=lambda one: one[1] - one[0]):
        row = [slot for _, slot in group]
        if len(row) >= least:
            yield from row


def _order_of_batches(store: Store) -> Iterator[str]:
    """Batches that do not follow each other, and slots that are told of twice with nobody having been told."""
    with reading(store.engine) as connection:
        missing = gaps(connection)
        known = connection.execute(select(batch.c.location, batch.c.sequence, batch.c.sha256, batch.c.previous)).all()
    lost = {one.location for one in alarms(store) if one.kind is AlarmKind.LOST}
    yield from (f"batches {which} of {at} are missing" for at, which in missing.items() if at not in lost)
    before = {(row.location, row.sequence): bytes(row.sha256) for row in known}
    for row in known:
        there = before.get((row.location, row.sequence - 1))
        if there is not None and bytes(row.previous) != there:
            yield f"batch {row.sequence} of {row.location} does not go on from the one before"
    told, odd = set[tuple[str, str, int]](), {one.location for one in alarms(store)}
    for _, one in batches(store):
        for begun, check in zip(one.begun.tolist(), one.check.tolist(), strict=True):
            slot = one.location, one.checks[check], begun // one.every
            if slot in told and one.location not in odd:
                yield f"{slot} is told of twice"
            told.add(slot)


def _apart(store: Store, docket: Docket, label: str, now: Instant, found: Found) -> Iterator[str]:
    """Where what is followed, what is kept, and what a statement says are not the same."""
    live = tuple(Following(store, [docket], now).subjects(now))
    if live != found.subjects:
        yield f"followed live: {live}; read at once: {found.subjects}"
    with reading(store.engine) as connection:
        kept, followed = outages_in(connection), followed_in(connection)
    said = {(s.order, s.commitment, s.name): list(s.outages) for s in found.subjects if s.outages}
    if followed is not None and followed[0] == store.size() and kept != said:
        yield f"kept: {kept}; read at once: {said}"
    subjects = {s.name: s for s in found.subjects}
    for statement in statements_of(store, docket, label, now):
        outages = subjects[statement.subject].outages
        if any(one.end is None for one in outages):
            continue  # how much of it is charged by now, what is live does not say
        lasting = Spans([(one.begin, one.end) for one in outages if one.lasting and one.end is not None])
        charged = sum(one.end - one.start for one in lasting.within(statement.span))
        if statement.favourable.down != charged:
            yield f"{statement.subject}: the statement charges {statement.favourable.down}, what is live says {charged}"


def statements_of(store: Store, docket: Docket, label: str, now: Instant) -> Sequence[Statement]:
    """What `evaluate` says of a period by all that the log has, with time passed up to an instant."""
    facts = read_folder(store.folder, store.size())[0]
    full = Docket(docket.agreements, docket.order, docket.instead, facts, docket.terms, ())
    return judge(full, label, now, explain=False).statements


def _told(one: Span) -> str:
    return f"{one.start}..{one.end} ({(one.end - one.start) / SECOND:.3f} s)"
