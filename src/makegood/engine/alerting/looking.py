"""Rules that look: whether a threshold holds of what was found lately, and what that changes.

A rule that cannot tell, because too little was found, changes nothing: it neither begins nor ends anything.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from fractions import Fraction

from makegood.engine.alerting.alert import Change, Turn
from makegood.model.alerts import Rule, Trigger
from makegood.model.events import (
    CertificateSeen,
    LocationHeard,
    OutageClosed,
    OutageEvent,
    OutageOpened,
    Recent,
)
from makegood.model.facts import DOWN, UP
from makegood.model.spans import SECOND, Instant


@dataclass(frozen=True, slots=True)
class Look:
    """What a rule saw of a subject: whether its threshold holds (None where it cannot tell), and what was measured.

    `value` is a share, a length in µs, or a number per second, as the rule's threshold is; `of` how many results or
    things counted it is made of; `since` when it began, as far as that is known.
    """

    subject: str
    holds: bool | None
    since: Instant
    value: Fraction | None = None
    of: int = 0
    says: str = ""


def outages(rules: Iterable[Rule], events: Iterable[OutageEvent]) -> Iterator[Change]:
    """The changes of every rule on outages. Of one service, the outages of all orders are one condition."""
    on = [rule for rule in rules if rule.on is Trigger.OUTAGE]
    for event in events:
        for rule in on:
            if not rule.concerns(event.service, event.order):
                continue
            match event:
                case OutageOpened(service, order, since, known, reason, locations):
                    seen = f"seen from {', '.join(locations)}" if locations else ""
                    says = "; ".join(part for part in (reason, seen) if part)
                    yield Change(rule.name, service, Turn.BEGAN, since, known, order, says)
                case OutageClosed(service, order, _, until, known):
                    yield Change(rule.name, service, Turn.ENDED, until, known, order)
                case _:
                    yield Change(rule.name, event.service, Turn.RETRACTED, event.since, event.known, event.order,
                                 event.reason)  # fmt: skip


def look(rule: Rule, recent: Recent, now: Instant) -> Look:
    """What a rule on an error rate, latency or throughput sees of a service in the window that ends now."""
    begin = now - rule.over
    results = [r for r in recent.results if begin <= r.begun < now and r.outcome in (UP, DOWN)]
    counts = [c for c in recent.counts if begin <= c.span.start and c.span.end <= now]
    match rule.on:
        case Trigger.ERROR_RATE:
            bad = sum(r.outcome == DOWN for r in results) + sum(c.valid - c.good for c in counts)
            of = len(results) + sum(c.valid for c in counts)
            value = Fraction(bad, of) if of else None
        case Trigger.LATENCY:
            took = sorted(r.total for r in results if r.outcome == UP and r.total >= 0)
            of = len(took)
            value = Fraction(took[_rank(rule.quantile, of)]) if of else None
        case Trigger.THROUGHPUT:
            of = sum(c.valid for c in counts)
            seconds = Fraction(sum(c.span.length for c in counts), SECOND)
            value = Fraction(of) / seconds if seconds else None
        case _:
            raise ValueError(f"a rule on {rule.on.value} does not look at what was found lately")
    enough = value is not None and (rule.on is Trigger.THROUGHPUT or of >= rule.fewest)
    return Look(recent.service, _holds(rule, value) if enough else None, begin, value, int(of))


def _rank(quantile: Fraction, of: int) -> int:
    """The place of a quantile in sorted values, from 0 on: of the nearest rank, which is a value that was measured."""
    return max(0, -(-quantile.numerator * of // quantile.denominator) - 1)


def look_at_certificate(rule: Rule, seen: CertificateSeen, now: Instant) -> Look:
    """Whether a certificate holds for as little as the rule says; `value` is how long it still does."""
    remaining = Fraction(seen.expires - now)
    return Look(seen.service, _holds(rule, remaining), seen.known, remaining, 1, seen.check)


def look_for_silence(rule: Rule, heard: LocationHeard, now: Instant) -> Look:
    """Whether a location, or the hub, was silent for as long as the rule says."""
    silent = Fraction(now - heard.at)
    return Look(heard.location, _holds(rule, silent), heard.at, silent)


def _holds(rule: Rule, value: Fraction | None) -> bool | None:
    return None if value is None or rule.holds is None else rule.holds.holds(value)


def turned(rule: Rule, looks: Iterable[tuple[Look, str]], open_now: Collection[str], now: Instant) -> Iterator[Change]:
    """What looks change, each with its words, given the subjects of which the rule has open conditions.

    A subject that is looked at several times is wrong while it is in one of them. One that is open and not looked at
    any more has ended: its service, location or order is gone.
    """
    found: dict[str, tuple[Look, str]] = {}
    for seen, words in looks:
        before = found.get(seen.subject)
        if before is None or _rank_of(seen) > _rank_of(before[0]):
            found[seen.subject] = seen, words
    for subject, (seen, words) in found.items():
        if seen.holds and subject not in open_now:
            yield Change(rule.name, subject, Turn.BEGAN, seen.since, now, says=words)
        elif seen.holds is False and subject in open_now:
            yield Change(rule.name, subject, Turn.ENDED, now, now)
    for subject in sorted({*open_now} - found.keys()):
        yield Change(rule.name, subject, Turn.ENDED, now, now)


def _rank_of(seen: Look) -> int:
    """Which of several looks at one subject counts: one that holds, else one that cannot tell."""
    return 2 if seen.holds else 1 if seen.holds is None else 0
