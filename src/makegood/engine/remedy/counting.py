"""Counts: how many breaches, days or points of credit, outages, or tickets lie in a span that ends with the period."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from datetime import date, timedelta
from fractions import Fraction

from makegood.calendar.period import following, period_holding
from makegood.calendar.zone import Zone
from makegood.engine.judge.case import Case
from makegood.engine.judge.items import concerned
from makegood.engine.remedy.reach import RECEIVED, Earlier, Reach
from makegood.model.facts import Item, ItemKind
from makegood.model.spans import Instant, Span
from makegood.model.statement import Verdict
from makegood.model.terms import CountRule, Each, Over
from makegood.model.trace import Kind, Node, Op, derive, leaf


def dates_of(over: Over, case: Case, last: date) -> tuple[date, date]:
    """The first and last local date of a span that ends with the judged period."""
    if over.days:
        return last - timedelta(days=over.days - 1), last
    if over.term:
        return case.world.lifetime.term_on(last).first, last
    rule = case.terms.periods[case.commitment.period]
    if over.periods:
        return following(rule, case.period, 1 - over.periods).first, last
    if over.period:
        return period_holding(case.terms.periods[over.period], case.span.end - 1).first, last
    return case.period.first, last


def counted(rule: CountRule, case: Case, reach: Reach, settled: bool = False) -> Node:
    """The items of a count in the local dates that end with the period's own date.

    Breaches are counted for the subject alone (of an order, for all of its services; of tickets and the like, for those
    that concern the subject's services), credits for the whole order: it is one party that is awarded them. `settled`
    counts credits as they are after every limit; an amount that is being worked out counts them as if there were no
    others, since others may rest on it.
    """
    last = case.period.first if rule.dated == "period start" else case.period.last
    first, last = dates_of(rule.over, case, last)
    parts = [] if rule.items is None else _items(rule, rule.items, case, first, last)
    for name in rule.of:
        if name in case.terms.outages:
            parts += _outages(rule, case, reach, first, last)
        elif name in case.terms.commitments:
            parts += _breaches(rule, name, case, reach, first, last)
        else:
            parts += _credits(rule, name, case, reach, (first, last), settled)
    kinds = {part.kind for part in parts}
    kind = kinds.pop() if len(kinds) == 1 else Kind.ITEMS
    return derive(Op.SUM, f"{rule.name.replace('-', ' ')}: {first} to {last}", kind, parts, rule.clause)


def _breaches(rule: CountRule, name: str, case: Case, reach: Reach, first: date, last: date) -> list[Node]:
    mine = _asked(case, name, reach)
    if mine is None:
        return []
    whole = case.commitment.scope.each is Each.ORDER and not rule.in_a_row
    kind = mine.commitment.scope.each.item
    subjects = {mine.subject} if kind is None else {item.id for item in concerned(case, kind, {})}
    past = [e for e in reach.verdicts(mine, first, last, rule.dated) if whole or e.subject in subjects]
    missed = [e.verdict is Verdict.BREACHED and (not rule.claimed or _claimed(e, mine)) for e in past]
    if rule.in_a_row:
        past, missed = _last_run(past, missed)
    return [
        leaf(Op.FACT, f"breach dated {e.dated}", Kind.ITEMS, Fraction(1))
        for e, counts in zip(past, missed, strict=True)
        if counts
    ]


def _asked(case: Case, name: str, reach: Reach) -> Case | None:
    """The case whose periods are counted. Of a commitment about each ticket or the like there need be none in the
    judged period, so it is asked of the subject itself."""
    commitment = case.terms.commitments.get(name)
    if commitment is None or name == case.commitment.name:
        return None if commitment is None else case
    if commitment.scope.each.item is None:
        return reach.sibling(case, name)
    period = period_holding(case.terms.periods[commitment.period], case.span.end - 1)
    return replace(case, commitment=commitment, period=period, item=None)


def _last_run(past: Sequence[Earlier], missed: Sequence[bool]) -> tuple[list[Earlier], list[bool]]:
    """Those at the end that follow each other without a period that was not missed."""
    length = next((n for n, m in enumerate(reversed(missed)) if not m), len(missed))
    return list(past[len(past) - length :]), [True] * length


def _claimed(earlier: Earlier, case: Case) -> bool:
    """Whether a claim was received for that period, or notice given of it."""
    order = case.world.order.id
    return any(
        claim.kind is ItemKind.CLAIM
        and claim.fact("period") == earlier.period.label
        and claim.order in ("", order)
        and claim.service in ("", earlier.subject)
        and bool(claim.at(RECEIVED))
        for claim in case.world.facts.items
    )


def _credits(
    rule: CountRule, name: str, case: Case, reach: Reach, dates: tuple[date, date], settled: bool
) -> list[Node]:
    remedy = case.terms.remedies[name]
    mine = _asked(case, remedy.commitment, reach)
    parts: list[Node] = []
    alone = () if settled else (name,)
    past = reach.past(mine, *dates, rule.dated, alone) if mine is not None else ()
    for earlier in (e for e in past if e.verdict is not Verdict.UNSTATED):
        for line in earlier.lines:
            if line.remedy == name and not line.withheld and (not rule.claimed or _claimed(earlier, case)):
                size = line.days if line.days is not None else Fraction(1)
                operands = (line.node,) if line.node is not None else ()
                kind = Kind.POINTS if line.node is not None and line.node.kind is Kind.POINTS else Kind.ITEMS
                says = f"{line.remedy.replace('-', ' ')} for {line.subject} dated {earlier.dated}"
                parts.append(leaf(Op.FINDING, says, kind, size, line.clause, operands=operands))
    return parts


def _outages(rule: CountRule, case: Case, reach: Reach, first: date, last: date) -> list[Node]:
    spans = reach.outages(case, first, last)
    if rule.alike:
        spans = _largest_group([(span, _causes(span, case)) for span in spans])
    zone = Zone.named(case.period.zone)
    return [leaf(Op.FACT, f"outage of {zone.date_of(s.start)}", Kind.ITEMS, Fraction(1)) for s in spans]


def _causes(span: Span, case: Case) -> tuple[str, ...]:
    names = {s.name for s in case.services}
    causes = case.world.facts.causes
    return tuple(sorted({c.cause.casefold() for c in causes if c.service in names and c.span.overlaps(span)}))


def _largest_group(found: Sequence[tuple[Span, tuple[str, ...]]]) -> list[Span]:
    """The spans that share the word which most of them have."""
    words = Counter(word for _, of in found for word in of)
    if not words:
        return []
    most = min(words, key=lambda word: (-words[word], word))
    return [span for span, of in found if most in of]


def _items(rule: CountRule, kind: ItemKind, case: Case, first: date, last: date) -> list[Node]:
    zone = Zone.named(rule.over.zone or case.period.zone)
    over = zone.days(first, last)
    found = [
        item
        for item in concerned(case, kind, rule.where)
        if (at := _begun(item)) is not None and at in over and at <= case.world.as_of
    ]
    if rule.alike:
        words = Counter(item.fact(rule.alike) for item in found if item.fact(rule.alike))
        most = min(words, key=lambda word: (-words[word], word), default="")
        found = [item for item in found if most and item.fact(rule.alike) == most]
    return [leaf(Op.FACT, f"{kind.value} {item.id}", Kind.ITEMS, Fraction(1), None, (item.id,)) for item in found]


def _begun(item: Item) -> Instant | None:
    return min((at for _, at in item.events), default=None)
