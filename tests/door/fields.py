"""The matrix: every spelling of a forbidden address, times every field that takes an address.

A room that has such fields (a kind of check, a channel of notifications) puts a module `door_fields.py` into its tests,
`tests/ROOM/door_fields.py`, with `FIELDS`: from what the field is called to a coroutine function that tries to reach
the place by it under a policy. What it answers is the word of the reason (`Reason.word`): `ok` where it got through. It
may as well raise Forbidden or Unreached. `SKIPPED` is for spellings that such a field cannot hold.
"""

from __future__ import annotations

import asyncio
import importlib
from collections.abc import Awaitable, Callable, Iterable
from pathlib import Path
from typing import TypeAlias

from makegood.door.forbidden import Forbidden, Unreached
from makegood.door.policy import Policy
from tests.door.spellings import Spelling

Field: TypeAlias = Callable[[Spelling, int, Policy], Awaitable[str]]

SKIPPED = "skipped"

REDIRECTING = "127.0.0.2"
"""Where the trap answers `/to/URL` with a redirect; the only address of this machine that the policy allows."""

TIMEOUT = 20.0
"""Seconds that a field has: far more than any needs on a busy machine, since nothing ever hangs."""

AT_ONCE = 16


def fields() -> dict[str, Field]:
    """Every field of every room, by name; its room stands before it."""
    found: dict[str, Field] = {}
    for path in sorted(Path(__file__).parents[1].glob("*/door_fields.py")):
        room = path.parent.name
        module = importlib.import_module(f"tests.{room}.door_fields")
        found |= {f"{room}: {name}": field for name, field in module.FIELDS.items()}
    return found


async def tried(field: Field, places: Iterable[Spelling], port: int, policy: Policy) -> list[tuple[str, str]]:
    """The form and the outcome of each spelling, in order."""
    turn = asyncio.Semaphore(AT_ONCE)

    async def one(place: Spelling) -> tuple[str, str]:
        async with turn:
            try:
                return place.form, await field(place, port, policy)
            except (Forbidden, Unreached) as problem:
                return place.form, problem.reason.word

    return await asyncio.gather(*(one(place) for place in places))
