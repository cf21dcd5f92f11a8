"""The notice of a change, run out or not: the clocks that start when it is announced (DESIGN 3.1)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta

from makegood.calendar.deadline import NoBusinessTime, explain_deadline, explain_deadline_after_date
from makegood.calendar.period import following, period_holding, span_of
from makegood.calendar.wording import at_words, day_words
from makegood.calendar.zone import Zone
from makegood.engine.change.announced import Announcement
from makegood.engine.clock.running import allowance_of
from makegood.model.change import ANNOUNCED, Reason
from makegood.model.facts import Item
from makegood.model.spans import Instant
from makegood.model.terms import Allowed, ClockRule, PeriodEnd, Terms, Unstated
from makegood.model.when import Allowance, Calendar, PeriodRule


@dataclass(frozen=True, slots=True)
class Given:
    """One notice: the first local date that has all of it before, or None where it never runs out; and why."""

    allowed: date | None
    reason: Reason


def is_notice(clock: ClockRule) -> bool:
    """Whether a clock is the notice of a change: it starts when one is announced, and no act stops it."""
    return clock.starts == (ANNOUNCED,) and clock.duty_of == "provider" and not clock.stops


def is_objection(clock: ClockRule) -> bool:
    """Whether a clock is the time in which the customer may reject a change."""
    return clock.starts == (ANNOUNCED,) and clock.duty_of == "customer"


def notices_asked(terms: Terms) -> list[ClockRule]:
    """Every notice that an agreement asks for; all of them must run out."""
    return [clock for clock in terms.clocks.values() if is_notice(clock)]


def notices_given(terms: Terms, effective: date, announced: Announcement, zone: str) -> Iterator[Given]:
    """Each notice of a version that was announced. Dates are those of the clock's calendar, or of `zone` without one.

    The first date that has all of the notice before is the first that begins when the clock is late.
    """
    for clock in notices_asked(terms):
        length = _length(terms, clock, announced.items)
        if length is None:
            says = f"{clock.name.replace('-', ' ')}: the text sets no fixed length"
            yield Given(effective, Reason(says, clock.clause, announced.facts))
        else:
            yield _given(terms, clock, length, effective, announced, zone)


def late_for(terms: Terms, clock: ClockRule, announced: Announcement, zone: str) -> tuple[Instant | None, str]:
    """The first instant that is late for a clock that started with the announcement, and its arithmetic.

    None where the clock has no end that can be told, with the reason.
    """
    return _due(terms, announced, _length(terms, clock, announced.items), _calendar(terms, clock, zone))


def first_date_from(instant: Instant, zone: str) -> date:
    """The first local date that begins at an instant or after it."""
    clock = Zone.named(zone)
    day = clock.date_of(instant)
    return day if clock.day(day).start == instant else day + timedelta(days=1)


def _given(
    terms: Terms, clock: ClockRule, length: Allowed, effective: date, announced: Announcement, zone: str
) -> Given:
    calendar = _calendar(terms, clock, zone)
    due, arithmetic = _due(terms, announced, length, calendar)
    if due is None:
        return Given(None, Reason(f"{clock.name.replace('-', ' ')}: {arithmetic}", clock.clause, announced.facts))
    allowed = first_date_from(due, calendar.zone)
    late = (allowed - effective).days
    told = f"announced {at_words(Zone.named(calendar.zone).shown(announced.at))}; " if announced.at is not None else ""
    counted = f"{told}{length} of notice ({clock.name}): {arithmetic.partition('; late from')[0]}"
    if late <= 0:
        spare = "with no day to spare" if late == 0 else f"with {_days(-late)} to spare"
        says = f"{counted}; it has run out by {day_words(effective)}, {spare}"
        return Given(allowed, Reason(says, clock.clause, announced.facts))
    says = f"{counted}; the first date after it is {day_words(allowed)}, {_days(late)} late for {day_words(effective)}"
    return Given(allowed, Reason(says, clock.clause, announced.facts, late))


def _due(terms: Terms, announced: Announcement, length: Allowed, calendar: Calendar) -> tuple[Instant | None, str]:
    """When a clock is late that started with the announcement, which is an instant, or a date as day 0."""
    if isinstance(length, PeriodEnd):
        return _end_of_a_period(terms.periods[length.period], length.count, announced)
    if not isinstance(length, Allowance):
        return None, f"unstated: {length.what}" if isinstance(length, Unstated) else "it has no fixed length"
    try:
        if announced.at is None and announced.day is not None:
            due = explain_deadline_after_date(announced.day, length, calendar)
        else:
            due = explain_deadline(announced.at or 0, length, calendar)
    except NoBusinessTime as none:
        return None, str(none)
    return due.value, due.arithmetic


def _end_of_a_period(rule: PeriodRule, count: int, announced: Announcement) -> tuple[Instant, str]:
    at = announced.at
    if at is None and announced.day is not None:
        at = Zone.named(rule.zone).day(announced.day).start
    first = period_holding(rule, at or 0)
    last = following(rule, first, count)
    words = f"{rule.name} 0 is {first.label}, {rule.name} {count} is {last.label}, which ends {day_words(last.last)}"
    return span_of(last).end, words


def _length(terms: Terms, clock: ClockRule, items: tuple[Item, ...]) -> Allowed:
    """How long the clock allows a change, by the class that the facts of the change give it."""
    label = ""
    if clock.by_class:
        facts = dict(pair for item in reversed(items) for pair in item.facts)
        rows = terms.classes[clock.by_class].rows
        label = next((r.label for r in rows if all(facts.get(k, "") in v for k, v in r.when.items())), "")
    return allowance_of(clock, label, terms)


def _calendar(terms: Terms, clock: ClockRule, zone: str) -> Calendar:
    found = terms.calendars.get(clock.calendar)
    return found if isinstance(found, Calendar) else Calendar("order", zone)


def _days(count: int) -> str:
    return f"{count} day" if count == 1 else f"{count} days"
