"""What the live demo learns of its hub: what places told, by the store; outages, by its log and API; and its page."""

from __future__ import annotations

import html
import json
import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from http.client import HTTPConnection, HTTPException
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from makegood.contract import numbers
from makegood.contract.wrong import Wrong
from makegood.model.facts import DOWN
from makegood.model.problem import Place, Refused, error
from makegood.model.spans import Instant
from makegood.store.arriving import arrived
from makegood.store.opened import Store
from makegood.store.sql.batches import filed
from makegood.store.sql.database import reading
from makegood.store.sql.tables import batch

PATIENCE = 30.0
"""Seconds that an answer may take."""
_HEADLINE = re.compile(r"<h1[^>]*>(.*?)</h1>", re.DOTALL)


class Told:
    """What each place has told of the one check of a store, read as it comes."""

    def __init__(self, store: Store) -> None:
        self._store, self._size = store, 0
        self._until: dict[str, Instant] = {}
        self._failures: dict[str, list[Instant]] = {}

    def until(self, places: Collection[str]) -> Instant:
        """The end of the last slot that all of these places have told of; 0 where one has told nothing."""
        self._hear()
        return min(self._until.get(place, 0) for place in places)

    def failures(self, place: str, since: Instant) -> int:
        """How many slots a place found down that begin at an instant or later."""
        self._hear()
        return sum(at >= since for at in self._failures.get(place, ()))

    def positions(self, at: Instant) -> list[int]:
        """The positions in the log of the batches that tell of the slot of an instant."""
        with reading(self._store.engine) as connection:
            return [one.position for one in filed(connection, batch.c.first <= at, at < batch.c.last + batch.c.every)]

    def _hear(self) -> None:
        news = arrived(self._store, self._size)
        self._size = news.size
        for one in news.batches:
            _, slot, outcome = one.samples()
            starts = (slot * one.every).tolist()
            self._until[one.location] = max([self._until.get(one.location, 0), *(s + one.every for s in starts)])
            down = [s for s, found in zip(starts, outcome.tolist(), strict=True) if found == DOWN]
            self._failures.setdefault(one.location, []).extend(down)


@dataclass(frozen=True, slots=True)
class Open:
    """An outage as the hub tells it: `end` is None while it is not over."""

    begin: Instant
    end: Instant | None


@dataclass(frozen=True)
class HubThere:
    """The hub at work: its address, a token for it, and the file of its log."""

    url: str
    token: str
    log: Path

    def ready(self) -> bool:
        """Whether it takes what is told."""
        try:
            return self._ask("GET", "/readyz")[0] == 200
        except (OSError, HTTPException):
            return False

    def apply(self, files: Mapping[str, str]) -> None:
        """Let documents hold, as texts by the names of their files. Raises Refused."""
        self._asked("POST", "/api/v1/apply", {"files": files})

    def head(self) -> bytes:
        """The signed head of the log."""
        return self._asked("GET", "/api/v1/head")

    def outages(self) -> list[Open]:
        """The outages, the latest first."""
        found = json.loads(self._asked("GET", "/api/v1/outages"))
        return [Open(_at(one["begin"]), None if one["end"] is None else _at(one["end"])) for one in found]

    def headline(self) -> str:
        """What the public page says."""
        found = _HEADLINE.search(self._asked("GET", "/").decode("utf-8"))
        return html.unescape(found[1]) if found else ""

    def began(self) -> list[Instant]:
        """When it found each outage that began, by its own log."""
        lines = self.log.read_text(encoding="utf-8", errors="replace").splitlines(keepends=True)
        events = [json.loads(line) for line in lines if line.startswith("{") and line.endswith("\n")]
        return [_at(one["at"]) for one in events if one.get("event") == "outage" and one.get("told") == "began"]

    def _asked(self, method: str, path: str, body: Any = None) -> bytes:
        try:
            status, answer = self._ask(method, path, body)
        except (OSError, HTTPException) as failure:
            raise Refused(
                [error("demo-failed", Place(self.url + path), f"the hub did not answer: {failure}")]
            ) from None
        if status >= 300:
            what = f"the hub answered {status}"
            raise Refused([error("demo-failed", Place(self.url + path), what, answer.decode("utf-8", "replace"))])
        return answer

    def _ask(self, method: str, path: str, body: Any = None) -> tuple[int, bytes]:
        connection = HTTPConnection(urlsplit(self.url).netloc, timeout=PATIENCE)
        headers = {"Authorization": f"Bearer {self.token}", "Content-Type": "application/json"}
        try:
            connection.request(method, path, None if body is None else json.dumps(body), headers)
            answer = connection.getresponse()
            return answer.status, answer.read()
        finally:
            connection.close()


def _at(text: str) -> Instant:
    found = numbers.instant(text)
    assert not isinstance(found, Wrong)
    return found
