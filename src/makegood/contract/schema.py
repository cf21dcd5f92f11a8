"""What a rule may say, from the one declaration that reads it: JSON Schema for editors, Markdown for people."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from makegood.contract import changes, link
from makegood.contract.rules import calendar, classing, gate, remedy, scale
from makegood.contract.shape import EXAMPLE, Key, article, either, object_schema
from makegood.contract.values import NAME, WORD_LIST
from makegood.contract.written import HEADER_TABLE, PRIMITIVES
from makegood.model.spans import MINUTE
from makegood.model.terms import RECURRING, Combined, Nesting
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

_HEADER_SAYS: Final = "what the document says of itself; once, under its first heading"
_WRITTEN: Final[Mapping[tuple[str, Any], str]] = {
    ("every", MINUTE): "1 min",
    ("year starts", 1): "January",
    ("rows that hold together", Nesting.DEEPEST): "the deepest counts",
    ("of", (Combined.ANY, 1, "")): "any",
    ("counts", "first"): "the first",
    ("kinds", (RECURRING,)): RECURRING,
}
"""Defaults whose value does not look like what one writes."""

_APPLIES: Final[dict[str, Any]] = {
    "type": "object",
    "properties": {"plan": WORD_LIST.schema, "deployment": WORD_LIST.schema},
    "additionalProperties": WORD_LIST.schema,
    "minProperties": 1,
}
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
    "properties": {"by": {"anyOf": [{"enum": ["plan", "deployment"]}, {"type": "string"}]}},
    "required": ["by"],
    "minProperties": 2,
}


def rule_schema() -> dict[str, Any]:
    """JSON Schema (2020-12) of one `sla` block, every scalar being a string as written."""
    rules = [block_schema("agreement", HEADER_TABLE, _HEADER_SAYS)]
    rules += [block_schema(name, module.TABLE, says_of(module)) for name, module in PRIMITIVES.items()]
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "a rule of an agreement",
        "description": "one block that is tagged sla; its first key is the primitive that it is",
        "oneOf": rules,
        "$defs": {"reading": _READING, "by-order": _BY_ORDER},
    }


def says_of(module: Any) -> str:
    """What a primitive is for, from the first line of its module."""
    return (module.__doc__ or "").strip().split("\n")[0].partition(": ")[2].rstrip(".")


def block_schema(primitive: str, table: Sequence[Key[Any]], says: str) -> dict[str, Any]:
    """The schema of one primitive's block. What a rule must have, an exception to another rule may leave out."""
    name = {**NAME.schema, "description": says}
    schema: dict[str, Any] = object_schema(table)
    if primitive == "agreement":
        schema["properties"] = {primitive: name, **schema["properties"]}
        schema["required"].insert(0, primitive)
        return {"title": primitive, "description": says, **schema}
    keys = {
        "applies to": {**_APPLIES, "description": EVERY_RULE[0][2], EXAMPLE: EVERY_RULE[0][1]},
        "exception to": {**NAME.schema, "description": EVERY_RULE[1][2], EXAMPLE: EVERY_RULE[1][1]},
    }
    properties = {primitive: name, **_with_choices(schema)["properties"], **keys}
    required = schema["required"]
    either = {"anyOf": [{"required": required}, {"required": ["exception to"]}]} if required else {}
    told = {"title": primitive, "description": says}
    return {**told, **schema, "properties": properties, "required": [primitive], **either}


def _with_choices(schema: Mapping[str, Any]) -> dict[str, Any]:
    """The schema with a reading, or a choice by plan or deployment, in the place of any value inside it."""
    found = dict(schema)
    if "properties" in found:
        found["properties"] = {key: _choice(value) for key, value in found["properties"].items()}
    for key in ("items", "additionalProperties"):
        if isinstance(found.get(key), Mapping):
            found[key] = _choice(found[key])
    if "anyOf" in found:
        found["anyOf"] = [_with_choices(each) for each in found["anyOf"]]
    return found


def _choice(schema: Mapping[str, Any]) -> dict[str, Any]:
    told = {key: schema[key] for key in ("description", EXAMPLE) if key in schema}
    value = _with_choices({key: part for key, part in schema.items() if key not in told})
    return {"anyOf": [value, {"$ref": "#/$defs/reading"}, {"$ref": "#/$defs/by-order"}], **told}


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
    yield from _primitive("agreement", _HEADER_SAYS, HEADER_TABLE)
    yield from _inside("agreement")
    for name, module in PRIMITIVES.items():
        yield from _primitive(name, says_of(module), module.TABLE)
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
        says = f"the name of {either([article(kind) for kind in named])}" if named else key.shape.says
        value = _cell(f"{says}, as in `{key.name}: {key.example}`")
        yield f"| `{key.name}` | {_cell(key.says)} | {value} | {default_words(key)} |"


def _cell(words: str) -> str:
    return words.replace("|", "\\|")


def default_words(key: Key[Any]) -> str:
    """What holds where a key is not written, as one would write it: `nothing` is no value at all."""
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
