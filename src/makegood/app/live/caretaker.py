"""Clears up when the live demo cannot do so itself, because it was killed. Run as a program, beside the demo.

It is told on its standard input of each process that the demo starts, a number a line, and `done` at the end. Where the
input ends without that, the demo is gone: then it kills those processes and removes the folder that it was given.
Standard library only, since it starts before everything else.
"""

from __future__ import annotations

import os
import shutil
import signal
import sys
import time
from contextlib import suppress

DONE = "done"
TRIES = 50
"""How often it tries to remove the folder, a tenth of a second apart: a process that dies may still write in it."""


def main() -> None:
    """Wait for the end of the demo."""
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)
    started = list[int]()
    for line in sys.stdin:
        if line.strip() == DONE:
            return
        started.append(int(line))
    for group in started:
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(group, signal.SIGKILL)
    for _ in range(TRIES):
        shutil.rmtree(sys.argv[1], ignore_errors=True)
        if not os.path.exists(sys.argv[1]):  # noqa: PTH110 -- pathlib costs more than all the rest
            return
        time.sleep(0.1)


if __name__ == "__main__":
    main()
