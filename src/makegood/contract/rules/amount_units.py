"""What the amount of a remedy counts, worked out from the rules that it names, before anything is judged."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from makegood.model.expression import Expression, Literal, Name, Operation, Operator, Unit, unit_of
from makegood.model.terms import BasisRule, Commitment, CountRule, Counts, MeasureRule, RemedyRule, ScaleRule

_OF_COUNTS = {Counts.SHARE: Unit.SHARE, Counts.TIME: Unit.TIME, Counts.NUMBER: Unit.ITEMS, Counts.MONEY: Unit.MONEY}
_BUILT_IN = {
    **dict.fromkeys(("downtime", "covered-time", "allowed-downtime", "excess-downtime"), Unit.TIME),
    "outages": Unit.ITEMS,
}
_OF_FIGURE = ("availability", "figure", "target", "shortfall")


def counted_by(expression: Expression, commitment: str, rules: Mapping[str, Any]) -> Unit | None:
    """The unit of an amount for a miss of a commitment; None where a name leaves it open, or it is a comparison.

    Raises Unlike for an operation that can never be worked out.
    """
    match expression:
        case Literal(unit=unit):
            return unit
        case Name(name):
            return _named(name, commitment, rules)
        case Operation(operator, operands):
            units = [counted_by(operand, commitment, rules) for operand in operands]
            if operator is Operator.IF:
                units = units[1:]
            known = [unit for unit in units if unit is not None]
            return unit_of(operator, known) if len(known) == len(units) else None


def _named(name: str, commitment: str, rules: Mapping[str, Any]) -> Unit | None:
    if name in _BUILT_IN:
        return _BUILT_IN[name]
    found = rules.get(commitment if name in _OF_FIGURE else name)
    match found:
        case ScaleRule():
            return found.unit
        case BasisRule():
            return Unit.MONEY
        case CountRule():
            return _of_count(found, rules)
        case Commitment():
            measure = rules.get(found.measure)
            return _OF_COUNTS[measure.counts] if isinstance(measure, MeasureRule) else None
        case _:
            return Unit.ITEMS if found is None else None


def _of_count(rule: CountRule, rules: Mapping[str, Any]) -> Unit | None:
    """A count of credits in points counts points; one that may be of either leaves it open."""
    remedies = [rules.get(name) for name in rule.of]
    points = [isinstance(r, RemedyRule) and r.unit is Unit.POINTS for r in remedies]
    if any(points):
        return Unit.POINTS if all(points) else None
    return Unit.ITEMS
