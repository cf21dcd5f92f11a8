"""Where a URL leads: read strictly, so that no two readers of it can disagree.

The parts are read here, once, and every URL that goes to a client is written anew from them. A host is a name, an IPv4
address of four decimal numbers, or an IPv6 address in brackets; every other spelling of an address is refused, since
readers disagree about it. A name that leads to a forbidden address is no matter of spelling: the address decides.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from ipaddress import AddressValueError, IPv4Address, IPv6Address
from urllib.parse import quote

from makegood.door.forbidden import Forbidden

PORTS = {"http": 80, "https": 443}
"""The schemes there are, and the port of each."""

LONGEST = 8_192
"""Characters of a URL."""

_URL = re.compile(r"(?P<scheme>[A-Za-z][A-Za-z0-9+.-]*)://(?P<authority>[^/?#]*)(?P<rest>[^#]*)(?:#.*)?\Z")
_AUTHORITY = re.compile(r"(?P<host>\[[^\[\]]*\]|[^:\[\]]*)(?::(?P<port>[0-9]{1,5}))?\Z")
_LABEL = re.compile(r"[A-Za-z0-9_](?:[A-Za-z0-9_-]{0,61}[A-Za-z0-9_])?\Z")
_NUMBER = re.compile(r"(?:[0-9]+|0[xX][0-9A-Fa-f]*)\Z")
ODD = re.compile(r"[\x00-\x20\x7f-\xa0\u1680\u180e\u2000-\u200f\u2028-\u202f\u205f\u2060\u3000\ufeff\ud800-\udfff\\]")
"""White space, control characters and backslashes, which readers of URLs leave out or turn into something else."""
_KEPT = "!$&'()*+,-./:;=?@_~%[]|"


@dataclass(frozen=True, slots=True)
class Target:
    """A URL's parts. `host` is lower case and without brackets; `path` is path and query as they are sent."""

    scheme: str
    host: str
    port: int
    path: str = "/"

    @property
    def url(self) -> str:
        """The one spelling that clients get."""
        return f"{self.origin}{self.path}"

    @property
    def origin(self) -> str:
        """Scheme, host and port: who may see the credentials. RFC 6454"""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"{self.scheme}://{host}" + ("" if self.port == PORTS[self.scheme] else f":{self.port}")


def read_url(text: str) -> Target:
    """The target that an absolute http or https URL names. A fragment is dropped; other characters than ASCII in path
    and query are percent-encoded as UTF-8.

    Raises Forbidden for anything else: another scheme, user names and passwords, white space and control characters,
    odd spellings of a host. Its text shows a host at most.
    """
    if len(text) > LONGEST:
        raise _odd(f"is longer than {LONGEST:,} characters", "write a shorter one")
    if ODD.search(text):
        raise _odd("holds white space, a control character or a backslash", "percent-encode what belongs to it")
    match = _URL.match(text)
    if match is None:
        raise _odd("is not an absolute one", "write https://HOST/PATH")
    scheme = match["scheme"].lower()
    if scheme not in PORTS:
        raise _odd("has another scheme than http and https", "write https://HOST/PATH")
    if "@" in match["authority"]:
        raise _odd("holds a user name or a password", "send them in an Authorization header")
    parts = _AUTHORITY.match(match["authority"])
    if parts is None:
        raise _odd("has no readable host and port", "write https://HOST:PORT/PATH")
    bracketed = parts["host"].startswith("[")
    host = read_host(parts["host"][1:-1] if bracketed else parts["host"])
    if bracketed != (":" in host):
        raise _odd("has brackets around what is no IPv6 address", "write brackets around IPv6 addresses alone")
    rest = match["rest"]
    path = quote(rest if rest.startswith("/") else "/" + rest, safe=_KEPT)
    return Target(scheme, host, read_port(parts["port"]) if parts["port"] else PORTS[scheme], path)


def _odd(why: str, hint: str) -> Forbidden:
    return Forbidden(why, hint=hint, subject="the URL")


def read_host(text: str) -> str:
    """A host, in lower case: a name in ASCII (one trailing dot may be), an IPv4 address of four decimal numbers, or an
    IPv6 address without brackets and zone, written in its shortest form. Raises Forbidden for every other spelling."""
    if ":" in text:
        try:
            return str(IPv6Address(_without_zone(text)))
        except AddressValueError:
            hint = "write an IPv6 address as 2001:db8::1"
            raise Forbidden("is no host", _shown(text), hint=hint, subject="this") from None
    name = text.lower()
    labels = name.removesuffix(".").split(".")
    if _NUMBER.match(labels[-1]):
        try:
            return str(IPv4Address(name))
        except AddressValueError:
            hint = "write an IPv4 address as four decimal numbers"
            raise Forbidden("is an odd spelling of an address", _shown(text), hint=hint) from None
    if not text.isascii():
        raise Forbidden("holds other letters than ASCII", hint="write it as DNS does, xn--…", subject="the host")
    if not all(_LABEL.match(label) for label in labels) or len(name) > 253:
        hint = "write a name of letters, digits, hyphens and dots"
        raise Forbidden("is no host", _shown(text), hint=hint, subject="this")
    return name


def read_port(port: int | str) -> int:
    """A port from 1 to 65535. Raises Forbidden for others."""
    number = int(port)
    if not 0 < number < 1 << 16:
        raise Forbidden("is no port", str(number), hint="write one from 1 to 65535")
    return number


def _without_zone(text: str) -> str:
    if "%" in text:
        raise Forbidden("holds a zone", _shown(text), hint="write the address without it")
    return text


def _shown(text: str) -> str:
    """A host as a message may show it: what could be more than a host is not shown."""
    return text if re.fullmatch(r"[A-Za-z0-9.:%_-]{1,100}", text) else ""
