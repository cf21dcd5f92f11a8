"""Signals: numbers that a Prometheus server gives, pulled by the hub."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from urllib.parse import urlencode

from makegood.door.fetch import Fetched, fetch
from makegood.door.forbidden import Unreached
from makegood.model.checks import SignalProbe
from makegood.model.results import Reason, Result
from makegood.model.spans import SECOND, Instant
from makegood.probe.attempt import Attempt, Found
from makegood.probe.compare import NotJson, decimal, ordered, parse_json

CAP = 1 << 20
PATH = "/api/v1/query"


@dataclass(frozen=True, slots=True)
class Pulled:
    """What a pull found: the result, and how many of how many were good, exactly as the server wrote them; None where
    they were not asked for or it has none."""

    result: Result
    good: Decimal | None = None
    valid: Decimal | None = None


async def probe_signal(probe: SignalProbe, attempt: Attempt) -> Result:
    """Up where the number compares as it must; unknown where there is none."""
    return (await pull(probe, attempt)).result


async def pull(probe: SignalProbe, attempt: Attempt, until: Instant | None = None) -> Pulled:
    """Ask for the number now, and for good and valid as they were at `until` (µs UTC), such as the end of the slot that
    they are about; without it these two are not asked for. Raises Found where a number is not to be had."""
    number = await _number(probe.query, probe, attempt) if probe.query else None
    good = await _number(probe.good, probe, attempt, until) if probe.good and until is not None else None
    valid = await _number(probe.valid, probe, attempt, until) if probe.valid and until is not None else None
    result = attempt.result(Reason.OK)
    written = decimal(attempt.context.secrets.fill(probe.value))
    if number is not None and (written is None or not ordered(number, probe.compares, written)):
        result = attempt.result(Reason.SIGNAL, f"the number is {number}; asked: {probe.compares} {probe.value}")
    return Pulled(result, good, valid)


async def _number(query: str, probe: SignalProbe, attempt: Attempt, at: Instant | None = None) -> Decimal:
    fetched = await _fetched(query, probe, attempt, at)
    try:
        document = parse_json(fetched.body)
    except NotJson:
        document = None
    if not isinstance(document, dict) or document.get("status") != "success":
        told = document.get("error") if isinstance(document, dict) else None
        raise Found(Reason.AWAY, f"Prometheus answers {fetched.status}{f': {told}' if told else ''}", fetched.status)
    return _value(document, fetched.status)


async def _fetched(query: str, probe: SignalProbe, attempt: Attempt, at: Instant | None) -> Fetched:
    secrets = attempt.context.secrets
    base = secrets.fill(probe.url).rstrip("/").removesuffix(PATH)
    asked = {"query": secrets.fill(query)} | ({} if at is None else {"time": _seconds(at)})
    headers = tuple((name, secrets.fill(value)) for name, value in probe.headers)
    try:
        return await fetch(
            "GET",
            f"{base}{PATH}?{urlencode(asked)}",
            headers,
            policy=attempt.context.policy,
            cap=CAP,
            timeout=attempt.left() / 1e6,
            authorities=attempt.context.handles.trust.file,
        )
    except Unreached as why:
        # That Prometheus is away says nothing about the service it watches.
        raise Found(Reason.AWAY, f"Prometheus: {why}") from None


def _value(document: dict[str, object], status: int) -> Decimal:
    """The one number of an answer to an instant query. Raises Found where there is none, or more than one."""
    data = document.get("data")
    kind = data.get("resultType") if isinstance(data, dict) else None
    found = data.get("result") if isinstance(data, dict) else None
    samples = [found] if kind == "scalar" else found if kind == "vector" else None
    if not isinstance(samples, list):
        raise Found(Reason.AWAY, f"the query answers a {kind}, not a number", status)
    if len(samples) != 1:
        what = f"{len(samples)} series: take one, such as by min(…)" if samples else "nothing"
        raise Found(Reason.AWAY, f"the query answers {what}", status)
    sample = samples[0]
    pair = sample.get("value") if isinstance(sample, dict) else sample
    text = pair[1] if isinstance(pair, list) and len(pair) == 2 else None
    number = decimal(text) if isinstance(text, str) else None
    if number is None:
        raise Found(Reason.AWAY, f"the query answers {text}, which is no number", status)
    return number


def _seconds(at: Instant) -> str:
    return f"{at // SECOND}.{at % SECOND:06}"
