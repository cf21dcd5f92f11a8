import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from makegood.engine.judge.down import reported
from makegood.exchange.told_spans import Stretch, states_of
from makegood.model.facts import DOWN, UNKNOWN, UP, States
from makegood.model.terms import Clause, DetectRule, EvidenceKind
from tests.exchange.foreign import at, states

DAY = {"since": at("02-01 00:00"), "until": at("02-02 00:00")}


def told(*stretches: Stretch) -> list[tuple[str, str, str, str]]:
    rows, opening = states_of({"web": stretches}, **DAY)
    return states(opening) + states(rows)


def hours(*edges: int, outcome: int = DOWN) -> Stretch:
    begin, end = edges[:2], edges[2:]
    first, second, third, last = (at(f"02-01 {hour:02d}:00") for hour in (*begin, *end))
    return Stretch(first, second, third, last, outcome)


def test_what_the_source_does_not_mention_was_up_from_first_to_last() -> None:
    assert told() == [("web", "", "02-01T00:00:00", "up"), ("web", "", "02-02T00:00:00", "up")]


def test_a_stretch_with_both_ends_known_has_no_bounds() -> None:
    assert told(hours(3, 3, 5, 5))[1:] == [
        ("web", "", "02-01T03:00:00", "down"),
        ("web", "", "02-01T05:00:00", "up"),
        ("web", "", "02-02T00:00:00", "up"),
    ]


def test_both_bounds_of_a_begin_and_of_an_end_are_kept() -> None:
    assert told(hours(2, 3, 5, 8))[1:-1] == [
        ("web", "02-01T02:00:00", "02-01T03:00:00", "down"),
        ("web", "02-01T05:00:00", "02-01T08:00:00", "up"),
    ]


def test_stretches_that_overlap_are_one_with_the_widest_of_their_bounds() -> None:
    assert told(hours(3, 3, 5, 9), hours(4, 4, 7, 8))[1:-1] == [
        ("web", "", "02-01T03:00:00", "down"),
        ("web", "02-01T07:00:00", "02-01T09:00:00", "up"),
    ]


def test_between_two_stretches_whose_bounds_touch_nobody_knows() -> None:
    assert told(hours(2, 2, 4, 8), hours(6, 6, 9, 9))[1:-1] == [
        ("web", "", "02-01T02:00:00", "down"),
        ("web", "", "02-01T04:00:00", "unknown"),
        ("web", "", "02-01T06:00:00", "down"),
        ("web", "", "02-01T09:00:00", "up"),
    ]


def test_a_stretch_seen_at_one_instant_only_may_have_been_of_any_length() -> None:
    assert told(hours(2, 4, 4, 6))[1:-1] == [
        ("web", "", "02-01T02:00:00", "unknown"),
        ("web", "", "02-01T06:00:00", "up"),
    ]


def test_down_time_within_a_time_that_nobody_vouches_for_is_down() -> None:
    assert [row[2:] for row in told(hours(2, 2, 8, 8, outcome=UNKNOWN), hours(4, 4, 5, 5))[1:-1]] == [
        ("02-01T02:00:00", "unknown"),
        ("02-01T04:00:00", "down"),
        ("02-01T05:00:00", "unknown"),
        ("02-01T08:00:00", "up"),
    ]


def test_one_that_lasts_is_still_down_when_the_source_was_last_looked_at() -> None:
    lasting = Stretch.exactly(at("02-01 20:00"), DAY["until"] + 1)
    assert told(lasting)[1:] == [("web", "", "02-01T20:00:00", "down"), ("web", "", "02-02T00:00:00", "down")]


def test_one_that_ended_by_the_last_look_is_up_then() -> None:
    ended = Stretch(at("02-01 20:00"), at("02-01 20:00"), at("02-01 22:00"), DAY["until"])
    assert told(ended)[1:] == [
        ("web", "", "02-01T20:00:00", "down"),
        ("web", "02-01T22:00:00", "02-02T00:00:00", "up"),
    ]


def test_one_from_before_the_telling_is_told_from_its_begin() -> None:
    before = Stretch.exactly(at("01-31 20:00"), at("02-01 02:00"))
    gone = Stretch.exactly(at("01-30 20:00"), at("01-30 22:00"))
    assert told(before, gone)[:2] == [("web", "", "01-31T20:00:00", "down"), ("web", "", "02-01T02:00:00", "up")]


def test_bounds_out_of_order_are_no_stretch() -> None:
    with pytest.raises(ValueError, match="out of order"):
        Stretch(1, 3, 2, 4)


TIMES = st.lists(st.integers(-3, 24), min_size=4, max_size=4).map(sorted)
STRETCHES = st.lists(
    st.builds(lambda t, o: Stretch(t[0], t[1], t[2], t[3], o), TIMES, st.sampled_from([DOWN, UNKNOWN])), max_size=5
)
SINCE, UNTIL = 0, 20
RULE = DetectRule("log", Clause(""), EvidenceKind.REPORTED, holds=0)


@given(STRETCHES)
def test_the_engine_reads_back_what_was_surely_and_what_was_perhaps_down(stretches: list[Stretch]) -> None:
    rows, opening = states_of({"web": stretches}, SINCE, UNTIL)
    columns = [
        np.concatenate((getattr(opening, n), getattr(rows, n))) for n in ("at", "earliest", "outcome", "recorded")
    ]
    assert (np.diff(columns[0]) > 0).all()
    assert (columns[1] <= columns[0]).all()
    seen = reported(States("web", "page", *columns), RULE, 100)
    mine = [s for s in stretches if s.latest_end > SINCE]
    for instant in range(min([SINCE, *(s.earliest_begin for s in mine)]), UNTIL):
        surely = any(s.outcome == DOWN and s.begin <= instant < s.end for s in mine)
        perhaps = any(s.earliest_begin <= instant < s.latest_end for s in mine)
        assert (instant in seen.favourable) == surely
        assert (instant in seen.unfavourable) == perhaps
    if not any(s.earliest_begin <= UNTIL < s.latest_end for s in mine):
        assert columns[2][-1] == UP
