"""The import of many observations: time and peak memory of `makegood import` as a process of its own.

``python -m benchmarks.importing ROWS`` does it for another number of rows, such as 10000000.
"""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory
from time import perf_counter

from benchmarks.observations import write
from benchmarks.timing import Measured

ROWS = (100_000, 1_000_000)


def run() -> Iterator[Measured]:
    """What was measured, its size, the seconds it took, and the memory."""
    for rows in ROWS:
        for ending in ("csv", "parquet"):
            yield taken(rows, ending)


def taken(rows: int, ending: str) -> Measured:
    """One import of a file of so many rows."""
    with TemporaryDirectory() as folder:
        file = Path(folder) / f"observations.{ending}"
        write(rows, file)
        command = [sys.executable, "-c", _MEASURED, "import", str(file), "--into", f"{folder}/facts"]
        start = perf_counter()
        said = subprocess.run(command, check=True, capture_output=True, text=True)
        seconds = perf_counter() - start
    if not said.stdout.startswith(f"{rows:,} accepted, 0 duplicate, 0 rejected"):
        raise AssertionError(said.stdout)
    beside = f"{rows / seconds / 1e6:.2f} M rows/s, peak {int(said.stderr.split()[-1]) / 1000:,.0f} MB"
    return Measured(f"import of observations, {ending}", f"{rows:,} rows", seconds, beside)


# What the system calls the peak of a process may be that of the process that started it; this one is its own (Linux).
_MEASURED = """
import sys
from makegood.cli import main
try:
    main()
finally:
    lines = open("/proc/self/status").read().splitlines()
    print(next(line.split()[1] for line in lines if line.startswith("VmHWM")), file=sys.stderr)
"""


if __name__ == "__main__":
    for number in sys.argv[1:]:
        for name in ("csv", "parquet"):
            print(taken(int(number), name))
