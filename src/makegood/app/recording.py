"""Use case: record facts in a store, from a file of facts as people write them: all of it or nothing."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Set
from dataclasses import dataclass
from pathlib import Path
from typing import TypeAlias

from makegood.app.into_folder import cannot_read
from makegood.exchange.fact_json import kind_of
from makegood.exchange.facts import read_fact_files, read_facts
from makegood.exchange.facts_text import facts_text
from makegood.exchange.moments import written
from makegood.model.facts import AnyFact
from makegood.model.problem import Place, Problem, Refused, Severity, error
from makegood.model.spans import Instant
from makegood.store.opened import Store, opened
from makegood.store.place import is_store
from makegood.store.sql.database import reading
from makegood.store.sql.relating import Knows, related
from makegood.store.sql.store import Appended

Refuses: TypeAlias = Callable[[list[AnyFact], Mapping[str, AnyFact]], list[Problem]]
"""Says what is wrong with recording some facts, given those that are recorded already by their ids."""

MOST_IN_A_FILE = 1_500
"""So many facts are read at once; the strict reader takes no text of more than a million characters."""


@dataclass(frozen=True)
class Recorded:
    """What became of the facts of a file: so many are new, and so many were recorded already. `positions` are those of
    the new ones in the log; empty in a dry run."""

    new: int
    duplicate: int
    positions: range


def record(file: Path, into: Path, *, now: Instant, by: str, key: str = "", dry_run: bool = False) -> Recorded:
    """Record the facts of a file in a store.

    `key` makes it safe to do again: the same key and file change nothing, and another file under it is refused. Raises
    Refused with every problem; nothing was recorded then.
    """
    if not is_store(into):
        hint = f"put the file into the folder; `makegood store {into}` makes a store"
        raise Refused([error("no-store", Place(str(into)), "a plain folder keeps facts as files", "", hint)])
    with opened(into) as store:
        try:
            raw = file.read_bytes()
        except OSError as failure:
            raise Refused([cannot_read(file, failure)]) from None
        return record_in(store, raw, str(file), now=now, by=by, key=key, dry_run=dry_run)


def record_in(
    store: Store,
    raw: bytes,
    source: str,
    *,
    now: Instant,
    by: str,
    key: str = "",
    dry_run: bool = False,
    refuses: Refuses | None = None,
    knows: Knows | None = None,
    author: str = "",
) -> Recorded:
    """Record the facts of a text in an open store; `refuses` may refuse some, given those that they concern.

    `knows` says which of these may be told of: the others are not there for who records. `author` recorded the facts
    that do not say who did.
    """
    alone = read_facts(raw, source, author)[0]
    with reading(store.engine) as connection:
        there = {f.id: f for f in related(connection, alone, knows)}
    facts, problems = _read(raw, source, {f.id for f in alone}, there, author)
    problems += _wrong(facts, there, source, now)
    problems += refuses(facts, there) if refuses is not None else []
    if problems:
        raise Refused(problems)
    known = sum(there.get(f.id) == f for f in facts)
    if dry_run:
        return Recorded(len(facts) - known, known, range(0))
    keys = {f.id: f"{key}/{n}" for n, f in enumerate(facts)} if key else {}
    receipt = store.append(Appended(by, facts, keys=keys), now)
    return Recorded(len(receipt.positions), receipt.duplicate, receipt.positions)


def _read(
    raw: bytes, source: str, own: Set[str], there: Mapping[str, AnyFact], author: str
) -> tuple[list[AnyFact], list[Problem]]:
    """The facts of a text, of these ids, which may refer to some that are recorded, and what is wrong with them."""
    others = [f for f in there.values() if f.id not in own]
    before = [
        (f"recorded {n}", facts_text(others[n : n + MOST_IN_A_FILE]).encode("utf-8"))
        for n in range(0, len(others), MOST_IN_A_FILE)
    ]
    facts, problems = read_fact_files([*before, (source, raw)], author)
    mine = [f for f in facts if f.id in own]
    return mine, [p for p in problems if p.severity is Severity.ERROR and p.where.source == source]


def _wrong(facts: list[AnyFact], there: Mapping[str, AnyFact], source: str, now: Instant) -> list[Problem]:
    """Facts that say otherwise than what is recorded under their id, and those that say to be of the future."""
    problems = []
    for fact in facts:
        if there.get(fact.id, fact) != fact:
            what = f"{kind_of(fact)} `{fact.id}` is recorded already, and says something else"
            hint = f"record a fact with another id that supersedes `{fact.id}`"
            problems.append(error("fact-exists", Place(source), what, "facts are only ever added", hint))
        elif fact.recorded > now:
            what = f"{kind_of(fact)} `{fact.id}` says that it was recorded at {written(fact.recorded)}"
            problems.append(error("recorded-later", Place(source), what, "that is not yet", "say when it was"))
    return problems
