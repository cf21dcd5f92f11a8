"""ICMP: echo requests to this machine, and the packets they are made of."""

import asyncio
import os
import socket
import struct
from ipaddress import ip_network

import pytest

from makegood.model.checks import PingProbe
from makegood.model.results import UNTIMED, Reason, Result
from makegood.model.spans import SECOND
from makegood.probe.ping import checksum, request, sequence_of
from tests.probe.servers import probed

TOKEN = bytes(range(16))


def may_ping() -> bool:
    for kind in (socket.SOCK_DGRAM, socket.SOCK_RAW):
        try:
            socket.socket(socket.AF_INET, kind, socket.IPPROTO_ICMP).close()
        except PermissionError:
            continue
        return True
    return False


def run(probe: PingProbe, **options: object) -> Result:
    async def main() -> Result:
        return await probed(probe, **options)  # type: ignore[arg-type]

    return asyncio.run(main())


@pytest.mark.parametrize("host", ["127.0.0.1", "::1", "localhost"])
def test_this_machine_answers_or_tells_that_it_may_not_ask(host: str) -> None:
    result = run(PingProbe(host, requests=3, replies=2, interval=SECOND // 100))
    if may_ping():
        assert (result.reason, result.detail) == (Reason.OK, "")
        assert 0 <= result.first_byte <= result.total
    else:
        assert result.reason is Reason.RESOURCES
        assert "CAP_NET_RAW" in result.detail


@pytest.mark.skipif(not may_ping(), reason="this user may not send echo requests")
def test_who_does_not_answer_is_down_for_want_of_replies() -> None:
    # Linux answers no echo request that was sent to a broadcast address.
    result = run(
        PingProbe("127.255.255.255", requests=2, interval=SECOND // 100),
        timeout=SECOND // 4,
        allowed=(ip_network("127.0.0.0/8"),),
    )
    assert result.reason in (Reason.NO_REPLY, Reason.UNREACHABLE, Reason.RESOURCES), result.detail
    assert result.first_byte == UNTIMED


def test_fewer_replies_than_asked_for_are_counted_by_a_peer_that_answers_some() -> None:
    """The exchange itself, over a pair of sockets: the peer answers the first request only, and says other things."""
    from makegood.probe.attempt import begin
    from makegood.probe.ping import _exchange
    from tests.probe.servers import location

    async def main() -> int:
        here, there = socket.socketpair(socket.AF_UNIX, socket.SOCK_DGRAM)
        here.setblocking(False)
        there.setblocking(False)
        loop = asyncio.get_running_loop()

        async def peer() -> None:
            packet = await loop.sock_recv(there, 2048)
            reply = b"\0" + packet[1:]
            for noise in (packet, b"", b"\0\0", reply[:12] + os.urandom(12), reply, reply):
                await loop.sock_sendall(there, noise)

        answering = asyncio.ensure_future(peer())
        async with location() as context:
            found = await _exchange(PingProbe("x", 3, 2, SECOND // 100), here, 4, begin(context, SECOND // 4))
        await answering
        here.close()
        there.close()
        return found

    assert asyncio.run(main()) == 1


@pytest.mark.parametrize("version", [4, 6])
def test_a_reply_is_known_by_its_token_and_a_request_sums_to_nothing(version: int) -> None:
    packet = request(version, 7, TOKEN)
    assert checksum(packet) == 0
    reply = bytes([0 if version == 4 else 129]) + packet[1:]
    assert sequence_of(reply, version, TOKEN) == 7
    assert sequence_of(packet, version, TOKEN) is None, "our own request, heard on loopback"
    assert sequence_of(reply[:-1], version, TOKEN) is None
    assert sequence_of(reply, version, bytes(16)) is None


def test_the_header_that_raw_sockets_of_ipv4_give_is_skipped() -> None:
    reply = b"\0" + request(4, 3, TOKEN)[1:]
    head = struct.pack("!BBHHHBBH4s4s", 0x46, 0, 24 + len(reply), 0, 0, 64, 1, 0, bytes(4), bytes(4)) + bytes(4)
    assert sequence_of(head + reply, 4, TOKEN) == 3


def test_the_checksum_is_that_of_rfc_1071() -> None:
    assert checksum(bytes.fromhex("0001f203f4f5f6f7")) == 0xFFFF - 0xDDF2
    assert checksum(b"\x01") == 0xFEFF


def test_where_the_door_is_shut_nothing_is_sent() -> None:
    assert run(PingProbe("10.0.0.1")).reason is Reason.FORBIDDEN
    assert run(PingProbe("169.254.169.254"), allowed=(ip_network("0.0.0.0/0"),)).reason is Reason.FORBIDDEN
