"""One location hammers the server, and another one is answered as if it were alone."""

from __future__ import annotations

import asyncio
import base64
import json
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from makegood.app.pacing import PACES, Paid
from makegood.app.receiving import Clock
from makegood.evidence.batch import Batch, signed_bytes
from makegood.evidence.requests import BATCH_SIGNATURE, signed_headers
from makegood.model.problem import Refused
from makegood.store.opened import create
from makegood.web.lanes import AT_ONCE, WAITING, Lanes
from tests.app.receiving.agents import CHECKS, Asker, Held
from tests.store.batches import MIDNIGHT
from tests.web.asking import Answer, Desk, asked, desk


@pytest.fixture
def hub(tmp_path: Path) -> Iterator[Desk]:
    store = create(tmp_path / "store")
    with desk(store) as found:
        found.clock.now = MIDNIGHT
        found.checks.extend(CHECKS)
        yield found
    store.engine.dispose()


def enrolled(hub: Desk, clock: Held, location: str) -> Asker:
    asker = Asker(hub.hub.core, clock, location)
    asker.begin()
    return asker


def request(asker: Asker, path: str, body: bytes, date: int, more: dict[str, str] | None = None) -> tuple[Any, ...]:
    headers = signed_headers(asker.key, asker.location, "POST", path, date, body) | (more or {})
    return "POST", path, "", body, {name.lower(): value for name, value in headers.items()}


def batch(asker: Asker, one: Batch, date: int) -> tuple[Any, ...]:
    signature = base64.b64encode(asker.key.sign(signed_bytes(one.digest))).decode()
    return request(asker, "/agent/v1/batches", one.body, date, {BATCH_SIGNATURE: signature})


def test_what_one_location_asks_at_once_waits_in_its_own_lane(hub: Desk) -> None:
    clock = Held()
    wild, calm = enrolled(hub, clock, "fra"), enrolled(hub, clock, "iad")
    one = calm.minute(1)
    hub.clock.now = clock.now
    hammering = [request(wild, "/agent/v1/lists", b'["api"]', clock.now) for _ in range(60)]
    *loud, quiet = hub.ask_all([*hammering, batch(calm, one, clock.now)])
    statuses = Counter(answer.status for answer in loud)
    assert set(statuses) == {200, 429}
    assert AT_ONCE + WAITING <= statuses[200] < 60
    late = next(answer for answer in loud if answer.status == 429)
    assert (late.json["code"], late.headers["retry-after"]) == ("too-much", "1")
    assert (quiet.status, quiet.json["taken"]) == (200, 1)


def test_who_is_in_debt_is_told_for_how_long_before_the_body_is_read(hub: Desk) -> None:
    wild = enrolled(hub, Held(), "fra")
    calm = enrolled(hub, Held(), "iad")
    hub.hub.core.paces.charge("fra", Paid.BYTES, PACES[Paid.BYTES].most + 7_000_000, MIDNIGHT)
    _, path, _, body, headers = request(wild, "/agent/v1/lists", b'["api"]', MIDNIGHT)
    answer = hub.ask("POST", path, "", body, {**headers, "makegood-signature": "bm9uZQ=="})
    assert (answer.status, answer.headers["retry-after"]) == (429, "8")

    async def unread() -> Answer:
        return await asked(Unread(hub), "POST", path, "", body, headers)

    assert asyncio.run(unread()).status == 429
    assert hub.ask_all([request(calm, "/agent/v1/lists", b'["api"]', MIDNIGHT)])[0].status == 200
    hub.clock.now += 8_000_000
    assert hub.ask_all([request(wild, "/agent/v1/lists", b'["api"]', hub.clock.now)])[0].status == 200


class Unread:
    """The front, with a body that nobody may read."""

    def __init__(self, hub: Desk) -> None:
        self._front = hub.front

    async def __call__(self, scope: Any, _receive: Any, send: Any) -> None:
        async def receive() -> Any:
            raise AssertionError("the body was read")

        await self._front(scope, receive, send)


def test_lanes_are_of_one_name_each_and_gone_when_empty() -> None:
    async def main() -> None:
        lanes, going, most = Lanes(), asyncio.Event(), Counter[str]()
        here = Counter[str]()

        async def one(name: str) -> str:
            try:
                async with lanes.lane(name):
                    here[name] += 1
                    most[name] = max(most[name], here[name])
                    await going.wait()
                    here[name] -= 1
                    return "answered"
            except Refused as refused:
                return refused.problems[0].code

        asking = [asyncio.create_task(one(name)) for name in ["a"] * (AT_ONCE + WAITING + 3) + ["b"]]
        await asyncio.sleep(0)
        asking[AT_ONCE].cancel()  # one of those that wait leaves
        going.set()
        said = await asyncio.gather(*asking, return_exceptions=True)
        assert Counter(str(one) for one in said) == {"answered": AT_ONCE + WAITING, "too-much": 3, "": 1}
        assert most == {"a": AT_ONCE, "b": 1}
        assert not lanes._lanes

    asyncio.run(main())


def test_the_clock_is_told_to_everybody(hub: Desk) -> None:
    answer = hub.ask("GET", "/agent/v1/clock")
    assert Clock(**json.loads(answer.body)) == Clock(MIDNIGHT, MIDNIGHT)
