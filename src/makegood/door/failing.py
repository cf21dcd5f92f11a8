"""What an error of the system, of a handshake or of libcurl means for the one who asked."""

from __future__ import annotations

import errno
import ssl

from makegood.model.results import Reason

_REASONS = {
    errno.ECONNREFUSED: Reason.REFUSED,
    errno.ECONNRESET: Reason.RESET,
    errno.ECONNABORTED: Reason.RESET,
    errno.EPIPE: Reason.RESET,
    errno.ETIMEDOUT: Reason.CONNECT_TIMEOUT,
    errno.EMFILE: Reason.RESOURCES,
    errno.ENFILE: Reason.RESOURCES,
    errno.ENOMEM: Reason.RESOURCES,
    errno.ENOBUFS: Reason.RESOURCES,
    errno.EADDRNOTAVAIL: Reason.RESOURCES,  # no port of ours is free
    errno.EPERM: Reason.RESOURCES,
    errno.EACCES: Reason.RESOURCES,
}

_EXPIRED = 10
"""OpenSSL's X509_V_ERR_CERT_HAS_EXPIRED."""


def reason_of(problem: OSError) -> tuple[Reason, str]:
    """The reason of an error of the system, and its text."""
    text = problem.strerror or type(problem).__name__
    otherwise = Reason.RESET if isinstance(problem, ConnectionError) else Reason.UNREACHABLE
    return _REASONS.get(problem.errno or 0, otherwise), text


def tls_reason(problem: ssl.SSLError) -> tuple[Reason, str]:
    """The reason of a handshake that failed, and its text."""
    if isinstance(problem, ssl.SSLCertVerificationError):
        expired = problem.verify_code == _EXPIRED
        return (Reason.CERTIFICATE_EXPIRED if expired else Reason.CERTIFICATE), problem.verify_message
    return Reason.TLS, (problem.reason or "the handshake failed").lower().replace("_", " ")
