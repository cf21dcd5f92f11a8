"""From a name to addresses that may be connected to, asked anew each time."""

from __future__ import annotations

import asyncio
import socket
import time
from dataclasses import dataclass
from ipaddress import ip_address
from threading import BoundedSemaphore, Thread
from typing import TypeAlias

from makegood.door.forbidden import Forbidden, Unreached
from makegood.door.policy import Policy
from makegood.door.target import read_host, read_port
from makegood.model.results import Reason
from makegood.model.spans import Duration

SocketAddress: TypeAlias = tuple[str, int] | tuple[str, int, int, int]

MOST = 2_048
"""Names that are asked for at once: each waits in a thread of its own, as a system's resolver wants it."""

_free = BoundedSemaphore(MOST)


@dataclass(frozen=True, slots=True)
class Address:
    """A place to connect to that the policy has let pass. `where` is as sockets take it, always numeric."""

    family: int
    where: SocketAddress

    @property
    def ip(self) -> str:
        """The IP address alone."""
        return self.where[0]


@dataclass(frozen=True, slots=True)
class Addresses:
    """What a name led to. `refused` are addresses of it that may not be connected to. `took` is how long the question
    took, µs by a steady clock; 0 where the host was an address already."""

    host: str
    found: tuple[Address, ...]
    refused: tuple[str, ...] = ()
    took: Duration = 0


async def resolve(host: str, port: int, policy: Policy, timeout: float) -> Addresses:
    """The addresses of a host that the policy lets pass, in the order the system prefers; nothing is cached.

    `timeout` is in seconds. Names are asked of the system, as every other program on the machine does: its hosts file,
    its name servers, its search list. Raises Forbidden where the spelling is odd or every address is refused, Unreached
    where there is no address (DNS), none in time (DNS), or too many questions wait already (RESOURCES).
    """
    name, number = read_host(host), read_port(port)
    begun = time.monotonic_ns()
    try:
        literal = ip_address(name)
    except ValueError:
        found = await _ask(name, number, timeout)
    else:
        place: SocketAddress = (name, number) if literal.version == 4 else (name, number, 0, 0)
        policy.check(name)
        return Addresses(name, (Address(socket.AF_INET if literal.version == 4 else socket.AF_INET6, place),))
    took = (time.monotonic_ns() - begun) // 1_000
    good, refused = [], []
    for family, where in dict.fromkeys(found):
        ip = str(where[0])
        if policy.refuses(ip):
            refused.append(ip)
        else:
            good.append(Address(family, where))
    if not good:
        policy.check(refused[0], name)
    return Addresses(name, tuple(good), tuple(refused), took)


async def _ask(name: str, port: int, timeout: float) -> list[tuple[int, SocketAddress]]:
    if not _free.acquire(blocking=False):
        raise Unreached(Reason.RESOURCES, f"{MOST:,} names are being asked for already")
    loop = asyncio.get_running_loop()
    answer: asyncio.Future[list[tuple[int, SocketAddress]]] = loop.create_future()
    # A daemon: a name server that hangs must not keep the process from ending, as the threads of an executor would.
    Thread(target=_ask_system, args=(name, port, loop, answer), daemon=True).start()
    try:
        async with asyncio.timeout(timeout):
            return await answer
    except TimeoutError:
        raise Unreached(Reason.DNS, f"no answer about {name} in time") from None
    except UnicodeError:
        raise Forbidden("is no host", name) from None
    except OSError as problem:
        raise Unreached(Reason.DNS, f"{name}: {problem.strerror or 'no address'}") from None


def _ask_system(
    name: str,
    port: int,
    loop: asyncio.AbstractEventLoop,
    answer: asyncio.Future[list[tuple[int, SocketAddress]]],
) -> None:
    found: list[tuple[int, SocketAddress]] = []
    problem: Exception | None = None
    try:
        for family, _, _, _, where in socket.getaddrinfo(name, port, type=socket.SOCK_STREAM):
            if family in (socket.AF_INET, socket.AF_INET6):
                found.append((int(family), where))  # type: ignore[arg-type]
        if not found:
            problem = OSError(0, "no address")
    except (OSError, UnicodeError) as raised:
        problem = raised
    finally:
        _free.release()

    def settle() -> None:
        if answer.done():
            return
        if problem is None:
            answer.set_result(found)
        else:
            answer.set_exception(problem)

    try:
        loop.call_soon_threadsafe(settle)
    except RuntimeError:
        return  # the loop has ended meanwhile, and nobody waits
