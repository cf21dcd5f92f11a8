"""An amount worked out: closed arithmetic over scales, bases and figures, built as a trace (DESIGN 2)."""

from __future__ import annotations

import re
from dataclasses import dataclass
from fractions import Fraction

from makegood.calendar.wording import duration_words
from makegood.engine.judge.case import Case
from makegood.engine.judge.figures import Figure, is_ceiling
from makegood.engine.remedy.counting import counted
from makegood.engine.remedy.fees import FeesUnknown, basis_node
from makegood.engine.remedy.reach import Reach
from makegood.model.expression import Expression, Literal, Name, Operation, Operator, Unit, Unlike, unit_of
from makegood.model.money import Money
from makegood.model.terms import Before, Clause, Counts, Nesting, ScaleRule, Tier, Unstated
from makegood.model.threshold import Threshold
from makegood.model.trace import Kind, Node, Op, derive, leaf, write_ranges

_KINDS = {
    Unit.SHARE: Kind.SHARE,
    Unit.MONEY: Kind.MONEY,
    Unit.DAYS: Kind.DAYS,
    Unit.TIME: Kind.TIME,
    Unit.ITEMS: Kind.ITEMS,
    Unit.POINTS: Kind.POINTS,
}
_OPERATIONS = {
    Operator.ADD: Op.SUM,
    Operator.SUM: Op.SUM,
    Operator.SUBTRACT: Op.SUBTRACT,
    Operator.MULTIPLY: Op.MULTIPLY,
    Operator.DIVIDE: Op.DIVIDE,
    Operator.LEAST: Op.LEAST,
    Operator.GREATEST: Op.GREATEST,
    Operator.IF: Op.IF,
    Operator.BELOW: Op.BELOW,
    Operator.AT_LEAST: Op.AT_LEAST,
}


def _literal_words(value: Fraction, unit: Unit, currency: str) -> str:
    match unit:
        case Unit.SHARE:
            return f"{value * 100} %"
        case Unit.MONEY:
            return str(Money(value, currency))
        case Unit.TIME:
            return duration_words(value)
        case Unit.DAYS | Unit.ITEMS | Unit.POINTS:
            return f"{value} {unit.value}"


class Missing(Exception):
    """An amount needs what the agreement or the order does not say: `what` names it, and the clause if there is one."""

    def __init__(self, what: str, clause: Clause | None = None) -> None:
        super().__init__(what)
        self.what, self.clause = what, clause


@dataclass(frozen=True, eq=False)
class Setting:
    """Where an amount is worked out: the case, its figure (None for a limit that reads none), and what it may look at
    beyond them. `part` is the down time of the one outage or date that an amount is for, and `units` how many there
    are."""

    case: Case
    figure: Figure | None
    reach: Reach
    part: Node | None = None
    units: int | None = None


def amount_node(expression: Expression, setting: Setting) -> Node:
    """The amount as a node. Raises Missing where a row, a fee or a figure that it needs is not stated."""
    match expression:
        case Literal(value, unit, currency):
            return leaf(Op.RULE, "as the agreement says", _KINDS[unit], value, None, (), currency)
        case Name(name):
            return _named(name, setting)
        case Operation(Operator.IF, operands):
            return _if(expression, operands, setting)
        case Operation(operator, operands):
            return _combined(operator, in_words(expression), [amount_node(o, setting) for o in operands])


def _if(expression: Expression, operands: tuple[Expression, ...], setting: Setting) -> Node:
    """Only the branch that is taken is worked out: what the other one lacks spoils nothing."""
    condition = amount_node(operands[0], setting)
    if condition.kind is not Kind.TRUTH:
        raise Missing("the condition of an `if` is no comparison")
    taken = amount_node(operands[1] if condition.value is True else operands[2], setting)
    unasked = leaf(Op.FINDING, "not asked", taken.kind, None)
    branches = (taken, unasked) if condition.value is True else (unasked, taken)
    return derive(Op.IF, in_words(expression), taken.kind, [condition, *branches], currency=taken.currency)


def _combined(operator: Operator, says: str, nodes: list[Node]) -> Node:
    kind, currency = _kind(operator, nodes)
    try:
        return derive(_OPERATIONS[operator], says, kind, nodes, currency=currency)
    except ZeroDivisionError:
        raise Missing("an amount divides by nothing") from None


def in_words(expression: Expression) -> str:
    """The amount as a reader writes it: `uptime credits × service fees`."""
    match expression:
        case Literal(value, unit, currency):
            return _literal_words(value, unit, currency)
        case Name(name):
            return name.replace("-", " ")
        case Operation(operator, operands):
            words = [in_words(o) for o in operands]
            signs = {Operator.MULTIPLY: "×", Operator.DIVIDE: "÷"}
            if operator in (Operator.LEAST, Operator.GREATEST, Operator.SUM, Operator.IF):
                return f"{operator.value} of {', '.join(words)}"
            return f" {signs.get(operator, operator.value)} ".join(words)


def _kind(operator: Operator, nodes: list[Node]) -> tuple[Kind, str]:
    """What an operation on such operands counts. Raises Missing for a sum of unlike things and the like."""
    kinds = [n.kind for n in nodes]
    if Kind.TRUTH in kinds:
        raise Missing("an amount reckons with a comparison")
    currencies = {n.currency for n in nodes if n.kind is Kind.MONEY}
    if len(currencies) > 1:
        raise Missing(f"an amount mixes {' and '.join(sorted(currencies))}")
    currency = next(iter(currencies), "")
    try:
        unit = unit_of(operator, [Unit(kind.value) for kind in kinds])
    except Unlike as unlike:
        raise Missing(f"an amount {unlike}") from None
    if unit is None:
        return Kind.TRUTH, ""
    return _KINDS[unit], currency if unit is Unit.MONEY else ""


def _named(name: str, setting: Setting) -> Node:
    case, figure = setting.case, setting.figure
    terms = case.terms
    if name in terms.bases:
        try:
            needs = terms.bases[name].before is Before.OUTAGE
            return basis_node(terms.bases[name], case, setting.reach.first_outage(case) if needs else None)
        except FeesUnknown as unknown:
            raise Missing(str(unknown), terms.bases[name].clause) from None
    if name in terms.numbers:
        return _number(name, case)
    if name in terms.counts:
        return counted(terms.counts[name], case, setting.reach)
    if name in terms.commitments and name != case.commitment.name:
        return _of_another(name, setting)
    if name in terms.scales and terms.scales[name].of:
        scale = terms.scales[name]
        return row_node(scale, _fitting(scale, _named(scale.of, setting)))
    if figure is None or figure.ratio is None:
        raise Missing(f"`{name}` needs a figure, and there is none")
    if name in terms.scales:
        return row_node(terms.scales[name], _fitting(terms.scales[name], figure.ratio))
    if name in ("availability", "figure", case.commitment.name):
        return figure.ratio
    return _of_figure(name, setting, figure, figure.ratio)


def _of_figure(name: str, setting: Setting, figure: Figure, value: Node) -> Node:
    """A figure of the statement at hand that goes by a name of its own."""
    case, target = setting.case, setting.case.commitment.target
    down = setting.part or figure.down
    if name == "downtime":
        return down
    if name == "covered-time":
        return figure.denominator
    if name == "outages" and setting.units is not None:
        return leaf(Op.FINDING, "outages that count", Kind.ITEMS, Fraction(setting.units))
    if not isinstance(target, Threshold):
        raise Missing(f"`{name}` needs a target, and there is none that is a number", case.commitment.clause)
    goal = leaf(Op.RULE, "the target", value.kind, Fraction(target.edge), case.commitment.clause)
    if name == "target":
        return goal
    if name == "shortfall":
        less = [value, goal] if is_ceiling(case) else [goal, value]
        return derive(Op.SUBTRACT, "how far the target was missed", value.kind, less)
    if name in ("allowed-downtime", "excess-downtime") and value.kind is Kind.SHARE:
        one = leaf(Op.RULE, "all of it", Kind.SHARE, Fraction(1))
        share = derive(Op.SUBTRACT, "the share that may be missing", Kind.SHARE, [one, goal])
        allowed = derive(Op.MULTIPLY, "down time that the target allows", Kind.TIME, [figure.denominator, share])
        if name == "allowed-downtime":
            return allowed
        over = derive(Op.SUBTRACT, "down time beyond what is allowed", Kind.TIME, [down, allowed])
        none = leaf(Op.RULE, "nothing", Kind.TIME, Fraction())
        return derive(Op.GREATEST, "down time beyond what is allowed, at least none", Kind.TIME, [over, none])
    raise Missing(f"`{name}` is not known here", case.commitment.clause)


def _number(name: str, case: Case) -> Node:
    """A number that the order says: of the services of the subject, added up, or else of the order itself.

    What is said of a whole holds once for all its parts that say nothing themselves.
    """
    day, order = case.period.first, case.world.order
    asked = {s.name if s.fact(name, day) else s.part_of or s.name for s in case.services}
    said = [(s.name, s.fact(name, day)) for s in order.services if s.name in asked]
    said = [(who, words) for who, words in said if words] or [("the order", order.fact(name, day))]
    parts = []
    for who, words in said:
        if not re.fullmatch(r"[0-9][0-9,]*(\.[0-9]+)?", words):
            raise Missing(f"the order does not say `{name}`" if not words else f"`{name}` of the order is no number")
        value = Fraction(words.replace(",", ""))
        parts.append(leaf(Op.FACT, f"{name} of {who}", Kind.ITEMS, value, None, (f"order: {name}",)))
    return parts[0] if len(parts) == 1 else derive(Op.SUM, f"{name} of all", Kind.ITEMS, parts)


def _of_another(name: str, setting: Setting) -> Node:
    """The figure of another commitment for the same subject, in its period that ends this one."""
    case = setting.reach.sibling(setting.case, name)
    node = None if case is None else setting.reach.figure_of(case)
    if node is None:
        raise Missing(f"`{name}` has no figure for {setting.case.subject}", setting.case.commitment.clause)
    return node


_COUNTED_AS = {Counts.SHARE: (Kind.SHARE,), Counts.TIME: (Kind.TIME,), Counts.MONEY: (Kind.MONEY,)}


def _fitting(scale: ScaleRule, value: Node) -> Node:
    """The value that a table looks up. Raises Missing where its rows count something else."""
    if value.kind in _COUNTED_AS.get(scale.counts, (Kind.ITEMS, Kind.DAYS, Kind.POINTS)):
        return value
    raise Missing(
        f"the table `{scale.name}` is about {scale.counts.value}, and this is {value.kind.value}", scale.clause
    )


def row_node(scale: ScaleRule, value: Node) -> Node:
    """What the table gives for a value. Raises Missing where no row holds, two do, or what counts is unstated."""
    assert isinstance(value.value, Fraction)
    if scale.nesting is Nesting.PARTS:
        return _by_parts(scale, value, value.value)
    held = [t for t in scale.tiers if t.range.holds(value.value)]
    if not held:
        raise Missing("no row of the table holds this value", scale.clause)
    counting = held
    if scale.nesting is Nesting.DEEPEST:
        deepest = min(t.range.depth for t in held)
        counting = [t for t in held if t.range.depth == deepest]
        if len(counting) > 1:
            raise Missing("two rows of the table hold this value", scale.clause)
    for tier in counting:
        if isinstance(tier.amount, Unstated):
            raise Missing(tier.amount.what, tier.amount.clause)
    kind = _KINDS[scale.unit]
    rows = [_row(t, kind, scale, value) if t in held else _given(t, kind, scale) for t in scale.tiers]
    argument = f"{scale.nesting.value}|{write_ranges([t.range for t in scale.tiers])}"
    says = scale.name.replace("-", " ")
    return derive(Op.LOOKUP, says, kind, [value, *rows], scale.clause, argument=argument, currency=scale.currency)


def _given(tier: Tier, kind: Kind, scale: ScaleRule) -> Node:
    amount = None if isinstance(tier.amount, Unstated) else tier.amount
    return leaf(Op.RULE, tier.says, kind, amount, tier.clause, (), scale.currency)


def _row(tier: Tier, kind: Kind, scale: ScaleRule, value: Node) -> Node:
    """What a row gives: once, or as often as the value has steps."""
    once = _given(tier, kind, scale)
    if tier.step is None:
        return once
    return _stepped(once, tier, value, tier.step.beyond)


def _stepped(once: Node, tier: Tier, value: Node, beyond: Fraction | None) -> Node:
    assert tier.step is not None
    if beyond:
        edge = leaf(Op.RULE, "where the steps begin", value.kind, beyond, tier.clause)
        value = derive(Op.SUBTRACT, "what lies beyond it", value.kind, [value, edge], currency=value.currency)
    size = leaf(Op.RULE, "one step", value.kind, tier.step.size, tier.clause, (), value.currency)
    started = tier.step.started
    says = f"{'started' if started else 'complete'} steps"
    steps = derive(Op.STARTED if started else Op.COMPLETE, says, Kind.ITEMS, [value, size], tier.clause)
    return derive(
        Op.MULTIPLY, f"{tier.says}: for each step", once.kind, [once, steps], tier.clause, currency=once.currency
    )


def _by_parts(scale: ScaleRule, value: Node, exact: Fraction) -> Node:
    """Each row for the part of the value in it, added up. Raises Missing where a part's amount is unstated."""
    kind, parts = _KINDS[scale.unit], list[Node]()
    for tier in scale.tiers:
        low = tier.range.low or Fraction()
        if exact <= low:
            continue
        if isinstance(tier.amount, Unstated):
            raise Missing(tier.amount.what, tier.amount.clause)
        top = value
        if tier.range.high is not None:
            edge = leaf(Op.RULE, "where the row ends", value.kind, tier.range.high, tier.clause)
            top = derive(Op.LEAST, "as far as the row goes", value.kind, [value, edge], currency=value.currency)
        assert tier.step is not None
        beyond = low if tier.step.beyond is None else tier.step.beyond
        parts.append(_stepped(_given(tier, kind, scale), tier, top, beyond))
    return derive(Op.SUM, scale.name.replace("-", " "), kind, parts, scale.clause, currency=scale.currency)


def row_text(scale: ScaleRule, ratio: Fraction) -> str:
    """The rows that hold, as the agreement writes them."""
    return " and ".join(t.says for t in scale.tiers if t.range.holds(ratio))
