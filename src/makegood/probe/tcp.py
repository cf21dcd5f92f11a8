"""TCP: a connection, and what the other side must then send."""

from __future__ import annotations

import asyncio
import socket

from makegood.model.checks import TcpProbe
from makegood.model.results import Reason, Result
from makegood.probe.attempt import Attempt, Found
from makegood.probe.reaching import connected, resolved, seconds

CAP = 1 << 16
"""Bytes in which what is asked for must stand."""


async def probe_tcp(probe: TcpProbe, attempt: Attempt) -> Result:
    """Up where the connection is made and, if a text is asked for, it comes."""
    secrets = attempt.context.secrets
    send, wanted = secrets.fill(probe.send).encode(), secrets.fill(probe.contains).encode()
    opened = await connected(await resolved(probe.host, probe.port, attempt), attempt)
    told = secrets.excerpt(probe.contains)
    try:
        async with asyncio.timeout(seconds(attempt)):
            if send:
                await asyncio.get_running_loop().sock_sendall(opened, send)
            if wanted:
                await _until(wanted, told, opened, attempt)
    except TimeoutError:
        raise Found(Reason.TIMEOUT, f"connected, and no {told!r} in time" if told else "nothing is taken") from None
    except ConnectionError:
        raise Found(Reason.RESET, "the connection was ended before the answer was whole") from None
    finally:
        opened.close()
    return attempt.result(Reason.OK)


async def _until(wanted: bytes, told: str, opened: socket.socket, attempt: Attempt) -> None:
    """Read until a text was sent. Raises Found where it cannot come any more."""
    loop = asyncio.get_running_loop()
    came = bytearray()
    while wanted not in came:
        chunk = await loop.sock_recv(opened, CAP)
        if came == b"" and chunk:
            attempt.times.first_byte = attempt.elapsed()
        if not chunk and not came:
            raise Found(Reason.RESET, "the connection was ended without an answer")
        if not chunk:
            raise Found(Reason.CONTENT, f"the answer does not contain {told!r}")
        came += chunk
        if len(came) > CAP and wanted not in came:
            raise Found(Reason.TOO_LARGE, f"no {told!r} in the first {CAP:,} bytes")
