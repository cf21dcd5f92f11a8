"""Answers to the questions that a statement raises: why, why not the next row of the table, what would change it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from fractions import Fraction

from rich.console import Group, RenderableType
from rich.text import Text
from rich.tree import Tree

from makegood.model.expression import Unit, names_in
from makegood.model.spans import SECOND
from makegood.model.statement import Figures, Outage, Statement
from makegood.model.terms import MeasureKind, ScaleRule, Terms, Tier, Unstated
from makegood.model.trace import Node
from makegood.render.lengths import duration
from makegood.render.moments import local_stretch
from makegood.render.screen import shown
from makegood.render.shares import written
from makegood.render.telling import figure, headline, price_words, runs
from makegood.render.text import NO_WHY, say
from makegood.render.values import node_value

MOST_PARTS = 12
"""A step made of more parts than this shows the first ones and counts the rest; the JSON document has them all."""


def explanation(
    statement: Statement,
    terms: Terms,
    question: str,
    width: int = 80,
    color: bool = False,
    encoding: str = "utf-8",
    why: Mapping[str, str] = NO_WHY,
) -> str:
    """The answer to `why`, `tier`, `change` or `readings`, or to all of them, as text for a terminal.

    `why` says why outages began, by their ids, in words; it is told beside the derivation, of which it is no part.
    """
    asked = ("why", "tier", "change", "readings") if question == "all" else (question,)
    blocks: list[RenderableType] = [say(headline(statement), "title"), Text()]
    for one in asked:
        blocks += [*_ANSWERS[one](statement, terms), Text()]
        if one == "why" and (began := [o for o in statement.outages if o.id in why]):
            blocks += [say("Why the outages began", "title"), *(_began(o, statement, why[o.id]) for o in began), Text()]
    return shown(Group(*blocks[:-1]), width, color, encoding)


def _why(statement: Statement, terms: Terms) -> Iterator[RenderableType]:
    del terms
    yield say("Why", "title")
    for figures in runs(statement):
        if not statement.exact:
            unseen = "up" if figures.run.value == "favourable" else "down"
            yield say(f"If what was not seen was {unseen}:")
        root = Tree(_step(figures.trace, statement.period.zone))
        yield _tree(figures.trace, statement.period.zone, root, set())


def _began(outage: Outage, statement: Statement, words: str) -> RenderableType:
    return say(f"{local_stretch(outage.span, statement.period.zone)}: {words}")


def _tree(node: Node, zone: str, tree: Tree, told: set[int]) -> Tree:
    """The steps below a node; what was told before is named again and not opened again."""
    for operand in node.operands[:MOST_PARTS]:
        line = _step(operand, zone)
        if id(operand) in told and operand.operands:
            tree.add(line.append("  (as above)", "quiet"))
            continue
        told.add(id(operand))
        _tree(operand, zone, tree.add(line), told)
    more = len(node.operands) - MOST_PARTS
    if more > 0:
        tree.add(say(f"and {more} more", "quiet"))
    return tree


def _step(node: Node, zone: str) -> Text:
    line = say(f"{node.says}: ") if node.kind.value != "label" else say(node.says)
    if node.kind.value != "label":
        line.append(node_value(node, zone), "title")
    if node.clause:
        line.append(f"  clause {node.clause}", "quiet")
    if node.facts:
        line.append(f"  [{', '.join(node.facts)}]", "quiet")
    return line


def _tier(statement: Statement, terms: Terms) -> Iterator[RenderableType]:
    yield say("Why not the next row of the table", "title")
    scales = [s for s in terms.scales.values() if _used(s, statement, terms)]
    if not scales:
        yield say("No table decides here.")
        return
    for figures in runs(statement):
        for scale in scales:
            yield from (say(line) for line in _rows(scale, figures, statement))


def _used(scale: ScaleRule, statement: Statement, terms: Terms) -> bool:
    return any(
        remedy.amount is not None and scale.name in names_in(remedy.amount)
        for remedy in terms.remedies.values()
        if remedy.commitment == statement.commitment
    )


def _rows(scale: ScaleRule, figures: Figures, statement: Statement) -> Iterator[str]:
    if scale.of:
        yield f"`{scale.of}` is looked up in `{scale.name}`, clause {scale.clause}:"
        yield from (f"    {tier.says}: {_amount(tier, scale)}" for tier in scale.tiers)
        return
    if figures.ratio is None:
        yield "There is no figure to look up."
        return
    edges = [e for t in scale.tiers for e in (t.range.low, t.range.high) if e is not None]
    yield f"{figure(figures.ratio, statement, edges)} is looked up in `{scale.name}`, clause {scale.clause}:"
    for tier in scale.tiers:
        holds = tier.range.holds(figures.ratio)
        mark = "✓" if holds else " "
        yield f"  {mark} {tier.says}: {_amount(tier, scale)}{'' if holds else _distance(tier, figures, statement)}"


def _amount(tier: Tier, scale: ScaleRule) -> str:
    if isinstance(tier.amount, Unstated):
        return "unstated"
    if tier.step is not None:
        return (
            f"{tier.amount} {scale.unit.value} for each step"
            if scale.unit is not Unit.SHARE
            else (f"{written(tier.amount)} for each step")
        )
    match scale.unit.value:
        case "share":
            return written(tier.amount)
        case "days" | "points":
            return f"{tier.amount} {scale.unit.value}"
        case _:
            return f"{tier.amount} {scale.currency} minor units"


def _distance(tier: Tier, figures: Figures, statement: Statement) -> str:
    """How much more or less down time would reach the row, in whole seconds; of a share of time only."""
    if statement.measure is not MeasureKind.RATIO or figures.ratio is None:
        return ""
    low, high = tier.range.low, tier.range.high
    down = figures.denominator - figures.numerator
    if high is not None and figures.ratio >= high:
        return f" — {_seconds((1 - high) * figures.denominator - down, tier.range.high_inside)} more down time away"
    if low is not None and figures.ratio <= low:
        return f" — {_seconds(down - (1 - low) * figures.denominator, tier.range.low_inside)} less down time away"
    return ""


def _seconds(distance: Fraction, inside: bool) -> str:
    whole = -(-distance // SECOND)
    if not inside and distance % SECOND == 0:
        whole += 1
    return duration(int(whole) * SECOND)


def _change(statement: Statement, terms: Terms) -> Iterator[RenderableType]:
    del terms
    yield say("The smallest changes that alter verdict or amount", "title")
    if not statement.smallest:
        yield say("No single second, notice, unseen span or reading would change it.")
    for change in statement.smallest:
        yield say(f"  {change.kind}: {change.says} → {change.verdict.value}, credit {change.amount}")


def _readings(statement: Statement, terms: Terms) -> Iterator[RenderableType]:
    del terms
    yield say("The readings used, and what each alternative is worth", "title")
    if not statement.readings:
        yield say("The agreement left nothing to read.")
    for reading in statement.readings:
        choice = reading.choice
        yield say(f"  {choice.id}: {choice.text}" + (f", because {choice.because}" if choice.because else ""))
        for price in reading.prices:
            yield say(f"    if “{price.alternative}”: {price_words(price, statement)}")


_ANSWERS = {"why": _why, "tier": _tier, "change": _change, "readings": _readings}
