"""The probes of one step below HTTP: TCP, DNS, TLS and ping."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from makegood.contract.nodes import Keyed, Text
from makegood.contract.shape import Fields, Key, Report, Shape, list_of, one_of
from makegood.contract.values import DURATION, YES_NO
from makegood.contract.wrong import Wrong
from makegood.exchange.checks.addresses import HOST, PORT, SERVER, address
from makegood.exchange.checks.http import LASTING, TEXT, short
from makegood.exchange.checks.texts import as_written, counted, errors, key_text, place_text, sent, too_many
from makegood.model.checks import DnsProbe, PingProbe, TcpProbe, TlsProbe
from makegood.model.spans import DAY

TYPES: Final = ("A", "AAAA", "CAA", "CNAME", "MX", "NS", "PTR", "SOA", "SRV", "TXT")
RESPONSES: Final = ("NOERROR", "NXDOMAIN", "SERVFAIL", "REFUSED", "FORMERR", "NOTIMP")
MOST_REQUESTS: Final = 100
_TCP, _DNS, _TLS, _PING = TcpProbe("", 1), DnsProbe(""), TlsProbe(""), PingProbe("")

DEFAULT_DAYS: Final = _TLS.remaining // DAY

HOST_KEY: Final = Key("host", HOST, "where to")
PORT_KEY: Final = Key("port", PORT, "which port")
SEND: Final = Key("send", as_written("a text", "PING", sent()), "what is sent once connected, as it is", _TCP.send)
EXPECTS: Final = Key("contains", TEXT, "what the other side must then send", _TCP.contains, like="+PONG")
TCP_TABLE: Final[Sequence[Key[Any]]] = (HOST_KEY, PORT_KEY, SEND, EXPECTS)

NAME: Final = Key("name", HOST, "the name that is asked for")
TYPE: Final = Key("type", one_of(*TYPES), "the type of record that is asked for", _DNS.type)
SERVER_KEY: Final = Key(
    "server", SERVER, "the name server that is asked; those of the location's system where not written", _DNS.server
)
ANSWERS: Final = Key(
    "answers", list_of(as_written("data of records", "192.0.2.10", sent(lines=False, secrets=False))),
    "data that must all be among the records of the answer, as a name server writes them", _DNS.answers,
)  # fmt: skip
CODE: Final = Key("code", one_of(*RESPONSES), "the response code that is good", _DNS.code)
DNS_TABLE: Final[Sequence[Key[Any]]] = (NAME, TYPE, SERVER_KEY, ANSWERS, CODE)

TLS_PORT: Final = Key("port", PORT, "which port", _TLS.port)
CALLED: Final = Key(
    "name", HOST, "the name that is asked for and must be in the certificate; the host where not written",
    _TLS.server_name,
)  # fmt: skip
VERIFY: Final = Key("verify", YES_NO, "whether the certificate must be trusted and for this name", _TLS.verify)
CERTIFICATE: Final = Key(
    "certificate", LASTING, "how long every certificate of the chain must still hold, a day being 24 hours",
    _TLS.remaining,
)  # fmt: skip
TLS_TABLE: Final[Sequence[Key[Any]]] = (HOST_KEY, TLS_PORT, CALLED, VERIFY, CERTIFICATE)

REQUESTS: Final = Key(
    "requests", counted("a number of requests", "3", 1, MOST_REQUESTS), "how many are sent", _PING.requests
)
REPLIES: Final = Key(
    "replies", counted("a number of replies with its side", "at least 2", 1, MOST_REQUESTS, "at least"),
    "how many of them must be answered", _PING.replies,
)  # fmt: skip
INTERVAL: Final = Key("interval", DURATION, "how long after one the next is sent", _PING.interval, like="200 ms")
PING_TABLE: Final[Sequence[Key[Any]]] = (HOST_KEY, REQUESTS, REPLIES, INTERVAL)


def _tcp(node: Keyed, report: Report) -> TcpProbe | None:
    before = errors(report)
    fields = Fields(node, TCP_TABLE, report, "a TCP probe")
    probe = TcpProbe(fields.get(HOST_KEY), fields.get(PORT_KEY), fields.get(SEND), fields.get(EXPECTS))
    return None if errors(report) > before else probe


def _dns(node: Keyed, report: Report) -> DnsProbe | None:
    before = errors(report)
    fields = Fields(node, DNS_TABLE, report, "a DNS probe")
    probe = DnsProbe(fields.get(NAME), fields.get(TYPE), fields.get(SERVER_KEY), fields.get(ANSWERS), fields.get(CODE))
    if errors(report) == before and probe.answers and probe.code != "NOERROR":
        what = f"an answer of {probe.code} has no records, and `answers` asks for some"
        why, hint = "such a check is never up", "take `answers` or `code` away"
        report.error("never-up", key_text(node, "answers").place, what, why, hint)
    if errors(report) == before and node.get("answers") is not None and not probe.answers:
        report.error("missing-key", place_text(node, "answers").place, "`answers` lists nothing", "", "take it away")
    if errors(report) == before:
        too_many(place_text(node, "answers"), len(probe.answers), "answers", report)
    return None if errors(report) > before else probe


def _tls(node: Keyed, report: Report) -> TlsProbe | None:
    before = errors(report)
    fields = Fields(node, TLS_TABLE, report, "a TLS probe")
    probe = TlsProbe(
        fields.get(HOST_KEY), fields.get(TLS_PORT), fields.get(CALLED), fields.get(VERIFY), fields.get(CERTIFICATE)
    )
    return None if errors(report) > before else probe


def _ping(node: Keyed, report: Report) -> PingProbe | None:
    before = errors(report)
    fields = Fields(node, PING_TABLE, report, "a ping")
    probe = PingProbe(fields.get(HOST_KEY), fields.get(REQUESTS), fields.get(REPLIES), fields.get(INTERVAL))
    if errors(report) == before and probe.replies > probe.requests:
        sent = "1 request is" if probe.requests == 1 else f"{probe.requests} requests are"
        what = f"{probe.replies} replies are asked for, and {sent} sent"
        hint = f"write `requests: {probe.replies}`, or ask for fewer replies"
        report.error("never-up", place_text(node, "replies").place, what, "such a check is never up", hint)
    return None if errors(report) > before else probe


def _at(text: Text, report: Report, default: int, example: str) -> tuple[str, int] | None:
    def convert(words: str) -> tuple[str, int] | Wrong:
        return address(words, default)

    return as_written("a host with its port", example, convert).read(text, report)


def _tcp_at(text: Text, report: Report) -> TcpProbe | None:
    found = _at(text, report, 0, "db.example:5432")
    return TcpProbe(*found) if found else None


def _tls_at(text: Text, report: Report) -> TlsProbe | None:
    found = _at(text, report, _TLS.port, "shop.example:8443")
    return TlsProbe(*found) if found else None


def _dns_of(text: Text, report: Report) -> DnsProbe | None:
    found = HOST.read(text, report)
    return DnsProbe(found) if found else None


def _ping_to(text: Text, report: Report) -> PingProbe | None:
    found = HOST.read(text, report)
    return PingProbe(found) if found else None


TCP: Final[Shape[TcpProbe]] = short("a TCP probe, or a host with its port", "db.example:5432", TCP_TABLE, _tcp, _tcp_at)
DNS: Final[Shape[DnsProbe]] = short("a DNS probe, or the name asked for", "shop.example", DNS_TABLE, _dns, _dns_of)
TLS: Final[Shape[TlsProbe]] = short("a TLS probe, or a host", "shop.example", TLS_TABLE, _tls, _tls_at)
PING: Final[Shape[PingProbe]] = short("a ping, or a host", "gateway.example", PING_TABLE, _ping, _ping_to)
