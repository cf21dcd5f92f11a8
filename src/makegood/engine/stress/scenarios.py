"""Hypothetical periods: outages at and around every edge of target and table, short ones, excused ones, ill-seen ones.

Where one agreement has several readings, the edges of all of them are tried.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from fractions import Fraction
from itertools import pairwise

from makegood.calendar.business import hours
from makegood.calendar.period import following, period_holding, span_of
from makegood.calendar.window import weekly
from makegood.calendar.wording import duration_words
from makegood.calendar.zone import Zone
from makegood.engine.judge.case import Supposed, World
from makegood.engine.statement import state
from makegood.engine.stress.nominal import CONTACT
from makegood.model.expression import Literal, Unit, names_in
from makegood.model.facts import Cause, Facts, Maintenance, Notice
from makegood.model.order import Order
from makegood.model.spans import BEGINNING_OF_TIME, DAY, HOUR, SECOND, Duration, Instant, Span, Spans
from makegood.model.statement import Statement
from makegood.model.terms import Commitment, EvidenceKind, ExcludeRule, GateKind, Terms, Unstated
from makegood.model.threshold import Threshold
from makegood.model.when import Calendar

PLACES = 3
"""Locations that look at the service; more where a rule asks for more."""
MOST_SHORT = 2_000
"""Short outages in one scenario at most."""
LONG_AHEAD = 90 * DAY
PERIODS = 4
"""Periods that are looked at for one whose length has an edge on a whole step: months of 31, 28 and 30 days."""


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


def scenarios(terms: Terms, everyone: Sequence[Terms], commitment: Commitment, order: Order) -> Iterator[Scenario]:
    """The hypothetical periods of one commitment; none where it has no covered time to be down in."""
    found = list(_perfect(terms, commitment, order))
    if not found:
        return
    perfect = found[0]
    step = max((d.every for one in everyone for d in one.detects.values() if d.every), default=SECOND)
    draw = _Drawing(commitment.name, perfect, _free(perfect), step)
    edges = sorted({e for one in everyone for e in _edges(one, commitment) if 0 <= e < 1}, reverse=True)
    middles = [draw.steps((2 - high - low) / 2) for high, low in pairwise([*edges, Fraction()])]
    for edge in edges:
        at = draw.steps(1 - edge)
        yield from (draw.outage(length) for length in (at - step, at, at + step) if length > 0)
        yield from _exactly(edge, commitment.name, found, step)
    yield from (draw.outage(length) for length in middles if length > 0)
    usual = max(middles[0] if middles else draw.steps(Fraction(1, 100)), step)
    if any(d.evidence is EvidenceKind.OBSERVATIONS for one in everyone for d in one.detects.values()):
        yield from (draw.outage(usual, seen_by=n) for n in range(1, PLACES))
    for length in sorted({length for one in everyone for length in _short(one, step)}):
        yield draw.short_ones(length, usual)
    for rule in _by_name(everyone, commitment):
        yield from _excusable(rule, everyone, draw, usual)


@dataclass(frozen=True, eq=False)
class _Drawing:
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


def _exactly(edge: Fraction, name: str, perfect: Sequence[Statement], step: Duration) -> Iterator[Scenario]:
    """An outage that ends exactly on an edge, in a period whose length allows one, where the first one's does not."""
    fitting = (s for s in perfect if (1 - edge) * s.favourable.denominator % step == 0)
    there = next(fitting, None)
    if there is not None and there is not perfect[0] and edge < 1:
        draw = _Drawing(name, there, _free(there), step)
        yield draw.outage(draw.steps(1 - edge), exactly=True)


def _perfect(terms: Terms, commitment: Commitment, order: Order) -> Iterator[Statement]:
    """The statements of the first whole periods of the order's term, if all of the time is up."""
    rule = terms.periods[commitment.period]
    start = Zone.named(rule.zone).day(order.term.first).start
    period = period_holding(rule, start)
    if span_of(period).start < start:
        period = following(rule, period)
    for one in (following(rule, period, n) for n in range(PERIODS)):
        whole = span_of(one)
        up = tuple(Supposed(s.name, whole, down=False) for s in order.services)
        found = state(World(order, Facts(), whole.end, up), terms, one.label, (), explain=False).statements
        yield from (s for s in found if s.commitment == commitment.name and s.favourable.denominator)


def _free(perfect: Statement) -> Spans:
    """The judged time from noon of the second date on, or all of it where there is no more than one date."""
    second = perfect.period.first + timedelta(days=1)
    late = Zone.named(perfect.period.zone).day(second).start + DAY // 2
    return perfect.classes.up.within(Span(late, max(late, perfect.span.end))) or perfect.classes.up


def _edges(terms: Terms, commitment: Commitment) -> Iterator[Fraction]:
    """The edges of target and tables of a commitment under one reading."""
    found = terms.commitments.get(commitment.name)
    if found is None:
        return
    if not isinstance(found.target, Unstated) and isinstance(found.target.edge, Fraction):
        yield found.target.edge
    amounts = [r.amount for r in terms.remedies.values() if r.commitment == found.name and r.amount]
    for name in {name for amount in amounts for name in names_in(amount)} & set(terms.scales):
        for tier in terms.scales[name].tiers:
            yield from (e for e in (tier.range.low, tier.range.high) if e is not None)


def _short(terms: Terms, step: Duration) -> Iterator[Duration]:
    """Lengths at which an outage begins to be confirmed, or to count."""
    for detect in terms.detects.values():
        if detect.evidence is EvidenceKind.OBSERVATIONS and detect.every:
            yield detect.fails_after * detect.every
    for outage in terms.outages.values():
        if outage.shortest is not None:
            at = int(outage.shortest.edge) // step * step
            yield from (length for length in (at - step, at, at + step) if length > 0)


def _by_name(everyone: Iterable[Terms], commitment: Commitment) -> list[ExcludeRule]:
    """The exclusions of a commitment, each once, under the first reading that has it."""
    found: dict[str, ExcludeRule] = {}
    for one in everyone:
        for rule in one.excludes:
            if commitment.name in rule.commitments:
                found.setdefault(rule.name, rule)
    return list(found.values())


def _excusable(rule: ExcludeRule, everyone: Sequence[Terms], draw: _Drawing, usual: Duration) -> Iterator[Scenario]:
    """Outages that an exclusion is asked for: by each cause, each kind of work, each edge of notice; too many of it."""
    alike = [r for one in everyone for r in one.excludes if r.name == rule.name]
    free = draw.free & _announceable(rule, everyone, draw)
    if not free.total:
        return
    down = first_of(free, usual)
    if rule.what != "maintenance":
        for cause in dict.fromkeys(c for r in alike for c in r.causes):
            yield draw.made(f"{_downs(down)} by {cause}", down, _caused(cause, down))
        return
    facts_of_work = _works(alike)
    for kind, purpose in facts_of_work:
        for ahead in (LONG_AHEAD, *_notices(alike)):
            said = "" if ahead == LONG_AHEAD else f", announced {duration_words(ahead)} ahead"
            named = " ".join(filter(None, (kind, "work", f"({purpose})" if purpose else "")))
            yield draw.made(f"{_downs(down)} in {named}{said}", down, _announced(down, kind, purpose, ahead, alike))
    for most in sorted({int(m.value) for m in _limits(rule, everyone) if m.unit is Unit.ITEMS}):
        apart = Spans(_on_separate_days(free, usual, most + 1))
        says = f"down for {duration_words(apart.total)} in {len(apart)} announced works"
        yield draw.made(says, apart, _announced(apart, *facts_of_work[0], LONG_AHEAD, alike))
    for longest in sorted({int(m.value) for m in _limits(rule, everyone) if m.unit is Unit.TIME}):
        longer = first_of(free, longest + usual)
        yield draw.made(
            f"{_downs(longer)} in announced work", longer, _announced(longer, *facts_of_work[0], LONG_AHEAD, alike)
        )


def _downs(down: Spans) -> str:
    return f"down for {duration_words(down.total)}"


def _limits(rule: ExcludeRule, everyone: Iterable[Terms]) -> Iterator[Literal]:
    for one in everyone:
        for limit in one.limits:
            if rule.name in limit.on and isinstance(limit.most, Literal):
                yield limit.most


def _announceable(rule: ExcludeRule, everyone: Sequence[Terms], draw: _Drawing) -> Spans:
    """Where work can be announced so that the windows of the exclusion hold."""
    found = Spans([draw.perfect.span])
    for gate in (*rule.gates, *rule.clips):
        if gate.kind not in (GateKind.WITHIN, GateKind.OUTSIDE):
            continue
        calendar = next((c for one in everyone if isinstance(c := one.calendars.get(gate.calendar), Calendar)), None)
        zone = Zone.named(calendar.zone if calendar else draw.perfect.period.zone)
        inside = Spans([draw.perfect.span])
        if gate.windows:
            inside = weekly(gate.windows, zone, draw.perfect.span)
        elif calendar is not None:
            inside = hours(calendar, draw.perfect.span)
        found = found & inside if gate.kind is GateKind.WITHIN else found - inside
    return found


def _works(alike: Sequence[ExcludeRule]) -> list[tuple[str, str]]:
    """Kinds and purposes that work can be announced with, so that every word of every reading is tried once."""
    words: dict[str, list[str]] = {"kind": [], "purpose": []}
    for rule in alike:
        for gate in rule.gates:
            if gate.kind is GateKind.FACT and gate.field in words:
                words[gate.field] += [w for w in gate.values if w not in words[gate.field]]
    kinds, purposes = words["kind"] or [""], words["purpose"] or [""]
    return [(kinds[0], purposes[0]), *((k, purposes[0]) for k in kinds[1:]), *((kinds[0], p) for p in purposes[1:])]


def _notices(alike: Sequence[ExcludeRule]) -> list[Duration]:
    """At the edge of each notice that is asked for, and a second below it."""
    edges = {
        int(g.notice.edge)
        for rule in alike
        for g in (*rule.gates, *rule.expect)
        if g.kind is GateKind.NOTICE and isinstance(g.notice, Threshold)
    }
    return sorted({length for edge in edges for length in (edge, edge - SECOND) if length > 0})


def _announced(down: Spans, kind: str, purpose: str, ahead: Duration, alike: Sequence[ExcludeRule]) -> Facts:
    """One work for each outage, announced for exactly its time."""
    via = next((g.channels[0] for rule in alike for g in rule.gates if g.channels), "email")
    works, notices = [], []
    for n, span in enumerate(down, 1):
        told: Instant = span.start - ahead
        works.append(
            Maintenance(f"M-{n}", told, "stress", services=("service",), announced=span, kind=kind, purpose=purpose)
        )
        notices.append(Notice(f"N-{n}", told, "stress", of=f"M-{n}", to=CONTACT, via=via, accepted=told))
    return Facts(maintenances=tuple(works), notices=tuple(notices))


def _caused(cause: str, down: Spans) -> Facts:
    return Facts(
        causes=tuple(
            Cause(f"C-{n}", span.end, "stress", service="service", span=span, cause=cause)
            for n, span in enumerate(down, 1)
        )
    )


def _on_separate_days(free: Spans, longest: Duration, many: int) -> Iterator[Span]:
    """So many outages that begin a day apart or more, each as long as there is room, up to a longest."""
    earliest = BEGINNING_OF_TIME
    for span in free:
        start = max(span.start, earliest)
        while many and start < span.end:
            end = min(span.end, start + longest)
            yield Span(start, end)
            many -= 1
            earliest = start = max(start + DAY, end + HOUR)
