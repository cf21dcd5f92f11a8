"""When a page was asked, and which of its incidents were unresolved each time: bounds for what the page never told.

A table with `polled_at`, an RFC 3339 time, and `unresolved_incident_ids`, separated by spaces.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from makegood.exchange.any_table import read_table
from makegood.exchange.columns import Sieve, chosen_column, shown
from makegood.exchange.table import Rejections, Unreadable, form_of
from makegood.model.spans import Instant

POLLED, UNRESOLVED = "polled_at", "unresolved_incident_ids"


@dataclass(frozen=True)
class Polls:
    """The polls in order of time, µs UTC, and for each incident the indexes of those that list it, in order."""

    at: Sequence[Instant]
    listing: Mapping[str, Sequence[int]]

    def begins_between(self, incident: str) -> tuple[Instant, Instant] | None:
        """The last poll before the incident was first listed, and that first one; None where no poll lists it.

        Where the very first poll lists it, nothing earlier is known, and both are that poll.
        """
        if not (listed := self.listing.get(incident)):
            return None
        return self.at[max(0, listed[0] - 1)], self.at[listed[0]]

    def ends_between(self, incident: str, last_seen: Instant) -> tuple[Instant, Instant | None]:
        """The last instant at which an incident was seen unresolved, and the next poll, which does not list it.

        `last_seen` is when the page itself last told of it. The second is None where no later poll was made.
        """
        listed = self.listing.get(incident)
        seen = max(last_seen, self.at[listed[-1]]) if listed else last_seen
        after = bisect_right(self.at, seen)
        return seen, self.at[after] if after < len(self.at) else None


def read_polls(path: Path, now: Instant) -> Polls:
    """Read a table of polls. Raises Unreadable, with the first row that cannot be right, and OSError as `open` does."""
    rejected = Rejections()
    found: dict[Instant, tuple[int, list[str]]] = {}
    for batch in read_table(path, form_of(path.name), rejected):
        if not len(batch.rows) and not batch.columns:
            continue
        for column in (POLLED, UNRESOLVED):
            chosen_column(batch, column)
        sieve = Sieve(batch)
        times = sieve.times(POLLED, now)
        sieve.kept(rejected)
        for row, at, ids in zip(batch.rows.tolist(), times.tolist(), batch.columns[UNRESOLVED], strict=True):
            listed = ids.split()
            first = found.setdefault(at, (row, listed))
            if sorted(first[1]) != sorted(listed):
                rejected.add(row, f"`{shown(batch.columns[POLLED][row - int(batch.rows[0])])}` is the time of row "
                                  f"{first[0]} too, which lists other incidents")  # fmt: skip
    if rejected.count:
        first_wrong = min(rejected.first)
        more = f", and {rejected.count - 1:,} more rows cannot either" if rejected.count > 1 else ""
        raise Unreadable(f"the polls: row {first_wrong.row} cannot be read: {first_wrong.reason}{more}")
    if not found:
        raise Unreadable("the polls: there is none in the file")
    at = sorted(found)
    listing: dict[str, list[int]] = {}
    for i, instant in enumerate(at):
        for incident in dict.fromkeys(found[instant][1]):
            listing.setdefault(incident, []).append(i)
    return Polls(at, listing)
