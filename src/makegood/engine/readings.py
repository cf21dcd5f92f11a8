"""Readings priced: the same case under each alternative, and what that changes (DESIGN 3.10)."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction

from makegood.calendar.period import NoSuchPeriod, period_holding
from makegood.engine.chain import Key, cases_of, run_chain
from makegood.engine.clock.deadlines import deadlines
from makegood.engine.judge.case import Case
from makegood.engine.owed import between, total
from makegood.engine.verdicts import overall
from makegood.model.money import Money
from makegood.model.statement import Line, Price, PricedReading, RunName, Verdict
from makegood.model.terms import Variant


def outcome(case: Case) -> tuple[Verdict, str, tuple[Line, ...], Case]:
    """Verdict, amount and unfavourable lines of a case whose whole order-period is judged again."""
    key: Key = (case.commitment.name, case.subject)
    cases = cases_of(case.world, case.terms, case.period.label)
    best, worst = (run_chain(cases, run)[key] for run in (RunName.FAVOURABLE, RunName.UNFAVOURABLE))
    verdict = overall(best.figure.verdict, worst.figure.verdict)
    return verdict, between(best.lines, worst.lines), worst.lines, worst.case


def priced(case: Case, variants: Sequence[Variant]) -> tuple[PricedReading, ...]:
    """Every reading that was used, with what each of its alternatives would make of this case."""
    verdict, amount, lines, _ = outcome(case)
    due = {d.clock: d.late_from for d in deadlines(case, _remedies(case, lines))}
    found: list[PricedReading] = []
    for choice in case.terms.choices:
        prices = []
        for variant in variants:
            if variant.choice.id != choice.id:
                continue
            other = _same_case(case, variant)
            if other is None:
                prices.append(
                    Price(variant.text, Verdict.NOT_APPLICABLE, "none", "", verdict is not Verdict.NOT_APPLICABLE)
                )
                continue
            then, owes, its_lines, its_case = outcome(other)
            later = {d.clock: d.late_from for d in deadlines(its_case, _remedies(its_case, its_lines))}
            owing = Verdict.MET not in (verdict, then) and Verdict.RECORDED not in (verdict, then)
            moved = {clock: at for clock, at in later.items() if owing and clock in due and due[clock] != at}
            changes = then is not verdict or owes != amount or bool(moved)
            prices.append(Price(variant.text, then, owes, _difference(lines, its_lines), changes, moved or None))
        found.append(PricedReading(choice, tuple(prices)))
    return tuple(sorted(found, key=lambda r: not r.matters))


def _remedies(case: Case, lines: Sequence[Line]) -> list[str]:
    return [line.remedy for line in lines] or [
        r.name for r in case.terms.remedies.values() if r.commitment == case.commitment.name
    ]


def _same_case(case: Case, variant: Variant) -> Case | None:
    commitment = variant.terms.commitments.get(case.commitment.name)
    if commitment is None:
        return None
    try:
        cases = cases_of(case.world, variant.terms, case.period.label)
    except NoSuchPeriod:
        other = period_holding(variant.terms.periods[commitment.period], case.span.start)
        cases = cases_of(case.world, variant.terms, other.label)
    return next((c for c in cases if (c.commitment.name, c.subject) == (commitment.name, case.subject)), None)


def _difference(now: Sequence[Line], then: Sequence[Line]) -> str:
    if any(line.unstated for line in (*now, *then)):
        return ""
    a, b = total(now), total(then)
    if a is None and b is None:
        return ""
    least, most = (m.minor if m else Fraction() for m in (a, b))
    if least == most:
        return ""
    change = Money(abs(most - least), a.currency if a else b.currency if b else "")
    return f"{'+' if most > least else '-'}{change}"
