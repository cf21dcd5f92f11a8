"""The clocks of this machine: one that can be set at any time, one that nobody sets, and what names this boot of it.

Everything is µs.
"""

from __future__ import annotations

import platform
import time
from hashlib import sha256
from pathlib import Path

from makegood.model.spans import Duration, Instant


def wall_clock() -> Instant:
    """The system's clock, UTC, which can be set at any time."""
    return time.time_ns() // 1_000


def steady_clock() -> Duration:
    """A clock that nobody sets, and that goes on while the machine sleeps where the system has such a one."""
    which = getattr(time, "CLOCK_BOOTTIME", time.CLOCK_MONOTONIC)
    return time.clock_gettime_ns(which) // 1_000


def this_boot() -> str:
    """What names the time since the machine started, over which the steady clock goes on; empty where nothing does."""
    try:
        return Path("/proc/sys/kernel/random/boot_id").read_text(encoding="ascii").strip()
    except OSError:
        return ""


def this_machine() -> str:
    """What two programs have in common that share these clocks, and that says nothing else of the machine."""
    named = this_boot() or platform.node()
    return sha256(f"makegood.machine/1\n{named}".encode()).hexdigest()[:16]
