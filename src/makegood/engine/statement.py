"""The statement, composed: both runs, what they agree on, and everything that explains it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from fractions import Fraction

from makegood.calendar.zone import Zone
from makegood.engine.chain import Judged, cases_of, judged_commitments, reach_of, run_chain
from makegood.engine.clock.deadlines import deadlines
from makegood.engine.clock.running import Ran, run_clock
from makegood.engine.happened import happened_in
from makegood.engine.judge.case import Case, World, subjects
from makegood.engine.judge.down import Seen
from makegood.engine.judge.figures import Figure
from makegood.engine.judge.items import not_kept
from makegood.engine.judge.seen import seen_of
from makegood.engine.owed import between, total
from makegood.engine.passed_over import passed_over
from makegood.engine.pins import pins
from makegood.engine.readings import SETTLED, priced
from makegood.engine.rejudge import Outcome
from makegood.engine.remedy.amounts import row_text
from makegood.engine.remedy.rights import rights
from makegood.engine.smallest import smallest_changes
from makegood.engine.survey import Survey, survey
from makegood.engine.verdicts import overall
from makegood.model.expression import names_in
from makegood.model.order import CoveredService
from makegood.model.spans import Span, Spans
from makegood.model.statement import (
    Answer,
    Classes,
    Coverage,
    Figures,
    GateResult,
    Life,
    Line,
    NotApplicable,
    Outage,
    RestsOn,
    Right,
    RunName,
    Statement,
    Timed,
    Verdict,
)
from makegood.model.terms import (
    OF_INTERVALS,
    ClockRule,
    Commitment,
    Counts,
    EvidenceKind,
    MeasureKind,
    RemedyEach,
    ScaleRule,
    Terms,
    Unstated,
    Variant,
)
from makegood.model.threshold import Threshold
from makegood.model.trace import Kind, Op, leaf

_IF_DOWN = "if what was not seen in earlier periods was down"


def state(world: World, terms: Terms, label: str, variants: Sequence[Variant] = (), explain: bool = True) -> Answer:
    """Every statement of one order for a period, as known when the world is.

    `variants` are the terms under other readings. With `explain` false no reading is priced and no change sought.
    Raises NoSuchPeriod for a label that fits no commitment.
    """
    cases = cases_of(world, terms, label) if judged_commitments(terms) else []
    best = run_chain(cases, RunName.FAVOURABLE)
    worst = run_chain(cases, RunName.UNFAVOURABLE)
    surveyed = survey(world, [(v.terms, label) for v in variants] if explain else [])
    statements = tuple(
        _statement(case, best[key], worst[key], variants, surveyed, explain) for key, case in _keyed(cases)
    )
    return Answer(statements, _not_applicable(world, terms))


def _keyed(cases: Sequence[Case]) -> list[tuple[tuple[str, str], Case]]:
    return [((case.commitment.name, case.subject), case) for case in cases]


def _statement(
    case: Case, best: Judged, worst: Judged, variants: Sequence[Variant], surveyed: Survey, explain: bool
) -> Statement:
    seen = seen_of(case)
    unknown = _unknown(best, worst)
    favourable = _figures(case, best, RunName.FAVOURABLE)
    alike = _owing(best.lines) == _owing(worst.lines) and _said(best.figure) == _said(worst.figure)
    same = unknown.total == 0 and alike
    if same and case.terms.counts:
        favourable = replace(favourable, rights=_either_way(case, worst, favourable.rights))
    unfavourable = favourable if same else _figures(case, worst, RunName.UNFAVOURABLE)
    verdict = overall(favourable.verdict, unfavourable.verdict)
    lines = [*favourable.lines, *unfavourable.lines]
    owing = verdict not in SETTLED
    remedies = [r.name for r in case.terms.remedies.values() if r.commitment == case.commitment.name]
    now = Outcome(best, worst)
    readings = priced(now, variants, surveyed) if explain else ()
    concerned = {*remedies, *(line.remedy for line in lines), case.commitment.name} if owing else set()
    concerned |= {right.remedy for right in (*favourable.rights, *unfavourable.rights) if right.given}
    world, terms, order = case.world, case.terms, case.world.order
    target = case.commitment.target
    totals = [m for m in (total(favourable.lines), total(unfavourable.lines)) if m is not None]
    return Statement(
        agreement=terms.agreement,
        agreement_title=terms.title,
        version=terms.version,
        provider=terms.provider,
        customer=order.customer,
        order=order.id,
        plan=order.plan_on(case.period.first),
        commitment=case.commitment.name,
        clause=case.commitment.clause,
        strength=case.commitment.strength,
        target="unstated" if isinstance(target, Unstated) else str(target),
        target_edge=Fraction(target.edge) if isinstance(target, Threshold) and _is_share(case) else None,
        measure=case.measure.kind,
        counts=case.measure.counts,
        unit=case.measure.unit,
        timed=_timed(case),
        rests_on=(rests_on := _rests_on(case, case.commitment.measure)),
        not_kept=_not_kept(case),
        subject=case.subject,
        period=case.period,
        span=case.span,
        judged=case.judged,
        as_of=world.as_of,
        life=_life(case, seen, (best, worst)),
        verdict=verdict,
        amount=between(favourable.lines, unfavourable.lines),
        credit_least=min(totals, key=lambda m: m.minor) if len(totals) == 2 else None,
        credit_most=max(totals, key=lambda m: m.minor) if totals else None,
        classes=_classes(case, best, unknown),
        favourable=favourable,
        unfavourable=unfavourable,
        outages=_outages(case, best, worst, seen) if rests_on is RestsOn.TIME else (),
        excuses=tuple(
            e
            for e in (worst if not same else best).excused.excuses
            if len(e.asked.touching(case.judged)) or (_announced(case, e.item) & Spans([case.judged])).total
        ),
        expected=_expected(case, best),
        deadlines=deadlines(case, concerned, happened_in(case, worst.down, worst.time, worst.figure)),
        readings=readings,
        smallest=smallest_changes(now, unknown, readings) if explain else (),
        coverage=_coverage(case, seen),
        notes=(*_notes(case, seen), *_perhaps_several(case, unknown, unfavourable), *(unjudged := passed_over(case))),
        passed_over=unjudged,
        pins=pins(case),
        period_end=case.period.last,
    )


def _said(figure: Figure) -> tuple[object, ...]:
    """What a figure comes to: what nobody saw before the period may change a number of outages, and no time of it."""
    ratio = figure.ratio.value if figure.ratio is not None else None
    return figure.verdict, figure.numerator.value, figure.denominator.value, ratio


def _owing(lines: Sequence[Line]) -> list[Line]:
    """The lines without their derivation, which may tell of unseen time outside the period and owe the same."""
    return [replace(line, node=None) for line in lines]


def _unknown(best: Judged, worst: Judged) -> Spans:
    """The instants whose class differs between the runs."""
    pairs = (
        (best.time.down, worst.time.down),
        (best.time.excused_up, worst.time.excused_up),
        (best.time.excused_out, worst.time.excused_out),
    )
    found = Spans()
    for a, b in pairs:
        found = found | (a - b) | (b - a)
    return found


def _classes(case: Case, best: Judged, unknown: Spans) -> Classes:
    time = best.time
    judged = Spans([case.judged])
    outside = judged - time.covered
    excused = (time.excused_up | time.excused_out) - unknown
    down = time.down - unknown
    up = time.covered - excused - down - unknown
    return Classes(outside, excused, down, unknown, up, time.brief - unknown)


def _figures(case: Case, judged: Judged, run: RunName) -> Figures:
    figure, time = judged.figure, judged.time
    ratio = figure.ratio.value if figure.ratio is not None else None
    scales = _scales(case) if figure.verdict is Verdict.BREACHED else []
    numerator, denominator = figure.numerator.value, figure.denominator.value
    counted = rights(case, figure, reach_of(run))
    owing = tuple(line.node for line in judged.lines if line.node is not None)
    given = tuple(r.node for r in counted if r.node is not None)
    trace = leaf(
        Op.FINDING,
        f"{case.commitment.name} for {case.subject} in {case.period.label}: {figure.verdict.value}",
        Kind.LABEL,
        figure.verdict.value,
        case.commitment.clause,
        operands=(figure.node, *owing, *given),
    )
    return Figures(
        run=run,
        verdict=figure.verdict,
        numerator=numerator,  # type: ignore[arg-type]
        denominator=denominator,  # type: ignore[arg-type]
        ratio=ratio,  # type: ignore[arg-type]
        covered=time.covered.total,
        excused_up=time.excused_up.total,
        excused_out=time.excused_out.total,
        down=time.down.total,
        tier="; ".join(filter(None, (row_text(s, ratio) for s in scales if not s.of))) if ratio is not None else "",  # type: ignore[arg-type]
        lines=judged.lines,
        rights=counted,
        trace=trace,
    )


def _timed(case: Case) -> Timed | None:
    clock = case.terms.clocks.get(case.measure.of)
    ran = run_clock(clock, case.item, case) if clock is not None and case.item is not None else None
    if clock is None or ran is None:
        return None
    return _as_timed(clock, ran)


def _as_timed(clock: ClockRule, ran: Ran) -> Timed:
    item = ran.item
    return Timed(
        clock.name, clock.clause, ran.label, ran.start, ran.due, ran.stopped, ran.arithmetic, item.id, item.kind.value
    )


def _not_kept(case: Case) -> tuple[Timed, ...]:
    clock = case.terms.clocks.get(case.measure.of)
    return tuple(_as_timed(clock, ran) for ran in not_kept(case)) if clock is not None else ()


def _rests_on(case: Case, measure: str) -> RestsOn:
    """What a figure is made of; a mean of periods is made of what their figures are."""
    rule = case.terms.measures[measure]
    if rule.kind in OF_INTERVALS:
        return RestsOn.INTERVALS
    if rule.kind is MeasureKind.PERIODS:
        return _rests_on(case, rule.of)
    return RestsOn.TIME if rule.of in case.terms.outages or rule.kind is MeasureKind.UNSTATED else RestsOn.ITEMS


def _is_share(case: Case) -> bool:
    return case.measure.counts is Counts.SHARE


def _either_way(case: Case, worst: Judged, given: Sequence[Right]) -> tuple[Right, ...]:
    """The rights of a period in which nothing unseen matters, where they rest on earlier ones in which it may."""
    others = rights(case, worst.figure, reach_of(RunName.UNFAVOURABLE))
    return tuple(
        right
        if right.given == other.given
        else replace(right, given=False, why=f"{right.why}; {_IF_DOWN}: {other.why}")
        for right, other in zip(given, others, strict=True)
    )


def _scales(case: Case) -> list[ScaleRule]:
    """The tables that decide the remedies of the case's commitment."""
    remedies = [r for r in case.terms.remedies.values() if r.commitment == case.commitment.name]
    names = {name for r in remedies if r.amount is not None for name in names_in(r.amount)}
    return [scale for name, scale in case.terms.scales.items() if name in names]


def _outages(case: Case, best: Judged, worst: Judged, seen: Mapping[str, Seen]) -> tuple[Outage, ...]:
    def made(span: Span, judged: Judged, unsure: bool) -> Outage:
        inside = Spans([span])
        brief = not (judged.down.lasting & inside).total
        excused = (judged.time.excused_up | judged.time.excused_out) & inside
        by = tuple(w.name for s in seen.values() for w in s.by if len(w.failing.touching(span)))
        pending = any(len(s.pending.touching(Span(span.start, span.end + 1))) for s in seen.values())
        stamp = Zone.named(case.period.zone).shown(span.start).strftime("%Y-%m-%dT%H:%M:%S")
        return Outage(f"{case.subject}@{stamp}", span, brief, by, judged.time.down & inside, excused, pending, unsure)

    found = [made(s, best, False) for s in best.down.raw.touching(case.judged)]
    perhaps = [s for s in worst.down.raw.touching(case.judged) if not len(best.down.raw.touching(s))]
    only_worst = [
        s for s in perhaps if worst.time.covered.within(s).total
    ]  # nobody has to look while nothing is promised
    found += [made(s, worst, True) for s in only_worst]
    return tuple(sorted(found, key=lambda o: o.span))


def _announced(case: Case, item: str) -> Spans:
    return Spans([m.announced for m in case.world.facts.maintenances if m.id == item])


def _expected(case: Case, judged: Judged) -> tuple[GateResult, ...]:
    return tuple(
        replace(result, found=f"{item}: {result.found}")
        for item, result in judged.excused.expected
        if (_announced(case, item) & Spans([case.judged])).total
    )


def _life(case: Case, seen: Mapping[str, Seen], runs: Sequence[Judged]) -> Life:
    """Provisional while a begin or an end inside is unconfirmed, or an outage open at its end is still too short."""
    if case.running:
        return Life.RUNNING
    pending = any(len(s.pending.touching(case.span)) for s in seen.values())
    return Life.PROVISIONAL if pending or any(_too_short_yet(case, seen, run) for run in runs) else Life.FINAL


def _too_short_yet(case: Case, seen: Mapping[str, Seen], run: Judged) -> bool:
    """Whether an outage that touches the period lasts to the end of the evidence and is too short to count yet."""
    ends = [s.evidenced.hull.end for s in seen.values() if s.evidenced.hull is not None]
    short = run.down.raw.touching(case.span) - run.down.lasting
    return any(span.end >= end for span in short for end in ends)


def _coverage(case: Case, seen: Mapping[str, Seen]) -> Coverage:
    rows, logs = [], []
    for service, one in seen.items():
        for w in one.by:
            if not w.every:
                told = w.expected.within(case.judged) - w.blind
                logs += [(f"{w.name} of {service}" if len(seen) > 1 else w.name, told)] if told.total else []
                continue
            expected = w.expected.within(case.judged).total // w.every
            blind = (w.blind & w.expected).within(case.judged).total // w.every
            rows.append((w.name, expected, expected - blind))
    witnesses = [w for one in seen.values() for w in one.by if w.location and w.expected.within(case.judged).total]
    places = dict.fromkeys(w.location for w in witnesses)
    locations = tuple((place, _operators(case, place)) for place in sorted(places))
    return Coverage(sum(r[1] for r in rows), sum(r[2] for r in rows), tuple(rows), tuple(logs), locations)


def _operators(case: Case, location: str) -> str:
    """Who ran a location in the judged time; several where that changed."""
    ran = [one for one in case.world.facts.operated if one.location == location and one.since < case.judged.end]
    ends = [*(one.since for one in ran[1:]), case.judged.end]
    within = [one.operator for one, end in zip(ran, ends, strict=False) if end > case.judged.start]
    return ", ".join(dict.fromkeys(name for name in within if name))


def _notes(case: Case, seen: Mapping[str, Seen]) -> tuple[str, ...]:
    order, found = case.world.order, list[str]()
    changes = [(day, name) for day, name in order.plans[1:] if case.period.first < day <= case.period.last]
    found += [
        f"the plan became {name} on {day}; the plan at the period's first instant governs it" for day, name in changes
    ]
    unseen = [name for name, one in seen.items() if not len(one.evidenced.within(case.judged))]
    found += [_nothing_seen(case, name, seen[name]) for name in unseen]
    if case.running:
        found.append("the period is not over: what is owed is worked out when it is")
    found += [
        f"version {version} is in force from {first}; the version at the period's first instant governs it"
        for first, version in case.terms.in_force
        if case.period.first < first <= case.period.last
    ]
    found += [case.terms.because] if case.terms.because else []
    found += case.world.lifetime.notes(case.period)
    others = case.terms.commitments.keys() - {case.commitment.name}
    found += [says for rule, says in case.terms.prevailing if rule not in others]
    in_force = case.terms.effective
    if case.period.first < in_force:
        found.append(f"this version of the agreement is in force from {in_force}, after the period began")
    covered = case.in_order(case.span)
    if covered.total < case.span.length:
        found.append("the order covers only a part of the period; only that part is judged")
    return tuple(found)


def _perhaps_several(case: Case, unknown: Spans, unfavourable: Figures) -> tuple[str, ...]:
    """What the greater amount rests on where a credit is given for each outage and some time was not seen."""
    each = {r.name for r in case.terms.remedies.values() if r.each is RemedyEach.OUTAGE}
    if not unknown.total or not any(line.remedy in each and line.part for line in unfavourable.lines):
        return ()
    return (
        "a credit is given for each outage, and each stretch that nobody saw is taken as one outage at most: where it "
        "held several, more may be owed",
    )


def _left_out(service: CoveredService, commitment: Commitment, world: World) -> str:
    """Why a service is outside the scope of a commitment."""
    scope = commitment.scope
    if service.stage in scope.not_stages:
        return f"its stage is {service.stage}"
    if scope.only_instances and service.instance not in scope.only_instances:
        return f"it is a {service.instance} instance"
    for name, words in scope.only.items():
        found = world.order.said_of(service, name, world.order.term.first)
        if found not in words:
            return f"its {name} is {found or 'not said'}, and {' or '.join(words)} is needed"
    return "another service stands for it"


def _nothing_seen(case: Case, name: str, seen: Seen) -> str:
    """Why nothing counts as seen: nobody looked, or the rule's quorum cannot be made of those who did."""
    if case.measure.kind in OF_INTERVALS:
        return f"nothing was measured of {name} in this period"
    rule = case.terms.detects[case.outage.detect]
    if rule.evidence is EvidenceKind.OBSERVATIONS and seen.by and not any(w.every for w in seen.by):
        many = "1 location" if len(seen.by) == 1 else f"{len(seen.by)} locations"
        return f"{rule.locations} of {many} is no quorum, so nothing that was seen of {name} counts"
    return f"no evidence about {name} in this period"


def _not_applicable(world: World, terms: Terms) -> tuple[NotApplicable, ...]:
    found = [NotApplicable(name, clause, why) for name, (clause, why) in terms.not_applicable.items()]
    judged = judged_commitments(terms)
    for commitment in judged:
        if commitment.scope.each.item is not None:
            continue
        covered = {s.name for _, services in subjects(commitment, world.order) for s in services}
        for service in world.order.services:
            if service.name not in covered:
                if any(s.part_of == service.name for s in world.order.services):
                    continue
                why = _left_out(service, commitment, world)
                found.append(NotApplicable(f"{commitment.name} for {service.name}", commitment.clause, why))
    return tuple(found)
