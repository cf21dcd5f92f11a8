"""Hypothetical outages that ask for an exclusion: by each cause, each kind of work, each edge of notice; too many."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from makegood.calendar.business import hours
from makegood.calendar.window import weekly
from makegood.calendar.wording import duration_words
from makegood.calendar.zone import Zone
from makegood.engine.stress.drawing import Drawing, Scenario, first_of
from makegood.engine.stress.nominal import CONTACT
from makegood.model.expression import Literal, Unit
from makegood.model.facts import Cause, Facts, Maintenance, Notice
from makegood.model.spans import BEGINNING_OF_TIME, DAY, HOUR, SECOND, Duration, Instant, Span, Spans
from makegood.model.terms import Commitment, ExcludeRule, GateKind, Terms
from makegood.model.threshold import Threshold
from makegood.model.when import Calendar

LONG_AHEAD = 90 * DAY


def exclusions(everyone: Iterable[Terms], commitment: Commitment) -> list[ExcludeRule]:
    """The exclusions of a commitment, each once, under the first reading that has it."""
    found: dict[str, ExcludeRule] = {}
    for one in everyone:
        for rule in one.excludes:
            if commitment.name in rule.commitments:
                found.setdefault(rule.name, rule)
    return list(found.values())


def excusable(rule: ExcludeRule, everyone: Sequence[Terms], draw: Drawing, usual: Duration) -> Iterator[Scenario]:
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


def _announceable(rule: ExcludeRule, everyone: Sequence[Terms], draw: Drawing) -> Spans:
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
