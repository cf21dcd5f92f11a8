"""TLS: the handshake, the name, the chain and its end."""

import asyncio
from typing import Any

import pytest

from makegood.model.checks import TlsProbe
from makegood.model.results import UNTIMED, Reason, Result
from makegood.model.spans import DAY, SECOND
from tests.probe.servers import Certificates, free_port, hang, location, now, probed, served

CASES = {
    "a good certificate": ("good", {}, Reason.OK, ""),
    "for the name of another server": ("other", {"server_name": "other.example"}, Reason.OK, ""),
    "for another name": ("other", {}, Reason.CERTIFICATE, "matches target"),
    "for a name it has not": ("good", {"server_name": "shop.example"}, Reason.CERTIFICATE, "shop.example"),
    "for an address it has not": ("good", {"server_name": "127.0.0.9"}, Reason.CERTIFICATE, "127.0.0.9"),
    "too short": ("short", {}, Reason.CERTIFICATE_EXPIRES, "holds for 2 days more; asked: 14 days"),
    "short, and long enough": ("short", {"remaining": 2 * DAY}, Reason.OK, ""),
    "on a chain that is too short": ("tired", {}, Reason.CERTIFICATE_EXPIRES, "CN=Middle"),
    "with one that it does not need": ("extra", {}, Reason.OK, ""),
    "expired": ("expired", {}, Reason.CERTIFICATE_EXPIRED, "expired"),
    "expired, and not verified": ("expired", {"verify": False}, Reason.CERTIFICATE_EXPIRED, "CN=shop"),
    "not valid yet": ("early", {}, Reason.CERTIFICATE, "not valid yet"),
    "signed by itself": ("alone", {}, Reason.CERTIFICATE, "self-signed"),
    "signed by itself, and not verified": ("alone", {"verify": False}, Reason.OK, ""),
    "a name that is none": ("good", {"server_name": "a b"}, Reason.FORBIDDEN, "write a name of letters"),
}


@pytest.mark.parametrize(("name", "asks", "reason", "tells"), CASES.values(), ids=CASES)
def test_each_certificate_has_its_reason(
    name: str, asks: dict[str, Any], reason: Reason, tells: str, certificates: Certificates
) -> None:
    async def main() -> Result:
        async with served(hang, certificates.server(name)) as port:
            return await probed(TlsProbe("127.0.0.1", port, **asks), authorities=certificates.authority)

    result = asyncio.run(main())
    assert result.reason is reason, result.detail
    assert tells in result.detail
    assert (result.tls != UNTIMED) == (reason in (Reason.OK, Reason.CERTIFICATE_EXPIRES) or "CN=shop" in tells)


def test_a_server_that_says_nothing_is_a_timeout_and_nobody_a_refusal() -> None:
    async def main() -> tuple[Result, Result]:
        async with served(hang) as port:
            silent = await probed(TlsProbe("127.0.0.1", port), timeout=SECOND // 3)
            return silent, await probed(TlsProbe("127.0.0.1", free_port()))

    silent, nobody = asyncio.run(main())
    assert (silent.reason, silent.detail) == (Reason.TIMEOUT, "connected, and no TLS handshake in time")
    assert nobody.reason is Reason.REFUSED


def test_a_handshake_leaves_no_connection_behind(certificates: Certificates) -> None:
    from makegood.model.checks import Check
    from makegood.probe.kinds import probe

    open_now = 0

    async def count(reader: asyncio.StreamReader, _writer: asyncio.StreamWriter) -> None:
        nonlocal open_now
        open_now += 1
        await reader.read()
        open_now -= 1

    async def main() -> list[Reason]:
        async with (
            served(count, certificates.server("good")) as port,
            location(authorities=certificates.authority) as context,
        ):
            check = Check("certificate", "shop", TlsProbe("127.0.0.1", port))
            reasons = [(await probe(check, context)).reason for _ in range(5)]
            for _ in range(200):
                if open_now <= 1:  # the last one may wait for the next
                    break
                await asyncio.sleep(0.01)
            return reasons

    assert asyncio.run(main()) == [Reason.OK] * 5
    assert open_now <= 1


def test_what_ends_first_of_what_a_certificate_rests_on_is_told_also_where_nothing_is_asked(
    certificates: Certificates,
) -> None:
    """Also of one that need not be good, and never of one that was refused: who shows that is nobody."""

    async def found(name: str, verify: bool = True) -> int:
        async with served(hang, certificates.server(name)) as port:
            probe = TlsProbe("127.0.0.1", port, verify=verify, remaining=0)
            return (await probed(probe, authorities=certificates.authority)).expires

    async def main() -> dict[str, int]:
        begun = now()
        ends = {name: await found(name) - begun for name in ("good", "short", "tired", "extra")}
        return ends | {"other": await found("other"), "expired": await found("expired", verify=False) - begun}

    ends = {name: round(left / DAY) for name, left in asyncio.run(main()).items()}
    assert ends == {"good": 90, "short": 3, "tired": 3, "extra": 90, "other": 0, "expired": -1}
