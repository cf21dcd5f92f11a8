"""DNS: questions to a name server of the test, over UDP and TCP."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import cast

import dns.flags
import dns.message
import dns.rcode
import dns.rrset
import pytest

from makegood.model.checks import DnsProbe
from makegood.model.results import UNTIMED, Reason, Result
from makegood.model.spans import SECOND
from makegood.probe import dns as probe_of_dns
from makegood.probe.dns import split
from tests.probe.servers import free_port, probed

ZONE = {
    "shop.example.": ("300 IN A 192.0.2.1", "300 IN A 192.0.2.2", "300 IN MX 10 mail.shop.example.",
                      '300 IN TXT "v=spf1 " "-all"', "300 IN CAA 0 issue \"ca.example\""),
    "www.shop.example.": ("300 IN CNAME shop.example.",),
}  # fmt: skip
Say = Callable[[dns.message.Message, bool], bytes | None]


def zone(query: dns.message.Message, _stream: bool) -> bytes:
    """Answers from the zone above, following aliases."""
    response = dns.message.make_response(query)
    name = query.question[0].name.to_text()
    kind = dns.rdatatype.to_text(query.question[0].rdtype)
    if name not in ZONE:
        response.set_rcode(dns.rcode.NXDOMAIN)
    for owner in dict.fromkeys((name, "shop.example." if name.startswith("www.") else name)):
        for text in ZONE.get(owner, ()):
            rest = text.removeprefix("300 IN ")
            if rest.split()[0] in (kind, "CNAME"):
                response.answer.append(dns.rrset.from_text(owner, 300, "IN", *rest.split(" ", 1)))
    return response.to_wire()


def too_long(query: dns.message.Message, stream: bool) -> bytes:
    if stream:
        return zone(query, stream)
    response = dns.message.make_response(query)
    response.flags |= dns.flags.TC
    return response.to_wire()


def code(name: str) -> Say:
    def say(query: dns.message.Message, _stream: bool) -> bytes:
        response = dns.message.make_response(query)
        response.set_rcode(dns.rcode.from_text(name))
        return response.to_wire()

    return say


def garbage(_query: dns.message.Message, _stream: bool) -> bytes:
    return b"not a message"


def silence(_query: dns.message.Message, _stream: bool) -> None:
    return None


class Forgetful:
    """Loses the first question, as networks do."""

    def __init__(self) -> None:
        self.lost = 0

    def __call__(self, query: dns.message.Message, stream: bool) -> bytes | None:
        self.lost += 1
        return None if self.lost == 1 else zone(query, stream)


def forged(query: dns.message.Message, _stream: bool) -> bytes:
    """An answer to a question that nobody has asked."""
    other = dns.message.make_query(query.question[0].name, "A")
    other.id = query.id ^ 1
    return zone(other, False)


def cut_in_two(query: dns.message.Message, stream: bool) -> bytes:
    return b"" if stream else too_long(query, stream)


@asynccontextmanager
async def server(say: Say) -> AsyncIterator[int]:
    """A name server on one port of UDP and TCP; what is said empty over TCP ends the connection."""
    loop = asyncio.get_running_loop()

    class Datagrams(asyncio.DatagramProtocol):
        def connection_made(self, transport: asyncio.BaseTransport) -> None:
            self.out = cast(asyncio.DatagramTransport, transport)

        def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
            said = say(dns.message.from_wire(data), False)
            if said is not None:
                self.out.sendto(said, addr)

    async def stream(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        length = int.from_bytes(await reader.readexactly(2), "big")
        said = say(dns.message.from_wire(await reader.readexactly(length)), True)
        if said:
            writer.write(len(said).to_bytes(2, "big") + said)
            await writer.drain()
        writer.close()

    tcp = await asyncio.start_server(stream, "127.0.0.1", 0)
    port = tcp.sockets[0].getsockname()[1]
    udp, _ = await loop.create_datagram_endpoint(Datagrams, local_addr=("127.0.0.1", port))
    try:
        yield port
    finally:
        udp.close()
        tcp.close()
        await tcp.wait_closed()


@pytest.mark.parametrize(
    ("say", "name", "kind", "asks", "reason", "status", "tells"),
    [
        (zone, "shop.example", "A", {}, Reason.OK, 0, ""),
        (zone, "shop.example.", "A", {"answers": ("192.0.2.2", "192.0.2.1")}, Reason.OK, 0, ""),
        (zone, "shop.example", "A", {"answers": ("192.0.2.3",)}, Reason.ANSWER, 0,
         "no record is 192.0.2.3; there are 192.0.2.1, 192.0.2.2"),
        (zone, "shop.example", "MX", {"answers": ("10 MAIL.shop.example",)}, Reason.OK, 0, ""),
        (zone, "shop.example", "MX", {"answers": ("20 mail.shop.example",)}, Reason.ANSWER, 0, "10 mail.shop.example."),
        (zone, "shop.example", "TXT", {"answers": ("v=spf1 -all",)}, Reason.OK, 0, ""),
        (zone, "shop.example", "TXT", {"answers": ('"v=spf1 -all"',)}, Reason.OK, 0, ""),
        (zone, "shop.example", "TXT", {"answers": ("v=spf1",)}, Reason.ANSWER, 0, "no record is v=spf1"),
        (zone, "shop.example", "CAA", {"answers": ('0 issue "ca.example"',)}, Reason.OK, 0, ""),
        (zone, "shop.example", "A", {"answers": ("no address",)}, Reason.ANSWER, 0, "no record is no address"),
        (zone, "www.shop.example", "A", {"answers": ("192.0.2.1",)}, Reason.OK, 0, ""),
        (zone, "www.shop.example", "CNAME", {"answers": ("shop.example",)}, Reason.OK, 0, ""),
        (zone, "shop.example", "AAAA", {}, Reason.ANSWER, 0, "there is no AAAA record"),
        (zone, "gone.example", "A", {}, Reason.STATUS, 3, "the response code is NXDOMAIN"),
        (zone, "gone.example", "A", {"code": "nxdomain"}, Reason.OK, 3, ""),
        (zone, "shop.example", "A", {"code": "NXDOMAIN"}, Reason.STATUS, 0, "the response code is NOERROR"),
        (code("SERVFAIL"), "shop.example", "A", {}, Reason.STATUS, 2, "SERVFAIL"),
        (code("REFUSED"), "shop.example", "A", {}, Reason.STATUS, 5, "REFUSED"),
        (too_long, "shop.example", "A", {"answers": ("192.0.2.1",)}, Reason.OK, 0, ""),
        (Forgetful(), "shop.example", "A", {}, Reason.OK, 0, ""),
        (garbage, "shop.example", "A", {}, Reason.PROTOCOL, 0, "no message of DNS"),
        (cut_in_two, "shop.example", "A", {}, Reason.RESET, 0, "before the answer was whole"),
        (silence, "shop.example", "A", {}, Reason.TIMEOUT, 0, "did not answer in time"),
        (forged, "shop.example", "A", {}, Reason.TIMEOUT, 0, "did not answer in time"),
    ],
)  # fmt: skip
def test_each_answer_has_its_reason(
    say: Say, name: str, kind: str, asks: dict[str, object], reason: Reason, status: int, tells: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    monkeypatch.setattr(probe_of_dns, "AGAIN", SECOND // 10)

    async def main() -> Result:
        async with server(say) as port:
            probe = DnsProbe(name, kind, f"127.0.0.1:{port}", **asks)  # type: ignore[arg-type]
            return await probed(probe, timeout=SECOND // 3 if reason is Reason.TIMEOUT else 5 * SECOND)

    result = asyncio.run(main())
    assert (result.reason, result.status) == (reason, status), result.detail
    assert tells in result.detail
    if reason is Reason.OK:
        assert 0 <= result.first_byte <= result.total


def test_where_no_server_listens_it_is_refused_and_where_the_door_is_shut_forbidden() -> None:
    async def main() -> list[Result]:
        return [
            await probed(DnsProbe("shop.example", server=server), timeout=SECOND)
            for server in (f"127.0.0.1:{free_port()}", "10.0.0.53", "169.254.169.254", "no-such-server.invalid")
        ]

    results = asyncio.run(main())
    assert [one.reason for one in results] == [Reason.REFUSED, Reason.FORBIDDEN, Reason.FORBIDDEN, Reason.DNS]
    assert results[0].first_byte == UNTIMED


def test_the_servers_of_the_system_are_asked_one_after_the_other(monkeypatch: pytest.MonkeyPatch) -> None:
    """Also where the location may otherwise connect to nothing of its own network."""

    class System:
        port = 0
        nameservers = ("127.0.0.1", "https://dns.example/query", "127.0.0.1")

    async def main() -> Result:
        async with server(Forgetful()) as port:
            System.port = port
            return await probed(DnsProbe("shop.example"), timeout=SECOND, allowed=())

    monkeypatch.setattr("dns.resolver.Resolver", System)
    result = asyncio.run(main())
    assert result.reason is Reason.OK, result.detail


@pytest.mark.parametrize(
    ("written", "host", "port"),
    [
        ("ns1.example", "ns1.example", 53),
        ("ns1.example:5353", "ns1.example", 5353),
        ("192.0.2.1:5353", "192.0.2.1", 5353),
        ("2001:db8::1", "2001:db8::1", 53),
        ("[2001:db8::1]", "2001:db8::1", 53),
        ("[2001:db8::1]:5353", "2001:db8::1", 5353),
    ],
)
def test_a_server_is_a_host_with_or_without_a_port(written: str, host: str, port: int) -> None:
    assert split(written) == (host, port)
