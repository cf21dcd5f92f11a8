"""A workflow is what a user does: cookies and values go from step to step, and what fails is named."""

import asyncio
import json
from collections.abc import Callable
from typing import Any

import pytest

from makegood.model.checks import Capture, Compares, HttpProbe, JsonAssertion, Step, WorkflowProbe
from makegood.model.results import Reason, Result
from makegood.model.spans import SECOND
from tests.probe.servers import Asked, page, probed, routed, served


def shop(request: Asked) -> bytes:
    """A little shop: a page with a token, a log-in that wants it, a basket for who is logged in."""
    match request.path:
        case "/login" if request.method == "GET":
            return page('<input name="csrf" value="t0k en">', set_cookie="visit=1; Path=/")
        case "/login":
            good = request.headers.get("x-csrf") == "t0k en" and "visit=1" in request.headers.get("cookie", "")
            entered = json.loads(request.body) == {"user": "probe", "password": "open sesame"}
            if good and entered:
                return page(status="302 Found", location="/home", set_cookie="session=s; Path=/")
            return page(status="403 Forbidden")
        case "/home":
            return page('{"basket": {"id": 17, "items": [{"price": 12.50}]}}', x_request_id="r-9")
        case "/basket/17?for=r-9" if "session=s" in request.headers.get("cookie", ""):
            return page('{"total": 12.50}')
        case "/echo":
            return page(request.headers.get("x-echo", ""))
        case _:
            return page(status="404 Not Found")


def order(base: str, **changes: Any) -> WorkflowProbe:
    """Log in and look at the basket."""
    steps = {
        "open": Step(
            "open the page", HttpProbe(f"{base}/login"), (Capture("csrf", between=('name="csrf" value="', '"')),)
        ),
        "login": Step(
            "log in",
            HttpProbe(
                f"{base}/login",
                "POST",
                (("X-Csrf", "{csrf}"), ("Content-Type", "application/json")),
                '{"user": "probe", "password": "{secret.PASSWORD}"}',
            ),
            (Capture("basket", path=("basket", "id")), Capture("request", header="X-Request-Id")),
        ),
        "look": Step(
            "look at the basket",
            HttpProbe(
                f"{base}/basket/{{basket}}?for={{request}}",
                json=(JsonAssertion(("total",), Compares.IS, "12.5"),),
            ),
        ),
    }
    return WorkflowProbe(tuple((steps | changes).values()))


def run(make: Callable[[str], WorkflowProbe], **options: Any) -> Result:
    async def main() -> Result:
        async with served(routed(shop)) as port:
            return await probed(make(f"http://127.0.0.1:{port}"), **options)

    return asyncio.run(main())


KNOWN = {"PASSWORD": "open sesame"}


def test_cookies_captures_and_secrets_go_from_step_to_step() -> None:
    result = run(order, secrets=KNOWN)
    assert (result.reason, result.status, result.detail) == (Reason.OK, 200, "")
    assert 0 < result.first_byte <= result.total


@pytest.mark.parametrize(
    ("changes", "reason", "status", "tells"),
    [
        (
            lambda base: {"look": Step("look at the basket", HttpProbe(f"{base}/basket/{{nothing}}"))},
            Reason.STATUS, 404, "look at the basket: the status is 404",
        ),
        (
            lambda base: {"open": Step("open the page", HttpProbe(f"{base}/login"), (Capture("csrf", path=("a",)),))},
            Reason.CAPTURE, 200, "open the page: csrf cannot be captured, the answer is no JSON",
        ),
        (
            lambda base: {"open": Step("open", HttpProbe(f"{base}/login"), (Capture("csrf", header="X-None"),))},
            Reason.CAPTURE, 200, "open: nothing to capture as csrf at the header X-None",
        ),
        (
            lambda base: {"open": Step("open", HttpProbe(f"{base}/login"), (Capture("a", between=("<b>", "</b>")),))},
            Reason.CAPTURE, 200, "between '<b>' and '</b>'",
        ),
        (
            lambda base: {"more": Step("wait", HttpProbe(f"{base}/home", contains=("{csrf}",)))},
            Reason.CONTENT, 200, "wait: the answer does not contain",
        ),
        (
            lambda _base: {"more": Step("go on", HttpProbe("http://{csrf}/"))},
            Reason.CAPTURE, 0, "go on: the URL, with the values in it,",
        ),
        (
            lambda _base: {"more": Step("go in", HttpProbe("http://10.0.0.{basket}/"))},
            Reason.FORBIDDEN, 0, "go in: 10.0.0.17 is not public",
        ),
        (
            lambda base: {"more": Step("ask", HttpProbe(f"{base}/{{secret.NONE}}"))},
            Reason.SECRET, 0, "ask: this location does not know the secret NONE",
        ),
        (
            lambda _base: {"more": Step("ask", HttpProbe("http://127.0.0.1:1/"))},
            Reason.REFUSED, 0, "ask: Connection refused",
        ),
    ],
)  # fmt: skip
def test_a_step_that_fails_is_named(
    changes: Callable[[str], dict[str, Step]], reason: Reason, status: int, tells: str
) -> None:
    result = run(lambda base: order(base, **changes(base)), secrets=KNOWN)
    assert (result.reason, result.status) == (reason, status), result.detail
    assert tells in result.detail


def test_a_wrong_password_is_a_status_of_the_step_that_sent_it() -> None:
    result = run(order, secrets={"PASSWORD": "open barley"})
    assert (result.reason, result.status) == (Reason.STATUS, 403)
    assert result.detail == "log in: the status is 403"


def captured(value: str, second: HttpProbe) -> Result:
    """A value that a service gives, put into a second request."""

    def answer(request: Asked) -> bytes:
        return page(json.dumps({"value": value})) if request.path == "/first" else page(request.path)

    async def main() -> Result:
        async with served(routed(answer)) as port:
            base = f"http://127.0.0.1:{port}"
            first = Step("first", HttpProbe(f"{base}/first"), (Capture("value", path=("value",)),))
            url = second.url.replace("BASE", base)
            then = HttpProbe(url, headers=second.headers, contains=second.contains)
            return await probed(WorkflowProbe((first, Step("second", then))))

    return asyncio.run(main())


def test_a_value_with_a_line_break_is_not_put_into_a_header() -> None:
    result = captured("a\r\nX-Admin: 1", HttpProbe("BASE/", headers=(("X-Value", "{value}"),)))
    assert (result.reason, result.detail) == (
        Reason.CAPTURE,
        "second: the value for the header X-Value has a line break in it",
    )


@pytest.mark.parametrize(
    ("value", "url", "path"),
    [
        ("a b<c>", "BASE/{value}", "/a%20b%3Cc%3E"),
        ("ä", "BASE/?q={value}", "/?q=%C3%A4"),
        ("x\r\nHost: evil", "BASE/{value}", "/x%0D%0AHost:%20evil"),
        ("a%20b?c=d&e", "BASE/{value}", "/a%20b?c=d&e"),
        ("{value}{secret.KEY}", "BASE/{value}", "/%7Bvalue%7D%7Bsecret.KEY%7D"),
    ],
)
def test_what_cannot_stand_in_a_url_is_written_in_percents(value: str, url: str, path: str) -> None:
    result = captured(value, HttpProbe(url, contains=(path,)))
    assert result.reason is Reason.OK, result.detail


def test_the_timeout_is_that_of_all_steps() -> None:
    async def slow(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        await asyncio.sleep(0.15)
        writer.write(page())

    async def main() -> Result:
        async with served(slow) as port:
            steps = [Step(f"step {n}", HttpProbe(f"http://127.0.0.1:{port}/")) for n in range(9)]
            return await probed(WorkflowProbe(tuple(steps)), timeout=SECOND // 2)

    result = asyncio.run(main())
    assert result.reason is Reason.TIMEOUT
    assert result.detail.startswith("step ")
