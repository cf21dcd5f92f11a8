"""One request, bounded in bytes and in time, whatever the other side does."""

from __future__ import annotations

import asyncio
import gzip
import os
import socket
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from makegood.door.fetch import MOST_HEADERS, Fetched, fetch
from makegood.door.forbidden import Forbidden, Unreached
from makegood.door.policy import PUBLIC
from makegood.model.results import Reason
from tests.door.serving import LOOPBACK, Answers, plain, serving

ROOT = Path(__file__).parents[2]


def fetched(answers: Answers, path: str = "/", method: str = "GET", **more: Any) -> Fetched:
    """What one request to a server brings that answers so."""

    async def run() -> Fetched:
        async with serving(answers) as port:
            given: dict[str, Any] = {"policy": LOOPBACK, "cap": 1_000, "timeout": 10.0} | more
            return await fetch(method, f"http://127.0.0.1:{port}{path}", **given)

    return asyncio.run(run())


def always(answer: bytes, seen: list[bytes] | None = None) -> Answers:
    async def answers(request: bytes, writer: asyncio.StreamWriter) -> None:
        if seen is not None:
            seen.append(request)
        writer.write(answer)

    return answers


async def endless(writer: asyncio.StreamWriter, piece: bytes, pause: float = 0.0) -> None:
    while True:
        writer.write(piece)
        await writer.drain()
        await asyncio.sleep(pause)


def test_an_answer_is_given_as_it_was_sent() -> None:
    found = fetched(always(plain(b"no", b"X-A: 1", b"x-a: 2", status=b"404 Not Found")))
    assert (found.status, found.body, found.whole) == (404, b"no", True)
    assert [value for name, value in found.headers if name == "x-a"] == ["1", "2"]
    assert (found.header("X-A"), found.header("x-b")) == ("1", "")


def test_a_request_is_what_was_asked_for_and_nothing_of_the_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:1/")
    seen: list[bytes] = []
    fetched(always(plain(b""), seen), "/a?b", "put", headers=(("X-Empty", ""), ("X-B", "ü")), body=b"text")
    head, _, body = seen[0].partition(b"\r\n\r\n")
    lines = head.split(b"\r\n")
    assert lines[0] == b"PUT /a?b HTTP/1.1"
    assert lines[1].startswith(b"Host: 127.0.0.1:")
    assert sorted(lines[2:]) == [
        b"Accept-Encoding: identity",
        b"Accept: */*",
        b"Content-Length: 4",
        b"User-Agent: makegood",
        b"X-B: \xfc",
        b"X-Empty:",
    ]
    assert body == b"text"


@pytest.mark.parametrize("body", [bytes(range(256)), b"\0", b"a" * 300_000], ids=["every byte", "null", "long"])
def test_a_body_may_hold_any_byte(body: bytes) -> None:
    seen: list[bytes] = []
    assert fetched(always(plain(b""), seen), method="POST", body=body).status == 200
    assert seen[0].partition(b"\r\n\r\n")[2] == body


@pytest.mark.parametrize("method", ["GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "HEAD"])
def test_every_method_goes_out_as_it_is(method: str) -> None:
    seen: list[bytes] = []
    assert fetched(always(plain(b""), seen), method=method).status == 200
    assert seen[0].split(b" ")[0] == method.encode()


@pytest.mark.parametrize(
    ("method", "headers"),
    [
        ("GET /", ()),
        ("CONNECT", ()),
        ("GET", (("X\r\nY", "a"),)),
        ("GET", (("X", "a\r\nY: b"),)),
        ("GET", (("X", "a\0"),)),
        ("GET", (("X", "€"),)),
        ("GET", (("", "a"),)),
        ("GET", (("Content-Length", "5"),)),
        ("GET", (("Transfer-Encoding", "chunked"),)),
    ],
)
def test_what_would_break_the_request_is_refused_without_its_value(method: str, headers: tuple[Any, ...]) -> None:
    with pytest.raises(ValueError, match=r"character|sent|set by") as refused:
        fetched(always(plain(b"")), method=method, headers=headers)
    assert "Y: b" not in str(refused.value)


def test_no_cookie_is_kept() -> None:
    seen: list[bytes] = []

    async def run() -> None:
        async with serving(always(plain(b"", b"Set-Cookie: a=b; Path=/"), seen)) as port:
            for _ in range(2):
                await fetch("GET", f"http://127.0.0.1:{port}/", policy=LOOPBACK, cap=10, timeout=5)

    asyncio.run(run())
    assert [b"cookie" in request.lower() for request in seen] == [False, False]


def test_a_coded_body_stays_as_it_was_sent() -> None:
    coded = gzip.compress(b"x" * 100_000)
    found = fetched(always(plain(coded, b"Content-Encoding: gzip")))
    assert (found.body, found.whole) == (coded, True)


@pytest.mark.parametrize(("size", "whole"), [(999, True), (1_000, True), (1_001, False), (200_000, False)])
def test_a_body_is_cut_at_the_cap(size: int, whole: bool) -> None:
    found = fetched(always(plain(b"x" * size)))
    assert (len(found.body), found.whole, found.status) == (min(size, 1_000), whole, 200)


def test_a_body_without_an_end_is_cut_at_the_cap_and_read_no_further() -> None:
    sent = 0

    async def answers(_: bytes, writer: asyncio.StreamWriter) -> None:
        nonlocal sent
        writer.write(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
        while True:
            writer.write(b"1000\r\n" + b"x" * 4096 + b"\r\n")
            await writer.drain()
            sent += 4096

    found = fetched(answers)
    assert (len(found.body), found.whole) == (1_000, False)
    assert sent < 20_000_000  # what the system holds on its way


def test_a_body_that_drips_ends_with_the_time() -> None:
    async def answers(_: bytes, writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 900\r\n\r\n")
        await endless(writer, b"x", 0.05)

    with pytest.raises(Unreached) as late:
        fetched(answers, timeout=0.6)
    assert late.value.reason is Reason.TIMEOUT


@pytest.mark.parametrize(
    "piece",
    [b"X-Filler: " + b"y" * 1_000 + b"\r\n", b"HTTP/1.1 103 Early Hints\r\nLink: " + b"y" * 1_000 + b"\r\n\r\n"],
    ids=["headers", "early answers"],
)
def test_endless_headers_end_at_their_cap(piece: bytes) -> None:
    async def answers(_: bytes, writer: asyncio.StreamWriter) -> None:
        writer.write(b"" if piece.startswith(b"HTTP") else b"HTTP/1.1 200 OK\r\n")
        await endless(writer, piece)

    with pytest.raises(Unreached, match=f"{MOST_HEADERS:,} bytes of headers") as refused:
        fetched(answers)
    assert refused.value.reason is Reason.PROTOCOL


def test_one_endless_header_line_ends_too() -> None:
    async def answers(_: bytes, writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 200 OK\r\nX: ")
        await endless(writer, b"y" * 4096)

    with pytest.raises(Unreached) as refused:
        fetched(answers)
    assert refused.value.reason is Reason.PROTOCOL


def test_endless_trailers_end_too() -> None:
    async def answers(_: bytes, writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n0\r\n")
        await endless(writer, b"X-Filler: " + b"y" * 1_000 + b"\r\n")

    with pytest.raises(Unreached):
        fetched(answers)


@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        (b"", Reason.RESET),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf", Reason.RESET),
        (b"SSH-2.0-OpenSSH_9.2\r\n\r\n", Reason.PROTOCOL),
        (b"<html>old</html>", Reason.PROTOCOL),
    ],
)
def test_an_answer_that_is_none_has_its_reason(answer: bytes, reason: Reason) -> None:
    with pytest.raises(Unreached) as failed:
        fetched(always(answer))
    assert failed.value.reason is reason


def test_nobody_at_the_port_is_refused_and_no_name_is_dns() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]

    async def reason(url: str) -> Reason:
        with pytest.raises(Unreached) as failed:
            await fetch("GET", url, policy=LOOPBACK, cap=10, timeout=10)
        return failed.value.reason

    assert asyncio.run(reason(f"http://127.0.0.1:{port}/")) is Reason.REFUSED
    assert asyncio.run(reason("http://no-such-name.invalid/")) is Reason.DNS


def test_a_forbidden_address_is_refused_before_anything_is_sent() -> None:
    seen: list[bytes] = []
    with pytest.raises(Forbidden, match=r"127\.0\.0\.1 is not public: this machine itself"):
        fetched(always(plain(b""), seen), policy=PUBLIC)
    assert seen == []


def test_redirects_are_followed_only_as_far_as_asked() -> None:
    async def answers(request: bytes, writer: asyncio.StreamWriter) -> None:
        number = int(request.split(b" ")[1][1:] or b"0")
        location = b"Location: /%d" % (number + 1)
        writer.write(plain(b"there") if number == 3 else plain(b"", location, status=b"302 Found"))

    assert fetched(answers, "/0").status == 302
    found = fetched(answers, "/0", redirects=3)
    assert (found.status, found.body, found.url.rpartition("/")[2]) == (200, b"there", "3")
    with pytest.raises(Unreached) as failed:
        fetched(answers, "/0", redirects=2)
    assert failed.value.reason is Reason.REDIRECT


def test_a_redirect_to_a_forbidden_address_reaches_nothing() -> None:
    with pytest.raises(Forbidden, match=r"10\.0\.0\.1 is not public"):
        fetched(always(plain(b"", b"Location: http://10.0.0.1/", status=b"307 Temporary Redirect")), redirects=5)


def test_time_is_shared_by_all_redirects() -> None:
    async def answers(_: bytes, writer: asyncio.StreamWriter) -> None:
        await asyncio.sleep(0.2)
        writer.write(plain(b"", b"Location: /again", status=b"302 Found"))

    with pytest.raises(Unreached) as late:
        fetched(answers, redirects=1_000, timeout=1.0)
    assert late.value.reason is Reason.TIMEOUT


def test_a_fetch_that_is_cancelled_leaves_nothing_open() -> None:
    async def answers(_: bytes, writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 900\r\n\r\n")
        await endless(writer, b"x", 0.05)

    async def run() -> tuple[int, int]:
        async with serving(answers) as port:
            url, before = f"http://127.0.0.1:{port}/", len(os.listdir("/proc/self/fd"))  # noqa: PTH208 - the descriptors
            for _ in range(5):
                task = asyncio.create_task(fetch("GET", url, policy=LOOPBACK, cap=1_000, timeout=30))
                await asyncio.sleep(0.1)
                task.cancel()
                await asyncio.wait([task])
                assert task.cancelled()
            await asyncio.sleep(0.2)  # the server's side closes
            return before, len(os.listdir("/proc/self/fd"))  # noqa: PTH208 - the descriptors

    before, after = asyncio.run(run())
    assert after <= before


def bombed(*arguments: str) -> list[str]:
    """The most memory that a process held, bytes; the length of the body; and whether it was whole."""
    command = [sys.executable, "-m", "tests.door.bombed", *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=True, cwd=ROOT, timeout=60).stdout.split()


@pytest.mark.parametrize("bomb", ["gzip", "plain", "headers", "crumbs"])
def test_ten_gigabytes_stay_under_64_mebibytes_of_memory(bomb: str) -> None:
    peak, body, whole = bombed(bomb)
    assert int(peak) < 64 << 20, f"{int(peak) / (1 << 20):.0f} MiB"
    assert (int(body), whole) == ((0, "-") if bomb == "headers" else (1 << 20, "False"))


def test_memory_that_is_used_is_seen() -> None:
    peak, body, _ = bombed("plain", str(100_000_000))
    assert int(peak) > int(body) == 100_000_000
