"""Texts of a check that look like a password, a token or a key that was written down: a guess, and a warning."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final
from urllib.parse import parse_qsl, urlsplit

from makegood.model.checks import Check, HttpProbe, SignalProbe, TcpProbe, WorkflowProbe

_HEADER: Final = re.compile(
    r"(proxy-)?authorization|cookie|.*(token|secret|api-?key|password|passwd|credential).*", re.IGNORECASE
)
_KEY: Final = re.compile(
    r"(pass(word|wd|phrase)?|pwd|secret|(access|auth|api|refresh|id)?[_-]?token|(api|access|private)[_-]?key|client[_-]?secret)",
    re.IGNORECASE,
)
_PAIR: Final = re.compile(
    rf"""(?<![A-Za-z0-9_-]){_KEY.pattern}["']?\s*[:=]\s*["']?(?P<value>[^\s"'&,{{}}]{{3,}})""", re.IGNORECASE
)
_KNOWN: Final = re.compile(
    r"gh[pousr]_[A-Za-z0-9]{20,}|github_pat_\w{20,}|glpat-[\w-]{16,}|[sr]k_live_\w{10,}|xox[abprs]-[\w-]{10,}"
    r"|AKIA[0-9A-Z]{16}|eyJ[\w-]{8,}\.[\w-]{8,}\.[\w-]*|-----BEGIN [A-Z ]*PRIVATE KEY"
)


def credentials(check: Check) -> Iterator[tuple[str, str]]:
    """What looks like a credential: the key under which it stands, and what it looks like in words; never itself."""
    match check.probe:
        case HttpProbe() as http:
            yield from _in_http(http)
        case WorkflowProbe(steps):
            for step in steps:
                yield from _in_http(step.http)
        case SignalProbe():
            yield from _in_headers(check.probe.headers)
            yield from _in_url(check.probe.url)
        case TcpProbe(send=send) if _KNOWN.search(send) or _PAIR.search(send):
            yield "send", "what is sent"
        case _:
            return


def _in_http(http: HttpProbe) -> Iterator[tuple[str, str]]:
    yield from _in_url(http.url)
    yield from _in_headers(http.headers)
    if _KNOWN.search(http.body) or _PAIR.search(http.body):
        yield "body", "the body"


def is_credential(name: str, value: str) -> bool:
    """Whether the value of a header looks like one, by the header's name or by itself."""
    return "{" not in value and bool(_HEADER.fullmatch(name) or _KNOWN.search(value))


def _in_headers(headers: tuple[tuple[str, str], ...]) -> Iterator[tuple[str, str]]:
    for name, value in headers:
        if is_credential(name, value):
            yield "headers", f"the header `{name}`"


def _in_url(url: str) -> Iterator[tuple[str, str]]:
    for name, value in parse_qsl(urlsplit(url).query):
        if "{" not in value and (_KEY.fullmatch(name) or _KNOWN.search(value)):
            yield "url", f"`{name}` in the URL"
    if _KNOWN.search(urlsplit(url).path):
        yield "url", "the URL"
