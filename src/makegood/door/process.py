"""A whole process behind the door: for libraries that open connections of their own, such as those for chat.

It holds for everything that Python's `socket` connects or sends, in all threads, until the process ends. It is no
sandbox: code in C (libcurl, a database's client) goes past it, so only libraries known to use `socket` belong here.
"""

from __future__ import annotations

import errno
import os
import socket
import sys
from collections.abc import Callable, Iterable
from typing import Any

from makegood.door.forbidden import Forbidden
from makegood.door.policy import Policy

_SENDS = frozenset({"socket.connect", "socket.sendto", "socket.sendmsg", "socket.bind"})
"""To bind is here for services, and for files: local sockets make them."""
_STARTS = frozenset(
    {"subprocess.Popen", "os.system", "os.exec", "os.posix_spawn", "os.spawn", "os.fork", "os.forkpty", "pty.spawn"}
)
_WRITES = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_APPEND
_CHANGES = frozenset({"os.remove", "os.rename", "os.rmdir", "os.mkdir", "os.link", "os.symlink", "os.truncate"})


def shut(policy: Policy, reads: Iterable[str] | None = None) -> list[Forbidden]:
    """From now on this process connects to nothing but what the policy lets pass, and starts no other process.

    Whoever tries gets Forbidden. It cannot be taken back: call it at the start of a process that does nothing else.
    An address must be numeric by then, as `socket.create_connection` makes it; local sockets are refused as well.
    With `reads`, files are opened below these folders alone, and only to be read; else PermissionError is raised.
    The answer is a list that each refusal is put into, since many a library does not let one pass through.
    """
    refusals: list[Forbidden] = []
    sys.addaudithook(_hook(policy, refusals))
    if reads is not None:
        sys.addaudithook(_file_hook(tuple(os.path.realpath(folder) for folder in reads if folder)))
    return refusals


def _hook(policy: Policy, refusals: list[Forbidden]) -> Callable[[str, tuple[Any, ...]], None]:
    def check(event: str, values: tuple[Any, ...]) -> None:
        if event in _SENDS or event in _STARTS:
            try:
                _check(policy, event, values)
            except Forbidden as refusal:
                refusals.append(refusal)
                raise

    return check


def _check(policy: Policy, event: str, values: tuple[Any, ...]) -> None:
    if event in _STARTS:
        raise Forbidden("would be reached by another process", hint="this process may start none")
    opened, where = values[0], values[1]
    if where is None:
        return  # sent on a connection that was checked when it was made
    if opened.family not in (socket.AF_INET, socket.AF_INET6) or not isinstance(where, tuple):
        raise Forbidden("is no IP address", hint="a local socket cannot be reached from here")
    if (
        event != "socket.bind" or where[1]
    ):  # a port that the system picks is what clients try which families there are by
        policy.check(str(where[0]))


def _file_hook(inside: tuple[str, ...]) -> Callable[[str, tuple[Any, ...]], None]:
    def check(event: str, values: tuple[Any, ...]) -> None:
        if event in _CHANGES:
            raise _no_file(values[0])
        if event != "open" or not isinstance(values[0], str | bytes | os.PathLike):
            return  # what is no path is a descriptor that is open already
        where, flags = os.path.realpath(os.fsdecode(values[0])), values[2]
        if where == os.devnull:
            return
        writes = isinstance(flags, int) and flags & _WRITES
        if writes or not any(where == root or where.startswith(root.rstrip("/") + "/") for root in inside):
            raise _no_file(where)

    return check


def _no_file(path: object) -> PermissionError:
    name = os.path.basename(os.fsdecode(path)) if isinstance(path, str | bytes | os.PathLike) else ""  # noqa: PTH119
    return PermissionError(errno.EACCES, "this process may not open or change it", name)
