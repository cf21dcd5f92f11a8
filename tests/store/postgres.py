"""A PostgreSQL of our own for tests: on a socket in a folder of its own, gone when they are done.

Its programs are those of the PATH or of Debian's package, which is installed where it is missing and we may.
"""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from time import monotonic, sleep
from typing import Any

from tests.house.programs import install

USER = "postgres"
PATIENCE = 60.0


@contextmanager
def server() -> Iterator[str]:
    """The URL of a running server, up to the name of a database: `…?host=…` is to follow it. Use `url_of`."""
    folder = Path(tempfile.mkdtemp(prefix="makegood-pg-"))
    there = programs()
    try:
        if os.geteuid() == 0:
            shutil.chown(folder, USER, USER)
        run([str(there / "initdb"), "-D", f"{folder}/data", "-A", "trust", "-U", USER, "--no-sync", "-E", "UTF8"])
        command = [str(there / "postgres"), "-D", f"{folder}/data", "-k", str(folder), "-h", "", "-F"]
        running = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, **as_user())
        try:
            wait_for(folder / ".s.PGSQL.5432", running)
            yield str(folder)
        finally:
            running.send_signal(signal.SIGINT)  # without waiting for whoever is still connected
            running.wait(PATIENCE)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def url_of(folder: str, name: str) -> str:
    """The URL of a new, empty database of a server."""
    import psycopg

    with psycopg.connect(host=folder, user=USER, dbname="postgres", autocommit=True) as connection:
        connection.execute(f'create database "{name}"'.encode())
    return f"postgresql://{USER}@/{name}?host={folder}"


def wait_for(socket: Path, running: subprocess.Popen[bytes]) -> None:
    import psycopg

    until = monotonic() + PATIENCE
    while monotonic() < until:
        if running.poll() is not None:
            raise RuntimeError(f"postgres ended with {running.returncode}")
        if socket.exists():
            try:
                psycopg.connect(host=str(socket.parent), user=USER, dbname="postgres").close()
                return
            except psycopg.OperationalError:
                pass
        sleep(0.05)
    raise RuntimeError("postgres did not start")


def answers(folder: Path) -> None:
    """Wait until a running server lets somebody in."""
    import psycopg

    until = monotonic() + PATIENCE
    while True:
        try:
            psycopg.connect(host=str(folder), user=USER, dbname="postgres").close()
            return
        except psycopg.OperationalError:
            if monotonic() > until:
                raise
            sleep(0.05)


def programs() -> Path:
    """The folder of `initdb` and `postgres`."""
    for _ in range(2):
        if found := shutil.which("initdb"):
            return Path(found).parent
        if there := sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb")):
            return there[-1].parent
        if os.geteuid() != 0 or not shutil.which("apt-get"):
            break
        print("installing Debian's postgresql for the tests", file=sys.stderr)
        install("postgresql")
    raise RuntimeError("PostgreSQL is missing: apt-get install postgresql")


def run(command: Sequence[str], ours: bool = True) -> None:
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL, **(as_user() if ours else {}))


def as_user() -> dict[str, Any]:
    return {"user": USER, "group": USER, "extra_groups": []} if os.geteuid() == 0 else {}
