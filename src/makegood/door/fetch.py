"""One bounded request, for what talks to one place now and then: webhooks, Prometheus, stamps, an agent's hub."""

from __future__ import annotations

import re
import time
from dataclasses import dataclass, field
from typing import Any

import pycurl

from makegood.door.curl import Guard, aim, guard, reason
from makegood.door.forbidden import Forbidden, Unreached
from makegood.door.policy import Policy
from makegood.door.redirect import REDIRECTS, Headers, Request, follow
from makegood.door.resolve import resolve
from makegood.door.target import read_url
from makegood.model.results import Reason

MOST_HEADERS = 1 << 16
"""Bytes of headers, and trailers, that an answer may have."""

_TOKEN = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+\Z")
_VALUE = re.compile(r"[\t\x20-\x7e\x80-\xff]*\Z")
_FRAMING = frozenset({"content-length", "transfer-encoding", "connection", "upgrade", "te", "trailer", "expect"})


@dataclass(frozen=True, slots=True)
class Fetched:
    """An answer. `headers` have lower-case names; `body` are bytes as sent, and all of them where `whole`, else as many
    as were asked for. `url` is where it came from in the end."""

    status: int
    headers: Headers
    body: bytes
    whole: bool
    url: str

    def header(self, name: str) -> str:
        """The first value of a header, or nothing."""
        return next((value for known, value in self.headers if known == name.lower()), "")


async def fetch(
    method: str,
    url: str,
    headers: Headers = (),
    body: bytes = b"",
    *,
    policy: Policy,
    cap: int,
    timeout: float,
    redirects: int = 0,
    authorities: str = "",
) -> Fetched:
    """Sends one request and gives the answer, whatever its status.

    At most `cap` bytes of the body are read, undecoded (no content coding is asked for, and none is undone). `timeout`
    are seconds for everything together: names, redirects, the last byte. With `redirects` 0 an answer that redirects is
    given as it is. There are no cookies and no proxies. `authorities` is a file of certificates to trust instead of the
    system's. Raises Forbidden, Unreached, or ValueError for a method or header that cannot be sent.
    """
    request = Request(_method(method), read_url(url), _sendable(headers), body)
    end = time.monotonic() + timeout
    for left in range(redirects, -1, -1):
        answer = await _once(request, policy, cap, end, authorities)
        location = answer.header("location")
        if not redirects or answer.status not in REDIRECTS or not location:
            return answer
        if left:
            request = follow(request, answer.status, location)
    raise Unreached(Reason.REDIRECT, f"more than {redirects} redirects")


@dataclass(slots=True)
class _Answer:
    """What has arrived so far. `full` says that the body is longer than its cap, `flooded` that the headers are."""

    cap: int
    lines: list[bytes] = field(default_factory=list)
    body: bytearray = field(default_factory=bytearray)  # one, so that a body in crumbs takes no more memory
    headers: int = 0
    full: bool = False
    flooded: bool = False

    def line(self, line: bytes) -> int | None:
        self.headers += len(line)
        if self.headers > MOST_HEADERS:
            self.flooded = True
            return -1
        if line.startswith(b"HTTP/"):
            self.lines = []
        self.lines.append(line)
        return None

    def chunk(self, chunk: bytes) -> int | None:
        room = self.cap - len(self.body)
        self.full = len(chunk) > room
        self.body += chunk[:room] if self.full else chunk
        return -1 if self.full else None


async def _once(request: Request, policy: Policy, cap: int, end: float, authorities: str) -> Fetched:
    target = request.target
    addresses = await resolve(target.host, target.port, policy, end - time.monotonic())
    handle, multi, answer = pycurl.Curl(), pycurl.AsyncCurlMulti(), _Answer(cap)
    watching = guard(handle, policy)
    try:
        _prepare(handle, request, answer, end - time.monotonic(), authorities)
        aim(handle, target, addresses)
        try:
            await multi.perform(handle)
        except pycurl.error as problem:
            if not answer.full:
                raise _failure(handle, watching, answer, target.host, problem) from None
        status = int(handle.getinfo(pycurl.RESPONSE_CODE))
        return Fetched(status, _headers(answer.lines), bytes(answer.body), not answer.full, target.url)
    finally:
        await multi.aclose()
        handle.close()


def _failure(
    handle: pycurl.Curl, watching: Guard, answer: _Answer, host: str, problem: pycurl.error
) -> Forbidden | Unreached:
    if (refusal := watching.refusal(host)) is not None:
        return refusal
    if answer.flooded:
        return Unreached(Reason.PROTOCOL, f"more than {MOST_HEADERS:,} bytes of headers")
    return Unreached(*reason(handle, watching, problem.args[0], str(problem.args[1])))


def _prepare(handle: pycurl.Curl, request: Request, answer: _Answer, timeout: float, authorities: str) -> None:
    put: Any = handle.setopt
    put(pycurl.HTTP_VERSION, pycurl.CURL_HTTP_VERSION_1_1)
    if request.body or request.method in ("POST", "PUT", "PATCH"):
        put(pycurl.POST, 1)
        put(pycurl.POSTFIELDS, request.body)  # with its length, so that it may hold any byte
    if request.method == "HEAD":
        put(pycurl.NOBODY, 1)
    else:
        put(pycurl.CUSTOMREQUEST, request.method)
    given = {name.lower() for name, _ in request.headers}
    own = [f"{name}: {value}" if value else f"{name};" for name, value in request.headers]
    own += [] if "accept-encoding" in given else ["Accept-Encoding: identity"]
    own += [] if "user-agent" in given else ["User-Agent: makegood"]
    own += [] if "content-type" in given else ["Content-Type:"]
    put(pycurl.HTTPHEADER, [line.encode("latin-1") for line in [*own, "Expect:"]])
    put(pycurl.HEADERFUNCTION, answer.line)
    put(pycurl.WRITEFUNCTION, answer.chunk)
    put(pycurl.TIMEOUT_MS, max(1, int(timeout * 1_000)))
    put(pycurl.CONNECTTIMEOUT_MS, max(1, int(timeout * 1_000)))
    if authorities:
        put(pycurl.CAINFO, authorities)


def _method(method: str) -> str:
    if not _TOKEN.match(method) or method.upper() in ("CONNECT", "TRACE"):
        raise ValueError("the method is none that can be sent")
    return method.upper()


def _sendable(headers: Headers) -> Headers:
    for name, value in headers:
        if not _TOKEN.match(name):
            raise ValueError("a header's name holds characters that it may not")
        if not _VALUE.match(value):
            raise ValueError(f"the header {name} holds characters that it may not")
        if name.lower() in _FRAMING:
            raise ValueError(f"the header {name} is set by the request itself")
    return headers


def _headers(lines: list[bytes]) -> Headers:
    found: list[tuple[str, str]] = []
    for line in lines[1:]:
        name, colon, value = line.decode("latin-1").rstrip("\r\n").partition(":")
        if colon:
            found.append((name.strip().lower(), value.strip()))
    return tuple(found)
