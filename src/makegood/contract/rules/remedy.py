"""`remedy`: what follows from a miss, a count or an event: a credit, a charge, a right or a duty."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from fractions import Fraction
from typing import Any

from makegood.contract import values
from makegood.contract.expressions import AMOUNT
from makegood.contract.nodes import Keyed
from makegood.contract.rules.amount_units import counted_by
from makegood.contract.shape import Fields, Key, Report, mapped, mapping_of, one_of, optional
from makegood.model.expression import Expression, Unit, Unlike, names_in
from makegood.model.money import Rounding
from makegood.model.terms import (
    Commitment,
    CountRule,
    MeasureRule,
    RemedyEach,
    RemedyForm,
    RemedyRule,
    ScaleRule,
    StandingAt,
    Strength,
)
from makegood.model.threshold import Threshold

_COUNTED = Key("of", optional(values.NAME), "the count", like="credit-days")
_IS = Key("is", optional(values.ITEMS), "the number beyond which it follows, with its side")
COUNT_TABLE: tuple[Key[Any], ...] = (_COUNTED, _IS)


def _counted(node: Keyed, report: Report) -> tuple[str, Threshold[Fraction]] | None:
    fields = Fields(node, COUNT_TABLE, report, "the count of a remedy")
    of, beyond = fields.get(_COUNTED), fields.get(_IS)
    return None if of is None or beyond is None else (of, beyond)


FORM = Key("form", mapped(one_of(*(f.value for f in RemedyForm)), RemedyForm), "credit, charge, right or duty")
MISSED = Key("when missed", values.NAME, "the commitment whose miss it follows", "")
COUNTED: Key[tuple[str, Threshold[Fraction]] | None] = Key(
    "when count",
    optional(mapping_of("a count and a number", "{of: credit-days, is: more than 15 days}", _counted, COUNT_TABLE)),
    "the count that it follows",
    None,
)
UPON = Key(
    "upon",
    values.WORDS,
    "the event that a duty or right follows, in words",
    "",
    like="a request for the monthly report",
)
AMOUNT_KEY: Key[Expression | None] = Key("amount", optional(AMOUNT), "how much, as arithmetic over rules", None)
UNIT = Key("in", mapped(one_of("money", "days", "points"), Unit), "what the amount counts", Unit.MONEY)
WORTH: Key[Expression | None] = Key(
    "a day is worth", optional(AMOUNT), "the money of one day of credit", None, like="renewal-day"
)
POINT_WORTH: Key[Expression | None] = Key(
    "a point is worth", optional(AMOUNT), "the money of one point", None, like="10.00 USD"
)
EACH = Key(
    "for each",
    mapped(one_of(*(e.value for e in RemedyEach)), RemedyEach),
    "what the amount is given for each of: the period, a date with downtime, or an outage",
    RemedyEach.PERIOD,
)
TESTED = Key(
    "standing is tested",
    mapped(one_of(*(s.value for s in StandingAt)), StandingAt),
    "when the order's standing is looked at",
    StandingAt.STATEMENT,
)
ROUNDING = Key("rounded", mapped(one_of(*(r.value for r in Rounding)), Rounding), "to minor units", Rounding.HALF_UP)
STANDING = Key(
    "not while",
    values.WORD_LIST,
    "standings of the order in which nothing is due, such as overdue",
    (),
    like="[overdue]",
)
PAID = Key("paid", values.WORDS, "how it is paid", "", like="against a later invoice")
DOES = Key(
    "does",
    values.WORD_LIST,
    "what the holder may do, or who owes it does",
    (),
    like="[give the relevant monitoring data]",
)
WHO = Key("who", one_of("provider", "customer", "both"), "who owes the duty or holds the right", "provider")
AUTOMATIC = Key("automatic", values.YES_NO, "whether it is paid without a claim", False)
STRENGTH = Key("strength", values.STRENGTH, "the force of a duty", Strength.PROMISE)
TABLE: tuple[Key[Any], ...] = (
    *(FORM, MISSED, COUNTED, UPON, AMOUNT_KEY, UNIT, EACH, WORTH, POINT_WORTH, ROUNDING),
    *(STANDING, TESTED, PAID, DOES, WHO, AUTOMATIC, STRENGTH),
)


def check_fit(rule: RemedyRule, rules: Mapping[str, Any], node: Keyed, report: Report) -> None:
    """Report an amount that cannot be worked out, or that rests on itself: by a count of its own credits, or of those
    of others that count it."""
    _check_unit(rule, rules, node, report)
    seen, names = set[str](), list(_asked(rule, rules))
    while names:
        name = names.pop()
        if name == rule.name:
            at = node.get(AMOUNT_KEY.name) or node
            what, why = f"the amount of `{rule.name}` rests on itself", "a count that it reads counts what it gives"
            report.error("amount-circle", at.place, what, why, "count the misses of a commitment instead")
            return
        if name not in seen:
            seen.add(name)
            other = rules.get(name)
            names += _asked(other, rules) if isinstance(other, RemedyRule) else []


def _check_unit(rule: RemedyRule, rules: Mapping[str, Any], node: Keyed, report: Report) -> None:
    """Report an amount that counts something else than the remedy gives."""
    if rule.amount is None:
        return
    at = node.get(AMOUNT_KEY.name) or node
    try:
        unit = counted_by(rule.amount, rule.commitment, rules)
    except Unlike as unlike:
        why = "money, time, days and points are multiplied and divided by pure numbers only"
        hint = "divide one length of time by another first, as in `(downtime / 1 h) x hourly-fee`"
        report.error("unlike-amounts", at.place, f"the amount of `{rule.name}` {unlike}", why, hint)
        return
    if unit is not None and unit is not rule.unit:
        what = f"the amount of `{rule.name}` counts {unit.value}, and the remedy gives {rule.unit.value}"
        hint = "multiply it by fees, or say what it is in, as in `in: days`"
        report.error("wrong-unit", at.place, what, "nothing could be credited", hint)


def _asked(rule: RemedyRule, rules: Mapping[str, Any]) -> Iterator[str]:
    """The remedies that the counts in an amount count: its own, and those of the commitments that it reads."""
    read = names_in(rule.amount) if rule.amount is not None else set()
    for name in {*read, rule.commitment}:
        found = rules.get(name)
        tables = 0
        while isinstance(found, ScaleRule) and found.of and tables < len(rules):
            found, tables = rules.get(found.of), tables + 1
        found = rules.get(found.measure) if isinstance(found, Commitment) else found
        found = rules.get(found.of) if isinstance(found, MeasureRule) else found
        if isinstance(found, CountRule):
            yield from found.of


def read(name: str, node: Keyed, report: Report) -> RemedyRule:
    """The rule; exactly one trigger must be written."""
    fields = Fields(node, TABLE, report, "a remedy")
    triggers = [k.name for k in (MISSED, COUNTED, UPON) if fields.has(k)]
    if len(triggers) != 1:
        found = "none" if not triggers else " and ".join(f"`{t}`" for t in triggers)
        report.error(
            "one-trigger",
            node.place,
            f"a remedy has one trigger, this has {found}",
            "what is owed follows from one thing: a miss, a count or an event",
            "write `when missed: NAME`, or split it into two remedies",
        )
    counted = fields.get(COUNTED)
    form = fields.get(FORM)
    if form in (RemedyForm.CREDIT, RemedyForm.CHARGE) and not fields.has(AMOUNT_KEY):
        report.error("missing-key", node.place, f"a {form.value} needs an `amount`", "", "write `amount: 10 % x fees`")
    if form in (RemedyForm.CREDIT, RemedyForm.CHARGE) and len(triggers) == 1 and not fields.has(MISSED):
        what, why = f"a {form.value} follows from a miss, and this from `{triggers[0]}`", "nothing would pay it"
        hint = "measure the count (`is: count`, `of:` its name), promise a number of it, and write `when missed`"
        report.error("no-miss", node.place, what, why, hint)
    return RemedyRule(
        name,
        report.clause,
        form,
        fields.get(MISSED),
        counted[0] if counted else "",
        counted[1] if counted else None,
        fields.get(AMOUNT_KEY),
        fields.get(UNIT),
        fields.get(POINT_WORTH if fields.get(UNIT) is Unit.POINTS else WORTH),
        fields.get(ROUNDING),
        fields.get(STANDING),
        fields.get(TESTED),
        fields.get(PAID),
        fields.get(DOES),
        fields.get(WHO),
        fields.get(UPON),
        fields.get(AUTOMATIC),
        fields.get(STRENGTH),
        fields.get(EACH),
    )
