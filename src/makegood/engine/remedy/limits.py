"""Limits on credits: the most for each line, service or order, in a period or over several, innermost first.

What lies within a limit's span and was credited earlier counts against it; of several lines the last ones are cut.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from fractions import Fraction

from makegood.calendar.period import period_holding
from makegood.engine.judge.case import Case
from makegood.engine.remedy.amounts import Missing, Setting, amount_node
from makegood.engine.remedy.counting import dates_of
from makegood.engine.remedy.reach import Reach
from makegood.model.expression import Expression, Name, Unit, names_in
from makegood.model.money import Money
from makegood.model.statement import Line
from makegood.model.terms import Excess, FeesOf, LimitEach, LimitRule, Picked, Terms
from makegood.model.trace import Kind, Node, Op, derive, leaf
from makegood.model.when import Period

UNLIMITED: Expression = Name("unlimited")
_DEPTH = (LimitEach.CREDIT, LimitEach.SERVICE, LimitEach.ORDER)


@dataclass(frozen=True, eq=False)
class Placed:
    """A line and the case that it belongs to."""

    case: Case
    line: Line


def within_limits(lines: list[Placed], cases: Sequence[Case], reach: Reach) -> list[Placed]:
    """The lines, cut by every limit that concerns them: the narrowest scope first, then the shortest span.

    What earlier periods carried or held is added as lines of its own before the limit that did so.
    """
    terms = cases[0].terms
    limits = [limit for limit in terms.limits if limit.unit not in (Unit.ITEMS, Unit.TIME)]
    for limit in sorted(limits, key=lambda rule: (_DEPTH.index(scope_of(rule, terms)), _long(rule))):
        lines = lines + brought_forward(limit, cases, reach)
        for group in _groups(limit, lines, terms):
            cut = _within(limit, [lines[n] for n in group], reach)
            for n, placed in zip(group, cut, strict=True):
                lines[n] = placed
    return lines


def _within(limit: LimitRule, group: list[Placed], reach: Reach) -> list[Placed]:
    """One of several first, then the most and the least of what stays: both read the fees of the case that it is of."""
    if limit.picked is not None:
        group = _one_of(limit, group)
    due = [n for n, placed in enumerate(group) if not placed.line.withheld]
    stays = [group[n] for n in due]
    if stays and limit.most != UNLIMITED:
        stays = _cut_group(limit, stays, reach)
    if stays and limit.least is not None:
        stays = _at_least(limit, stays, reach)
    group = list(group)
    for n, placed in zip(due, stays, strict=True):
        group[n] = placed
    return group


def _one_of(limit: LimitRule, group: list[Placed]) -> list[Placed]:
    """Only one of the credits: the others are withheld, and the limit is named."""
    known = [n for n, p in enumerate(group) if p.line.node is not None and not p.line.withheld]
    if len(known) < 2:
        return group
    sizes = {n: (amount_of(group[n].line), -n) for n in known}
    best = known[0]
    if limit.picked is Picked.LARGEST:
        best = max(known, key=lambda n: sizes[n])
    elif limit.picked is Picked.SMALLEST:
        best = min(known, key=lambda n: (sizes[n][0], n))
    chosen = group[best].line
    why = f"{_named(limit)}: only {chosen.remedy.replace('-', ' ')} counts (clause {limit.clause})"
    return [
        p if n == best or n not in known else Placed(p.case, replace(p.line, withheld=why)) for n, p in enumerate(group)
    ]


def _at_least(limit: LimitRule, group: list[Placed], reach: Reach) -> list[Placed]:
    """The credits as they are, or nothing where all together come to less than the least."""
    due = [p for p in group if p.line.node is not None and not p.line.withheld]
    assert limit.least is not None
    try:
        least = amount_node(limit.least, Setting(group[0].case, None, reach))
        for placed in due:
            _alike(limit, placed, least)
    except Missing as missing:
        return _unknown(limit, group, missing)
    total = sum((amount_of(p.line) for p in due), Fraction())
    assert isinstance(least.value, Fraction)
    if not due or not _too_little(limit, total, least.value):
        return group
    held = limit.below is Excess.HELD
    waiting = next((p for p in due if p.line.part == FORWARD), due[0])
    why = _held_words(limit, due, total, least) if held else _lost_words(limit, least)
    return [
        p
        if p not in due
        else Placed(p.case, replace(p.line, withheld=why if p is waiting or not held else WITH_IT, held=held))
        for p in group
    ]


WITH_IT = "held together with what is left from earlier periods"


def _lost_words(limit: LimitRule, least: Node) -> str:
    """Why a credit that is too small is not given."""
    too_little = "no more than has to be exceeded" if limit.exceeded else "less than the least that is credited"
    return f"{_named(limit)}: {too_little}, {_in_words(least, least.value)}, and lost (clause {limit.clause})"


def _held_words(limit: LimitRule, due: Sequence[Placed], total: Fraction, least: Node) -> str:
    """What is held, since which period, and what it waits for: the statement of the first period that has enough."""
    before = any(p.line.part == FORWARD for p in due)
    since = "still held" if before else f"held since {due[0].case.period.label}"
    together = f", {_in_words(least, total)} together" if len(due) > 1 else ""
    enough = "more than" if limit.exceeded else "at least"
    return (
        f"{since}{together}: it is credited in the statement of the first period in which what is held comes to "
        f"{enough} {_in_words(least, least.value)} ({_named(limit)}, clause {limit.clause})"
    )


def _in_words(like: Node, amount: object) -> str:
    """An amount in what a node counts: money, days or points."""
    assert isinstance(amount, Fraction)
    if like.kind is Kind.MONEY:
        return str(Money(amount, like.currency))
    return f"{amount} {like.kind.value.removesuffix('s') if amount == 1 else like.kind.value}"


def _too_little(limit: LimitRule, total: Fraction, least: Fraction) -> bool:
    return total < least or (limit.exceeded and total == least)


def amount_of(line: Line) -> Fraction:
    """What a line comes to as it stands, in minor units, days or points."""
    value = line.node.value if line.node is not None else None
    return value if isinstance(value, Fraction) else Fraction()


def _unknown(limit: LimitRule, group: list[Placed], missing: Missing) -> list[Placed]:
    said = f"{_named(limit)}: {missing.what} (clause {limit.clause})"
    return [replace(p, line=replace(p.line, unstated=said, unstated_clause=limit.clause)) for p in group]


def scope_of(limit: LimitRule, terms: Terms) -> LimitEach:
    """What a limit is for each of: as written, else each service where it reads that service's fees, else the order."""
    if limit.each is not None:
        return limit.each
    bases = [terms.bases[name] for name in names_in(limit.most) if name in terms.bases]
    return LimitEach.SERVICE if any(b.fees is FeesOf.SUBJECT for b in bases) else LimitEach.ORDER


def _long(limit: LimitRule) -> int:
    return 1 if limit.over.longer else 0


def _groups(limit: LimitRule, lines: Sequence[Placed], terms: Terms) -> Iterator[list[int]]:
    """The positions of the lines that share one allowance."""
    concerned = [n for n, placed in enumerate(lines) if placed.line.remedy in limit.on and placed.line.node is not None]
    due = [n for n in concerned if not lines[n].line.withheld]
    match scope_of(limit, terms):
        case LimitEach.CREDIT:
            yield from ([n] for n in due)
        case LimitEach.SERVICE:
            for subject in dict.fromkeys(lines[n].line.subject for n in due):
                yield [n for n in due if lines[n].line.subject == subject]
        case LimitEach.ORDER:
            if due:
                yield due


def _cut_group(limit: LimitRule, group: list[Placed], reach: Reach) -> list[Placed]:
    case = group[0].case
    try:
        left = _allowance(limit, group, reach)
    except Missing as missing:
        return _unknown(limit, group, missing)
    cut: list[Placed] = []
    for placed in group:
        node = placed.line.node
        assert node is not None
        kept = derive(
            Op.LEAST, f"not more than {_named(limit)}", node.kind, [node, left], limit.clause, currency=node.currency
        )
        left = derive(
            Op.SUBTRACT, f"left of {_named(limit)}", node.kind, [left, kept], limit.clause, currency=node.currency
        )
        cut.append(Placed(case if placed.case is case else placed.case, _cut(placed.line, kept, limit)))
    return cut


def _allowance(limit: LimitRule, group: list[Placed], reach: Reach) -> Node:
    """The most, less what earlier periods of the limit's span have used of it; never below zero. Raises Missing."""
    case = group[0].case
    most = amount_node(limit.most, Setting(case, None, reach))
    for placed in group:
        _alike(limit, placed, most)
    zero = leaf(Op.RULE, "nothing", most.kind, Fraction(), limit.clause, (), most.currency)
    used = [_used(limit, line) for line in _earlier(limit, group, reach)]
    if used:
        spent = derive(Op.SUM, "credited earlier in its span", most.kind, used, currency=most.currency)
        most = derive(
            Op.SUBTRACT, f"left of {_named(limit)}", most.kind, [most, spent], limit.clause, currency=most.currency
        )
    return derive(
        Op.GREATEST, f"{_named(limit)}, at least nothing", most.kind, [most, zero], limit.clause, currency=most.currency
    )


def _alike(limit: LimitRule, placed: Placed, amount: Node) -> None:
    """Raises Missing where a limit and a credit count different things."""
    node = placed.line.node
    if node is None:
        return
    if node.kind is not amount.kind:
        raise Missing(f"the limit counts {amount.kind.value} and the credit {node.kind.value}", limit.clause)
    if node.currency != amount.currency:
        raise Missing(f"the limit is in {amount.currency} and the credit in {node.currency}", limit.clause)


def _earlier(limit: LimitRule, group: list[Placed], reach: Reach) -> list[Line]:
    """Lines of earlier periods that lie in the limit's span; none for a limit of the judged period itself."""
    case = group[0].case
    before = case.period.first - timedelta(days=1)
    if not _reaches_back(limit, case):
        return []
    if limit.over.period:
        first = period_holding(case.terms.periods[limit.over.period], case.span.start).first
    else:
        first = case.term.first if limit.over.term else dates_of(limit.over, case, case.period.last)[0]
    subjects = {placed.line.subject for placed in group}
    alike = scope_of(limit, case.terms) is not LimitEach.ORDER
    cases = {placed.case.commitment.period: placed.case for placed in group}
    past = [e for one in cases.values() for e in reach.past(one, first, before, "period end", ())]
    if limit.over.term:
        past = [e for e in past if case.world.term_of(e.period) == case.term]
    lines = [line for one in past for line in one.lines]
    return [line for line in lines if line.remedy in limit.on and (not alike or line.subject in subjects)]


def _reaches_back(limit: LimitRule, case: Case) -> bool:
    """Whether the limit's span is more than the judged period, which may be named as well as left unwritten."""
    return limit.over.longer and limit.over.period != case.commitment.period


def _used(limit: LimitRule, line: Line) -> Node:
    node = line.node
    says = f"{line.remedy.replace('-', ' ')} for {line.subject}"
    if node is None or line.withheld:
        return leaf(Op.FINDING, f"{says}: nothing", Kind.MONEY, Fraction(), line.clause)
    value = node.value if limit.unit is Unit.MONEY else line.days
    kind = Kind.MONEY if limit.unit is Unit.MONEY else KIND_OF.get(limit.unit, Kind.MONEY)
    return leaf(Op.FINDING, says, kind, value, line.clause, (), node.currency, operands=(node,))


def _cut(line: Line, kept: Node, limit: LimitRule) -> Line:
    assert line.node is not None
    assert isinstance(kept.value, Fraction)
    assert isinstance(line.node.value, Fraction)
    name = limit.name if kept.value < line.node.value else line.cut_by
    if line.money is not None:
        return replace(line, money=Money(kept.value, kept.currency), node=kept, cut_by=name)
    return replace(line, days=kept.value, node=kept, cut_by=name)


KIND_OF = {Unit.DAYS: Kind.DAYS, Unit.POINTS: Kind.POINTS}


def brought_forward(limit: LimitRule, cases: Sequence[Case], reach: Reach) -> list[Placed]:
    """A line for what earlier periods of the order left over under a limit that carries or holds it."""
    carries = limit.excess is Excess.CARRIED and limit.most != UNLIMITED
    holds = limit.least is not None and limit.below is Excess.HELD
    if not (carries or holds):
        return []
    found: list[Placed] = []
    for group in _carried_groups(limit, cases):
        if _reaches_back(limit, group[0]):
            continue
        left, last, since = Fraction(), None, list[tuple[Period, Fraction]]()
        for period, earlier in _chronicle(limit, group, reach):
            more = sum((line.before or Fraction() for line in earlier), Fraction())
            last = next((line for line in reversed(earlier) if line.node is not None), last)
            left = _left_over(limit, left + more, replace(group[0], period=period), reach, carries, holds)
            since = [*since, *([(period, more)] if more else [])] if left else []
        if left and last is not None and not group[0].running:
            promise = group[0].terms.remedies[last.remedy].commitment
            case = next((c for c in group if c.commitment.name == promise), group[0])
            found.append(_forward(limit, left, last, case, since))
    return found


def _carried_groups(limit: LimitRule, cases: Sequence[Case]) -> list[list[Case]]:
    """The cases whose credits share the limit, by service or all together."""
    remedies = cases[0].terms.remedies
    mine = [c for c in cases if any(n in remedies and remedies[n].commitment == c.commitment.name for n in limit.on)]
    if scope_of(limit, cases[0].terms) is LimitEach.ORDER:
        return [mine] if mine else []
    return [[c for c in mine if c.subject == s] for s in dict.fromkeys(c.subject for c in mine)]


def _chronicle(limit: LimitRule, group: list[Case], reach: Reach) -> list[tuple[Period, list[Line]]]:
    """The earlier periods of the order, the earliest first, each with its lines that share the limit: of an order those
    of all its services, whether they are still covered or not."""
    by_period: dict[Period, list[Line]] = {}
    before = group[0].period.first - timedelta(days=1)
    whole = scope_of(limit, group[0].terms) is LimitEach.ORDER
    for case in {c.commitment.period: c for c in group}.values() if whole else group:
        for earlier in reach.past(case, case.world.order.term.first, before, "period end", ()):
            mine = by_period.setdefault(earlier.period, [])
            alike = whole or (earlier.commitment, earlier.subject) == (case.commitment.name, case.subject)
            mine += [
                x
                for x in earlier.lines
                if alike and x.remedy in limit.on and x.part != FORWARD and (x.held or not x.withheld)
            ]
    return sorted(by_period.items(), key=lambda item: item[0].first)


def _left_over(limit: LimitRule, total: Fraction, case: Case, reach: Reach, carries: bool, holds: bool) -> Fraction:
    """What a period leaves over of all that was to be credited by then."""
    try:
        if holds and limit.least is not None:
            least = amount_node(limit.least, Setting(case, None, reach)).value
            if isinstance(least, Fraction) and _too_little(limit, total, least):
                return total
        most = amount_node(limit.most, Setting(case, None, reach)).value if carries else None
    except Missing:
        return Fraction()
    return max(Fraction(), total - most) if isinstance(most, Fraction) else Fraction()


FORWARD = "from earlier periods"


def _forward(
    limit: LimitRule, left: Fraction, like: Line, case: Case, since: Sequence[tuple[Period, Fraction]]
) -> Placed:
    """The line of what earlier periods left over; `since` are those that it comes from, with what each brought in."""
    in_money = limit.unit is Unit.MONEY  # days that were converted in the earlier line are carried as days
    currency = like.money.currency if in_money and like.money is not None else ""
    kind = Kind.MONEY if in_money else KIND_OF.get(limit.unit, Kind.DAYS)
    node = leaf(
        Op.FINDING, f"left over from earlier periods by {_named(limit)}", kind, left, limit.clause, (), currency
    )
    money = Money(left, currency) if in_money else None
    first = since[0][0].label
    if limit.excess is Excess.CARRIED:
        brought = f"carried over since {first} by {_named(limit)} (clause {limit.clause})"
    else:
        each = " and ".join(f"{_in_words(node, amount)} of {period.label}" for period, amount in since)
        brought = f"held since {first} by {_named(limit)} (clause {limit.clause}): {each}"
    line = replace(
        like, money=money, days=None if money is not None else left, cut_by="", withheld="", unstated="", node=node,
        part=FORWARD, subject=case.subject, before=left, held=False, brought=brought,
    )  # fmt: skip
    return Placed(case, line)


def _named(limit: LimitRule) -> str:
    return limit.name.replace("-", " ")
