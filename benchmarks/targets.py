"""Servers that are probed in measurements, each a process of its own so that its work is not counted: one that answers
as fast as Python can, the same with TLS 1.3, and one that takes connections and never says a word."""

from __future__ import annotations

import asyncio
import multiprocessing
import select
import socket
import ssl
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path

ANSWER = b"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 17\r\n\r\nall is well here\n"
BACKLOG = 4096
ADDRESSES = tuple(f"127.0.0.{n}" for n in range(1, 9))
"""Where each server listens. With one address alone the kernel would run out of ports for the connections that were
just ended, and look for one ever longer."""


@contextmanager
def served(serve: Callable[..., None], *arguments: str) -> Iterator[int]:
    """Run one of the servers below in a process of its own; the value is its port on each of ADDRESSES."""
    first = socket.create_server((ADDRESSES[0], 0), backlog=BACKLOG)
    port = first.getsockname()[1]
    listening = [first, *(socket.create_server((one, port), backlog=BACKLOG) for one in ADDRESSES[1:])]
    process = multiprocessing.get_context("fork").Process(target=serve, args=(listening, *arguments), daemon=True)
    process.start()
    for one in listening:
        one.close()
    try:
        yield port
    finally:
        process.terminate()
        process.join()


def answer(listening: list[socket.socket]) -> None:
    """Answer every request, and leave it to the client to end the connection."""
    ready = select.epoll()
    doors = {one.fileno(): one for one in listening}
    for one in listening:
        one.setblocking(False)
        ready.register(one, select.EPOLLIN)
    open_ones: dict[int, socket.socket] = {}
    while True:
        for number, _ in ready.poll():
            if number in doors:
                _take_all(doors[number], ready, open_ones)
            elif _served(open_ones[number]):
                continue
            else:
                ready.unregister(number)
                open_ones.pop(number).close()


def _take_all(listening: socket.socket, ready: select.epoll, open_ones: dict[int, socket.socket]) -> None:
    while True:
        try:
            taken, _ = listening.accept()
        except BlockingIOError:
            return
        taken.setblocking(False)
        open_ones[taken.fileno()] = taken
        ready.register(taken, select.EPOLLIN)


def _served(taken: socket.socket) -> bool:
    try:
        if not taken.recv(4096):
            return False
        taken.send(ANSWER)
    except OSError:
        return False
    return True


def answer_securely(listening: list[socket.socket], chain: str, key: str) -> None:
    """The same over TLS 1.3."""

    async def one(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            await reader.readuntil(b"\r\n\r\n")
            writer.write(ANSWER)
            await reader.read()
        except (OSError, asyncio.IncompleteReadError):
            pass
        finally:
            writer.transport.abort()

    async def main() -> None:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.minimum_version = ssl.TLSVersion.TLSv1_3
        context.num_tickets = 0
        context.load_cert_chain(chain, key)
        for door in listening:
            await asyncio.start_server(one, sock=door, ssl=context, backlog=BACKLOG)
        await asyncio.Event().wait()

    asyncio.run(main())


def hang(listening: list[socket.socket]) -> None:
    """Take connections and never answer; those that the client ends are let go."""
    from makegood.probe.room import raise_descriptors

    raise_descriptors()

    async def one(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while await reader.read(65_536):
                pass
        except OSError:
            pass
        finally:
            writer.transport.abort()

    async def main() -> None:
        for door in listening:
            await asyncio.start_server(one, sock=door, backlog=BACKLOG)
        await asyncio.Event().wait()

    asyncio.run(main())


def certificates(folder: Path) -> tuple[Path, Path, Path]:
    """An authority, and a chain and its key for ADDRESSES, as files in a folder."""
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes
    from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, generate_private_key
    from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
    from cryptography.x509.oid import NameOID

    root, own = generate_private_key(SECP256R1()), generate_private_key(SECP256R1())
    issuer, subject = (x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)]) for name in ("Authority", "Target"))
    now = datetime.now(UTC)
    made = []
    for name, key, names in ((issuer, root, None), (subject, own, ADDRESSES)):
        builder = x509.CertificateBuilder().subject_name(name).issuer_name(issuer).public_key(key.public_key())
        builder = builder.serial_number(x509.random_serial_number())
        builder = builder.not_valid_before(now - timedelta(days=1)).not_valid_after(now + timedelta(days=90))
        builder = builder.add_extension(x509.BasicConstraints(ca=names is None, path_length=None), critical=True)
        if names is not None:
            alternatives = [x509.IPAddress(ip_address(one)) for one in names]
            builder = builder.add_extension(x509.SubjectAlternativeName(alternatives), critical=False)
        made.append(builder.sign(root, hashes.SHA256()).public_bytes(Encoding.PEM))
    paths = folder / "authority.pem", folder / "chain.pem", folder / "key.pem"
    paths[0].write_bytes(made[0])
    paths[1].write_bytes(made[1])
    paths[2].write_bytes(own.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    return paths
