"""CSV (RFC 4180) as text columns: commas, one header, every row as long as the header, UTF-8 with or without a mark."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from pathlib import Path

from makegood.exchange.table import BATCH, Batch, Rejections, Unreadable, numbered


def read_csv(path: Path, rejections: Rejections) -> Iterator[Batch]:
    """Batches of the rows below the header. Bytes that are not UTF-8 become lone surrogates, which no cell may hold.

    Raises Unreadable for a header that is missing, repeats a name or is not separated by commas.
    """
    with path.open("rb") as raw:
        start = raw.read(4)
    if start.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise Unreadable("the file is UTF-16: save it as CSV in UTF-8")
    with path.open(encoding="utf-8-sig", errors="surrogateescape", newline="") as lines:
        reader = csv.reader(lines, strict=True)
        names = _header(reader)
        number, numbers, kept = 1, list[int](), list[list[str]]()
        while True:
            number += 1
            try:
                row = next(reader)
            except StopIteration:
                break
            except csv.Error as failure:
                rejections.add(number, _why(failure))
                continue
            if len(row) != len(names):
                if row:
                    rejections.add(number, f"has {_cells(len(row))} where the header has {_cells(len(names))}")
                continue
            numbers.append(number)
            kept.append(row)
            if len(kept) == BATCH:
                yield _batch(names, numbers, kept, rejections)
                numbers, kept = [], []
        yield _batch(names, numbers, kept, rejections)


def _header(reader: Iterator[list[str]]) -> list[str]:
    try:
        names = [name.strip() for name in next(reader)]
    except StopIteration:
        raise Unreadable("the file is empty: its first row must name the columns") from None
    except csv.Error as failure:
        raise Unreadable(f"row 1 {_why(failure)}") from None
    if len(names) == 1:
        for sign, word in ((";", "semicolons"), ("\t", "tabs"), ("|", "bars")):
            if sign in names[0]:
                raise Unreadable(f"the columns are separated by {word}: save the file with commas")
    if twice := sorted({name for name in names if names.count(name) > 1}):
        raise Unreadable(f"the header names `{twice[0]}` twice: rename one of the columns")
    return names


def _batch(names: list[str], numbers: list[int], kept: list[list[str]], rejections: Rejections) -> Batch:
    if any("\0" in cell for cell in map("".join, kept)):
        for number, row in zip(numbers, kept, strict=True):
            if "\0" in "".join(row):
                rejections.add(number, "holds a NUL character: the file is damaged, or no text")
        sound = [(n, row) for n, row in zip(numbers, kept, strict=True) if "\0" not in "".join(row)]
        numbers, kept = [n for n, _ in sound], [row for _, row in sound]
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
