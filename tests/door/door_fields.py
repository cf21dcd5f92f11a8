"""Every way of the door itself to reach a place, as a field of the matrix (`tests.door.fields`)."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

import pycurl

from makegood.door.connect import connect, datagram
from makegood.door.curl import guard, reason
from makegood.door.fetch import fetch
from makegood.door.policy import Policy
from makegood.door.resolve import resolve
from tests.door.fields import REDIRECTING, SKIPPED, TIMEOUT, Field
from tests.door.spellings import Spelling


async def by_fetch(place: Spelling, port: int, policy: Policy) -> str:
    await fetch("GET", place.url(port), policy=policy, cap=100, timeout=TIMEOUT)
    return "ok"


async def by_redirect(place: Spelling, port: int, policy: Policy) -> str:
    url = f"http://{REDIRECTING}:{port}/to/{quote(place.url(port), safe='')}"
    await fetch("GET", url, policy=policy, cap=100, timeout=TIMEOUT, redirects=3)
    return "ok"


async def by_connect(place: Spelling, port: int, policy: Policy) -> str:
    if not place.host:
        return SKIPPED
    connection = await connect(place.bare, port, policy, TIMEOUT)
    connection.writer.close()
    return "ok"


async def by_datagram(place: Spelling, port: int, policy: Policy) -> str:
    if not place.host:
        return SKIPPED
    addresses = await resolve(place.bare, port, policy, TIMEOUT)
    for address in addresses.found:
        try:
            with datagram(address, policy) as opened:
                opened.send(b"x")
        except OSError:
            continue
    return "ok"


async def by_curl(place: Spelling, port: int, policy: Policy) -> str:
    """Libcurl reads the spelling and asks for the name itself: only the guard is left."""
    return await curled(place.url(port), policy, follows=False)


async def by_curl_following(place: Spelling, port: int, policy: Policy) -> str:
    """Libcurl follows the redirect itself."""
    return await curled(f"http://{REDIRECTING}:{port}/to/{quote(place.url(port), safe='')}", policy, follows=True)


async def curled(url: str, policy: Policy, follows: bool) -> str:
    handle = pycurl.Curl()
    watching = guard(handle, policy)
    put: Any = handle.setopt
    put(pycurl.FOLLOWLOCATION, int(follows))
    put(pycurl.WRITEFUNCTION, len)
    put(pycurl.TIMEOUT_MS, int(TIMEOUT * 1_000))
    try:
        put(pycurl.URL, url.encode("utf-8"))
    except (ValueError, pycurl.error):
        return "protocol"  # libcurl takes no such text at all
    multi = pycurl.AsyncCurlMulti()
    try:
        await multi.perform(handle)
    except pycurl.error as problem:
        if watching.refused:
            return "forbidden"
        return reason(handle, watching, problem.args[0], problem.args[1])[0].word
    finally:
        await multi.aclose()
    return "ok"


FIELDS: dict[str, Field] = {
    "fetch": by_fetch,
    "a redirect that fetch follows": by_redirect,
    "connect": by_connect,
    "datagram": by_datagram,
    "curl": by_curl,
    "a redirect that curl follows": by_curl_following,
}
