"""Which periods a question is about: those named, the last ones of a stretch such as `12 months`, or those at hand."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from datetime import date, timedelta

from makegood.app.binding import Key, rules
from makegood.app.judging import Docket, labels
from makegood.calendar.period import NoSuchPeriod, clamped, following, period_holding, period_named, span_of
from makegood.calendar.zone import Zone
from makegood.engine.lifetime import Lifetime, lifetime
from makegood.model.problem import Place, Refused, error
from makegood.model.spans import Instant
from makegood.model.terms import Terms
from makegood.model.when import Period, PeriodRule

_STRETCH = re.compile(r"(?:the )?(?:last )?([1-9][0-9]{0,3}) (day|week|month|quarter|year)s?", re.ASCII)
_MONTHS = {"month": 1, "quarter": 3, "year": 12}
_DAYS = {"day": 1, "week": 7}


def asked_periods(docket: Docket, period: str | None, over: str | None, until: date | None, at: Instant) -> list[str]:
    """The labels that `--period` (one, or two with `..`) or `--over` name. Raises Refused."""
    if over is not None:
        return lately(docket.terms, lifetime(docket.order, docket.facts.known_at(at)), over, until, at)
    first, dots, last = (period or "").partition("..")
    return labels(docket, first, last if dots else first)


def lately(by_plan: Mapping[Key, Terms], whole: Lifetime, over: str, until: date | None, at: Instant) -> list[str]:
    """The labels of the last whole periods of a stretch, of every kind that a commitment is judged over, in time order.

    `12 months` are the periods that begin in the twelve months before the end of the last one that is over. `until` is
    the last date that may be inside; the last one that has passed where not given. Raises Refused.
    """
    found = _STRETCH.fullmatch(over.strip())
    if found is None:
        what = f"`{over}` is no length of time to look back over"
        raise Refused([error("wrong-stretch", Place("--over"), what, "", "write for example `12 months`")])
    count, unit = int(found[1]), found[2]
    kinds = list(dict.fromkeys(rules(by_plan)))
    periods = [p for rule in kinds for p in _lately(rule, whole, count, unit, until, at)]
    if kinds and not periods:
        what = f"no whole period of `{whole.order.id}` lies in the {over} asked for"
        hint = "look back further, or name a later --until or --as-of"
        raise Refused([error("no-periods", Place("--over"), what, f"its term begins on {whole.first}", hint)])
    return list(dict.fromkeys(p.label for p in sorted(periods, key=lambda p: (p.last, p.first))))


def _lately(
    rule: PeriodRule, whole: Lifetime, count: int, unit: str, until: date | None, at: Instant
) -> Iterable[Period]:
    zone = Zone.named(rule.zone)
    passed = zone.date_of(at) - timedelta(days=1)
    last = min(until, passed) if until is not None else passed
    period = period_holding(rule, zone.day(last).start)
    if period.last > last:
        period = following(rule, period, -1)
    earliest = _back(period.last + timedelta(days=1), count, unit)
    while period.first >= earliest and period.last >= whole.first:
        if period.first <= whole.last:
            yield period
        period = following(rule, period, -1)


def _back(day: date, count: int, unit: str) -> date:
    try:
        if unit in _DAYS:
            return day - timedelta(days=count * _DAYS[unit])
        months = day.year * 12 + day.month - 1 - count * _MONTHS[unit]
        return clamped(months // 12, months % 12 + 1, day.day)
    except (OverflowError, ValueError):
        return date.min


def at_hand(by_plan: Mapping[Key, Terms], at: Instant) -> list[str]:
    """The labels of the periods that hold an instant, of every kind that a commitment is judged over."""
    return list(dict.fromkeys(period_holding(rule, at).label for rule in rules(by_plan)))


def end_of(by_plan: Mapping[Key, Terms], found: Iterable[str]) -> Instant:
    """The instant at which the last of some periods is over, whatever the kind of each."""
    ends = []
    for label in found:
        for rule in rules(by_plan):
            try:
                ends.append(span_of(period_named(rule, label)).end)
            except NoSuchPeriod:
                continue
    return max(ends, default=0)
