"""Spellings of addresses that nobody may reach: `python -m tests.door.spellings` writes spellings.tsv from this table.

Each line of the file is a form, a host or a whole URL (`{port}` stands for the port), and the address that a reader who
is less strict would find in it. Characters beyond printable ASCII are written as Python escapes.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv6Address
from pathlib import Path

FILE = Path(__file__).with_name("spellings.tsv")

PLACES_4 = (
    "0.0.0.0",
    "0.1.2.3",
    "10.0.0.1",
    "10.255.255.254",
    "100.64.0.1",
    "100.100.100.200",
    "127.0.0.1",
    "127.1.2.3",
    "168.63.129.16",
    "169.254.1.1",
    "169.254.169.254",
    "169.254.170.2",
    "172.16.0.1",
    "172.31.255.254",
    "192.0.0.1",
    "192.0.2.5",
    "192.31.196.1",
    "192.52.193.1",
    "192.88.99.1",
    "192.168.0.1",
    "192.168.255.254",
    "192.175.48.1",
    "198.18.0.1",
    "198.51.100.7",
    "203.0.113.9",
    "224.0.0.1",
    "239.255.255.250",
    "240.0.0.1",
    "255.255.255.255",
)
PLACES_6 = (
    "::",
    "::1",
    "64:ff9b:1::1",
    "100::1",
    "100:0:0:1::1",
    "2001:2::1",
    "2001:10::1",
    "2001:20::1",
    "2001:db8::1",
    "2620:4f:8000::1",
    "3fff::1",
    "5f00::1",
    "fc00::1",
    "fd00::2",
    "fd00:ec2::254",
    "fd20:ce::254",
    "fdff:ffff::1",
    "fe80::1",
    "fe80::a9fe:a9fe",
    "fec0::1",
    "ff02::1",
    "ff0e::1",
    "1234::1",
    "4000::1",
    "e000::1",
)
SHORT = ("127.0.0.1", "10.0.0.1", "169.254.169.254", "192.168.0.1", "172.16.0.1", "0.0.0.0")
"""The addresses whose odd spellings are tried one by one."""

LOCAL = ("127.0.0.1", "10.0.0.1", "169.254.169.254")


@dataclass(frozen=True, slots=True)
class Spelling:
    """One way to write a place. `host` is empty where only a whole URL is meant."""

    form: str
    host: str
    whole: str
    leads: str

    def url(self, port: int) -> str:
        """The URL of it with a port."""
        return self.whole.replace("{port}", str(port)) if self.whole else f"http://{self.host}:{port}/"

    @property
    def bare(self) -> str:
        """The host as fields want it that take no URL."""
        return self.host[1:-1] if self.host.startswith("[") else self.host


def numbers(address: str) -> list[int]:
    return [int(part) for part in address.split(".")]


def value(address: str) -> int:
    return int(IPv4Address(address))


def two_parts(address: str) -> str:
    return f"{numbers(address)[0]}.{value(address) & 0xFFFFFF}"


def three_parts(address: str) -> str:
    first, second, *_ = numbers(address)
    return f"{first}.{second}.{value(address) & 0xFFFF}"


def mixed(address: str) -> str:
    first, second, third, last = numbers(address)
    return f"{hex(first)}.{second:#o}.{third}.{last}".replace("0o", "0")


def shifted(text: str, start: int) -> str:
    """Digits moved to another alphabet's."""
    return "".join(chr(start + int(one)) if one.isdigit() else one for one in text)


def circled(text: str) -> str:
    return "".join({"0": "⓪"}.get(one, chr(0x245F + int(one))) if one.isdigit() else one for one in text)


ODD_4: dict[str, Callable[[str], str]] = {
    "decimal": lambda a: str(value(a)),
    "octal number": lambda a: f"0{value(a):o}",
    "hex number": lambda a: hex(value(a)),
    "upper hex number": lambda a: hex(value(a)).upper(),
    "octal parts": lambda a: ".".join(f"0{n:o}" for n in numbers(a)),
    "padded octal parts": lambda a: ".".join(f"{n:04o}" for n in numbers(a)),
    "hex parts": lambda a: ".".join(hex(n) for n in numbers(a)),
    "mixed parts": mixed,
    "padded decimal parts": lambda a: ".".join(f"{n:03d}" for n in numbers(a)),
    "two parts": two_parts,
    "three parts": three_parts,
    "parts beyond 255": lambda a: ".".join(str(n + 256) for n in numbers(a)),
    "number beyond 32 bits": lambda a: str(value(a) + (1 << 32)),
    "trailing dot": lambda a: f"{a}.",
    "decimal with a trailing dot": lambda a: f"{value(a)}.",
    "full-width digits": lambda a: shifted(a, 0xFF10),
    "full-width stops": lambda a: a.replace(".", "．"),
    "ideographic stops": lambda a: a.replace(".", "。"),
    "half-width stops": lambda a: a.replace(".", "｡"),
    "circled digits": circled,
    "mathematical digits": lambda a: shifted(a, 0x1D7CE),
    "Arabic-Indic digits": lambda a: shifted(a, 0x0660),
    "percent-encoded": lambda a: "".join(f"%{ord(one):02x}" for one in a),
    "percent-encoded stops": lambda a: a.replace(".", "%2e"),
    "twice percent-encoded": lambda a: a.replace(".", "%252e"),
    "soft hyphen": lambda a: a.replace(".", "\xad.", 1),
    "zero-width space": lambda a: a.replace(".", "\u200b.", 1),
    "line feed": lambda a: f"{a}\n",
    "tab inside": lambda a: a.replace(".", "\t.", 1),
    "space before": lambda a: f" {a}",
    "null behind": lambda a: f"{a}\0.example",
    "encoded null behind": lambda a: f"{a}%00.example",
    "brackets around IPv4": lambda a: f"[{a}]",
    "negative": lambda a: f"-{value(a)}",
    "plus sign": lambda a: f"+{a}",
    "underscores": lambda a: a.replace(".", "_.", 1) + "_",
    "two stops": lambda a: a.replace(".", "..", 1),
    "prefix length": lambda a: f"{a}/32",
}


def carried(address: str) -> Iterator[tuple[str, str]]:
    """The IPv6 forms that carry an IPv4 address."""
    bits, dotted = value(address), address
    high, low = bits >> 16, bits & 0xFFFF
    yield "mapped", f"::ffff:{dotted}"
    yield "mapped in hex", f"::ffff:{high:x}:{low:x}"
    yield "mapped in full", f"0000:0000:0000:0000:0000:FFFF:{high:04X}:{low:04X}"
    yield "compatible", f"::{dotted}"
    yield "translated", f"::ffff:0:{dotted}"
    yield "NAT64", f"64:ff9b::{dotted}"
    yield "NAT64 in hex", f"64:ff9b::{high:x}:{low:x}"
    yield "local NAT64", f"64:ff9b:1::{dotted}"
    yield "local NAT64, /48", f"64:ff9b:1:{high:x}:{low >> 8:x}:{(low & 0xFF) << 8:x}::"
    yield "6to4", f"2002:{high:x}:{low:x}::1"
    yield "Teredo client", str(IPv6Address((0x20010000 << 96) | (0x08080808 << 64) | (bits ^ 0xFFFFFFFF)))
    yield "Teredo server", str(IPv6Address((0x20010000 << 96) | (bits << 64) | 1))
    yield "ISATAP", f"2606:4700::5efe:{dotted}"
    yield "ISATAP, universal", f"2606:4700::200:5efe:{dotted}"


def odd_6(address: str) -> Iterator[tuple[str, str]]:
    """IPv6 addresses written as nobody should."""
    full = IPv6Address(address).exploded
    yield "IPv6 in full", f"[{full}]"
    yield "IPv6 in capitals", f"[{full.upper()}]"
    yield "IPv6 with a zone", f"[{address}%25lo]"
    yield "IPv6 with a raw zone", f"[{address}%lo]"
    yield "IPv6 with a zone's number", f"[{address}%1]"
    yield "IPv6 without brackets", address
    yield "IPv6 with an encoded colon", f"[{address.replace(':', '%3A')}]"
    yield "IPv6 with a space", f"[{address} ]"
    yield "IPv6 with a trailing dot", f"[{address}]."
    yield "IPv6 as IPvFuture", f"[v6.{address}]"


def whole_urls(address: str) -> Iterator[tuple[str, str]]:
    """URLs that readers take apart differently."""
    place = f"{address}:{{port}}"
    yield "user before", f"http://example.com@{place}/"
    yield "user and password before", f"http://example.com:80@{place}/"
    yield "two ats", f"http://a@example.com@{place}/"
    yield "encoded at", f"http://example.com%40{place}/"
    yield "backslash before", f"http://{place}\\@example.com/"
    yield "backslash as slash", f"http:\\\\{place}/"
    yield "hash before at", f"http://{place}#@example.com/"
    yield "question mark before at", f"http://{place}?@example.com/"
    yield "three slashes", f"http:///{place}/"
    yield "one slash", f"http:/{place}/"
    yield "no slash", f"http:{place}/"
    yield "no scheme", f"//{place}/"
    yield "tab in the scheme", f"ht\ttp://{place}/"
    yield "space before the scheme", f" http://{place}/"
    yield "line feed in the host", f"http://example.com\n{place}/"
    yield "upper scheme", f"HTTP://{place}/"
    yield "two ports", f"http://{place}:80/"
    yield "request in the port", f"http://{address}:{{port}}%20HTTP/1.1%0d%0aHost:/"
    yield "scheme gopher", f"gopher://{place}/_x"
    yield "scheme ftp", f"ftp://{place}/"
    yield "scheme dict", f"dict://{place}/x"
    yield "scheme telnet", f"telnet://{place}/"
    yield "scheme ldap", f"ldap://{place}/"
    yield "scheme tftp", f"tftp://{place}/x"
    yield "scheme ws", f"ws://{place}/"
    yield "scheme smtp", f"smtp://{place}/"
    yield "nested URL", f"url:http://{place}/"
    yield "view of it", f"view-source:http://{place}/"


ELSEWHERE = (
    ("file", "file:///etc/passwd"),
    ("file", "file://localhost/etc/passwd"),
    ("file", "FILE:/etc/passwd"),
    ("unix socket", "unix:///run/docker.sock"),
    ("unix socket", "http+unix://%2Frun%2Fdocker.sock/info"),
    ("unix socket", "http://unix:/run/docker.sock:/info"),
    ("data", "data:text/plain,x"),
    ("script", "javascript:alert(1)"),
    ("empty", "http://"),
    ("empty", "http://:{port}/"),
    ("empty", "http://@/"),
    ("empty", "http://[]:{port}/"),
    ("port zero", "http://127.0.0.1:0/"),
    ("port beyond", "http://127.0.0.1:65536/"),
    ("port beyond", "http://127.0.0.1:4294967376/"),
    ("port signed", "http://127.0.0.1:-1/"),
)
NAMES = (
    ("name of this machine", "localhost"),
    ("name of this machine", "LOCALHOST"),
    ("name of this machine", "localhost."),
    ("name of this machine", "ip6-localhost"),
    ("name of this machine", "anything.localhost"),
    ("name of this machine", "localhost.localdomain"),
    ("name of a cloud", "metadata.google.internal"),
    ("name of a cloud", "metadata"),
    ("name of a cloud", "instance-data"),
)
"""Names that lead where the test's hosts file, or the system, says."""

ASKED_FOR = frozenset(
    {
        "padded decimal parts",  # which is octal to some, and public
        *(form for form, _ in NAMES),
        "name that leads there",
        "full-width digits",
        "full-width stops",
        "ideographic stops",
        "half-width stops",
        "circled digits",
        "mathematical digits",
        "Arabic-Indic digits",
        "twice percent-encoded",
        "soft hyphen",
        "zero-width space",
        "number beyond 32 bits",
        "parts beyond 255",
        "negative",
        "plus sign",
        "underscores",
        "two stops",
        "backslash before",
        "encoded at",
        "line feed in the host",
        "unix socket",
    }
)
"""Forms for which a lax reader asks a name server, or reaches the public network: left out where there is no namespace
to do so in."""


def spellings() -> Iterator[Spelling]:
    """All of them, in order."""
    for address in PLACES_4:
        yield Spelling("as it is", address, "", address)
    for address in PLACES_6:
        yield Spelling("as it is", f"[{address}]", "", address)
    for form, change in ODD_4.items():
        for address in SHORT:
            yield Spelling(form, change(address), "", address)
    for address in SHORT:
        for form, text in carried(address):
            yield Spelling(form, f"[{text}]", "", address)
    for address in ("::1", "fd00::2", "fe80::1", "fd00:ec2::254"):
        for form, text in odd_6(address):
            yield Spelling(form, text, "", address)
    for address in LOCAL:
        for form, text in whole_urls(address):
            yield Spelling(form, "", text, address)
    for form, text in ELSEWHERE:
        yield Spelling(form, "", text, "")
    for form, text in NAMES:
        yield Spelling(form, text, "", "127.0.0.1")
    for address in (*PLACES_4, *PLACES_6):
        yield Spelling("name that leads there", named(address), "", address)


def named(address: str) -> str:
    """A name that the test's name server answers with an address."""
    return f"at-{address.replace('.', '-').replace(':', 'x')}.trap.example"


def distinct() -> list[Spelling]:
    """Each spelling once."""
    first: dict[tuple[str, str], Spelling] = {}
    for one in spellings():
        first.setdefault((one.host, one.whole), one)
    return list(first.values())


def line(one: Spelling) -> str:
    parts = (one.form, one.host, one.whole, one.leads)
    return "\t".join(part.encode("unicode_escape").decode("ascii") for part in parts)


def read() -> list[Spelling]:
    """The corpus as it is kept."""
    lines = FILE.read_text(encoding="ascii").splitlines()
    return [Spelling(*(p.encode("ascii").decode("unicode_escape") for p in one.split("\t"))) for one in lines]


if __name__ == "__main__":
    FILE.write_text("".join(f"{line(one)}\n" for one in distinct()), encoding="ascii")
    print(f"{len(distinct())} spellings")
