"""A guarded handle connects to nothing but what its policy lets pass, however libcurl came to the address."""

from __future__ import annotations

import asyncio
import resource
import socket
from pathlib import Path
from typing import Any

import pycurl
import pytest

from makegood.door.curl import Guard, aim, authorities, guard, reason
from makegood.door.policy import PUBLIC, Policy, networks
from makegood.door.resolve import Address, Addresses
from makegood.door.target import read_url
from makegood.model.results import Reason
from tests.door.serving import LOOPBACK, plain, serving


class Handle:
    """A guarded handle and what came of its last transfer."""

    def __init__(self, policy: Policy = LOOPBACK) -> None:
        self.curl = pycurl.Curl()
        self.watching = guard(self.curl, policy)
        self.body = b""
        self.put: Any = self.curl.setopt
        self.put(pycurl.WRITEFUNCTION, self._write)

    def _write(self, text: bytes) -> None:
        self.body += text

    async def run(self, multi: pycurl.AsyncCurlMulti, url: str = "") -> Reason:
        self.body = b""
        self.watching.clear()
        if url:
            self.put(pycurl.URL, url)
        try:
            await multi.perform(self.curl)
        except pycurl.error as problem:
            if self.watching.refusal() is not None:
                return Reason.FORBIDDEN
            return reason(self.curl, self.watching, problem.args[0], problem.args[1])[0]
        return Reason.OK


async def where(_: bytes, writer: asyncio.StreamWriter) -> None:
    writer.write(plain(writer.get_extra_info("sockname")[0].encode()))


def pinned(port: int, *ips: str) -> Addresses:
    found = [
        Address(socket.AF_INET6, (ip, port, 0, 0)) if ":" in ip else Address(socket.AF_INET, (ip, port)) for ip in ips
    ]
    return Addresses("same.example", tuple(found))


def test_a_handle_goes_where_its_addresses_say_and_asks_for_no_name() -> None:
    async def run() -> None:
        handle = Handle()
        async with serving(where) as port, pycurl.AsyncCurlMulti() as multi:
            for host in ("same.example", "same.example.", "x_y.example"):
                aim(handle.curl, read_url(f"http://{host}:{port}/"), pinned(port, "127.0.0.1"))
                assert await handle.run(multi) is Reason.OK
                assert handle.body == b"127.0.0.1"

    asyncio.run(run())


def test_handles_of_one_name_go_each_to_its_own_address() -> None:
    async def run() -> None:
        server = await asyncio.start_server(answer, "0.0.0.0", 0, backlog=500)
        port = server.sockets[0].getsockname()[1]
        async with pycurl.AsyncCurlMulti() as multi:

            async def one(number: int) -> None:
                handle = Handle()
                for ip in (f"127.0.1.{number}", f"127.0.2.{number}"):
                    aim(handle.curl, read_url(f"http://same.example:{port}/"), pinned(port, ip))
                    assert await handle.run(multi) is Reason.OK
                    assert handle.body == ip.encode()

            await asyncio.gather(*(one(number) for number in range(1, 101)))
        server.close()

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await where(await reader.readuntil(b"\r\n\r\n"), writer)
        await writer.drain()
        writer.close()

    asyncio.run(run())


def test_the_guard_looks_at_addresses_that_were_given_as_well() -> None:
    async def run() -> None:
        handle = Handle(PUBLIC)
        async with serving(where) as port, pycurl.AsyncCurlMulti() as multi:
            aim(handle.curl, read_url(f"http://same.example:{port}/"), pinned(port, "127.0.0.1", "::1"))
            assert await handle.run(multi) is Reason.FORBIDDEN
            assert sorted(handle.watching.refused) == ["127.0.0.1", "::1"]
            assert handle.watching.opened == 0

    asyncio.run(run())


def test_an_address_that_is_forbidden_is_passed_over_for_one_that_is_not() -> None:
    async def run() -> None:
        handle = Handle(Policy(networks(["127.0.0.1"])))
        async with serving(where) as port, pycurl.AsyncCurlMulti() as multi:
            aim(handle.curl, read_url(f"http://same.example:{port}/"), pinned(port, "::1", "127.0.0.2", "127.0.0.1"))
            assert await handle.run(multi) is Reason.OK
            assert handle.body == b"127.0.0.1"
            assert handle.watching.refusal() is None

    asyncio.run(run())


def test_a_refusal_says_which_host_led_to_which_address() -> None:
    watching = Guard(PUBLIC)
    assert watching.refusal() is None
    assert watching.open(0, (socket.AF_INET, socket.SOCK_STREAM, 6, ("10.0.0.1", 80))) == pycurl.SOCKET_BAD
    assert str(watching.refusal("a.example")).startswith("a.example: 10.0.0.1 is not public: private (10.0.0.0/8)")
    assert str(watching.refusal("10.0.0.1")).startswith("10.0.0.1 is not public")
    watching.clear()
    assert watching.refusal() is None


@pytest.mark.parametrize(
    "address",
    [
        (socket.AF_UNIX, socket.SOCK_STREAM, 0, b"/run/x.sock"),
        (socket.AF_INET, socket.SOCK_DGRAM, 17, ("8.8.8.8", 80)),
        (socket.AF_INET, socket.SOCK_RAW, 1, ("8.8.8.8", 0)),
        (99, socket.SOCK_STREAM, 0, b""),
    ],
)
def test_sockets_of_other_kinds_are_refused(address: Any) -> None:
    watching = Guard(Policy(networks(["0.0.0.0/0"])))
    assert watching.open(0, address) == pycurl.SOCKET_BAD
    assert str(watching.refusal()) == "the connection is none by TCP to an IP address"


def test_a_unix_socket_is_not_reached_through_libcurl(tmp_path: Path) -> None:
    async def run() -> tuple[Reason, bool]:
        reached = asyncio.Event()

        async def answer(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            reached.set()
            writer.close()

        server = await asyncio.start_unix_server(answer, tmp_path / "s")
        handle = Handle()
        handle.put(pycurl.UNIX_SOCKET_PATH, str(tmp_path / "s"))
        async with pycurl.AsyncCurlMulti() as multi:
            found = await handle.run(multi, "http://localhost/")
        server.close()
        return found, reached.is_set()

    assert asyncio.run(run()) == (Reason.FORBIDDEN, False)


@pytest.mark.parametrize("url", ["file:///etc/passwd", "dict://127.0.0.1/", "gopher://127.0.0.1/", "ftp://127.0.0.1/"])
def test_other_schemes_are_no_protocol_of_a_guarded_handle(url: str) -> None:
    async def run() -> tuple[Reason, bytes]:
        handle = Handle()
        async with pycurl.AsyncCurlMulti() as multi:
            return await handle.run(multi, url), handle.body

    assert asyncio.run(run()) == (Reason.PROTOCOL, b"")


def test_descriptors_that_ran_out_are_our_own_fault() -> None:
    watching = Guard(LOOPBACK)
    limits = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (3, limits[1]))
    try:
        made = watching.open(0, (socket.AF_INET, socket.SOCK_STREAM, 6, ("127.0.0.1", 80)))
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, limits)
    assert made == pycurl.SOCKET_BAD
    assert watching.refusal() is None
    found, _ = reason(pycurl.Curl(), watching, pycurl.E_COULDNT_CONNECT, "")
    assert found is Reason.RESOURCES


def test_a_socket_that_was_handed_over_closes_when_it_is_let_go() -> None:
    watching = Guard(LOOPBACK)
    made = watching.open(0, (socket.AF_INET, socket.SOCK_STREAM, 6, ("127.0.0.1", 80)))
    number = made.fileno()
    del made
    with pytest.raises(OSError, match="Bad file descriptor"):
        socket.socket(fileno=number)


def test_nothing_of_the_environment_is_used(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("http_proxy", "https_proxy", "all_proxy", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:1/")

    async def run() -> None:
        handle = Handle()
        async with serving(where) as port, pycurl.AsyncCurlMulti() as multi:
            assert await handle.run(multi, f"http://127.0.0.1:{port}/") is Reason.OK

    asyncio.run(run())


def test_what_a_handle_was_set_to_before_does_not_count() -> None:
    async def answers(request: bytes, writer: asyncio.StreamWriter) -> None:
        path = request.split(b" ")[1]
        headers = (b"Content-Encoding: gzip", b"Location: /elsewhere")
        writer.write(plain(path, *headers, status=b"302 Found"))

    async def run() -> tuple[Reason, bytes, int]:
        handle = Handle()
        handle.put(pycurl.FOLLOWLOCATION, 1)
        handle.put(pycurl.ACCEPT_ENCODING, "")
        handle.watching = guard(handle.curl, LOOPBACK)
        async with serving(answers) as port, pycurl.AsyncCurlMulti() as multi:
            aim(handle.curl, read_url(f"http://same.example:{port}/a/../b/./c"), pinned(port, "127.0.0.1"))
            return await handle.run(multi), handle.body, handle.curl.getinfo(pycurl.RESPONSE_CODE)

    assert asyncio.run(run()) == (Reason.OK, b"/a/../b/./c", 302)


def test_authorities_are_a_file_there_is() -> None:
    assert authorities() == "" or Path(authorities()).stat().st_size > 0
