"""A clock run over a ticket or the like: when it started, how long it may take, what it took, and whether it was kept.

Pauses are derived from the item's own states and never stored as a number. A pause moves a deadline that is counted in
days by its length; time that is counted in hours does not run while it lasts.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from makegood.calendar.business import hours
from makegood.calendar.deadline import NoBusinessTime, explain_deadline
from makegood.calendar.period import following, period_holding, span_of
from makegood.calendar.wording import at_words, duration_words
from makegood.calendar.zone import Zone
from makegood.engine.judge.case import Case
from makegood.model.facts import Item
from makegood.model.spans import DAY, END_OF_TIME, Duration, Instant, Span, Spans
from makegood.model.terms import WITHIN, Allowed, ClassRule, ClockRule, Multiple, PeriodEnd, Terms, Unstated
from makegood.model.when import Allowance, Calendar, DayCount

LONGEST: Duration = 3_660 * DAY
"""Open hours are laid out over so much time behind a start; a clock that needs more has no deadline."""


@dataclass(frozen=True, slots=True)
class Ran:
    """What became of a clock for one item. `due` is the first instant that is late, None where there is no deadline.

    `used` is the time that ran, in microseconds of the clock's own time. `kept` is None while it runs and is not late.
    """

    item: Item
    label: str
    start: Instant
    allow: Allowed
    due: Instant | None
    stopped: Instant | None
    used: Duration
    kept: bool | None
    arithmetic: str


def label_of(rule: ClassRule, item: Item, case: Case) -> str:
    """The class of an item: by the table, unless it was put into another one later and that one counts."""
    labels = [row.label for row in rule.rows]
    first = next((row.label for row in rule.rows if _fits(row.when, item, case)), "")
    put = sorted((span.start, name) for name, span in item.states if name in labels and span.start <= case.world.as_of)
    after = [name for _, name in put]
    given = [label for label in (first, *after) if label]
    if not given or rule.counts == "first":
        return given[0] if given else ""
    return min(given, key=labels.index) if rule.counts == "highest" else given[-1]


def _fits(when: Mapping[str, tuple[str, ...]], item: Item, case: Case) -> bool:
    for name, words in when.items():
        if not name.endswith(f" {WITHIN}"):
            if item.fact(name) not in words:
                return False
            continue
        at = item.at(name.removesuffix(f" {WITHIN}"))
        if not at or not any(_open_at(case.calendar(word), at[0]) for word in words):
            return False
    return True


def _open_at(calendar: Calendar | None, instant: Instant) -> bool:
    return calendar is not None and instant in hours(calendar, Span(instant, instant + DAY))


def started(rule: ClockRule, item: Item) -> Instant | None:
    """When the clock starts for an item: at the latest of its events, or the earliest; None while one is missing."""
    firsts = [at[0] for event in rule.starts if (at := item.at(event))]
    if rule.earliest:
        return min(firsts, default=None)
    return max(firsts) if firsts and len(firsts) == len(rule.starts) else None


def run_clock(rule: ClockRule, item: Item, case: Case) -> Ran | None:
    """The clock of an item as known; None where it has not started."""
    start = started(rule, item)
    if start is None:
        return None
    label = label_of(case.terms.classes[rule.by_class], item, case) if rule.by_class else ""
    allow = allowance_of(rule, label, case.terms)
    if rule.repeats:
        return _repeated(rule, item, label, allow, start, case)
    stopped = min((at for event in _stops(rule) for at in item.at(event)), default=None)
    return _one(rule, item, label, allow, start, stopped, case)


def _stops(rule: ClockRule) -> list[str]:
    return rule.stops.split(" or ")


def allowance_of(rule: ClockRule, label: str, terms: Terms) -> Allowed:
    """What a clock allows for a class; a multiple of another clock worked out where that one counts something."""
    unknown = Unstated(rule.clause, f"what is allowed for {label or 'an item without a class'}")
    other = rule.allow.get("otherwise", unknown)
    allow = rule.allow.get(label, other) if rule.by_class else rule.allow.get("")
    if not isinstance(allow, Multiple):
        return allow
    base = allowance_of(terms.clocks[allow.clock], label, terms)
    if not isinstance(base, Allowance):
        return base
    count = base.count * allow.times
    return Allowance(int(count), base.unit) if count.denominator == 1 else unknown


def _repeated(rule: ClockRule, item: Item, label: str, allow: Allowed, start: Instant, case: Case) -> Ran:
    """A clock that starts again at each answer, until the item is over: the gap that broke it, else the longest one."""
    until = min(item.at(rule.until), default=None) if rule.until else None
    answers = [at for event in _stops(rule) for at in item.at(event) if start < at and (until is None or at < until)]
    begins = [start, *sorted(answers)]
    ends: list[Instant | None] = [*begins[1:], until]
    gaps = [_one(rule, item, label, allow, b, e, case) for b, e in zip(begins, ends, strict=True)]
    broken = next((gap for gap in gaps if gap.kept is False), None)
    return broken or max(gaps, key=lambda gap: (gap.kept is None, gap.used))


def _one(
    rule: ClockRule, item: Item, label: str, allow: Allowed, start: Instant, stopped: Instant | None, case: Case
) -> Ran:
    as_of = case.world.as_of
    calendar = case.calendar(rule.calendar) or Calendar("period", case.period.zone)
    paused = Spans([(s.start, min(s.end, END_OF_TIME)) for name, s in item.states if name in rule.pauses])
    end = max(start, min(stopped if stopped is not None else as_of, as_of))
    used = _running(allow, start, end, paused, calendar).total
    due, arithmetic = due_of(allow, start, paused, calendar, case)
    kept: bool | None = None
    if due is not None:
        kept = stopped < due if stopped is not None else (False if as_of >= due else None)
    return Ran(item, label, start, allow, due, stopped, used, kept, arithmetic)


def _running(allow: Allowed, start: Instant, end: Instant, paused: Spans, calendar: Calendar) -> Spans:
    """The time that counts between two instants: open hours where the allowance is in them, without pauses."""
    over = Span(start, end)
    open_hours = isinstance(allow, Allowance) and allow.unit is DayCount.BUSINESS_TIME
    return (hours(calendar, over) if open_hours else Spans([over])) - paused


def due_of(allow: Allowed, start: Instant, paused: Spans, calendar: Calendar, case: Case) -> tuple[Instant | None, str]:
    """The first instant that is late and how it was found; None for best effort and where nothing is stated."""
    zone = Zone.named(calendar.zone)
    if isinstance(allow, PeriodEnd):
        rule = case.terms.periods[allow.period]
        period = following(rule, period_holding(rule, start), allow.count)
        end = span_of(period).end
        return end, f"{at_words(zone.shown(start))} is in period 0, and period {allow.count} after it is {period.label}"
    if not isinstance(allow, Allowance):
        return None, f"unstated: {allow.what}" if isinstance(allow, Unstated) else "best effort: no deadline"
    try:
        plain = explain_deadline(start, allow, calendar)
    except NoBusinessTime as none:
        return None, str(none)
    if not paused.within(Span(start, plain.value)).total:
        return plain.value, plain.arithmetic
    if allow.unit in (DayCount.ELAPSED, DayCount.BUSINESS_TIME):
        due = _used_up(_running(allow, start, start + LONGEST, paused, calendar), allow.count)
        if due is None:
            return None, f"it pauses for so long that {allow} never end"
    else:
        due = _moved(plain.value, start, paused)
    waited = duration_words(paused.within(Span(start, due)).total)
    return due, f"{plain.arithmetic}; paused for {waited}, so late from {at_words(zone.shown(due))}"


def _used_up(running: Spans, wanted: Duration) -> Instant | None:
    left = wanted
    for span in running:
        if span.length >= left:
            return span.start + left
        left -= span.length
    return None


def _moved(due: Instant, start: Instant, paused: Spans) -> Instant:
    """A deadline counted in days, later by all pauses that begin before it."""
    moved = due
    while True:
        later = due + paused.within(Span(start, moved)).total
        if later == moved:
            return moved
        moved = later
