"""What is wrong in a text that is being written, with its extent; and the repairs that were tried."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from makegood.app.editing.regions import Kind
from makegood.contract.extent import At, end_of, lines_of, scalars_of, texts_in
from makegood.contract.lint import read_and_lint
from makegood.contract.nodes import Text
from makegood.contract.repair import Repair, repairs
from makegood.contract.strict_yaml import read_yaml
from makegood.exchange.checks.read import read_checks
from makegood.exchange.facts import read_fact_files
from makegood.exchange.orders import read_order
from makegood.model.problem import Problem


@dataclass(frozen=True, slots=True)
class Finding:
    """A problem and the column after its last character (from 1; 0 where it is about the whole file)."""

    problem: Problem
    end: int


def findings(kind: Kind, text: str, source: str, beside: Mapping[str, bytes]) -> list[Finding]:
    """Every problem of one text. `beside` are other files of facts, to which its facts may refer."""
    problems = _problems(kind, text.encode(), source, beside)
    lines, scalars = lines_of(text), scalars_of(text, source) if kind == "agreement" else _scalars(text, source)
    return [Finding(p, end_of(p, lines, scalars)) for p in problems if p.where.source == source]


def fixes(text: str, source: str, line: int) -> Sequence[Repair]:
    """The repairs of an agreement's problems on one line, numbered from 0."""
    problems = read_and_lint(text.encode(), source)
    here = [p for p in problems if p.where.line == line + 1]
    return list(repairs(text, source, problems, here))


def _problems(kind: Kind, raw: bytes, source: str, beside: Mapping[str, bytes]) -> list[Problem]:
    match kind:
        case "agreement":
            return read_and_lint(raw, source)
        case "order":
            return read_order(raw, source)[1]
        case "facts":
            return read_fact_files([(source, raw), *beside.items()])[1]
        case "checks":
            return read_checks(raw, source)[1]


def _scalars(text: str, source: str) -> Mapping[At, Text]:
    node, _ = read_yaml(text, source)
    return {(t.place.line, t.place.column): t for t in texts_in(node)} if node is not None else {}
