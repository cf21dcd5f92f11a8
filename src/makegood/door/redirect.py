"""Where an answer that redirects leads, and what of a request may go along."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from urllib.parse import quote, urljoin

from makegood.door.forbidden import Forbidden, Unreached
from makegood.door.target import ODD, Target, read_url
from makegood.model.results import Reason

REDIRECTS = frozenset({301, 302, 303, 307, 308})
"""The codes that redirect where the answer names a location."""

GOES_ALONG = frozenset({"accept", "accept-encoding", "accept-language", "content-type", "user-agent"})
"""Headers that another origin gets as well. Any other one could be a credential, whatever its name."""

_OF_A_BODY = frozenset({"content-type", "content-language", "content-location", "content-encoding"})

_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:")

Headers = tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Request:
    """One request as it goes out."""

    method: str
    target: Target
    headers: Headers = ()
    body: bytes = b""


def follow(request: Request, status: int, location: str) -> Request:
    """The request that follows an answer with one of REDIRECTS and a `Location`, which is decoded as headers are, each
    byte a character (Latin-1).

    303 becomes a GET without a body, 301 and 302 do so of a POST, 307 and 308 repeat the request (RFC 9110, 15.4).
    Another origin gets no header beyond GOES_ALONG, and no body goes from https to http. Raises Unreached (REDIRECT)
    where the location is no URL that may be followed; whether its address may be reached is found at connect.
    """
    target = _located(request.target, _written(location.strip(" \t")))
    following = replace(request, target=target)
    if (status == 303 and request.method != "HEAD") or (status in (301, 302) and request.method == "POST"):
        kept = tuple((name, value) for name, value in request.headers if name.lower() not in _OF_A_BODY)
        following = replace(following, method="GET", headers=kept, body=b"")
    if target.origin != request.target.origin:
        kept = tuple((name, value) for name, value in following.headers if name.lower() in GOES_ALONG)
        following = replace(following, headers=kept)
        if following.body and request.target.scheme == "https" and target.scheme == "http":
            raise Unreached(Reason.REDIRECT, "it redirects from https to http, and the body would go in the clear")
    return following


def _written(location: str) -> str:
    """A location in characters. Servers send bytes that no URL has: UTF-8, which is read, spaces, and bytes of older
    encodings; these go in percents, which a host never has."""
    raw = location.encode("latin-1", "replace")
    try:
        text = raw.decode("utf-8")
    except UnicodeDecodeError:
        text = "".join(chr(byte) if byte < 0x80 else f"%{byte:02X}" for byte in raw)
    return "".join(quote(c) if c == " " or (c > "\x7f" and ODD.match(c)) else c for c in text)


def _located(base: Target, location: str) -> Target:
    try:
        # `http:/x`, `http:///x` and `///x` are read as absolute, which they fail to be: readers disagree about them. So
        # is what holds odd characters, which `urljoin` would leave out.
        as_it_is = _SCHEME.match(location) or location.startswith("///") or ODD.search(location)
        return read_url(location if as_it_is else urljoin(base.url, location))
    except (Forbidden, ValueError) as problem:
        why = problem.why if isinstance(problem, Forbidden) else "is no URL"
        raise Unreached(Reason.REDIRECT, f"the location it redirects to {why}") from None
