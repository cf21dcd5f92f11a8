"""Signals: numbers that a Prometheus server gives, pulled by the hub.

The number that makes a signal up or down is asked for now, in each slot. What is measured is asked for as it was at
the end of each slot that is over, also of slots that passed while nobody could ask: the server still knows them.
"""

from __future__ import annotations

from collections.abc import Iterator
from decimal import ROUND_HALF_UP, Decimal
from urllib.parse import urlencode

from makegood.door.fetch import Fetched, fetch
from makegood.door.forbidden import Unreached
from makegood.model.checks import Check, SignalProbe
from makegood.model.figures import COUNTS, MOST, PLACES, Figure
from makegood.model.results import Reason, Result
from makegood.model.spans import SECOND, Instant
from makegood.probe.attempt import Attempt, Found
from makegood.probe.compare import NotJson, decimal, ordered, parse_json

CAP = 1 << 20
PATH = "/api/v1/query"
_UNIT = Decimal(1).scaleb(-PLACES)


async def probe_signal(probe: SignalProbe, attempt: Attempt) -> Result:
    """Up where the number compares as it must, or where none is asked for; unknown where there is none."""
    if not probe.query:
        return attempt.result(Reason.OK)
    number = _one(await _asked(PATH, {"query": probe.query}, probe, attempt))
    written = decimal(attempt.context.secrets.fill(probe.value))
    if written is None or not ordered(number, probe.compares, written):
        return attempt.result(Reason.SIGNAL, f"the number is {number}; asked: {probe.compares} {probe.value}")
    return attempt.result(Reason.OK)


async def pull(check: Check, attempt: Attempt, slots: range) -> list[Figure]:
    """What the quantities of a signal were at the end of each of some slots that are over, as far as the server knows:
    in decimals of `PLACES`. Raises Found where it does not answer, or answers something else than one series."""
    assert isinstance(check.probe, SignalProbe)
    every, metric = check.every, check.probe.metric or check.name
    ends = {"start": _seconds((slots.start + 1) * every), "end": _seconds(slots.stop * every), "step": _seconds(every)}
    found = dict[str, dict[int, Decimal]]()
    for word, query in check.probe.quantities:
        data = await _asked(f"{PATH}_range", {"query": query, **ends}, check.probe, attempt)
        found[word] = {at // every - 1: value for at, value in _series(data) if at % every == 0}
    return [
        Figure(check.name, check.service, metric, word, slot * every, every, values[slot])
        for slot in slots
        for word, values in found.items()
        if slot in values and not (word in COUNTS and _exceeds(found, slot))
    ]


def _exceeds(found: dict[str, dict[int, Decimal]], slot: int) -> bool:
    """Whether the counts of a slot cannot be: below zero, or more of them good than valid."""
    good, valid = (found.get(word, {}).get(slot) for word in COUNTS)
    below = any(count is not None and count < 0 for count in (good, valid))
    return below or (good is not None and valid is not None and good > valid)


async def _asked(path: str, query: dict[str, str], probe: SignalProbe, attempt: Attempt) -> dict[str, object]:
    """The data of an answer. Raises Found."""
    fetched = await _fetched(path, query, probe, attempt)
    try:
        document = parse_json(fetched.body)
    except NotJson:
        document = None
    if not isinstance(document, dict) or document.get("status") != "success":
        told = document.get("error") if isinstance(document, dict) else None
        raise Found(Reason.AWAY, f"Prometheus answers {fetched.status}{f': {told}' if told else ''}", fetched.status)
    data = document.get("data")
    return data if isinstance(data, dict) else {}


async def _fetched(path: str, query: dict[str, str], probe: SignalProbe, attempt: Attempt) -> Fetched:
    secrets = attempt.context.secrets
    base = secrets.fill(probe.url).rstrip("/").removesuffix(PATH)
    asked = query | {"query": secrets.fill(query["query"])}
    headers = tuple((name, secrets.fill(value)) for name, value in probe.headers)
    try:
        return await fetch(
            "GET",
            f"{base}{path}?{urlencode(asked)}",
            headers,
            policy=attempt.context.policy,
            cap=CAP,
            timeout=attempt.left() / 1e6,
            authorities=attempt.context.handles.trust.file,
        )
    except Unreached as why:
        # That Prometheus is away says nothing about the service it watches.
        raise Found(Reason.AWAY, f"Prometheus: {why}") from None


def _one(data: dict[str, object]) -> Decimal:
    """The one number of an answer to an instant query. Raises Found where there is none, or more than one."""
    kind, found = data.get("resultType"), data.get("result")
    samples = [found] if kind == "scalar" else found if kind == "vector" else None
    if not isinstance(samples, list):
        raise Found(Reason.AWAY, f"the query answers a {kind}, not a number")
    if len(samples) != 1:
        what = f"{len(samples)} series: take one, such as by min(…)" if samples else "nothing"
        raise Found(Reason.AWAY, f"the query answers {what}")
    sample = samples[0]
    pair = sample.get("value") if isinstance(sample, dict) else sample
    text = pair[1] if isinstance(pair, list) and len(pair) == 2 else None
    number = decimal(text) if isinstance(text, str) else None
    if number is None:
        raise Found(Reason.AWAY, f"the query answers {text}, which is no number")
    return number


def _series(data: dict[str, object]) -> Iterator[tuple[Instant, Decimal]]:
    """The numbers of an answer to a query over a range that can be kept, with their instants. Raises Found."""
    kind, found = data.get("resultType"), data.get("result")
    if kind != "matrix" or not isinstance(found, list):
        raise Found(Reason.AWAY, f"the query answers a {kind}, not a matrix")
    if len(found) > 1:
        raise Found(Reason.AWAY, f"the query answers {len(found)} series: take one, such as by sum(…)")
    values = found[0].get("values") if found and isinstance(found[0], dict) else []
    for pair in values if isinstance(values, list) else []:
        at, text = pair if isinstance(pair, list) and len(pair) == 2 else (None, None)
        when, number = decimal(str(at)), decimal(text) if isinstance(text, str) else None
        if when is None or number is None:
            continue  # NaN: nothing is known of this slot
        kept = number.quantize(_UNIT, ROUND_HALF_UP) if abs(number) < MOST else None
        if kept is not None and abs(kept) < MOST:
            yield int(when * SECOND), kept


def _seconds(at: Instant) -> str:
    return f"{at // SECOND}.{at % SECOND:06}"
