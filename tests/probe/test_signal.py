"""Signals: numbers of a Prometheus server, exactly as it writes them."""

import asyncio
import json
from collections.abc import Callable
from decimal import Decimal
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from makegood.model.checks import Check, Compares, SignalProbe
from makegood.model.results import Reason, Result
from makegood.model.spans import SECOND
from makegood.probe.kinds import pull_signal
from makegood.probe.signal import Pulled
from tests.probe.servers import Asked, free_port, hang, location, page, probed, routed, served

NUMBERS = {
    "up": "1",
    "ratio": "0.1000000000000000055511151231257827",
    "tiny": "1.5e-7",
    "nothing": "NaN",
    "all": "+Inf",
    "good": "998",
    "valid": "1000",
}


def vector(*values: str) -> str:
    result = [{"metric": {"job": str(n)}, "value": [1767960000.123, value]} for n, value in enumerate(values)]
    return json.dumps({"status": "success", "data": {"resultType": "vector", "result": result}})


def prometheus(request: Asked) -> bytes:
    """Answers instant queries as Prometheus does."""
    url = urlsplit(request.path)
    query = parse_qs(url.query).get("query", [""])[0]
    if url.path != "/api/v1/query" or request.headers.get("authorization", "") != "Bearer sesame":
        return page("no", "401 Unauthorized")
    if query == "empty":
        return page(vector())
    if query == "two":
        return page(vector("1", "2"))
    if query == "scalar":
        return page(json.dumps({"status": "success", "data": {"resultType": "scalar", "result": [1.5, "3"]}}))
    if query in ("string", "matrix"):
        return page(json.dumps({"status": "success", "data": {"resultType": query, "result": [1.5, "3"]}}))
    if query in NUMBERS:
        return page(vector(NUMBERS[query]))
    error = {"status": "error", "errorType": "bad_data", "error": "parse error at 1:3"}
    return page(json.dumps(error), "400 Bad Request")


HEADERS = (("Authorization", "Bearer {secret.PROMETHEUS}"),)


def signal(base: str, query: str, compares: Compares = Compares.AT_LEAST, value: str = "1") -> SignalProbe:
    return SignalProbe(base, query, compares, value, headers=HEADERS)


@pytest.mark.parametrize(
    ("query", "compares", "value", "reason", "tells"),
    [
        ("up", Compares.AT_LEAST, "1", Reason.OK, ""),
        ("up", Compares.BELOW, "1", Reason.SIGNAL, "the number is 1; asked: below 1"),
        ("ratio", Compares.MORE_THAN, "0.1", Reason.OK, ""),
        ("ratio", Compares.AT_MOST, "0.1", Reason.SIGNAL, "0.10000000000000000555"),
        ("ratio", Compares.IS, "0.1", Reason.SIGNAL, "asked: is 0.1"),
        ("tiny", Compares.BELOW, "0.0000002", Reason.OK, ""),
        ("scalar", Compares.IS, "3.0", Reason.OK, ""),
        ("empty", Compares.AT_LEAST, "1", Reason.AWAY, "answers nothing"),
        ("two", Compares.AT_LEAST, "1", Reason.AWAY, "answers 2 series"),
        ("nothing", Compares.AT_LEAST, "1", Reason.AWAY, "NaN, which is no number"),
        ("all", Compares.AT_LEAST, "1", Reason.AWAY, "+Inf, which is no number"),
        ("string", Compares.AT_LEAST, "1", Reason.AWAY, "a string, not a number"),
        ("matrix", Compares.AT_LEAST, "1", Reason.AWAY, "a matrix, not a number"),
        ("up{", Compares.AT_LEAST, "1", Reason.AWAY, "Prometheus answers 400: parse error at 1:3"),
    ],
)
def test_each_number_has_its_reason(query: str, compares: Compares, value: str, reason: Reason, tells: str) -> None:
    async def main() -> Result:
        async with served(routed(prometheus)) as port:
            probe = signal(f"http://127.0.0.1:{port}/", query, compares, value)
            return await probed(probe, secrets={"PROMETHEUS": "sesame"})

    result = asyncio.run(main())
    assert result.reason is reason, result.detail
    assert tells in result.detail


@pytest.mark.parametrize(
    ("url", "secrets", "timeout", "reason"),
    [
        ("http://127.0.0.1:PORT", {"PROMETHEUS": "wrong"}, 5 * SECOND, Reason.AWAY),
        ("http://127.0.0.1:PORT", {}, 5 * SECOND, Reason.SECRET),
        ("http://127.0.0.1:FREE", {"PROMETHEUS": "sesame"}, 5 * SECOND, Reason.AWAY),
        ("http://127.0.0.1:HANGS", {"PROMETHEUS": "sesame"}, SECOND // 3, Reason.AWAY),
        ("http://10.0.0.1:9090", {"PROMETHEUS": "sesame"}, 5 * SECOND, Reason.FORBIDDEN),
    ],
)
def test_a_server_that_is_not_to_be_asked_makes_nothing_down(
    url: str, secrets: dict[str, str], timeout: int, reason: Reason
) -> None:
    async def main() -> Result:
        async with served(routed(prometheus)) as port, served(hang) as hangs:
            there = url.replace("PORT", str(port)).replace("FREE", str(free_port())).replace("HANGS", str(hangs))
            return await probed(signal(there, "up"), secrets=secrets, timeout=timeout)

    result = asyncio.run(main())
    assert result.reason is reason, result.detail
    assert "wrong" not in result.detail


def pulled(make: Callable[[str], SignalProbe], asked: list[Asked], until: int) -> Pulled:
    async def main() -> Pulled:
        async with (
            served(routed(prometheus, asked)) as port,
            location(secrets={"PROMETHEUS": "sesame"}) as context,
        ):
            check = Check("errors", "shop", make(f"http://127.0.0.1:{port}/api/v1/query"))
            return await pull_signal(check, context, until)

    return asyncio.run(main())


def test_the_two_numbers_of_a_slot_are_asked_for_at_its_end() -> None:
    asked: list[Asked] = []
    counts: dict[str, Any] = {"good": "good", "valid": "valid"}
    end = 1_767_960_060 * SECOND + 5
    found = pulled(lambda url: SignalProbe(url, "up", headers=HEADERS, **counts), asked, end)
    assert (found.result.reason, found.good, found.valid) == (Reason.OK, Decimal(998), Decimal(1000))
    times = [parse_qs(urlsplit(one.path).query).get("time") for one in asked]
    assert times == [None, ["1767960060.000005"], ["1767960060.000005"]]


def test_without_a_query_the_two_numbers_are_all_there_is() -> None:
    found = pulled(lambda url: SignalProbe(url, good="good", valid="valid", headers=HEADERS), [], SECOND)
    assert (found.result.reason, found.good, found.valid) == (Reason.OK, Decimal(998), Decimal(1000))


def test_a_number_that_is_not_there_leaves_both_unknown() -> None:
    found = pulled(lambda url: SignalProbe(url, good="good", valid="empty", headers=HEADERS), [], SECOND)
    assert (found.result.reason, found.good, found.valid) == (Reason.AWAY, None, None)
    assert found.result.detail == "the query answers nothing"


def test_a_number_that_is_wrong_keeps_what_was_counted() -> None:
    found = pulled(
        lambda url: SignalProbe(url, "up", value="2", good="good", valid="valid", headers=HEADERS), [], SECOND
    )
    assert (found.result.reason, found.good, found.valid) == (Reason.SIGNAL, Decimal(998), Decimal(1000))
