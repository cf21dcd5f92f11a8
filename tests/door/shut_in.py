"""A process behind the door, with clients that know nothing of it: `python -m tests.door.shut_in PORT` prints, as JSON,
what each spelling came to."""

from __future__ import annotations

import http.client
import json
import socket
import sys
import urllib.error
import urllib.request
from concurrent.futures import ThreadPoolExecutor

from makegood.door.forbidden import Forbidden
from makegood.door.policy import Policy
from makegood.door.process import shut
from tests.door.spellings import ASKED_FOR, Spelling, read
from tests.door.trapped import without_names


def tried(place: Spelling) -> str:
    """By `urllib`, and in a namespace, where it asks nobody outside, by the name as it is and by a datagram."""
    last = "ok"
    try:
        urllib.request.build_opener(urllib.request.ProxyHandler({})).open(place.url(port), timeout=2).close()
    except (OSError, ValueError, TypeError, http.client.HTTPException, Forbidden) as problem:
        last = cause(problem)
    if not place.host or last in ("ok", "forbidden") or not APART:
        return last
    for family, kind in ((socket.AF_INET, socket.SOCK_STREAM), (socket.AF_INET6, socket.SOCK_DGRAM)):
        with socket.socket(family, kind) as opened:
            opened.settimeout(2)
            try:
                if kind == socket.SOCK_DGRAM:
                    opened.sendto(b"x", (place.bare, port))
                else:
                    opened.connect((place.bare, port))
            except (OSError, ValueError, TypeError, Forbidden) as problem:
                last = cause(problem)
                continue
            return "ok"
    return last


def cause(problem: BaseException) -> str:
    return "forbidden" if isinstance(problem, Forbidden) else type(problem).__name__


def main() -> list[tuple[str, str]]:
    places = [place for place in read() if APART or place.form not in ASKED_FOR]
    if not APART:
        without_names()
    shut(Policy())
    with ThreadPoolExecutor(8) as several:
        return [(place.form, found) for place, found in zip(places, several.map(tried, places), strict=True)]


APART = "namespace" in sys.argv

if __name__ == "__main__":
    port = int(sys.argv[1])
    print(json.dumps(main()))
