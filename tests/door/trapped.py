"""Tries every spelling in every field beside a trap, and prints what came of it as JSON.

`python -m tests.door.trapped` uses the addresses that this machine has. With `namespace` it expects to be in a network
and mount namespace of its own (`in_namespace`), makes every address there is one of its own machine, so that whatever
gets out is caught, and asks a name server of the tests' own.
"""

from __future__ import annotations

import asyncio
import json
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pycurl

from makegood.door.fetch import fetch
from makegood.door.forbidden import Forbidden, Unreached
from makegood.door.policy import Policy, networks
from tests.door.door_fields import by_connect, curled
from tests.door.fields import REDIRECTING, TIMEOUT, fields, tried
from tests.door.name_server import PRIVATE, PUBLIC, NameServer
from tests.door.spellings import ASKED_FOR, PLACES_4, PLACES_6, Spelling, named, read
from tests.door.trap import Trap

ROOT = Path(__file__).parents[2]
SHUT = Policy(networks([f"{REDIRECTING}/32"]))
OPEN = Policy(networks(["0.0.0.0/0", "::/0"]))
LOCAL = {"localhost": "127.0.0.1", "localhost.localdomain": "127.0.0.1", "ip6-localhost": "::1"}
KNOWN = {named(address): address for address in (*PLACES_4, *PLACES_6)} | {
    "metadata.google.internal": "169.254.169.254",
    "metadata": "169.254.169.254",
    "instance-data": "169.254.169.254",
}


def in_namespace(module: str = "tests.door.trapped", *more: str) -> list[str]:
    """A command that runs this in namespaces of its own; empty where the machine makes none for us."""
    if not shutil.which("unshare") or not shutil.which("ip"):
        return []
    before = ["unshare", "--map-root-user", "--net", "--mount"]
    if subprocess.run([*before, "ip", "link", "set", "lo", "up"], capture_output=True, check=False).returncode:
        return []
    return [*before, sys.executable, "-m", module, "namespace", *more]


def settle() -> None:
    """Makes every address one of this machine, and the tests' name server the only one."""
    for command in ("link set lo up", "route add local 0.0.0.0/0 dev lo", "-6 route add local ::/0 dev lo"):
        subprocess.run(["ip", *command.split()], check=True)
    folder = Path(tempfile.mkdtemp(prefix="door-"))
    files = {
        "resolv.conf": "nameserver 127.0.0.1\noptions timeout:2 attempts:1\n",
        "hosts": "".join(f"{address} {name}\n" for name, address in LOCAL.items()),
        "nsswitch.conf": "hosts: files dns\n",
    }
    for name, text in files.items():
        (folder / name).write_text(text)
        if Path("/etc", name).exists():
            subprocess.run(["mount", "--bind", folder / name, f"/etc/{name}"], check=True)
    shutil.rmtree(folder)


def without_names() -> None:
    """Answers names here, where no name server can be put in front of the system: nothing leaves this machine."""
    asked = socket.getaddrinfo

    def answer(name: str, port: int, *more: Any, **others: Any) -> Any:
        found = (KNOWN | LOCAL).get(name.rstrip("."), name)
        return asked(found, port, *more, **{**others, "flags": socket.AI_NUMERICHOST})

    vars(socket)["getaddrinfo"] = answer


async def matrix(trap: Trap, places: Sequence[Spelling]) -> dict[str, Any]:
    found = {}
    for name, field in fields().items():
        opened = opens()
        outcomes = await tried(field, places, trap.port, SHUT)
        begun = opens() - opened
        caught = trap.caught()
        hits = [one for one in caught if one != REDIRECTING]
        found[name] = {"outcomes": outcomes, "caught": hits, "attempts": begun - (len(caught) - len(hits))}
    return found


async def control(trap: Trap, places: Sequence[Spelling], apart: bool) -> dict[str, list[str]]:
    """What the trap catches where the policy lets every network pass."""
    here = [place for place in places if place.form == "as it is" and (apart or place.leads.startswith("127."))]
    found = {}
    for name, field in fields().items():
        await tried(field, here, trap.port, OPEN)
        found[name] = [one for one in trap.caught() if one != REDIRECTING]
    return found


async def naive(trap: Trap, places: Sequence[Spelling]) -> dict[str, int]:
    """How many spellings of each form lead a client into the trap that has no guard."""
    found: dict[str, int] = {}
    for place in places:
        handle = pycurl.Curl()
        put: Any = handle.setopt
        put(pycurl.WRITEFUNCTION, len)
        put(pycurl.PROXY, "")
        put(pycurl.TIMEOUT_MS, 150)
        put(pycurl.NOSIGNAL, 1)
        try:
            put(pycurl.URL, place.url(trap.port).encode())
            handle.perform()
        except (pycurl.error, ValueError):
            pass
        finally:
            handle.close()
        if trap.caught():
            found[place.form] = found.get(place.form, 0) + 1
    return found


async def rebinding(trap: Trap) -> dict[str, Any]:
    """A name server that says a public address first and a private one later, or both at once."""

    async def outcome(url: str, redirects: int = 0) -> tuple[str, list[str]]:
        try:
            answer = await fetch("GET", url, policy=Policy(), cap=10, timeout=TIMEOUT, redirects=redirects)
            word = str(answer.status)
        except (Forbidden, Unreached) as problem:
            word = problem.reason.word
        return word, trap.caught()

    async def both(name: str, url: str, redirects: int = 0) -> None:
        found[name] = await outcome(url, redirects)

    found: dict[str, Any] = {}
    port = trap.port
    await both("first", f"http://flip-a.example:{port}/")
    await both("later", f"http://flip-a.example:{port}/")
    await both("redirected to itself", f"http://flip-b.example:{port}/to/%2Fagain", redirects=3)
    await both("both at once", f"http://both-a.example:{port}/")
    for name in ("connect, first", "connect, later"):
        try:
            word = await by_connect(Spelling("", "flip-e.example", "", ""), port, Policy())
        except Forbidden as problem:
            word = problem.reason.word
        found[name] = word, trap.caught()
    for name, url in (
        ("libcurl asks, first", f"http://flip-c.example:{port}/"),
        ("libcurl asks, later", f"http://flip-c.example:{port}/"),
        ("libcurl follows to itself", f"http://flip-d.example:{port}/to/%2Fagain"),
    ):
        found[name] = await curled(url, Policy(), follows=True), trap.caught()
    return found


def opens() -> int:
    """How many connections were begun in this network namespace, SYN sent or not answered."""
    lines = Path("/proc/self/net/snmp").read_text().splitlines()
    names, values = (line.split() for line in lines if line.startswith("Tcp:"))
    return int(dict(zip(names, values, strict=True))["ActiveOpens"])


async def main(namespace: bool) -> dict[str, Any]:
    trap, begun = Trap(), time.process_time()
    places = [place for place in read() if namespace or place.form not in ASKED_FOR]
    found: dict[str, Any] = {"namespace": namespace, "allowed": PUBLIC, "private": PRIVATE}
    found["fields"] = await matrix(trap, places)
    found["control"] = await control(trap, places, namespace)
    inside = [sys.executable, "-m", "tests.door.shut_in", str(trap.port), *(["namespace"] if namespace else [])]
    shut = subprocess.run(inside, capture_output=True, text=True, check=True, cwd=ROOT)
    found["process"] = {"outcomes": json.loads(shut.stdout), "caught": trap.caught()}
    if namespace:
        found["naive"] = await naive(trap, places)
        found["rebinding"] = await rebinding(trap)
    found["seconds"] = time.process_time() - begun
    return found


if __name__ == "__main__":
    os.environ.pop("http_proxy", None)
    apart = "namespace" in sys.argv
    if apart:
        settle()
        NameServer(KNOWN)
    else:
        without_names()
    print(json.dumps(asyncio.run(main(apart))))
