"""The way to the hub: requests that are signed, answers that are understood, and the clocks compared on each."""

from __future__ import annotations

import base64
import json
from collections.abc import Awaitable, Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from makegood.agent.clock import Clock, Exchange
from makegood.evidence.requests import BATCH_SIGNATURE, signed_headers
from makegood.evidence.signing import SigningKey
from makegood.model.spans import SECOND, Duration, Instant

MOST_WAIT = 600
"""Seconds that the hub can make an agent wait, whatever it says."""


class Away(Exception):
    """The hub did not answer, or not as a hub does; says why, in one line."""


class Held(Exception):
    """The hub wants to be asked later: after `wait` µs."""

    def __init__(self, wait: Duration, says: str) -> None:
        self.wait = wait
        super().__init__(says)


class Turned(Exception):
    """The hub answered that it will not: `code` as documented, `status` of HTTP, and what it said."""

    def __init__(self, code: str, status: int, says: str) -> None:
        self.code, self.status, self.says = code, status, says
        super().__init__(f"{code}: {says}" if says else code)


@dataclass(frozen=True, slots=True)
class Answer:
    """An answer of HTTP: its status and body, and what it says of when to ask again (`Retry-After`)."""

    status: int
    body: bytes
    retry_after: str = ""


class Send(Protocol):
    """Sends one request to the hub, by its path. Raises Away."""

    def __call__(self, method: str, path: str, headers: Mapping[str, str], body: bytes) -> Awaitable[Answer]: ...


@dataclass
class Hub:
    """The hub as an agent sees it. Its methods raise Away, Held and Turned."""

    send: Send
    clock: Clock
    key: SigningKey
    location: str
    date: Instant = 0
    """Of the last request that was signed: each has a later one."""

    async def look_at_clock(self) -> None:
        """Compare the clocks."""
        asked = self.clock.now()
        self._understood(await self.send("GET", "/agent/v1/clock", {}, b""), asked)

    async def enrol(self, token: str, name: str, version: str) -> dict[str, Any]:
        """Enrol this key."""
        body = {"token": token, "name": name, "key": self.key.public.raw.hex(), "version": version}
        return await self._post("/agent/v1/enrol", _json(body))

    async def work(self, asked: Mapping[str, Any]) -> dict[str, Any]:
        """Ask for work."""
        return await self._post("/agent/v1/work", _json(asked))

    async def send_list(self, checks: bytes) -> None:
        """Tell a list of checks, as its canonical JSON."""
        await self._post("/agent/v1/lists", checks)

    async def send_batch(self, body: bytes, signature: bytes) -> dict[str, Any]:
        """Send a batch with the signature that is kept with it."""
        return await self._post("/agent/v1/batches", body, {BATCH_SIGNATURE: base64.b64encode(signature).decode()})

    async def _post(self, path: str, body: bytes, more: Mapping[str, str] | None = None) -> dict[str, Any]:
        try:
            return await self._posted(path, body, more or {})
        except Turned as turned:
            if turned.code != "agent-date":
                raise
        self.clock.forget_exchanges()
        await self.look_at_clock()
        self.date = 0  # the hub takes no date now that is as late as one of when its clock was ahead
        return await self._posted(path, body, more or {})

    async def _posted(self, path: str, body: bytes, more: Mapping[str, str]) -> dict[str, Any]:
        self.date = max(self.clock.hub_now, self.date + 1)
        kind = "application/octet-stream" if more else "application/json"
        headers = {"Content-Type": kind, **more}
        headers |= signed_headers(self.key, self.location, "POST", path, self.date, body)
        asked = self.clock.now()
        return self._understood(await self.send("POST", path, headers, body), asked)

    def _understood(self, answer: Answer, asked: Instant) -> dict[str, Any]:
        came = self.clock.now()
        try:
            said = json.loads(answer.body)
        except ValueError:
            said = None
        if answer.status == 429:
            seconds = int(answer.retry_after) if answer.retry_after.isascii() and answer.retry_after.isdigit() else 5
            raise Held(min(max(seconds, 1), MOST_WAIT) * SECOND, _line(said) if isinstance(said, dict) else "")
        if answer.status != 200:
            if isinstance(said, dict) and isinstance(said.get("code"), str) and answer.status < 500:
                raise Turned(said["code"], answer.status, _line(said))
            raise Away(f"the hub answered with status {answer.status}")
        if not isinstance(said, dict):
            raise Away("what answers there is no hub of Makegood")
        if isinstance(said.get("received"), int) and isinstance(said.get("answered"), int):
            self.clock.exchanged(Exchange(asked, said["received"], said["answered"], came))
        return said


def _json(value: Mapping[str, Any]) -> bytes:
    return json.dumps(value, sort_keys=True).encode()


def _line(said: Mapping[str, Any]) -> str:
    """What a problem says, in one line."""
    parts = [str(said.get(name, "")) for name in ("title", "detail", "hint")]
    return "; ".join(dict.fromkeys(" ".join(part.split()) for part in parts if part))[:500]
