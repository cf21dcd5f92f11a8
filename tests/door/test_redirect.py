"""What of a request goes along with a redirect, and what does not."""

from __future__ import annotations

import pytest

from makegood.door.forbidden import Unreached
from makegood.door.redirect import Request, follow
from makegood.door.target import read_url
from makegood.model.results import Reason

SECRET = (("Authorization", "Bearer x"), ("X-Api-Key", "x"), ("Cookie", "a=b"))
PLAIN = (("Accept", "application/json"), ("Content-Type", "text/plain"))


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
