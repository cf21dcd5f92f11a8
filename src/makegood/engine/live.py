"""How the subjects of an order do now: the outages that the agreement's own rules find in what was seen by now."""

from __future__ import annotations

from collections.abc import Sequence

from makegood.engine.chain import cases_of
from makegood.engine.judge.case import Case, World
from makegood.engine.judge.down import Seen, down_of
from makegood.engine.judge.outages import outages_of
from makegood.model.health import Health, Outage, Subject
from makegood.model.spans import END_OF_TIME, MINUTE, Duration, Instant, Spans, at_least
from makegood.model.statement import RunName
from makegood.model.terms import DetectRule, EvidenceKind, OutageRule, Terms

GRACE: Duration = MINUTE // 2
"""How long results may be on their way before nobody knows."""


def rules_of(world: World, terms: Terms, label: str) -> list[tuple[DetectRule, OutageRule]]:
    """How outages are found and dated in what checks see, for the commitments that have a period with this label; each
    pair of rules once."""
    found = ((terms.detects[case.outage.detect], case.outage) for case in _watched(world, terms, label))
    return [(rule, outage) for rule, outage in dict.fromkeys(found) if rule.evidence is EvidenceKind.OBSERVATIONS]


def subjects_now(world: World, terms: Terms, label: str) -> list[Subject]:
    """Every subject of the commitments that rest on outages and have a period with this label, as it is at the world's
    instant."""
    return [_subject(case) for case in _watched(world, terms, label)]


def _watched(world: World, terms: Terms, label: str) -> list[Case]:
    return [case for case in cases_of(world, terms, label) if case.measure.of in terms.outages]


def _subject(case: Case) -> Subject:
    rule, now = case.terms.detects[case.outage.detect], case.world.as_of
    seen = [down_of(case.world, service, rule, case.outage) for service in case.services]
    found = outages_of(case, RunName.FAVOURABLE)
    up = surely_up(seen, case.quorum)
    last = int(up.edges[-1, 1]) if len(up) else None
    outages = _outages(found.raw, found.lasting, last)
    latest = max(filter(None, (last, int(found.raw.edges[-1, 1]) if len(found.raw) else None)), default=None)
    health = Health.UNKNOWN
    if latest is not None and latest >= now - 2 * rule.every - rule.timeout - (rule.holds or 0) - GRACE:
        health = Health.DOWN if outages and outages[-1].end is None else Health.UP
    names = tuple(service.name for service in case.services)
    return Subject(case.world.order.id, case.commitment.name, case.subject, names, health, latest, outages)


def surely_up(seen: list[Seen], quorum: int) -> Spans:
    """When fewer than the quorum of some services can have been down, whatever nobody saw."""
    need = len(seen) - quorum + 1
    return at_least(need, [one.evidenced - one.unfavourable for one in seen])


def _outages(raw: Spans, lasting: Spans, up_until: Instant | None) -> tuple[Outage, ...]:
    """The last one is open unless the subject was surely up after it."""
    spans = list(raw)
    found = []
    for n, span in enumerate(spans):
        over = n < len(spans) - 1 or (up_until is not None and up_until > span.end)
        found.append(Outage(span.start, span.end if over else None, lasting.covers(span)))
    return tuple(found)


def changes(before: Sequence[Outage], after: Sequence[Outage]) -> list[tuple[Outage | None, Outage | None]]:
    """What became of some outages of one subject: pairs of what was said and what is said now, equal ones left out.

    Both are in the order of time and apart. An outage is still the same where the two share an instant, whichever of
    its ends moved; of several that do the first is.
    """
    found = list[tuple[Outage | None, Outage | None]]()
    old = 0
    for new in after:
        while old < len(before) and _end(before[old]) <= new.begin:
            found.append((before[old], None))
            old += 1
        if old < len(before) and before[old].begin < _end(new):
            found.append((before[old], new))
            old += 1
        else:
            found.append((None, new))
    found += [(gone, None) for gone in before[old:]]
    return [(was, now) for was, now in found if was != now]


def _end(outage: Outage) -> Instant:
    return END_OF_TIME if outage.end is None else outage.end
