"""Tables of other programs — CSV, JSON Lines, Parquet — as batches of text columns with the number of every row.

A row number is what a person sees: of CSV the row of a spreadsheet (the header is row 1), of JSON Lines the line, of
Parquet the row from 1. Cells that are not written are empty texts. Memory is bounded by the batch, not by the file.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum

import numpy as np

from makegood.model.spans import Times

BATCH = 20_000
MOST_TOLD = 1_000
"""Of refused rows this many are kept with their reasons; all are counted."""


class Form(StrEnum):
    """The forms a table may have, by the ending of the file's name."""

    CSV = "csv"
    JSON_LINES = "jsonl"
    PARQUET = "parquet"


@dataclass(frozen=True, slots=True, order=True)
class Rejection:
    """A row that was not accepted and why."""

    row: int
    reason: str


@dataclass
class Rejections:
    """The refused rows of one reading: how many, and the reasons of the first ones."""

    count: int = 0
    first: list[Rejection] = field(default_factory=list)

    def add(self, row: int, reason: str) -> None:
        self.count += 1
        if len(self.first) < MOST_TOLD:
            self.first.append(Rejection(row, reason))


class Unreadable(Exception):
    """The file as a whole is no such table; the message says why and what to do."""


@dataclass(frozen=True)
class Batch:
    """Some consecutive rows: `rows` int64[n] their numbers, `columns` n texts by column name."""

    rows: Times
    columns: Mapping[str, Sequence[str]]


def form_of(name: str) -> Form:
    """The form by the file's name. Raises Unreadable for an ending that is none of them."""
    ending = name.lower().rpartition(".")[2]
    endings = {"csv": Form.CSV, "jsonl": Form.JSON_LINES, "ndjson": Form.JSON_LINES, "parquet": Form.PARQUET}
    if ending not in endings:
        raise Unreadable(f"`{name}` is none of .csv, .jsonl and .parquet: name the file by what it is")
    return endings[ending]


def numbered(rows: Sequence[int]) -> Times:
    return np.array(rows, dtype=np.int64)
