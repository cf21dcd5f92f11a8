"""Goal A: from a check's results in memory to its outages, beside a scan of one bit a sample.

*Normal* data has 0.13 % failed and 0.16 % missing samples in shared outages, local bursts and gaps; *bad* data 5 %
random failures on top of it. The answer is compared with the oracle of the tests on a part of the same data.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from time import perf_counter
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from makegood.engine.detect import detect, gridded
from makegood.model.detection import OPEN, Begins, Detection, Ends, Grid, Observations
from makegood.model.spans import MINUTE, Spans
from tests.engine.detect.oracle import Rule, answer

LOCATIONS = tuple(f"location {i}" for i in range(5))
YEAR = 365 * 24 * 60
RULE = Rule(3, 2, 3, "first failure", "first success")
LAW = Detection(MINUTE, RULE.fails_after, RULE.recovers_after, RULE.quorum, Begins(RULE.begins), Ends(RULE.ends))
COMPARED = 14 * 24 * 60
ALWAYS = np.array([[0, OPEN]] * len(LOCATIONS), dtype=np.int64)
Made = TypeVar("Made")


def run() -> Iterator[tuple[str, str, float]]:
    """What was measured, its size, the seconds it took."""
    for kind, failures in (("normal", 0.0), ("bad", 0.05)):
        seen = results(np.random.default_rng(7), failures)
        samples = len(seen.slot)
        grid, reading = best_of(partial(gridded, seen, 0, YEAR, ALWAYS))
        _, detecting = best_of(partial(detect, LAW, grid))
        _, scanning = bit_scan(len(LOCATIONS) * YEAR)
        check(seen)
        size = f"{samples:,} samples, {len(grid.runs.start):,} runs"
        yield f"{kind}: results to runs, {rate(samples, reading)}", size, reading
        yield f"{kind}: runs to outages, {rate(samples, detecting)}", size, detecting
        yield f"{kind}: 1-bit scan, {rate(samples, scanning)}", f"{samples:,} bits", scanning


def rate(samples: int, seconds: float) -> str:
    """Samples a second, in words."""
    return f"{samples / seconds / 1e9:.3f} G samples/s"


def best_of(work: Callable[[], Made], times: int = 5) -> tuple[Made, float]:
    """What the work made, and its least time in seconds."""
    least = float("inf")
    for _ in range(times):
        start = perf_counter()
        made = work()
        least = min(least, perf_counter() - start)
    return made, least


def bit_scan(samples: int) -> tuple[int, float]:
    """The limit: read the bits of the same volume once, 64 at a time; repeated, so that the clock can see it."""
    words: NDArray[np.uint64] = np.arange(samples // 64, dtype=np.uint64)
    repeats = 100
    total, seconds = best_of(lambda: sum(int(np.bitwise_or.reduce(words)) for _ in range(repeats)))
    return total, seconds / repeats


def results(dice: np.random.Generator, failures: float) -> Observations:
    """A year of results, by slot, then location, as they arrive."""
    outcome = np.zeros((YEAR, len(LOCATIONS)), dtype=np.int8)
    there = np.ones((YEAR, len(LOCATIONS)), dtype=np.bool_)
    for start, length in zip(dice.integers(0, YEAR, 14), dice.integers(5, 80, 14), strict=True):
        outcome[start : start + length] = 1
    for i in range(len(LOCATIONS)):
        for start, length in zip(dice.integers(0, YEAR, 30), dice.integers(1, 12, 30), strict=True):
            outcome[start : start + length, i] = 1
        for start, length in zip(dice.integers(0, YEAR, 70), dice.integers(1, 24, 70), strict=True):
            there[start : start + length, i] = False
    outcome[dice.random(outcome.shape) < failures] = 1
    slot, location = np.nonzero(there)
    return Observations(LOCATIONS, 0, MINUTE, slot.astype(np.int64), location.astype(np.int32), outcome[there])


def check(seen: Observations) -> None:
    """Compare the first two weeks with the oracle; raises AssertionError where they differ."""
    part: Grid = gridded(seen, 0, COMPARED, ALWAYS)
    findings, _ = detect(LAW, part)
    early = seen.slot < COMPARED
    words = ("up", "down", "unknown")
    columns = (seen.slot[early].tolist(), seen.location[early].tolist(), seen.outcome[early].tolist())
    rows = [(slot, location, words[outcome]) for slot, location, outcome in zip(*columns, strict=True)]
    for favourable, mine in ((True, findings.favourable), (False, findings.unfavourable)):
        plain = answer(rows, [range(COMPARED)] * len(LOCATIONS), RULE, favourable)
        if mine.down != Spans([(k * MINUTE, (k + 1) * MINUTE) for k in plain.down]):
            raise AssertionError("detection and its oracle differ")
