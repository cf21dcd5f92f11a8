"""An amount's last steps in one line."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction

from makegood.model.spans import HOUR, MINUTE
from makegood.model.trace import Kind, Node, Op, derive, leaf
from makegood.render.formula import formula, how
from tests.render.samples import breach


def usd(minor: int) -> Node:
    return leaf(Op.FACT, "fees", Kind.MONEY, Fraction(minor), currency="USD")


def share(part: str) -> Node:
    return leaf(Op.RULE, "tier", Kind.SHARE, Fraction(part))


def credit(part: str, fee: int, most: int) -> Node:
    exact = derive(Op.MULTIPLY, "credit", Kind.MONEY, (share(part), usd(fee)), currency="USD")
    cut = derive(Op.LEAST, "credit", Kind.MONEY, (exact, usd(most)), currency="USD")
    return derive(Op.ROUND, "credit", Kind.MONEY, (cut,), argument="half up", currency="USD")


def test_factors_bounds_and_roundings_are_named() -> None:
    assert formula(credit("1/10", 1_250_000, 625_000)) == "10 % × 12,500.00 USD, at most 6,250.00 USD"
    assert formula(credit("1/3", 100, 100)) == "33.333 % (1/3) × 1.00 USD, at most 1.00 USD, rounded half up"


def test_factors_in_a_row_are_all_named_and_a_small_price_has_digits_that_say_something() -> None:
    lost = derive(
        Op.MULTIPLY, "lost", Kind.TIME, (share("10"), leaf(Op.FINDING, "down", Kind.TIME, Fraction(2 * HOUR)))
    )
    minutes = derive(Op.DIVIDE, "lost", Kind.SHARE, (lost, leaf(Op.RULE, "a minute", Kind.TIME, Fraction(MINUTE))))
    price = leaf(Op.FACT, "a minute's fee", Kind.MONEY, Fraction(7_200, 44_640), currency="USD")
    exact = derive(Op.MULTIPLY, "credit", Kind.MONEY, (minutes, price), currency="USD")
    assert formula(exact) == "10 × 2 h ÷ 1 min × 0.0016… USD"


def test_a_sum_of_one_is_that_one() -> None:
    assert formula(derive(Op.SUM, "fees", Kind.MONEY, (usd(100),), currency="USD")) == "1.00 USD"
    assert formula(derive(Op.SUM, "fees", Kind.MONEY, (usd(100), usd(50)), currency="USD")) == "1.00 USD + 0.50 USD"


def test_the_words_of_the_agreement_come_first() -> None:
    line = breach().favourable.lines[0]
    assert how(line) == line.says
    assert how(replace(line, says="")) == "10 % × 12,500.00 USD, at most 12,500.00 USD"
    assert how(replace(line, says="", node=None)) == ""
