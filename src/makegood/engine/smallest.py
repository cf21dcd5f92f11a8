"""The smallest single change that alters a verdict or an amount, each run again to prove it (DESIGN 3.13)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from fractions import Fraction

from makegood.calendar.wording import duration_words
from makegood.engine.edges import edges_of
from makegood.engine.judge.case import Case, Supposed
from makegood.engine.rejudge import Outcome, rejudged
from makegood.model.expression import names_in
from makegood.model.spans import SECOND, Spans
from makegood.model.statement import Excuse, PricedReading, SmallestChange, Verdict
from makegood.model.terms import Combined, MeasureKind

_GLIDING = {"downtime", "availability", "figure", "shortfall", "excess-downtime"}

MOST_SPANS = 4
"""Of unseen spans the shortest ones are tried, this many at most."""


def smallest_changes(now: Outcome, unknown: Spans, readings: tuple[PricedReading, ...]) -> tuple[SmallestChange, ...]:
    """The least change of each kind: seconds of down time, one gate's fact, one unseen span, one reading."""
    case = now.best.case
    found = list(_seconds(case, now)) if unknown.total == 0 and not case.running else []
    found += _gates(case, now)
    found += _unknown(case, unknown, now)
    return (*found, *_readings(now, readings))


def _seconds(case: Case, now: Outcome) -> Iterator[SmallestChange]:
    """The nearest change of down time, more and less, in whole seconds; one second less changes nothing."""
    figure, kind = now.best.figure, case.measure.kind
    pooled = case.commitment.scope.combined in (Combined.POOLED, Combined.WEIGHTED)
    if figure.ratio is None or figure.verdict not in (Verdict.MET, Verdict.BREACHED) or pooled:
        return
    down, whole = _number(figure.down.value), _number(figure.denominator.value)
    if kind is MeasureKind.TOTAL:
        whole = Fraction(now.best.time.covered.total)
        edges = {edge - down for edge in edges_of(case)}
    elif kind is MeasureKind.RATIO:
        edges = {(1 - edge) * whole - down for edge in edges_of(case)}
    else:
        return
    near = {n * SECOND for change in edges for n in _around(change)} | {SECOND, -SECOND}
    allowed = [change for change in near if change and -down <= change <= whole - down]
    gliding = _glides(case)
    for sign, says in ((1, "more"), (-1, "less")):
        room = whole - down if sign > 0 else down
        step = [sign * s for s in _first_step(case, now, sign, int(room))] if gliding else []
        for change in sorted({*(c for c in allowed if c * sign > 0), *step}, key=abs):
            then = rejudged(case, more_down=change)
            if then is None or then.said == now.said:
                continue
            before = rejudged(case, more_down=change - sign * SECOND)
            if before is not None and before.said == now.said:
                yield SmallestChange("seconds", f"{duration_words(abs(change))} {says} down time", change, *then.said)
                break


def _glides(case: Case) -> bool:
    """Whether an amount follows the downtime itself, and not only the row that it falls in."""
    amounts = [r.amount for r in case.terms.remedies.values() if r.commitment == case.commitment.name and r.amount]
    names = {name for amount in amounts for name in names_in(amount)}
    scales = [s for name, s in case.terms.scales.items() if name in names]
    stepped = any(s.of or any(t.step is not None for t in s.tiers) for s in scales)
    return bool(names & _GLIDING) or stepped or case.measure.kind is MeasureKind.TOTAL


def _first_step(case: Case, now: Outcome, sign: int, room: int) -> Iterator[int]:
    """The whole seconds after which a gliding amount is another one once it is rounded, found by halving."""

    def changed(seconds: int) -> bool:
        then = rejudged(case, more_down=sign * seconds * SECOND)
        return then is not None and then.said != now.said

    most = room // SECOND
    high = next((2**n for n in range(most.bit_length()) if changed(2**n)), 0)
    if high:
        low = high // 2
        while high - low > 1:
            middle = (low + high) // 2
            low, high = (low, middle) if changed(middle) else (middle, high)
        yield high * SECOND


def _around(change: Fraction) -> tuple[int, int, int]:
    """The whole seconds at and on both sides of a change."""
    at = int(change // SECOND)
    return at - 1 if change % SECOND == 0 else at, at, at + 1


def _gates(case: Case, now: Outcome) -> Iterator[SmallestChange]:
    """A refused excuse that one condition kept out: what would follow had its notice been so much earlier."""
    for excuse in now.best.excused.excuses:
        failed = [g for g in excuse.gates if g.deciding and not g.holds]
        if len(failed) != 1 or failed[0].short_by is None or not len(excuse.asked.touching(case.judged)):
            continue
        short = -(-failed[0].short_by // SECOND) * SECOND
        then, before = _with_earlier_notice(case, excuse, short), _with_earlier_notice(case, excuse, short - SECOND)
        if then is not None and before is not None and then.said != now.said == before.said:
            says = f"notice of {excuse.item} accepted {duration_words(short)} earlier"
            yield SmallestChange("gate", says, short, *then.said)


def _with_earlier_notice(case: Case, excuse: Excuse, by: int) -> Outcome | None:
    facts = case.world.facts
    notices = tuple(
        replace(n, accepted=n.accepted - by) if n.of == excuse.item and n.accepted is not None else n
        for n in facts.notices
    )
    return rejudged(case, world=case.world.instead(facts=replace(facts, notices=notices)))


def _unknown(case: Case, unknown: Spans, now: Outcome) -> Iterator[SmallestChange]:
    """The shortest unseen span that, had it been seen up or down, would settle or change what is said."""
    for span in sorted(unknown, key=lambda s: s.length)[:MOST_SPANS]:
        for says, down in (("down", True), ("up", False)):
            supposed = tuple(Supposed(s.name, span, down) for s in case.services)
            then = rejudged(case, world=case.world.instead(supposed=supposed))
            if then is not None and then.said != now.said:
                words = f"the {duration_words(span.length)} that nobody saw were {says}"
                yield SmallestChange("unknown span", words, span.length, *then.said)
                return


def _readings(now: Outcome, readings: tuple[PricedReading, ...]) -> Iterator[SmallestChange]:
    for reading in readings:
        other = next((p for p in reading.prices if (p.verdict, p.amount) != now.said), None)
        if other is not None:
            says = f"read `{reading.choice.id}` as {other.alternative}"
            yield SmallestChange("reading", says, None, other.verdict, other.amount)


def _number(value: object) -> Fraction:
    assert isinstance(value, Fraction)
    return value
