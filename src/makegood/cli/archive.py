"""`seal`: put the observations of closed days into files."""

from __future__ import annotations

import time
from pathlib import Path

from makegood.app.archiving import sealing
from makegood.cli.asked import date_of
from makegood.cli.screen import complain, say
from makegood.cli.who import user_name
from makegood.exchange.moments import written


def seal(folder: Path, *, until: str | None = None, by: str = "") -> None:
    """Seal the observations of closed days into Parquet files, and take them out of the database.

    Parameters
    ----------
    folder
        The folder of the store.
    until
        The last date to seal, in UTC; yesterday where not given.
    by
        Who seals; the user of this machine where not given.
    """
    last, now = date_of(until, "--until"), time.time_ns() // 1000
    count = 0
    with sealing(folder, last, by=by or user_name(), now=now) as found:
        for location, spans in sorted(found.missing.items()):
            numbers = ", ".join(f"{a}" if a == b else f"{a}-{b}" for a, b in spans[:5])
            more = f" and {len(spans) - 5:,} more spans" if len(spans) > 5 else ""
            complain(f"`{location}` has not sent batches {numbers}{more}")
        for one in found.segments:
            count += 1
            batches = f"{one.batches:,} {'batch' if one.batches == 1 else 'batches'}"
            beside = f"; latencies {one.latencies:,} bytes" if one.latencies else ""
            say(f"{one.name}: {one.results:,} results of {batches} in {one.size:,} bytes{beside}")
            say(f"  from {written(one.first)} to {written(one.last)}")
    if not count:
        say("nothing to seal")
