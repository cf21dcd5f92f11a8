"""A PostgreSQL of our own that is killed, paused and started again; and a way to it that loses an answer."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from tests.store import postgres

SOCKET = ".s.PGSQL.5432"


class Server:
    """A server whose data outlives its processes; what it acknowledges, it has made durable."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._running: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start it, and wait until it answers; after a kill it mends itself first."""
        for left in (self.folder / "data/postmaster.pid", self.folder / SOCKET, self.folder / f"{SOCKET}.lock"):
            left.unlink(missing_ok=True)
        command = [str(postgres.programs() / "postgres"), "-D", f"{self.folder}/data", "-k", str(self.folder), "-h", ""]
        self._running = subprocess.Popen(
            command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, **postgres.as_user()
        )
        postgres.wait_for(self.folder / SOCKET, self._running)

    def processes(self) -> list[int]:
        """Its first process, and then those that this one made."""
        assert self._running is not None
        first, found = self._running.pid, []
        for entry in Path("/proc").iterdir():
            with suppress(OSError, ValueError):
                if entry.name.isdigit() and int((entry / "stat").read_text().rpartition(")")[2].split()[1]) == first:
                    found.append(int(entry.name))
        return [first, *found]

    def signal(self, number: int, first: bool = True) -> None:
        """Send a signal to all of its processes, or to all but the first."""
        for process in self.processes()[0 if first else 1 :]:
            with suppress(ProcessLookupError):
                os.kill(process, number)

    def kill(self) -> None:
        """End all of it at once, as a failure of the machine does."""
        self.signal(signal.SIGSTOP)
        self.signal(signal.SIGKILL)
        assert self._running is not None
        self._running.wait(postgres.PATIENCE)

    def stop(self) -> None:
        """Let it end in order."""
        if self._running is not None and self._running.poll() is None:
            self.signal(signal.SIGCONT)
            self._running.send_signal(signal.SIGINT)
            self._running.wait(postgres.PATIENCE)


@contextmanager
def durable_server() -> Iterator[Server]:
    """One, with its data in a folder that goes at the end."""
    folder = Path(tempfile.mkdtemp(prefix="makegood-pg-"))
    found = Server(folder)
    try:
        if os.geteuid() == 0:
            shutil.chown(folder, postgres.USER, postgres.USER)
        initdb = [
            str(postgres.programs() / "initdb"),
            "-D",
            f"{folder}/data",
            "-A",
            "trust",
            "-U",
            postgres.USER,
            "-E",
            "UTF8",
        ]
        postgres.run([*initdb, "--no-sync"])
        found.start()
        yield found
    finally:
        found.stop()
        shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def answerless(server: Path, folder: Path) -> Iterator[threading.Event]:
    """A way to a server, through a socket in `folder`, on which the answer to a commit is lost while the event is set.

    The server gets the commit, does it and answers; the connection is cut before that answer is passed on.
    """
    losing, ended = threading.Event(), threading.Event()
    listener = socket.socket(socket.AF_UNIX)
    listener.bind(str(folder / SOCKET))
    listener.listen()
    listener.settimeout(0.1)

    def accept() -> None:
        while not ended.is_set():
            with suppress(TimeoutError):
                client, _ = listener.accept()
                client.settimeout(None)
                threading.Thread(target=_carry, args=(client, server / SOCKET, losing), daemon=True).start()

    thread = threading.Thread(target=accept, daemon=True)
    thread.start()
    try:
        yield losing
    finally:
        ended.set()
        thread.join()
        listener.close()


def _carry(client: socket.socket, server: Path, losing: threading.Event) -> None:
    """Carry one connection, both ways, until one side ends it or an answer is lost."""
    with client, socket.socket(socket.AF_UNIX) as behind:
        behind.connect(str(server))
        silent = threading.Event()
        back = threading.Thread(target=_back, args=(behind, client, silent), daemon=True)
        back.start()
        wrote = False
        while asked := client.recv(1 << 16):
            wrote = wrote or b"INSERT INTO fact" in asked
            if losing.is_set() and wrote and b"COMMIT" in asked:
                silent.set()
                behind.sendall(asked)
                break
            behind.sendall(asked)
        behind.shutdown(socket.SHUT_WR)
        back.join()  # until the server has done all that it was asked


def _back(behind: socket.socket, client: socket.socket, silent: threading.Event) -> None:
    with suppress(OSError):
        while answer := behind.recv(1 << 16):
            with suppress(OSError):
                if not silent.is_set():
                    client.sendall(answer)
