"""Sending bytes to an address on the web and taking the answer: the one place that a store's commands do it."""

from __future__ import annotations

from http.client import HTTPException
from time import monotonic
from typing import Any
from urllib.error import HTTPError, URLError
from urllib.parse import urlsplit
from urllib.request import HTTPRedirectHandler, Request, build_opener

from makegood.model.problem import Place, Refused, error

PATIENCE = 20
"""Seconds until an answer must be there, whole."""
AT_ONCE = 8192


class _NoRedirect(HTTPRedirectHandler):
    """An answer that sends us elsewhere is none: where we ask, the user said."""

    def redirect_request(self, *_: Any, **__: Any) -> None:
        """Follow nowhere."""


def post(url: str, body: bytes, kind: str, most: int, patience: float = PATIENCE) -> bytes:
    """What an address answers to a body of a media type, at most so many bytes.

    Raises Refused for an address that is none of the web, and where no such answer comes in time.
    """
    if not _is_address(url):
        raise Refused([error("no-answer", Place(url), "this is no address to ask", "", "write https://host/path")])
    asked = Request(url, body, {"Content-Type": kind, "User-Agent": "makegood"}, method="POST")
    until = monotonic() + patience
    try:
        with build_opener(_NoRedirect).open(asked, timeout=patience) as answer:
            found = b""
            while part := answer.read1(AT_ONCE):
                found += part
                if len(found) > most:
                    raise _none(url, f"its answer is longer than {most:,} bytes")
                if monotonic() > until:
                    raise _none(url, f"its answer was not there after {patience:g} s")
            if answer.length:
                raise _none(url, "its answer broke off")
            return found
    except HTTPError as failure:
        with failure:
            said = f"it answers {failure.code} {failure.reason}"
            raise _none(url, f"{said}, and we are not sent elsewhere" if failure.code // 100 == 3 else said) from None
    except URLError as failure:
        raise _none(url, _why(failure.reason, patience)) from None
    except (OSError, HTTPException) as failure:
        raise _none(url, _why(failure, patience)) from None


def _is_address(url: str) -> bool:
    try:
        parts = urlsplit(url)
        return parts.scheme in ("http", "https") and bool(parts.hostname) and parts.username is None and parts.port != 0
    except ValueError:
        return False


def _why(failure: object, patience: float) -> str:
    if isinstance(failure, TimeoutError):
        return f"its answer was not there after {patience:g} s"
    return f"it cannot be asked: {getattr(failure, 'strerror', None) or failure or type(failure).__name__}"


def _none(url: str, what: str) -> Refused:
    return Refused([error("no-answer", Place(url), what, "", "ask again later, or ask another one")])
