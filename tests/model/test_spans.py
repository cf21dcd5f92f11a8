"""Sets of spans against a plain oracle: the set of whole instants that they hold."""

import copy
import pickle
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from makegood.model.spans import BEGINNING_OF_TIME, END_OF_TIME, Span, Spans, at_least

WORLD = range(-2, 26)
PAIRS = st.lists(st.tuples(st.integers(0, 24), st.integers(0, 24)).map(lambda pair: (min(pair), max(pair))), max_size=8)
SETS = PAIRS.map(Spans)
SPANS = st.tuples(st.integers(-2, 25), st.integers(-2, 25)).map(lambda pair: Span(min(pair), max(pair)))


def instants(spans: Spans) -> set[int]:
    return {instant for span in spans for instant in range(span.start, span.end)}


def sound(spans: Spans) -> Spans:
    """The same set, after a look at what every set keeps: sorted, apart, not empty, not to be changed."""
    assert spans.edges.dtype == np.int64
    assert spans.edges.shape == (len(spans), 2)
    assert not spans.edges.flags.writeable
    assert all(span.length > 0 for span in spans)
    assert all(a.end < b.start for a, b in pairwise(spans))
    return spans


@given(PAIRS)
def test_a_set_holds_what_its_spans_hold(pairs: list[tuple[int, int]]) -> None:
    held = {instant for start, end in pairs for instant in range(start, end)}
    for made in (Spans(pairs), Spans.from_edges(np.array(pairs, dtype=np.int64)), Spans(Span(*pair) for pair in pairs)):
        assert instants(sound(made)) == held
        assert made.total == len(held)
        assert [instant in made for instant in WORLD] == [instant in held for instant in WORLD]
        assert made.hull == (Span(min(held), max(held) + 1) if held else None)


@given(SETS, SETS)
def test_union_intersection_and_difference_are_those_of_the_instants(a: Spans, b: Spans) -> None:
    assert instants(sound(a | b)) == instants(a) | instants(b)
    assert instants(sound(a & b)) == instants(a) & instants(b)
    assert instants(sound(a - b)) == instants(a) - instants(b)


@given(SETS, SETS)
def test_sets_with_the_same_instants_are_equal_and_hash_alike(a: Spans, b: Spans) -> None:
    assert (a == b) == (instants(a) == instants(b))
    same = Spans(reversed(list(a)))
    assert (same, hash(same), pickle.loads(pickle.dumps(same)), copy.deepcopy(same)) == (a, hash(a), a, a)
    assert (a == list(a)) is False


@given(SETS)
def test_before_an_instant_is_what_lies_before_it(spans: Spans) -> None:
    held = instants(spans)
    found = spans.before(np.array(WORLD, dtype=np.int64))
    assert found.tolist() == [sum(one < at for one in held) for at in WORLD]


@given(SETS, SPANS)
def test_a_span_cuts_touches_and_is_covered(spans: Spans, span: Span) -> None:
    inside = set(range(span.start, span.end))
    assert instants(sound(spans.within(span))) == instants(spans) & inside
    assert spans.covers(span) == (inside <= instants(spans))
    touching = sound(spans.touching(span))
    if span.length:
        assert list(touching) == [s for s in spans if inside & set(range(s.start, s.end))]
        assert list(touching) == [s for s in spans if s.overlaps(span)]


@given(SETS, st.integers(-1, 25))
def test_the_lasting_ones_are_at_least_so_long(spans: Spans, shortest: int) -> None:
    assert list(sound(spans.lasting(shortest))) == [span for span in spans if span.length >= shortest]


@given(st.integers(1, 5), st.lists(SETS, max_size=5))
def test_at_least_k_counts_the_members_at_each_instant(k: int, members: list[Spans]) -> None:
    held = [instants(member) for member in members]
    assert instants(sound(at_least(k, members))) == {i for i in WORLD if sum(i in h for h in held) >= k}


@pytest.mark.parametrize("k", [0, -1])
def test_a_quorum_of_nobody_is_refused(k: int) -> None:
    with pytest.raises(ValueError, match="at least one member"):
        at_least(k, [])


def test_spans_that_touch_are_one() -> None:
    assert list(Spans([(0, 5), (5, 9)])) == [Span(0, 9)]
    assert list(Spans([(0, 5)]) | Spans([(5, 9)])) == [Span(0, 9)]
    assert list(at_least(1, [Spans([(0, 5)]), Spans([(5, 9)])])) == [Span(0, 9)]
    assert list(at_least(2, [Spans([(0, 5)]), Spans([(5, 9)])])) == []


def test_open_ends_are_counted_exactly() -> None:
    ever = Spans([Span(BEGINNING_OF_TIME, END_OF_TIME)])
    assert ever.total == 2**63
    assert (ever - Spans([(0, 10)])).total == 2**63 - 10
    assert ever.lasting(2**63) == ever
    assert ever.covers(Span(BEGINNING_OF_TIME, END_OF_TIME))


@pytest.mark.parametrize("pair", [(1, 0), (END_OF_TIME, BEGINNING_OF_TIME)])
def test_what_ends_before_it_starts_is_no_span(pair: tuple[int, int]) -> None:
    for make in (lambda: Span(*pair), lambda: Spans([pair]), lambda: Spans.from_edges(np.array([pair]))):
        with pytest.raises(ValueError, match="before it starts"):
            make()


@given(SETS)
def test_no_operation_changes_its_operands(spans: Spans) -> None:
    before = spans.edges.copy()
    other = Spans([(3, 9), (12, 14)])
    for made in (spans | other, spans & other, spans - other, other - spans, spans.within(Span(2, 13))):
        with pytest.raises(ValueError, match="read-only"):
            made.edges[...] = 0
    assert (spans.edges == before).all()


def test_an_array_that_was_given_stays_its_owners() -> None:
    edges = np.array([[0, 5]], dtype=np.int64)
    spans = Spans.from_edges(edges)
    edges[0, 1] = 9
    assert list(spans) == [Span(0, 5)]
