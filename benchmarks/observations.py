"""Writes observations to import: ``python -m benchmarks.observations ROWS FILE`` (.csv or .parquet).

The rows are of 20 checks, each probed every minute from five locations from 1 June 2026 on, in the order of time; 0.2 %
are down, with a reason, and 0.2 % unknown. The same number of rows gives the same file.
"""

from __future__ import annotations

import sys
from pathlib import Path

import duckdb

CHECKS, LOCATIONS = 20, ("ashburn", "frankfurt", "singapore", "sydney", "tokyo")
_SELECT = """
select
  'web-' || (i // {places} % {checks} + 1) as "check",
  {locations}[i % {places} + 1] as location,
  strftime(timestamp '2026-06-01' + to_seconds(i // ({places} * {checks}) * 60 + 3 + i % 7), '%Y-%m-%dT%H:%M:%SZ')
    as begun,
  case when i * 2654435761 % 4294967296 < 8589934 then 'down'
       when i * 2654435761 % 4294967296 < 17179869 then 'unknown' else 'up' end as outcome,
  case when i * 2654435761 % 4294967296 < 8589934 then 'timeout' end as reason,
  20 + i * 40503 % 400 as latency_ms
from range({rows}) t(i)
"""


def write(rows: int, path: Path) -> None:
    """Write so many rows; the ending of the file says in which form. Memory does not grow with them."""
    select = _SELECT.format(rows=rows, checks=CHECKS, places=len(LOCATIONS), locations=list(LOCATIONS))
    form = "parquet" if path.suffix == ".parquet" else "csv, header"
    with duckdb.connect(":memory:", config={"threads": "1"}) as db:
        db.execute(f"copy ({select}) to '{path}' (format {form})")


if __name__ == "__main__":
    write(int(sys.argv[1]), Path(sys.argv[2]))
