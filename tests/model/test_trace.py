"""A derivation is data: each node's value is what its operation makes of its operands, and can be made again."""

from collections.abc import Sequence
from dataclasses import replace
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from makegood.model.spans import Spans
from makegood.model.terms import Range
from makegood.model.trace import LEAVES, Kind, Node, Op, Value, derive, leaf, read_ranges, recompute, write_ranges

F = Fraction
DAY, NIGHT = Spans([(0, 10), (20, 30)]), Spans([(5, 25)])
TABLE = ">=99/100 <999/1000; >=19/20 <99/100; <19/20"
NESTED = "<999/1000; <99/100; <19/20"

DERIVED: list[tuple[Op, Sequence[Value], str, Value]] = [
    (Op.UNION, [DAY, NIGHT], "", Spans([(0, 30)])),
    (Op.UNION, [], "", Spans()),
    (Op.INTERSECTION, [DAY, NIGHT], "", Spans([(5, 10), (20, 25)])),
    (Op.DIFFERENCE, [DAY, NIGHT, Spans([(0, 2)])], "", Spans([(2, 5), (25, 30)])),
    (Op.TOTAL, [DAY, NIGHT], "", F(40)),
    (Op.SUM, [F(1), F(1, 3)], "", F(4, 3)),
    (Op.SUM, [], "", F(0)),
    (Op.SUBTRACT, [F(10), F(1), F(1, 2)], "", F(17, 2)),
    (Op.MULTIPLY, [F(1, 10), F(20000)], "", F(2000)),
    (Op.DIVIDE, [F(40273), F(40320)], "", F(40273, 40320)),
    (Op.LEAST, [F(3), F(2)], "", F(2)),
    (Op.GREATEST, [F(3), F(2)], "", F(3)),
    (Op.STARTED, [F(61), F(30)], "", F(3)),
    (Op.STARTED, [F(60), F(30)], "", F(2)),
    (Op.STARTED, [F(-1), F(30)], "", F(0)),
    (Op.COMPLETE, [F(61), F(30)], "", F(2)),
    (Op.COMPLETE, [F(60), F(30)], "", F(2)),
    (Op.ROUND, [F(5, 2)], "half up", F(3)),
    (Op.ROUND, [F(5, 2)], "half even", F(2)),
    (Op.ROUND_RATIO, [F(99895, 100000)], "4", F(999, 1000)),
    (Op.AT_LEAST, [F(1), F(1)], "", True),
    (Op.MORE_THAN, [F(1), F(1)], "", False),
    (Op.BELOW, [F(1), F(1)], "", False),
    (Op.AT_MOST, [F(1), F(1)], "", True),
    (Op.EXACTLY, [F(1), F(2, 2)], "", True),
    (Op.LOOKUP, [F(99, 100), F(10), F(25), F(50)], f"|{TABLE}", F(10)),
    (Op.LOOKUP, [F(9), F(10), F(25), F(50)], f"|{TABLE}", None),
    (Op.LOOKUP, [F(98, 100), F(10), F(25), F(50)], f"|{NESTED}", F(25)),
    (Op.LOOKUP, [F(98, 100), F(10), F(25), F(50)], f"adding|{NESTED}", F(35)),
    (Op.LOOKUP, [F(98, 100), F(10), None, F(50)], f"adding|{NESTED}", None),
    (Op.LOOKUP, [None, F(10), F(25), F(50)], f"|{TABLE}", None),
    (Op.IF, [True, F(1), F(2)], "", F(1)),
    (Op.IF, [False, F(1), F(2)], "", F(2)),
    (Op.ALL, [True, False], "", False),
    (Op.ALL, [], "", True),
    (Op.ANY, [True, False], "", True),
    (Op.ANY, [], "", False),
    (Op.NOT, [True], "", False),
]


def kind_of(value: Value) -> Kind:
    return Kind.SPANS if isinstance(value, Spans) else Kind.TRUTH if isinstance(value, bool) else Kind.SHARE


def leaves(values: Sequence[Value]) -> list[Node]:
    return [leaf(Op.FACT, "given", kind_of(value), value) for value in values]


@pytest.mark.parametrize(("op", "given", "argument", "value"), DERIVED)
def test_a_node_has_the_value_that_its_operation_gives(
    op: Op, given: Sequence[Value], argument: str, value: Value
) -> None:
    node = derive(op, "made", kind_of(value), leaves(given), argument=argument)
    assert node.value == value
    assert type(node.value) is type(value)
    assert recompute(node) == node.value


def test_every_operation_is_tried_here() -> None:
    assert {op for op, *_ in DERIVED} == set(Op) - LEAVES


def test_a_value_that_was_changed_is_seen() -> None:
    node = derive(Op.SUM, "made", Kind.ITEMS, leaves([F(1), F(2)]))
    assert recompute(replace(node, value=F(4))) == F(3)
    other = replace(node, operands=tuple(leaves([F(1), F(3)])))
    assert recompute(other) != other.value


@pytest.mark.parametrize("op", sorted(LEAVES))
def test_a_leaf_keeps_the_value_that_was_found(op: Op) -> None:
    node = leaf(op, "found", Kind.LABEL, "breached", operands=tuple(leaves([True])))
    assert recompute(node) == "breached"


def test_a_division_by_nothing_is_an_error_and_no_value() -> None:
    with pytest.raises(ZeroDivisionError):
        derive(Op.DIVIDE, "share", Kind.SHARE, leaves([F(1), F(0)]))


def test_a_derivation_is_walked_parents_first() -> None:
    one, two = leaves([F(1), F(2)])
    total = derive(Op.SUM, "sum", Kind.ITEMS, [one, two])
    root = derive(Op.MULTIPLY, "product", Kind.ITEMS, [total, two])
    assert list(root.walk()) == [root, total, one, two, two]


EDGES = st.none() | st.fractions(0, 2, max_denominator=10_000)


def range_of(low: Fraction | None, low_inside: bool, high: Fraction | None, high_inside: bool) -> Range:
    return Range(low, low_inside and low is not None, high, high_inside and high is not None)


@given(st.lists(st.builds(range_of, EDGES, st.booleans(), EDGES, st.booleans()), max_size=6))
def test_the_ranges_of_a_table_are_read_as_they_were_written(ranges: list[Range]) -> None:
    assert list(read_ranges(write_ranges(ranges))) == ranges


def test_ranges_are_written_for_a_person_to_check() -> None:
    rows = read_ranges(TABLE)
    assert write_ranges(rows) == TABLE
    assert write_ranges([Range(None, False, None, False)]) == "any"
    assert [row.holds(F(99, 100)) for row in rows] == [True, False, False]
