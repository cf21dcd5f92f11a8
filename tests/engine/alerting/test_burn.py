"""Budgets that burn: worked by hand from 1 % of March's 744 hours (7 h 26 min 24 s), and 1,000 dollars a month."""

from __future__ import annotations

from fractions import Fraction

import pytest

from makegood.engine.alerting.burn import Burning, burning, tells
from makegood.engine.budget import Budget
from makegood.engine.sums import NOTHING
from makegood.model.alerts import Burn
from makegood.model.spans import DAY, HOUR, MINUTE, SECOND, Span
from makegood.model.terms import Strength, Unstated
from makegood.model.threshold import Side, Threshold
from makegood.render.alerting import burn_words
from tests.engine import building as make
from tests.engine.test_budget import NOON, budget, seen

SOON = Burn(gone=Threshold(Side.BELOW, 3 * DAY))
NOW = make.at(NOON)


def down_for(hours: int, minutes: int = 0) -> Budget:
    start = make.at("2026-03-05 10:00")
    return budget(make.terms(), make.known(seen(Span(start, start + hours * HOUR + minutes * MINUTE))))


def partly_seen() -> Budget:
    """Two hours were down, and six after them were not seen."""
    rows = [("2026-01-01", "up"), ("2026-03-05 10:00", "down"), ("2026-03-05 12:00", "unknown")]
    rows += [("2026-03-05 18:00", "up"), (NOON, "up")]
    return budget(make.terms(), make.known(make.reported("web", [(make.at(at), state) for at, state in rows])))


def found(of: Budget, rule: Burn) -> Burning:
    burns = burning(of, rule, NOW)
    assert burns is not None
    return burns


def test_it_says_on_which_day_the_rest_is_gone_at_this_pace_and_what_is_at_stake() -> None:
    """Six hours in 252 are all of it in 252 × 1.24 = 312.48 hours: 14 March 00:28:48, a Saturday; below 99 % it is
    10 % of 1,000 dollars."""
    burns = found(down_for(6), SOON)
    assert burns.gone == make.at("2026-03-01") + 312 * HOUR + 28 * MINUTE + 48 * SECOND
    assert burn_words(burns, NOW) == (
        "1 h 26 min 24 s of 7 h 26 min 24 s left; gone on Saturday at this pace; 100.00 USD at stake"
    )


def test_a_day_further_away_than_its_name_tells_is_said_by_its_date() -> None:
    """Four hours: all of it in 252 × 1.86 = 468.72 hours, on 20 March."""
    burns = found(down_for(4), Burn(pace=Threshold(Side.MORE_THAN, Fraction(1))))
    assert burn_words(burns, NOW).split("; ")[1] == "gone on Fri 20 Mar 2026 at this pace"


def test_today_is_said_with_its_time() -> None:
    """7 h 20 min: all of it in 252 × 26,784 / 26,400 hours, which are 255 h 39 min 55.6… s: today at 15:39."""
    burns = found(down_for(7, 20), SOON)
    assert burn_words(burns, NOW).split("; ")[1] == "gone today at 15:39 at this pace"


def test_a_budget_that_is_used_up_says_by_how_much_and_what_the_next_step_costs() -> None:
    """Below 95 % it is 25 % instead of 10 %: 150 dollars more."""
    burns = found(down_for(8), SOON)
    assert burns.gone == NOW
    words = "used up: 33 min 36 s more than the 7 h 26 min 24 s allowed; 150.00 USD at stake"
    assert burn_words(burns, NOW) == words


@pytest.mark.parametrize(
    ("rule", "hours", "burns"),
    [
        (Burn(gone=Threshold(Side.BELOW, 2 * DAY + 12 * HOUR + 28 * MINUTE + 48 * SECOND)), 6, False),
        (Burn(gone=Threshold(Side.AT_MOST, 2 * DAY + 12 * HOUR + 28 * MINUTE + 48 * SECOND)), 6, True),
        (Burn(left=Threshold(Side.BELOW, Fraction(26784 - 6 * 3600, 26784))), 6, False),
        (Burn(left=Threshold(Side.AT_MOST, Fraction(26784 - 6 * 3600, 26784))), 6, True),
        (Burn(pace=Threshold(Side.MORE_THAN, Fraction(6 * 3600, 26784) / Fraction(252, 744))), 6, False),
        (Burn(pace=Threshold(Side.AT_LEAST, Fraction(6 * 3600, 26784) / Fraction(252, 744))), 6, True),
        (Burn(left=Threshold(Side.BELOW, Fraction(1, 100)), pace=Threshold(Side.MORE_THAN, Fraction(1))), 6, True),
        (SOON, 0, False),
        (Burn(pace=Threshold(Side.AT_LEAST, Fraction(0))), 0, False),
    ],
)
def test_a_rule_holds_exactly_at_its_edge(rule: Burn, hours: int, burns: bool) -> None:
    assert (burning(down_for(hours), rule, NOW) is not None) is burns


def test_what_is_not_seen_is_said_to_be_what_it_depends_on() -> None:
    """Two hours were down and six were not seen: only the run in which those were down burns."""
    burns = found(partly_seen(), SOON)
    assert not burns.sure
    assert burn_words(burns, NOW).endswith("; if what was not seen was down")


def test_where_no_number_is_promised_nothing_burns() -> None:
    of = budget(make.terms(target=Unstated(make.CLAUSE, "the target")), make.known(seen()))
    assert not tells(of)
    assert burning(of, Burn(left=Threshold(Side.AT_MOST, Fraction(1))), NOW) is None


def test_an_aim_burns_and_no_money_is_at_stake() -> None:
    start = make.at("2026-03-05 10:00")
    of = budget(make.terms(strength=Strength.AIM), make.known(seen(Span(start, start + 6 * HOUR))))
    burns = found(of, SOON)
    assert burns.stake == NOTHING
    assert burn_words(burns, NOW).endswith("; no money at stake")
