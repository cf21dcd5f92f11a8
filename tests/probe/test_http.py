"""Every reason that an HTTP probe can find, produced by a server that does just that."""

import asyncio
import socket
import ssl
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field, replace
from ipaddress import ip_network
from typing import Any

import pytest

from makegood.model.checks import Check, Compares, HttpProbe, JsonAssertion
from makegood.model.results import UNTIMED, Reason, Result
from makegood.model.spans import DAY, SECOND, Duration
from makegood.probe.kinds import probe
from tests.probe.servers import (
    Asked,
    Behave,
    Certificates,
    answering,
    deaf,
    end,
    free_port,
    hang,
    location,
    now,
    page,
    probed,
    reset,
    routed,
    sending,
    served,
)

SOON: Duration = SECOND // 3
"""The timeout of probes that will reach it."""


@dataclass(frozen=True)
class Case:
    """A server, a probe of it, and what it must find. `tells` is a part of the detail."""

    behave: Behave
    reason: Reason
    status: int = 0
    tells: str = ""
    asks: dict[str, Any] = field(default_factory=dict)
    timeout: Duration = 5 * SECOND
    path: str = "/"


async def drip(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    await reader.readuntil(b"\r\n\r\n")
    writer.write(b"HTTP/1.1 200 OK\r\n\r\n")
    while True:
        writer.write(b"x")
        await writer.drain()
        await asyncio.sleep(0.02)


async def pour(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """An answer that has no end."""
    await reader.readuntil(b"\r\n\r\n")
    writer.write(b"HTTP/1.1 200 OK\r\n\r\nall is well")
    while True:
        writer.write(b"\0" * 65_536)
        await writer.drain()


async def stall_in_headers(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    await reader.readuntil(b"\r\n\r\n")
    writer.write(b"HTTP/1.1 200 OK\r\nContent-Type: te")
    await asyncio.Event().wait()


def loop_of(status: str) -> Behave:
    return routed(lambda asked: page(status=status, location=asked.path + "x"))


def redirect(location: str, status: str = "302 Found") -> Behave:
    return routed(lambda asked: page(status=status, location=location) if asked.path == "/" else page("there at last"))


def wants(path: tuple[str | int, ...], compares: Compares = Compares.EXISTS, value: str = "") -> dict[str, Any]:
    return {"json": (JsonAssertion(path, compares, value),)}


CASES = {
    "an answer": Case(answering(), Reason.OK, 200),
    "an answer without a length": Case(sending(b"HTTP/1.0 200 OK\r\n\r\nall is well"), Reason.OK, 200),
    "an answer with the text": Case(answering(), Reason.OK, 200, asks={"contains": ("is well", "all")}),
    "an answer without the text": Case(answering(), Reason.CONTENT, 200, "does not contain", {"contains": ("sick",)}),
    "an answer with a text of trouble": Case(answering(), Reason.CONTENT, 200, "contains 'well'", {"lacks": ("well",)}),
    "an answer without the text of trouble": Case(answering(), Reason.OK, 200, asks={"lacks": ("sick",)}),
    "an empty answer": Case(answering(b"", "204 No Content"), Reason.OK, 204),
    "an error": Case(answering(status="500 Oops"), Reason.STATUS, 500, "the status is 500"),
    "not found": Case(answering(status="404 Not Found"), Reason.STATUS, 404),
    "an error that is asked for": Case(answering(status="401 No"), Reason.OK, 401, asks={"status": ((401, 401),)}),
    "good, but another status is asked for": Case(answering(), Reason.STATUS, 200, asks={"status": ((201, 204),)}),
    "JSON": Case(answering('{"a": [1, {"b": "x"}]}'), Reason.OK, 200, asks=wants(("a", 1, "b"), Compares.IS, "x")),
    "other JSON": Case(
        answering('{"a": [1]}'),
        Reason.JSON,
        200,
        "a[0] is 1; asked: more than 1",
        wants(("a", 0), Compares.MORE_THAN, "1"),
    ),
    "JSON without the key": Case(answering('{"a": 1}'), Reason.JSON, 200, "has no b", wants(("b",))),
    "broken JSON": Case(answering('{"a": 1'), Reason.JSON, 200, "is no JSON", wants(("a",))),
    "JSON without end": Case(answering("[" * 200_000), Reason.JSON, 200, "nested too deeply", wants(("a",))),
    "a page for JSON": Case(answering("<html>"), Reason.JSON, 200, "is no JSON", wants(("a",))),
    "an endless body": Case(pour, Reason.OK, 200),
    "an endless body with the text at its start": Case(pour, Reason.OK, 200, asks={"contains": ("all is well",)}),
    "an endless body without the text": Case(
        pour, Reason.TOO_LARGE, 200, "1,000 bytes", {"contains": ("sick",), "cap": 1000}
    ),
    "an endless body that must lack a text": Case(pour, Reason.TOO_LARGE, 200, asks={"lacks": ("sick",)}),
    "an endless body for JSON": Case(pour, Reason.TOO_LARGE, 200, asks=wants(("a",))),
    "a body of just the cap": Case(answering(b"x" * 1000), Reason.OK, 200, asks={"contains": ("x",), "cap": 1000}),
    "the connection is ended": Case(end, Reason.RESET, 0, "without an answer"),
    "the connection is reset": Case(reset, Reason.RESET, 0, "before the answer was whole"),
    "half an answer": Case(sending(b"HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\nabc"), Reason.RESET, 200, "whole"),
    "no answer": Case(hang, Reason.TIMEOUT, 0, "connected, and no answer", timeout=SOON),
    "half the headers": Case(stall_in_headers, Reason.TIMEOUT, 200, "not whole in time", timeout=SOON),
    "an answer that drips": Case(drip, Reason.TIMEOUT, 200, "not whole in time", timeout=SOON),
    "something else than HTTP": Case(sending(b"SSH-2.0-OpenSSH_9.2\r\n"), Reason.PROTOCOL, 0, "not HTTP"),
    "headers without end": Case(sending(b"HTTP/1.1 200 OK\r\nX: " + b"x" * 2_000_000), Reason.PROTOCOL, 200, "headers"),
    "broken chunks": Case(
        sending(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n"), Reason.PROTOCOL, 200
    ),
    "a redirect": Case(redirect("/there"), Reason.OK, 200, asks={"contains": ("at last",)}),
    "a redirect that is not followed": Case(redirect("/there"), Reason.OK, 302, asks={"redirects": 0}),
    "a redirect that is not good": Case(
        redirect("/there"), Reason.STATUS, 302, asks={"redirects": 0, "status": ((200, 299),)}
    ),
    "redirects without end": Case(loop_of("302 Found"), Reason.REDIRECT, 302, "more than 10"),
    "more redirects than allowed": Case(loop_of("307 Again"), Reason.REDIRECT, 307, "more than 2", {"redirects": 2}),
    "a redirect to another scheme": Case(redirect("gopher://x.example/"), Reason.REDIRECT, 0, "scheme"),
    "a redirect to a file": Case(redirect("file:///etc/passwd"), Reason.REDIRECT),
    "a redirect to nothing": Case(redirect("http://[bad/"), Reason.REDIRECT),
    "a redirect to what readers disagree about": Case(redirect("http:/127.0.0.1/"), Reason.REDIRECT),
    "a redirect with backslashes": Case(redirect("\\\\127.0.0.1\\"), Reason.REDIRECT),
    "a redirect with a user name": Case(redirect("//127.0.0.1@[::1]/"), Reason.REDIRECT, 0, "user name"),
    "a redirect in letters that no URL has": Case(
        redirect("/th\u00e9re \u00a0"), Reason.OK, 200, asks={"contains": ("at last",)}
    ),
    "a redirect without a place": Case(answering(status="302 Found"), Reason.OK, 302),
    "a redirect to where the door is shut": Case(
        redirect("http://169.254.169.254/"), Reason.FORBIDDEN, 0, "credentials"
    ),
    "a redirect to a private network": Case(redirect("http://10.0.0.1/"), Reason.FORBIDDEN, 0, "10.0.0.0/8"),
}


@pytest.mark.parametrize("case", CASES.values(), ids=CASES)
def test_each_answer_has_its_reason(case: Case) -> None:
    async def main() -> Result:
        async with served(case.behave) as port:
            return await probed(HttpProbe(f"http://127.0.0.1:{port}{case.path}", **case.asks), timeout=case.timeout)

    result = asyncio.run(main())
    assert (result.reason, result.status) == (case.reason, case.status), result.detail
    assert case.tells in result.detail
    assert (result.detail == "") == (result.reason is Reason.OK)


SECURE = {
    "a good certificate": ("good", {}, Reason.OK, ""),
    "one that holds for long enough": ("good", {"remaining": 89 * DAY}, Reason.OK, ""),
    "one that ends soon": (
        "short",
        {"remaining": 7 * DAY},
        Reason.CERTIFICATE_EXPIRES,
        "holds for 2 days more; asked: 7",
    ),
    "one that rests on one that ends soon": ("tired", {"remaining": 7 * DAY}, Reason.CERTIFICATE_EXPIRES, "CN=Middle"),
    "one with another that ended, and is not needed": ("extra", {"remaining": 7 * DAY}, Reason.OK, ""),
    "an expired one": ("expired", {}, Reason.CERTIFICATE_EXPIRED, "has expired"),
    "one that is not valid yet": ("early", {}, Reason.CERTIFICATE, "not valid yet"),
    "one of nobody": ("alone", {}, Reason.CERTIFICATE, "self-signed"),
    "one for another name": ("other", {}, Reason.CERTIFICATE, "matches target"),
    "one of nobody that need not be good": ("alone", {"verify": False}, Reason.OK, ""),
    "an expired one that need not be good": ("expired", {"verify": False}, Reason.OK, ""),
    "an expired one whose end is asked for alone": (
        "expired",
        {"verify": False, "remaining": DAY},
        Reason.CERTIFICATE_EXPIRED,
        "CN=shop",
    ),
}


@pytest.mark.parametrize(("name", "asks", "reason", "tells"), SECURE.values(), ids=SECURE)
def test_each_certificate_has_its_reason(
    name: str, asks: dict[str, Any], reason: Reason, tells: str, certificates: Certificates
) -> None:
    async def main() -> Result:
        async with served(answering(), certificates.server(name)) as port:
            probe = HttpProbe(f"https://127.0.0.1:{port}/", **asks)
            return await probed(probe, authorities=certificates.authority)

    result = asyncio.run(main())
    assert result.reason is reason, result.detail
    assert tells in result.detail


HANDSHAKES = {
    "no handshake": (hang, Reason.TIMEOUT, "no TLS handshake"),
    "the connection is ended": (end, Reason.RESET, "during the TLS handshake"),
    "the connection is reset": (reset, Reason.RESET, "during the TLS handshake"),
    "plain HTTP": (answering(), Reason.TLS, "handshake failed"),
}


@pytest.mark.parametrize(("behave", "reason", "tells"), HANDSHAKES.values(), ids=HANDSHAKES)
def test_each_handshake_that_fails_has_its_reason(behave: Behave, reason: Reason, tells: str) -> None:
    async def main() -> Result:
        async def first(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            await (behave(reader, writer) if behave in (hang, end, reset) else _say(writer))

        async with served(first) as port:
            return await probed(HttpProbe(f"https://127.0.0.1:{port}/"), timeout=SOON if behave is hang else 5 * SECOND)

    result = asyncio.run(main())
    assert result.reason is reason, result.detail
    assert tells in result.detail
    assert result.tls == UNTIMED < result.connect


def test_a_server_that_wants_a_certificate_of_the_client_is_told_by_tls(certificates: Certificates) -> None:
    context = certificates.server("good")
    context.verify_mode = ssl.CERT_REQUIRED

    def refuse(listening: socket.socket) -> None:
        with listening.accept()[0] as plain, context.wrap_socket(plain, True, do_handshake_on_connect=False) as taken:
            with pytest.raises(ssl.SSLError):
                taken.do_handshake()
            taken.shutdown(socket.SHUT_WR)  # and let the client read why
            while socket.socket.recv(taken, 4096):
                pass

    async def main() -> Result:
        with socket.create_server(("127.0.0.1", 0)) as listening:
            refusing = asyncio.ensure_future(asyncio.to_thread(refuse, listening))
            probe = HttpProbe(f"https://127.0.0.1:{listening.getsockname()[1]}/")
            result = await probed(probe, authorities=certificates.authority)
            await refusing
            return result

    result = asyncio.run(main())
    assert result.reason is Reason.TLS, result.detail
    assert "certificate required" in result.detail


async def _say(writer: asyncio.StreamWriter) -> None:
    writer.write(b"HTTP/1.1 400 Bad Request\r\n\r\n")
    await writer.drain()


def refused() -> Awaitable[Result]:
    return probed(HttpProbe(f"http://127.0.0.1:{free_port()}/"))


async def unheard() -> Result:
    with deaf() as port:
        return await probed(HttpProbe(f"http://127.0.0.1:{port}/"), timeout=SOON)


def no_name() -> Awaitable[Result]:
    return probed(HttpProbe("http://no-such-shop.invalid/"))


def no_route() -> Awaitable[Result]:
    return probed(HttpProbe("http://255.255.255.255/"), allowed=(ip_network("255.255.255.255/32"),))


def metadata() -> Awaitable[Result]:
    return probed(HttpProbe("http://169.254.169.254/latest"), allowed=(ip_network("0.0.0.0/0"),))


def unknown_secret() -> Awaitable[Result]:
    return probed(HttpProbe("http://127.0.0.1/{secret.TOKEN}"))


def no_authorities() -> Awaitable[Result]:
    async def main() -> Result:
        async with served(hang) as port:
            return await probed(HttpProbe(f"https://127.0.0.1:{port}/"), authorities="/no/such/file")

    return main()


@pytest.mark.parametrize(
    ("run", "reason", "timed"),
    [
        (refused, Reason.REFUSED, "dns"),
        (unheard, Reason.CONNECT_TIMEOUT, "dns"),
        (no_name, Reason.DNS, ""),
        (no_route, Reason.UNREACHABLE, "dns"),
        (metadata, Reason.FORBIDDEN, ""),
        (unknown_secret, Reason.SECRET, ""),
        (no_authorities, Reason.RESOURCES, "dns connect"),
    ],
)
def test_what_is_not_reached_has_its_reason_and_no_more_times_than_it_came_to(
    run: Callable[[], Awaitable[Result]], reason: Reason, timed: str
) -> None:
    async def main() -> Result:
        return await run()

    result = asyncio.run(main())
    assert result.reason is reason, result.detail
    parts = {name: getattr(result, name) for name in ("dns", "connect", "tls", "first_byte")}
    assert {name for name, took in parts.items() if took != UNTIMED} == set(timed.split())
    assert result.total >= 0


def test_all_parts_of_a_good_probe_are_timed(certificates: Certificates) -> None:
    async def main() -> Result:
        async with served(answering(), certificates.server("good"), "localhost") as port:
            return await probed(HttpProbe(f"https://localhost:{port}/"), authorities=certificates.authority)

    result = asyncio.run(main())
    assert result.reason is Reason.OK, result.detail
    assert 0 <= result.dns + result.connect + result.tls <= result.first_byte <= result.total
    assert min(result.dns, result.connect, result.tls) >= 0


def asked_of(probe: HttpProbe, **options: Any) -> list[Asked]:
    """What a server is asked by a probe whose URL has PORT for its port; at /from it leads to its other name."""
    asked: list[Asked] = []

    def answer(request: Asked) -> bytes:
        port = request.host().rpartition(":")[2]
        if request.path.startswith("/from"):
            return page(status=request.path[5:8] + " Moved", location=f"http://localhost:{port}/to", set_cookie="a=b")
        if request.path == "/near":
            return page(status="302 Found", location="/to", set_cookie="a=b")
        return page()

    async def main() -> None:
        async with served(routed(answer, asked), host="127.0.0.1") as port:
            await probed(replace(probe, url=probe.url.replace("PORT", str(port))), **options)

    asyncio.run(main())
    return asked


def test_no_content_coding_is_asked_for_and_what_is_written_is_sent() -> None:
    headers = (("Authorization", "Bearer {secret.TOKEN}"), ("X-Kind", "probe"), ("User-Agent", "mine"))
    probe = HttpProbe("http://127.0.0.1:PORT/a?b=c", "PUT", headers, '{"id": 7, "key": "{secret.TOKEN}"}')
    (asked,) = asked_of(probe, secrets={"TOKEN": "open sesame"})
    assert (asked.method, asked.path) == ("PUT", "/a?b=c")
    assert asked.body == b'{"id": 7, "key": "open sesame"}'
    assert asked.headers["accept-encoding"] == "identity"
    assert asked.headers["authorization"] == "Bearer open sesame"
    assert (asked.headers["x-kind"], asked.headers["user-agent"]) == ("probe", "mine")
    assert {"expect", "content-type"} & set(asked.headers) == set()


@pytest.mark.parametrize("method", ["GET", "HEAD", "POST", "DELETE", "OPTIONS", "PATCH"])
def test_every_method_is_sent_as_it_is_written(method: str) -> None:
    (asked,) = asked_of(HttpProbe("http://127.0.0.1:PORT/", method))
    assert asked.method == method


@pytest.mark.parametrize(
    ("status", "method", "becomes"),
    [
        (301, "POST", "GET"),
        (302, "POST", "GET"),
        (303, "PUT", "GET"),
        (307, "POST", "POST"),
        (308, "POST", "POST"),
        (302, "PUT", "PUT"),
        (303, "HEAD", "HEAD"),
    ],
)
def test_a_redirect_is_followed_with_the_method_that_browsers_use(status: int, method: str, becomes: str) -> None:
    first, second = asked_of(HttpProbe(f"http://127.0.0.1:PORT/from{status}", method, body="x" * (method == "POST")))
    assert (first.method, second.method) == (method, becomes)
    assert second.body == (first.body if becomes == "POST" else b"")


def test_another_origin_gets_no_credentials_and_no_cookies() -> None:
    headers = (("Authorization", "Bearer 1"), ("X-Api-Key", "{secret.TOKEN}"), ("Accept", "text/html"))
    first, second = asked_of(HttpProbe("http://127.0.0.1:PORT/from302", headers=headers), secrets={"TOKEN": "sesame"})
    assert first.headers["x-api-key"] == "sesame"
    assert "sesame" not in str(second)
    assert {"authorization", "x-api-key", "cookie"} & set(second.headers) == set()
    assert second.headers["accept"] == "text/html"


def test_the_same_origin_gets_them_again_with_the_cookie_it_set() -> None:
    headers = (("X-Api-Key", "{secret.TOKEN}"),)
    _, second = asked_of(HttpProbe("http://127.0.0.1:PORT/near", headers=headers), secrets={"TOKEN": "sesame"})
    assert (second.headers["x-api-key"], second.headers["cookie"]) == ("sesame", "a=b")


def test_a_body_with_a_secret_goes_to_no_other_origin() -> None:
    asked = asked_of(HttpProbe("http://127.0.0.1:PORT/from307", "POST", body="{secret.TOKEN}"), secrets={"TOKEN": "s"})
    assert [one.path for one in asked] == ["/from307"]


def test_a_probe_knows_no_cookies_of_an_earlier_one() -> None:
    asked: list[Asked] = []

    async def main() -> None:
        async with served(routed(lambda _: page(set_cookie="a=b"), asked)) as port, location() as context:
            for _ in range(3):
                await probe(Check("front page", "shop", HttpProbe(f"http://127.0.0.1:{port}/")), context)

    asyncio.run(main())
    assert ["cookie" in one.headers for one in asked] == [False] * 3


def test_a_secret_that_the_answer_gives_back_is_not_told() -> None:
    body = '{"error": "key open sesame/7 is wrong", "b64": "b3BlbiBzZXNhbWUvNw=="}'

    async def main() -> list[Result]:
        async with served(answering(body)) as port:
            url = f"http://127.0.0.1:{port}/"
            return [
                await probed(
                    HttpProbe(url, json=(JsonAssertion((key,), Compares.IS, "ok {secret.KEY}"),)), secrets=known
                )
                for key in ("error", "b64")
            ]

    known = {"KEY": "open sesame/7"}
    told = [result.detail for result in asyncio.run(main())]
    assert told[0] == "error is key {secret.KEY} is wrong; asked: is ok {secret.KEY}"
    assert "sesame" not in told[1]
    assert "b3Blb" not in told[1]


def test_a_detail_is_one_short_line_without_control_signs() -> None:
    async def main() -> Result:
        async with served(answering('{"a": "x\\n\\u001b[31m\\u202e' + "y" * 5000 + '"}')) as port:
            return await probed(HttpProbe(f"http://127.0.0.1:{port}/", **wants(("a",), Compares.IS, "z")))

    detail = asyncio.run(main()).detail
    assert detail.isprintable()
    assert len(detail) <= 300


def test_the_certificate_that_ends_first_on_the_way_is_told_also_where_the_answer_is_not_good(
    certificates: Certificates,
) -> None:
    async def main() -> tuple[int, Result, Result]:
        begun = now()
        async with (
            served(answering(), certificates.server("good")) as last,
            served(
                answering("", "302 Found", {"Location": f"https://127.0.0.1:{last}/"}), certificates.server("short")
            ) as first,
        ):
            led = await probed(HttpProbe(f"https://127.0.0.1:{first}/"), authorities=certificates.authority)
            bad = HttpProbe(f"https://127.0.0.1:{last}/", status=((500, 500),))
            return begun, led, await probed(bad, authorities=certificates.authority)

    begun, led, bad = asyncio.run(main())
    assert (led.reason, round((led.expires - begun) / DAY)) == (Reason.OK, 3)
    assert (bad.reason, round((bad.expires - begun) / DAY)) == (Reason.STATUS, 90)


def _leading(port: int) -> Behave:
    return answering("", "302 Found", {"Location": f"https://127.0.0.1:{port}/"})
