"""Series of samples in an answer of Prometheus: exact times and values, and the step at which they lie."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal, localcontext
from itertools import pairwise
from math import gcd

from makegood.exchange.columns import shown
from makegood.exchange.foreign_json import Record
from makegood.exchange.time_column import LATEST
from makegood.model.spans import SECOND, Duration, Instant

SHORTEST_STEP = SECOND // 10
"""Samples that lie closer have no step: they are the scrapes themselves, each at its own time."""


@dataclass(frozen=True)
class Series:
    """One series: its labels, and its samples' times in µs UTC with their values as text."""

    record: Record
    labels: Mapping[str, str]
    times: tuple[int, ...]
    texts: tuple[str, ...]

    @staticmethod
    def of(record: Record) -> Series | None:
        labels = {name: text for name, text in record.record("metric").value.items() if isinstance(text, str)}
        if record.value.get("histograms"):
            hint = "ask for a number, such as histogram_quantile(0.95, …)"
            record.error("holds native histograms, which are no numbers", "", hint)
            return None
        samples = record.value.get("values")
        if not isinstance(samples, list):
            record.error("has no `values`", "a series of a range has samples")
            return None
        times, texts, wrong = list[int](), list[str](), list[int]()
        for i, sample in enumerate(samples):
            at = instant_of(sample[0]) if isinstance(sample, list) and len(sample) == 2 else None
            if at is None or not isinstance(sample[1], str):
                wrong.append(i)
                continue
            times.append(at)
            texts.append(sample[1])
        if wrong:
            why = "a sample is a time in seconds since 1970 and a value in quotes"
            more = f" and {len(wrong) - 1:,} more" if len(wrong) > 1 else ""
            record.error(f"has a sample that is none: values[{wrong[0]}]{more}", why)
            return None
        if any(b <= a for a, b in pairwise(times)):
            record.error("has samples that are not in order of time", "", "fetch the range again")
            return None
        return Series(record, labels, tuple(times), tuple(texts))

    @property
    def name(self) -> str:
        inside = ", ".join(f'{k}="{v}"' for k, v in sorted(self.labels.items()) if k != "__name__")
        return shown(f"{self.labels.get('__name__', '')}{{{inside}}}")


def instant_of(value: object) -> Instant | None:
    """Seconds since 1970 as µs, exactly; digits beyond are cut off."""
    if isinstance(value, bool) or not isinstance(value, (int, Decimal)):
        return None
    with localcontext(prec=60):
        if isinstance(value, Decimal) and not -100 < value.adjusted() < 20:
            return None
        micros = int(value * SECOND)
    return micros if 0 <= micros < LATEST else None


@dataclass(frozen=True, slots=True)
class Lying:
    """How samples lie: `apart` is the longest step that all of them are at, `usual` the most frequent distance of two
    in one series; 0 where there are no two. Both in µs."""

    apart: Duration
    usual: Duration


def lie(series: Sequence[Series]) -> Lying | None:
    """How the samples of all series lie; None where there is none."""
    gaps = Counter(b - a for one in series for a, b in pairwise(one.times))
    first = [one.times[0] for one in series if one.times]
    if not first:
        return None
    return Lying(gcd(*gaps, *(at - first[0] for at in first)), gaps.most_common(1)[0][0] if gaps else 0)


def rounded(text: str, places: int) -> str:
    """A number to so many decimals, half up; what is no number stays as it is."""
    try:
        value = Decimal(text)
    except ArithmeticError:
        return text
    if not value.is_finite() or not -400 < value.adjusted() < 400:
        return text
    with localcontext(prec=1000):
        return f"{value.quantize(Decimal(1).scaleb(-places), ROUND_HALF_UP):f}"
