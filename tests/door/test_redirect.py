"""What of a request goes along with a redirect, and what does not."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from makegood.door.forbidden import Unreached
from makegood.door.redirect import Request, follow
from makegood.door.target import read_url
from makegood.model.results import Reason

SECRET = (("Authorization", "Bearer x"), ("X-Api-Key", "x"), ("Cookie", "a=b"))
PLAIN = (("Accept", "application/json"), ("Content-Type", "text/plain"))


PIECES = "http: https: / // \\ @ b.example 127.1 [::1] [ ] :80 : ? # % %2f .. . a.example user ; & javascript:"
ODDITIES = st.sampled_from([*PIECES.split(), " ", "\t", "\r\n", "\x00", "\xc3\xa9", "\xff"])


def request(method: str = "GET", url: str = "https://a.example/x/y", body: bytes = b"") -> Request:
    return Request(method, read_url(url), (*SECRET, *PLAIN), body)


@pytest.mark.parametrize(
    ("location", "url"),
    [
        ("https://b.example/z", "https://b.example/z"),
        ("/z?q=1#f", "https://a.example/z?q=1"),
        ("z", "https://a.example/x/z"),
        ("?q", "https://a.example/x/y?q"),
        ("//b.example/z", "https://b.example/z"),
        ("HTTP://B.example", "http://b.example/"),
        (" /with space ", "https://a.example/with%20space"),
        ("", "https://a.example/x/y"),
        ("/caf\xc3\xa9", "https://a.example/caf%C3%A9"),  # UTF-8
        ("/\xc3\xa0\xc2\xa0b", "https://a.example/%C3%A0%C2%A0b"),
        ("/caf\xe9?\xa0", "https://a.example/caf%E9?%A0"),  # Latin-1
        ("../../../z", "https://a.example/z"),
        ("/%2e%2e/z", "https://a.example/%2e%2e/z"),
        ("https://a.example:443/z", "https://a.example/z"),
        ("http://b.example:80/", "http://b.example/"),
    ],
)
def test_a_location_is_read_against_where_it_came_from(location: str, url: str) -> None:
    assert follow(request(), 302, location).target.url == url


@pytest.mark.parametrize(
    "location",
    [
        "ftp://b.example/",
        "file:///etc/passwd",
        "javascript:alert(1)",
        "http:/b.example/",
        "http:///b.example/",
        "http:b.example",
        "https://user:word@b.example/",
        "//user@b.example/",
        "http://0x7f.1/",
        "//127.1/",
        "\\\\b.example/",
        "/a\r\nX: y",
        "http://[::1",
        "//[bad]/",
        "/\\b.example/",
        "http:\\\\b.example/",
        "https:/\\b.example/",
        "//b.example\\@a.example/",
        "https://a.example@b.example/",
        "https://a.example%00.b.example/",
        "https://a.example%2eb.example/",
        "https://b\xc3\xbccher.example/",
        "https://b\xfccher.example/",
        "https://a.example\xe2\x80\x8b.b.example/",
        "https://b .example/",
        "ht\ttps://b.example/",
        "/a\x00b",
        "/a\x7fb",
        "//b.example:0/",
        "//b.example:99999/",
        "//b.example:8 0/",
        "///b.example/",
        "https:",
        "https://",
        "/" + "a" * 9_000,
        "data:text/html,x",
    ],
)
def test_a_location_that_is_no_url_to_follow_leads_nowhere(location: str) -> None:
    with pytest.raises(Unreached) as refused:
        follow(request(), 302, location)
    assert refused.value.reason is Reason.REDIRECT


@pytest.mark.parametrize(
    ("status", "method", "then"),
    [
        (301, "POST", "GET"),
        (302, "POST", "GET"),
        (303, "POST", "GET"),
        (303, "PUT", "GET"),
        (303, "HEAD", "HEAD"),
        (301, "PUT", "PUT"),
        (302, "DELETE", "DELETE"),
        (307, "POST", "POST"),
        (308, "PUT", "PUT"),
        (301, "GET", "GET"),
    ],
)
def test_the_method_and_the_body_follow_the_code(status: int, method: str, then: str) -> None:
    body = b"" if method in ("GET", "HEAD") else b"text"
    after = follow(request(method, body=body), status, "/z")
    assert after.method == then
    assert after.body == (b"" if then == "GET" else body)
    assert ("Content-Type" in dict(after.headers)) == (then == method or not body)


@pytest.mark.parametrize(
    "location",
    [
        "https://b.example/",
        "https://a.example:8443/",
        "http://a.example/",
        "https://a.example.b.example/",
        "//b.example/",
    ],
)
def test_another_origin_gets_no_credentials_by_whatever_header(location: str) -> None:
    assert follow(request(), 302, location).headers == PLAIN


def test_the_same_origin_gets_them() -> None:
    assert follow(request(), 302, "https://A.example:443/z").headers == (*SECRET, *PLAIN)


def test_credentials_do_not_come_back_when_a_redirect_comes_back() -> None:
    away = follow(request(), 302, "https://b.example/")
    assert follow(away, 302, "https://a.example/").headers == PLAIN


def test_no_body_goes_from_https_to_http() -> None:
    with pytest.raises(Unreached, match="in the clear"):
        follow(request("POST", body=b"text"), 307, "http://a.example/")
    assert follow(request("POST", body=b"text"), 303, "http://a.example/").body == b""
    assert follow(request("POST", "http://a.example/", b"text"), 307, "http://b.example/").body == b"text"


@given(st.one_of(st.text(st.characters(max_codepoint=0xFF), max_size=30), st.lists(ODDITIES, max_size=8).map("".join)))
def test_whatever_stands_in_a_location_leads_to_a_strict_url_or_nowhere(location: str) -> None:
    try:
        target = follow(request(), 302, location).target
    except Unreached:
        return
    assert read_url(target.url) == target
    assert target.url.isascii()
    written = location.strip(" \t").lower()
    assert target.host == "a.example" or written.startswith((f"//{target.host}", f"{target.scheme}://"))
