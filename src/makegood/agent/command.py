"""`makegood agent`: enrol a location once, and run it until it is told to stop."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

from makegood import __version__
from makegood.agent.clock import Clock
from makegood.agent.folder import Folder, Identity
from makegood.agent.setting_up import Settings, must_be_hub, read_secrets, run_agent, send_to
from makegood.agent.spool import Spool
from makegood.agent.transport import Away, Held, Hub, Turned
from makegood.door.policy import policy_of
from makegood.evidence.signing import SigningKey
from makegood.model.problem import Place, Refused, error
from makegood.probe.places import control_check

TOKEN = "MAKEGOOD_ENROL"
"""The variable of the environment that holds the token, so that it stands on no command line."""
UNITS = {"": 1, "KB": 10**3, "MB": 10**6, "GB": 10**9}
LEAST_ROOM = 1 << 20


def agent(
    *,
    hub: str = "",
    enrol: str = "",
    name: str = "",
    folder: Path = Path("makegood-agent"),
    allow: tuple[str, ...] = (),
    refuse: tuple[str, ...] = (),
    control: tuple[str, ...] = (),
    secrets: Path | None = None,
    spool_size: str = "4 GB",
    authorities: Path | None = None,
) -> int:
    """Probe from here, and tell the hub: enrol with a token the first time, then just run it.

    It runs until it is stopped (SIGTERM, Ctrl-C); what it found is then told, or in its spool.

    Parameters
    ----------
    hub
        The address of the hub, such as https://hub.example; known once it was enrolled.
    enrol
        A token that the hub's people made. MAKEGOOD_ENROL in the environment says the same.
    name
        What this location is called, where the token does not say.
    folder
        Where its key and its spool are. Never copy it to another machine.
    allow
        A private network that probes may reach, such as 10.0.0.0/8; may be given several times.
    refuse
        A network that probes may not reach, though it is public or allowed; may be given several times.
    control
        A place that has nothing to do with what is watched, a URL or host:port; may be given several times. Where none
        can be reached, the location is broken, and its results are unknown.
    secrets
        A file of NAME=value lines, for {secret.NAME} in checks; MAKEGOOD_SECRET_NAME in the environment says the same.
    spool_size
        How large the spool may become, such as 500 MB; then the oldest batches go.
    authorities
        A file of certificates to trust instead of the system's.
    """
    settings = Settings(
        folder,
        must_be_hub(hub) if hub else "",
        allow,
        refuse,
        control,
        secrets,
        _bytes(spool_size),
        str(authorities or ""),
    )
    for text in control:
        control_check(text)
    read_secrets(secrets)
    policy_of(allow, refuse)
    token = enrol or os.environ.get(TOKEN, "")
    here = Folder(folder)
    with here.alone():
        if here.enrolled:
            if enrol:
                say(f"this folder is enrolled already, as `{here.identity().location}`; the token was not used")
        elif not token or not hub:
            hint = "makegood agent --hub https://hub.example --enrol TOKEN"
            what = "this folder is not enrolled yet"
            raise Refused([error("agent-folder", Place(str(folder)), what, "it needs a hub and a token", hint)])
        asyncio.run(_live(here, settings, token, name))
    return 0


async def _live(here: Folder, settings: Settings, token: str, name: str) -> None:
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for one in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(one, stop.set)
    key = here.key(make=True)
    if not here.enrolled:
        await _enrol(here, settings, key, token, name)
    identity = here.identity()
    hub = settings.hub or identity.hub
    whose = f", run by {identity.operator}" if identity.operator else ""
    say(f"location `{identity.location}`{whose}, hub {hub}, key {key.public.id}")
    await run_agent(replace(settings, hub=hub), identity, key, stop, say, __version__)
    say("stopped")


async def _enrol(here: Folder, settings: Settings, key: SigningKey, token: str, name: str) -> None:
    clock = Clock()
    hub = Hub(send_to(settings.hub, settings.authorities), clock, key, name or "new")
    try:
        await hub.look_at_clock()
        said = await hub.enrol(token, name, __version__)
        digest = bytes.fromhex(said["digest"])
        sequence = int(said["sequence"])
        identity = Identity(settings.hub, str(said["location"]), str(said["operator"]), str(said["log"]))
        if len(digest) != 32:
            raise ValueError("a hash has 32 bytes")
    except Away as away:
        hint = "is the address right, and can it be reached from here?"
        raise Refused([error("agent-hub", Place(settings.hub), f"the hub is away: {away}", "", hint)]) from None
    except Held as held:
        raise Refused([error("agent-hub", Place(settings.hub), f"the hub is busy: {held}", "", "try again")]) from None
    except Turned as turned:
        raise Refused([error(turned.code, Place(settings.hub), turned.says or turned.code)]) from None
    except (KeyError, TypeError, ValueError) as wrong:
        what = f"what answers there is no hub of this version: {wrong}"
        raise Refused([error("agent-hub", Place(settings.hub), what)]) from None
    spool = Spool(here.spool, settings.room)
    spool.begin_at(sequence, digest)
    spool.close()
    if said.get("head") is not None:
        here.keep_head(said["head"])
    here.keep_identity(identity)  # last: from now on the folder is an enrolled agent's
    say(f"enrolled as `{identity.location}`")


def _bytes(text: str) -> int:
    number, unit = text.strip(), ""
    for one in ("KB", "MB", "GB"):
        if number.upper().endswith(one):
            number, unit = number[:-2].strip(), one
    if not number.isdigit() or int(number) * UNITS[unit] < LEAST_ROOM:
        hint = "write 500 MB, or 4 GB; at least 2 MB"
        raise Refused([error("agent-spool", Place("--spool-size"), f"`{text}` is no size of a spool", "", hint)])
    return int(number) * UNITS[unit]


def say(text: str) -> None:
    """One line, dated, for whoever runs it."""
    now = datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    print(f"{now} agent: {text}", file=sys.stderr, flush=True)
