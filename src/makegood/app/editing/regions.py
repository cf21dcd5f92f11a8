"""The YAML that a cursor stands in: a block of rules of an agreement, or all of an order, of facts or of checks."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any, Final, Literal, TypeAlias

from makegood.contract.fence_tags import is_rule
from makegood.contract.outline import outline
from makegood.contract.schema import rule_schema
from makegood.exchange.schema import checks_schema, facts_schema, order_schema

Kind: TypeAlias = Literal["agreement", "order", "facts", "checks"]

ENDINGS: Final[dict[str, Kind]] = {
    ".sla.md": "agreement",
    ".order.yaml": "order",
    ".facts.yaml": "facts",
    ".checks.yaml": "checks",
}


@dataclass(frozen=True, slots=True)
class Region:
    """Lines of one YAML text; `first` is the number (from 0) of its first line, `indent` what its fence is indented."""

    lines: Sequence[str]
    first: int
    indent: int
    schema: Any


def kind_of(name: str) -> Kind | None:
    """What a file is by its name, or None for any other file."""
    return next((kind for ending, kind in ENDINGS.items() if name.endswith(ending)), None)


def region_at(kind: Kind, text: str, line: int) -> Region | None:
    """The YAML around a line, numbered from 0; None in an agreement's prose."""
    plain = text.replace("\r\n", "\n").replace("\r", "\n")
    lines = plain.split("\n")
    if kind != "agreement":
        return Region(lines, 0, 0, schema_of(kind))
    for fence in outline(plain, "").fences:
        last = fence.end - 1 if fence.closed else fence.end
        if is_rule(fence.info) and fence.line < line < max(last, fence.line + 2):
            inside = [cut[fence.indent :] for cut in lines[fence.line + 1 : last]]
            return Region(inside or [""], fence.line + 1, fence.indent, schema_of(kind))
    return None


@cache
def schema_of(kind: Kind) -> Any:
    """The schema of a kind of file; of an agreement, that of one block."""
    return {"agreement": rule_schema, "order": order_schema, "facts": facts_schema, "checks": checks_schema}[kind]()
