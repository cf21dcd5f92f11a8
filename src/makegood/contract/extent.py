"""How far what a problem points at reaches: to the end of a value or key, of the words it quotes, or of the line."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence

from makegood.contract.document import read_document
from makegood.contract.nodes import Keyed, Node, Text
from makegood.model.problem import Problem

At = tuple[int, int]
"""Line and column, both from 1."""

_LINE = re.compile(r"[^\r\n]*(?:\r\n|\r|\n)|[^\r\n]+")
_QUOTED = re.compile(r"\"(?:[^\"\\]|\\.)*\"|'(?:[^']|'')*'")
_SHOWN = re.compile("“([^”]+)”")


def lines_of(text: str) -> list[str]:
    """The lines as problems count them, each with its line end."""
    return _LINE.findall(text)


def scalars_of(text: str, source: str = "") -> Mapping[At, Text]:
    """Every key and single value of an agreement's rules by its place."""
    document, _ = read_document(text, source)
    blocks = (block for clause in document.clauses for block in clause.rules)
    return {(t.place.line, t.place.column): t for block in blocks for t in texts_in(block.node)}


def texts_in(node: Node) -> Iterator[Text]:
    """Every key and single value, in the order written."""
    if isinstance(node, Text):
        yield node
    elif isinstance(node, Keyed):
        for key, value in node.entries:
            yield key
            yield from texts_in(value)
    else:
        for item in node.items:
            yield from texts_in(item)


def end_of(problem: Problem, lines: Sequence[str], scalars: Mapping[At, Text]) -> int:
    """The column after the last character that the problem is about, on its line; 0 where it has no place."""
    at = problem.where
    if not 0 < at.line <= len(lines) or not at.column:
        return 0
    rest = lines[at.line - 1][at.column - 1 :]
    return at.column + (_length(problem, rest, scalars.get((at.line, at.column))) or len(rest.rstrip()) or 1)


def _length(problem: Problem, rest: str, scalar: Text | None) -> int:
    if scalar is not None:
        if scalar.text and rest.startswith(scalar.text):
            return len(scalar.text)
        quoted = _QUOTED.match(rest)
        return len(quoted[0]) if quoted else 0
    shown = _SHOWN.search(problem.what)
    return len(shown[1]) if shown and rest.startswith(shown[1]) else 0
