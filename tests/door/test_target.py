"""A URL is read strictly, once, and what goes out is written anew from its parts."""

from __future__ import annotations

from urllib.parse import urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from makegood.door.forbidden import Forbidden
from makegood.door.target import LONGEST, Target, read_host, read_url


@pytest.mark.parametrize(
    ("text", "url"),
    [
        ("http://example.com", "http://example.com/"),
        ("HTTPS://Example.COM:443/a?b=1#part", "https://example.com/a?b=1"),
        ("http://example.com:80/", "http://example.com/"),
        ("https://example.com:80/", "https://example.com:80/"),
        ("http://example.com?q", "http://example.com/?q"),
        ("http://example.com./", "http://example.com./"),
        ("http://_dmarc.a-b.example/", "http://_dmarc.a-b.example/"),
        ("http://xn--bcher-kva.example/", "http://xn--bcher-kva.example/"),
        ("http://8.8.8.8:8080/x", "http://8.8.8.8:8080/x"),
        ("http://[2001:DB8:0::1]:8080/x", "http://[2001:db8::1]:8080/x"),
        ("https://example.com/ä?q=ö", "https://example.com/%C3%A4?q=%C3%B6"),
        ("https://example.com/a%2Fb%zz", "https://example.com/a%2Fb%zz"),
        ("https://example.com/{a}|<b>", "https://example.com/%7Ba%7D|%3Cb%3E"),
        ("https://example.com/a@b:c", "https://example.com/a@b:c"),
        ("https://example.com/../a/./b", "https://example.com/../a/./b"),
    ],
)
def test_a_url_has_one_spelling(text: str, url: str) -> None:
    assert read_url(text).url == url
    assert read_url(url).url == url


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("", "not an absolute one"),
        ("example.com", "not an absolute one"),
        ("//example.com/", "not an absolute one"),
        ("http:/example.com/", "not an absolute one"),
        ("ftp://example.com/", "another scheme"),
        ("file:///etc/passwd", "another scheme"),
        ("unix:///run/x.sock", "another scheme"),
        ("http://user@example.com/", "user name"),
        ("http://user:word@example.com/", "user name"),
        ("http://@example.com/", "user name"),
        ("http://exa mple.com/", "white space"),
        ("http://example.com/\r\nX: y", "white space"),
        ("http://example.com/\x00", "white space"),
        ("http://example.com\\@8.8.8.8/", "white space"),
        ("http://example.com/\u2028", "white space"),
        ("http:///path", "no host"),
        ("http://example.com:x/", "host and port"),
        ("http://example.com:/", "host and port"),
        ("http://example.com:0/", "no port"),
        ("http://example.com:65536/", "no port"),
        ("http://[8.8.8.8]/", "brackets"),
        ("http://[example.com]/", "brackets"),
        ("http://[::1/", "host and port"),
        ("http://::1/", "host and port"),
        ("http://[::1%25lo]/", "zone"),
        ("http://[::1%lo]/", "zone"),
        ("http://127.1/", "odd spelling"),
        ("http://2130706433/", "odd spelling"),
        ("http://0x7f000001/", "odd spelling"),
        ("http://0177.0.0.1/", "odd spelling"),
        ("http://127.0.0.1./", "odd spelling"),
        ("http://example.0x/", "odd spelling"),
        ("http://１２７.0.0.1/", "odd spelling"),
        ("http://127。0。0。1/", "other letters"),
        ("http://bücher.example/", "other letters"),
        ("http://exa%6dple.com/", "no host"),
        ("http://a..b/", "no host"),
        ("http://-a.example/", "no host"),
        (f"http://{'a' * 64}.example/", "no host"),
        (f"http://{'a.' * 127}example/", "no host"),
        (f"http://example.com/{'a' * LONGEST}", "longer"),
    ],
)
def test_every_other_spelling_is_refused_with_its_reason(text: str, why: str) -> None:
    with pytest.raises(Forbidden, match=why):
        read_url(text)


@pytest.mark.parametrize(
    "text",
    [
        "https://SECRET:x@example.com/",
        "https://SECRET@example.com/",
        "https://example.com:SECRET/",
        "ftp://example.com/SECRET",
        "https://example.com/SECRET with a space",
        "https://a..b/SECRET?SECRET#SECRET",
        "https://SECRET!.example/",
        "SECRET",
        "https://127.1/SECRET",
        "https://example.com\\SECRET@8.8.8.8",
    ],
)
def test_no_refusal_shows_what_may_be_a_secret(text: str) -> None:
    with pytest.raises(Forbidden) as refused:
        read_url(text)
    assert "secret" not in f"{refused.value!r} {vars(refused.value)}".lower()


@given(st.text(st.characters(codec="utf-8"), max_size=40))
def test_no_text_as_a_host_ever_becomes_more_than_a_host(text: str) -> None:
    try:
        host = read_host(text)
    except Forbidden:
        return
    target = Target("http", host, 80)
    assert urlsplit(target.url).hostname == host
    assert read_url(target.url) == target


@given(st.from_regex(r"https?://[a-z0-9.:@\[\]%#?/\\-]{1,30}", fullmatch=True))
def test_another_reader_finds_the_same_host_in_what_is_written_anew(text: str) -> None:
    try:
        target = read_url(text)
    except Forbidden:
        return
    other = urlsplit(target.url)
    assert (other.scheme, other.hostname, other.port or target.port) == (target.scheme, target.host, target.port)
    assert other.username is None
