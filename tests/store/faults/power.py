"""Power that fails: a disk that keeps what was synchronised, and of everything else any part or none of it.

A process records in order what SQLite writes, cuts and synchronises, and what it had acknowledged by then. From the
record, the files are made as they could stand after power failed at any moment: of each file what was there at its last
synchronisation, and of the writes since then some, in whole or by sectors, as dice decide.
"""

from __future__ import annotations

import pickle
import random
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from makegood.store.sql import database
from tests.store.faults.shim import Meddler, meddle

SECTOR = 512


@dataclass(frozen=True)
class Event:
    """One thing that happened to a file: `write` of content at a place, `truncate` to a size, `sync` or `delete`.

    `told` is how many bytes of acknowledgements had been written down before it.
    """

    what: str
    path: str
    told: int
    at: int = 0
    content: bytes = b""


def weaken() -> None:
    """Let SQLite acknowledge what it has only written, not synchronised, in the rest of this process."""
    usual = database._prepare

    def prepare(connection: Any) -> None:
        usual(connection)
        connection.execute("pragma synchronous=NORMAL").close()

    database._prepare = prepare


def record(file: Path, told: Path) -> None:
    """Record what becomes of the database's files, for the rest of this process."""
    meddle(_Recorder(file, told))


def recorded(file: Path) -> list[Event]:
    """What was recorded, in order."""
    events = []
    with file.open("rb") as raw:
        while True:
            try:
                events.append(Event(*pickle.load(raw)))
            except EOFError:
                return events


class _Recorder(Meddler):
    def __init__(self, file: Path, told: Path) -> None:
        self.out, self.told = file.open("wb"), told

    def write(self, path: str, at: int, content: bytes, write: Callable[[bytes], int]) -> int:
        self._keep("write", path, at, content)
        return write(content)

    def truncate(self, path: str, size: int, truncate: Callable[[], int]) -> int:
        self._keep("truncate", path, size)
        return truncate()

    def sync(self, path: str, sync: Callable[[], int]) -> int:
        code = sync()
        self._keep("sync", path)
        return code

    def delete(self, path: str, delete: Callable[[], int]) -> int:
        self._keep("delete", path)
        return delete()

    def _keep(self, what: str, path: str, at: int = 0, content: bytes = b"") -> None:
        told = self.told.stat().st_size if self.told.exists() else 0
        pickle.dump((what, path, told, at, content), self.out)
        self.out.flush()


def after_a_cut(before: Mapping[str, bytes], events: Sequence[Event], dice: random.Random) -> dict[str, bytes]:
    """The files as they could stand when power failed after these events, on top of those that were durable before.

    A file that is not in it was not kept.
    """
    durable, pending = dict(before), {path: list[Event]() for path in before}
    for event in events:
        mine = pending.setdefault(event.path, [])
        if event.what == "sync":
            durable[event.path] = _applied(durable.get(event.path, b""), mine)
            mine.clear()
        else:
            mine.append(event)
    found = dict[str, bytes]()
    for path, mine in pending.items():
        if any(event.what == "delete" for event in mine) and dice.random() < 0.5:
            continue  # the folder was written in time
        kept = [part for event in mine if event.what != "delete" for part in _some_of(event, dice)]
        if path in durable or kept:
            found[path] = _applied(durable.get(path, b""), kept)
    return found


def _some_of(event: Event, dice: random.Random) -> list[Event]:
    """What of an event reached the disk: all, nothing, or some of its sectors."""
    fate = dice.random()
    if fate < 0.4:
        return []
    if fate < 0.8 or event.what != "write":
        return [event]
    cuts = range(0, len(event.content), SECTOR)
    return [
        Event("write", event.path, event.told, event.at + cut, event.content[cut : cut + SECTOR])
        for cut in cuts
        if dice.random() < 0.5
    ]


def _applied(content: bytes, events: list[Event]) -> bytes:
    found = bytearray(content)
    for event in events:
        if event.what == "truncate":
            del found[event.at :]
        elif event.what == "write":
            found.extend(bytes(max(0, event.at - len(found))))
            found[event.at : event.at + len(event.content)] = event.content
    return bytes(found)
