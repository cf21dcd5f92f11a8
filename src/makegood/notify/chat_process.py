"""The process that sends one chat or text message: `python -m makegood.notify.chat_process`, JSON in and JSON out.

Before the library is loaded, a hook is set that Python calls for everything that touches the outside, and that nothing
can take away: connections go only to addresses that the guard allows, and no program is started, no file written, and
none read that is not of Python itself or the system's certificates. Memory and processor time are limited.
"""

from __future__ import annotations

import contextlib
import io
import ipaddress
import json
import logging
import os
import resource
import sys
from collections.abc import Mapping
from typing import Any

from makegood.door.policy import Policy

MEMORY, SECONDS = 1 << 30, 30
FORBIDDEN = (
    "subprocess.Popen",
    "os.system",
    "os.exec",
    "os.posix_spawn",
    "os.spawn",
    "os.fork",
    "os.startfile",
    "pty.spawn",
)
CONNECTS = ("socket.connect", "socket.sendto", "socket.sendmsg", "socket.bind")
READABLE = ("/etc/ssl", "/etc/pki", "/usr/lib/ssl", "/usr/share/zoneinfo", "/etc/localtime", "/etc/mime.types", "/dev/")


class Refused(Exception):
    """What the process may not do."""


def guard(policy: Policy) -> None:
    """Set the hook, for as long as the process lives."""
    inside = tuple({os.path.realpath(p) for p in (sys.prefix, sys.base_prefix, *sys.path) if p} | set(READABLE))

    def hook(event: str, details: tuple[Any, ...]) -> None:
        if event in CONNECTS:
            check_address(policy, details[1])
        elif event in FORBIDDEN:
            raise Refused(f"no program is started: {event}")
        elif event == "open":
            _check_file(inside, *details[:3])

    sys.addaudithook(hook)


def check_address(policy: Policy, address: object) -> None:
    """Raises Refused unless a socket may connect to an address; it is as sockets take it."""
    if address is None:  # to where the socket is connected already
        return
    if not isinstance(address, tuple):
        raise Refused("only addresses of IP may be connected to")
    host = str(address[0])
    try:
        ipaddress.ip_address(host.partition("%")[0])
    except ValueError:
        raise Refused(f"{host} is no address") from None
    if why := policy.refuses(host):
        raise Refused(f"{host}: {why}")


def _check_file(inside: tuple[str, ...], path: object, mode: object, flags: object) -> None:
    if not isinstance(path, str | bytes | os.PathLike):
        return  # a descriptor that is open already
    writes = isinstance(flags, int) and flags & (os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC)
    where = os.path.realpath(os.fsdecode(path))
    if where == os.devnull:
        return
    if writes or not any(where == root or where.startswith(root.rstrip("/") + "/") for root in inside):
        raise Refused(f"{os.path.basename(where)} may not be opened")  # noqa: PTH119
    del mode


def send(asked: Mapping[str, Any]) -> tuple[bool, str]:
    """Send what was asked for: whether it was taken, and what the library said."""
    import apprise

    said = io.StringIO()
    handler = logging.StreamHandler(said)
    logger = logging.getLogger("apprise")
    logger.addHandler(handler)
    logger.setLevel(logging.INFO)
    asset = apprise.AppriseAsset(storage_mode="memory", plugin_paths=[], secure_logging=True, async_mode=False)
    asset.http_redirects = False
    library = apprise.Apprise(asset=asset)
    if not library.add(str(asked["url"])):
        return False, "the library cannot read the URL of this channel"
    with contextlib.redirect_stdout(io.StringIO()):
        taken = library.notify(body=str(asked["body"]), title=str(asked["title"]), body_format="text")
    return bool(taken), " ".join(said.getvalue().split())[:500]


def main() -> None:
    """Read what is asked for, do it, and answer."""
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (SECONDS, SECONDS))
    asked = json.loads(sys.stdin.buffer.read())
    guard(Policy(tuple(ipaddress.ip_network(network) for network in asked["allowed"])))
    try:
        taken, said = send(asked)
    except Exception as failure:  # noqa: BLE001 -- told to whoever asked
        taken, said = False, f"{type(failure).__name__}: {failure}"
    print(json.dumps({"taken": taken, "said": said}))


if __name__ == "__main__":
    main()
