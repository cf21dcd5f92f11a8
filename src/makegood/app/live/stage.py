"""Where the live demo plays: a temporary folder and the processes in it, which all go when it ends, however it ends."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from time import monotonic, sleep
from typing import IO, TypeVar

from makegood.app.interrupts import uninterrupted
from makegood.app.live.caretaker import DONE, MARK
from makegood.model.problem import Place, Refused, error

T = TypeVar("T")
LOOK = 0.1
"""Seconds between looks at what is waited for."""
FAREWELL = 10.0
"""Seconds that a process has to end when it is told to."""
LAST_LINES = 5
"""So many lines of a process that failed are shown."""


class Stage:
    """Processes of this program in a temporary folder. `patience` is how long anything may be waited for, s."""

    def __init__(self, folder: Path, caretaker: subprocess.Popen[bytes], patience: float) -> None:
        self.folder, self._caretaker, self._patience = folder, caretaker, patience
        self._running: dict[str, subprocess.Popen[bytes]] = {}
        self._begun: list[subprocess.Popen[bytes]] = []

    def start(self, name: str, arguments: Sequence[str], variables: Mapping[str, str] | None = None) -> None:
        """Start the program beside this one, with variables in its environment; `name` is what it is called."""
        with self.said(name).open("wb") as said:
            command = [sys.executable, "-m", "makegood", *arguments]
            self._running[name] = self._begin(command, said, said, variables or {})

    def _begin(
        self, command: Sequence[str], out: IO[bytes] | int, err: IO[bytes] | int, variables: Mapping[str, str]
    ) -> subprocess.Popen[bytes]:
        environment = {**os.environ, **variables, MARK: str(self.folder)}
        with uninterrupted():  # else it would run, and nobody would know of it
            made = subprocess.Popen(
                command, stdin=subprocess.DEVNULL, stdout=out, stderr=err, env=environment, cwd=self.folder,
                start_new_session=True,
            )  # fmt: skip
            self._begun.append(made)
            assert self._caretaker.stdin is not None
            self._caretaker.stdin.write(f"{made.pid}\n".encode())
            self._caretaker.stdin.flush()
        return made

    def said(self, name: str) -> Path:
        """The file with what a process said."""
        return self.folder / f"{name}.log"

    def run(self, command: Sequence[str], columns: int = 80) -> str:
        """Run a command to its end; what it printed. Raises Refused where it fails."""
        variables = {"COLUMNS": str(columns), "PYTHONIOENCODING": "utf-8"}
        process = self._begin(command, subprocess.PIPE, subprocess.PIPE, variables)
        try:
            out, err = process.communicate(timeout=self._patience)
        except subprocess.TimeoutExpired:
            raise self.stuck(f"`{_shown(command)}` did not end") from None
        finally:
            if process.poll() is None:
                process.kill()
                process.wait()
        if process.returncode:
            said = (out + err).decode("utf-8", "replace")
            raise _failed(f"`{_shown(command)}` failed with {process.returncode}", said)
        return out.decode("utf-8", "replace")

    def wait(self, look: Callable[[], T | None], what: str, longer: float = 0) -> T:
        """Look until there is something; that. `longer` is what it takes by itself, s, beside the patience.

        Raises Refused where a process of the stage ended meanwhile, and after the patience, saying what was missing.
        """
        end = monotonic() + self._patience + longer
        while True:
            found = look()
            if found is not None and found is not False:
                return found
            for name, process in self._running.items():
                if process.poll() is not None:
                    raise _failed(f"{name} ended by itself with {process.returncode}", self._words(name))
            if monotonic() > end:
                raise self.stuck(what)
            sleep(LOOK)

    def stuck(self, what: str) -> Refused:
        """What is raised where nothing more came of it."""
        hint = "is the machine very busy? run it again"
        return Refused([error("demo-stuck", Place("demo"), f"{what}, within {self._patience:.0f} s", "", hint)])

    def end(self) -> None:
        """Tell every process to end, and see that it has."""
        for process in reversed(self._running.values()):
            process.terminate()
        until = monotonic() + FAREWELL
        for process in self._running.values():
            with suppress(subprocess.TimeoutExpired):
                process.wait(max(0.0, until - monotonic()))
        self.kill()

    def kill(self) -> None:
        """End every process at once."""
        for process in self._begun:
            if process.poll() is None:
                process.kill()
        for process in self._begun:
            process.wait()
        self._running.clear()

    def _words(self, name: str) -> str:
        return self.said(name).read_text(encoding="utf-8", errors="replace")


@contextmanager
def stage(patience: float) -> Iterator[Stage]:
    """A stage that is cleared when the block ends. A caretaker does that where this process is killed in it."""
    program = Path(__file__).with_name("caretaker.py")
    with uninterrupted():
        folder = Path(tempfile.mkdtemp(prefix="makegood-demo-"))
        try:
            caretaker = subprocess.Popen(
                [sys.executable, "-I", str(program), str(folder)], stdin=subprocess.PIPE, stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL, start_new_session=True,
            )  # fmt: skip
        except OSError:
            folder.rmdir()
            raise
    made = Stage(folder, caretaker, patience)
    try:
        yield made
    finally:
        made.kill()
        shutil.rmtree(folder, ignore_errors=True)
        assert caretaker.stdin is not None
        if not folder.exists():
            caretaker.stdin.write(f"{DONE}\n".encode())
        caretaker.stdin.close()
        caretaker.wait()


def _failed(what: str, said: str) -> Refused:
    last = " / ".join(line.strip() for line in said.strip().splitlines()[-LAST_LINES:])
    return Refused([error("demo-failed", Place("demo"), what, last)])


def _shown(command: Sequence[str]) -> str:
    return " ".join(Path(word).name if word.startswith("/") else word for word in command)
