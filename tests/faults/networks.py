"""Two networks with a line between them that can be cut: namespaces of the kernel, which root or a user may make."""

from __future__ import annotations

import os
import shutil
import subprocess
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

NEAR, FAR = "10.97.0.1", "10.97.0.2"
_USER = [] if os.geteuid() == 0 else ["--user", "--map-root-user"]
_ENTER = [] if os.geteuid() == 0 else ["--user", "--preserve-credentials"]
_PATH = f"{os.environ.get('PATH', '')}:/usr/sbin:/sbin"


def why_not() -> str:
    """Why there can be no such networks here; empty where there can."""
    missing = [name for name in ("ip", "unshare", "nsenter") if shutil.which(name, path=_PATH) is None]
    if missing:
        return f"{', '.join(missing)} is missing"
    found = subprocess.run(
        ["unshare", *_USER, "--net", "ip", "link", "add", "name", "one", "type", "veth", "peer", "name", "two"],
        capture_output=True, check=False, env={**os.environ, "PATH": _PATH},
    )  # fmt: skip
    return "" if found.returncode == 0 else f"no namespaces: {found.stderr.decode().strip()}"


@dataclass(frozen=True)
class Networks:
    """Two networks: `near`, at whose end `NEAR` is, and `far`. Each is what a command begins with to run there."""

    near: Sequence[str]
    far: Sequence[str]

    def line(self, state: str) -> None:
        """Cut the line (`down`), or mend it (`up`)."""
        _ip(self.near, "link", "set", "line", state)


@contextmanager
def networks() -> Iterator[Networks]:
    """They are there until the end."""
    with ExitStack() as left:
        near = _network(left, [])
        far = _network(left, near[0])
        _ip(near[0], "link", "add", "name", "line", "type", "veth", "peer", "name", "other", "netns", str(far[1]))
        for inside, name, address in ((near[0], "line", NEAR), (far[0], "other", FAR)):
            _ip(inside, "link", "set", "lo", "up")
            _ip(inside, "address", "add", f"{address}/24", "dev", name)
            _ip(inside, "link", "set", name, "up")
        yield Networks(near[0], far[0])


def _network(left: ExitStack, inside: Sequence[str]) -> tuple[list[str], int]:
    """What begins a command in a new network, and the process that keeps it."""
    user = [] if inside else _USER
    keeper = left.enter_context(subprocess.Popen([*inside, "unshare", *user, "--net", "sleep", "600"]))
    left.callback(keeper.kill)
    until = time.monotonic() + 30
    while _command(keeper.pid) != "sleep":
        assert keeper.poll() is None, "no namespace was made"
        assert time.monotonic() < until, "no namespace was made in time"
        time.sleep(0.01)
    return ["nsenter", f"--target={keeper.pid}", *_ENTER, "--net"], keeper.pid


def _command(process: int) -> str:
    return Path(f"/proc/{process}/comm").read_text(encoding="utf-8").strip()


def _ip(inside: Sequence[str], *asked: str) -> None:
    subprocess.run([*inside, "ip", *asked], check=True, env={**os.environ, "PATH": _PATH})
