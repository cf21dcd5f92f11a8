"""Public addresses may be reached, and allowed networks; what carries an address is judged by what it carries too."""

from __future__ import annotations

from ipaddress import IPv4Address, IPv6Address, ip_address

import pytest
from hypothesis import given
from hypothesis import strategies as st

from makegood.door import policy as guarding
from makegood.door.forbidden import Forbidden
from makegood.door.policy import PUBLIC, Policy, embedded, networks, policy_of
from makegood.model.problem import Refused
from makegood.model.results import Reason

OPEN = Policy(networks(["0.0.0.0/0", "::/0"]))

PUBLIC_ONES = (
    "1.1.1.1",
    "8.8.8.8",
    "9.255.255.255",
    "11.0.0.0",
    "100.63.255.255",
    "100.128.0.0",
    "126.255.255.255",
    "128.0.0.0",
    "169.253.255.255",
    "169.255.0.0",
    "172.15.255.255",
    "172.32.0.0",
    "191.255.255.255",
    "192.0.1.0",
    "192.0.3.0",
    "192.167.255.255",
    "192.169.0.0",
    "198.17.255.255",
    "198.20.0.0",
    "223.255.255.255",
    "2000::1",
    "2001:200::1",
    "2001:4860:4860::8888",
    "2001:db7:ffff::1",
    "2001:db9::1",
    "2003::1",
    "2606:4700:4700::1111",
    "2620:4f:7fff::1",
    "2620:4f:8001::1",
    "3ffe::1",
    "3fff:1000::1",
    "64:ff9b::8.8.8.8",
    "::ffff:8.8.8.8",
)
"""Next to the edges of the ranges, on the public side."""


@pytest.mark.parametrize("address", PUBLIC_ONES)
def test_a_public_address_passes(address: str) -> None:
    assert PUBLIC.refuses(address) == ""


@given(st.ip_addresses())
def test_what_passes_is_global_in_the_eyes_of_the_standard_library_too(address: IPv4Address | IPv6Address) -> None:
    if PUBLIC.refuses(str(address)) == "":
        inside = embedded(address)
        assert all(one.is_global and not one.is_multicast for one in (inside or (address,)))


@given(st.ip_addresses(v=4))
def test_an_embedded_address_never_says_more_than_it_does_alone(address: IPv4Address) -> None:
    bits = int(address)
    for carrier in (
        IPv6Address((0xFFFF << 32) | bits),
        IPv6Address((0x64FF9B << 96) | bits),
        IPv6Address((0x20010DB7 << 96) | (0x5EFE << 32) | bits),
        IPv6Address((0x20010DB7 << 96) | (0x02005EFE << 32) | bits),
    ):
        assert address in embedded(carrier)
        assert bool(PUBLIC.refuses(str(carrier))) == bool(PUBLIC.refuses(str(address)))


@given(st.ip_addresses(v=4), st.integers(0, (1 << 16) - 1))
def test_carriers_that_are_not_public_pass_only_where_both_are_allowed(address: IPv4Address, rest: int) -> None:
    bits = int(address)
    allowed = networks(["2002::/16", "2001::/32", "::/96"])
    with_both = Policy((*allowed, *networks([f"{address}/32", "8.8.8.8"])))
    for carrier in (
        IPv6Address((0x2002 << 112) | (bits << 80) | rest),
        IPv6Address((0x20010000 << 96) | (0x08080808 << 64) | (bits ^ 0xFFFFFFFF)),
        IPv6Address((0x20010000 << 96) | (bits << 64) | (0x08080808 ^ 0xFFFFFFFF)),
        IPv6Address(max(bits, 2)),
    ):
        assert PUBLIC.refuses(str(carrier))
        alone = OPEN.refuses(str(address))
        assert bool(Policy(allowed).refuses(str(carrier))) == bool(Policy(allowed).refuses(str(address))) or bits < 2
        assert bool(with_both.refuses(str(carrier))) == bool(alone) or bits < 2


@pytest.mark.parametrize(
    "written",
    ["64:ff9b:1:c000:2:2100::", "64:ff9b:1:3c0:0:221::", "64:ff9b:1:344:c0:2:2100::", "64:ff9b:1:344::192.0.2.33"],
)
def test_an_address_in_a_local_nat64_prefix_is_found_at_every_length(written: str) -> None:
    # RFC 6052, 2.4 has these for 192.0.2.33 and prefixes of 48, 56, 64 and 96 bits.
    assert IPv4Address("192.0.2.33") in embedded(IPv6Address(written))
    assert "carries" in Policy(networks(["64:ff9b:1::/48"])).refuses(written)


def test_a_local_nat64_prefix_can_be_allowed_for_public_addresses() -> None:
    allowing = Policy(networks(["64:ff9b:1::/96"]))
    assert allowing.refuses("64:ff9b:1::8.8.8.8") == ""
    assert "carries 10.0.0.1" in allowing.refuses("64:ff9b:1::10.0.0.1")
    assert PUBLIC.refuses("64:ff9b:1::8.8.8.8")


@pytest.mark.parametrize(
    "address", ["169.254.169.254", "100.100.100.200", "168.63.129.16", "fd00:ec2::254", "fe80::a9fe:a9fe"]
)
def test_metadata_is_never_reached_in_any_wrapping(address: str) -> None:
    wrapped = [address, f"{address}%eth0"] if ":" in address else [address]
    if ":" not in address:
        bits = int(IPv4Address(address))
        wrapped += [f"{before}{address}" for before in ("::ffff:", "::", "::ffff:0:", "64:ff9b::", "64:ff9b:1::")]
        wrapped += [f"2606:4700::5efe:{address}", str(IPv6Address((0x2002 << 112) | (bits << 80)))]
        wrapped += [str(IPv6Address((0x20010000 << 96) | (bits ^ 0xFFFFFFFF)))]
    for one in wrapped:
        for policy in (PUBLIC, OPEN, Policy(networks([address]))):
            assert policy.refuses(one) == "is where a cloud hands a machine its credentials"
            with pytest.raises(Forbidden, match="cannot be allowed"):
                policy.check(one)


def test_an_operator_allows_a_network_and_nothing_beside_it() -> None:
    allowing = Policy(networks(["10.1.0.0/16", " fd12::/16 ", "127.0.0.1"]))
    for address in ("10.1.2.3", "fd12::1", "127.0.0.1", "::ffff:10.1.2.3", "8.8.8.8"):
        assert allowing.refuses(address) == ""
    for address in ("10.2.0.1", "fd13::1", "127.0.0.2", "::1", "::ffff:10.2.0.1"):
        assert allowing.refuses(address)


def test_an_operator_refuses_a_network_whatever_else_is_allowed() -> None:
    strict = Policy(networks(["10.0.0.0/8"]), networks(["10.9.0.0/16", "8.8.8.0/24", "2606:4700::/32"]))
    for address in ("10.9.1.1", "8.8.8.8", "::ffff:8.8.8.8", "64:ff9b::8.8.8.8", "2606:4700::1"):
        assert strict.refuses(address) == "is in a network that this location refuses"
    assert strict.refuses("10.8.1.1") == ""


@pytest.mark.parametrize("text", ["10.0.0.1/8", "10.0.0", "::ffff:10.0.0.0/104", "64:ff9b::/96", "localhost", ""])
def test_a_network_that_is_none_or_carries_another_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r".") as refused:
        networks([text])
    assert str(refused.value)


@pytest.mark.parametrize(
    "text", ["", "localhost", "127.1", "0x7f.1", "１２７.0.0.1", "10.0.0.1 ", "010.0.0.1", "fe80::1%", "1"]
)
def test_what_is_no_address_is_refused_by_every_policy(text: str) -> None:
    assert OPEN.refuses(text) == "is no IP address"


def test_a_zone_belongs_to_link_local_addresses_alone() -> None:
    assert OPEN.refuses("fe80::1%eth0") == ""
    assert OPEN.refuses("2606:4700::1%eth0") == "has a zone, and is not link-local"
    assert OPEN.refuses("::ffff:8.8.8.8%eth0") == "has a zone, and is not link-local"


def test_a_refusal_says_which_address_why_and_what_to_do() -> None:
    with pytest.raises(Forbidden) as refused:
        PUBLIC.check("10.0.0.5", "intranet.example")
    assert str(refused.value) == (
        "intranet.example: 10.0.0.5 is not public: private (10.0.0.0/8); "
        "the operator of this location can allow its network"
    )
    assert (refused.value.address, refused.value.host, refused.value.reason) == (
        "10.0.0.5",
        "intranet.example",
        Reason.FORBIDDEN,
    )


def test_verdicts_are_remembered_within_bounds(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(guarding, "_REMEMBERED", 100)
    policy = Policy()
    for number in range(1_000):
        policy.refuses(str(ip_address(0x0A000000 + number)))
        assert len(policy._verdicts) <= 100
    assert policy == Policy()
    assert hash(policy) == hash(Policy())


def test_what_an_operator_writes_that_is_no_network_is_told_all_at_once() -> None:
    with pytest.raises(Refused) as refused:
        policy_of(["10.0.0.0/8", "here", "10.0.0.1/8"], ["::ffff:10.0.0.0/104"])
    assert [(str(one.where), one.what, one.hint) for one in refused.value.problems] == [
        ("--allow", "`here` is no network", "write for example 10.0.0.0/8"),
        ("--allow", "10.0.0.1/8 has host bits set", "write 10.0.0.0/8"),
        (
            "--refuse",
            "::ffff:10.0.0.0/104 carries IPv4 addresses: write their own network",
            "write for example 10.0.0.0/8",
        ),
    ]


def test_what_an_operator_refuses_wins_over_what_is_allowed_and_public() -> None:
    policy = policy_of(["10.0.0.0/8"], ["10.1.0.0/16", "8.8.8.0/24"])
    found = [bool(policy.refuses(ip)) for ip in ("10.0.0.1", "10.1.0.1", "8.8.8.8", "::ffff:8.8.8.8", "8.8.4.4")]
    assert found == [False, True, True, True, False]
