"""Recurrence rules as Datadog writes them: a rule, a zone and a length, followed as far ahead as is worth knowing."""

from __future__ import annotations

from dataclasses import dataclass, field

from makegood.calendar.zone import UnknownZone, Zone
from makegood.contract.wrong import Wrong
from makegood.exchange.columns import shown
from makegood.exchange.foreign_json import Record
from makegood.exchange.moments import written
from makegood.exchange.recurrence import occurrences
from makegood.model.spans import DAY, Duration, Instant, Span

AHEAD: Duration = 400 * DAY
"""How far beyond the time of reading a rule without an end is followed; a later import goes on from there."""
MOST_SEARCHED = 3
"""Rules that never come to pass take long to search: after so many the rest of the file is not searched."""

_PLAIN = str.maketrans("", "", "-:")


def zone_named(entry: Record, name: str) -> Zone | None:
    """The zone of an entry, UTC where it names none; None after a problem."""
    try:
        return Zone.named(name or "UTC")
    except UnknownZone as unknown:
        near = f"did you mean {' or '.join(unknown.suggestions)}?" if unknown.suggestions else ""
        entry.error(f"has the timezone `{shown(unknown.name)}`, which {unknown.reason}", "", near)
        return None


def with_start(ident: str, span: Span) -> str:
    """The id of one time of what recurs: `datadog-c1-20260301T073000Z`."""
    return f"{ident}-{written(span.start).translate(_PLAIN)}"


@dataclass
class Rules:
    """Follows the rules of one file, read at `now` (µs UTC); `notes` gather what is to be said of them."""

    now: Instant
    notes: list[str] = field(default_factory=list)
    in_vain: int = 0

    def spans(
        self, entry: Record, rule: str, start: Instant, lasting: Duration, zone: Zone, end: Instant | None
    ) -> list[Span]:
        """The times that begin by a rule from `start` on and before `end`; empty after a problem."""
        if self.in_vain >= MOST_SEARCHED:
            return []
        found = occurrences(rule, start, lasting, zone, min(self.now + AHEAD, end if end is not None else 2**62))
        if isinstance(found, Wrong):
            self.in_vain += "never" in found.what
            entry.error(f"has a rule that cannot be followed: {found.what}", found.why, found.hint)
            return []
        if end is None and "UNTIL" not in rule.upper() and "COUNT" not in rule.upper():
            ahead = written((self.now + AHEAD) // DAY * DAY)[:10]
            self.notes.append(
                f"the rule `{shown(rule)}` has no end: it is followed until {ahead}, and a later import goes on"
            )
        return found
