"""Looking again at segments that an earlier backup copied: whether the backups and the store still have them whole."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import file_digest
from pathlib import Path

from makegood.model.problem import Place, Problem, Refused, warning
from makegood.model.spans import Instant
from makegood.store.backups import Backups, Part
from makegood.store.place import StorePlace

MOST_BYTES = 256 << 20
"""How much is read again with each backup: another part each time, so that sooner or later all of it is."""


@dataclass(frozen=True, slots=True)
class LookedAgain:
    """How many segments there were and how many were read again; which of them were copied anew, since the copy was
    not whole any more; and what is wrong in the store that the backups have whole."""

    there: int = 0
    read: int = 0
    mended: tuple[str, ...] = ()
    problems: tuple[Problem, ...] = ()


def look_again(place: StorePlace, backups: Backups, some: Sequence[Part], now: Instant) -> LookedAgain:
    """Read segments again that the backups have, all of them or as many as there is time for. A copy that was damaged
    is made anew.

    Raises Refused for one that is whole neither here nor there, and OSError as the system does.
    """
    waiting, read, size = list(some), 0, 0
    random.Random(now).shuffle(waiting)
    mended, problems = list[str](), list[Problem]()
    for one in waiting:
        if read and size + one.size > MOST_BYTES:
            break
        read, size = read + 1, size + one.size
        file, copy = place.folder / one.name, backups.shared(one)
        wrong = _wrong(file, one, remote=bool(place.segments))
        try:
            backups.verify(copy, one)
        except Refused:
            if wrong or not file.is_file():
                raise
            backups.put(file, copy)
            backups.verify(copy, one)
            mended.append(one.name)
            continue
        if wrong:
            hint = "see what is wrong: makegood check; and bring the store back from this backup"
            what = f"{wrong}; the backups have it whole"
            problems.append(warning("store-damaged", Place(str(file)), what, "the log lists it", hint))
    return LookedAgain(len(waiting), read, tuple(mended), tuple(problems))


def _wrong(file: Path, one: Part, remote: bool) -> str:
    """What is wrong with a segment of the store; where there is an object store, one may be only there."""
    try:
        with file.open("rb") as raw:
            return "" if file_digest(raw, "sha256").hexdigest() == one.digest else "this segment was changed"
    except FileNotFoundError:
        return "" if remote else "this segment is missing"
    except OSError:
        return "this segment cannot be read"
