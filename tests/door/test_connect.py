"""Connections go to the very address that was checked, and say why there is none."""

from __future__ import annotations

import asyncio
import socket
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from makegood.door.connect import connect, datagram, open_socket
from makegood.door.fetch import fetch
from makegood.door.forbidden import Forbidden, Unreached
from makegood.door.policy import PUBLIC
from makegood.door.resolve import Address, Addresses
from makegood.model.results import UNTIMED, Reason
from tests.door.certificates import certified
from tests.door.serving import LOOPBACK, plain, serving


def addresses(*places: tuple[str, int]) -> Addresses:
    return Addresses("a.example", tuple(Address(socket.AF_INET, place) for place in places))


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port: int = taken.getsockname()[1]
        return port


@contextmanager
def silent(host: str) -> Iterator[int]:
    """The port of a listener that takes no connection any more: its queue is full, and attempts hang."""
    with socket.socket() as listening:
        listening.bind((host, 0))
        listening.listen(0)
        port = listening.getsockname()[1]
        fillers = [socket.socket() for _ in range(4)]
        try:
            for one in fillers:
                one.setblocking(False)
                one.connect_ex((host, port))
            yield port
        finally:
            for one in fillers:
                one.close()


async def answers(_: bytes, writer: asyncio.StreamWriter) -> None:
    writer.write(plain(b"hello"))


def test_a_connection_says_where_it_is_to_and_how_long_each_part_took() -> None:
    async def run() -> None:
        async with serving(answers) as port:
            made = await connect("localhost", port, LOOPBACK, 10)
            made.writer.write(b"GET / HTTP/1.1\r\n\r\n")
            assert (await made.reader.read()).endswith(b"hello")
            made.writer.close()
            assert made.address.where == ("127.0.0.1", port)
            assert made.writer.get_extra_info("peername") == ("127.0.0.1", port)
            assert made.addresses.took > 0
            assert made.connect > 0
            assert made.tls == UNTIMED

    asyncio.run(run())


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "::1", "::ffff:127.0.0.1", "10.0.0.1"])
def test_a_forbidden_address_is_not_connected_to(host: str) -> None:
    with pytest.raises(Forbidden):
        asyncio.run(connect(host, 80, PUBLIC, 10))


def test_addresses_are_checked_again_by_the_one_who_connects() -> None:
    with pytest.raises(Forbidden, match=r"a\.example: 127\.0\.0\.1 is not public"):
        asyncio.run(open_socket(addresses(("8.8.8.8", 80), ("127.0.0.1", 80)), PUBLIC, 10))


@pytest.mark.parametrize("port", [0, -1, 65_536])
def test_what_is_no_port_is_refused(port: int) -> None:
    with pytest.raises(Forbidden, match="is no port"):
        asyncio.run(connect("127.0.0.1", port, LOOPBACK, 10))


def test_nobody_at_the_port_is_refused() -> None:
    with pytest.raises(Unreached) as failed:
        asyncio.run(connect("127.0.0.1", free_port(), LOOPBACK, 10))
    assert failed.value.reason is Reason.REFUSED


def test_nobody_who_answers_is_a_connect_timeout() -> None:
    with silent("127.0.0.1") as port, pytest.raises(Unreached) as failed:
        asyncio.run(connect("127.0.0.1", port, LOOPBACK, 0.3))
    assert failed.value.reason is Reason.CONNECT_TIMEOUT


def test_the_next_address_is_tried_where_the_first_refuses() -> None:
    async def run() -> Address:
        async with serving(answers) as port:
            opened, address = await open_socket(
                addresses(("127.0.0.1", free_port()), ("127.0.0.1", port)), LOOPBACK, 10
            )
            with opened:
                assert opened.getpeername() == address.where == ("127.0.0.1", port)
            return address

    asyncio.run(run())


def test_the_next_address_is_tried_beside_a_first_that_hangs() -> None:
    async def run() -> None:
        with silent("127.0.0.1") as hanging:
            async with serving(answers) as port:
                places = addresses(("127.0.0.1", hanging), ("127.0.0.1", port))
                opened, address = await open_socket(places, LOOPBACK, 60)
                with opened:
                    assert address.where == ("127.0.0.1", port)

    asyncio.run(run())


def test_what_happened_at_the_first_address_is_told_where_all_fail() -> None:
    with pytest.raises(Unreached) as failed:
        asyncio.run(open_socket(addresses(("127.0.0.1", free_port()), ("127.0.0.1", free_port())), LOOPBACK, 10))
    assert failed.value.reason is Reason.REFUSED


@pytest.mark.parametrize(
    ("address", "days", "reason"),
    [("127.0.0.1", 30, None), ("127.0.0.2", 30, Reason.CERTIFICATE), ("127.0.0.1", -1, Reason.CERTIFICATE_EXPIRED)],
)
def test_a_handshake_verifies_the_certificate(tmp_path: Path, address: str, days: int, reason: Reason | None) -> None:
    trusted, server = certified(tmp_path, address, days)

    async def by_streams() -> Reason | None:
        async with serving(answers, server) as port:
            try:
                made = await connect("127.0.0.1", port, LOOPBACK, 10, ssl.create_default_context(cafile=trusted))
            except Unreached as failed:
                return failed.reason
            assert made.tls > 0
            made.writer.close()
            return None

    async def by_fetch(authorities: str) -> Reason | None:
        async with serving(answers, server) as port:
            url = f"https://127.0.0.1:{port}/"
            try:
                found = await fetch("GET", url, policy=LOOPBACK, cap=10, timeout=10, authorities=authorities)
            except Unreached as failed:
                return failed.reason
            assert found.body == b"hello"
            return None

    assert asyncio.run(by_streams()) is reason
    assert asyncio.run(by_fetch(str(trusted))) is reason
    assert asyncio.run(by_fetch("")) is Reason.CERTIFICATE  # the system trusts none of them


def test_a_server_without_tls_fails_the_handshake() -> None:
    async def run() -> Reason:
        async def speaks(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            writer.write(b"220 welcome\r\n")
            await reader.read(1)
            writer.close()

        server = await asyncio.start_server(speaks, "127.0.0.1", 0)
        port = server.sockets[0].getsockname()[1]
        try:
            await connect("127.0.0.1", port, LOOPBACK, 10, ssl.create_default_context())
        except Unreached as failed:
            return failed.reason
        finally:
            server.close()
        raise AssertionError

    assert asyncio.run(run()) is Reason.TLS


def test_a_handshake_that_hangs_ends_with_the_time() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        port = listening.getsockname()[1]
        with pytest.raises(Unreached) as failed:
            asyncio.run(connect("127.0.0.1", port, LOOPBACK, 0.3, ssl.create_default_context()))
    assert failed.value.reason is Reason.TIMEOUT


def test_a_datagram_goes_to_its_address_and_hears_no_other() -> None:
    with (
        socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as server,
        socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as other,
    ):
        server.bind(("127.0.0.1", 0))
        with datagram(Address(socket.AF_INET, server.getsockname()), LOOPBACK) as opened:
            opened.send(b"ask")
            text, sender = server.recvfrom(10)
            other.sendto(b"forged", sender)
            server.sendto(b"told", sender)
            opened.settimeout(10)
            assert (text, opened.recv(10)) == (b"ask", b"told")
            with pytest.raises(Forbidden):
                datagram(Address(socket.AF_INET, server.getsockname()), PUBLIC)
