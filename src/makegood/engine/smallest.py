"""The smallest single change that alters a verdict or an amount, each run again to prove it (DESIGN 3.13)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from fractions import Fraction

from makegood.calendar.wording import duration_words
from makegood.engine.chain import Judged, Key, cases_of, run_chain
from makegood.engine.judge.case import Case, World
from makegood.engine.owed import between, owed
from makegood.engine.verdicts import overall
from makegood.model.spans import SECOND, Spans
from makegood.model.statement import Excuse, PricedReading, RunName, SmallestChange, Verdict
from makegood.model.terms import Unstated


def smallest_changes(
    case: Case, best: Judged, worst: Judged, unknown: Spans, readings: tuple[PricedReading, ...]
) -> tuple[SmallestChange, ...]:
    """The least change of each kind: seconds of down time, one gate's fact, one unseen span, one reading."""
    now = (overall(best.figure.verdict, worst.figure.verdict), between(best.lines, worst.lines))
    found: list[SmallestChange] = []
    if unknown.total == 0:
        found += _seconds(case, best, now)
    found += _gates(case, best, now)
    found += _unknown(case, unknown, now)
    for reading in readings:
        for price in reading.prices:
            if (price.verdict, price.amount) != now:
                says = f"read `{reading.choice.id}` as {price.alternative}"
                found.append(SmallestChange("reading", says, None, price.verdict, price.amount))
                break
    return tuple(found)


def with_more_down(case: Case, run: RunName, change: int) -> tuple[Verdict, str]:
    """Verdict and amount of a case with so many microseconds more (or less) of down time, all else as it was."""
    key: Key = (case.commitment.name, case.subject)
    cases = cases_of(case.world, case.terms, case.period.label)
    judged = run_chain(cases, run, {key: change})[key]
    return judged.figure.verdict, owed(judged.lines)


def _seconds(case: Case, judged: Judged, now: tuple[Verdict, str]) -> list[SmallestChange]:
    """The nearest edge below and above the down time, in whole seconds, as far as it changes verdict or amount."""
    figure = judged.figure
    if figure.ratio is None or figure.verdict not in (Verdict.MET, Verdict.BREACHED):
        return []
    down, whole = _number(figure.down.value), _number(figure.denominator.value)
    changes = sorted({_whole_seconds(side, (1 - edge) * whole - down) for edge in _edges(case) for side in (-1, 0, 1)})
    found: list[SmallestChange] = []
    for ordered, says in (([c for c in changes if c > 0], "more"), ([c for c in reversed(changes) if c < 0], "less")):
        for change in ordered:
            if change < -down or change > whole - down:
                continue
            then = with_more_down(case, RunName.FAVOURABLE, change)
            if then == now:
                continue
            step = SECOND if change > 0 else -SECOND
            if with_more_down(case, RunName.FAVOURABLE, change - step) == now:
                words = f"{duration_words(abs(change))} {says} down time"
                found.append(SmallestChange("seconds", words, change, *then))
                break
    return found


def _whole_seconds(side: int, change: Fraction) -> int:
    """The whole number of seconds next to a change, one to each side of it."""
    return (
        (int(change // SECOND) + side) * SECOND
        if change % SECOND == 0
        else int(change // SECOND + max(side, 0)) * SECOND
    )


def _edges(case: Case) -> Iterable[Fraction]:
    target = case.commitment.target
    if not isinstance(target, Unstated) and isinstance(target.edge, Fraction):
        yield target.edge
    for scale in case.terms.scales.values():
        for tier in scale.tiers:
            for edge in (tier.range.low, tier.range.high):
                if edge is not None:
                    yield edge


def _gates(case: Case, judged: Judged, now: tuple[Verdict, str]) -> list[SmallestChange]:
    """A refused excuse that one condition kept out: what would follow had its notice been so much earlier."""
    found = []
    for excuse in judged.excused.excuses:
        failed = [g for g in excuse.gates if g.deciding and not g.holds]
        if len(failed) != 1 or failed[0].short_by is None or not len(excuse.asked.touching(case.judged)):
            continue
        short = failed[0].short_by
        short = -(-short // SECOND) * SECOND
        then = _with_earlier_notice(case, excuse, short)
        if then != now and _with_earlier_notice(case, excuse, short - SECOND) == now:
            says = f"notice of {excuse.item} accepted {duration_words(short)} earlier"
            found.append(SmallestChange("gate", says, short, *then))
    return found


def _with_earlier_notice(case: Case, excuse: Excuse, by: int) -> tuple[Verdict, str]:
    facts = case.world.facts
    notices = tuple(
        replace(n, accepted=n.accepted - by) if n.of == excuse.item and n.accepted is not None else n
        for n in facts.notices
    )
    world = World(case.world.order, replace(facts, notices=notices), case.world.as_of, _evidence_memo(case.world))
    return _again(case, world)


def _evidence_memo(world: World) -> dict[object, object]:
    """What was detected stays true when only records about work change."""
    return {k: v for k, v in world.memo.items() if isinstance(k, tuple) and getattr(k[0], "__name__", "") == "down_of"}


def _again(case: Case, world: World) -> tuple[Verdict, str]:
    key: Key = (case.commitment.name, case.subject)
    cases = cases_of(world, case.terms, case.period.label)
    best, worst = (run_chain(cases, run)[key] for run in (RunName.FAVOURABLE, RunName.UNFAVOURABLE))
    return overall(best.figure.verdict, worst.figure.verdict), between(best.lines, worst.lines)


def _unknown(case: Case, unknown: Spans, now: tuple[Verdict, str]) -> list[SmallestChange]:
    """The shortest unseen span that, known to be up or down, settles or changes what is said."""
    key: Key = (case.commitment.name, case.subject)
    cases = cases_of(case.world, case.terms, case.period.label)
    for span in sorted(unknown, key=lambda s: s.length)[:20]:
        for says, low, high in (("down", span.length, 0), ("up", 0, -span.length)):
            a = run_chain(cases, RunName.FAVOURABLE, {key: low})[key]
            b = run_chain(cases, RunName.UNFAVOURABLE, {key: high})[key]
            then = overall(a.figure.verdict, b.figure.verdict), between(a.lines, b.lines)
            if then != now:
                words = f"the {duration_words(span.length)} that nobody saw were {says}"
                return [SmallestChange("unknown span", words, span.length, *then)]
    return []


def _number(value: object) -> Fraction:
    assert isinstance(value, Fraction)
    return value
