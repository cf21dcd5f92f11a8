"""Facts as plain values are read back equal, and nothing else is read."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from makegood.exchange.fact_json import TYPES, fact_from_json, fact_to_json, kind_of
from makegood.model.facts import (
    AnyFact,
    Cause,
    Item,
    ItemKind,
    Judgement,
    Maintenance,
    Notice,
    Retraction,
    Standing,
)
from makegood.model.spans import BEGINNING_OF_TIME, END_OF_TIME, Span
from tests.engine.worlds import examples

WORDS = st.text(max_size=12)
INSTANTS = st.integers(0, 2**60)
SPANS = st.builds(
    lambda a, b: Span(min(a, b), max(a, b)),
    INSTANTS | st.just(BEGINNING_OF_TIME),
    INSTANTS | st.just(END_OF_TIME),
)
BASE: dict[str, Any] = {"id": WORDS, "recorded": INSTANTS, "by": WORDS, "supersedes": WORDS}
FACTS: st.SearchStrategy[AnyFact] = st.one_of(
    st.builds(Maintenance, **BASE, services=st.lists(WORDS).map(tuple), announced=SPANS, kind=WORDS, purpose=WORDS),
    st.builds(Notice, **BASE, of=WORDS, to=WORDS, via=WORDS, accepted=st.none() | INSTANTS, order=WORDS),
    st.builds(Cause, **BASE, service=WORDS, span=SPANS, cause=WORDS, evidence=WORDS, directed_by=WORDS),
    st.builds(Judgement, **BASE, about=WORDS, gate=WORDS, holds=st.booleans(), because=WORDS),
    st.builds(Standing, **BASE, order=WORDS, span=SPANS, standing=WORDS),
    st.builds(Retraction, **BASE, because=WORDS),
    st.builds(
        Item, **BASE, kind=st.sampled_from(ItemKind), service=WORDS, order=WORDS,
        facts=st.lists(st.tuples(WORDS, WORDS)).map(tuple), events=st.lists(st.tuples(WORDS, INSTANTS)).map(tuple),
        states=st.lists(st.tuples(WORDS, SPANS)).map(tuple),
    ),
)  # fmt: skip


@given(FACTS)
@examples(200)
def test_a_fact_is_read_back_equal(fact: AnyFact) -> None:
    said = json.loads(json.dumps(fact_to_json(fact)))
    assert fact_from_json(said) == fact
    assert said["fact"] == kind_of(fact)
    assert isinstance(fact, TYPES[said["fact"]])


NOTICE = fact_to_json(Notice("n-1", 5, "ops", accepted=7))


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("fact", "rumour"),
        ("fact", None),
        ("recorded", 5),
        ("recorded", "05"),
        ("recorded", "5.0"),
        ("accepted", 7),
        ("accepted", [7]),
        ("id", None),
        ("to", True),
        ("strange", ""),
    ],
)
def test_nothing_else_is_read(key: str, value: object) -> None:
    with pytest.raises((ValueError, TypeError)):
        fact_from_json({**NOTICE, key: value})


@pytest.mark.parametrize("span", ["", ["1"], ["1", "2", "3"], [1, 2], {"start": "1"}])
def test_a_span_is_its_two_instants(span: object) -> None:
    said = fact_to_json(Standing("s-1", 1, "ops", order="o", standing="overdue"))
    with pytest.raises(ValueError, match=r"span|list|whole"):
        fact_from_json({**said, "span": span})


def test_a_fact_that_lacks_a_value_is_none() -> None:
    with pytest.raises(ValueError, match="a notice has"):
        fact_from_json({name: value for name, value in NOTICE.items() if name != "via"})
