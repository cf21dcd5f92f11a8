"""Which rules a rule names, in any of its readings and for any order."""

from __future__ import annotations

from collections.abc import Iterator

from makegood.contract import link
from makegood.contract.nodes import Keyed, Many, Node
from makegood.contract.written import RawRule


def named_by(rule: RawRule) -> set[str]:
    """Every name that a rule uses: in each alternative of a reading, and in each value of a choice by plan."""
    return {text.text for body in _bodies(rule) for text, _ in link.references(rule.primitive, body)}


def _bodies(rule: RawRule) -> Iterator[Keyed]:
    """The rule's entries one by one, with each alternative of a reading and each value of a choice by plan."""
    for key, value in rule.node.entries:
        for node in _alternatives(value, 0):
            yield Keyed(((key, node),), rule.node.place)


def _alternatives(node: Node, depth: int) -> Iterator[Node]:
    yield node
    if depth > 8 or not isinstance(node, Keyed):
        return
    choice = node.get("among") or (node if node.get("by") is not None else None)
    if isinstance(choice, Keyed):
        choice = Many(tuple(value for _, value in choice.entries), choice.place)
    for value in choice.items if isinstance(choice, Many) else ():
        yield from _alternatives(value, depth + 1)
