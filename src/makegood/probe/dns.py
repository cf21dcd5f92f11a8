"""DNS: a question to a name server, over UDP, and over TCP where the answer does not fit."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Iterator
from contextlib import closing
from ipaddress import ip_network
from typing import cast

import dns.exception
import dns.flags
import dns.message
import dns.name
import dns.rcode
import dns.rdata
import dns.rdataclass
import dns.rdatatype
import dns.resolver

from makegood.door.connect import datagram, open_socket
from makegood.door.failing import reason_of
from makegood.door.forbidden import Unreached
from makegood.door.policy import Policy
from makegood.door.resolve import Address, Addresses, resolve
from makegood.model.checks import DnsProbe
from makegood.model.results import Reason, Result
from makegood.model.spans import SECOND, Duration
from makegood.probe.attempt import Attempt, Found

PORT = 53
AGAIN: Duration = 2 * SECOND
"""A question over UDP is asked again after this long, for a datagram may be lost."""


async def probe_dns(probe: DnsProbe, attempt: Attempt) -> Result:
    """Up where a server answers with the code that is good and, if that is NOERROR, with a record of the type and all
    that are asked for. The status is the response code."""
    query = dns.message.make_query(probe.name, probe.type)
    response = await _answer(query, probe, attempt)
    code = response.rcode()
    found = dns.rcode.to_text(code)
    if found != probe.code.upper():
        raise Found(Reason.STATUS, f"the response code is {found}", int(code))
    if code == dns.rcode.NOERROR:
        _judge(probe, list(records(response, probe.type)), int(code))
    return attempt.result(Reason.OK, status=int(code))


def _judge(probe: DnsProbe, found: list[dns.rdata.Rdata], code: int) -> None:
    if not found:
        raise Found(Reason.ANSWER, f"there is no {probe.type} record", code)
    for text in probe.answers:
        if not any(_says(record, text) for record in found):
            told = ", ".join(sorted(record.to_text() for record in found))
            raise Found(Reason.ANSWER, f"no record is {text}; there are {told}", code)


def records(response: dns.message.Message, wanted: str) -> Iterator[dns.rdata.Rdata]:
    """The records of a type in an answer, whatever names led to them."""
    kind = dns.rdatatype.from_text(wanted)
    for group in response.answer:
        if kind in (group.rdtype, dns.rdatatype.ANY):
            yield from group


def _says(record: dns.rdata.Rdata, text: str) -> bool:
    """Whether a record is what somebody wrote: a name with or without its last dot, a text with or without quotes."""
    if record.rdtype in (dns.rdatatype.TXT, dns.rdatatype.SPF):
        return bool(b"".join(record.strings) == text.removeprefix('"').removesuffix('"').encode())  # type: ignore[attr-defined]
    try:
        wanted = dns.rdata.from_text(record.rdclass, record.rdtype, text, dns.name.root, relativize=False)
        return bool(record == wanted)
    except dns.exception.DNSException:
        return record.to_text().casefold() == text.casefold()


async def _answer(query: dns.message.Message, probe: DnsProbe, attempt: Attempt) -> dns.message.Message:
    """What the first server says that says anything. Each gets an equal share of the time. Raises Unreached."""
    servers = await _servers(probe.server, attempt)
    last = Unreached(Reason.TIMEOUT, "no answer")
    for left, (address, policy) in zip(range(len(servers), 0, -1), servers, strict=True):
        try:
            async with asyncio.timeout(attempt.left() / left / 1e6):
                return await _ask(query, address, policy, attempt)
        except TimeoutError:
            last = Unreached(Reason.TIMEOUT, f"{address.ip} did not answer in time")
        except OSError as problem:
            last = Unreached(*reason_of(problem))
        except Unreached as problem:
            last = problem
    raise last


async def _servers(written: str, attempt: Attempt) -> list[tuple[Address, Policy]]:
    """The servers to ask, with the policy under which each may be: those of the system are its operator's choice, and
    may be reached wherever they are (but where no policy lets anybody)."""
    policy = attempt.context.policy
    if written:
        host, port = split(written)
        addresses = await resolve(host, port, policy, attempt.left() / 1e6)
        attempt.times.dns = addresses.took
        return [(address, policy) for address in addresses.found]
    try:
        system = dns.resolver.Resolver()
    except dns.resolver.NoResolverConfiguration:
        raise Found(Reason.RESOURCES, "this location's system names no name server") from None
    chosen = [server for server in system.nameservers if isinstance(server, str) and "://" not in server]
    servers = []
    for server in chosen:
        wider = Policy((*policy.allowed, ip_network(server.partition("%")[0])))
        addresses = await resolve(server, system.port, wider, attempt.left() / 1e6)
        servers += [(address, wider) for address in addresses.found]
    return servers


def split(written: str) -> tuple[str, int]:
    """Host and port of `host`, `host:port`, `[address]:port` or a bare IPv6 address."""
    host, colon, port = written.rpartition(":")
    if not colon or (":" in host and not host.endswith("]")):
        host, port = written, ""
    return host.removeprefix("[").removesuffix("]"), int(port) if port.isdecimal() else PORT


async def _ask(query: dns.message.Message, address: Address, policy: Policy, attempt: Attempt) -> dns.message.Message:
    with closing(datagram(address, policy)) as opened:
        loop = asyncio.get_running_loop()
        wire = query.to_wire()
        while True:
            await loop.sock_sendall(opened, wire)
            try:
                async with asyncio.timeout(AGAIN / 1e6):
                    while (response := _read(await loop.sock_recv(opened, 65_535), query)) is None:
                        pass
            except TimeoutError:
                continue
            attempt.times.first_byte = attempt.elapsed()
            return await _ask_by_stream(query, address, policy, attempt) if response.flags & dns.flags.TC else response


async def _ask_by_stream(
    query: dns.message.Message, address: Address, policy: Policy, attempt: Attempt
) -> dns.message.Message:
    """The same question over TCP, where the answer did not fit."""
    addresses = Addresses(address.ip, (address,))
    opened, _ = await open_socket(addresses, policy, attempt.left() / 1e6)
    with closing(opened):
        loop = asyncio.get_running_loop()
        await loop.sock_sendall(opened, query.to_wire(prepend_length=True))
        length = int.from_bytes(await _exactly(2, opened), "big")
        response = _read(await _exactly(length, opened), query)
    if response is None:
        raise Found(Reason.PROTOCOL, "the answer over TCP is to another question")
    return response


async def _exactly(size: int, opened: socket.socket) -> bytes:
    came = bytearray()
    while len(came) < size:
        chunk = await asyncio.get_running_loop().sock_recv(opened, size - len(came))
        if not chunk:
            raise Found(Reason.RESET, "the connection was ended before the answer was whole")
        came += chunk
    return bytes(came)


def _read(wire: bytes, query: dns.message.Message) -> dns.message.Message | None:
    """The response in a datagram; None where it answers something else. Raises Found where it is no message of DNS."""
    try:
        response = dns.message.from_wire(wire, ignore_trailing=True)
    except dns.message.Truncated as cut:
        return cast(dns.message.Message, cut.message())  # type: ignore[no-untyped-call]
    except dns.exception.DNSException:
        raise Found(Reason.PROTOCOL, "the answer is no message of DNS") from None
    return response if bool(query.is_response(response)) else None
