"""The figures of a batch: what was measured of intervals, exactly, and the bytes that stand for it (docs/store.md).

They say of which service and metric they are themselves, so that what was signed does not change its meaning with the
configuration of a check.
"""

from __future__ import annotations

import struct
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import numpy as np
from numpy.typing import NDArray

from makegood.evidence.canonical import NotCanonical, canonical, read_canonical
from makegood.model.figures import Figure
from makegood.model.spans import Times

MOST_FIGURES = 1_000_000
MOST_DIGITS = 10**18
MOST_PLACES = 18
_COUNTS = struct.Struct("<II")
"""The length of the words in bytes, and how many figures there are."""
_COLUMNS = ("<i8", "<u4", "<u4", "<u4", "<i8", "u1")


class NoFigures(ValueError):
    """Bytes or columns that are no figures; says why in one line."""


@dataclass(frozen=True, eq=False)
class Figures:
    """n numbers of intervals that are as long as the slots of their batch.

    `metrics` are pairs of service and metric, `words` quantities, both sorted and each named by a figure. `start`
    int64[n] µs UTC, `check`, `metric`, `word` int64[n] indexes, `check` into the batch's list; the number is `digits`
    int64[n] in units of 10**-`places` int64[n], without a decimal zero at its end. They ascend by start, check, metric
    and word, none twice. Raises NoFigures for anything else.
    """

    metrics: tuple[tuple[str, str], ...]
    words: tuple[str, ...]
    start: Times
    check: Times
    metric: Times
    word: Times
    digits: Times
    places: Times

    def __post_init__(self) -> None:
        n = len(self.start)
        _must_be(0 < n <= MOST_FIGURES, f"there are 1 to {MOST_FIGURES:,} figures")
        _must_be({len(column) for column in self.columns} == {n}, "their columns are of one length")
        _must_be(
            min(int(column.min()) for column in (self.check, self.metric, self.word, self.places)) >= 0, "an index"
        )
        _must_be(np.array_equal(np.unique(self.metric), np.arange(len(self.metrics))), "each metric is of a figure")
        _must_be(np.array_equal(np.unique(self.word), np.arange(len(self.words))), "each quantity is of a figure")
        _must_be(list(self.metrics) == sorted(set(self.metrics)), "metrics are sorted, each once")
        _must_be(list(self.words) == sorted(set(self.words)), "quantities are sorted, each once")
        _must_be(all(service and metric for service, metric in self.metrics) and all(self.words), "what has a name")
        _must_be(int(np.abs(self.start).max()) < 2**62, "they lie within time")
        _must_be(int(np.abs(self.digits).max()) < MOST_DIGITS, "a number has up to 18 digits")
        _must_be(int(self.places.max()) <= MOST_PLACES, "a number has up to 18 decimals")
        _must_be(not ((self.places > 0) & (self.digits % 10 == 0)).any(), "no number ends with a decimal zero")
        keys = np.stack((self.start, self.check, self.metric, self.word), axis=1)
        differs = keys[1:] != keys[:-1]
        first = np.argmax(differs, axis=1)
        at = np.arange(n - 1)
        _must_be(bool((differs.any(axis=1) & (keys[1:] > keys[:-1])[at, first]).all()), "figures ascend, none twice")

    @property
    def columns(self) -> tuple[Times, ...]:
        """In the order of the bytes."""
        return self.start, self.check, self.metric, self.word, self.digits, self.places

    @property
    def body(self) -> bytes:
        """The bytes."""
        names = canonical({"metrics": [list(pair) for pair in self.metrics], "words": list(self.words)})
        parts = [_COUNTS.pack(len(names), len(self.start)), names]
        return b"".join([*parts, *(c.astype(kind).tobytes() for c, kind in zip(self.columns, _COLUMNS, strict=True))])


def figures_of(some: Iterable[Figure], checks: Sequence[str]) -> Figures | None:
    """Numbers as they stand in a batch with such a list of checks; None where there are none. Of two of one quantity
    and interval the first one is taken. Raises NoFigures for what cannot be kept."""
    number = {name: n for n, name in enumerate(checks)}
    found = {(one.start, number[one.check], (one.service, one.metric), one.quantity): one.value
             for one in reversed(list(some))}  # fmt: skip
    if not found:
        return None
    metrics, words = sorted({key[2] for key in found}), sorted({key[3] for key in found})
    metric, word = {pair: n for n, pair in enumerate(metrics)}, {name: n for n, name in enumerate(words)}
    rows = sorted((start, check, metric[m], word[w], *_exact(value)) for (start, check, m, w), value in found.items())
    return Figures(tuple(metrics), tuple(words), *np.array(rows, dtype=np.int64).reshape(-1, 6).T)


def _exact(value: Decimal) -> tuple[int, int]:
    """Digits and places without a decimal zero at the end."""
    _, _, exponent = value.as_tuple()
    if not isinstance(exponent, int) or abs(value) >= MOST_DIGITS:
        raise NoFigures("a number has up to 18 digits")
    places = max(0, -exponent)
    digits = int(value.scaleb(places))
    while places and digits % 10 == 0:
        digits, places = digits // 10, places - 1
    if abs(digits) >= MOST_DIGITS:
        raise NoFigures("a number has up to 18 digits")
    return digits, places


def read_figures(raw: bytes) -> Figures:
    """The figures of their bytes. Raises NoFigures for any others."""
    if len(raw) < _COUNTS.size:
        raise NoFigures("the figures are too short")
    length, n = _COUNTS.unpack_from(raw)
    width = sum(np.dtype(kind).itemsize for kind in _COLUMNS)
    if n > MOST_FIGURES or len(raw) != _COUNTS.size + length + n * width:
        raise NoFigures("the length of the figures is not theirs")
    at = _COUNTS.size + length
    try:
        said = read_canonical(raw[_COUNTS.size : at])
    except NotCanonical:
        raise NoFigures("the names of the figures are not canonical") from None
    metrics, words = _names(said)
    columns = list[NDArray[Any]]()
    for kind in _COLUMNS:
        column = np.frombuffer(raw, kind, n, at)
        columns.append(column.astype(np.int64))
        at += column.nbytes
    return Figures(metrics, words, *columns)


def _names(said: Any) -> tuple[tuple[tuple[str, str], ...], tuple[str, ...]]:
    try:
        metrics, words = said["metrics"], said["words"]
        right = len(said) == 2 and all(isinstance(word, str) for word in words)
        pairs = [(service, metric) for service, metric in metrics]
    except (TypeError, KeyError, ValueError):
        raise NoFigures("the names of the figures are not as they are written") from None
    if not right or not all(isinstance(name, str) for pair in pairs for name in pair):
        raise NoFigures("the names of the figures are texts")
    return tuple(pairs), tuple(words)


def _must_be(right: bool, why: str) -> None:
    if not right:
        raise NoFigures(why)
