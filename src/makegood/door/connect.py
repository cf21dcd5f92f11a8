"""Connections of asyncio streams and plain sockets, to the very addresses that were checked."""

from __future__ import annotations

import asyncio
import socket
import ssl
import time
from collections.abc import Iterable
from dataclasses import dataclass

from makegood.door.failing import reason_of, tls_reason
from makegood.door.forbidden import Unreached
from makegood.door.policy import Policy
from makegood.door.resolve import Address, Addresses, resolve
from makegood.door.target import read_port
from makegood.model.results import UNTIMED, Reason
from makegood.model.spans import Duration

LIMIT = 1 << 16
"""Bytes that a stream holds before its reader has to come."""

HEAD_START = 0.2
"""Seconds that an address has for itself before the next one is tried beside it (RFC 8305)."""


@dataclass(frozen=True, slots=True)
class Connection:
    """An open connection: its streams, the address it is to, how the address was found, and how long connecting and the
    handshake took, µs by a steady clock (`tls` is UNTIMED without one)."""

    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter
    address: Address
    addresses: Addresses
    connect: Duration
    tls: Duration = UNTIMED


async def connect(
    host: str, port: int, policy: Policy, timeout: float, tls: ssl.SSLContext | None = None, server_name: str = ""
) -> Connection:
    """A connection to a host, with a handshake where `tls` is given (the name verified is `server_name`, or the host).

    `timeout`, in seconds, is for all of it together. Raises Forbidden, or Unreached: DNS, RESOURCES, REFUSED,
    UNREACHABLE, CONNECT_TIMEOUT, and of a handshake TLS, CERTIFICATE, CERTIFICATE_EXPIRED, RESET or TIMEOUT.
    """
    end = time.monotonic() + timeout
    addresses = await resolve(host, read_port(port), policy, timeout)
    begun = time.monotonic_ns()
    opened, address = await open_socket(addresses, policy, end - time.monotonic())
    connected = time.monotonic_ns()
    name = (server_name or addresses.host).rstrip(".") if tls else None
    try:
        async with asyncio.timeout(end - time.monotonic()):
            reader, writer = await asyncio.open_connection(sock=opened, limit=LIMIT, ssl=tls, server_hostname=name)
    except TimeoutError:
        opened.close()
        raise Unreached(Reason.TIMEOUT, f"{address.ip} did not finish the handshake in time") from None
    except ssl.SSLError as problem:
        opened.close()
        raise Unreached(*tls_reason(problem)) from None
    except OSError as problem:
        opened.close()
        raise Unreached(*reason_of(problem)) from None
    except BaseException:
        opened.close()
        raise
    took = (time.monotonic_ns() - connected) // 1_000 if tls else UNTIMED
    return Connection(reader, writer, address, addresses, (connected - begun) // 1_000, took)


async def open_socket(addresses: Addresses, policy: Policy, timeout: float) -> tuple[socket.socket, Address]:
    """A non-blocking TCP socket connected to the address that answered first, and that address.

    Each address gets a head start before the next is tried beside it. Raises Unreached with what happened at the first
    address that failed, or CONNECT_TIMEOUT after `timeout` seconds; and Forbidden where the policy refuses one of them.
    """
    for address in addresses.found:
        policy.check(address.ip, addresses.host)
    end, waiting, failures = time.monotonic() + timeout, list(addresses.found), list[Unreached]()
    trying: dict[asyncio.Task[socket.socket], Address] = {}
    try:
        while waiting or trying:
            if waiting:
                address = waiting.pop(0)
                trying[asyncio.create_task(_attempt(address))] = address
            left = end - time.monotonic()
            patience = min(left, HEAD_START) if waiting else left
            done, _ = await asyncio.wait(trying, timeout=max(patience, 0), return_when=asyncio.FIRST_COMPLETED)
            for task in [task for task in trying if task in done]:
                address, problem = trying[task], task.exception()
                if problem is None:
                    del trying[task]
                    return task.result(), address
                if not isinstance(problem, OSError):
                    raise problem
                failures.append(Unreached(*reason_of(problem)))
                del trying[task]
            if time.monotonic() >= end:
                break
    finally:
        await _let_go(trying)
    if failures and not trying:
        raise failures[0]
    raise Unreached(Reason.CONNECT_TIMEOUT, f"{addresses.found[0].ip} did not answer in time")


async def _attempt(address: Address) -> socket.socket:
    opened = socket.socket(address.family, socket.SOCK_STREAM)
    try:
        opened.setblocking(False)
        await asyncio.get_running_loop().sock_connect(opened, address.where)
    except BaseException:
        opened.close()
        raise
    return opened


async def _let_go(tasks: Iterable[asyncio.Task[socket.socket]]) -> None:
    """Ends the attempts that are no longer wanted, and closes what they have opened meanwhile."""
    left = list(tasks)
    for task in left:
        task.cancel()
    for outcome in await asyncio.gather(*left, return_exceptions=True):
        if isinstance(outcome, socket.socket):
            outcome.close()


def datagram(
    address: Address, policy: Policy, kind: socket.SocketKind = socket.SOCK_DGRAM, protocol: int = 0
) -> socket.socket:
    """A non-blocking socket for datagrams or echo requests, connected to one checked address: it neither sends to
    another nor hears another. `kind` and `protocol` are as for `socket.socket`. Raises Forbidden or OSError."""
    policy.check(address.ip)
    opened = socket.socket(address.family, kind, protocol)
    try:
        opened.setblocking(False)
        opened.connect(address.where)
    except BaseException:
        opened.close()
        raise
    return opened
