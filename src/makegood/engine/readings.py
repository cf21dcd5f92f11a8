"""Readings priced: the same case under each alternative, and what that changes (DESIGN 3.10)."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction

from makegood.engine.clock.deadlines import deadlines
from makegood.engine.happened import happened_in
from makegood.engine.owed import total
from makegood.engine.rejudge import Outcome, rejudged
from makegood.engine.survey import Survey
from makegood.model.money import Money
from makegood.model.statement import Line, Price, PricedReading, Verdict
from makegood.model.terms import Variant

SETTLED = (Verdict.MET, Verdict.RECORDED, Verdict.RUNNING, Verdict.NOT_APPLICABLE)
"""Verdicts from which nothing must be claimed or paid, so that no deadline runs."""


def priced(now: Outcome, variants: Sequence[Variant], surveyed: Survey) -> tuple[PricedReading, ...]:
    """Every reading that was used, with what each of its alternatives would make of this case.

    `surveyed` are the variants over the case's period: those under which it is surely met need no chain.
    """
    found = [
        PricedReading(choice, tuple(_price(now, v, surveyed) for v in variants if v.choice.id == choice.id))
        for choice in now.best.case.terms.choices
    ]
    return tuple(sorted(found, key=lambda reading: not reading.matters))


def _price(now: Outcome, variant: Variant, surveyed: Survey) -> Price:
    case = now.best.case
    if (case.commitment.name, case.subject) in surveyed.met(variant.terms, case.period.label):
        says = (Verdict.MET, "none")
        return Price(variant.text, *says, _difference(now.lines, ()), now.said != says)
    then = rejudged(now.best.case, terms=variant.terms)
    if then is None:
        changes = now.verdict is not Verdict.NOT_APPLICABLE
        return Price(variant.text, Verdict.NOT_APPLICABLE, "none", "", changes)
    owing = now.verdict not in SETTLED and then.verdict not in SETTLED
    due = _due(now)
    moved = {clock: at for clock, at in _due(then).items() if owing and clock in due and due[clock] != at}
    changes = then.said != now.said or bool(moved)
    return Price(variant.text, then.verdict, then.amount, _difference(now.lines, then.lines), changes, moved or None)


def _due(outcome: Outcome) -> dict[str, int | None]:
    """The deadlines that follow from a case's remedies, by clock."""
    case = outcome.worst.case
    remedies = [line.remedy for line in outcome.lines]
    remedies = remedies or [r.name for r in case.terms.remedies.values() if r.commitment == case.commitment.name]
    happened = happened_in(case, outcome.worst.down, outcome.worst.time, outcome.worst.figure)
    return {d.clock: d.late_from for d in deadlines(case, [*remedies, case.commitment.name], happened)}


def _difference(now: Sequence[Line], then: Sequence[Line]) -> str:
    """The change in the credit's money; empty where an amount is unstated, since then there is none to compare."""
    if any(line.unstated for line in (*now, *then)):
        return ""
    a, b = total(now), total(then)
    less, more = (m.minor if m else Fraction() for m in (a, b))
    if less == more:
        return ""
    change = Money(abs(more - less), a.currency if a else b.currency if b else "")
    return f"{'+' if more > less else '-'}{change}"
