"""The field of a store's commands that takes an address, for the matrix of `tests.door.fields`."""

from __future__ import annotations

import asyncio

from makegood.app.posting import post
from makegood.door.policy import Policy
from makegood.model.problem import Refused
from tests.door.fields import Field
from tests.door.spellings import Spelling


async def by_authority(place: Spelling, port: int, policy: Policy) -> str:
    try:
        await asyncio.to_thread(post, place.url(port), b"x", "application/timestamp-query", 100, policy)
    except Refused as refused:
        what = refused.problems[0].what
        return what.split(": ")[1] if what.startswith("no answer came: ") else "forbidden"
    return "ok"


FIELDS: dict[str, Field] = {"an authority": by_authority}
