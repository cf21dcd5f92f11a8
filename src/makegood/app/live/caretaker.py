"""Clears up when the live demo cannot do so itself, because it was killed. Run as a program, beside the demo.

It is told on its standard input of each process that the demo starts, a number a line, and `done` at the end. Where the
input ends without that, the demo is gone: then it kills those processes and removes the folder that it was given. One
that was started and not told of any more is known by its environment, where the system shows that.
Standard library only, since it starts before everything else.
"""

from __future__ import annotations

import os
import shutil
import signal
import sys
import time
from collections.abc import Iterator
from contextlib import suppress

DONE = "done"
MARK = "MAKEGOOD_DEMO"
"""The variable in which each process of a demo has its folder."""
TRIES, LEAST = 50, 5
"""How often it tries to remove the folder, a tenth of a second apart, and looks for processes at least: one that dies
may still write in it, and one that is just starting is not yet seen."""


def main() -> None:
    """Wait for the end of the demo."""
    folder = sys.argv[1]
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)
    started = list[int]()
    for line in sys.stdin:
        if line.strip() == DONE:
            return
        started.append(int(line))
    for tried in range(TRIES):
        for process in (*started, *marked(folder)):
            with suppress(ProcessLookupError, PermissionError):
                os.kill(process, signal.SIGKILL)
        started.clear()
        shutil.rmtree(folder, ignore_errors=True)
        if tried + 1 >= LEAST and not os.path.exists(folder):  # noqa: PTH110 -- pathlib costs more than all the rest
            return
        time.sleep(0.1)


def marked(folder: str) -> Iterator[int]:
    """The processes of a demo, as Linux lists them; none on other systems."""
    mark = f"{MARK}={folder}".encode()
    with suppress(OSError):
        for name in os.listdir("/proc"):  # noqa: PTH208
            if name.isdigit() and int(name) != os.getpid():
                with suppress(OSError), open(f"/proc/{name}/environ", "rb") as file:  # noqa: PTH123
                    if mark in file.read().split(b"\0"):
                        yield int(name)


if __name__ == "__main__":
    main()
