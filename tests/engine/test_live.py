"""What became of outages that were told before."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from makegood.engine.live import changes
from makegood.model.health import Outage


def outage(begin: int, end: int | None, lasting: bool = True) -> Outage:
    return Outage(begin, end, lasting)


OPEN = outage(10, None)


def test_outages_open_end_move_and_are_taken_back() -> None:
    assert changes([], [OPEN]) == [(None, OPEN)]
    assert changes([OPEN], [outage(10, 20)]) == [(OPEN, outage(10, 20))]
    assert changes([OPEN], [OPEN]) == []
    assert changes([OPEN], []) == [(OPEN, None)]
    assert changes([outage(10, 20)], [outage(8, 20)]) == [(outage(10, 20), outage(8, 20))]
    assert changes([outage(10, 12, lasting=False)], [OPEN]) == [(outage(10, 12, lasting=False), OPEN)]


def test_one_that_falls_apart_is_its_first_part_and_a_new_one_and_two_that_join_are_the_first() -> None:
    whole, parts = outage(10, 30), [outage(10, 15), outage(20, 30)]
    assert changes([whole], parts) == [(whole, parts[0]), (None, parts[1])]
    assert changes(parts, [whole]) == [(parts[0], whole), (parts[1], None)]


def test_outages_that_only_touch_are_not_the_same() -> None:
    assert changes([outage(10, 20)], [outage(20, 30)]) == [(outage(10, 20), None), (None, outage(20, 30))]


@st.composite
def some_outages(draw: st.DrawFn) -> list[Outage]:
    edges = sorted(draw(st.lists(st.integers(0, 30), unique=True, max_size=8)))
    pairs = list(zip(edges[::2], edges[1::2], strict=False))
    found = [outage(begin, end, draw(st.booleans())) for begin, end in pairs]
    return [*found, outage(edges[-1], None)] if len(edges) % 2 else found


@given(some_outages(), some_outages())
def test_what_is_told_of_makes_the_one_of_the_other_and_tells_of_each_once(a: list[Outage], b: list[Outage]) -> None:
    told = changes(a, b)
    was, now = [one for one, _ in told if one], [one for _, one in told if one]
    assert len(set(was)) == len(was)
    assert sorted([*(set(a) - set(was)), *now], key=lambda one: one.begin) == b
    assert all(one == other or one is None or other is None or one.begin < (other.end or 99) for one, other in told)
