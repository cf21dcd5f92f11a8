"""A column of RFC 3339 times at once: a million in a second. What it does not know, the reader for people may.

Digits beyond a microsecond are cut off, since many programs write nanoseconds; times before 1970 are empty values of
programs and no times.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from makegood.contract import numbers
from makegood.contract.wrong import Wrong
from makegood.exchange.moments import written
from makegood.model.spans import DAY, HOUR, MINUTE, SECOND, Instant, Times

NO_TIME = -(2**63)
"""In the place of a time that cannot be read."""

LATEST = 253_370_764_800 * SECOND  # the year 9999
_ZERO = ord("0")
_DIGITS = np.array([0, 1, 2, 3, 5, 6, 8, 9, 11, 12, 14, 15, 17, 18])
_SIGNS = ((4, b"-"), (7, b"-"), (10, b"T "), (13, b":"), (16, b":"))
_UNITS = ((10**11, "seconds", 10**6), (10**14, "milliseconds", 10**3), (10**17, "microseconds", 1))


def read_time(text: str) -> Instant | Wrong:
    """One time of a table in microseconds UTC, or why it is none; a number is refused with what it would mean."""
    if re.fullmatch(r"[+-]?[0-9]+(\.[0-9]*)?([eE][+-]?[0-9]+)?", text.strip()):
        return _number(text.strip())
    instant = numbers.instant(re.sub(r"(\.[0-9]{6})[0-9]+", r"\1", text))
    if isinstance(instant, Wrong) or 0 <= instant < LATEST:
        return instant
    return Wrong(f"`{text}` is not between 1970 and 9998", "programs write such times where they have none")


def read_times(texts: Sequence[str]) -> Times:
    """int64[n], `read_time` of every text, NO_TIME where it refuses."""
    times = np.full(len(texts), NO_TIME, dtype=np.int64)
    lengths = np.fromiter(map(len, texts), dtype=np.int64, count=len(texts))
    for length in np.unique(lengths).tolist():
        if 20 <= length <= 40:
            at = np.flatnonzero(lengths == length)
            chosen = texts if len(at) == len(texts) else [texts[i] for i in at.tolist()]
            letters = np.frombuffer("".join(chosen).encode("ascii", "replace"), dtype=np.uint8).reshape(-1, length)
            times[at] = _read(letters)
    others = np.flatnonzero(times == NO_TIME).tolist()
    read = {text: read_time(text) for text in {texts[i] for i in others}}
    for i in others:
        instant = read[texts[i]]
        times[i] = NO_TIME if isinstance(instant, Wrong) else instant
    return times


def _read(letters: NDArray[np.uint8]) -> Times:
    """The times of texts of one length, uint8[n, length]."""
    times = np.full(len(letters), NO_TIME, dtype=np.int64)
    zulu = letters[:, -1] == ord("Z")
    for ends_in_z, tail in ((True, 1), (False, 6)):
        at = np.flatnonzero(zulu == ends_in_z)
        fraction = letters.shape[1] - 19 - tail
        if len(at) and (fraction == 0 or fraction >= 2):
            times[at] = _with_tail(letters[at], tail, fraction)
    return times


def _with_tail(letters: NDArray[np.uint8], tail: int, fraction: int) -> Times:
    """Times that end in `Z` (a tail of 1) or an offset (6), with so many characters of fraction, its point included."""
    digits = _digits(letters[:, _DIGITS])
    sound = (digits <= 9).all(axis=1)
    for column, allowed in _SIGNS:
        sound &= np.isin(letters[:, column], np.frombuffer(allowed, dtype=np.uint8))
    year = digits[:, 0] * 1000 + digits[:, 1] * 100 + digits[:, 2] * 10 + digits[:, 3]
    month, day, hour, minute, second = (digits[:, i] * 10 + digits[:, i + 1] for i in range(4, 14, 2))
    sound &= (year >= 1969) & (year <= 9999) & (month >= 1) & (month <= 12)
    sound &= (hour < 24) & (minute < 60) & (second < 60)
    months = np.where(sound, (year - 1970) * 12 + month - 1, 0)
    first, after = (m.astype("datetime64[M]").astype("datetime64[D]").astype(np.int64) for m in (months, months + 1))
    sound &= (day >= 1) & (day <= after - first)
    times: Times = np.where(sound, first + day - 1, 0) * DAY + hour * HOUR + minute * MINUTE + second * SECOND
    if fraction:
        parts = _digits(letters[:, 20 : 19 + fraction])
        sound &= (letters[:, 19] == ord(".")) & (parts <= 9).all(axis=1)
        for place in range(min(6, fraction - 1)):
            times += parts[:, place] * 10 ** (5 - place)
    if tail == 6:
        sign, parts = letters[:, -6], _digits(letters[:, [-5, -4, -2, -1]])
        hours, minutes = parts[:, 0] * 10 + parts[:, 1], parts[:, 2] * 10 + parts[:, 3]
        ahead, behind = sign == ord("+"), sign == ord("-")
        offset = hours * HOUR + minutes * MINUTE
        sound &= (ahead | (behind & (offset > 0))) & (letters[:, -3] == ord(":"))
        sound &= (parts <= 9).all(axis=1) & (hours < 24) & (minutes < 60)
        times = np.where(ahead, times - offset, times + offset)
    return np.where(sound & (times >= 0) & (times < LATEST), times, NO_TIME)


def _digits(letters: NDArray[np.uint8]) -> Times:
    """The digits as int64; anything above 9 was no digit."""
    return (letters - np.uint8(_ZERO)).astype(np.int64)


def _number(text: str) -> Wrong:
    what, hint = f"`{text[:60]}` is a number, not a time", "write as in 2026-02-28T14:00:00Z"
    whole = int(text.partition(".")[0]) if re.fullmatch(r"[+-]?[0-9]{1,40}(\.[0-9]*)?", text) else 2**63
    if abs(whole) >= 2**63:
        return Wrong(what, "it is beyond 2^63, and so beyond any clock", hint)
    unit, factor = next(((name, by) for below, name, by in _UNITS if abs(whole) < below), ("nanoseconds", 0))
    micros = whole * factor if factor else whole // 1000
    if not 0 <= micros < LATEST:
        return Wrong(what, "", hint)
    return Wrong(what, f"as {unit} since 1970 it would be {written(micros)}", f"write {written(micros)}")
