"""Signals: the hub asks a Prometheus in every slot while it is its turn, and what it finds is in the log."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from time import monotonic, time_ns

import pytest

from makegood.app.hub import Hub
from makegood.app.telling import LEASE, keep_results
from makegood.door.policy import PUBLIC, Policy, policy_of
from makegood.model.checks import HUB, Check, SignalProbe
from makegood.model.results import Reason, Result
from makegood.model.spans import MINUTE, SECOND
from makegood.store.folder import read_folder
from makegood.store.leases import Leases, Lost
from makegood.web.signals import Signals
from tests.web.asking import NOON, Desk


@pytest.fixture
def prometheus() -> Iterator[str]:
    """A server that answers every query with 1, by its URL."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            said = {"status": "success", "data": {"resultType": "vector", "result": [{"value": [0, "1"]}]}}
            raw = json.dumps(said).encode()
            self.send_response(200)
            self.send_header("Content-Length", str(len(raw)))
            self.end_headers()
            self.wfile.write(raw)

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    yield f"http://127.0.0.1:{server.server_address[1]}"
    server.shutdown()
    thread.join()
    server.server_close()


HERE = policy_of(("127.0.0.0/8",))


def found(hub: Hub, policy: Policy, most: int = 2) -> list[Result]:
    """What is found of its signals in its turn, until there are some results."""
    signals = Signals(hub, policy)
    got: list[tuple[Check, Result]] = []

    async def ask() -> None:
        asking = asyncio.create_task(signals.run(lambda: True))
        until = monotonic() + 30
        while len(got) < most and monotonic() < until:
            await asyncio.sleep(0.05)
            got.extend(signals.found())
        asking.cancel()
        await asyncio.gather(asking, return_exceptions=True)

    asyncio.run(ask())
    return [result for _, result in got]


def now() -> int:
    return time_ns() // 1000


def test_a_signal_is_asked_for_in_each_of_its_slots(hub: Desk, prometheus: str) -> None:
    check = Check("errors", "web", SignalProbe(prometheus, "up"), every=SECOND, timeout=SECOND)
    core = Hub(hub.store, hub.hub.core.ingest, now, lambda: [check])
    results = found(core, HERE)
    assert {one.reason for one in results} == {Reason.OK}
    assert len({one.begun // SECOND for one in results}) == len(results) >= 2
    (refused, *_) = found(core, PUBLIC, 1)
    assert refused.reason is Reason.FORBIDDEN  # a private network that nobody allowed


def test_nobody_is_asked_while_it_is_another_process_that_asks(hub: Desk, prometheus: str) -> None:
    check = Check("errors", "web", SignalProbe(prometheus, "up"), every=SECOND, timeout=SECOND)
    signals = Signals(Hub(hub.store, hub.hub.core.ingest, now, lambda: [check]), HERE)

    async def wait() -> None:
        asking = asyncio.create_task(signals.run(lambda: False))
        await asyncio.sleep(1.5)
        asking.cancel()
        await asyncio.gather(asking, return_exceptions=True)

    asyncio.run(wait())
    assert signals.found() == []


def test_what_was_found_is_in_the_log_as_results_of_the_hub(hub: Desk) -> None:
    one, other = (Check(name, "web", SignalProbe("http://p")) for name in ("one", "other"))
    results = [
        (one, Result(NOON + 5, Reason.OK, 200, total=12)), (other, Result(NOON + 7, Reason.SIGNAL)),
        (one, Result(NOON + MINUTE + 5, Reason.AWAY)),
    ]  # fmt: skip
    lease = Leases(hub.store.engine, "one", hub.clock).take(LEASE, MINUTE)
    assert lease is not None
    assert keep_results(hub.hub.core, lease, results) == 2
    facts, problems = read_folder(hub.store.folder)
    assert problems == []
    assert {name: (list(f.locations), f.outcome.tolist()) for name, f in facts.results.items()} == {
        "one": ([HUB], [0, 2]), "other": ([HUB], [1]),
    }  # fmt: skip
    hub.clock.now += 2 * MINUTE
    assert Leases(hub.store.engine, "other", hub.clock).take(LEASE, MINUTE) is not None
    with pytest.raises(Lost):
        keep_results(hub.hub.core, lease, results)
