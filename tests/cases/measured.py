"""What was measured, written compactly, as intervals.

    requests of web by gateway every 1 h, 2026-02-01 00:00 to 2026-03-01 00:00 UTC: good 100, valid 100
      good 50, valid 100 at 2026-02-08 02:00 to 03:00
      missing 2026-02-09 04:00 to 05:00
      p95 unknown 2026-02-09 05:00 to 06:00

Every interval says what the first line says, but for those that lie in the span of a later line. A missing interval has
no row, and an unknown quantity no value.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from fractions import Fraction

import numpy as np

from makegood.contract.numbers import Wrong, duration
from makegood.model.facts import Measurements, Quantity
from makegood.model.spans import Duration, Span
from tests.cases.watched import read_span

_HEAD = re.compile(r"(\S.*?) of (\S+)(?: by (\S+))? every (.+?), (\d{4}-.+?): (.+)")
_SPAN_AT = re.compile(r"(\d{4}-\d\d-\d\d .*)\Z")


@dataclass
class Measured:
    """One metric of one service from one source, over a span in intervals of one length."""

    metric: str
    service: str
    source: str
    every: Duration
    span: Span
    usual: Mapping[str, str]
    others: list[tuple[Span, Mapping[str, str] | None]] = field(default_factory=list)
    zone: str = ""


def expand(text: str) -> dict[str, tuple[Measurements, ...]]:
    """The measurements by service. Raises ValueError for a line that cannot be read."""
    found: list[Measured] = []
    for line in text.splitlines():
        if not line.strip():
            continue
        if not line.startswith(" "):
            found.append(_head(line))
        else:
            found[-1].others.append(_other(line.strip(), found[-1]))
    by_service: dict[str, tuple[Measurements, ...]] = {}
    for one in found:
        by_service[one.service] = (*by_service.get(one.service, ()), _rows(one))
    return by_service


def _head(line: str) -> Measured:
    read = _HEAD.fullmatch(line)
    every = duration(read[4]) if read else None
    if read is None or every is None or isinstance(every, Wrong):
        raise ValueError(f"write `requests of web every 1 h, A to B UTC: good 1, valid 1`, and not {line!r}")
    span, zone = read_span(read[5])
    return Measured(read[1], read[2], read[3] or "", every, span, _quantities(read[6]), zone=zone)


def _other(line: str, of: Measured) -> tuple[Span, Mapping[str, str] | None]:
    at = _SPAN_AT.search(line)
    if at is None:
        raise ValueError(f"a line ends with its span, and not {line!r}")
    what = line[: at.start()].removesuffix("at ").strip()
    span, _ = read_span(at[1], of.zone)
    return span, None if what == "missing" else {**of.usual, **_quantities(what)}


def _quantities(text: str) -> dict[str, str]:
    pairs = [part.strip().rpartition(" ") for part in text.split(", ")]
    return {name: value for name, _, value in pairs}


def _rows(one: Measured) -> Measurements:
    starts, rows = [], []
    at = one.span.start
    while at < one.span.end:
        said: Mapping[str, str] | None = one.usual
        for span, other in one.others:
            if span.start <= at < span.end:
                said = other
        if said is not None:
            starts.append(at)
            rows.append(said)
        at += one.every
    start = np.array(starts, dtype=np.int64)
    names = sorted({name for row in rows for name in row})
    return Measurements(
        one.service,
        one.metric,
        one.source,
        start,
        start + one.every,
        {name: _column([row.get(name, "unknown") for row in rows]) for name in names},
        start + one.every,
    )


def _column(words: list[str]) -> Quantity:
    places = max((len(word.partition(".")[2]) for word in words if word != "unknown"), default=0)
    known = np.array([word != "unknown" for word in words], dtype=np.bool_)
    values = [0 if word == "unknown" else int(Fraction(word) * 10**places) for word in words]
    return Quantity(np.array(values, dtype=np.int64), known, places)
