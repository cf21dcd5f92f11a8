"""Signals: numbers of a Prometheus server, exactly as it writes them."""

import asyncio
import json
from collections.abc import Callable
from decimal import Decimal
from urllib.parse import parse_qs, urlsplit

import pytest

from makegood.model.checks import Check, Compares, SignalProbe
from makegood.model.figures import Figure
from makegood.model.results import Reason, Result
from makegood.model.spans import MINUTE, SECOND
from makegood.probe.attempt import Found, begin
from makegood.probe.signal import pull
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


SLOT = 29_466_000
"""The number of a minute."""


def ranged(**series: list[tuple[str, str]]) -> Callable[[Asked], bytes]:
    """Answers queries over a range with one series each, of pairs of time and value."""

    def answer(request: Asked) -> bytes:
        url = urlsplit(request.path)
        query = parse_qs(url.query).get("query", [""])[0]
        if url.path != "/api/v1/query_range" or query not in series:
            return page(json.dumps({"status": "error", "error": "no such query"}), "422 Unprocessable")
        values = ", ".join(f'[{at}, "{value}"]' for at, value in series[query])
        many = [f'{{"metric": {{}}, "values": [{values}]}}'] * (2 if query == "two" else 1 if series[query] else 0)
        return page(f'{{"status": "success", "data": {{"resultType": "matrix", "result": [{", ".join(many)}]}}}}')

    return answer


def measured(
    answer: Callable[[Asked], bytes], slots: range, asked: list[Asked] | None = None, **quantities: str
) -> list[Figure]:
    async def main() -> list[Figure]:
        async with (
            served(routed(answer, asked if asked is not None else [])) as port,
            location(secrets={"PROMETHEUS": "sesame"}) as context,
        ):
            probe = SignalProbe(f"http://127.0.0.1:{port}/", metric="requests", quantities=tuple(quantities.items()))
            check = Check("errors", "shop", probe)
            return await pull(check, begin(context, check.timeout), slots)

    return asyncio.run(main())


def at(slot: int) -> str:
    return str((slot + 1) * 60)


def test_each_quantity_is_asked_for_once_over_all_slots_as_it_was_at_their_ends() -> None:
    asked: list[Asked] = []
    answer = ranged(
        ok=[(at(SLOT), "998"), (at(SLOT + 1), "1.5"), (at(SLOT + 2), "NaN")],
        every=[(at(SLOT), "1000"), (at(SLOT + 1), "2"), (at(SLOT + 2), "7")],
    )
    found = measured(answer, range(SLOT, SLOT + 3), asked, good="ok", valid="every")
    expected = [
        ("good", SLOT, "998"), ("valid", SLOT, "1000"), ("good", SLOT + 1, "1.5"), ("valid", SLOT + 1, "2"),
        ("valid", SLOT + 2, "7"),
    ]  # fmt: skip
    assert found == [
        Figure("errors", "shop", "requests", word, slot * MINUTE, MINUTE, Decimal(value).quantize(Decimal("0.000001")))
        for word, slot, value in expected
    ]
    told = [parse_qs(urlsplit(one.path).query) for one in asked]
    assert [one["query"] for one in told] == [["ok"], ["every"]]
    assert {(one["start"][0], one["end"][0], one["step"][0]) for one in told} == {
        (f"{(SLOT + 1) * 60}.000000", f"{(SLOT + 3) * 60}.000000", "60.000000")
    }


@pytest.mark.parametrize(
    ("value", "kept"),
    [
        ("59.99999999999999", "60.000000"),
        ("0.0000005", "0.000001"),
        ("0.00000049", "0.000000"),
        ("-2.5", "-2.500000"),
        ("999999999999.1234567", "999999999999.123457"),
        ("1e12", None),
        ("999999999999.9999999", None),
        ("NaN", None),
        ("+Inf", None),
    ],
)
def test_numbers_are_kept_to_a_millionth_and_below_a_million_millions(value: str, kept: str | None) -> None:
    (*found,) = measured(ranged(q=[(at(SLOT), value)]), range(SLOT, SLOT + 1), p95="q")
    assert [str(one.value) for one in found] == ([] if kept is None else [kept])


@pytest.mark.parametrize(("good", "valid"), [("11", "10"), ("-1", "10"), ("0", "-1")])
def test_counts_that_cannot_be_are_not_known(good: str, valid: str) -> None:
    answer = ranged(g=[(at(SLOT), good)], v=[(at(SLOT), valid)], m=[(at(SLOT), "3")])
    found = measured(answer, range(SLOT, SLOT + 1), good="g", valid="v", mean="m")
    assert [one.quantity for one in found] == ["mean"]


@pytest.mark.parametrize(("query", "tells"), [("two", "2 series"), ("other", "no such query")])
def test_what_is_no_one_series_is_not_measured(query: str, tells: str) -> None:
    with pytest.raises(Found, match=tells):
        measured(ranged(two=[(at(SLOT), "1")]), range(SLOT, SLOT + 1), p95=query)


def test_a_series_without_any_number_measures_nothing() -> None:
    assert measured(ranged(none=[]), range(SLOT, SLOT + 1), p95="none") == []
