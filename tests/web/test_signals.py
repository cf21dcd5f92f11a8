"""Signals: the hub asks a Prometheus in every slot while it is its turn, and what it finds is in the log."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator
from dataclasses import replace
from decimal import Decimal
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from time import monotonic, time_ns
from urllib.parse import parse_qs, urlsplit

import pytest

from makegood.app.hub import Hub
from makegood.app.telling import LEASE, Pulled, keep_results, measured_until
from makegood.door.policy import PUBLIC, Policy, policy_of
from makegood.model.checks import HUB, Check, SignalProbe
from makegood.model.figures import Figure
from makegood.model.results import Reason, Result
from makegood.model.spans import MINUTE, SECOND
from makegood.store.folder import read_folder
from makegood.store.leases import Leases, Lost
from makegood.web.signals import Signals
from tests.web.asking import NOON, Desk


@pytest.fixture
def prometheus() -> Iterator[str]:
    """A server that answers every query with 1, of a range at each of its steps, by its URL."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            url = urlsplit(self.path)
            asked = {name: value[0] for name, value in parse_qs(url.query).items()}
            result: dict[str, object] = {"value": [0, "1"]}
            if url.path.endswith("_range"):
                first, last, step = (int(float(asked[name])) for name in ("start", "end", "step"))
                result = {"values": [[at, "1"] for at in range(first, last + 1, step)]}
            kind = "matrix" if "values" in result else "vector"
            raw = json.dumps({"status": "success", "data": {"resultType": kind, "result": [result]}}).encode()
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


def found(hub: Hub, policy: Policy, most: int = 2) -> list[Pulled]:
    """What is found of its signals in its turn, until there are some results."""
    signals = Signals(hub, policy)
    got: list[Pulled] = []

    async def ask() -> None:
        asking = asyncio.create_task(signals.run(lambda: True))
        until = monotonic() + 30
        while len(got) < most and monotonic() < until:
            await asyncio.sleep(0.05)
            got.extend(signals.found())
        asking.cancel()
        await asyncio.gather(asking, return_exceptions=True)

    asyncio.run(ask())
    return got


def now() -> int:
    return time_ns() // 1000


def test_a_signal_is_asked_for_in_each_of_its_slots(hub: Desk, prometheus: str) -> None:
    check = Check("errors", "web", SignalProbe(prometheus, "up"), every=SECOND, timeout=SECOND)
    core = Hub(hub.store, hub.hub.core.ingest, now, lambda: [check])
    results = found(core, HERE)
    assert {one.result.reason for one in results} == {Reason.OK}
    assert len({one.result.begun // SECOND for one in results}) == len(results) >= 2
    (refused, *_) = found(core, PUBLIC, 1)
    assert refused.result.reason is Reason.FORBIDDEN  # a private network that nobody allowed


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
        Pulled(one, Result(NOON + 5, Reason.OK, 200, total=12)), Pulled(other, Result(NOON + 7, Reason.SIGNAL)),
        Pulled(one, Result(NOON + MINUTE + 5, Reason.AWAY)),
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


MEASURING = SignalProbe("http://p", "up", metric="requests", quantities=(("good", "g"), ("valid", "v")))


def counted(check: Check, slots: range, good: int) -> Pulled:
    """What a turn of a signal found in the slot after some that it measured."""
    figures = tuple(
        Figure(check.name, check.service, "requests", word, slot * MINUTE, MINUTE, Decimal(value))
        for slot in slots
        for word, value in (("good", good), ("valid", 9))
    )
    return Pulled(check, Result(slots.stop * MINUTE + 5, Reason.OK), slots, figures)


def test_what_is_measured_is_measured_once_whoever_asks_for_it(hub: Desk) -> None:
    check, first = Check("errors", "web", MEASURING), NOON // MINUTE
    lease = Leases(hub.store.engine, "one", hub.clock).take(LEASE, MINUTE)
    assert lease is not None
    assert keep_results(hub.hub.core, lease, [counted(check, range(first, first + 2), 7)]) == 1
    assert measured_until(hub.store) == {"errors": (MINUTE, first + 2)}
    # Another server had asked for the same slots before it lost its turn, and for two more.
    assert keep_results(hub.hub.core, lease, [counted(check, range(first, first + 4), 8)]) == 1
    assert measured_until(hub.store) == {"errors": (MINUTE, first + 4)}
    facts, problems = read_folder(hub.store.folder)
    assert problems == []
    (made,) = facts.measurements["web"]
    assert (made.metric, made.source) == ("requests", "errors")
    assert (made.start // MINUTE - first).tolist() == [0, 1, 2, 3]
    assert made.quantities["good"].values.tolist() == [7, 7, 8, 8]
    assert made.quantities["valid"].values.tolist() == [9, 9, 9, 9]


def test_slots_that_passed_while_nobody_asked_are_measured_later(hub: Desk, prometheus: str) -> None:
    probe = replace(MEASURING, url=prometheus)
    check = Check("errors", "web", probe, every=SECOND, timeout=SECOND)
    ended = now() // SECOND - 300
    lease = Leases(hub.store.engine, "one", hub.clock).take(LEASE, MINUTE)
    assert lease is not None
    result = Result(ended * SECOND, Reason.OK)
    keep_results(hub.hub.core, lease, [Pulled(check, result, range(ended - 1, ended))])
    got = found(Hub(hub.store, hub.hub.core.ingest, now, lambda: [check]), HERE)
    slots = [slot for one in got for slot in one.slots]
    assert slots == list(range(ended, ended + len(slots)))
    assert 280 <= len(slots) <= 300
    keep_results(hub.hub.core, lease, got)
    (made,) = read_folder(hub.store.folder)[0].measurements["web"]
    assert (made.start // SECOND).tolist() == slots


def test_a_signal_that_only_measures_is_unknown_while_nothing_is_to_be_had(hub: Desk, prometheus: str) -> None:
    ended = now() // SECOND - 30
    probe = SignalProbe("http://127.0.0.1:1", quantities=(("p95", "q"),))
    check = Check("errors", "web", probe, every=SECOND, timeout=SECOND)
    lease = Leases(hub.store.engine, "one", hub.clock).take(LEASE, MINUTE)
    assert lease is not None
    keep_results(hub.hub.core, lease, [Pulled(check, Result(ended * SECOND, Reason.OK), range(ended - 1, ended))])
    core = Hub(hub.store, hub.hub.core.ingest, now, lambda: [check])
    (away, *_) = found(core, HERE, 1)
    assert (away.result.reason, away.slots) == (Reason.AWAY, range(0))
    there = replace(check, probe=replace(probe, url=prometheus))
    (back, *_) = found(Hub(hub.store, hub.hub.core.ingest, now, lambda: [there]), HERE, 1)
    assert (back.result.reason, back.slots.start) == (Reason.OK, ended)


def test_what_was_measured_in_a_turn_that_was_lost_is_measured_again(hub: Desk, prometheus: str) -> None:
    check = Check("errors", "web", replace(MEASURING, url=prometheus), every=SECOND, timeout=SECOND)
    ended = now() // SECOND - 60
    lease = Leases(hub.store.engine, "one", hub.clock).take(LEASE, MINUTE)
    assert lease is not None
    keep_results(hub.hub.core, lease, [Pulled(check, Result(ended * SECOND, Reason.OK), range(ended - 1, ended))])
    signals, starts = Signals(Hub(hub.store, hub.hub.core.ingest, now, lambda: [check]), HERE), list[int]()

    async def ask() -> None:
        asking = asyncio.create_task(signals.run(lambda: True))
        until = monotonic() + 30
        while len(starts) < 2 and monotonic() < until:
            await asyncio.sleep(0.05)
            if slots := [one.slots for one in signals.found() if one.slots]:
                starts.append(slots[0].start)
                signals.forget()
        asking.cancel()
        await asyncio.gather(asking, return_exceptions=True)

    asyncio.run(ask())
    assert starts == [ended, ended]
