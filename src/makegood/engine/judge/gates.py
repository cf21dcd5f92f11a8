"""The conditions of an exclusion, tried: each with what was found, and by how much it failed."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from makegood.calendar.business import hours
from makegood.calendar.deadline import explain_deadline
from makegood.calendar.window import weekly
from makegood.calendar.wording import at_words, duration_words
from makegood.calendar.zone import Zone
from makegood.engine.judge.case import Case
from makegood.engine.judge.outages import Down
from makegood.model.facts import EVER, NEVER, Cause, Maintenance, Notice
from makegood.model.spans import DAY, Instant, Span, Spans
from makegood.model.statement import GateResult
from makegood.model.terms import Gate, GateKind, Strength
from makegood.model.threshold import Threshold
from makegood.model.when import Allowance


@dataclass(frozen=True, slots=True)
class Acceptance:
    """When the last required contact had a notice: None where one of them never did, and why."""

    at: Instant | None
    why: str
    facts: tuple[str, ...]


def tried(gate: Gate, item: Maintenance | Cause, case: Case) -> GateResult:
    """The result of one gate for one announcement or cause."""
    deciding = gate.strength is Strength.PROMISE or gate.effort
    match gate.kind:
        case GateKind.NOTICE if isinstance(item, Maintenance):
            result = _notice(gate, item, case)
        case GateKind.WITHIN | GateKind.OUTSIDE if isinstance(item, Maintenance):
            result = _window(gate, item, case)
        case GateKind.LASTING if isinstance(item, Maintenance) and gate.lasting is not None:
            length = item.announced.length
            holds = gate.lasting.holds(length)
            result = GateResult(gate.says, holds, f"it was announced for {duration_words(length)}", (item.id,))
        case GateKind.ANNOUNCED if isinstance(item, Maintenance):
            accepted = acceptance(gate, item, case)
            before = accepted.at is not None and accepted.at <= item.announced.start
            result = GateResult(gate.says, before, accepted.why, (item.id, *accepted.facts))
        case _:
            result = _fact(gate, item)
    if gate.effort and not result.holds:
        result = _judged(gate, item, case, result)
    return GateResult(result.says, result.holds, result.found, result.facts, result.short_by, deciding)


def _judged(gate: Gate, item: Maintenance | Cause, case: Case, result: GateResult) -> GateResult:
    """A gate of effort also holds on a recorded judgement, by a named person; the last one decides."""
    names = (gate.kind.value, gate.field)
    judged = [j for j in case.world.facts.judgements if j.about == item.id and j.gate in names]
    if not judged:
        return result
    last = max(judged, key=lambda j: (j.recorded, j.id))
    verdict = "all reasonable efforts" if last.holds else "no sufficient effort"
    found = f"{result.found}; judged {verdict} by {last.by}" + (f": {last.because}" if last.because else "")
    short_by = None if last.holds else result.short_by
    return GateResult(result.says, last.holds, found, (*result.facts, last.id), short_by)


def clip(gate: Gate, item: Maintenance | Cause, case: Case, down: Down) -> Spans:
    """The span that a clip leaves of an announcement (or of a cause), in UTC; of outages, those that count.

    What is not bounded, such as all other downtime, is looked at from the first outage to the last.
    """
    whole = item.announced if isinstance(item, Maintenance) else item.span
    if whole == EVER:
        whole = down.lasting.hull or NEVER
    match gate.kind:
        case GateKind.WITHIN:
            return windows(gate, case, whole) & Spans([whole])
        case GateKind.OUTSIDE:
            return Spans([whole]) - windows(gate, case, whole)
        case GateKind.OF_EACH_OUTAGE if gate.lasting is not None:
            starts, ends = down.lasting.edges.T
            return Spans.from_edges(np.stack((starts, np.minimum(ends, starts + gate.lasting.edge)), axis=1))
        case GateKind.OUTAGES_LASTING if gate.lasting is not None:
            return Spans([span for span in down.lasting if gate.lasting.holds(span.length)])
        case GateKind.LASTING if gate.lasting is not None:
            return Spans([(whole.start, min(whole.end, whole.start + gate.lasting.edge))])
        case _:
            return Spans([whole])


def windows(gate: Gate, case: Case, over: Span) -> Spans:
    """A gate's weekly windows, or the hours of its calendar, near a span."""
    near = Span(over.start - 8 * DAY, over.end + 8 * DAY)
    calendar = case.calendar(gate.calendar)
    if gate.windows:
        zone = Zone.named(calendar.zone if calendar else case.period.zone)
        return weekly(gate.windows, zone, near)
    return hours(calendar, near) if calendar else Spans()


def acceptance(gate: Gate, work: Maintenance, case: Case) -> Acceptance:
    """When the last of the order's contacts had accepted a notice of this work, by a channel that counts."""
    order = case.world.order
    notices = [
        n
        for n in case.world.facts.notices
        if n.of == work.id and n.order in ("", order.id) and (not gate.channels or n.via in gate.channels)
    ]
    needed = order.contacts or tuple(sorted({n.to for n in notices}))
    if not needed:
        return Acceptance(None, "not shown: no notice is recorded", ())
    firsts: list[Notice] = []
    for contact in needed:
        mine = [n for n in notices if n.to == contact and n.accepted is not None]
        if not mine:
            bounced = any(n.to == contact for n in notices)
            why = f"the notice to {contact} bounced" if bounced else f"not shown: no notice to {contact} is recorded"
            return Acceptance(None, why, tuple(n.id for n in notices if n.to == contact))
        firsts.append(min(mine, key=lambda n: (n.accepted or 0, n.id)))
    last = max(firsts, key=lambda n: (n.accepted or 0, n.id))
    return Acceptance(last.accepted, f"accepted for {last.to}", (last.id,))


def _notice(gate: Gate, work: Maintenance, case: Case) -> GateResult:
    accepted = acceptance(gate, work, case)
    holds, short_by = False, None
    if accepted.at is None:
        found = accepted.why
    else:
        length = work.announced.start - accepted.at
        when = at_words(Zone.named(case.period.zone).shown(accepted.at))
        found = f"it came {duration_words(length)} before the start" if length >= 0 else "it came after the start"
        found = f"{found} ({accepted.why} {when})"
        if isinstance(gate.notice, Threshold):
            holds = gate.notice.holds(length)
            short_by = None if holds else gate.notice.edge - length
        elif isinstance(gate.notice, Allowance):
            holds, found = _days_of_notice(gate, gate.notice, accepted.at, work, case, found)
    facts = (work.id, *accepted.facts)
    return GateResult(gate.says, holds, found, facts, short_by)


def _days_of_notice(
    gate: Gate, notice: Allowance, accepted: Instant, work: Maintenance, case: Case, found: str
) -> tuple[bool, str]:
    calendar = case.calendar(gate.notice_calendar)
    if calendar is None:
        return False, f"{found}; the calendar of the notice is not stated"
    due = explain_deadline(accepted, notice, calendar)
    return due.value <= work.announced.start, f"{found}; {due.arithmetic}"


def _window(gate: Gate, work: Maintenance, case: Case) -> GateResult:
    inside = windows(gate, case, work.announced) & Spans([work.announced])
    wrong = Spans([work.announced]) - inside if gate.kind is GateKind.WITHIN else inside
    zone = Zone.named(case.period.zone)
    if not wrong.total:
        return GateResult(gate.says, True, "all of it is, as announced", (work.id,))
    first = next(iter(wrong))
    side = "outside the window" if gate.kind is GateKind.WITHIN else "inside the excluded hours"
    found = f"{duration_words(wrong.total)} of it is {side}, from {at_words(zone.shown(first.start))}"
    return GateResult(gate.says, False, found, (work.id,))


def _fact(gate: Gate, item: Maintenance | Cause) -> GateResult:
    name = gate.field.replace(" ", "_")
    found = str(getattr(item, name, "") or "")
    if not found:
        return GateResult(gate.says, False, f"not shown: no {gate.field} is recorded", (item.id,))
    wanted = {v.casefold() for v in gate.values}
    return GateResult(gate.says, found.casefold() in wanted, f"it is {found}", (item.id,))
