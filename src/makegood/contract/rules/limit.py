"""`limit`: the most or least of something over time, instances or money, and what becomes of the rest; or one of
several credits."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from fractions import Fraction
from typing import Any

from makegood.contract import values
from makegood.contract.expressions import AMOUNT, expression
from makegood.contract.nodes import Keyed
from makegood.contract.rules.spans_of import SPAN_OF
from makegood.contract.shape import Fields, Key, Report, from_words, mapped, one_of, optional
from makegood.contract.wrong import Wrong
from makegood.model.expression import Expression, Literal, Name, Operation, Unit
from makegood.model.problem import Place
from makegood.model.terms import Excess, ExcludeRule, LimitEach, LimitRule, Over, Picked, RemedyRule

ON = Key("on", values.NAMES, "the rules whose items or amounts are limited", like="uptime-credit")
UNLIMITED = Name("unlimited")
MOST: Key[Expression | None] = Key(
    "most",
    optional(AMOUNT),
    "the most: `5 instances`, `4 h`, `50 % x month-fees`, or `unlimited`",
    None,
    like="50 % x month-fees",
)
MORE_THAN = "more than "


def _least(text: str) -> tuple[Expression, bool] | Wrong:
    """An amount, and whether it must be exceeded: `1.00 USD`, `more than 1.00 USD`."""
    found = expression(text.removeprefix(MORE_THAN))
    return found if isinstance(found, Wrong) else (found, text.startswith(MORE_THAN))


LEAST: Key[tuple[Expression, bool] | None] = Key(
    "least",
    optional(from_words("an amount, or `more than` an amount", "1.00 USD", _least)),
    "the least that is credited at all, or what must be exceeded for it: `more than 1.00 USD`",
    None,
    like="1.00 USD",
)
BELOW = Key(
    "below the least",
    mapped(one_of(Excess.LOST.value, Excess.HELD.value), Excess),
    "what becomes of less: it is lost, or held until there is enough",
    Excess.LOST,
)
PICKED: Key[Picked | None] = Key(
    "one of them",
    optional(mapped(one_of(*(p.value for p in Picked)), Picked)),
    "which one of the credits counts, where they do not add up",
    None,
)
CHOOSER = Key("chosen by", one_of("provider", "customer"), "who may choose another one of them", "")
OVER: Key[Over | None] = Key(
    "over", optional(SPAN_OF), "the span of the limit; the judged period where not written", None, like="month"
)
IN = Key("in", values.NAME, "the calendar whose dates a span of days counts", "", like="eastern")
EXCESS = Key(
    "excess",
    mapped(one_of(*(e.value for e in (Excess.LOST, Excess.CARRIED, Excess.REFUSED))), Excess),
    "what becomes of more: it is lost, carried to the next period, or the whole item is refused",
    Excess.LOST,
)
EACH = Key(
    "for each",
    optional(mapped(one_of(*(e.value for e in LimitEach)), LimitEach)),
    "what a limit on credits is for each of; where not written, the fees that it reads decide",
    None,
)
TABLE: tuple[Key[Any], ...] = (ON, MOST, LEAST, OVER, IN, EXCESS, BELOW, EACH, PICKED, CHOOSER)


def unit_of(expression: Expression) -> Unit:
    """What an amount counts, as far as its literals say; names of bases are money."""
    match expression:
        case Literal(unit=unit):
            return unit
        case Operation(operands=operands):
            units = {unit_of(o) for o in operands} - {Unit.SHARE}
            return units.pop() if len(units) == 1 else Unit.MONEY
        case _:
            return Unit.MONEY


def _check(most: Expression, unit: Unit, over: Over, node: Keyed, report: Report) -> None:
    at = node.get(MOST.name) or node
    if unit in (Unit.ITEMS, Unit.TIME) and not isinstance(most, Literal):
        what = "a limit of time or of a number is one number"
        report.error("not-a-number", at.place, what, "it is used up item by item", "write for example `most: 4 h`")
    if unit is Unit.SHARE and most != UNLIMITED:
        what = "a limit that is a share does not say of what"
        report.error("share-of-what", at.place, what, "", "write for example `most: 50 % x month-fees`")
    if unit is Unit.TIME and not over.longer:
        what = "a limit of time does not say over which span"
        report.error("missing-key", node.place, what, "", "write `over: month`, or `over: any 30 days`")
    if isinstance(most, Literal) and most.value.denominator != 1 and unit is Unit.ITEMS:
        report.error("not-whole", at.place, "a number of items is whole", "", "write for example `5 instances`")


def check_fit(rule: LimitRule, rules: Mapping[str, Any], at: Place, report: Report) -> None:
    """Report a limit that could never cut what it is on: downtime has time and items, credits have money or days."""
    if rule.most == UNLIMITED and rule.least is None:
        return
    of_downtime = rule.unit in (Unit.ITEMS, Unit.TIME)
    for named in (rules[name] for name in rule.on if name in rules):
        if isinstance(named, ExcludeRule) and not of_downtime:
            what, hint = "excuses downtime", "write for example `5 instances`, or `4 h`"
        elif isinstance(named, RemedyRule) and named.amount is not None and of_downtime:
            what, hint = "gives money or days", "write for example `50 % x month-fees`, or `15 days`"
        else:
            continue
        what = f"`{named.name}` {what}, and `{rule.name}` limits {rule.unit.value}"
        report.error("wrong-unit", at, what, "it could never cut anything", hint)


def read(name: str, node: Keyed, report: Report) -> LimitRule:
    """The rule; its zone still holds the calendar's name, which linking replaces."""
    fields = Fields(node, TABLE, report, "a limit")
    most, picked = fields.get(MOST), fields.get(PICKED)
    least, exceeded = fields.get(LEAST) or (None, False)
    over = fields.get(OVER) or Over()
    if not any(fields.has(key) for key in (MOST, LEAST, PICKED)):
        what = "a limit says none of `most`, `least` and `one of them`"
        report.error("missing-key", node.place, what, "it would limit nothing", f"write `most: {MOST.example}`")
    unit = unit_of(most if most is not None and most != UNLIMITED else least or Literal(Fraction(), Unit.MONEY))
    if most is not None:
        _check(most, unit, over, node, report)
    return LimitRule(
        name,
        report.clause,
        fields.get(ON),
        most or UNLIMITED,
        unit,
        replace(over, zone=fields.get(IN)),
        fields.get(EXCESS),
        fields.get(EACH),
        least,
        fields.get(BELOW),
        picked,
        fields.get(CHOOSER),
        exceeded,
    )
