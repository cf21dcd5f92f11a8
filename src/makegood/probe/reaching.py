"""The way to a host for what is not HTTP: its addresses and a connection, each measured."""

from __future__ import annotations

import socket

from makegood.door.connect import open_socket
from makegood.door.resolve import Addresses, resolve
from makegood.probe.attempt import Attempt


async def resolved(host: str, port: int, attempt: Attempt) -> Addresses:
    """The addresses of a host that this location may connect to. Raises Forbidden and Unreached."""
    addresses = await resolve(host, port, attempt.context.policy, seconds(attempt))
    attempt.times.dns = addresses.took
    return addresses


async def connected(addresses: Addresses, attempt: Attempt) -> socket.socket:
    """A connection to one of the addresses. Raises Forbidden and Unreached."""
    before = attempt.elapsed()
    opened, _ = await open_socket(addresses, attempt.context.policy, seconds(attempt))
    attempt.times.connect = attempt.elapsed() - before
    return opened


def seconds(attempt: Attempt) -> float:
    """What is left of the attempt, as the loop's timers want it."""
    return attempt.left() / 1e6
