"""The derivation as a tree to open step by step; a step that is used again points to where it was shown."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from makegood.model.statement import Statement
from makegood.model.trace import LEAVES, Node
from makegood.render.document.steps import Steps
from makegood.render.telling import runs
from makegood.render.values import node_value

DEEPEST = 60
"""Below this the page points to the document, where every step is."""


@dataclass(frozen=True, slots=True)
class Branch:
    """One step: its number (as in the JSON document), its node, its value in words and what it was made of.

    `again` is whether its operands were shown before; `cut` whether they lie too deep for a page.
    """

    step: int
    node: Node
    value: str
    given: bool
    branches: tuple[Branch, ...]
    again: bool = False
    cut: bool = False


@dataclass(frozen=True, slots=True)
class Tree:
    """One derivation and what it derives."""

    title: str
    root: Branch


def trees(statement: Statement) -> Iterator[Tree]:
    """The verdict of each run, then every credit and right whose derivation is not part of one before.

    Steps have the numbers of the document.
    """
    steps, shown = Steps(statement.period.zone), set[int]()
    names = ("",) if statement.exact else (" if what was not seen was up", " if what was not seen was down")
    rooted: list[tuple[str, Node]] = []
    for name, figures in zip(names, runs(statement), strict=True):
        rooted += [(f"{line.remedy}{name}", line.node) for line in figures.lines if line.node is not None]
        rooted += [(f"{right.remedy}{name}", right.node) for right in figures.rights if right.node is not None]
        for _, node in rooted:
            steps.of(node)
        steps.of(figures.trace)
    verdicts = [(f"Verdict{name}", figures.trace) for name, figures in zip(names, runs(statement), strict=True)]
    for title, node in verdicts + rooted:
        if steps.of(node) in shown:
            continue
        yield Tree(title, _branch(steps, steps.of(node), shown, 0))


def _branch(steps: Steps, step: int, shown: set[int], depth: int) -> Branch:
    node = steps.nodes[step]
    value, given = node_value(node, steps.zone), node.op in LEAVES
    if step in shown and node.operands:
        return Branch(step, node, value, given, (), again=True)
    if depth >= DEEPEST:
        return Branch(step, node, value, given, (), cut=bool(node.operands))
    shown.add(step)
    return Branch(
        step, node, value, given, tuple(_branch(steps, below, shown, depth + 1) for below in steps.operands(node))
    )
