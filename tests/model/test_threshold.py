"""A threshold: its side decides at the edge, and what is shown is what was written."""

from fractions import Fraction

import pytest

from makegood.model.threshold import Side, Threshold


@pytest.mark.parametrize(
    ("side", "below", "at", "above"),
    [
        (Side.AT_LEAST, False, True, True),
        (Side.MORE_THAN, False, False, True),
        (Side.BELOW, True, False, False),
        (Side.AT_MOST, True, True, False),
        (Side.EXACTLY, False, True, False),
    ],
)
def test_a_side_decides_below_at_and_above_its_edge(side: Side, below: bool, at: bool, above: bool) -> None:
    edge, least = Fraction(999, 1000), Fraction(1, 10**18)
    threshold = Threshold(side, edge)
    assert [threshold.holds(value) for value in (edge - least, edge, edge + least)] == [below, at, above]
    assert threshold.edge_inside is at


def test_it_is_shown_as_it_was_written() -> None:
    assert str(Threshold(Side.AT_LEAST, Fraction(999, 1000), "99.90 %")) == "at least 99.90 %"
    assert str(Threshold(Side.MORE_THAN, 15)) == "more than 15"


def test_how_the_edge_was_written_makes_no_other_threshold() -> None:
    assert Threshold(Side.BELOW, Fraction(1, 2), "50 %") == Threshold(Side.BELOW, Fraction(1, 2), "50.0 %")
