"""The schemas of orders and facts take what their readers take, and refuse what no reader would."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from makegood.contract.nodes import Keyed, Many, Node, Text
from makegood.contract.shape import Key, Report
from makegood.contract.strict_yaml import read_yaml
from makegood.exchange.checks.read import CHECKS as LISTED
from makegood.exchange.checks.read import TABLE as CHECK_TABLE
from makegood.exchange.checks.read import read_checks
from makegood.exchange.checks.reference import TABLES as OF_CHECKS
from makegood.exchange.checks.workflow import CAPTURE_TABLE, STEP_TABLE
from makegood.exchange.fact_kinds import KINDS
from makegood.exchange.moments import MOMENT, OPEN_SPAN, SPAN
from makegood.exchange.order_values import FEE, PLAN, TERM, ZONE
from makegood.exchange.orders import ORDER_KEYS, SERVICE_KEYS, read_order
from makegood.exchange.schema import checks_schema, facts_schema, order_schema
from makegood.model.problem import Place
from makegood.model.terms import Clause

ORDER, FACTS = Draft202012Validator(order_schema()), Draft202012Validator(facts_schema())
CHECKS = Draft202012Validator(checks_schema())
FOLDERS = [Path("examples"), Path("src"), Path("tests")]
ORDERS = sorted(path for folder in FOLDERS for path in folder.rglob("*.order.yaml"))
GOOD_FACTS = sorted(p for folder in FOLDERS for p in folder.rglob("*.facts.yaml") if "bad" not in p.parts)
KEYS = [(kind.name, key) for kind in KINDS.values() for key in kind.every_key]
KEYS += [("order", key) for key in ORDER_KEYS] + [("service", key) for key in SERVICE_KEYS]
KEYS += [("check", key) for key in (LISTED, *CHECK_TABLE)]
KEYS += [("probe", key) for table in (*OF_CHECKS.values(), STEP_TABLE, CAPTURE_TABLE) for key in table]
FILES_OF_CHECKS = sorted(p for folder in FOLDERS for p in folder.rglob("*.checks.yaml") if "bad" not in p.parts)
WRITTEN: tuple[tuple[Any, tuple[str, ...]], ...] = (
    (MOMENT, ("2026-02-05T08:00:00Z", "2026-02-05 08:00:00.25+01:00", "2026-02-08 02:00 America/New_York")),
    (
        SPAN,
        (
            "2026-02-08 02:00 to 2026-02-08 04:00 America/New_York",
            "2026-02-05T08:00:00Z to 2026-02-05 09:00 UTC",
            "2026-02-05 02:00 Europe/Berlin to 2026-02-05T08:00:00Z",
        ),
    ),
    (OPEN_SPAN, ("from 2026-02-05T08:00:00Z", "2026-02-05T08:00:00Z to 2026-02-05T09:00:00Z")),
    (TERM, ("2025-07-01 to 2026-06-30", "from 2025-07-01")),
    (ZONE, ("America/New_York", "UTC")),
    (FEE, ("12,500.00 USD per month", "EUR 5 per term")),
    (PLAN, ("premier",)),
)
WRONG = (
    *("2026-02-05", "2026-02-05 08:00", "yesterday", "08:00", "2026-02-05T08:00:00Z to", "to 2026-02-05T08:00:00Z"),
    *(
        "2025-07-01",
        "2025-07-01 - 2026-06-30",
        "EST",
        "New York",
        "12,500.00 USD",
        "12,500.00 USD monthly",
        "$5 per term",
    ),
    *("12.500,00 EUR per month", "from 2025", "Europe/Atlantis", "UTC+1"),
)


def plain(node: Node | None) -> Any:
    match node:
        case Text():
            return node.text
        case Many():
            return [plain(item) for item in node.items]
        case Keyed():
            return {key.text: plain(value) for key, value in node.entries}
    return None


@pytest.mark.parametrize("path", ORDERS, ids=lambda path: path.as_posix())
def test_an_order_that_reads_fits_the_schema(path: Path) -> None:
    order, problems = read_order(path.read_bytes(), path.name)
    if order is not None and not problems:
        node, _ = read_yaml(path.read_text(encoding="utf-8"), path.name)
        assert [error.message for error in ORDER.iter_errors(plain(node))] == []


@pytest.mark.parametrize("path", GOOD_FACTS, ids=lambda path: path.as_posix())
def test_facts_that_read_fit_the_schema(path: Path) -> None:
    node, _ = read_yaml(path.read_text(encoding="utf-8"), path.name)
    assert [error.message for error in FACTS.iter_errors(plain(node))] == []


@pytest.mark.parametrize("path", FILES_OF_CHECKS, ids=lambda path: path.as_posix())
def test_checks_that_read_fit_the_schema(path: Path) -> None:
    checks, _ = read_checks(path.read_bytes(), path.name)
    assert checks
    node, _ = read_yaml(path.read_text(encoding="utf-8"), path.name)
    assert [error.message for error in CHECKS.iter_errors(plain(node))] == []


@pytest.mark.parametrize(
    "change",
    [
        {"servce": "x"}, {"every": "5m"}, {"ping": "x"}, {"http": {"url": "x", "verify": "maybe"}}, {"http": {}},
        {"http": {"url": "x", "status": "2xx"}}, {"http": {"url": "x", "certificate": "14 days"}}, {"locations": {}},
        {"http": {"url": "x", "headers": ["a"]}}, {"http": {"url": "x", "method": "get"}},
    ],
    ids=str,
)  # fmt: skip
def test_the_schema_refuses_a_check_that_is_wrong_in_one_place(change: dict[str, Any]) -> None:
    good = {"check": "a", "service": "b", "http": "https://a.example"}
    assert CHECKS.is_valid({"checks": [good]})
    assert not CHECKS.is_valid({"checks": [{**good, **change}]})
    assert not CHECKS.is_valid([good])


def test_the_schemas_are_schemas_and_have_every_key_with_what_it_says() -> None:
    tables: list[Sequence[Key[Any]]] = [ORDER_KEYS, *(kind.every_key for kind in KINDS.values())]
    for schema, table in zip((order_schema(), *facts_schema()["items"]["anyOf"]), tables, strict=True):
        Draft202012Validator.check_schema(schema)
        assert [key.name for key in table] == list(schema["properties"])
        assert all(key.says == schema["properties"][key.name]["description"] for key in table)


@pytest.mark.parametrize(("table", "key"), KEYS, ids=[f"{table}: {key.name}" for table, key in KEYS])
def test_the_schema_of_a_key_takes_its_example(table: str, key: Any) -> None:
    node, problems = read_yaml(f"value: {key.example}", table)
    assert not problems
    assert Draft202012Validator(key.schema).is_valid(plain(node)["value"])


@pytest.mark.parametrize(("shape", "taken"), WRITTEN, ids=[shape.example for shape, _ in WRITTEN])
def test_the_schema_of_a_value_takes_and_refuses_what_its_reader_does(shape: Any, taken: tuple[str, ...]) -> None:
    checker = Draft202012Validator(shape.schema)
    assert all(checker.is_valid(value) for value in taken)
    for value in WRONG:
        report = Report(Clause(""))
        shape.read(Text(value, Place("example")), report)
        assert report.failed == (not checker.is_valid(value)), value


@pytest.mark.parametrize(
    "change",
    [
        {"agrement": "x"},
        {"zone": "EST"},
        {"term": "2026"},
        {"services": [{"service": "web", "stage": "betta"}]},
        {"services": [{"fee": "5 EUR per month"}]},
        {"plan": [{"plan": "premier"}]},
        {"instead": [{"is": "at least 99 %"}]},
        {"readings": ["a"]},
    ],
    ids=str,
)
def test_the_schema_refuses_an_order_that_is_wrong_in_one_place(change: dict[str, Any]) -> None:
    path = Path("examples/harbour/northwind.order.yaml")
    good = plain(read_yaml(path.read_text(encoding="utf-8"), path.name)[0])
    assert ORDER.is_valid(good)
    assert not ORDER.is_valid({**good, **change})


def test_the_schema_refuses_a_fact_of_no_kind_one_without_its_recording_and_one_with_another_kinds_key() -> None:
    good = {"cause": "C-1", "service": "web", "during": "2026-02-05T08:00:00Z to 2026-02-05T09:00:00Z"}
    good |= {"what": "internet", "recorded": "2026-02-05T10:00:00Z", "by": "ops"}
    assert FACTS.is_valid([good])
    assert not FACTS.is_valid([{**good, "announced": good["during"]}])
    assert not FACTS.is_valid([{key: value for key, value in good.items() if key != "recorded"}])
    assert not FACTS.is_valid([{"reason": "C-1"}])
    assert not FACTS.is_valid(good)
