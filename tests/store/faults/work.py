"""The work that is interrupted: recording and importing, step by step, each the same whenever and however often done.

What the store acknowledged is written down where no kill of the process loses it.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path

from makegood.app.importing import import_evidence
from makegood.evidence.tree import consistent
from makegood.model.facts import AnyFact, Cause, Maintenance
from makegood.model.problem import Severity
from makegood.model.spans import Span
from makegood.store.checking import check
from makegood.store.keys import change_key
from makegood.store.opened import Store, opened
from makegood.store.sql.database import reading
from makegood.store.sql.log import tree
from makegood.store.sql.store import Appended, Document

STEPS = 8
IMPORTS = 5
"""One step in so many is an import, which writes a segment."""
BEGIN = 1_775_000_000_000_000


@dataclass(frozen=True)
class Acknowledged:
    """What a writer was told: that a step is durable, and under which head."""

    writer: str
    step: int
    size: int
    root: str


def facts_of(writer: str, step: int) -> list[AnyFact]:
    """Those of a step; one of them corrects one of the step before."""
    of = f"{writer}-{step}"
    work = Maintenance(f"M-{of}", BEGIN, writer, services=("web",), announced=Span(BEGIN, BEGIN + 60_000_000 * step))
    before = f"C-{writer}-{step - 1}" if (step - 1) % IMPORTS and step > 1 else ""
    cause = Cause(f"C-{of}", BEGIN, writer, before, service="web", span=Span(BEGIN, BEGIN + step + 1), cause="storm")
    return [work, cause]


def do(folder: Path, writer: str, step: int, now: int) -> None:
    """One step, in the store; whatever the store says of it, it may be done again."""
    if step % IMPORTS == 0:
        _import(folder, writer, step, now)
        return
    facts = facts_of(writer, step)
    keys = {fact.id: f"{writer}/{step}/{n}" for n, fact in enumerate(facts)}
    paper = Document("agreement", f"{writer}-{step}.sla.md", f"# {writer} {step}\n".encode() * (1 + step % 3 * 400))
    with opened(folder) as store:
        store.append(Appended(writer, facts, documents=[paper], keys=keys), now)


def _import(folder: Path, writer: str, step: int, now: int) -> None:
    table = folder.parent / f"{writer}-{step}.csv"
    if not table.exists():
        rows = (f"{writer}-{step},2026-02-{day:02d}T00:00:00Z,{'down' if day % 2 else 'up'}\n" for day in range(1, 20))
        table.write_text("service,at,status\n" + "".join(rows), encoding="utf-8")
    import_evidence(table, folder, "status log", source=f"{writer}-{step}", now=now, by=writer)


def change(folder: Path) -> None:
    """Put a new key in place of the log's."""
    with opened(folder) as store:
        change_key(store, None, BEGIN, "ops")


def go_on(
    folder: Path, writer: str, steps: range, told: Path, clock: list[int] | None = None, beside: bool = False
) -> None:
    """Do steps, and write down each that was acknowledged, with the head after it.

    `beside` lets somebody else have the database open all the while, as a server would: its write-ahead log then stays
    from one step to the next.
    """
    with told.open("ab", buffering=0) as out, opened(folder) as other, _open_database(other, beside):
        out.write(b"\n")
        for step in steps:
            do(folder, writer, step, BEGIN + (clock[step % len(clock)] if clock else step * 1_000_000))
            with opened(folder) as store:
                head = store.head()
            assert head is not None
            line = json.dumps(asdict(Acknowledged(writer, step, head.head.size, head.head.root.hex())))
            os.write(out.fileno(), f"{line}\n".encode())


@contextmanager
def _open_database(store: Store, beside: bool) -> Iterator[None]:
    if not beside:
        yield
        return
    connection = store.engine.raw_connection()
    connection.driver_connection.execute("select * from log").close()  # type: ignore[union-attr]
    yield
    connection.close()


def acknowledged(told: Path) -> list[Acknowledged]:
    """What was written down; a line that was cut by the kill was not acknowledged to anybody."""
    return read_acknowledged(told.read_bytes()) if told.exists() else []


def read_acknowledged(raw: bytes) -> list[Acknowledged]:
    """The same of what was written by some moment."""
    lines = raw.decode("utf-8").split("\n")[:-1]
    return [Acknowledged(**json.loads(line)) for line in lines if line.endswith("}")]


def held_to_its_word(
    folder: Path, acks: list[Acknowledged], writers: tuple[str, ...] = ("a",), steps: int = STEPS
) -> int:
    """Assert that a store kept all that it acknowledged, that nothing counts twice, and that the work can be ended.

    How many entries it had when it was found.
    """
    with opened(folder) as store:
        found = kept(store, acks)
    for writer in writers:
        done = [ack.step for ack in acks if ack.writer == writer]
        size = _size(folder)
        for step in done:
            do(folder, writer, step, BEGIN)
        assert _size(folder) == size, "what was acknowledged was recorded a second time"
        for step in range(1, steps + 1):
            do(folder, writer, step, BEGIN)
    with opened(folder) as store:
        kept(store, acks)
        expected = {fact for writer in writers for fact in _facts(writer, steps)}
        facts = store.facts()
        assert len(facts) == len(expected)
        assert set(facts) == expected
        imports = store.imports()
        assert len(imports) == len(writers) * (steps // IMPORTS)
        assert len({one.source for one in imports}) == len(imports)
        assert store.size() == len(expected) + len(imports) + len(writers) * (steps - steps // IMPORTS)
    return found


def _facts(writer: str, steps: int) -> Iterator[AnyFact]:
    for step in range(1, steps + 1):
        if step % IMPORTS:
            yield from facts_of(writer, step)


def _size(folder: Path) -> int:
    with opened(folder) as store:
        return store.size()


def kept(store: Store, acks: list[Acknowledged]) -> int:
    """Assert that a store is sound and has all that it acknowledged; how many entries it has."""
    problems = [p for p in check(store).problems if p.severity is Severity.ERROR]
    assert problems == []
    size, head = store.size(), store.head()
    with reading(store.engine) as connection:
        stored = tree(connection)
        for ack in acks:
            assert ack.size <= size, f"step {ack.step} was acknowledged and is lost"
            root, proof = bytes.fromhex(ack.root), stored.consistency(ack.size, size)
            assert head is not None
            assert consistent(ack.size, size, root, head.head.root, proof)
    here = {fact.id for fact in store.facts()}
    known = {one.source for one in store.imports()}
    for ack in acks:
        mine = {f"{ack.writer}-{ack.step}"} - known if ack.step % IMPORTS == 0 else _ids(ack) - here
        assert mine == set(), f"step {ack.step} was acknowledged and is lost"
    return size


def _ids(ack: Acknowledged) -> set[str]:
    return {fact.id for fact in facts_of(ack.writer, ack.step)}
