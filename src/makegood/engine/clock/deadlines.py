"""The deadlines that a statement starts: of a claim, an answer, a payment (DESIGN 3.1)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date

from makegood.calendar.deadline import NoBusinessTime, explain_deadline, explain_deadline_after_date
from makegood.calendar.period import following, period_holding, span_of
from makegood.calendar.wording import at_words, day_words
from makegood.calendar.zone import Zone
from makegood.engine.clock.running import allowance_of
from makegood.engine.happened import Happened
from makegood.engine.judge.case import Case
from makegood.engine.remedy.reach import RECEIVED, claim_of
from makegood.model.facts import Item
from makegood.model.order import OPEN_END
from makegood.model.spans import Instant
from makegood.model.statement import Deadline
from makegood.model.terms import ClockRule, PeriodEnd, Unstated
from makegood.model.when import Allowance, Calendar, DayCount

PERIOD_ENDS = ("end of period", "end of the period of the claim")
ORDER_END = "order ends"


def deadlines(case: Case, concerned: Iterable[str], happened: Happened) -> tuple[Deadline, ...]:
    """The clocks of the named remedies and commitments; those of events that are not recorded have no instant."""
    concerned = set(concerned)
    paid = {name for name, remedy in case.terms.remedies.items() if remedy.automatic}
    return tuple(
        deadline
        for rule in case.terms.clocks.values()
        if rule.of in concerned
        and not rule.by_class
        and case.measure.of != rule.name
        and not (rule.of in paid and rule.duty_of == "customer")
        for deadline in _deadlines(rule, case, happened)
    )


def claimed_late(case: Case, remedy: str, happened: Happened) -> str:
    """Why a recorded claim came too late for a remedy that is lost then, or lacks what was due; empty where it did not.

    Of a clock that starts with each outage, the last of them decides. Nothing is lost while no claim is recorded.
    """
    claim = claim_of(case, (remedy,))
    for rule in case.terms.clocks.values() if claim is not None else ():
        if rule.of != remedy or not rule.lapses:
            continue
        assert claim is not None
        event = rule.stops or RECEIVED
        kept = sorted(at for one in event.split(" or ") for at in claim.at(one))
        dues = [d.late_from for d in _deadlines(rule, case, happened) if d.late_from is not None]
        late_from = max(dues, default=case.world.as_of + 1)
        if (kept[0] if kept else case.world.as_of) < late_from:
            continue
        zone = Zone.named(case.period.zone)
        what = "the claim" if event == RECEIVED else event.removesuffix(" received")
        came = f"{what} came {at_words(zone.shown(kept[0]))}" if kept else f"{what} had not come"
        return f"{came}, late from {at_words(zone.shown(late_from))} (clause {rule.clause}, fact {claim.id})"
    return ""


def _deadlines(rule: ClockRule, case: Case, happened: Happened) -> list[Deadline]:
    """One deadline, or one for each outage where the clock starts with one."""
    found = _starts(rule, case, happened)
    if len(found) < 2:
        return [_deadline(rule, case, rule.name, found[0] if found else None)]
    return [_deadline(rule, case, f"{rule.name} {n}", start) for n, start in enumerate(found, 1)]


def _starts(rule: ClockRule, case: Case, happened: Happened) -> Sequence[Instant | None]:
    """The instants at which the clock starts; None stands for the end of the period, which is a date."""
    if rule.starts[0] in PERIOD_ENDS and len(rule.starts) == 1:
        return [None]
    if rule.starts == ("outage begins",):
        return [s.start for s in happened.outages]
    if rule.starts == ("outage ends",):
        return [s.end for s in happened.outages]
    remedies = [r.name for r in case.terms.remedies.values() if r.commitment == case.commitment.name]
    claim = claim_of(case, (rule.of,) if rule.of in remedies else remedies)
    at = [_instant(event, case, happened, claim) for event in rule.starts]
    known = [instant for instant in at if instant is not None]
    if rule.earliest:
        return [min(known)] if known else []
    return [max(known)] if len(known) == len(at) else []


def _instant(event: str, case: Case, happened: Happened, claim: Item | None) -> Instant | None:
    order, zone = case.world.order, case.world.zone
    match event:
        case "end of period" | "end of the period of the claim":
            return case.span.end
        case "outage begins" | "first outage begins":
            return happened.outages[0].start if happened.outages else None
        case "outage ends" | "last outage ends":
            return happened.outages[-1].end if happened.outages else None
        case "target is out of reach":
            return happened.out_of_reach
        case "order starts":
            return zone.day(order.term.first).start
        case _ if event == ORDER_END:
            last = case.world.lifetime.last
            return None if last >= OPEN_END else zone.day(last).end
    at = claim.at(event) if claim is not None else ()
    return at[0] if at else None


def _deadline(rule: ClockRule, case: Case, name: str, start: Instant | None) -> Deadline:
    allow = allowance_of(rule, "", case.terms)
    length = "unstated" if isinstance(allow, Unstated) else "best effort" if allow is None else str(allow)
    joined = " or " if rule.earliest else " and "
    says = f"{name.replace('-', ' ')}: {length} from {joined.join(rule.starts)}"

    def made(late_from: int | None, arithmetic: str) -> Deadline:
        return Deadline(
            name,
            rule.clause,
            says,
            rule.duty_of,
            late_from,
            arithmetic,
            rule.strength,
            rule.requires,
            (*rule.tells, *rule.via),
        )

    if allow is None:
        return made(None, "best effort: no deadline")
    if isinstance(allow, Unstated):
        return made(None, f"unstated: {allow.what}")
    of_period = len(rule.starts) == 1 and rule.starts[0] in PERIOD_ENDS
    if start is None and not of_period:
        return made(None, f"{allow} counted from {joined.join(rule.starts)}")
    calendar = case.calendar(rule.calendar) or Calendar("period", case.period.zone)
    if isinstance(allow, PeriodEnd):
        event = case.span.end if start is None else start
        at_an_end = start is None or _last_date(rule, case, start) is not None
        return made(*_end_of_a_period(allow, case, event - 1 if at_an_end else event))
    assert isinstance(allow, Allowance)
    try:
        day0 = case.period.last if start is None else _last_date(rule, case, start)
        if day0 is not None and (start is None or allow.unit not in (DayCount.ELAPSED, DayCount.BUSINESS_TIME)):
            due = explain_deadline_after_date(day0, allow, calendar)
        else:
            assert start is not None
            due = explain_deadline(start, allow, calendar)
    except NoBusinessTime as none:
        return made(None, str(none))
    return made(due.value, due.arithmetic)


def _last_date(rule: ClockRule, case: Case, start: Instant) -> date | None:
    """The last local date of the period or the order whose end starts the clock, in its own zone, since that is its
    date wherever the clock counts; None where something else starts it."""
    ends = [event for event in rule.starts if event in (*PERIOD_ENDS, ORDER_END)]
    at = [event for event in ends if _instant(event, case, Happened(), None) == start]
    if not at:
        return None
    return case.period.last if at[0] in PERIOD_ENDS else case.world.order.term.last


def _end_of_a_period(allow: PeriodEnd, case: Case, event: Instant) -> tuple[Instant, str]:
    rule = case.terms.periods[allow.period]
    first = period_holding(rule, event)
    last = following(rule, first, allow.count)
    zone, end = Zone.named(rule.zone), span_of(last).end
    counted = f"{allow.period} 0 is {first.label}, {allow.period} {allow.count} is {last.label}"
    words = f"{counted}, which ends with {day_words(last.last)}; late from {at_words(zone.shown(end))}"
    return end, words
