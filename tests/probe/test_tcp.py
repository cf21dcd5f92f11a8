"""TCP: the connection, and what must come by it."""

import asyncio
from collections.abc import Awaitable, Callable

import pytest

from makegood.model.checks import TcpProbe
from makegood.model.results import UNTIMED, Reason, Result
from makegood.model.spans import SECOND, Duration
from tests.probe.servers import Behave, deaf, end, free_port, hang, probed, reset, reset_now, served

SOON: Duration = SECOND // 3


async def redis(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Answers a PING in two pieces, to who has the password."""
    said = await reader.readuntil(b"\r\n")
    writer.write(b"+PO" if said == b"PING sesame\r\n" else b"-NOAUTH\r\n")
    await writer.drain()
    await asyncio.sleep(0.01)
    writer.write(b"NG\r\n")
    await asyncio.Event().wait()


async def banner(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    writer.write(b"220 mail.example ESMTP\r\n")
    await writer.drain()


async def flood(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    while True:
        writer.write(b"x" * 65_536)
        await writer.drain()


async def reset_at_once(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    reset_now(writer)


@pytest.mark.parametrize(
    ("behave", "send", "contains", "reason", "tells"),
    [
        (hang, "", "", Reason.OK, ""),
        (redis, "PING {secret.KEY}\r\n", "+PONG", Reason.OK, ""),
        (banner, "", "ESMTP", Reason.OK, ""),
        (banner, "", "SSH", Reason.CONTENT, "does not contain 'SSH'"),
        (redis, "PING\r\n", "+PONG", Reason.TIMEOUT, "no '+PONG' in time"),
        (hang, "", "220", Reason.TIMEOUT, "no '220' in time"),
        (end, "QUIT", "220", Reason.RESET, "without an answer"),
        (reset, "QUIT", "220", Reason.RESET, "before the answer was whole"),
        (reset_at_once, "", "220", Reason.RESET, "before the answer was whole"),
        (flood, "", "220", Reason.TOO_LARGE, "in the first 65,536 bytes"),
        (hang, "{secret.NONE}", "", Reason.SECRET, "does not know the secret NONE"),
    ],
)
def test_each_answer_has_its_reason(behave: Behave, send: str, contains: str, reason: Reason, tells: str) -> None:
    async def main() -> Result:
        async with served(behave) as port:
            probe = TcpProbe("127.0.0.1", port, send, contains)
            timeout = SOON if reason is Reason.TIMEOUT else 5 * SECOND
            return await probed(probe, timeout=timeout, secrets={"KEY": "sesame"})

    result = asyncio.run(main())
    assert result.reason is reason, result.detail
    assert tells in result.detail
    assert (result.first_byte != UNTIMED) == (bool(contains) and behave in (redis, banner, flood))


async def refused() -> Result:
    return await probed(TcpProbe("127.0.0.1", free_port()))


async def unheard() -> Result:
    with deaf() as port:
        return await probed(TcpProbe("127.0.0.1", port), timeout=SOON)


async def no_name() -> Result:
    return await probed(TcpProbe("no-such-shop.invalid", 1))


async def private() -> Result:
    return await probed(TcpProbe("10.0.0.1", 5432))


@pytest.mark.parametrize(
    ("run", "reason"),
    [
        (refused, Reason.REFUSED),
        (unheard, Reason.CONNECT_TIMEOUT),
        (no_name, Reason.DNS),
        (private, Reason.FORBIDDEN),
    ],
)
def test_what_is_not_reached_has_its_reason(run: Callable[[], Awaitable[Result]], reason: Reason) -> None:
    async def main() -> Result:
        return await run()

    result = asyncio.run(main())
    assert result.reason is reason, result.detail
    assert result.connect == UNTIMED
