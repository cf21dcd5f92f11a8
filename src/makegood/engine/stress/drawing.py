"""Drawing one hypothetical period: outages put into the free time of a perfect one."""

from __future__ import annotations

from dataclasses import dataclass, field
from fractions import Fraction

from makegood.calendar.wording import duration_words
from makegood.model.facts import Facts
from makegood.model.spans import Duration, Span, Spans
from makegood.model.statement import Statement

PLACES = 3
"""Locations that look at the service; more where a rule asks for more."""
MOST_SHORT = 2_000
"""Short outages in one scenario at most."""


@dataclass(frozen=True, eq=False)
class Scenario:
    """One hypothetical period of one commitment: what happens in words, when the service is down, what is recorded.

    `seen_by` is how many locations see it, 0 for all of them.
    """

    says: str
    commitment: str
    label: str
    down: Spans
    facts: Facts = field(default_factory=Facts)
    seen_by: int = 0


@dataclass(frozen=True, eq=False)
class Drawing:
    """What every scenario of a commitment shares: a perfect period, the time in which outages are put, their grain."""

    commitment: str
    perfect: Statement
    free: Spans
    step: Duration

    def steps(self, share: Fraction) -> Duration:
        """A share of the judged time in whole steps, cut down."""
        return int(share * self.perfect.favourable.denominator) // self.step * self.step

    def outage(self, length: Duration, seen_by: int = 0, exactly: bool = False) -> Scenario:
        says = f"down for {duration_words(length)}" + (", exactly an edge" if exactly else "")
        says += f", seen from {seen_by} of {PLACES} locations" if seen_by else ""
        return self.made(says, first_of(self.free, length), seen_by=seen_by)

    def at_the_end(self, length: Duration) -> Scenario:
        """An outage at the end of the period: whose end that is, is a matter of its clock."""
        span = self.perfect.span
        down = self.perfect.classes.up.within(Span(max(span.start, span.end - length), span.end))
        return self.made(f"down for {duration_words(down.total)} until the end of the period", down or self.free)

    def short_ones(self, length: Duration, together: Duration) -> Scenario:
        """Outages of one length, far apart, that make at least a whole time together where there is room."""
        apart, many = length + max(20 * self.step, 2 * length), min(MOST_SHORT, -(-together // length))
        starts = [start for span in self.free for start in range(span.start, span.end - length + 1, apart)]
        down = Spans((start, start + length) for start in starts[:many])
        return self.made(f"down {len(down)} times for {duration_words(length)}", down)

    def made(self, says: str, down: Spans, facts: Facts | None = None, seen_by: int = 0) -> Scenario:
        return Scenario(says, self.commitment, self.perfect.period.label, down, facts or Facts(), seen_by)


def first_of(spans: Spans, most: Duration) -> Spans:
    """The earliest part of some spans, so long in total (µs) or shorter where they are."""
    kept: list[Span] = []
    for span in spans:
        if most <= 0:
            break
        kept.append(Span(span.start, min(span.end, span.start + most)))
        most -= kept[-1].length
    return Spans(kept)
