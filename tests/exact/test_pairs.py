"""100,000 agreements with facts, drawn from their numbers, are judged as the oracle does, figure by figure."""

from __future__ import annotations

import pytest

from tests.exact.draw import drawn
from tests.exact.pairs import SELDOM, SELDOM_PAIRS, WANTED, judge_all

PAIRS, PARTS = 100_000, 20
EACH = PAIRS // PARTS


@pytest.mark.parametrize("part", range(PARTS))
def test_every_figure_of_a_pair_is_the_oracles_and_every_boundary_is_hit(part: int) -> None:
    judged = judge_all(range(part * EACH, (part + 1) * EACH))
    assert not judged.wrong, judged.report()
    assert judged.pairs == EACH
    assert judged.edges.missed(WANTED, least=1) == []
    assert {kind for kind, _ in judged.edges.hit} - set(WANTED) - set(SELDOM) == set()


def test_what_is_seldom_hit_is_hit_on_every_side() -> None:
    assert judge_all(SELDOM_PAIRS).edges.missed(SELDOM, least=1) == []


def test_no_two_numbers_draw_the_same_pair() -> None:
    seen = {repr((q.terms, q.order, q.facts, q.as_of, q.label)) for q, _ in map(drawn, range(1_000))}
    assert len(seen) == 1_000


def test_a_number_always_draws_the_same_pair() -> None:
    for seed in (7, 70_007):
        assert repr(drawn(seed)[0]) == repr(drawn(seed)[0])
