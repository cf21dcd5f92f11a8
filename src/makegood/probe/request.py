"""One HTTP request with a fresh connection and what came of it, measured."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import pycurl

from makegood.door.redirect import REDIRECTS, Request, follow
from makegood.model.results import UNTIMED, Reason
from makegood.model.spans import Duration
from makegood.probe.attempt import Attempt, Found
from makegood.probe.certificate import Ending
from makegood.probe.curl_errors import finding_of
from makegood.probe.handles import Session

AGENT = "User-Agent: Makegood"
WITH_BODY = ("POST", "PUT", "PATCH")


@dataclass(frozen=True, slots=True)
class Reading:
    """What is read of an answer: at most `cap` bytes of the body, kept where `body`, and the headers where `headers`.

    `verify` is whether the certificate must be good. A `private` body has a secret or a captured value in it and is for
    one origin only.
    """

    cap: int = 1 << 20
    body: bool = True
    headers: bool = False
    verify: bool = True
    private: bool = False


@dataclass(frozen=True, slots=True)
class Answer:
    """What came: a status and as much of the body as is read, `cut` where there was more. `redirect` is its `Location`
    as it was sent, or "". `ending` is that of the certificates, None where they cannot be read; `secure` whether there
    are any."""

    status: int
    body: bytes
    cut: bool
    redirect: str
    headers: list[tuple[str, str]]
    secure: bool
    ending: Ending | None


async def get(session: Session, request: Request, reading: Reading, redirects: int, attempt: Attempt) -> Answer:
    """The answer to a request after at most so many redirects; with 0 the answer that redirects.

    Raises Found, Forbidden and Unreached where no answer comes."""
    answer = await _ask(session, request, reading, attempt)
    followed = 0
    while redirects and answer.redirect and answer.status in REDIRECTS:
        if followed == redirects:
            raise Found(Reason.REDIRECT, f"more than {redirects} redirects", answer.status)
        followed += 1
        onward = follow(request, answer.status, answer.redirect)
        if onward.body and reading.private and onward.target.origin != request.target.origin:
            raise Found(
                Reason.REDIRECT, f"a redirect to {onward.target.host}, which may not see what is sent", answer.status
            )
        request = onward
        answer = await _ask(session, request, reading, attempt)
    return answer


async def _ask(session: Session, request: Request, reading: Reading, attempt: Attempt) -> Answer:
    handles, curl = attempt.context.handles, session.curl
    before = attempt.elapsed()
    await session.aim(request.target, handles.policy, attempt)
    body, headers = _Body(reading.cap, reading.body), _Headers(reading.headers)
    _set(curl, request, attempt)
    curl.setopt(pycurl.WRITEFUNCTION, body.take)
    curl.setopt(pycurl.HEADERFUNCTION, headers.take)
    if request.target.scheme == "https":
        verify(curl, reading.verify, handles.trust.file)
        curl.setopt(pycurl.OPT_CERTINFO, 1)
    failed = await handles.perform(session, request.target)
    status = int(curl.getinfo(pycurl.RESPONSE_CODE))
    secure = request.target.scheme == "https"
    _time(session, attempt, before, secure)
    ending = ending_of(curl, request.target.host, attempt) if secure else None
    if failed is not None and not (body.cut and failed.code == pycurl.E_WRITE_ERROR):
        raise Found(*finding_of(failed.code, failed.message, curl, session.guard), status)
    return Answer(
        status,
        b"".join(body.chunks),
        body.cut,
        headers.location,
        headers.found,
        secure,
        ending,
    )


def _set(curl: pycurl.Curl, request: Request, attempt: Attempt) -> None:
    put: Any = curl.setopt
    put(pycurl.URL, request.target.url)
    put(pycurl.HTTP_VERSION, pycurl.CURL_HTTP_VERSION_1_1)
    put(pycurl.HTTP_CONTENT_DECODING, 0)
    put(pycurl.COOKIEFILE, "")
    put(pycurl.TIMEOUT_MS, max(1, attempt.left() // 1000))
    put(pycurl.CONNECTTIMEOUT_MS, max(1, attempt.left() // 1000))
    given = {name.lower() for name, _ in request.headers}
    lines = [f"{name}: {value}" if value else f"{name};" for name, value in request.headers]
    lines += [] if "accept-encoding" in given else ["Accept-Encoding: identity"]
    lines += [] if "user-agent" in given else [AGENT]
    if request.body or request.method in WITH_BODY:
        lines += ["Expect:"] if "content-type" in given else ["Expect:", "Content-Type:"]
        put(pycurl.POST, 1)
        put(pycurl.POSTFIELDSIZE_LARGE, len(request.body))
        put(pycurl.COPYPOSTFIELDS, request.body)
    if request.method == "HEAD":
        put(pycurl.NOBODY, 1)
    elif request.method != "GET" or request.body:
        put(pycurl.CUSTOMREQUEST, request.method)
    put(pycurl.HTTPHEADER, [line.encode() for line in lines])


def verify(curl: pycurl.Curl, wanted: bool, authorities: str) -> None:
    """Have the certificate and its name verified with these authorities, or take any."""
    if authorities:
        curl.setopt(pycurl.CAINFO, authorities)
    curl.setopt(pycurl.SSL_VERIFYPEER, int(wanted))
    curl.setopt(pycurl.SSL_VERIFYHOST, 2 if wanted else 0)


def ending_of(curl: pycurl.Curl, host: str, attempt: Attempt) -> Ending | None:
    """When the certificates that the other side sent end, which is noted; None where there are none to be read."""
    chain = tuple(value for one in curl.getinfo(pycurl.INFO_CERTINFO) for name, value in one if name == "Cert")
    found = attempt.context.handles.trust.ending(chain, host, attempt.begun) if chain else None
    if found is not None:
        attempt.shown(found.at)
    return found


def _time(session: Session, attempt: Attempt, before: Duration, secure: bool) -> None:
    """Write down how long the parts took: of the last connection, and since the probe began. curl gives 0 for what did
    not happen."""
    take_times(session, attempt, secure)
    curl, times = session.curl, attempt.times
    since = before + session.lookup
    if curl.getinfo(pycurl.RESPONSE_CODE):
        times.first_byte = since + int(curl.getinfo(pycurl.STARTTRANSFER_TIME_T))
    times.total = since + int(curl.getinfo(pycurl.TOTAL_TIME_T))


def take_times(session: Session, attempt: Attempt, secure: bool) -> None:
    """Write down how long it took to find the name, to connect and to shake hands."""
    curl, times = session.curl, attempt.times
    found = int(curl.getinfo(pycurl.NAMELOOKUP_TIME_T))
    joined = int(curl.getinfo(pycurl.CONNECT_TIME_T))
    shaken = int(curl.getinfo(pycurl.APPCONNECT_TIME_T))
    times.dns = session.lookup or found
    times.connect = joined - found if joined else UNTIMED
    times.tls = shaken - joined if secure and shaken else UNTIMED


@dataclass(slots=True)
class _Body:
    cap: int
    kept: bool
    size: int = 0
    cut: bool = False
    chunks: list[bytes] = field(default_factory=list)

    def take(self, chunk: bytes) -> int | None:
        self.size += len(chunk)
        if self.size <= self.cap:
            if self.kept:
                self.chunks.append(chunk)
            return None
        if self.kept:
            self.chunks.append(chunk[: len(chunk) - (self.size - self.cap)])
        self.cut = True
        return 0  # and so curl ends the transfer


class _Headers:
    """The headers of the last answer, or its first `Location` alone: those of an interim one (103) are forgotten."""

    def __init__(self, kept: bool) -> None:
        self._kept = kept
        self.location = ""
        self.found: list[tuple[str, str]] = []

    def take(self, line: bytes) -> None:
        if line.startswith(b"HTTP/"):
            self.location = ""
            self.found.clear()
        elif self._kept or line[:1] in b"lL":
            name, colon, value = line.decode("latin-1").partition(":")
            name, value = name.strip().lower(), value.strip()
            if colon and self._kept:
                self.found.append((name, value))
            if name == "location" and not self.location:
                self.location = value
