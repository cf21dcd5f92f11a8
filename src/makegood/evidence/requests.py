"""How a location signs what it asks of the hub: headers, and the bytes under the signature (docs/agents.md)."""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import sha256

from makegood.evidence.canonical import INSTANT
from makegood.evidence.signing import SigningKey
from makegood.model.spans import Instant

CONTEXT = "makegood.request/1"
LOCATION, DATE, SIGNATURE = "Makegood-Location", "Makegood-Date", "Makegood-Signature"
"""The headers of a request: the location's name, when it was signed (µs by the hub's clock as the location knows it),
and the signature in base64."""
BATCH_SIGNATURE = "Makegood-Batch-Signature"
"""The header with the signature of a batch, which is kept with it."""

NAME = re.compile(r"[a-z0-9][a-z0-9._-]{0,62}")
"""What a location may be called."""


@dataclass(frozen=True, slots=True)
class SignedRequest:
    """A request as it came: `path` without scheme and host, `location`, `date` and `signature` as in its headers."""

    method: str
    path: str
    location: str
    date: Instant
    signature: bytes
    body: bytes = b""

    @property
    def message(self) -> bytes:
        """What the signature is over."""
        return message(self.method, self.path, self.date, self.body)


def message(method: str, path: str, date: Instant, body: bytes) -> bytes:
    """The bytes that are signed of a request."""
    return f"{CONTEXT}\n{method}\n{path}\n{date}\n{sha256(body).hexdigest()}\n".encode()


def signed_headers(
    key: SigningKey, location: str, method: str, path: str, date: Instant, body: bytes
) -> dict[str, str]:
    """The headers that sign a request."""
    signature = key.sign(message(method, path, date, body))
    return {LOCATION: location, DATE: str(date), SIGNATURE: base64.b64encode(signature).decode()}


def read_request(method: str, path: str, headers: Mapping[str, str], body: bytes) -> SignedRequest:
    """A request with its headers, by their names in lower case. Raises ValueError where they are not in their form."""
    date = headers.get(DATE.lower(), "")
    if not INSTANT.fullmatch(date) or abs(int(date)) >= 2**62:
        raise ValueError(f"{DATE} is no instant in microseconds")
    location = headers.get(LOCATION.lower(), "")
    return SignedRequest(method, path, location, int(date), read_signature(headers, SIGNATURE), body)


def read_signature(headers: Mapping[str, str], name: str) -> bytes:
    """The signature of a header. Raises ValueError where it is none."""
    try:
        return base64.b64decode(headers.get(name.lower(), "").encode("ascii"), validate=True)
    except (binascii.Error, UnicodeEncodeError):
        raise ValueError(f"{name} is no base64") from None
