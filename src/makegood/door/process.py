"""A whole process behind the door: for libraries that open connections of their own, such as those for chat.

It holds for everything that Python's `socket` connects or sends, in all threads, until the process ends. It is no
sandbox: code in C (libcurl, a database's client) goes past it, so only libraries known to use `socket` belong here.
"""

from __future__ import annotations

import socket
import sys
from collections.abc import Callable
from typing import Any

from makegood.door.forbidden import Forbidden
from makegood.door.policy import Policy

_SENDS = frozenset({"socket.connect", "socket.sendto", "socket.sendmsg"})
_STARTS = frozenset({"subprocess.Popen", "os.system", "os.exec", "os.posix_spawn", "os.spawn", "os.fork", "os.forkpty"})


def shut(policy: Policy) -> None:
    """From now on this process connects to nothing but what the policy lets pass, and starts no other process.

    Whoever tries gets Forbidden. It cannot be taken back: call it at the start of a process that does nothing else.
    An address must be numeric by then, as `socket.create_connection` makes it; local sockets are refused as well.
    """
    sys.addaudithook(_hook(policy))


def _hook(policy: Policy) -> Callable[[str, tuple[Any, ...]], None]:
    def check(event: str, values: tuple[Any, ...]) -> None:
        if event in _SENDS:
            opened, where = values[0], values[1]
            if where is None:
                return  # sent on a connection that was checked when it was made
            if opened.family not in (socket.AF_INET, socket.AF_INET6) or not isinstance(where, tuple):
                raise Forbidden("is no IP address", hint="a local socket cannot be reached from here")
            policy.check(str(where[0]))
        elif event in _STARTS:
            raise Forbidden("would be reached by another process", hint="this process may start none")

    return check
