"""From a host to addresses that may be connected to, asked anew each time.

libcurl's own resolver is not used: its threads are twenty for each of its loops, so that names whose servers hang keep
every other name waiting, and a service would be called down for that.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from ipaddress import ip_address
from socket import AF_INET, AF_INET6, gaierror

from makegood.door.forbidden import Forbidden, Unreached
from makegood.door.names import MOST, Busy, Found, SocketAddress, ask
from makegood.door.policy import Policy
from makegood.door.target import read_host
from makegood.model.results import Reason
from makegood.model.spans import Duration


@dataclass(frozen=True, slots=True)
class Address:
    """A place to connect to that a policy has let pass. `where` is as sockets take it, always numeric."""

    family: int
    where: SocketAddress

    @property
    def ip(self) -> str:
        """The IP address alone."""
        return self.where[0]


@dataclass(frozen=True, slots=True)
class Addresses:
    """What a host led to: at least one address. `refused` are others of it that may not be connected to. `took` is how
    long the question took, µs by a steady clock; 0 where the host was an address already."""

    host: str
    found: tuple[Address, ...]
    refused: tuple[str, ...] = ()
    took: Duration = 0


async def resolve(
    host: str, port: int, policy: Policy, timeout: float, ask: Callable[[str, int], Awaitable[Found]] = ask
) -> Addresses:
    """The addresses of a host that the policy lets pass, in the order the system prefers.

    `timeout` is in seconds; `port` may be 0 where there are none. Raises Forbidden where the spelling is odd or every
    address is refused, Unreached where there is no address, or none in time (DNS), or too many names are being asked
    for (RESOURCES).
    """
    name = read_host(host)
    try:
        literal = ip_address(name)
    except ValueError:
        found = await _asked(ask, name, port, timeout)
    else:
        policy.check(name)
        if literal.version == 4:
            return Addresses(name, (Address(AF_INET, (name, port)),))
        return Addresses(name, (Address(AF_INET6, (name, port, 0, 0)),))
    good = tuple(Address(family, where) for family, where in found.addresses if not policy.refuses(where[0]))
    refused = tuple(where[0] for _, where in found.addresses if policy.refuses(where[0]))
    if not good:
        policy.check(refused[0], name)
    return Addresses(name, good, refused, found.took)


async def _asked(ask: Callable[[str, int], Awaitable[Found]], name: str, port: int, timeout: float) -> Found:
    try:
        async with asyncio.timeout(timeout):
            found = await ask(name, port)
    except TimeoutError:
        raise Unreached(Reason.DNS, f"no answer about {name} in time") from None
    except Busy:
        raise Unreached(Reason.RESOURCES, f"{MOST:,} names are being asked for already") from None
    except ValueError:
        raise Forbidden("is no host", name, hint="write a name as it is in DNS") from None
    except gaierror as problem:
        raise Unreached(Reason.DNS, f"{name}: {problem.strerror or 'no address'}") from None
    except OSError as problem:  # it is this machine that could not ask, such as for want of a descriptor
        raise Unreached(Reason.RESOURCES, f"{name} cannot be asked for: {problem.strerror}") from None
    if not found.addresses:
        raise Unreached(Reason.DNS, f"{name}: no address")
    return found
