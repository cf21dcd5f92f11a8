"""Servers on loopback that take what channels send, and write it down."""

from __future__ import annotations

import asyncio
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from ipaddress import ip_address, ip_network
from pathlib import Path
from typing import Any

from aiosmtpd.smtp import SMTP, AuthResult, Envelope
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from makegood.door.policy import Policy
from makegood.model.messages import Message, MessageKind, Told
from makegood.notify.context import Context

LOOPBACK = Policy((ip_network("127.0.0.0/8"), ip_network("::1/128")))
NOW = 1_770_000_000_000_000
SECRETS = {"HOOK": "a secret of some length", "PASSWORD": "wörd & more", "TOKEN": "t-0-k-e-n"}


def context(policy: Policy = LOOPBACK, now: int = NOW, link: str = "", **secrets: str) -> Context:
    """A context on loopback, at an instant that stands still."""
    known = {**SECRETS, **secrets}
    return Context(policy, known.get, lambda: now, lambda message: f"{message.acknowledge}{link}" if link else "")


def message(**more: Any) -> Message:
    """A message about one outage; `more` replaces parts of it."""
    said: dict[str, Any] = {
        "id": "0123456789abcdef0123456789abcdef", "channel": "c", "name": "ada", "address": "ada@example.com",
        "subject": "NEW: web is down", "text": "web: down since 02:10\n", "made": NOW, "kind": MessageKind.ALERT,
        "thread": "a1", "number": 1, "rule": "outages", "state": "opened",
        "conditions": (Told("web", NOW - 60_000_000, None, ("acme",), "connect timeout"),),
        "link": "https://status.example.com/alerts/a1",
    }  # fmt: skip
    return Message(**{**said, **more})


@dataclass
class Web:
    """A web server: what it got, and what it answers."""

    port: int = 0
    status: int = 200
    location: str = ""
    got: list[tuple[str, str, dict[str, str], bytes]] = field(default_factory=list)
    before: Callable[[], object] = lambda: None

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"


@contextmanager
def web(host: str = "127.0.0.1") -> Iterator[Web]:
    """One that runs until it is no longer needed."""
    found = Web()

    class Handler(BaseHTTPRequestHandler):
        def answer(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
            found.before()
            found.got.append((self.command, self.path, {k.lower(): v for k, v in self.headers.items()}, body))
            self.send_response(found.status)
            self.send_header("Content-Length", "2")
            if found.location:
                self.send_header("Location", found.location)
            with suppress(BrokenPipeError):
                self.end_headers()
                self.wfile.write(b"{}")

        do_POST = do_GET = do_PUT = answer  # noqa: N815 -- the names that the library asks for

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer((host, 0), Handler)
    server.daemon_threads = True
    found.port = server.server_address[1]
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield found
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


@dataclass
class Post:
    """A mail server: what it took, and what it answers to a receiver and to a message."""

    port: int = 0
    took: list[Envelope] = field(default_factory=list)
    users: list[tuple[bytes, bytes]] = field(default_factory=list)
    refuses: dict[str, str] = field(default_factory=dict)
    answer: str = "250 taken as 4711"

    async def handle_RCPT(self, _s: object, _n: object, envelope: Envelope, address: str, _o: object) -> str:  # noqa: N802
        if address in self.refuses:
            return self.refuses[address]
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, _server: object, _session: object, envelope: Envelope) -> str:  # noqa: N802
        if self.answer.startswith("2"):
            self.took.append(envelope)
        return self.answer


@contextmanager
def post(tls: ssl.SSLContext | None = None, at_once: bool = False, asks: bool = False) -> Iterator[Post]:
    """A mail server, with TLS by STARTTLS or from the first byte; with `asks` it wants to know who one is."""
    found = Post()

    def authenticate(_s: object, _n: object, _e: object, _m: str, data: Any) -> AuthResult:
        found.users.append((data.login, data.password))
        return AuthResult(success=data.password == SECRETS["PASSWORD"].encode(), handled=False)

    more: dict[str, Any] = {"authenticator": authenticate, "auth_required": not at_once} if asks else {}
    more |= {"auth_require_tls": not at_once}
    if tls is not None and not at_once:
        more |= {"tls_context": tls, "require_starttls": True}
    loop = asyncio.new_event_loop()
    transports: list[Any] = []

    class Session(SMTP):
        def connection_made(self, transport: Any) -> None:
            transports.append(transport)
            super().connection_made(transport)

    def make() -> SMTP:
        return Session(found, hostname="mail.test", loop=loop, **more)

    server = loop.run_until_complete(loop.create_server(make, "127.0.0.1", 0, ssl=tls if at_once else None))
    found.port = server.sockets[0].getsockname()[1]
    thread = threading.Thread(target=loop.run_forever)
    thread.start()
    try:
        yield found
    finally:
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        server.close()
        for task in asyncio.all_tasks(loop):
            task.cancel()
        for transport in transports:
            with suppress(AttributeError):  # early versions of Python 3.11 cannot abort a TLS connection that has ended
                transport.abort()
        loop.run_until_complete(asyncio.sleep(0.01))
        loop.close()


def certificate(folder: Path, name: str) -> tuple[ssl.SSLContext, Path]:
    """A server's context with a certificate that signs itself, and the file by which to trust it."""
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, name)])
    at = datetime.now(UTC)
    names: list[x509.GeneralName] = [x509.DNSName(name), x509.IPAddress(ip_address("127.0.0.1"))]
    made = (
        x509.CertificateBuilder().subject_name(subject).issuer_name(subject).public_key(key.public_key())
        .serial_number(x509.random_serial_number()).not_valid_before(at - timedelta(days=1))
        .not_valid_after(at + timedelta(days=1)).add_extension(x509.SubjectAlternativeName(names), critical=False)
        .sign(key, hashes.SHA256())
    )  # fmt: skip
    trusted, own = folder / "trusted.pem", folder / "own.pem"
    trusted.write_bytes(made.public_bytes(Encoding.PEM))
    own.write_bytes(
        key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()) + made.public_bytes(Encoding.PEM)
    )
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    tls.load_cert_chain(own)
    return tls, trusted
