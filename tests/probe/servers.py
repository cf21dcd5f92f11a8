"""Servers on loopback that misbehave on purpose, certificates for them, and one probe against them."""

from __future__ import annotations

import asyncio
import socket
import ssl
import struct
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Mapping
from contextlib import asynccontextmanager, contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from ipaddress import IPv4Network, IPv6Network, ip_address, ip_network
from pathlib import Path
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, EllipticCurvePrivateKey, generate_private_key
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID

from makegood.door.policy import Policy
from makegood.model.checks import Check, Probe
from makegood.model.results import Result
from makegood.model.spans import SECOND, Duration
from makegood.probe.attempt import Context
from makegood.probe.handles import Handles
from makegood.probe.kinds import probe as carry_out
from makegood.probe.secret import Secrets

Behave = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]

LOOPBACK: tuple[IPv4Network | IPv6Network, ...] = (ip_network("127.0.0.0/8"), ip_network("::1/128"))


@asynccontextmanager
async def location(
    *,
    secrets: Mapping[str, str] | None = None,
    authorities: str = "",
    allowed: tuple[IPv4Network | IPv6Network, ...] = LOOPBACK,
) -> AsyncIterator[Context]:
    """What probes of one location share; it may connect to loopback."""
    policy = Policy(allowed)
    handles = Handles(policy, authorities)
    try:
        yield Context(now, steady, policy, Secrets(secrets or {}), handles)
    finally:
        await handles.aclose()


def now() -> int:
    return time.time_ns() // 1000


def steady() -> int:
    return time.monotonic_ns() // 1000


async def probed(probe: Probe, *, timeout: Duration = 5 * SECOND, **options: Any) -> Result:
    """What one probe finds; the options are those of `location`."""
    async with location(**options) as context:
        return await carry_out(Check("front page", "shop", probe, timeout=timeout), context)


@asynccontextmanager
async def served(behave: Behave, tls: ssl.SSLContext | None = None, host: str = "127.0.0.1") -> AsyncIterator[int]:
    """A server that does so with each connection; the value is its port."""
    tasks: set[asyncio.Task[Any]] = set()
    transports: set[asyncio.WriteTransport] = set()

    async def one(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        tasks.add(task)
        transports.add(writer.transport)
        try:
            await behave(reader, writer)
        except (OSError, asyncio.IncompleteReadError, asyncio.CancelledError):
            writer.transport.abort()
        finally:
            writer.close()

    server = await asyncio.start_server(one, host, 0, ssl=tls)
    loop = asyncio.get_running_loop()
    loop.set_exception_handler(lambda _loop, _context: None)  # a client that a server cannot talk to is meant
    try:
        yield server.sockets[0].getsockname()[1]
    finally:
        await turns()  # for who was let in last
        server.close()
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        for transport in transports:
            with suppress(AttributeError):  # early versions of Python 3.11 cannot abort a TLS connection that has ended
                transport.abort()
        await server.wait_closed()
        await turns()  # transports close in a turn of their own


async def turns() -> None:
    """Let the loop do what it is at."""
    for _ in range(6):
        await asyncio.sleep(0)


def answering(
    body: bytes | str = b"all is well", status: str = "200 OK", headers: Mapping[str, str] | None = None
) -> Behave:
    """A server that answers every request so."""
    raw = body.encode() if isinstance(body, str) else body
    lines = [f"HTTP/1.1 {status}", f"Content-Length: {len(raw)}", *(f"{k}: {v}" for k, v in (headers or {}).items())]
    return sending("\r\n".join(lines).encode() + b"\r\n\r\n" + raw)


def sending(raw: bytes) -> Behave:
    """A server that reads a request and sends these bytes."""

    async def behave(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(raw)
        await writer.drain()

    return behave


@dataclass(frozen=True)
class Asked:
    """A request that a server got."""

    method: str
    path: str
    headers: Mapping[str, str]
    body: bytes

    def host(self) -> str:
        return self.headers.get("host", "")


def routed(answer: Callable[[Asked], bytes], asked: list[Asked] | None = None) -> Behave:
    """A server that answers by what is asked, and keeps what was."""

    async def behave(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
        first, *lines = head.split("\r\n")
        method, path, _ = first.split(" ", 2)
        headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines) if name}
        body = await reader.readexactly(int(headers.get("content-length", "0")))
        request = Asked(method, path, headers, body)
        if asked is not None:
            asked.append(request)
        writer.write(answer(request))
        await writer.drain()

    return behave


def page(body: str = "", status: str = "200 OK", **headers: str) -> bytes:
    """An answer. `set_cookie` is the header Set-Cookie."""
    lines = [f"HTTP/1.1 {status}", f"Content-Length: {len(body.encode())}"]
    lines += [f"{name.replace('_', '-').title()}: {value}" for name, value in headers.items()]
    return ("\r\n".join(lines) + "\r\n\r\n" + body).encode()


async def hang(_reader: asyncio.StreamReader, _writer: asyncio.StreamWriter) -> None:
    """Take the connection and never say a word."""
    await asyncio.Event().wait()


async def end(reader: asyncio.StreamReader, _writer: asyncio.StreamWriter) -> None:
    """Read a request, and end the connection politely."""
    await reader.read(65_536)


async def reset(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Read a request, and end the connection rudely."""
    await reader.read(65_536)
    reset_now(writer)


def reset_now(writer: asyncio.StreamWriter) -> None:
    opened = writer.get_extra_info("socket")
    opened.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    writer.transport.abort()


@contextmanager
def deaf() -> Iterator[int]:
    """A port whose queue is full: what knocks there gets no answer at all."""
    listening = socket.socket()
    listening.bind(("127.0.0.1", 0))
    listening.listen(0)
    crowd = [socket.socket() for _ in range(4)]
    try:
        for one in crowd:
            one.setblocking(False)
            one.connect_ex(listening.getsockname())
        yield listening.getsockname()[1]
    finally:
        for one in [*crowd, listening]:
            one.close()


def free_port() -> int:
    """A port where nobody listens."""
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])


@dataclass(frozen=True)
class Certificates:
    """An authority, and certificates of it and of nobody, as files in a folder."""

    folder: Path

    @property
    def authority(self) -> str:
        return str(self.folder / "authority.pem")

    def server(self, name: str) -> ssl.SSLContext:
        """The side of a server with the certificate of that name."""
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(self.folder / f"{name}.pem", self.folder / f"{name}.key")
        return context


def make_certificates(folder: Path) -> Certificates:
    """`good` for 127.0.0.1 and localhost, 90 days; `expired`; `early`, not valid yet; `short`, of three days; `other`,
    for another name; `alone`, signed by itself; `tired`, whose intermediate authority has three days; `extra`, which
    sends an expired certificate that it does not need."""
    root = generate_private_key(SECP256R1())
    authority = _certificate("Authority", root, "Authority", root, ca=True)
    middle = generate_private_key(SECP256R1())
    between = _certificate("Middle", middle, "Authority", root, days=3, ca=True)
    old = _certificate("Old", root, "Authority", root, days=-10, ca=True)
    _write(folder, "authority", [authority])
    kinds: dict[str, dict[str, Any]] = {
        "good": {},
        "expired": {"days": -1},
        "early": {"first": 1},
        "short": {"days": 3},
        "other": {"names": ("other.example",)},
    }
    for name, options in kinds.items():
        _leaf(folder, name, "Authority", root, [], **options)
    _leaf(folder, "tired", "Middle", middle, [between])
    _leaf(folder, "extra", "Authority", root, [old])
    own = generate_private_key(SECP256R1())
    _write(folder, "alone", [_certificate("shop", own, "shop", own, names=("127.0.0.1",))], own)
    return Certificates(folder)


def _leaf(
    folder: Path,
    name: str,
    issuer: str,
    issuer_key: EllipticCurvePrivateKey,
    sent: list[x509.Certificate],
    **options: Any,
) -> None:
    own = generate_private_key(SECP256R1())
    options = {"names": ("127.0.0.1", "localhost")} | options
    _write(folder, name, [_certificate("shop", own, issuer, issuer_key, **options), *sent], own)


def _certificate(
    subject: str,
    key: EllipticCurvePrivateKey,
    issuer: str,
    issuer_key: EllipticCurvePrivateKey,
    *,
    first: int = -30,
    days: int = 90,
    ca: bool = False,
    names: tuple[str, ...] = (),
) -> x509.Certificate:
    now = datetime.now(UTC)
    named = [x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, one)]) for one in (subject, issuer)]
    builder = x509.CertificateBuilder().subject_name(named[0]).issuer_name(named[1]).public_key(key.public_key())
    builder = builder.serial_number(x509.random_serial_number())
    builder = builder.not_valid_before(now + timedelta(days=first)).not_valid_after(now + timedelta(days=days))
    builder = builder.add_extension(x509.BasicConstraints(ca=ca, path_length=None), critical=True)
    issued_by = x509.AuthorityKeyIdentifier.from_issuer_public_key(issuer_key.public_key())
    builder = builder.add_extension(issued_by, critical=False)
    if ca:
        own = x509.SubjectKeyIdentifier.from_public_key(key.public_key())
        builder = builder.add_extension(own, critical=False)
        usage = x509.KeyUsage(False, False, False, False, False, True, True, False, False)
        builder = builder.add_extension(usage, critical=True)
    if names:
        told = [x509.IPAddress(ip_address(one)) if one[0].isdigit() else x509.DNSName(one) for one in names]
        builder = builder.add_extension(x509.SubjectAlternativeName(told), critical=False)
    return builder.sign(issuer_key, hashes.SHA256())


def _write(folder: Path, name: str, chain: list[x509.Certificate], key: EllipticCurvePrivateKey | None = None) -> None:
    (folder / f"{name}.pem").write_bytes(b"".join(one.public_bytes(Encoding.PEM) for one in chain))
    if key is not None:
        raw = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
        (folder / f"{name}.key").write_bytes(raw)
