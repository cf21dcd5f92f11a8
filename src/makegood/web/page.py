"""The public page as bytes: made once for each thing that it says, and answered from memory."""

from __future__ import annotations

import gzip
from collections.abc import Callable, Sequence
from hashlib import sha256
from typing import Any

from makegood.model.status import ServiceStatus

Send = Callable[[dict[str, Any]], Any]
POLICY = (
    "default-src 'none'; style-src 'unsafe-inline'; img-src data:; base-uri 'none'; form-action 'none'; "
    "frame-ancestors 'none'"
)
"""What the page may load: nothing but the style that it brings."""
SECURITY: Sequence[tuple[bytes, bytes]] = (
    (b"x-content-type-options", b"nosniff"),
    (b"referrer-policy", b"no-referrer"),
    (b"content-security-policy", POLICY.encode()),
    (b"cross-origin-opener-policy", b"same-origin"),
)


class Page:
    """The page as it is now. `render` makes its text of what is public, and is asked only when that changed."""

    def __init__(self, render: Callable[[Sequence[ServiceStatus]], str]) -> None:
        self._render = render
        self._of: Sequence[ServiceStatus] | None = None
        self.renders = 0
        self.show(())

    def show(self, services: Sequence[ServiceStatus]) -> bool:
        """Show this from now on; whether it differs from what was shown."""
        if services == self._of:
            return False
        plain = self._render(services).encode("utf-8")
        packed = gzip.compress(plain, 9, mtime=0)
        tag = f'"{sha256(plain).hexdigest()[:20]}"'.encode()
        common = [
            *SECURITY, (b"etag", tag), (b"vary", b"accept-encoding"),
            (b"cache-control", b"public, max-age=5, must-revalidate"),
        ]  # fmt: skip
        full = [*common, (b"content-type", b"text/html; charset=utf-8")]
        self._tag = tag
        self._plain = _answer(200, [*full, (b"content-length", str(len(plain)).encode())], plain)
        squeezed = [*full, (b"content-encoding", b"gzip"), (b"content-length", str(len(packed)).encode())]
        self._packed = _answer(200, squeezed, packed)
        self._unchanged = _answer(304, common, b"")
        self._of, self.renders = services, self.renders + 1
        return True

    async def answer(self, headers: Sequence[tuple[bytes, bytes]], send: Send, head: bool = False) -> int:
        """Answer one request with what is shown; the status."""
        packed = False
        chosen = None
        for name, value in headers:
            if name == b"accept-encoding":
                packed = b"gzip" in value and b"gzip;q=0" not in value.replace(b" ", b"")
            elif name == b"if-none-match" and (value.strip() == b"*" or self._tag in value):
                chosen = self._unchanged
        start, body = chosen or (self._packed if packed else self._plain)
        await send(start)
        await send(_NO_BODY if head else body)
        return int(start["status"])


_NO_BODY: dict[str, Any] = {"type": "http.response.body", "body": b""}


def _answer(status: int, headers: list[tuple[bytes, bytes]], body: bytes) -> tuple[dict[str, Any], dict[str, Any]]:
    start = {"type": "http.response.start", "status": status, "headers": headers}
    return start, {"type": "http.response.body", "body": body}
