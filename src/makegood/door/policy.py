"""What a location may connect to: public addresses, and the networks that its operator has allowed."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network
from typing import TypeAlias

from makegood.door.forbidden import Forbidden
from makegood.door.ranges import METADATA, NAT64, NOT_PUBLIC_4, NOT_PUBLIC_6, PUBLIC_6
from makegood.model.problem import Place, Problem, Refused, error

Network: TypeAlias = IPv4Network | IPv6Network

_REMEMBERED = 1 << 16
"""How many verdicts a policy keeps at hand; a location watches fewer addresses."""

_MAPPED = IPv6Network("::ffff:0:0/96")
_COMPATIBLE = (IPv6Network("::/96"), IPv6Network("::ffff:0:0:0/96"))
_LOCAL_NAT64 = IPv6Network("64:ff9b:1::/48")
_SIX_TO_FOUR = IPv6Network("2002::/16")
_TEREDO = IPv6Network("2001::/32")
_LINK_LOCAL = IPv6Network("fe80::/10")
_ISATAP = (0x00005EFE, 0x02005EFE)
_ALL = 0xFFFFFFFF


@dataclass(frozen=True, slots=True)
class Policy:
    """Public unicast addresses may be reached, and `allowed` networks; `refused` ones not even where they are public or
    allowed; and metadata addresses of clouds never.

    `refused` is for a location's own public addresses, and for its own NAT64 prefix, which nothing tells from others.
    An IPv6 address that carries an IPv4 address (mapped, compatible, translated, 6to4, NAT64, Teredo, ISATAP) is
    reached only where both may be.
    """

    allowed: tuple[Network, ...] = ()
    refused: tuple[Network, ...] = ()
    _verdicts: dict[str, str] = field(default_factory=dict, init=False, repr=False, compare=False)

    def refuses(self, ip: str) -> str:
        """Why an address may not be connected to, as a part of a sentence that follows it; empty where it may.

        `ip` is as a socket gives it, an IPv6 zone (`%eth0`) included. Anything that is no address is refused.
        """
        known = self._verdicts.get(ip)
        if known is None:
            known = self._judge(ip)
            if len(self._verdicts) >= _REMEMBERED:
                self._verdicts.clear()
            self._verdicts[ip] = known
        return known

    def check(self, ip: str, host: str = "") -> None:
        """Raises Forbidden where the address may not be connected to; `host` is the name that led to it."""
        if why := self.refuses(ip):
            raise Forbidden(why, ip, host, self.hint(ip))

    def hint(self, ip: str) -> str:
        """What an operator may do about a refusal."""
        try:
            address = ip_address(ip)
        except ValueError:
            return "write an IP address"
        inside = embedded(address)
        if any(_is_metadata(one) or _within(one, self.refused) for one in (address, *inside)):
            return "this cannot be allowed"
        if inside:
            return "write the IPv4 address itself"
        return "the operator of this location can allow its network"

    def _judge(self, ip: str) -> str:
        try:
            address = ip_address(ip)
        except ValueError:
            return "is no IP address"
        inside = embedded(address)
        for one in (address, *inside):
            if _is_metadata(one):
                return "is where a cloud hands a machine its credentials"
            if _within(one, self.refused):
                return "is in a network that this location refuses"
        if isinstance(address, IPv6Address):
            if address.scope_id and address not in _LINK_LOCAL:
                return "has a zone, and is not link-local"
            if address in _MAPPED or address in NAT64:  # packets go to the IPv4 address, and its networks decide
                return self._among(inside)
        if why := self._range(address):
            return why
        return self._among(inside)

    def _among(self, inside: Iterable[IPv4Address]) -> str:
        for one in inside:
            if why := self._range(one):
                return f"carries {one}, which {why}"
        return ""

    def _range(self, address: IPv4Address | IPv6Address) -> str:
        if _within(address, self.allowed):
            return ""
        ranges: tuple[tuple[Network, str], ...] = NOT_PUBLIC_4 if address.version == 4 else NOT_PUBLIC_6
        for network, what in ranges:
            if address in network:
                return f"is not public: {what} ({network})"
        if isinstance(address, IPv6Address) and address not in PUBLIC_6:
            return f"is not public: outside of {PUBLIC_6}"
        return ""


PUBLIC = Policy()
"""Public addresses only."""


def networks(texts: Iterable[str]) -> tuple[Network, ...]:
    """Networks as an operator writes them: `10.0.0.0/8`, or one address. Raises ValueError, saying what is wrong."""
    found = []
    for text in texts:
        network = ip_network(text.strip())
        if network.version == 6 and any(network.overlaps(one) for one in (_MAPPED, NAT64) if network.prefixlen):
            raise ValueError(f"{text.strip()} carries IPv4 addresses: write their own network")
        found.append(network)
    return tuple(found)


def policy_of(allow: Sequence[str] = (), refuse: Sequence[str] = ()) -> Policy:
    """The policy of an operator, from what is written with `--allow` and `--refuse`. Raises Refused, with everything
    in them that is no network."""
    problems: list[Problem] = []
    allowed = _read("--allow", allow, problems)
    refused = _read("--refuse", refuse, problems)
    if problems:
        raise Refused(problems)
    return Policy(allowed, refused)


def _read(option: str, texts: Iterable[str], problems: list[Problem]) -> tuple[Network, ...]:
    found: list[Network] = []
    for text in texts:
        try:
            found.extend(networks([text]))
        except ValueError as wrong:
            what, hint = f"`{text}` is no network", "write for example 10.0.0.0/8"
            with suppress(ValueError):
                wide = ip_network(text.strip(), strict=False)
                what, hint = str(wrong), f"write {wide}" if "host bits" in str(wrong) else hint
            problems.append(error("network", Place(option), what, "", hint))
    return tuple(found)


def embedded(address: IPv4Address | IPv6Address) -> tuple[IPv4Address, ...]:
    """The IPv4 addresses that an IPv6 address carries: those that a gateway or the system may pass its packets to."""
    if isinstance(address, IPv4Address):
        return ()
    bits, found = int(address), []
    if address in _MAPPED or address in NAT64 or any(address in network for network in _COMPATIBLE):
        found = [bits & _ALL] if bits > 1 else []
    elif address in _LOCAL_NAT64:
        found = [one for one in _local_nat64(bits) if one >> 24]
    elif address in _SIX_TO_FOUR:
        found = [bits >> 80 & _ALL]
    elif address in _TEREDO:
        found = [bits >> 64 & _ALL, ~bits & _ALL]
    elif bits >> 32 & _ALL in _ISATAP:
        found = [bits & _ALL]
    return tuple(IPv4Address(one) for one in found)


def _is_metadata(address: IPv4Address | IPv6Address) -> bool:
    return _within(address, METADATA)


def _within(address: IPv4Address | IPv6Address, several: Iterable[Network]) -> bool:
    return any(address in network for network in several)


def _local_nat64(bits: int) -> list[int]:
    """Where RFC 6052 puts the address depends on the length of the prefix, /48, /56, /64 or /96, which only its
    operator knows; bits 64 to 71 are left out."""
    return [
        (bits >> 64 & 0xFFFF) << 16 | bits >> 40 & 0xFFFF,
        (bits >> 64 & 0xFF) << 24 | bits >> 32 & 0xFFFFFF,
        bits >> 24 & _ALL,
        bits & _ALL,
    ]
