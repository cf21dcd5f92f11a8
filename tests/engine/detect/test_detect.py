"""Detection, case by case. One line of signs per location: `.` up, `x` down, `o` unknown, a blank missing, `-` not
expected."""

from __future__ import annotations

import itertools
from dataclasses import replace

import numpy as np
import pytest

from makegood.engine.detect import detect, gridded, slotted
from makegood.model.detection import ALL, MAJORITY, Begins, Detection, Ends, quorum_of
from makegood.model.grid import OPEN, Carry
from makegood.model.spans import HOUR, MINUTE, SECOND, Spans
from tests.engine.detect.oracle import Rule
from tests.engine.detect.worlds import OFFSET, detection, drawn, fed, found, observed, picture, remembered, stitched

FIRST = ("first failure", "first success")
CONFIRMED = ("confirmation", "confirmation")


def rule(fails: int = 1, recovers: int = 1, locations: int = 1, dated: tuple[str, str] = FIRST) -> Rule:
    return Rule(fails, recovers, locations, *dated)


@pytest.mark.parametrize(
    ("begins", "ends", "down"),
    [
        ("first failure", "first success", "....xxxxxx......"),
        ("first failure", "confirmation", "....xxxxxxx....."),
        ("confirmation", "first success", "......xxxx......"),
        ("confirmation", "confirmation", "......xxxxx....."),
    ],
)
def test_six_failed_checks_are_dated_as_the_agreement_says(begins: str, ends: str, down: str) -> None:
    findings = found(drawn("....xxxxxx......"), rule(3, 2, dated=(begins, ends)))
    assert picture(findings.favourable.down, 16) == down
    assert findings.unfavourable == findings.favourable


@pytest.mark.parametrize(("dated", "start", "end"), [(FIRST, 130, 177), (CONFIRMED, 132, 178)])
def test_forty_seven_failing_minutes_from_02_10_are_down_until_02_57(
    dated: tuple[str, str], start: int, end: int
) -> None:
    minutes = np.arange(240, dtype=np.int64)
    begun = minutes * MINUTE + 20 * SECOND
    outcome = ((minutes >= 130) & (minutes <= 176)).astype(np.int8)
    seen = slotted(begun, np.zeros(240, dtype=np.int32), outcome, ("fra",), 0, MINUTE)
    law = Detection(MINUTE, 3, 2, 1, Begins(dated[0]), Ends(dated[1]))
    findings = detect(law, gridded(seen, 0, 240))[0].of(0)
    assert findings.favourable.down == Spans([(start * MINUTE, end * MINUTE)])


@pytest.mark.parametrize(
    ("case", "law", "lines", "best", "worst"),
    [
        ("fewer failures than confirm are not charged", rule(3), ["..xx..xx.."], "..........", ".........."),
        ("a success shorter than recovery is no recovery", rule(2, 3), [".xx..xx..."], ".xxxxxx...", ".xxxxxx..."),
        ("one late failure in a recovery starts it anew", rule(2, 2), [".xx.x.x..."], ".xxxxxx...", ".xxxxxx..."),
        (
            "failures before the streak that confirms are not charged, however near",
            rule(2, 3),
            [".x.xx...."],
            "...xx....",
            "...xx....",
        ),
        ("two of three", rule(locations=2), ["..xxx..", "...xxx.", "......."], "...xx..", "...xx.."),
        ("two of three, never together", rule(locations=2), ["..x....", "...xxx.", "......x"], ".......", "......."),
        (
            "each location is dated before they are counted",
            rule(3, 1, locations=2),
            ["..xxx....", "....xxx..", "........."],
            "....x....",
            "....x....",
        ),
        ("a blind slot that cannot matter", rule(2, 1), ["..  ...", "......."], ".......", "......."),
        (
            "a blind slot beside a failure it cannot lift to two of three",
            rule(2, 1, locations=2),
            ["..x ...", ".......", "......."],
            ".......",
            ".......",
        ),
        ("a blind slot after a failure that might confirm it", rule(2), ["..x ..."], ".......", "..xx..."),
        ("a blind slot before a failure that might confirm it", rule(2), ["... x.."], ".......", "...xx.."),
        ("blind slots between failures that decide", rule(4), ["..x  x."], ".......", "..xxxx."),
        ("blind between up and up, seen by enough others", rule(), ["..  ..", "......"], "......", "......"),
        ("blind everywhere", rule(), ["..  ..", "..  .."], "......", "..xx.."),
        (
            "blind where only one of the needed two saw",
            rule(locations=2),
            ["..  ..", "......", ".. ..."],
            "......",
            "..x...",
        ),
        (
            "a guessed failure makes no other blind slot fail",
            rule(),
            ["..    ..", "... ...."],
            "........",
            "...x....",
        ),
        (
            "a blind run ends the downtime at best and prolongs it at worst",
            rule(2, 2),
            [".xx   ..."],
            ".xx......",
            ".xxxxx...",
        ),
        ("a location that abstains", rule(2, 1, locations=2), [".ooooo.", ".xxxx..", "......."], ".......", "......."),
        (
            "a location that abstains while the second needed one fails",
            rule(2, 1, locations=2),
            [".ooooo.", ".xxxx..", ".  ...."],
            ".......",
            ".xx....",
        ),
        ("gaps at the end", rule(), ["..   "], ".....", "..xxx"),
        ("not yet there is no failure and no success", rule(2), ["---xx."], "...xx.", "...xx."),
        ("a location that left", rule(2, 2), [".xx---", "......"], ".xx...", ".xx..."),
        ("too few locations there to ever agree", rule(locations=2), ["-----", "xx..."], ".....", "....."),
    ],
    ids=lambda value: value if isinstance(value, str) and " " in value else "",
)
def test_detection(case: str, law: Rule, lines: list[str], best: str, worst: str) -> None:
    world = drawn(*lines)
    findings = found(world, law)
    assert picture(findings.favourable.down, world.slots) == best, case
    assert picture(findings.unfavourable.down, world.slots) == worst, case


def test_gaps_are_neither_up_nor_down() -> None:
    findings = found(drawn(".....      ....."), rule(3, 2))
    assert len(findings.favourable.down) == 0
    assert picture(findings.unfavourable.down, 16) == ".....xxxxxx....."
    assert picture(findings.blind[0], 16) == ".....xxxxxx....."
    assert (findings.expected_slots, findings.seen_slots) == ((16,), (10,))


def test_a_faster_retry_does_not_triple_the_downtime() -> None:
    slow = [(k, 0, "down" if 3 <= k < 9 else "up") for k in range(12)]
    fast = [row for row in slow for _ in range(3 if row[2] == "down" else 1)]
    law = detection(rule(3, 2))
    once = detect(law, gridded(observed(slow, ("L0",)), 0, 12))[0].of(0)
    thrice = detect(law, gridded(observed(fast, ("L0",)), 0, 12))[0].of(0)
    assert thrice == once
    assert thrice.favourable.down.total == 6 * MINUTE


def test_a_result_belongs_to_the_slot_in_which_it_began() -> None:
    begun = np.array([-1, 0, MINUTE - 1, MINUTE, 2 * MINUTE + 1], dtype=np.int64) + 5 * SECOND
    seen = slotted(begun, np.zeros(5, dtype=np.int16), np.zeros(5, dtype=np.int8), ("fra",), 5 * SECOND, MINUTE)
    assert seen.slot.tolist() == [-1, 0, 0, 1, 2]


def test_results_that_contradict_each_other_are_listed_and_taken_as_unknown() -> None:
    rows = [(0, 0, "up"), (1, 0, "down"), (1, 0, "up"), (2, 0, "up"), (2, 0, "up"), (1, 1, "up"), (0, 1, "unknown")]
    for shuffled in itertools.permutations(rows):
        grid = gridded(observed(list(shuffled), ("L0", "L1")), 0, 3)
        assert grid.conflicts.tolist() == [[1, 0]]
    findings = detect(detection(rule()), grid)[0].of(0)
    assert picture(findings.blind[0], 3) == ".x."
    assert picture(findings.blind[1], 3) == "x.x"


def test_a_begin_or_end_that_waits_for_confirmation_is_provisional() -> None:
    law = rule(3, 2)
    growing = found(drawn("....xx"), law).favourable
    assert (picture(growing.down, 6), picture(growing.provisional, 6), growing.open) == ("......", "....xx", False)
    recovering = found(drawn(".xxxx."), law).favourable
    assert (picture(recovering.down, 6), picture(recovering.provisional, 6), recovering.open) == (
        ".xxxxx",
        ".....x",
        True,
    )
    lasting = found(drawn(".xxxxx"), law).favourable
    assert (picture(lasting.provisional, 6), lasting.open) == ("......", True)


def test_a_blind_run_waits_for_the_result_after_it() -> None:
    law, lines = rule(2, 2), ["....   x", "........"]
    waiting = found(drawn(*(line[:7] for line in lines)), law)
    assert picture(waiting.unfavourable.down, 7) == "......."
    assert picture(waiting.unfavourable.provisional, 7) == "....xxx"
    assert waiting.settled == OFFSET + 4 * MINUTE
    assert len(waiting.favourable.provisional) == 0
    assert picture(found(drawn(*lines), law).unfavourable.down, 8) == "....xxxx"


def test_a_streak_that_began_long_before_the_cut_is_backdated_to_its_start() -> None:
    world = drawn("..xxxxxx....")
    law = rule(5, 2)
    made = fed(world, law, [5, 6])
    assert made[1].span.start == OFFSET + 2 * MINUTE
    assert picture(stitched(made)["favourable"][0], 12) == "..xxxxxx...."


def test_a_quiet_year_leaves_nothing_to_remember() -> None:
    law, carry = detection(rule(3, 2)), None
    for k in range(20):
        _, carry = detect(law, drawn("." * 8 + "xxxxx" + "." * 7).grid(k, k + 1), carry)
    assert isinstance(carry, Carry)
    assert remembered(carry) == 0
    assert carry.unsettled.first == carry.unsettled.last == 20
    assert (carry.past.favourable[:, 0] == carry.past.favourable[:, 1]).all()


def test_a_grid_that_does_not_follow_the_carry_is_refused() -> None:
    world, law = drawn("......"), detection(rule())
    _, carry = detect(law, world.grid(0, 2))
    with pytest.raises(ValueError, match="begins at slot 3, the earlier ends at 2"):
        detect(law, world.grid(3, 4), carry)
    with pytest.raises(ValueError, match="not of one check"):
        detect(law, drawn("......", "......").grid(2, 4), carry)


def test_an_end_within_what_was_read_before_is_refused() -> None:
    world, law = drawn("xxxxxx"), detection(rule())
    _, carry = detect(law, world.grid(0, 4))
    with pytest.raises(ValueError, match="ended before slot 4"):
        detect(law, replace(world.grid(4, 6), expected=np.array([[0, 3]])), carry)
    ended = detect(law, replace(world.grid(4, 6), expected=np.array([[0, 4]])), carry)[0].of(0)
    assert ended.expected_slots == (0,)


def test_a_location_that_will_end_before_it_could_be_confirmed_leaves_nothing_provisional() -> None:
    law = detection(rule(3))
    for end, provisional in ((5, "......"), (6, "...xx.")):
        findings = detect(law, replace(drawn("...xx").grid(), expected=np.array([[0, end]])))[0].of(0)
        assert picture(findings.favourable.provisional, 6) == provisional


def test_a_rule_for_other_slots_is_refused() -> None:
    law = Detection(HOUR, 1, 1, 1, Begins.CONFIRMATION, Ends.CONFIRMATION)
    with pytest.raises(ValueError, match="slots of 60000000 µs"):
        detect(law, drawn("..").grid())


@pytest.mark.parametrize(("location", "outcome"), [(2, 0), (-1, 0), (0, 3), (0, -1)])
def test_a_result_that_names_no_location_or_outcome_is_refused(location: int, outcome: int) -> None:
    seen = slotted(np.array([0]), np.array([location]), np.array([outcome], dtype=np.int8), ("fra", "iad"), 0, MINUTE)
    with pytest.raises(ValueError, match=r"a result names a location|an outcome is"):
        gridded(seen, 0, 1)


@pytest.mark.parametrize(
    ("spec", "n", "k"),
    [
        (2, 3, 2), (1, 5, 1), ("2", 3, 2), ("at least 2", 3, 2), (ALL, 4, 4), (ALL, 1, 1),
        (MAJORITY, 1, 1), (MAJORITY, 2, 2), (MAJORITY, 3, 2), (MAJORITY, 4, 3), (MAJORITY, 5, 3),
        ("half", 3, 2), ("at least half", 4, 2), ("at least half", 5, 3), ("half", 1, 1),
        ("60 %", 5, 3), ("60%", 4, 3), ("at least 66.7 %", 3, 3), ("2/3", 3, 2), ("2/3", 5, 4), ("100 %", 3, 3),
    ],
)  # fmt: skip
def test_a_quorum_counts_the_locations_of_the_check(spec: int | str, n: int, k: int) -> None:
    assert quorum_of(spec, n) == k


@pytest.mark.parametrize(
    ("spec", "n", "why"),
    [
        ("at least half", 2, "is one of them: write 1, or 'a majority'"),
        ("30 %", 3, "is one of them"),
        (3, 2, "cannot be reached with 2 locations"),
        (0, 2, "cannot be reached"),
        ("0 %", 2, "cannot be reached"),
        ("150 %", 2, "cannot be reached"),
        (ALL, 0, "cannot be reached"),
        ("1/0", 2, "is no number of locations"),
        ("most", 2, "is no number of locations"),
        ("", 2, "is no number of locations"),
    ],
)
def test_a_quorum_that_says_less_than_it_seems_is_refused(spec: int | str, n: int, why: str) -> None:
    with pytest.raises(ValueError, match=why):
        quorum_of(spec, n)


def test_one_of_several_may_be_written_as_a_number() -> None:
    assert quorum_of("1", 2) == quorum_of(1, 2) == 1


def test_a_rule_without_slots_or_counts_is_refused() -> None:
    for every, fails, recovers, timeout in [(0, 1, 1, 0), (1, 0, 1, 0), (1, 1, 0, 0), (1, 1, 1, -1)]:
        with pytest.raises(ValueError, match="at least one result"):
            Detection(every, fails, recovers, 1, Begins.CONFIRMATION, Ends.CONFIRMATION, timeout)


def test_a_location_that_was_never_seen_is_not_expected() -> None:
    findings = detect(detection(rule()), gridded(observed([(0, 0, "up"), (1, 0, "up")], ("L0", "L1")), 0, 2))[0].of(0)
    assert findings.expected_slots == (2, 0)
    assert len(findings.unfavourable.down) == 0


def test_results_outside_the_expected_slots_count_for_nothing() -> None:
    seen = observed([(0, 0, "down"), (1, 0, "up"), (2, 0, "down")], ("L0",))
    findings = detect(detection(rule()), gridded(seen, 0, 3, np.array([[1, 2]])))[0].of(0)
    assert (findings.expected_slots, findings.seen_slots) == ((1,), (1,))
    assert len(findings.unfavourable.down) == 0


def test_an_open_location_is_never_at_its_end() -> None:
    assert OPEN > 10 * 366 * 86_400 * 1000
