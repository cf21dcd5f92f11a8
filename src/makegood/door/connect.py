"""Connections of asyncio streams and plain sockets, to the very addresses that were checked."""

from __future__ import annotations

import asyncio
import errno
import socket
import ssl
from dataclasses import dataclass

from makegood.door.forbidden import Forbidden, Unreached
from makegood.door.policy import Policy
from makegood.door.resolve import Address, Addresses, resolve
from makegood.model.results import Reason

LIMIT = 1 << 16
"""Bytes that a stream holds before its reader has to come."""

_REFUSED = {errno.ECONNREFUSED: Reason.REFUSED, errno.ECONNRESET: Reason.RESET, errno.EPIPE: Reason.RESET}
_OURS = {errno.EMFILE, errno.ENFILE, errno.ENOMEM, errno.ENOBUFS, errno.EADDRNOTAVAIL, errno.EPERM, errno.EACCES}


@dataclass(frozen=True, slots=True)
class Connection:
    """An open connection: its two streams, the address it is to, and how the address was found."""

    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter
    address: Address
    addresses: Addresses


async def connect(
    host: str, port: int, policy: Policy, timeout: float, tls: ssl.SSLContext | None = None, server_name: str = ""
) -> Connection:
    """A connection to a host, with a handshake where `tls` is given (the name verified is `server_name`, or the host).

    `timeout`, in seconds, is for all of it. Raises Forbidden or Unreached.
    """
    try:
        async with asyncio.timeout(timeout):
            addresses = await resolve(host, port, policy, timeout)
            opened, address = await open_socket(addresses, policy, timeout)
            name = (server_name or addresses.host).rstrip(".")
            try:
                reader, writer = await asyncio.open_connection(
                    sock=opened, limit=LIMIT, ssl=tls, server_hostname=name if tls else None
                )
            except BaseException:
                opened.close()
                raise
            return Connection(reader, writer, address, addresses)
    except TimeoutError:
        raise Unreached(Reason.CONNECT_TIMEOUT, f"{host} did not answer in time") from None
    except ssl.SSLError as problem:
        raise Unreached(*tls_reason(problem)) from None
    except OSError as problem:
        raise Unreached(*reason_of(problem)) from None


async def open_socket(addresses: Addresses, policy: Policy, timeout: float) -> tuple[socket.socket, Address]:
    """A non-blocking TCP socket connected to the first of the addresses that takes it, and that address.

    Each address gets an equal share of `timeout` (seconds). Raises Unreached with what happened at the last one, and
    Forbidden where an address is not within the policy.
    """
    loop, last = asyncio.get_running_loop(), Unreached(Reason.DNS, "no address")
    for address in addresses.found:
        policy.check(address.ip, addresses.host)
        opened = socket.socket(address.family, socket.SOCK_STREAM)
        opened.setblocking(False)
        try:
            async with asyncio.timeout(timeout / len(addresses.found)):
                await loop.sock_connect(opened, address.where)
            return opened, address
        except TimeoutError:
            last = Unreached(Reason.CONNECT_TIMEOUT, f"{address.ip} did not answer in time")
            opened.close()
        except OSError as problem:
            last = Unreached(*reason_of(problem))
            opened.close()
        except BaseException:
            opened.close()
            raise
    raise last


def datagram(address: Address, policy: Policy, protocol: int = 0, kind: int = socket.SOCK_DGRAM) -> socket.socket:
    """A non-blocking socket for datagrams, connected to one checked address: it neither sends to another one nor
    hears another. `protocol` and `kind` are as for `socket`, for echo requests. Raises Forbidden or OSError."""
    policy.check(address.ip)
    opened = socket.socket(address.family, kind, protocol)
    try:
        opened.setblocking(False)
        opened.connect(address.where)
    except BaseException:
        opened.close()
        raise
    return opened


def reason_of(problem: OSError) -> tuple[Reason, str]:
    """What an error of the system means for the one who asked, and its text."""
    text = problem.strerror or type(problem).__name__
    if problem.errno in _OURS:
        return Reason.RESOURCES, text
    if problem.errno == errno.ETIMEDOUT:
        return Reason.CONNECT_TIMEOUT, text
    if problem.errno in _REFUSED:
        return _REFUSED[problem.errno], text
    if isinstance(problem, ConnectionError):
        return Reason.RESET, text
    return Reason.UNREACHABLE, text


def tls_reason(problem: ssl.SSLError) -> tuple[Reason, str]:
    """What a failed handshake means, and its text."""
    if isinstance(problem, ssl.SSLCertVerificationError):
        reason = Reason.CERTIFICATE_EXPIRED if problem.verify_code == 10 else Reason.CERTIFICATE
        return reason, problem.verify_message
    return Reason.TLS, (problem.reason or "handshake failed").lower().replace("_", " ")


__all__ = ["Connection", "Forbidden", "Unreached", "connect", "datagram", "open_socket", "reason_of", "tls_reason"]
