"""What the door costs: requests over fresh connections to a bare server on loopback, with and without it.

The server is a process of its own that reads once and writes one answer. The seconds are those of this process's
processor, for all requests together; 32 are on their way at once.
"""

from __future__ import annotations

import asyncio
import select
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pycurl

from benchmarks.timing import Measured
from makegood.door.curl import aim, guard
from makegood.door.policy import Policy, networks
from makegood.door.resolve import Address, Addresses, resolve
from makegood.door.target import read_url

REQUESTS, AT_ONCE, TIMES = 5_000, 32, 3
ANSWER = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\nok"
HERE = Policy(networks(["127.0.0.0/8", "::1"]))


def run() -> Iterator[Measured]:
    """What was measured, its size, the seconds it took, and the rates."""
    with _server() as port:
        ways: dict[str, Callable[[pycurl.Curl], Any]] = {
            "libcurl alone": lambda handle: _bare(handle, port),
            "with the check at connect": lambda handle: _guarded(handle, port),
            "and a name of the hosts file, asked anew": lambda handle: _named(handle, port),
        }
        least = dict.fromkeys(ways, float("inf"))
        for _ in range(TIMES):
            for name, begin in ways.items():
                least[name] = min(least[name], asyncio.run(_requests(begin)))
    alone = least["libcurl alone"]
    for name, seconds in least.items():
        rate = f"{REQUESTS / seconds:,.0f} requests per CPU-second"
        more = "" if seconds == alone else f", {(seconds - alone) / REQUESTS * 1e6:.1f} µs more for each"
        yield Measured(name, f"{REQUESTS:,} requests", seconds, rate + more)
    for name, addresses in (("an address seen before", 1), ("an address never seen", 20_000)):
        seconds = min(_judged(addresses) for _ in range(TIMES))
        yield Measured(name, "20,000 verdicts", seconds, f"{seconds / 20_000 * 1e6:.2f} µs each")


async def _requests(begin: Callable[[pycurl.Curl], Any]) -> float:
    left = REQUESTS

    async def one(multi: pycurl.AsyncCurlMulti) -> None:
        nonlocal left
        handle = pycurl.Curl()
        again = begin(handle)
        handle.setopt(pycurl.WRITEFUNCTION, len)
        while left > 0:
            left -= 1
            if again is not None:
                await again()
            await multi.perform(handle)
            assert handle.getinfo(pycurl.RESPONSE_CODE) == 200

    async with pycurl.AsyncCurlMulti() as multi:
        start = time.process_time()
        await asyncio.gather(*(one(multi) for _ in range(AT_ONCE)))
        return time.process_time() - start


def _bare(handle: pycurl.Curl, port: int) -> None:
    guard(handle, HERE)
    handle.unsetopt(pycurl.OPENSOCKETFUNCTION)
    handle.setopt(pycurl.URL, f"http://127.0.0.1:{port}/")


def _guarded(handle: pycurl.Curl, port: int) -> None:
    guard(handle, HERE)
    place = Address(socket.AF_INET, ("127.0.0.1", port))
    aim(handle, read_url(f"http://127.0.0.1:{port}/"), Addresses("127.0.0.1", (place,)))


def _named(handle: pycurl.Curl, port: int) -> Callable[[], Any]:
    guard(handle, HERE)
    target = read_url(f"http://localhost:{port}/")

    async def again() -> None:
        aim(handle, target, await resolve(target.host, port, HERE, 10))

    return again


def _judged(different: int) -> float:
    policy, ips = Policy(), [f"8.{n >> 16}.{n >> 8 & 255}.{n & 255}" for n in range(different)] * (20_000 // different)
    start = time.process_time()
    for ip in ips:
        policy.refuses(ip)
    return time.process_time() - start


@contextmanager
def _server() -> Iterator[int]:
    with subprocess.Popen([sys.executable, "-m", "benchmarks.door"], stdout=subprocess.PIPE, text=True) as served:
        assert served.stdout is not None
        try:
            yield int(served.stdout.readline())
        finally:
            served.kill()


def _serve() -> None:
    listening = socket.create_server(("127.0.0.1", 0), backlog=4_096)
    listening.setblocking(False)
    print(listening.getsockname()[1], flush=True)
    waiting, opened = select.epoll(), dict[int, socket.socket]()
    waiting.register(listening.fileno(), select.EPOLLIN)
    while True:
        for number, _ in waiting.poll():
            if number == listening.fileno():
                try:
                    one, _ = listening.accept()
                except OSError:
                    continue
                opened[one.fileno()] = one
                waiting.register(one.fileno(), select.EPOLLIN)
            else:
                with opened.pop(number) as one:
                    waiting.unregister(number)
                    if one.recv(4_096):
                        one.sendall(ANSWER)


if __name__ == "__main__":
    _serve()
