"""The published document: exact, stable, and its derivation recomputes without the engine."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from fractions import Fraction
from typing import Any

import pytest
from pydantic import BaseModel, ValidationError

from makegood.model.statement import NotApplicable, Statement
from makegood.model.terms import Clause
from makegood.model.trace import Kind, Op, derive, leaf
from makegood.render.document import (
    StatementDocument,
    StatementsDocument,
    TraceDiffers,
    statement_document,
    statement_json,
    statement_schema,
    statements_json,
    statements_schema,
    trace_from_document,
)
from tests.render.samples import breach, everything, hostile, insufficient

ALL = {**everything(), "hostile": hostile()}


def changed(statement: Statement, **fields: Any) -> StatementDocument:
    """The document with something in its first step of that operation changed."""
    written = json.loads(statement_json(statement))
    op = fields.pop("op")
    step = next(step for step in written["trace"] if step["op"] == op)
    step.update(fields)
    return StatementDocument.model_validate_json(json.dumps(written))


@pytest.mark.parametrize("name", ALL)
def test_a_document_reads_back_as_it_was_written(name: str) -> None:
    text = statement_json(ALL[name])
    assert StatementDocument.model_validate_json(text) == statement_document(ALL[name])
    assert statement_json(ALL[name]) == text


@pytest.mark.parametrize("name", ALL)
def test_every_step_recomputes_from_the_document_alone(name: str) -> None:
    document = StatementDocument.model_validate_json(statement_json(ALL[name]))
    nodes = trace_from_document(document)
    runs = [ALL[name].favourable] if ALL[name].exact else [ALL[name].favourable, ALL[name].unfavourable]
    assert [nodes[figures.step] for figures in document.figures] == [run.trace for run in runs]
    assert len(nodes) == len(set(nodes))


@pytest.mark.parametrize(
    ("op", "change", "why"),
    [
        ("divided by", {"number": "999/1000"}, "is not what “divided by” makes of its operands"),
        ("total time", {"number": "1"}, "is not what “total time” makes"),
        ("is at least", {"truth": True}, "is not what “is at least” makes"),
        ("minus", {"spans_us": [[0, 1]]}, "has more than one value"),
        ("difference", {"spans_us": [[0, 5], [5, 9]]}, "not sorted, disjoint and apart"),
        ("difference", {"spans_us": [[9, 5]]}, "before it starts"),
        ("difference", {"spans_us": [[0, 2**63]]}, "out of range"),
        ("total time", {"operands": [31]}, "does not stand before it"),
        ("total time", {"operands": [-1]}, "does not stand before it"),
        ("divided by", {"operands": []}, "cannot be computed: ValueError"),
        ("rounded", {"argument": "sideways"}, "cannot be computed: ValueError"),
        ("rounded", {"op": "rounded ratio", "argument": "9" * 9}, "cannot round to"),
    ],
)
def test_a_step_that_was_changed_is_named(op: str, change: dict[str, Any], why: str) -> None:
    written = json.loads(statement_json(breach()))
    step = next(step for step in written["trace"] if step["op"] == op)
    step.update(change)
    with pytest.raises(TraceDiffers, match=why) as found:
        trace_from_document(StatementDocument.model_validate_json(json.dumps(written)))
    assert step["id"] in [place for place, _ in found.value.wrong]


def test_changing_any_value_of_the_trace_that_others_use_is_noticed() -> None:
    written = json.loads(statement_json(breach()))
    used = {operand for step in written["trace"] for operand in step["operands"] if step["op"] != "finding"}
    for step in written["trace"]:
        if step["number"] is None or step["id"] not in used or step["op"] == "rule":
            continue
        before, step["number"] = step["number"], str(Fraction(step["number"]) + 1)
        with pytest.raises(TraceDiffers):
            trace_from_document(StatementDocument.model_validate_json(json.dumps(written)))
        step["number"] = before


def test_a_division_by_nothing_is_a_wrong_step_and_no_crash() -> None:
    document = changed(breach(), op="divided by", operands=[0, 0])
    with pytest.raises(TraceDiffers):
        trace_from_document(document)


@pytest.mark.parametrize(
    "number", ["1/0", "nan", "1e9", "0.5", "٣", "1/2/3", "", "9" * 500, "1\n"], ids=lambda n: repr(n)[:12]
)
def test_a_number_is_a_fraction_and_nothing_else(number: str) -> None:
    with pytest.raises(ValidationError):
        changed(breach(), op="divided by", number=number)


def test_an_unknown_field_is_refused() -> None:
    with pytest.raises(ValidationError, match="extra"):
        changed(breach(), op="fact", remark="hello")


def test_truth_and_one_are_different_values() -> None:
    one = leaf(Op.FACT, "same words", Kind.ITEMS, Fraction(1))
    yes = leaf(Op.FACT, "same words", Kind.ITEMS, True)
    both = derive(Op.ALL, "both", Kind.TRUTH, (one, yes))
    statement = replace(breach(), favourable=replace(breach().favourable, trace=both))
    statement = replace(statement, unfavourable=statement.favourable)
    document = statement_document(statement)
    assert trace_from_document(document)[document.figures[0].step] == both


def test_a_long_chain_of_steps_is_no_recursion() -> None:
    node = leaf(Op.FACT, "one", Kind.ITEMS, Fraction(1), Clause("c"))
    for _ in range(3_000):
        node = derive(Op.SUM, "the same", Kind.ITEMS, (node,))
    statement = replace(breach(), favourable=replace(breach().favourable, trace=node))
    document = statement_document(replace(statement, unfavourable=statement.favourable))
    assert trace_from_document(document)[document.figures[0].step].value == 1


def test_exact_figures_have_one_run_and_others_two() -> None:
    assert [f.run.value for f in statement_document(breach()).figures] == ["favourable"]
    assert [f.run.value for f in statement_document(insufficient()).figures] == ["favourable", "unfavourable"]


def test_figures_are_exact_with_a_display_beside_them() -> None:
    (figures,) = statement_document(breach()).figures
    assert figures.ratio is not None
    assert figures.ratio.model_dump() == {
        "exact": "40273/40320",
        "decimal": "0.998834325396",
        "percent": "99.883 %",
    }
    assert figures.numerator_us is not None
    assert figures.numerator_us.exact == "2416380000000"
    assert figures.lines[0].money is not None
    assert figures.lines[0].money.model_dump() == {"minor": 125_000, "currency": "USD", "text": "1,250.00 USD"}


def test_the_schema_describes_every_field_and_allows_no_other() -> None:
    schema = statement_schema()
    objects = [schema, *(d for d in schema["$defs"].values() if d["type"] == "object")]
    for form in objects:
        assert form["additionalProperties"] is False
        for name, field in form["properties"].items():
            assert field.get("description"), (form["title"], name)
    json.dumps(schema)


def test_every_form_is_frozen() -> None:
    for form in _forms(StatementDocument):
        assert form.model_config["frozen"], form


def _forms(form: type[BaseModel]) -> Iterator[type[BaseModel]]:
    base = form.__mro__[1]
    yield from base.__subclasses__()


def test_a_collection_says_what_does_not_apply() -> None:
    clause = Clause("up", "4.", "Availability", 12)
    text = statements_json([breach()], [NotApplicable("uptime", clause, "it applies to deployment saas")])
    read = StatementsDocument.model_validate_json(text)
    assert len(read.statements) == 1
    assert [(n.what, n.clause.line, n.why) for n in read.not_applicable] == [
        ("uptime", 12, "it applies to deployment saas")
    ]
    assert json.loads(statements_json([])) == {
        "format": "makegood.statements/1",
        "statements": [],
        "not_applicable": [],
    }


def test_the_schema_of_a_collection_describes_every_field() -> None:
    schema = statements_schema()
    assert set(schema["properties"]) == {"format", "statements", "not_applicable"}
    assert all(part.get("description") for part in schema["properties"].values())
