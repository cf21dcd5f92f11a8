"""How the subjects of an order do now: the outages that the agreement's own rules find in what was seen by now."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from makegood.engine.chain import cases_of
from makegood.engine.judge.case import Case, World
from makegood.engine.judge.down import Seen, down_of, measurements_of, tell
from makegood.engine.judge.outages import outages_of
from makegood.model.facts import Facts
from makegood.model.health import Health, Outage, Subject
from makegood.model.spans import END_OF_TIME, MINUTE, Duration, Instant, Spans, at_least
from makegood.model.statement import RunName
from makegood.model.terms import DetectRule, EvidenceKind, OutageRule, Terms

GRACE: Duration = MINUTE // 2
"""How long results may be on their way before nobody knows."""


class OrderNow:
    """The subjects of an order whose commitments rest on outages, over the periods with one label.

    It is told what checks saw, and works out again only the subjects that they are about. `world` gives the order and
    the facts, as known at any instant of the periods.
    """

    def __init__(self, world: World, terms: Terms, label: str) -> None:
        self.world, self.label = world, label
        self._cases = [case for case in cases_of(world, terms, label) if case.measure.of in terms.outages]
        pairs = dict.fromkeys((terms.detects[case.outage.detect], case.outage) for case in self._cases)
        self.rules = [(rule, outage) for rule, outage in pairs if rule.evidence is EvidenceKind.OBSERVATIONS]
        """How outages are found and dated in what checks see, each pair of rules once."""
        self._seen: dict[tuple[DetectRule, OutageRule], dict[str, Seen]] = {pair: {} for pair in self.rules}
        kinds = [case.terms.detects[case.outage.detect].evidence for case in self._cases]
        self._told = [n for n, kind in enumerate(kinds) if kind is EvidenceKind.REPORTED]
        """What others reported holds longer as time passes."""
        self._measured = [n for n, kind in enumerate(kinds) if kind is EvidenceKind.MEASUREMENTS]
        self._about: dict[str, list[int]] = {}
        for n, case in enumerate(self._cases):
            for check in dict.fromkeys(c for service in case.services for c in service.checks):
                self._about.setdefault(check, []).append(n)
        self._found: dict[int, _Found] = {}
        self._stale = set(range(len(self._cases)))

    @property
    def checks(self) -> Iterable[str]:
        """The checks of its services."""
        return self._about.keys()

    def see(self, rule: DetectRule, outage: OutageRule, check: str, seen: Seen) -> None:
        """Tell what was seen of a check under one pair of `rules`; it replaces what was told before."""
        self._seen[rule, outage][check] = seen
        self._stale.update(self._about.get(check, ()))

    def measure(self, facts: Facts) -> None:
        """Tell what was measured by now, in the place of the facts that were given before."""
        self.world = World(self.world.order, facts, self.world.as_of)
        self._stale.update(self._measured)

    def subjects(self, now: Instant) -> list[Subject]:
        """Every subject as it is at an instant."""
        again = self._stale.union(self._told)
        if again:
            world = World(self.world.order, self.world.facts, now)
            for (rule, outage), seen in self._seen.items():
                tell(world, rule, outage, seen)
            self._found |= {n: _find(replace(self._cases[n], world=world)) for n in again}
            self._stale.clear()
        return [_subject(case, self._found[n], now) for n, case in enumerate(self._cases)]


@dataclass(frozen=True, slots=True)
class _Found:
    """The outages of a subject, the last instant at which it was surely seen up or down, and how long it is until more
    can be seen: a slot, or an interval that is measured."""

    outages: tuple[Outage, ...]
    seen: Instant | None
    every: Duration


def _find(case: Case) -> _Found:
    rule = case.terms.detects[case.outage.detect]
    seen = [down_of(case.world, service, rule, case.outage) for service in case.services]
    found = outages_of(case, RunName.FAVOURABLE)
    up = surely_up(seen, case.quorum)
    last = int(up.edges[-1, 1]) if len(up) else None
    down = int(found.raw.edges[-1, 1]) if len(found.raw) else None
    every = rule.every if rule.evidence is EvidenceKind.OBSERVATIONS else _interval(case, rule)
    return _Found(_outages(found.raw, found.lasting, last), max(filter(None, (last, down)), default=None), every)


def _interval(case: Case, rule: DetectRule) -> Duration:
    """The length of the last interval that was measured of a subject; 0 where none was."""
    made = [m for service in case.services for m in measurements_of(case.world, service, rule.metric, rule.source)]
    return max((int(m.end[-1] - m.start[-1]) for m in made), default=0)


def _subject(case: Case, found: _Found, now: Instant) -> Subject:
    rule = case.terms.detects[case.outage.detect]
    health = Health.UNKNOWN
    if found.seen is not None and found.seen >= now - 2 * found.every - rule.timeout - (rule.holds or 0) - GRACE:
        health = Health.DOWN if found.outages and found.outages[-1].end is None else Health.UP
    names = tuple(service.name for service in case.services)
    order, commitment = case.world.order.id, case.commitment.name
    return Subject(order, commitment, case.subject, names, health, found.seen, found.outages)


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
