"""What an error of curl says about the service, or about ourselves."""

from __future__ import annotations

import errno
import os
from collections.abc import Mapping

import pycurl

from makegood.door.curl import Guard
from makegood.door.failing import reason_of
from makegood.model.results import Reason
from makegood.probe.attempt import Finding

EXPIRED = 10
NOT_YET_VALID = 9
"""Numbers of OpenSSL's verification, X509_V_ERR_*."""

TOO_LARGE = 100
"""CURLE_TOO_LARGE: headers beyond what any client takes."""

ENDED = Reason.RESET, "the connection was ended before the answer was whole"
_PLAIN: Mapping[int, Finding] = {
    pycurl.E_UNSUPPORTED_PROTOCOL: (Reason.PROTOCOL, "the answer is not HTTP"),
    pycurl.E_FTP_WEIRD_SERVER_REPLY: (Reason.PROTOCOL, "the answer is not HTTP"),
    pycurl.E_COULDNT_RESOLVE_HOST: (Reason.DNS, "the name has no address"),
    pycurl.E_HTTP2: (Reason.PROTOCOL, "the answer is not HTTP"),
    pycurl.E_PARTIAL_FILE: ENDED,
    pycurl.E_GOT_NOTHING: (Reason.RESET, "the connection was ended without an answer"),
    pycurl.E_OUT_OF_MEMORY: (Reason.RESOURCES, "no memory is left here"),
    pycurl.E_SSL_CACERT_BADFILE: (Reason.RESOURCES, "the trusted certificates of this location cannot be read"),
    TOO_LARGE: (Reason.PROTOCOL, "the headers are longer than any client reads"),
}
_TORN = ("unexpected eof", "SSL_ERROR_SYSCALL")
"""How OpenSSL tells that a connection ended without a word of TLS."""


def finding_of(code: int, message: str, curl: pycurl.Curl, watching: Guard) -> Finding:
    """The reason and the line for an error of a transfer, by its code and by how far it came."""
    if code in _PLAIN:
        return _PLAIN[code]
    if code == pycurl.E_COULDNT_CONNECT and watching.short is not None and not watching.opened:
        return reason_of(watching.short)
    number = int(curl.getinfo(pycurl.OS_ERRNO))
    match code:
        case pycurl.E_COULDNT_CONNECT:
            return reason_of(OSError(number, os.strerror(number))) if number else (Reason.UNREACHABLE, "no way there")
        case pycurl.E_OPERATION_TIMEDOUT:
            return _timed_out(curl)
        case pycurl.E_SSL_CONNECT_ERROR:
            if number in (errno.ECONNRESET, errno.EPIPE) or any(sign in message for sign in _TORN):
                return Reason.RESET, "the connection was ended during the TLS handshake"
            return Reason.TLS, f"the TLS handshake failed: {_plain(message)}"
        case pycurl.E_PEER_FAILED_VERIFICATION | pycurl.E_SSL_ISSUER_ERROR | pycurl.E_SSL_INVALIDCERTSTATUS:
            return _certificate(message, int(curl.getinfo(pycurl.SSL_VERIFYRESULT)))
        case pycurl.E_RECV_ERROR | pycurl.E_SEND_ERROR:
            if number or any(sign in message for sign in _TORN):
                return ENDED
            if "SSL" in message:  # by TLS 1.3 a server refuses a client after its handshake
                return Reason.TLS, f"TLS was ended: {_plain(message)}"
            return Reason.PROTOCOL, f"the answer is not HTTP: {_plain(message)}"
        case pycurl.E_SSL_CIPHER:
            return Reason.TLS, f"the TLS handshake failed: {_plain(message)}"
        case _:
            return Reason.INTERNAL, f"curl says {code}: {_plain(message)}"


def _timed_out(curl: pycurl.Curl) -> Finding:
    if not curl.getinfo(pycurl.NAMELOOKUP_TIME_T):
        return Reason.DNS, "the name was not resolved in time"
    if not curl.getinfo(pycurl.CONNECT_TIME_T):
        return Reason.CONNECT_TIMEOUT, "no answer to the request for a connection"
    if curl.getinfo(pycurl.RESPONSE_CODE):
        return Reason.TIMEOUT, "the answer was not whole in time"
    secure = str(curl.getinfo(pycurl.EFFECTIVE_URL)).lower().startswith("https:")
    if secure and not curl.getinfo(pycurl.APPCONNECT_TIME_T):
        return Reason.TIMEOUT, "connected, and no TLS handshake in time"
    return Reason.TIMEOUT, "connected, and no answer in time"


def _certificate(message: str, verified: int) -> Finding:
    if verified == EXPIRED:
        return Reason.CERTIFICATE_EXPIRED, "the certificate, or one it rests on, has expired"
    if verified == NOT_YET_VALID:
        return Reason.CERTIFICATE, "the certificate is not valid yet"
    return Reason.CERTIFICATE, _plain(message).removeprefix("SSL certificate OpenSSL verify result: ")


def _plain(message: str) -> str:
    """The part of OpenSSL's message that people can read."""
    return message.rsplit("::", 1)[-1].removeprefix("SSL: ").strip()
