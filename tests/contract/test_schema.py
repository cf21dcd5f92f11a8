"""The schema and the reference come from the tables that read rules, and are as fresh as they."""

from pathlib import Path
from typing import Any

import pytest

from makegood.contract.rules import calendar, classing, gate, remedy, scale
from makegood.contract.schema import reference, rule_schema
from makegood.contract.shape import Key, Report
from makegood.contract.strict_yaml import read_yaml
from makegood.contract.written import HEADER_TABLE, PRIMITIVES
from makegood.model.terms import Clause

PAGE = Path("docs/reference/rules.md")
WRITE = ".venv/bin/python -m makegood.contract.schema > docs/reference/rules.md"
TABLES = {
    "agreement": HEADER_TABLE,
    **{name: module.TABLE for name, module in PRIMITIVES.items()},
    "holidays": calendar.HOLIDAY_TABLE,
    "row of a class": classing.ROW_TABLE,
    "row of a scale": scale.ROW_TABLE,
    "count of a remedy": remedy.COUNT_TABLE,
    "notice": gate.NOTICE_TABLE,
    "window": gate.WINDOW_TABLE,
    "announced": gate.ANNOUNCED_TABLE,
    "fact": gate.FACT_TABLE,
}
KEYS = [(table, key) for table, keys in TABLES.items() for key in keys]


def test_the_reference_on_disk_is_the_one_that_the_tables_give() -> None:
    assert PAGE.read_text(encoding="utf-8") == reference(), f"write it anew: {WRITE}"


def test_the_reference_names_every_primitive_and_every_key() -> None:
    text = reference()
    assert all(f"## `{name}`" in text for name in ("agreement", *PRIMITIVES))
    assert all(f"| `{key.name}` |" in text for _, key in KEYS)


@pytest.mark.parametrize(("table", "key"), KEYS, ids=[f"{table}: {key.name}" for table, key in KEYS])
def test_every_key_says_what_it_is_and_its_example_reads_without_a_problem(table: str, key: Key[Any]) -> None:
    assert key.says, table
    node, problems = read_yaml(f"value: {key.example}", "example")
    assert not problems
    assert node is not None
    report = Report(Clause("example"))
    value = next(v for _, v in node.entries)  # type: ignore[union-attr]
    read = key.shape.read(value, report)
    assert not report.problems
    assert read is not None or key.example == "best effort"


def test_the_schema_has_one_alternative_for_each_primitive_with_its_keys() -> None:
    schema = rule_schema()
    assert [rule["title"] for rule in schema["oneOf"]] == ["agreement", *PRIMITIVES]
    for rule in schema["oneOf"]:
        keys = {key.name for key in TABLES[rule["title"]]}
        extra = set() if rule["title"] == "agreement" else {"applies to", "exception to"}
        assert set(rule["properties"]) == keys | {rule["title"]} | extra
        assert all("description" in value for value in rule["properties"].values())
        assert rule["additionalProperties"] is False
