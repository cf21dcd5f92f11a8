"""What a rule may say, from the one declaration that reads it: JSON Schema for editors, Markdown for people."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from makegood.contract import changes, link
from makegood.contract.rules import calendar, classing, gate, remedy, scale
from makegood.contract.shape import Key
from makegood.contract.written import HEADER_TABLE, PRIMITIVES
from makegood.model.spans import MINUTE
from makegood.model.terms import Nesting
from makegood.model.when import Weekday

NESTED: Final[Mapping[tuple[str, str], tuple[tuple[str, Sequence[Key[Any]]], ...]]] = {
    ("agreement", "changes"): (("a clause of change", changes.TABLE),),
    ("calendar", "holidays"): (("holidays written as a mapping", calendar.HOLIDAY_TABLE),),
    ("class", "rows"): (("a row", classing.ROW_TABLE),),
    ("scale", "rows"): (("a row", scale.ROW_TABLE),),
    ("remedy", "when count"): (("the count", remedy.COUNT_TABLE),),
}
"""Keys whose value, or each item of it, is a mapping with a table of its own."""

CONDITIONS: Final[tuple[tuple[str, str, Sequence[Key[Any]]], ...]] = (
    ("notice", "how long before its start work is announced", gate.NOTICE_TABLE),
    ("announced", "whether it is announced at all", gate.ANNOUNCED_TABLE),
    ("within, outside", "weekly windows, or the hours of a calendar", gate.WINDOW_TABLE),
    ("a fact", "values of which the announcement or cause must have one", gate.FACT_TABLE),
)
"""The conditions of an exclusion, which may be written short or as a mapping."""

EVERY_RULE: Final = (
    ("applies to", "{deployment: saas}", "the plans or deployments that the rule is for; all, where it is not written"),
    ("exception to", "monthly-uptime", "the rule of which it changes the keys that it writes"),
)
"""Keys that every rule may have, with an example and what they say."""

_WRITTEN: Final[Mapping[tuple[str, Any], str]] = {
    ("every", MINUTE): "1 min",
    ("year starts", 1): "January",
    ("rows that hold together", Nesting.DEEPEST): "the deepest counts",
}
"""Defaults whose value does not look like what one writes."""

_READING: Final[dict[str, Any]] = {
    "type": "object",
    "description": "a reading: where the text is silent or ambiguous, the alternatives and the one that is taken",
    "properties": {
        "among": {"anyOf": [{"type": "array", "minItems": 2}, {"type": "object", "minProperties": 2}]},
        "chosen": {},
        "because": {"type": "string"},
        "clauses": {"anyOf": [{"type": "string"}, {"type": "array", "items": {"type": "string"}}]},
    },
    "required": ["among"],
    "additionalProperties": False,
}
_BY_ORDER: Final[dict[str, Any]] = {
    "type": "object",
    "description": "a value for each plan or deployment that an order may have",
    "properties": {"by": {"enum": ["plan", "deployment"]}},
    "required": ["by"],
}


def rule_schema() -> dict[str, Any]:
    """JSON Schema (2020-12) of one `sla` block, every scalar being a string as written."""
    rules = [_block("agreement", HEADER_TABLE, choices=False)]
    rules += [_block(name, module.TABLE, choices=True) for name, module in PRIMITIVES.items()]
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "a rule of an agreement",
        "description": "one block that is tagged sla; its first key is the primitive that it is",
        "oneOf": rules,
        "$defs": {"reading": _READING, "by-order": _BY_ORDER},
    }


def _block(primitive: str, table: Sequence[Key[Any]], choices: bool) -> dict[str, Any]:
    properties: dict[str, Any] = {primitive: {"type": "string", "description": "the name of the rule"}}
    for key in table:
        properties[key.name] = _key(primitive, key, choices)
    if choices:
        properties["applies to"] = {"type": "object", "description": EVERY_RULE[0][2]}
        properties["exception to"] = {"type": "string", "description": EVERY_RULE[1][2]}
    required = [primitive, *(key.name for key in table if key.required)]
    return {
        "title": primitive,
        "type": "object",
        "properties": properties,
        "required": [primitive] if choices else required,
        "additionalProperties": False,
        **({"anyOf": [{"required": required}, {"required": ["exception to"]}]} if choices else {}),
    }


def _key(primitive: str, key: Key[Any], choices: bool) -> dict[str, Any]:
    schema = key.shape.schema
    for _, table in NESTED.get((primitive, key.name), ()):
        row = _nested(table)
        schema = {"anyOf": [{"type": "array", "items": row}, row, {"type": "string"}]} if schema != {} else {}
    if choices:
        schema = {"anyOf": [schema, {"$ref": "#/$defs/reading"}, {"$ref": "#/$defs/by-order"}]}
    return {**schema, "description": key.says}


def _nested(table: Sequence[Key[Any]]) -> dict[str, Any]:
    return {
        "type": "object",
        "properties": {key.name: {"description": key.says} for key in table},
        "required": [key.name for key in table if key.required],
        "additionalProperties": False,
    }


def reference() -> str:
    """The reference of every primitive and key as Markdown, for docs/reference/rules.md."""
    return "\n".join(_pages()) + "\n"


def _pages() -> Iterator[str]:
    yield "# Rules"
    yield ""
    yield (
        "Every key of every rule, made from the tables that read them. A block tagged `sla` is one rule: its first\n"
        "key is the primitive that it is, with the rule's name as value. Any value but that name may be a reading,\n"
        "`{among: […], chosen: …, because: …, clauses: […]}`, or depend on the order, as in\n"
        "`{by: plan, standard: …, premier: …}`."
    )
    yield from _primitive("agreement", "what the document says of itself; once, under its first heading", HEADER_TABLE)
    yield from _inside("agreement")
    for name, module in PRIMITIVES.items():
        says = (module.__doc__ or "").strip().split("\n")[0].partition(": ")[2]
        yield from _primitive(name, says.rstrip("."), module.TABLE)
        yield from _inside(name)
        if name == "exclude":
            yield from _conditions()
    yield from ("", "## Every rule", "", "| Key | Says | Example |", "|---|---|---|")
    yield from (f"| `{key}` | {says} | `{key}: {example}` |" for key, example, says in EVERY_RULE)


def _primitive(name: str, says: str, table: Sequence[Key[Any]]) -> Iterator[str]:
    yield from ("", f"## `{name}` {{#{name}}}", "", says[:1].upper() + says[1:] + ".", "")
    yield from _table(table, name)


def _inside(name: str) -> Iterator[str]:
    for (of, key), tables in NESTED.items():
        for what, table in tables if of == name else ():
            yield from ("", f"In `{key}`, {what} has:", "")
            yield from _table(table)


def _conditions() -> Iterator[str]:
    yield from (
        "",
        "`gates` hold or fail for a whole announcement; `clips` cut the excuse to a span. Conditions are:",
        "",
    )
    yield f"- in `gates`: {_names(gate.GATE_NAMES)}"
    yield f"- in `clips`: {_names(gate.CLIP_NAMES)}"
    yield f"- in `unless`: {_names(gate.FIELDS)}"
    for name, says, table in CONDITIONS:
        yield from ("", f"Written as a mapping, {name} ({says}) has:", "")
        yield from _table(table)


def _names(names: Sequence[str]) -> str:
    return ", ".join(f"`{name}`" for name in names)


def _table(table: Sequence[Key[Any]], primitive: str = "") -> Iterator[str]:
    yield "| Key | Says | Value | Where it is not written |"
    yield "|---|---|---|---|"
    for key in table:
        named = link.TARGETS.get((primitive, key.name))
        says = f"the name of a {' or a '.join(named)}" if named else key.shape.says
        value = _cell(f"{says}, as in `{key.name}: {key.example}`")
        yield f"| `{key.name}` | {_cell(key.says)} | {value} | {_default(key)} |"


def _cell(words: str) -> str:
    return words.replace("|", "\\|")


def _default(key: Key[Any]) -> str:
    if key.required:
        return "it must be"
    default = key.default
    if default is None or default == "" or default == ():
        return "nothing"
    if isinstance(default, bool):
        return "`yes`" if default else "`no`"
    if isinstance(default, Weekday):
        return f"`{default.name.title()}`"
    if default == 0 or isinstance(default, dict):
        return "nothing"
    return f"`{_WRITTEN.get((key.name, default), getattr(default, 'value', default))}`"


def main() -> None:
    """Write the reference to standard output: `python -m makegood.contract.schema > docs/reference/rules.md`."""
    import sys

    sys.stdout.write(reference())


if __name__ == "__main__":
    main()
