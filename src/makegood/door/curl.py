"""What a pycurl handle needs so that it connects to nothing but what the policy lets pass.

libcurl asks for a socket before each connection, naming the address it is about to connect to. The guard looks at that
address, so that neither a name server that changes its mind, nor a redirect, nor a spelling that libcurl reads in a way
of its own leads anywhere else. Names are resolved by the door before (`resolve`), and the addresses given to libcurl
(`aim`): its own resolver lets one name's hanging servers delay all other names.
"""

from __future__ import annotations

import _socket
import os
import ssl
from collections.abc import Callable
from functools import cache
from pathlib import Path
from socket import AF_INET, AF_INET6, SOCK_STREAM
from typing import Any

import pycurl

from makegood.door.failing import reason_of
from makegood.door.forbidden import Forbidden
from makegood.door.policy import Policy
from makegood.door.resolve import Addresses
from makegood.door.target import Target
from makegood.model.results import Reason

_KIND = 0xF
"""The part of a socket's type that is no flag."""

_OTHER = "a socket of another kind"

_BUNDLES = (
    "/etc/ssl/certs/ca-certificates.crt",
    "/etc/pki/tls/certs/ca-bundle.crt",
    "/etc/ssl/ca-bundle.pem",
    "/etc/ssl/cert.pem",
)


class _Handed(_socket.socket):
    """A socket whose descriptor libcurl's binding copies: ours closes when the binding lets go of it."""

    __slots__ = ()

    def __del__(self) -> None:
        self.close()


class Guard:
    """Checks each address that one handle is about to connect to. `refused` are those it was not let through to, in
    order, `opened` counts the sockets it got, and `short` is why the system gave none; all since `clear`."""

    __slots__ = ("_refuses", "opened", "policy", "refused", "short")

    def __init__(self, policy: Policy) -> None:
        self.policy = policy
        self._refuses = policy.refuses
        self.refused: list[str] = []
        self.opened = 0
        self.short: OSError | None = None

    def open(self, _purpose: int, address: Any) -> Any:
        """Called by libcurl: a socket for the address, or none."""
        family, kind, protocol, where = address
        if (family != AF_INET and family != AF_INET6) or kind & _KIND != SOCK_STREAM:
            self.refused.append(_OTHER)
            return pycurl.SOCKET_BAD
        ip = where[0]
        if self._refuses(ip):
            self.refused.append(ip)
            return pycurl.SOCKET_BAD
        try:
            made = _Handed(family, kind, protocol)
        except OSError as problem:
            self.short = problem
            return pycurl.SOCKET_BAD
        self.opened += 1
        return made

    def clear(self) -> None:
        """Forgets what was, before a handle is used again."""
        if self.refused:
            self.refused = []
        self.opened, self.short = 0, None

    def refusal(self, host: str = "") -> Forbidden | None:
        """The refusal, where every address of the transfer was refused; to be asked when it has failed."""
        if self.opened or not self.refused:
            return None
        ip = self.refused[0]
        if ip == _OTHER:
            return Forbidden("is none by TCP to an IP address", subject="the connection")
        return Forbidden(self.policy.refuses(ip), ip, host if host != ip else "", self.policy.hint(ip))


def guard(handle: pycurl.Curl, policy: Policy) -> Guard:
    """Makes a handle pass the door, and gives its guard. Once for a handle, which may then be used again and again.

    Only http and https, nothing from the environment (proxies, .netrc), no connection or name of an earlier transfer,
    no content decoded, no redirect followed by libcurl, certificates verified by the system's authorities.
    """
    watching = Guard(policy)
    put: Callable[[int, Any], None] = handle.setopt
    put(pycurl.OPENSOCKETFUNCTION, watching.open)
    put(pycurl.PROTOCOLS, pycurl.PROTO_HTTP | pycurl.PROTO_HTTPS)
    put(pycurl.FOLLOWLOCATION, 0)
    put(pycurl.PROXY, "")
    put(pycurl.NETRC, pycurl.NETRC_IGNORED)
    put(pycurl.HTTP_CONTENT_DECODING, 0)
    put(pycurl.FRESH_CONNECT, 1)
    put(pycurl.FORBID_REUSE, 1)
    put(pycurl.DNS_CACHE_TIMEOUT, 0)
    put(pycurl.SSL_SESSIONID_CACHE, 0)
    put(pycurl.PATH_AS_IS, 1)
    put(pycurl.NOSIGNAL, 1)
    if bundle := authorities():
        put(pycurl.CAINFO, bundle)
    return watching


def aim(handle: pycurl.Curl, target: Target, addresses: Addresses) -> None:
    """Points a guarded handle at a target, and at these addresses of its host alone: libcurl then asks for no name.

    A multi remembers a name's addresses until it closes, or is told others for that name: one that lives long and meets
    ever new names has to be told to forget (`RESOLVE`, `-HOST:PORT`).
    """
    handle.setopt(pycurl.URL, target.url)
    if addresses.found[0].ip != target.host:
        ips = ",".join(f"[{one.ip}]" if one.family == AF_INET6 else one.ip for one in addresses.found)
        handle.setopt(pycurl.RESOLVE, [f"{target.host}:{target.port}:{ips}"])
    else:
        handle.unsetopt(pycurl.RESOLVE)


@cache
def authorities() -> str:
    """The file of trusted authorities: what SSL_CERT_FILE names, else the system's; empty where none is found."""
    paths = (os.environ.get("SSL_CERT_FILE", ""), ssl.get_default_verify_paths().cafile or "", *_BUNDLES)
    return next((path for path in paths if path and Path(path).is_file()), "")


def reason(handle: pycurl.Curl, watching: Guard, code: int, text: str) -> tuple[Reason, str]:
    """What an error of libcurl means for the one who asked, and a line about it. A refusal of the guard goes before."""
    if code == pycurl.E_COULDNT_CONNECT:
        if watching.short is not None and not watching.opened:
            return reason_of(watching.short)
        number = int(handle.getinfo(pycurl.OS_ERRNO))
        return reason_of(OSError(number, os.strerror(number))) if number else (Reason.UNREACHABLE, text)
    if code == pycurl.E_OPERATION_TIMEDOUT:
        return (Reason.TIMEOUT if handle.getinfo(pycurl.CONNECT_TIME) else Reason.CONNECT_TIMEOUT), text
    if code == pycurl.E_PEER_FAILED_VERIFICATION:
        return (Reason.CERTIFICATE_EXPIRED if "expired" in text else Reason.CERTIFICATE), text
    return _REASONS.get(code, Reason.PROTOCOL), text


_REASONS = {
    pycurl.E_COULDNT_RESOLVE_HOST: Reason.DNS,
    pycurl.E_SSL_CONNECT_ERROR: Reason.TLS,
    pycurl.E_SSL_CIPHER: Reason.TLS,
    pycurl.E_GOT_NOTHING: Reason.RESET,
    pycurl.E_SEND_ERROR: Reason.RESET,
    pycurl.E_RECV_ERROR: Reason.RESET,
    pycurl.E_PARTIAL_FILE: Reason.RESET,
    pycurl.E_OUT_OF_MEMORY: Reason.RESOURCES,
    pycurl.E_SSL_CACERT_BADFILE: Reason.RESOURCES,
}
