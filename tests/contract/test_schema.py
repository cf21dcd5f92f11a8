"""The schema and the reference come from the tables that read rules, and are as fresh as they."""

import re
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from makegood.contract import values
from makegood.contract.document import read_document
from makegood.contract.nodes import Keyed, Many, Node, Text
from makegood.contract.rules import calendar, classing, gate, remedy, scale
from makegood.contract.schema import default_words, reference, rule_schema
from makegood.contract.shape import Key, Report
from makegood.contract.strict_yaml import read_yaml
from makegood.contract.written import HEADER_TABLE, PRIMITIVES
from makegood.model.problem import Place
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
TYPOGRAPHIC = (
    *("5\u202fmin", "1 h 30 min", "99.9\u00a0%", "Sunday 02:00\u201306:00", "monday to friday 09:00-17:00"),
    *("EUR 5", "5 EUR", "8 business hours 30 min", "at least 5 business days", "every day 00:00-24:00", "2", "-3"),
    *("Friday 18:00 - Monday 03:00", "more than 98 % and at most 99 %", "more than 15 days", "any 30 days", "3 places"),
    *("end of period and claim received", "best effort", "2 weeks", "1 month", "250ms", "none"),
)
"""Values that some reader takes, in ways of writing that are easily forgotten."""
WRONG = (
    *("5m", "99.9", "at least", "10:00", "at least 99.9", "99.9%%", "5 minutes 1 h x", "above 5 min", "02:00-06:00"),
    *("2026-02-5", "01.02.2026", "1.250,00 EUR", "5 dollars", "Mon 02:00-06:00", "maybe", "Febuary", "2 place"),
    *("any 30 day", "-", "5 %%", "five", "around 5 %", "Upper-Case", "under_score", "30 dayz", "1e3"),
)
SINGLE = (
    *(values.NAME, values.YES_NO, values.DURATION, values.THRESHOLD_DURATION, values.SHARE),
    *(values.MONEY, values.ALLOWANCE, values.DAY, values.WINDOWS, values.WEEKDAY, values.MONTH, values.PLACES),
    *(values.FAILURES, values.NUMBER, values.STRENGTH),
)
KEYS = [(table, key) for table, keys in TABLES.items() for key in keys]


def test_the_reference_on_disk_is_the_one_that_the_tables_give() -> None:
    assert PAGE.read_text(encoding="utf-8") == reference(), f"write it anew: {WRITE}"


def test_the_reference_names_every_primitive_and_every_key() -> None:
    text = reference()
    assert all(f"## `{name}`" in text for name in ("agreement", *PRIMITIVES))
    assert all(f"| `{key.name}` |" in text for _, key in KEYS)


@pytest.mark.parametrize("key", [key for _, key in KEYS], ids=[f"{table}: {key.name}" for table, key in KEYS])
def test_a_default_in_the_reference_is_written_as_in_a_rule_and_reads_as_that_default(key: Key[Any]) -> None:
    shown = default_words(key)
    if shown in ("it must be", "nothing"):
        return
    node, problems = read_yaml(f"value: {shown.strip('`')}", "default")
    assert not problems
    assert isinstance(node, Keyed)
    report, value = Report(Clause("default")), node.get("value")
    assert value is not None
    assert key.shape.read(value, report) == key.default
    assert not report.problems


def test_the_reference_has_the_right_articles() -> None:
    assert re.findall(r"\ba [aeio]\w+", reference()) == []


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


CHECKERS = {
    rule["title"]: Draft202012Validator({**rule, "$defs": rule_schema()["$defs"]}) for rule in rule_schema()["oneOf"]
}
WRITTEN = [*Path("examples").rglob("*.sla.md"), *Path("src").rglob("*.sla.md"), Path("docs/language.md")]
WRITTEN += [p for p in Path("tests/cases").rglob("*.md") if "bad" not in p.parts]


def plain(node: Node | None) -> Any:
    """A document as JSON has it."""
    match node:
        case Text():
            return node.text
        case Many():
            return [plain(item) for item in node.items]
        case Keyed():
            return {key.text: plain(value) for key, value in node.entries}
    return None


def read(value: str) -> Any:
    node, problems = read_yaml(f"value: {value}", "example")
    assert not problems, value
    return plain(node)["value"]


def test_the_schema_is_a_schema() -> None:
    Draft202012Validator.check_schema(rule_schema())


@pytest.mark.parametrize("path", WRITTEN, ids=lambda path: path.as_posix())
def test_every_rule_that_is_written_anywhere_fits_the_schema(path: Path) -> None:
    document, _ = read_document("# Page\n" + path.read_text(encoding="utf-8"), path.name)
    for block in (block for clause in document.clauses for block in clause.rules):
        primitive = block.node.entries[0][0].text
        assert [e.message for e in CHECKERS[primitive].iter_errors(plain(block.node))] == []


@pytest.mark.parametrize(("table", "key"), KEYS, ids=[f"{table}: {key.name}" for table, key in KEYS])
def test_the_schema_takes_the_example_of_a_key_and_refuses_nothing_that_its_reader_takes(
    table: str, key: Key[Any]
) -> None:
    checker = Draft202012Validator(key.schema)
    assert checker.is_valid(read(key.example)), table
    for value in (*TYPOGRAPHIC, *WRONG):
        report = Report(Clause("example"))
        if key.shape.read(Text(value, Place("example")), report) is not None and not report.problems:
            assert checker.is_valid(value), (key.name, value)


@pytest.mark.parametrize("value", WRONG)
def test_a_value_that_no_reader_of_a_single_value_takes_is_refused_by_each_of_their_schemas(value: str) -> None:
    for shape in SINGLE:
        report = Report(Clause("example"))
        shape.read(Text(value, Place("example")), report)
        assert report.failed == (not Draft202012Validator(shape.schema).is_valid(value)), (shape.says, value)


def test_the_schema_refuses_an_unknown_key_a_missing_one_and_a_wrong_word() -> None:
    good = {"period": "month", "is": "calendar month", "in": "office"}
    bad = [{**good, "partail": "judged"}, {"period": "month", "is": "calendar month"}, {**good, "is": "monthly"}]
    assert CHECKERS["period"].is_valid(good)
    assert not any(CHECKERS["period"].is_valid(rule) for rule in bad)


def test_the_schema_takes_a_reading_and_a_choice_by_plan_in_the_place_of_any_value() -> None:
    reading = {"among": ["30 days", "45 days"], "chosen": "30 days", "because": "it is the rule", "clauses": ["a"]}
    row = {"when": {"by": "plan", "small": "below 99 %", "large": "below 99.9 %"}, "gives": {"among": ["5 %", "10 %"]}}
    assert CHECKERS["clock"].is_valid({"clock": "claim", "from": "end of period", "allow": reading})
    assert CHECKERS["scale"].is_valid({"scale": "rows", "rows": [row]})
    assert not CHECKERS["scale"].is_valid({"scale": "rows", "rows": [{**row, "gives": {"among": ["5 %"]}}]})


def test_the_schema_has_one_alternative_for_each_primitive_with_its_keys() -> None:
    schema = rule_schema()
    assert [rule["title"] for rule in schema["oneOf"]] == ["agreement", *PRIMITIVES]
    for rule in schema["oneOf"]:
        keys = {key.name for key in TABLES[rule["title"]]}
        extra = set() if rule["title"] == "agreement" else {"applies to", "exception to"}
        assert set(rule["properties"]) == keys | {rule["title"]} | extra
        assert all("description" in value for value in rule["properties"].values())
        assert rule["additionalProperties"] is False
