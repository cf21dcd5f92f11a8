"""Latencies thinned: how many of a check at a location and a day (UTC) fell into each bucket of a DDSketch.

Buckets have whole edges, so that every machine finds the same: each begins 2 % above the one before, rounded down, or
1 µs where that is more. Whatever lies in a bucket is within 1 % of its middle, and sketches add up.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np

from makegood.exchange.parquet_table import connect
from makegood.model.spans import Times

LONGEST = 2**62


def edges() -> Times:
    """The least latency of each bucket, int64[n] µs, the first 0."""
    found = [0]
    while found[-1] < LONGEST:
        found.append(max(found[-1] + 1, found[-1] * 51 // 50))
    return np.array(found, dtype=np.int64)


def write_sketches(path: Path, latencies: Path) -> int:
    """Write the sketches of a file of latencies; how many rows. Raises duckdb.Error as the disk does."""
    low = edges()
    with connect() as db:
        db.register("bucket", {"least_us": low[:-1], "most_us": low[1:] - 1})
        target = str(path).replace("'", "''")
        db.execute("set variable latencies = $1", [str(latencies)])
        db.execute(
            'copy (select "check", location, make_date((epoch_us(begun) // 86400000000)::integer) as day,'
            " least_us, most_us, count(*) as count"
            " from read_parquet(getvariable('latencies')) asof join bucket on latency_us >= least_us"
            " group by all order by all)"
            f" to '{target}' (format parquet, compression zstd)"
        )
        ((rows,),) = db.execute("select count(*) from read_parquet($1)", [str(path)]).fetchall()
    return int(rows)
