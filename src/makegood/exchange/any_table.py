"""A table in whichever form it lies."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from makegood.exchange.csv_table import read_csv
from makegood.exchange.json_table import read_json_lines
from makegood.exchange.parquet_table import read_parquet
from makegood.exchange.table import Batch, Form, Rejections


def read_table(path: Path, form: Form, rejections: Rejections) -> Iterator[Batch]:
    """The batches of a file; what is no row goes to `rejections`. Raises Unreadable, and OSError as `open`."""
    match form:
        case Form.CSV:
            return read_csv(path, rejections)
        case Form.JSON_LINES:
            return read_json_lines(path, rejections)
        case Form.PARQUET:
            return read_parquet(path)
