"""An agent of the settings that whoever runs it gives: its policy, secrets, control probes, and the way to its hub."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from ipaddress import ip_address, ip_network
from pathlib import Path
from urllib.parse import urlsplit

from makegood.agent.clock import Clock
from makegood.agent.control import Ask, Control, as_control
from makegood.agent.folder import Folder, Identity
from makegood.agent.running import Agent, Deliver
from makegood.agent.spool import Spool
from makegood.agent.telling import LIMIT
from makegood.agent.transport import Answer, Away, Hub, Send
from makegood.door.fetch import fetch
from makegood.door.forbidden import Forbidden, Unreached
from makegood.door.policy import Policy, policy_of
from makegood.evidence.signing import SigningKey
from makegood.model.checks import Check
from makegood.model.problem import Place, Refused, error
from makegood.model.results import Result
from makegood.probe.attempt import Context
from makegood.probe.clocks import this_boot, this_machine
from makegood.probe.handles import Handles
from makegood.probe.kinds import probe
from makegood.probe.places import control_check
from makegood.probe.room import calm_collector
from makegood.probe.secret import Secrets
from makegood.probe.watching import Watch

SECRET = "MAKEGOOD_SECRET_"
"""What the variables begin with that hold secrets."""
HUB_CAP, HUB_TIMEOUT = 64 << 20, 30.0
"""Bytes of an answer of the hub, and seconds that it may take."""
EVERYWHERE = Policy((ip_network("0.0.0.0/0"), ip_network("::/0")))
"""For the hub and control probes, which the operator names."""


@dataclass(frozen=True)
class Settings:
    """What an operator decides. `room` is in bytes, `authorities` a file of certificates to trust instead of the
    system's."""

    folder: Path
    hub: str
    allow: tuple[str, ...] = ()
    refuse: tuple[str, ...] = ()
    control: tuple[str, ...] = ()
    secrets: Path | None = None
    room: int = 4 << 30
    authorities: str = ""


def must_be_hub(url: str) -> str:
    """The hub's address without a stroke at its end. Raises Refused where it is none."""
    found = urlsplit(url)
    if found.scheme not in ("http", "https") or not found.hostname or found.query or found.fragment or found.username:
        hint = "write https://hub.example, or http:// on this machine or in a network of your own"
        raise Refused([error("agent-hub", Place("--hub"), f"`{url}` is no address of a hub", "", hint)])
    return url.rstrip("/")


def send_to(hub: str, authorities: str = "") -> Send:
    """The way to a hub through the door."""

    async def send(method: str, path: str, headers: Mapping[str, str], body: bytes) -> Answer:
        try:
            found = await fetch(
                method, f"{hub}{path}", tuple(headers.items()), body, policy=EVERYWHERE, cap=HUB_CAP,
                timeout=HUB_TIMEOUT, authorities=authorities,
            )  # fmt: skip
        except (Unreached, Forbidden) as why:
            raise Away(str(why)) from None
        return Answer(found.status, found.body, found.header("retry-after").strip())

    return send


def read_secrets(file: Path | None, environment: Mapping[str, str] = os.environ) -> dict[str, str]:
    """The secrets by name: `NAME=value` lines of a file, and the variables of the environment, which win. Raises
    Refused where the file cannot be read, or others can read it."""
    found = dict[str, str]()
    if file is not None:
        try:
            if os.name == "posix" and file.stat().st_mode & 0o007:
                what, hint = "everybody can read these secrets", "chmod 600 it"
                raise Refused([error("agent-secrets", Place(str(file)), what, "", hint)])
            lines = file.read_text(encoding="utf-8").splitlines()
        except (OSError, UnicodeDecodeError) as failure:
            why = getattr(failure, "strerror", None) or "it is no UTF-8"
            raise Refused([error("agent-secrets", Place(str(file)), f"cannot be read: {why.lower()}")]) from None
        for number, line in enumerate(lines, 1):
            name, equals, value = line.partition("=")
            if not line.strip() or line.lstrip().startswith("#"):
                continue
            if not equals or not name.strip():
                where, hint = Place(str(file), number, 1), "NAME=value, one to a line"
                raise Refused([error("agent-secrets", where, "this line is no secret", "", hint)])
            found[name.strip()] = value
    found |= {name.removeprefix(SECRET): value for name, value in environment.items() if name.startswith(SECRET)}
    return found


def on_this_machine(hub: str) -> bool:
    """Whether the hub is this machine, so that reaching it says nothing about the line."""
    host = urlsplit(hub).hostname or ""
    try:
        return host == "localhost" or ip_address(host).is_loopback
    except ValueError:
        return False


async def run_agent(
    settings: Settings, identity: Identity, key: SigningKey, stop: asyncio.Event, say: Callable[[str], None],
    version: str,
) -> None:  # fmt: skip
    """Run an agent in the running loop until it is to stop. Raises Refused for settings that cannot be."""
    policy = policy_of(settings.allow, settings.refuse)
    secrets = Secrets(read_secrets(settings.secrets))
    checks = [control_check(text) for text in settings.control]
    folder = Folder(settings.folder)
    spool = Spool(folder.spool, settings.room)
    clock = begin_clock(Clock(not_before=spool.closed, boot=this_boot()), folder, say)
    handles, ours = Handles(policy, settings.authorities), Handles(EVERYWHERE, settings.authorities)
    context = Context(clock.now, clock.steady, policy, secrets, handles)
    own = Context(clock.now, clock.steady, EVERYWHERE, secrets, ours)
    send = send_to(settings.hub, settings.authorities)
    control = Control([*_hub_controls(settings.hub, send), *(as_control(_run(own), one) for one in checks)], clock.now)
    if not settings.control and on_this_machine(settings.hub):
        say(
            "no control probe: the hub is on this machine; name a place with --control, else a broken line is an outage"
        )

    if settings.hub.startswith("http:") and not on_this_machine(settings.hub):
        say("the hub is reached without TLS: whoever is between can read all of it, and keep it back")

    def watch(some: Sequence[Check], deliver: Deliver) -> Watch:
        return Watch(some, context, deliver)

    hub = Hub(send, clock, key, identity.location)
    agent = Agent(
        identity.location, folder, spool, clock, hub, control, watch, say, version, this_machine(),
        settled=calm_collector,
    )  # fmt: skip
    try:
        await agent.run(stop)
    finally:
        spool.close()
        await handles.aclose()
        await ours.aclose()


def begin_clock(clock: Clock, folder: Folder, say: Callable[[str], None]) -> Clock:
    """A clock that was just tied to the wall clock. Nobody has found that right yet: it is trusted where the time goes
    on as the hub knew it, and else when the hub says so."""
    until = "results are unknown until the hub tells the time"
    if not clock.trusted:
        say(f"the wall clock is behind what was found before: {until}")
    elif not clock.goes_on_from(folder.tie(), LIMIT):
        clock.trusted = False
        say(f"nobody knows yet whether the wall clock is right: {until}")
    return clock


def _hub_controls(hub: str, send: Send) -> list[Ask]:
    """That the hub can be reached, where it is elsewhere."""
    if on_this_machine(hub):
        return []

    async def ask() -> bool:
        try:
            return (await send("GET", "/agent/v1/clock", {}, b"")).status < 500
        except Away:
            return False

    return [ask]


def _run(context: Context) -> Callable[[Check], Awaitable[Result]]:
    async def run(check: Check) -> Result:
        return await probe(check, context)

    return run
