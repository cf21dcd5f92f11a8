"""Use case: what is deployed at a store is watched; what becomes of its outages is kept and told, each once."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import TypeAlias

from sqlalchemy import Connection

from makegood.app.binding import bound
from makegood.app.deployed import Deployed, deployed
from makegood.app.following import Following, Outdated
from makegood.app.judging import Docket
from makegood.engine.live import changes
from makegood.model.facts import Facts
from makegood.model.health import Outage, Subject
from makegood.model.problem import Problem, Refused, Severity
from makegood.model.results import Failure
from makegood.model.spans import END_OF_TIME, Instant, Span
from makegood.store.opened import Store
from makegood.store.outages import followed_in, keep_outages, outages_in
from makegood.store.reasons import Asked, reasons_at_hand
from makegood.store.sql.database import writing

Promised: TypeAlias = tuple[str, str]
"""An order and a subject: what people are told about, whichever of its commitments an outage is one of."""


@dataclass(frozen=True, slots=True)
class Turn:
    """What became of an outage of a subject of an order: `before` is None for a new one, `after` for one taken back.
    `places` are the locations that see it fail, where it is open; `failures` is why, as they said when it began."""

    order: str
    subject: str
    services: tuple[str, ...]
    before: Outage | None
    after: Outage | None
    places: tuple[str, ...] = ()
    failures: tuple[Failure, ...] = ()


Tell: TypeAlias = Callable[[Connection, Sequence[Turn], Instant], None]
"""Lets turns take hold, in the transaction that keeps the outages: told if and only if that is committed."""


def dockets_of(known: Deployed) -> tuple[list[Docket], list[Problem]]:
    """The deployed orders, each with the versions of its agreement; and why others cannot be judged."""
    found, problems = list[Docket](), list[Problem]()
    for one in known.orders:
        versions = tuple(a for a in known.agreements if a.header.name == one.order.agreement)
        terms, wrong = bound(versions, one.order, one.instead) if versions else ({}, [])
        problems += [p for p in wrong if p.severity is Severity.ERROR]
        if terms:
            found.append(Docket(versions, one.order, one.instead, Facts(), terms, ()))
    return found, problems


class Watching:
    """Looks at a store again and again. What it found last is in the store, so that one that was killed, or another
    process, goes on from there: no turn is told twice and none is left out.

    `tell` is called with what became of outages.
    """

    def __init__(self, store: Store, tell: Tell) -> None:
        self._store, self._tell = store, tell
        self._following: Following | None = None
        self._last: dict[tuple[str, str, str], Subject] | None = None
        self._told: dict[Promised, tuple[Outage, ...]] = {}
        self._kept: tuple[int, Instant] | None = None

    def look(self, now: Instant, guard: Callable[[Connection], None] = lambda _: None) -> list[Turn]:
        """Read what came, and let what became of outages take hold; all turns since the look before.

        `guard` is called first in the transaction that writes, and may refuse it, such as where another process looks
        by now. Raises Refused where the store cannot be read or written; the next look does it again.
        """
        following = self._followed(now)
        if wrong := [p for p in following.problems if p.severity is Severity.ERROR]:
            self._following = (
                None  # evidence that is missing or damaged must take no outage back: look when it is mended
            )
            raise Refused(wrong)
        found = {(s.order, s.commitment, s.name): s for s in following.subjects(now)}
        if found == self._last:
            return []
        with writing(self._store.engine) as connection:
            guard(connection)
            last = self._last
            if last is None or followed_in(connection) != self._kept:  # another process looked meanwhile
                last, self._told = None, _promised(outages_in(connection))
            whole = last is None or not last.keys() <= found.keys()
            news = [s for key, s in found.items() if last is None or last.get(key) != s]
            touched = {(s.order, s.name) for s in news}
            after = _promised({key: s.outages for key, s in found.items() if (key[0], key[2]) in touched})
            gone = self._told.keys() - {(s.order, s.name) for s in found.values()} if whole else set()
            after |= {key: tuple(_ended(self._told[key], now)) for key in gone}
            turns = [self._seen_from(turn) for turn in _turns(self._told, after, found.values())]
            keep_outages(connection, list(found.values()) if whole else news, following.size, now, whole)
            turns = self._explained(connection, turns)
            if turns:
                self._tell(connection, turns, now)
        self._last, self._kept = found, (following.size, now)
        self._told = {key: outages for key, outages in (self._told | after).items() if key not in gone}
        return turns

    def _seen_from(self, turn: Turn) -> Turn:
        if turn.after is None or turn.after.end is not None or self._following is None:
            return turn
        return replace(turn, places=self._following.places(turn.order, turn.services))

    def _explained(self, connection: Connection, turns: list[Turn]) -> list[Turn]:
        """Turns by which something goes down, with why. It is for people: one that cannot be read holds up nothing."""
        asked = dict[int, Asked]()
        for n, one in enumerate(turns):
            if self._following is not None and one.after is not None and (one.before is None or one.after.end is None):
                begin, end = one.after.begin, END_OF_TIME if one.after.end is None else one.after.end
                asked[n] = Asked(self._following.checks(one.order, one.services), Span(begin, end))
        found: Sequence[tuple[Failure, ...]] = [()] * len(asked)
        with suppress(Refused):
            found = reasons_at_hand(connection, list(asked.values()))
        why = dict(zip(asked, found, strict=True))
        return [replace(one, failures=why.get(n, ())) for n, one in enumerate(turns)]

    def _followed(self, now: Instant) -> Following:
        try:
            if self._following is not None:
                self._following.hear(now)
                return self._following
        except Outdated:
            pass
        known = deployed(self._store)
        dockets, _ = dockets_of(known)
        self._following = Following(self._store, dockets, now, known.size)  # so that none is applied in between unseen
        return self._following


def _turns(
    told: Mapping[Promised, tuple[Outage, ...]], after: Mapping[Promised, tuple[Outage, ...]], every: Iterable[Subject]
) -> Iterable[Turn]:
    services = {(s.order, s.name): s.services for s in every}
    for key, outages in after.items():
        for was, now in changes(told.get(key, ()), outages):
            yield Turn(*key, services.get(key, ()), was, now)


def _ended(outages: Iterable[Outage], now: Instant) -> Iterable[Outage]:
    """The outages of a subject that nobody promises any more: what is open ends, as far as people are told."""
    return (replace(one, end=max(now, one.begin)) if one.end is None else one for one in outages)


def _promised(found: Mapping[tuple[str, str, str], Sequence[Outage]]) -> dict[Promised, tuple[Outage, ...]]:
    """The outages of each subject of an order under all of its commitments: what is down under any of them."""
    several = dict[Promised, list[Outage]]()
    for (order, _, subject), outages in found.items():
        several.setdefault((order, subject), []).extend(outages)
    return {key: tuple(_joined(some)) for key, some in several.items()}


def _joined(outages: Iterable[Outage]) -> list[Outage]:
    made = list[Outage]()
    for one in sorted(outages, key=lambda o: o.begin):
        before = made[-1] if made else None
        if before is not None and one.begin <= (END_OF_TIME if before.end is None else before.end):
            end = None if before.end is None or one.end is None else max(before.end, one.end)
            made[-1] = Outage(before.begin, end, before.lasting or one.lasting)
        else:
            made.append(one)
    return made
