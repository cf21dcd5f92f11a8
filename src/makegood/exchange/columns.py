"""Columns of a batch made into arrays, with the reasons for every row that cannot be accepted."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from difflib import get_close_matches

import numpy as np
from numpy.typing import NDArray

from makegood.contract.wrong import LONGEST, Wrong
from makegood.exchange.moments import written
from makegood.exchange.table import Batch, Rejections, Unreadable
from makegood.exchange.time_column import NO_TIME, read_time, read_times
from makegood.model.facts import DOWN, UNKNOWN, UP
from makegood.model.spans import Instant, Times

OUTCOMES: Mapping[str, int] = {"up": UP, "down": DOWN, "unknown": UNKNOWN}
_MEANT = {
    "ok": "up", "success": "up", "operational": "up", "healthy": "up", "true": "up", "1": "up", "pass": "up",
    "fail": "down", "failed": "down", "failure": "down", "error": "down", "false": "down", "0": "down",
    "critical": "down", "timeout": "down", "nan": "unknown", "null": "unknown", "": "unknown",
}  # fmt: skip
"""What other programs call an outcome. It is never taken, only suggested: whoever imports decides what a word means."""


class Names:
    """Names met in a column, numbered in the order met."""

    def __init__(self) -> None:
        self.number: dict[str, int] = {}

    @property
    def all(self) -> tuple[str, ...]:
        return tuple(self.number)


class Sieve:
    """The rows of one batch, with why some of them fall through."""

    def __init__(self, batch: Batch) -> None:
        self.batch = batch
        self.reasons: dict[int, list[str]] = {}

    def refuse(self, at: int, reason: str) -> None:
        self.reasons.setdefault(at, []).append(reason)

    def kept(self, rejections: Rejections) -> NDArray[np.bool_]:
        """bool[n], which rows are accepted; the others go to the rejections, all their reasons together."""
        keep = np.ones(len(self.batch.rows), dtype=np.bool_)
        for at in sorted(self.reasons):
            keep[at] = False
            rejections.add(int(self.batch.rows[at]), "; ".join(self.reasons[at]))
        return keep

    def times(self, column: str, now: Instant | None) -> Times:
        """int64[n] microseconds UTC of RFC 3339 times."""
        texts = self.batch.columns[column]
        times = read_times(texts)
        for at in np.flatnonzero(times == NO_TIME).tolist():
            self.refuse(at, f"{column}: {_why_no_time(texts[at])}")
        if now is not None:
            for at in np.flatnonzero(times > now).tolist():
                self.refuse(at, f"{column}: `{shown(texts[at])}` lies in the future; it is {written(now)}")
        return times

    def names(self, column: str, default: str, names: Names, known: Collection[str] | None, what: str) -> Times:
        """int64[n], each an index into `names`. `known`, where given, are the only names allowed."""
        texts = self.batch.columns.get(column)
        if texts is None:
            texts = [default] * len(self.batch.rows)
        wrong: dict[str, str] = {}
        for text in dict.fromkeys(texts):
            if reason := why_no_name(text, known, what):
                wrong[text] = reason
            else:
                names.number.setdefault(text, len(names.number))
        return self._look_up(column, texts, names.number, wrong.__getitem__)

    def words(self, column: str, names: Names) -> Times:
        """int64[n], each an index into `names`; nothing need be written."""
        texts = self.batch.columns[column]
        wrong: dict[str, str] = {}
        for text in dict.fromkeys(texts):
            reason = why_no_name(text, None, column) if text else ""
            if reason:
                wrong[text] = reason
            else:
                names.number.setdefault(text, len(names.number))
        return self._look_up(column, texts, names.number, wrong.__getitem__)

    def outcomes(self, column: str) -> NDArray[np.int8]:
        """int8[n], UP, DOWN or UNKNOWN."""
        texts = self.batch.columns[column]
        return self._look_up(column, texts, OUTCOMES, _why_no_outcome).astype(np.int8)

    def quantities(self, column: str, factor: int) -> Times:
        """int64[n], decimal numbers from 0 up times a factor, cut to whole ones; -1 where nothing is written."""
        texts = self.batch.columns[column]
        read = {text: _quantity(text, factor) for text in dict.fromkeys(texts)}
        wrong = {text: value for text, value in read.items() if isinstance(value, str)}
        return self._look_up(column, texts, {t: v for t, v in read.items() if isinstance(v, int)}, wrong.__getitem__)

    def _look_up(self, column: str, texts: Sequence[str], table: Mapping[str, int], why: Callable[[str], str]) -> Times:
        try:
            return np.fromiter(map(table.__getitem__, texts), dtype=np.int64, count=len(texts))
        except KeyError:
            found = np.fromiter((table.get(text, -2) for text in texts), dtype=np.int64, count=len(texts))
        for at in np.flatnonzero(found == -2).tolist():
            self.refuse(at, f"{column}: {why(texts[at])}")
        return found


def shown(text: str) -> str:
    """A text fit to stand in a message: cut short, without control characters."""
    plain = "".join(c if c.isprintable() else f"\\x{ord(c):02x}" for c in text[:60])
    return plain + ("…" if len(text) > 60 else "")


def chosen_column(batch: Batch, *names: str) -> str:
    """The one of these columns that the table has. Raises Unreadable when it has none or several of them."""
    there = [name for name in names if name in batch.columns]
    if len(there) == 1:
        return there[0]
    if there:
        raise Unreadable(f"there are columns `{there[0]}` and `{there[1]}`, which mean the same: leave one out")
    has = ", ".join(f"`{shown(name)}`" for name in list(batch.columns)[:8]) or "none"
    raise Unreadable(f"there is no column {' or '.join(f'`{name}`' for name in names)}; there are {has}")


def _why_no_time(text: str) -> str:
    wrong = read_time(text)
    if not isinstance(wrong, Wrong):  # never: the tests compare the two readers
        return f"`{shown(text)}` is not a time"
    return ", ".join(part for part in (wrong.what, wrong.why) if part) + (f": {wrong.hint}" if wrong.hint else "")


def why_no_name(text: str, known: Collection[str] | None, what: str) -> str:
    """Why a text cannot be the name of a check, service or location; empty where it can. `known` are those allowed."""
    if not text:
        return f"no {what} is written"
    if text[0] in "=+-@" or text[0] in "\t\r":
        return f"`{shown(text)}` begins like a formula of a spreadsheet, which would run when the file is opened"
    if not text.isprintable():
        odd = "\\x00" if "\0" in text else "a control character, or one that is not UTF-8"
        return f"`{shown(text)}` holds {odd}"
    if text != text.strip():
        return f"`{shown(text)}` begins or ends with a space"
    if len(text) > LONGEST:
        return f"`{shown(text)}` is longer than {LONGEST} characters"
    if known is not None and text not in known:
        near = get_close_matches(text, sorted(known), n=1, cutoff=0.6)
        return f"`{text}` is no known {what}" + (f"; did you mean `{near[0]}`?" if near else "")
    return ""


def _why_no_outcome(text: str) -> str:
    meant = _MEANT.get(text.strip().casefold(), text.strip().casefold())
    hint = f"; write `{meant}` if that is meant" if meant in OUTCOMES else ""
    return f"`{shown(text)}` is none of up, down and unknown{hint}"


def _quantity(text: str, factor: int) -> int | str:
    if not text:
        return -1
    whole, point, part = text.partition(".")
    if not (whole + part).isascii() or not whole.isdigit() or (point and not part.isdigit()):
        if text.strip().casefold() in ("nan", "inf", "-inf", "+inf", "infinity"):
            return f"`{text}` is no number: leave the cell empty where nothing was measured"
        return f"`{shown(text)}` is no number from 0 up"
    if len(whole) > 19:
        return f"`{shown(text)}` is beyond 2^63"
    part = part[:18]
    value = (int(whole + part) * factor) // int(f"1{'0' * len(part)}")
    return value if value < 2**63 else f"`{shown(text)}` is beyond 2^63"
