"""The service that the live demo watches: a small web server, which can be broken for one place or for all."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread

ASKED_FROM = "X-Asked-From"
"""The header in which each place says who asks, so that the shop can be broken for that place alone."""


class Shop:
    """A web shop on a free port of this machine. It answers each request with 200, or with 503 where it is broken."""

    def __init__(self, port: int) -> None:
        self.url = f"http://127.0.0.1:{port}/"
        self._broken_for: frozenset[str] | None = frozenset()

    def break_for(self, places: Iterable[str]) -> None:
        """From now on it is broken for whoever asks from these places."""
        self._broken_for = frozenset(places)

    def break_for_all(self) -> None:
        """From now on it is broken."""
        self._broken_for = None

    def mend(self) -> None:
        """From now on it works."""
        self._broken_for = frozenset()

    def status(self, place: str) -> int:
        """The status with which it answers a request from a place."""
        broken = self._broken_for
        return 503 if broken is None or place in broken else 200


@contextmanager
def shop() -> Iterator[Shop]:
    """A shop that is open until the end of the block."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            status = made.status(self.headers.get(ASKED_FROM, ""))
            body = b"tea, coffee, cocoa\n" if status == 200 else b"we are broken\n"
            self.send_response(status)
            self.send_header("Content-Type", "text/plain")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    made = Shop(server.server_address[1])
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()
    try:
        yield made
    finally:
        server.shutdown()
        server.server_close()
