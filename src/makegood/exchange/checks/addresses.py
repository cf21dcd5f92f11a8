"""URLs, hosts and ports of a check. Whether a location may connect there is asked when it does, of the address."""

from __future__ import annotations

import re
from ipaddress import AddressValueError, IPv4Address, IPv6Address
from typing import Final
from urllib.parse import urlsplit

from makegood.contract.shape import Shape
from makegood.contract.wrong import Wrong
from makegood.exchange.checks.texts import CAPTURED, MOST_OF_A_TEXT, SECRET, as_written, counted, wrong_secret

_LABEL: Final = re.compile(r"[A-Za-z0-9_](?:[A-Za-z0-9_-]{0,61}[A-Za-z0-9_])?")
_NUMBER: Final = re.compile(r"[0-9]+|0[xX][0-9A-Fa-f]*")
_FILLED: Final = "0"
"""Stands for what takes the place of braces, while a URL is looked at."""


def host(text: str) -> str | Wrong:
    """A name of the DNS in its ASCII form, an IPv4 address in four decimal parts, or an IPv6 address."""
    if "://" in text or "/" in text:
        return Wrong(f"`{text[:80]}` is no host", "this probe has no URL", "write the name alone, as in shop.example")
    if ":" in text:
        try:
            return str(IPv6Address(text)) if "%" not in text else _zoned(text)
        except AddressValueError:
            hint = "write the port by itself, and an IPv6 address without brackets"
            return Wrong(f"`{text[:80]}` is no host", "", hint)
    labels = text.removesuffix(".").split(".")
    if _NUMBER.fullmatch(labels[-1]):
        try:
            return str(IPv4Address(text))
        except AddressValueError:
            why = "programs differ in what such numbers mean"
            return Wrong(f"`{text[:80]}` is no IPv4 address", why, "write four decimal numbers, as in 192.0.2.1")
    if not text.isascii():
        return _international(text)
    if len(text) > 253 or not all(map(_LABEL.fullmatch, labels)):
        return Wrong(f"`{text[:80]}` is no host", "", "write a name as in shop.example, or an address")
    return text


def _zoned(text: str) -> Wrong:
    return Wrong(f"`{text[:80]}` names an interface", "that is known to one machine only", "write it without `%…`")


def _international(text: str) -> Wrong:
    try:
        ascii_ = text.encode("idna").decode("ascii")
    except UnicodeError:
        return Wrong(f"`{text[:80]}` is no host", "", "write a name as in shop.example, or an address")
    return Wrong(f"`{text[:80]}` is not in ASCII", "names that look alike could be meant", f"write {ascii_}")


def url(text: str) -> str | Wrong:
    """A URL of http or https with a plain host; braces may stand in its path and query."""
    if (wrong := wrong_secret(text, True)) is not None:
        return wrong
    if len(text) > MOST_OF_A_TEXT:
        return Wrong(
            f"this URL is {len(text):,} characters long", f"at most {MOST_OF_A_TEXT:,} are taken", "shorten it"
        )
    named = re.split(r"[/?#:@]", text.partition("://")[2], maxsplit=1)[0]
    if not named.isascii() and named.isprintable():
        return _international(named)
    plain = CAPTURED.sub(_FILLED, SECRET.sub(_FILLED, text))
    odd = next((c for c in plain if not "!" <= c <= "~" or c in '"<>\\^`{|}'), None)
    if odd is not None:
        shown = f"`{odd}`" if odd.isprintable() else f"U+{ord(odd):04X}"
        coded = "".join(f"%{b:02X}" for b in odd.encode("utf-8", "replace"))
        return Wrong(f"{shown} cannot stand in a URL", "", f"write {coded}, if it is meant")
    scheme, sign, rest = plain.partition("://")
    authority = re.split(r"[/?#]", rest if sign else plain, maxsplit=1)[0]
    if "@" in authority:  # first of all: what is repeated below must hold no password
        why = "a file of checks is read by many, and stands in the log for ever"
        return Wrong("a user or a password stands in this URL", why, "send it in a header, as in {secret.NAME}")
    if scheme not in ("http", "https") or not sign:
        hint = (
            f"write https://{text[:80]}"
            if not sign and host(plain.partition("/")[0]) == plain.partition("/")[0]
            else ""
        )
        what = f"`{text[:80]}` is no URL of http or https"
        return Wrong(what, "", hint or "write for example https://shop.example/health")
    return _parts(text, plain, authority)


def _parts(text: str, plain: str, authority: str) -> str | Wrong:
    if "#" in plain:
        return Wrong("this URL has a fragment", "what follows `#` is never sent", "take it away")
    written = text.partition("://")[2][: len(authority)]
    if written != authority:
        return Wrong("braces stand in the host of this URL", "where a check goes is plain to see", "write the host")
    try:
        parsed = urlsplit(plain)
        name, port = parsed.hostname or "", parsed.port
    except ValueError:
        return Wrong(f"`{authority[:80]}` is no host with a port", "", "write as in shop.example:8443")
    if not name:
        return Wrong("this URL has no host", "", "write for example https://shop.example/health")
    if port == 0 or authority.endswith(":"):
        return Wrong(f"`{authority[:80]}` has no port after the colon", "a port is 1 to 65535", "write the port")
    found = host(name)
    return found if isinstance(found, Wrong) else text


def address(text: str, default: int = 0) -> tuple[str, int] | Wrong:
    """`host:port`, or a host alone where a port is the default; before a port an IPv6 address stands in brackets."""
    found = re.fullmatch(r"(?:\[([^\]]*)\]|([^:\[\]]*))(?::([0-9]{1,5}))?", text)
    if found is None:
        name = host(text)
        if default and not isinstance(name, Wrong):
            return name, default
        hint = f"write {_bracketed(text)}" if not isinstance(name, Wrong) else "write as in shop.example:443"
        return Wrong(f"`{text[:80]}` is no host with a port", "", hint)
    name = host(found[1] if found[1] is not None else found[2])
    port = int(found[3]) if found[3] else default
    if isinstance(name, Wrong):
        return name
    if not 1 <= port <= 65_535:
        return Wrong(
            f"`{text[:80]}` has no port",
            "a port is 1 to 65535",
            f"write as in {text.partition(':')[0]}:{default or 443}",
        )
    return name, port


def _bracketed(text: str) -> str:
    """How an IPv6 address is written with a port, of which its last part may be one."""
    begin, _, last = text.rpartition(":")
    port = last.isascii() and last.isdecimal() and 1 <= int(last) <= 65_535
    whole = f"[{text}]:443"
    return f"[{begin}]:{last}, or {whole}" if port and not isinstance(host(begin), Wrong) else whole


def _server(text: str) -> str | Wrong:
    found = address(text, 53)
    if isinstance(found, Wrong):
        return found
    name, port = found
    return name if port == 53 else f"[{name}]:{port}" if ":" in name else f"{name}:{port}"


URL: Final[Shape[str]] = as_written("a URL of http or https", "https://shop.example/health", url)
HOST: Final[Shape[str]] = as_written("a host", "shop.example", host)
PORT: Final[Shape[int]] = counted("a port", "443", 1, 65_535)
SERVER: Final[Shape[str]] = as_written("a host, with its port where that is not 53", "192.0.2.53", _server)
