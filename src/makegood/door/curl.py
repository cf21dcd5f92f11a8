"""What a pycurl handle needs so that it connects to nothing but what the policy lets pass.

libcurl resolves names itself and asks for a socket before each connection, naming the address it is about to connect
to. The guard looks at that address, so that neither a name server that changes its mind, nor a redirect, nor a spelling
that libcurl reads in a way of its own leads anywhere else.
"""

from __future__ import annotations

import _socket
import os
import ssl
from collections.abc import Callable
from pathlib import Path
from socket import AF_INET, AF_INET6, SOCK_STREAM
from typing import Any

import pycurl

from makegood.door.connect import reason_of
from makegood.door.forbidden import Forbidden
from makegood.door.policy import Policy
from makegood.model.results import Reason

_KIND = 0xF
"""The part of a socket's type that is no flag."""

_BUNDLES = (
    "/etc/ssl/certs/ca-certificates.crt",
    "/etc/pki/tls/certs/ca-bundle.crt",
    "/etc/ssl/ca-bundle.pem",
    "/etc/ssl/cert.pem",
)


class _Handed(_socket.socket):
    """A socket that libcurl's binding copies the descriptor of: ours closes when it lets go."""

    __slots__ = ()

    def __del__(self) -> None:
        self.close()


class Guard:
    """Checks each address that one handle is about to connect to. `refused` are those it was not let through to, in
    order, and `opened` counts the sockets it got, both since `clear`."""

    __slots__ = ("_refuses", "opened", "policy", "refused")

    def __init__(self, policy: Policy) -> None:
        self.policy = policy
        self._refuses = policy.refuses
        self.refused: list[str] = []
        self.opened = 0

    def open(self, _purpose: int, address: Any) -> Any:
        """Called by libcurl: a socket for the address, or none."""
        family, kind, protocol, where = address
        if family not in (AF_INET, AF_INET6) or kind & _KIND != SOCK_STREAM:
            self.refused.append("a socket of another kind")
            return pycurl.SOCKET_BAD
        ip = where[0]
        if self._refuses(ip):
            self.refused.append(ip)
            return pycurl.SOCKET_BAD
        try:
            made = _Handed(family, kind, protocol)
        except OSError:
            return pycurl.SOCKET_BAD
        self.opened += 1
        return made

    def clear(self) -> None:
        """Forgets what was, before a handle is used again."""
        if self.refused:
            self.refused = []
        self.opened = 0

    def forbidden(self, host: str = "") -> Forbidden | None:
        """The refusal, where every address of the transfer was refused; to be asked when it has failed."""
        if self.opened or not self.refused:
            return None
        ip = self.refused[0]
        return Forbidden(self.policy.refuses(ip), ip, host if host != ip else "", self.policy.hint(ip))


def guard(handle: pycurl.Curl, policy: Policy) -> Guard:
    """Makes a handle pass the door, and gives its guard.

    Only http and https, nothing from the environment (proxies, .netrc), no connection or name of an earlier transfer,
    no redirect followed by libcurl, certificates verified with the system's authorities.
    """
    watching = Guard(policy)
    set_option: Callable[[int, Any], None] = handle.setopt
    set_option(pycurl.OPENSOCKETFUNCTION, watching.open)
    set_option(pycurl.PROTOCOLS, pycurl.PROTO_HTTP | pycurl.PROTO_HTTPS)
    set_option(pycurl.REDIR_PROTOCOLS, pycurl.PROTO_HTTP | pycurl.PROTO_HTTPS)
    set_option(pycurl.FOLLOWLOCATION, 0)
    set_option(pycurl.PROXY, "")
    set_option(pycurl.NETRC, pycurl.NETRC_IGNORED)
    set_option(pycurl.FRESH_CONNECT, 1)
    set_option(pycurl.FORBID_REUSE, 1)
    set_option(pycurl.DNS_CACHE_TIMEOUT, 0)
    set_option(pycurl.SSL_SESSIONID_CACHE, 0)
    set_option(pycurl.NOSIGNAL, 1)
    if bundle := authorities():
        set_option(pycurl.CAINFO, bundle)
    return watching


def authorities() -> str:
    """The file of trusted authorities: what SSL_CERT_FILE names, else the system's; empty where none is found."""
    found = ssl.get_default_verify_paths().cafile
    paths = (os.environ.get("SSL_CERT_FILE") or found or "", *_BUNDLES)
    return next((path for path in paths if path and Path(path).is_file()), "")


def reason(handle: pycurl.Curl, code: int, text: str) -> tuple[Reason, str]:
    """What a libcurl error means for the one who asked, and a line about it. A Forbidden of the guard goes first."""
    if code in (pycurl.E_COULDNT_CONNECT, pycurl.E_SEND_ERROR, pycurl.E_RECV_ERROR):
        number = int(handle.getinfo(pycurl.OS_ERRNO))
        if code != pycurl.E_COULDNT_CONNECT:
            return Reason.RESET, text
        return reason_of(OSError(number, os.strerror(number))) if number else (Reason.UNREACHABLE, text)
    if code == pycurl.E_OPERATION_TIMEDOUT:
        if not handle.getinfo(pycurl.NAMELOOKUP_TIME):
            return Reason.DNS, text
        return (Reason.TIMEOUT if handle.getinfo(pycurl.CONNECT_TIME) else Reason.CONNECT_TIMEOUT), text
    if code == pycurl.E_PEER_FAILED_VERIFICATION:
        return (Reason.CERTIFICATE_EXPIRED if "expired" in text else Reason.CERTIFICATE), text
    return _REASONS.get(code, Reason.PROTOCOL), text


_REASONS = {
    pycurl.E_COULDNT_RESOLVE_HOST: Reason.DNS,
    pycurl.E_SSL_CONNECT_ERROR: Reason.TLS,
    pycurl.E_SSL_CIPHER: Reason.TLS,
    pycurl.E_TOO_MANY_REDIRECTS: Reason.REDIRECT,
    pycurl.E_GOT_NOTHING: Reason.RESET,
    pycurl.E_PARTIAL_FILE: Reason.RESET,
    pycurl.E_OUT_OF_MEMORY: Reason.RESOURCES,
    pycurl.E_SSL_CACERT_BADFILE: Reason.RESOURCES,
}
