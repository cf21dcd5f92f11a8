"""CSV (RFC 4180) as text columns: commas, one header, every row as long as the header, UTF-8 with or without a mark.

Stretches without quotes, which most files have only, are cut at their commas at once; others go row by row.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator, Sequence
from itertools import chain
from pathlib import Path
from typing import BinaryIO

import numpy as np

from makegood.exchange.table import BATCH, Batch, Rejections, Unreadable, numbered

STRETCH = 1 << 22
"""Bytes that are cut at once."""


def read_csv(path: Path, rejections: Rejections) -> Iterator[Batch]:
    """Batches of the rows below the header. Bytes that are not UTF-8 become lone surrogates, which no cell may hold.

    Raises Unreadable for a header that is missing, repeats a name or is not separated by commas.
    """
    with path.open("rb") as raw:
        start = raw.read(3)
        if start.startswith((b"\xff\xfe", b"\xfe\xff")):
            raise Unreadable("the file is UTF-16: save it as CSV in UTF-8")
        raw.seek(3 if start == b"\xef\xbb\xbf" else 0)
        first = raw.readline()
        if b'"' in first or b"\r" in first.removesuffix(b"\r\n"):
            reader = csv.reader(_lines(first, raw), strict=True)
            yield from _row_by_row(reader, _header(reader), 2, rejections)
            return
        names, number = _header(csv.reader([_text(first)], strict=True)), 2
        while stretch := raw.read(STRETCH) + raw.readline():
            if b'"' in stretch:
                yield from _row_by_row(csv.reader(_lines(stretch, raw), strict=True), names, number, rejections)
                return
            rows = stretch.count(b"\n") + (not stretch.endswith(b"\n"))
            if (columns := _cut(stretch, len(names))) is not None:
                yield Batch(np.arange(number, number + rows, dtype=np.int64), dict(zip(names, columns, strict=True)))
            else:
                reader = csv.reader(_lines(stretch, io.BytesIO()), strict=True)
                yield from _row_by_row(reader, names, number, rejections)
            number += rows
        if number == 2:
            yield Batch(numbered([]), {name: [] for name in names})


def _cut(stretch: bytes, width: int) -> list[list[str]] | None:
    """The columns of rows without quotes; None where a row is longer or shorter, or a stray character needs a look."""
    stretch = stretch.replace(b"\r\n", b"\n").removesuffix(b"\n")
    if b"\r" in stretch or b"\0" in stretch:
        return None
    letters = np.frombuffer(stretch + b"\n", dtype=np.uint8)
    ends = np.flatnonzero((letters == ord(",")) | (letters == ord("\n")))
    closing = letters[ends] == ord("\n")
    if len(ends) % width or closing.sum() * width != len(ends) or not closing[width - 1 :: width].all():
        return None
    if width == 1 and b"\n\n" in b"\n" + stretch:
        return None
    cells = _text(stretch).replace("\n", ",").split(",")
    return [cells[i::width] for i in range(width)]


def _row_by_row(
    reader: Iterator[list[str]], names: Sequence[str], first: int, rejections: Rejections
) -> Iterator[Batch]:
    numbers, kept = list[int](), list[list[str]]()
    for number, row in _rows(reader, first, rejections):
        if len(row) != len(names):
            if row:
                rejections.add(number, f"has {_cells(len(row))} where the header has {_cells(len(names))}")
            continue
        if any("\0" in cell for cell in row):
            rejections.add(number, "holds a NUL character: the file is damaged, or no text")
            continue
        numbers.append(number)
        kept.append(row)
        if len(kept) == BATCH:
            yield _batch(names, numbers, kept)
            numbers, kept = [], []
    yield _batch(names, numbers, kept)


def _rows(reader: Iterator[list[str]], number: int, rejections: Rejections) -> Iterator[tuple[int, list[str]]]:
    while True:
        try:
            yield number, next(reader)
        except StopIteration:
            return
        except csv.Error as failure:
            rejections.add(number, _why(failure))
        number += 1


def _lines(begun: bytes, rest: BinaryIO) -> Iterator[str]:
    """The lines of what was read already and of the rest of a file, each with its end."""
    yield from chain(io.StringIO(_text(begun), newline=""), _decoded(rest))


def _decoded(raw: BinaryIO) -> Iterable[str]:
    while stretch := raw.read(STRETCH) + raw.readline():
        yield from io.StringIO(_text(stretch), newline="")


def _text(raw: bytes) -> str:
    return raw.decode("utf-8", errors="surrogateescape")


def _header(reader: Iterator[list[str]]) -> list[str]:
    try:
        names = [name.strip() for name in next(reader)]
    except StopIteration:
        names = []
    except csv.Error as failure:
        raise Unreadable(f"row 1 {_why(failure)}") from None
    if any("\0" in name for name in names):
        raise Unreadable("its first row holds NUL characters, as UTF-16 does: save it as CSV in UTF-8")
    if not any(names):
        raise Unreadable("the first row is empty: it must name the columns")
    if len(names) == 1:
        for sign, word in ((";", "semicolons"), ("\t", "tabs"), ("|", "bars")):
            if sign in names[0]:
                raise Unreadable(f"the columns are separated by {word}: save the file with commas")
    if twice := sorted({name for name in names if names.count(name) > 1}):
        raise Unreadable(f"the header names `{twice[0]}` twice: rename one of the columns")
    return names


def _batch(names: Sequence[str], numbers: list[int], kept: list[list[str]]) -> Batch:
    columns = zip(*kept, strict=True) if kept else ([] for _ in names)
    return Batch(numbered(numbers), dict(zip(names, columns, strict=True)))


def _cells(count: int) -> str:
    return f"{count} cell" if count == 1 else f"{count} cells"


def _why(failure: csv.Error) -> str:
    said = str(failure)
    if "unexpected end of data" in said:
        return "opens a quote that is never closed"
    if "expected after" in said:
        return "goes on after a closing quote: double a quote inside a quoted cell"
    if "field larger" in said:
        return "holds a cell of more than 131,072 characters: a quote may be open"
    return f"is not CSV: {said}"
