"""Limits on credits: rows that can never be paid in full, and limits that can never cut anything."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction

from makegood.contract.lint.ground import Situation, amount_words, example_words
from makegood.contract.lint.money import Part, largest, part_of
from makegood.contract.lint.tiers.table import tables
from makegood.model.expression import Unit
from makegood.model.problem import Problem, note, warning
from makegood.model.terms import BasisRule, Each, FeesOf, FeesWhen, LimitRule, RemedyRule, Terms


def limit_findings(situation: Situation) -> Iterator[Problem]:
    """Every finding about the limits of one situation."""
    terms = situation.terms
    for limit in terms.limits:
        most = part_of(limit.most, terms)
        remedies = [terms.remedies[n] for n in limit.on if n in terms.remedies]
        if most is None or most.scale or not remedies:
            continue
        for remedy in remedies:
            yield from _unpayable(situation, limit, most, remedy)
        yield from _never_binding(situation, limit, most, remedies)


def _same_money(paid: Part, most: Part, terms: Terms) -> bool:
    """Whether two parts are shares of the same fees, or plain amounts of one unit and currency."""
    if paid.basis and most.basis:
        one, other = terms.bases[paid.basis], terms.bases[most.basis]
        return (one.fees, one.when) == (other.fees, other.when)
    return not paid.basis and not most.basis and paid.unit is most.unit and paid.currency == most.currency


def _unpayable(situation: Situation, limit: LimitRule, most: Part, remedy: RemedyRule) -> Iterator[Problem]:
    terms = situation.terms
    paid = part_of(remedy.amount, terms)
    if paid is None or not paid.scale or not _same_money(paid, most, terms):
        return
    for table in tables(situation):
        if table.scale.name != paid.scale or table.remedy is not remedy:
            continue
        for row, tier in enumerate(table.scale.tiers):
            amount = tier.amount
            if not isinstance(amount, Fraction) or tier.step is not None or amount * paid.factor <= most.factor:
                continue
            unit = Unit.SHARE if paid.basis else paid.unit
            full, cap = amount * paid.factor, most.factor
            what = (
                f"the row {table.says(row)} is never paid in full: `{limit.name}` allows at most "
                f"{amount_words(cap, unit, paid.currency)}"
            )
            money = example_words((full - cap,), unit)
            why = f"{money} that the row promises are cut" if money else "what the row promises beyond it is cut"
            hint = f"raise the limit, or write {amount_words(cap / paid.factor, unit, paid.currency)} in the row"
            yield warning("tier-never-paid", table.place(row, "gives"), what, why, hint)


def _never_binding(situation: Situation, limit: LimitRule, most: Part, remedies: list[RemedyRule]) -> Iterator[Problem]:
    """A limit that the largest credits together do not pass, for they are smaller shares of no more money."""
    terms = situation.terms
    if not most.basis or not limit.over.period:
        return
    total = Fraction(0)
    for remedy in remedies:
        paid, commitment = part_of(remedy.amount, terms), terms.commitments.get(remedy.commitment)
        if paid is None or not paid.basis or commitment is None or commitment.period != limit.over.period:
            return
        if not _adds_up_within(commitment.scope.each, terms.bases[paid.basis], terms.bases[most.basis]):
            return
        most_paid = largest(paid, terms)
        if most_paid is None:
            return
        total += most_paid
    if total > most.factor:
        return
    what = f"`{limit.name}` can never cut a credit"
    why = (
        f"the credits of a service are at most {amount_words(total, Unit.SHARE)} of its own fees, so that all of them "
        f"together are at most {amount_words(total, Unit.SHARE)} of all fees, and the limit is "
        f"{amount_words(most.factor, Unit.SHARE)} of these"
    )
    hint = "make sure that it is meant to limit by all fees, and not by those of the affected service"
    yield note("limit-never-cuts", situation.place(limit.name, "most"), what, why, hint)


def _adds_up_within(each: Each, paid: BasisRule, most: BasisRule) -> bool:
    """Whether the fees paid from, one statement after another, come to no more than the fees of the limit."""
    same_time = paid.when is most.when is FeesWhen.PERIOD
    once_each = each is Each.SERVICE and paid.fees is FeesOf.SUBJECT
    return same_time and once_each and most.fees is FeesOf.ORDER
