"""A trap: it takes every connection and datagram, and remembers which address each was meant for."""

from __future__ import annotations

import socket
from threading import Thread
from urllib.parse import unquote

ANSWER = b"HTTP/1.1 200 OK\r\nContent-Length: 6\r\nConnection: close\r\n\r\ncaught"


class Trap:
    """Listens on one port of every address of this machine (or namespace). It speaks a little HTTP: a request for
    `/to/URL` is redirected to that URL, percent-decoded once; any other is answered with 200."""

    def __init__(self) -> None:
        self.listening = socket.create_server(("::", 0), family=socket.AF_INET6, dualstack_ipv6=True, backlog=1024)
        self.port: int = self.listening.getsockname()[1]
        self.datagrams = socket.socket(socket.AF_INET6, socket.SOCK_DGRAM)
        self.datagrams.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 0)
        self.datagrams.bind(("::", self.port))
        self._caught: list[str] = []
        self._heard = 0
        for work in (self._take, self._hear):
            Thread(target=work, daemon=True).start()

    def caught(self) -> list[str]:
        """The addresses that connections were meant for, and `datagram` for each datagram, since the last call."""
        # Whoever connected before this waits in the queue before it: once this is taken, all of them were.
        with socket.create_connection(("127.0.0.77", self.port)) as last, last.makefile("rb") as answer:
            last.sendall(b"GET / HTTP/1.1\r\n\r\n")
            answer.read()
        heard, self._heard = self._heard, 0
        found = [one for one in self._caught if one != "127.0.0.77"] + ["datagram"] * heard
        self._caught.clear()
        return found

    def close(self) -> None:
        self.listening.close()
        self.datagrams.close()

    def _take(self) -> None:
        while True:
            try:
                opened, _ = self.listening.accept()
            except OSError:
                return
            self._caught.append(opened.getsockname()[0].removeprefix("::ffff:"))
            Thread(target=_answer, args=(opened,), daemon=True).start()

    def _hear(self) -> None:
        while True:
            try:
                self.datagrams.recv(2048)
            except OSError:
                return
            self._heard += 1


def _answer(opened: socket.socket) -> None:
    with opened:
        opened.settimeout(2)
        try:
            request = b""
            while b"\r\n\r\n" not in request and (chunk := opened.recv(65_536)):
                request += chunk
            path = request.split(b" ")[1].decode("latin-1") if request.count(b" ") > 1 else ""
            if path.startswith("/to/"):
                location = unquote(path.removeprefix("/to/"), encoding="latin-1").encode("latin-1")
                opened.sendall(b"HTTP/1.1 302 Found\r\nLocation: " + location + b"\r\nContent-Length: 0\r\n\r\n")
            else:
                opened.sendall(ANSWER)
        except OSError:
            return
