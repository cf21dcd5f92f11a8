"""Use cases: retire evidence that was kept long enough, and hold what must stay."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from pathlib import Path

from makegood.app.reading import read_from
from makegood.app.upkeep import must_be_store
from makegood.exchange.moments import written
from makegood.exchange.orders import read_order
from makegood.model.problem import Place, Problem, Refused, error
from makegood.model.spans import BEGINNING_OF_TIME, DAY, END_OF_TIME, Instant
from makegood.store.opened import opened
from makegood.store.retiring import LIVED, Hold, Old, hold, lived_until, old, release, retire

EPOCH = date(1970, 1, 1).toordinal()


def retain(
    folder: Path, *, by: str, now: Instant, dry_run: bool = False, trust_clock: bool = False
) -> list[Old]:  # fmt: skip
    """Retire the evidence of a store that was kept for as long as its settings say and that nobody holds.

    All that is old enough is returned, with the hold that keeps it where one does. Raises Refused as `retire` does, and
    where the log does not show that time came so far, unless somebody says that the clock is right.
    """
    must_be_store(folder)
    with opened(folder) as store:
        found = old(store, now)
        if found and not (dry_run or trust_clock or lived_until(store, now)):
            raise Refused([_perhaps_later(now)])
        if not dry_run:
            for _ in retire(store, found, now, by):
                pass
    return found


def _perhaps_later(now: Instant) -> Problem:
    what = f"it may not be {written(now)} yet, and what is retired is gone"
    why = f"the log has no entry on each of the last {LIVED} days, which shows that a clock did not go ahead"
    return error("clock", Place("retain"), what, why, "where the clock of this machine is right, say --trust-clock")


def keep_held(
    folder: Path, name: str, *, order: Path | None, services: Sequence[str], checks: Sequence[str], first: date | None,
    last: date | None, because: str, by: str, now: Instant,
) -> Hold:  # fmt: skip
    """Hold evidence of an order, of some of its services, of checks, or all of it, between two dates (UTC, inclusive).

    Raises Refused for services without their order or that it does not cover, and for a name that is in use.
    """
    must_be_store(folder)
    problems = list[Problem]()
    named, watched = list(services), list(checks)
    if order is not None:
        read = read_from(order, read_order, problems)
        if read is None or problems:
            raise Refused(problems)
        covered = {s.name: s for s in read.order.services}
        problems += [
            error("unknown-service", Place("--service"), f"the order covers no service `{s}`")
            for s in named
            if s not in covered
        ]
        named = named or list(covered)
        watched += [check for s in named if s in covered for check in covered[s].checks]
    elif named:
        hint = "name its order: --order FILE"
        problems.append(error("unknown-service", Place("--service"), "a service is one of an order", "", hint))
    if first is not None and last is not None and last < first:
        problems.append(error("wrong-date", Place("--until"), f"{last} is before {first}"))
    if problems:
        raise Refused(problems)
    start = BEGINNING_OF_TIME if first is None else (first.toordinal() - EPOCH) * DAY
    end = END_OF_TIME if last is None else (last.toordinal() - EPOCH + 1) * DAY
    made = Hold(name, because, tuple(dict.fromkeys(watched)), tuple(named), start, end)
    with opened(folder) as store:
        hold(store, made, now, by)
    return made


def let_go(folder: Path, name: str, *, because: str, by: str, now: Instant) -> None:
    """End a hold. Raises Refused where none of this name is in force."""
    must_be_store(folder)
    with opened(folder) as store:
        release(store, name, because, now, by)
