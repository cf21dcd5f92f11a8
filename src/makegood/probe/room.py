"""How many probes may be under way at once: as many as descriptors and memory let, and no other bound.

And what a process that watches many does once, at its start.
"""

from __future__ import annotations

import ctypes
import gc
import os
import sys
from contextlib import suppress
from pathlib import Path

KEPT_BACK = 64
"""Descriptors for everything else that the process does."""

EACH = 175_000
"""Bytes that a waiting probe costs at most: one that is held up within a TLS handshake. Of its buffers, which libcurl
and OpenSSL size, little is filled; the allocator hands them on, and after some minutes all of them lie in memory."""

_LIMITS = ("/sys/fs/cgroup/memory.max", "/sys/fs/cgroup/memory/memory.limit_in_bytes")


def raise_descriptors() -> int:
    """Let this process have as many descriptors as the system allows it, and say how many these are."""
    if sys.platform == "win32":
        return 8192
    import resource

    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    if most == resource.RLIM_INFINITY:
        most = 1 << 20
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, resource.getrlimit(resource.RLIMIT_NOFILE)[1]))
    return int(most)


def calm_collector() -> None:
    """Have cyclic garbage looked for seldom, and not among what is there now: for a process that does nothing but
    watch, once it has its checks.

    Probes make no such garbage. A search among thousands that wait takes a fifth of a second, in which no other begins.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 20, 100)


def give_back() -> None:
    """Give the system the memory back that ended probes have left; with another C library than glibc, nothing.

    glibc keeps what is freed for whoever asks next. It takes some 20 ms for each 100 MB.
    """
    with suppress(AttributeError, OSError, TypeError):
        ctypes.CDLL(None).malloc_trim(0)


def room(descriptors: int, memory: int | None = None) -> int:
    """How many probes may be under way at once with so many descriptors and so many bytes of memory (those of the
    machine or the container without it), of which half is theirs."""
    by_descriptors = (descriptors - KEPT_BACK) * 9 // 10
    return max(1, min(by_descriptors, (memory or memory_here()) // 2 // EACH))


def memory_here() -> int:
    """Bytes of memory that this process may have: those of the machine, or fewer where a container has a limit."""
    here = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE") if hasattr(os, "sysconf") else 1 << 30
    for name in _LIMITS:
        try:
            text = Path(name).read_text(encoding="ascii").strip()
        except OSError:
            continue
        if text.isdecimal():
            here = min(here, int(text))
    return here
