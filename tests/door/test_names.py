"""Names are asked for anew each time, none waits for another, and a name server that hangs holds up nothing."""

from __future__ import annotations

import asyncio
import socket
import subprocess
import sys
from collections.abc import Callable
from threading import Event
from typing import Any

import pytest

from makegood.door.forbidden import Forbidden, Unreached
from makegood.door.names import Askers, Busy, Found, ask
from makegood.door.policy import PUBLIC, Policy, networks
from makegood.door.resolve import resolve
from makegood.model.results import Reason
from tests.door.serving import LOOPBACK
from tests.door.trapped import ROOT


def answering(*addresses: str) -> Callable[[str, int], list[Any]]:
    return lambda _, port: [
        (socket.AF_INET6, 1, 6, "", (one, port, 0, 0)) if ":" in one else (socket.AF_INET, 1, 6, "", (one, port))
        for one in addresses
    ]


def by(lookup: Callable[[str, int], list[Any]], **more: Any) -> Callable[[str, int], Any]:
    askers = Askers(lookup=lookup, idle=0.01, **more)
    return lambda name, port: ask(name, port, askers)


def resolved(host: str, policy: Policy, *addresses: str) -> Any:
    return asyncio.run(resolve(host, 80, policy, 5, by(answering(*addresses))))


def test_an_address_is_its_own_answer() -> None:
    for host, where in (("127.0.0.9", ("127.0.0.9", 80)), ("::1", ("::1", 80, 0, 0))):
        answer = asyncio.run(resolve(host, 80, Policy(networks(["127.0.0.0/8", "::1"])), 5))
        assert ([one.where for one in answer.found], answer.took, answer.refused) == ([where], 0, ())


def test_the_system_is_asked_for_a_name_and_the_time_is_taken() -> None:
    answer = asyncio.run(resolve("LocalHost", 80, LOOPBACK, 5))
    assert answer.host == "localhost"
    assert ("127.0.0.1", 80) in [one.where for one in answer.found]
    assert answer.took > 0


def test_addresses_that_are_forbidden_are_left_out_and_named() -> None:
    answer = resolved("a.example", PUBLIC, "10.0.0.1", "8.8.8.8", "fd00::1", "2606:4700::1")
    assert [one.ip for one in answer.found] == ["8.8.8.8", "2606:4700::1"]
    assert answer.refused == ("10.0.0.1", "fd00::1")


def test_a_name_of_forbidden_addresses_alone_is_refused() -> None:
    with pytest.raises(Forbidden, match=r"a\.example: 10\.0\.0\.1 is not public"):
        resolved("a.example", PUBLIC, "10.0.0.1", "::1")


def test_addresses_keep_their_order_and_each_stands_once() -> None:
    answer = resolved("a.example", PUBLIC, "2606:4700::2", "8.8.8.8", "2606:4700::2", "1.1.1.1")
    assert [one.ip for one in answer.found] == ["2606:4700::2", "8.8.8.8", "1.1.1.1"]


def test_an_answer_without_addresses_is_dns() -> None:
    with pytest.raises(Unreached) as failed:
        resolved("a.example", PUBLIC)
    assert failed.value.reason is Reason.DNS


def test_a_name_is_asked_for_anew_each_time() -> None:
    answers = iter(["8.8.8.8", "10.0.0.1"])

    async def run() -> None:
        changing = by(lambda _, port: answering(next(answers))("", port))
        assert (await resolve("a.example", 80, PUBLIC, 5, changing)).found
        with pytest.raises(Forbidden):
            await resolve("a.example", 80, PUBLIC, 5, changing)

    asyncio.run(run())


def test_names_that_hang_keep_no_other_name_waiting() -> None:
    release = Event()

    def lookup(name: str, port: int) -> list[Any]:
        if name.startswith("hang"):
            assert release.wait(60)
        return answering("8.8.8.8")(name, port)

    async def run() -> None:
        asked = by(lookup)
        hanging = [asyncio.create_task(resolve(f"hang{n}.example", 80, PUBLIC, 60, asked)) for n in range(200)]
        answer = await resolve("quick.example", 80, PUBLIC, 60, asked)
        assert answer.found
        assert not any(one.done() for one in hanging)
        release.set()
        assert all(one.found for one in await asyncio.gather(*hanging))

    asyncio.run(run())


def test_a_name_that_hangs_is_dns_when_its_time_is_over() -> None:
    release = Event()

    def lookup(name: str, port: int) -> list[Any]:
        assert release.wait(60)
        return answering("8.8.8.8")(name, port)

    async def run() -> Reason:
        with pytest.raises(Unreached) as failed:
            await resolve("a.example", 80, PUBLIC, 0.05, by(lookup))
        return failed.value.reason

    assert asyncio.run(run()) is Reason.DNS  # and the late answer, to a loop that has ended, troubles nobody
    release.set()


def test_more_names_than_may_be_asked_for_are_our_own_fault() -> None:
    release = Event()

    async def run() -> None:
        askers = Askers(most=3, idle=0.01, lookup=lambda *_: answering("8.8.8.8")("", 80) if release.wait(60) else [])
        waiting = [asyncio.create_task(ask(f"n{n}.example", 80, askers)) for n in range(3)]
        await asyncio.sleep(0)
        with pytest.raises(Busy):
            await ask("one-more.example", 80, askers)
        with pytest.raises(Unreached) as refused:
            await resolve("one-more.example", 80, PUBLIC, 5, lambda name, port: ask(name, port, askers))
        assert refused.value.reason is Reason.RESOURCES
        release.set()
        await asyncio.gather(*waiting)
        assert isinstance(await ask("one-more.example", 80, askers), Found)

    asyncio.run(run())


def test_threads_are_used_again_and_end_when_idle() -> None:
    async def run() -> None:
        askers = Askers(idle=0.05, lookup=answering("8.8.8.8"))
        for number in range(100):
            await ask(f"n{number}.example", 80, askers)
        assert 1 <= askers.threads <= 5
        while askers.threads:
            await asyncio.sleep(0.01)
        assert (await ask("again.example", 80, askers)).addresses

    asyncio.run(run())


def test_many_names_at_once_each_get_their_own_answer() -> None:
    def lookup(name: str, port: int) -> list[Any]:
        return answering(f"8.8.{int(name[1:].split('.')[0]) // 250}.{int(name[1:].split('.')[0]) % 250}")(name, port)

    async def run() -> None:
        askers = Askers(idle=0.001, lookup=lookup)  # so that threads end while others are wanted
        for _ in range(5):
            found = await asyncio.gather(*(ask(f"n{n}.example", 80, askers) for n in range(500)))
            assert [one.addresses[0][1][0] for one in found] == [f"8.8.{n // 250}.{n % 250}" for n in range(500)]
            await asyncio.sleep(0.002)

    asyncio.run(run())


def test_a_process_ends_while_names_hang() -> None:
    program = """
import asyncio, time
from makegood.door.names import Askers, ask
async def run():
    askers = Askers(lookup=lambda *_: time.sleep(600))
    tasks = [asyncio.create_task(ask(f"n{n}.example", 80, askers)) for n in range(20)]
    await asyncio.wait(tasks, timeout=0.1)
    print(askers.threads)
asyncio.run(run())
"""
    run = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, timeout=60, cwd=ROOT, check=True
    )
    assert (run.stdout, run.stderr) == ("20\n", "")


def test_a_forked_child_asks_as_well() -> None:
    program = """
import asyncio, os
from makegood.door.names import ask
asyncio.run(ask("localhost", 80))
child = os.fork()
if not child:
    print(bool(asyncio.run(asyncio.wait_for(ask("localhost", 80), 20)).addresses), flush=True)
    os._exit(0)
os.waitpid(child, 0)
"""
    run = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, timeout=60, cwd=ROOT, check=True
    )
    assert run.stdout == "True\n"
