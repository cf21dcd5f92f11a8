"""Which addresses are not public, and which are never reached: data, after IANA's registries.

The registries are "IANA IPv4 Special-Purpose Address Registry" and "IANA IPv6 Special-Purpose Address Registry"
(RFC 6890, RFC 8190) with the multicast and reserved space beside them. Every entry is refused, also those few that the
registry calls globally reachable: no service is offered there.
"""

from __future__ import annotations

from ipaddress import IPv4Network, IPv6Network

PUBLIC_6 = IPv6Network("2000::/3")
"""What of IPv6 is given out as global unicast; anything outside of it is refused."""

NOT_PUBLIC_4: tuple[tuple[IPv4Network, str], ...] = tuple(
    (IPv4Network(network), what)
    for network, what in (
        ("0.0.0.0/8", "this network"),
        ("10.0.0.0/8", "private"),
        ("100.64.0.0/10", "shared by carriers"),
        ("127.0.0.0/8", "this machine itself"),
        ("169.254.0.0/16", "link-local"),
        ("172.16.0.0/12", "private"),
        ("192.0.0.0/24", "kept for protocols"),
        ("192.0.2.0/24", "for documentation"),
        ("192.31.196.0/24", "kept for AS112"),
        ("192.52.193.0/24", "kept for multicast tunnels"),
        ("192.88.99.0/24", "kept for 6to4 relays"),
        ("192.168.0.0/16", "private"),
        ("192.175.48.0/24", "kept for AS112"),
        ("198.18.0.0/15", "for benchmarks"),
        ("198.51.100.0/24", "for documentation"),
        ("203.0.113.0/24", "for documentation"),
        ("224.0.0.0/4", "multicast"),
        ("255.255.255.255/32", "broadcast"),
        ("240.0.0.0/4", "reserved"),
    )
)
"""The first that holds an address names it."""

NOT_PUBLIC_6: tuple[tuple[IPv6Network, str], ...] = tuple(
    (IPv6Network(network), what)
    for network, what in (
        ("::1/128", "this machine itself"),
        ("::/128", "this network"),
        ("::/96", "an IPv4-compatible address"),
        ("::ffff:0:0/96", "an IPv4-mapped address"),
        ("::ffff:0:0:0/96", "an IPv4-translated address"),
        ("64:ff9b:1::/48", "a local NAT64 prefix"),
        ("100::/64", "discarded"),
        ("100:0:0:1::/64", "a dummy prefix"),
        ("2001::/32", "Teredo"),
        ("2001:2::/48", "for benchmarks"),
        ("2001:10::/28", "ORCHID"),
        ("2001:20::/28", "ORCHID"),
        ("2001::/23", "kept for protocols"),
        ("2001:db8::/32", "for documentation"),
        ("2002::/16", "6to4"),
        ("2620:4f:8000::/48", "kept for AS112"),
        ("3fff::/20", "for documentation"),
        ("5f00::/16", "for segment routing"),
        ("fc00::/7", "private"),
        ("fe80::/10", "link-local"),
        ("fec0::/10", "site-local"),
        ("ff00::/8", "multicast"),
    )
)

METADATA: tuple[IPv4Network | IPv6Network, ...] = (
    IPv4Network("169.254.169.0/24"),  # most clouds, and the name and time servers beside it
    IPv4Network("169.254.170.0/24"),  # credentials of containers on AWS
    IPv4Network("169.254.42.42/32"),  # Scaleway
    IPv4Network("169.254.0.23/32"),  # Tencent
    IPv4Network("100.100.100.200/32"),  # Alibaba
    IPv4Network("168.63.129.16/32"),  # Azure's host; it lies among public addresses
    IPv4Network("192.0.0.192/32"),  # Oracle, classic
    IPv6Network("fd00:ec2::/32"),  # AWS
    IPv6Network("fd20:ce::254/128"),  # Google
    IPv6Network("fd00:c1::a9fe:a9fe/128"),  # Oracle
    IPv6Network("fd00:42::42/128"),  # Scaleway
    IPv6Network("fd00:a9fe:a9fe::/48"),  # Linode
    IPv6Network("fe80::a9fe:a9fe/128"),  # OpenStack
)
"""Where clouds hand out a machine's own credentials. No allowance reaches them."""

NAT64 = IPv6Network("64:ff9b::/96")
"""The well-known prefix: as public as the IPv4 address in it."""
