"""How long a chain of certificates still holds."""

from __future__ import annotations

import warnings
from calendar import timegm
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cached_property
from ipaddress import ip_address
from pathlib import Path
from typing import TYPE_CHECKING

from makegood.door.curl import authorities
from makegood.model.results import Reason
from makegood.model.spans import DAY, HOUR, SECOND, Duration, Instant
from makegood.probe.attempt import KEPT, Finding

if TYPE_CHECKING:
    from cryptography.x509 import Certificate
    from cryptography.x509.verification import Store


MOST = 1 << 14
"""Chains that are remembered."""


@dataclass(frozen=True, slots=True)
class Ending:
    """When the first certificate of a chain ends, µs UTC, and whose it is."""

    at: Instant
    name: str


class Trust:
    """The authorities that a location trusts, read once."""

    def __init__(self, file: str = "") -> None:
        """`file` holds certificates as PEM; the system's authorities are taken without it."""
        self.file = file or authorities()
        self._read: dict[tuple[str, tuple[str, ...]], tuple[Instant, Ending | None]] = {}

    @cached_property
    def _store(self) -> Store | None:
        from cryptography.x509 import load_pem_x509_certificates
        from cryptography.x509.verification import Store

        try:
            with _as_they_are():
                return Store(load_pem_x509_certificates(Path(self.file).read_bytes()))
        except (OSError, ValueError):
            return None

    def ending(self, chain: Sequence[str], host: str, now: Instant) -> Ending | None:
        """When the certificate of a host, and all it rests on, ends; None where it cannot be read. `chain` is what the
        host sent, as PEM. What was read is remembered for an hour: the same chain is shown again and again."""
        key = host, tuple(chain)
        read, found = self._read.get(key, (None, None))
        if read is None or not read <= now < read + HOUR:
            found = self._ending(chain, host, now)
            if len(self._read) >= MOST:
                self._read.clear()
            self._read[key] = now, found
        return found

    def _ending(self, chain: Sequence[str], host: str, now: Instant) -> Ending | None:
        from cryptography.x509 import load_pem_x509_certificate

        try:
            with _as_they_are():
                sent = [load_pem_x509_certificate(pem.encode()) for pem in chain]
            return Ending(*min((_end(one), one.subject.rfc4514_string()) for one in self.path(sent, host, now)))
        except ValueError:
            return None

    def path(self, sent: Sequence[Certificate], host: str, now: Instant) -> Sequence[Certificate]:
        """From the first of the certificates that a host sent to an authority: what it rests on.

        Servers send more than is needed, such as an old cross-signature, and its end is nobody's trouble. Where no path
        is found by the rules of the web, which are stricter than OpenSSL's, it is the first one alone.
        """
        from cryptography.x509 import DNSName, IPAddress
        from cryptography.x509.verification import PolicyBuilder, VerificationError

        if self._store is None:
            return sent[:1]
        at = datetime.fromtimestamp(now // SECOND, UTC)
        try:
            subject = IPAddress(ip_address(host)) if is_address(host) else DNSName(host)
            verifier = PolicyBuilder().store(self._store).time(at).build_server_verifier(subject)
            return verifier.verify(sent[0], list(sent[1:]))
        except (VerificationError, ValueError):
            return sent[:1]


@contextmanager
def _as_they_are() -> Iterator[None]:
    """Certificates of others are read as they are: that one has an odd number is no news for whoever runs us."""
    from cryptography.utils import CryptographyDeprecationWarning

    with warnings.catch_warnings():
        warnings.simplefilter("ignore", CryptographyDeprecationWarning)
        yield


def expires_finding(ending: Ending | None, remaining: Duration, now: Instant) -> Finding:
    """Whether a certificate, and all it rests on, holds for so many µs after `now`."""
    if ending is None:
        return Reason.CERTIFICATE, "the certificate cannot be read"
    left, name = ending.at - now, ending.name
    if left <= 0:
        return Reason.CERTIFICATE_EXPIRED, f"the certificate of {name} has expired"
    if left < remaining:
        told = f"the certificate of {name} holds for {_long(left)} more; asked: {_long(remaining)}"
        return Reason.CERTIFICATE_EXPIRES, told
    return KEPT


def _end(certificate: Certificate) -> Instant:
    return timegm(certificate.not_valid_after_utc.utctimetuple()) * SECOND


def is_address(host: str) -> bool:
    """Whether a host is an IP address, and no name."""
    try:
        ip_address(host)
    except ValueError:
        return False
    return True


def _long(length: Duration) -> str:
    return f"{length // DAY} days" if length >= 2 * DAY else f"{length // HOUR} hours"
