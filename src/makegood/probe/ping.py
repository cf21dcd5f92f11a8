"""ICMP: echo requests and how many are answered."""

from __future__ import annotations

import asyncio
import errno
import os
import socket
import struct
from contextlib import closing

from makegood.door.connect import datagram
from makegood.door.failing import reason_of
from makegood.door.forbidden import Unreached
from makegood.door.policy import Policy
from makegood.door.resolve import Address
from makegood.model.checks import PingProbe
from makegood.model.results import UNTIMED, Reason, Result
from makegood.probe.attempt import Attempt, Found
from makegood.probe.reaching import resolved

ECHO_REQUEST, ECHO_REPLY = {4: 8, 6: 128}, {4: 0, 6: 129}
PROTOCOL = {4: socket.IPPROTO_ICMP, 6: socket.IPPROTO_ICMPV6}
_NO_ROUTE = (errno.ENETUNREACH, errno.EHOSTUNREACH, errno.ENETDOWN, errno.EHOSTDOWN)
HEAD = struct.Struct("!BBHHH")
"""Type, code, checksum, identifier, sequence."""


async def probe_ping(probe: PingProbe, attempt: Attempt) -> Result:
    """Up as soon as so many requests are answered as must be."""
    addresses = await resolved(probe.host, 1, attempt)
    address = addresses.found[0]
    with closing(_opened(address, attempt.context.policy)) as opened:
        try:
            answered = await _exchange(probe, opened, 4 if address.family == socket.AF_INET else 6, attempt)
        except OSError as problem:
            raise Unreached(*reason_of(problem)) from None
    if answered < probe.replies:
        raise Found(Reason.NO_REPLY, f"{answered} of {probe.requests} requests were answered; asked: {probe.replies}")
    return attempt.result(Reason.OK)


def _opened(address: Address, policy: Policy) -> socket.socket:
    """A socket for echo requests to one address: the unprivileged kind where the system lets us, else a raw one."""
    protocol = PROTOCOL[4 if address.family == socket.AF_INET else 6]
    for kind in (socket.SOCK_DGRAM, socket.SOCK_RAW):
        try:
            return datagram(address, policy, kind=kind, protocol=protocol)
        except PermissionError:
            continue
        except OSError as problem:
            if problem.errno in _NO_ROUTE:
                raise Unreached(*reason_of(problem)) from None
            if kind == socket.SOCK_RAW:
                raise Found(Reason.RESOURCES, f"no socket for echo requests: {problem.strerror}") from None
    hint = "give it CAP_NET_RAW, or its group a place in net.ipv4.ping_group_range"
    raise Found(Reason.RESOURCES, f"this location may not send echo requests: {hint}")


async def _exchange(probe: PingProbe, opened: socket.socket, version: int, attempt: Attempt) -> int:
    """Send the requests in their rhythm and count the answers, until enough are there or the time is over."""
    loop = asyncio.get_running_loop()
    token = os.urandom(16)
    answered: set[int] = set()
    sent, first = 0, attempt.elapsed()
    while len(answered) < probe.replies and attempt.left():
        due = first + sent * probe.interval - attempt.elapsed()
        if sent < probe.requests and due <= 0:
            await loop.sock_sendall(opened, request(version, sent, token))
            sent += 1
            continue
        wait = min(due, attempt.left()) if sent < probe.requests else attempt.left()
        try:
            async with asyncio.timeout(wait / 1e6):
                sequence = sequence_of(await loop.sock_recv(opened, 2048), version, token)
        except TimeoutError:
            continue
        if sequence is not None:
            answered.add(sequence)
            if attempt.times.first_byte == UNTIMED:
                attempt.times.first_byte = attempt.elapsed()
    return len(answered)


def request(version: int, sequence: int, token: bytes) -> bytes:
    """An echo request (RFC 792, RFC 4443). The kernel writes the checksum of IPv6, and its own identifier where it
    keeps them."""
    identifier = int.from_bytes(token[:2], "big")
    head = HEAD.pack(ECHO_REQUEST[version], 0, 0, identifier, sequence)
    return HEAD.pack(ECHO_REQUEST[version], 0, checksum(head + token), identifier, sequence) + token


def sequence_of(packet: bytes, version: int, token: bytes) -> int | None:
    """The sequence number of a reply to one of our requests; None for everything else that a raw socket hears."""
    if version == 4 and packet[:1] and packet[0] >> 4 == 4 and len(packet) >= 20:
        packet = packet[(packet[0] & 15) * 4 :]  # raw sockets of IPv4 give the IP header as well
    if len(packet) < HEAD.size or packet[0] != ECHO_REPLY[version] or packet[HEAD.size :][: len(token)] != token:
        return None
    return int.from_bytes(packet[6:8], "big")


def checksum(packet: bytes) -> int:
    """The Internet checksum. RFC 1071"""
    padded = packet + b"\0" * (len(packet) % 2)
    total: int = sum(struct.unpack(f"!{len(padded) // 2}H", padded))
    total = (total >> 16) + (total & 0xFFFF)
    return ~(total + (total >> 16)) & 0xFFFF
