"""Lengths, shares, moments and money are exact, and never rounded up."""

from __future__ import annotations

from datetime import date
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from makegood.model.money import Money
from makegood.model.spans import BEGINNING_OF_TIME, END_OF_TIME, HOUR, MINUTE, SECOND, Span
from makegood.render.lengths import duration, operands
from makegood.render.moments import local_stretch, moment, rfc3339, stretch
from makegood.render.printable import lettered, printable
from makegood.render.shares import decimal, percent, written
from makegood.render.values import items, money, number
from tests.render.samples import BROKEN, ZONE, at


@pytest.mark.parametrize(
    ("microseconds", "words"),
    [
        (0, "0 s"),
        (47 * MINUTE, "47 min"),
        (4 * HOUR + 2 * MINUTE + 3 * SECOND, "4 h 2 min 3 s"),
        (672 * HOUR, "672 h"),
        (1, "0.000001 s"),
        (100_000, "100 ms"),
        (1_500, "1.5 ms"),
        (Fraction(151_000, 3), "50.333… ms"),
        (90 * SECOND + 250_000, "1 min 30.25 s"),
        (-5 * MINUTE, "−5 min"),
        (Fraction(10, 3), "0.000003… s"),
    ],
)
def test_a_length_is_said_to_its_last_microsecond(microseconds: int | Fraction, words: str) -> None:
    assert duration(microseconds) == words


@pytest.mark.parametrize(
    ("numerator", "denominator", "words"),
    [
        (Fraction(40_273 * MINUTE), Fraction(40_320 * MINUTE), "40,273 of 40,320 min"),
        (Fraction(59 * SECOND), Fraction(60 * SECOND), "59 of 60 s"),
        (Fraction(1), Fraction(MINUTE), "0.000001 of 60 s"),
        (Fraction(4_500_250), Fraction(1_200 * SECOND), "4.50025 of 1,200 s"),
        (Fraction(20 * SECOND, 3), Fraction(20 * SECOND), "6.666666… of 20 s"),
    ],
)
def test_both_operands_are_in_one_unit_and_whole_where_they_can_be(
    numerator: Fraction, denominator: Fraction, words: str
) -> None:
    assert operands(numerator, denominator) == words


@pytest.mark.parametrize(
    ("share", "target", "shown"),
    [
        ("40273/40320", "999/1000", "99.883 %"),
        ("1", "999/1000", "100 %"),
        ("0", "999/1000", "0 %"),
        ("99996/100000", "999/1000", "99.996 %"),
        ("999/1000", "999/1000", "99.900 %"),
        ("99899999/100000000", "999/1000", "99.899 %"),
        ("99900001/100000000", "999/1000", "99.900001 %"),
        ("9999999999/10000000000", "999/1000", "99.999 %"),
        ("9999999999/10000000000", "1", "99.999 %"),
        ("1/10000000", "1/2", "0.00001 %"),
    ],
)
def test_a_percentage_is_cut_and_stays_apart_from_its_target(share: str, target: str, shown: str) -> None:
    assert percent(Fraction(share), [Fraction(target)]) == shown


@given(st.fractions(0, 1, max_denominator=10**9), st.fractions(0, 1, max_denominator=10**9))
def test_a_percentage_never_says_more_than_the_share_and_never_equals_another(share: Fraction, other: Fraction) -> None:
    shown = percent(share, [other])
    read = Fraction(shown.removesuffix(" %")) / 100
    assert read <= share
    assert (read == 1) == (share == 1)
    assert share == other or shown != percent(other, [share])


def test_the_share_of_an_agreement_is_shown_as_it_is_written() -> None:
    assert [written(Fraction(s)) for s in ("1/10", "999/1000", "99995/100000", "1/3")] == [
        "10 %",
        "99.9 %",
        "99.995 %",
        "33.333… %",
    ]


@given(st.fractions(max_denominator=10**6), st.integers(0, 12))
def test_a_decimal_is_cut_towards_zero(value: Fraction, digits: int) -> None:
    shown = Fraction(decimal(value, digits))
    assert abs(shown) <= abs(value) < abs(shown) + Fraction(1, 10**digits)


def test_a_moment_names_both_clocks() -> None:
    assert moment(at(date(2026, 4, 1), 0), ZONE) == "Wed 1 Apr 2026 00:00 −04:00 (04:00 UTC)"
    assert moment(at(date(2026, 3, 31), 22), ZONE) == "Tue 31 Mar 2026 22:00 −04:00 (Wed 1 Apr 2026 02:00 UTC)"
    assert moment(0, "UTC") == "Thu 1 Jan 1970 00:00 UTC"
    assert moment(1, "UTC") == "Thu 1 Jan 1970 00:00:00.000001 UTC"
    assert moment(END_OF_TIME, ZONE) == "no end"
    assert moment(BEGINNING_OF_TIME, ZONE) == "the beginning"


def test_a_span_says_each_thing_once() -> None:
    assert stretch(BROKEN, ZONE) == "Sun 8 Feb 2026 02:10–02:57 −05:00 (07:10–07:57 UTC)"
    late = Span(at(date(2026, 2, 8), 23, 50), at(date(2026, 2, 9), 0, 10))
    assert local_stretch(late, ZONE) == "Sun 8 Feb 2026 23:50 – Mon 9 Feb 2026 00:10 −05:00"
    assert stretch(late, ZONE).endswith("(Mon 9 Feb 2026 04:50–05:10 UTC)")


def test_a_span_over_a_clock_change_shows_both_distances_from_utc() -> None:
    night = Span(at(date(2026, 3, 8), 1), at(date(2026, 3, 8), 4))
    assert local_stretch(night, ZONE) == "Sun 8 Mar 2026 01:00 −05:00 – Sun 8 Mar 2026 04:00 −04:00"


def test_rfc_3339_has_microseconds_only_where_there_are_any() -> None:
    assert rfc3339(BROKEN.start) == "2026-02-08T07:10:00Z"
    assert rfc3339(BROKEN.start + 5) == "2026-02-08T07:10:00.000005Z"


def test_money_that_is_not_rounded_says_that_it_is_cut() -> None:
    assert money(Money(Fraction(125_000), "USD")) == "1,250.00 USD"
    assert money(Money(Fraction(250_000, 3), "USD")) == "833.33… USD"
    assert money(Money(Fraction(1250), "JPY")) == "1,250 JPY"


def test_counts_are_grouped_and_named() -> None:
    assert [items(n, "outage") for n in (0, 1, 2, 1234)] == ["no outages", "1 outage", "2 outages", "1,234 outages"]
    assert [number(Fraction(n)) for n in ("1250", "5/2", "1/3", "1250001/1000")] == ["1,250", "2.5", "1/3", "1250.001"]


def test_what_acts_is_shown_instead() -> None:
    assert printable("a\x1b[31m\u202eb\nc\x00\udc80") == "a\\x1b[31m\\u202eb c\\x00\\udc80"
    assert printable("Zoë 日本 👩‍🚒") == "Zoë 日本 👩‍🚒"


def test_letters_that_an_encoding_lacks_become_plain_ones_of_the_same_width() -> None:
    assert lettered("✓ 02:10–02:57 −05:00 · 日", "ascii") == "+ 02:10-02:57 -05:00 - ?"
    assert lettered("✓", "utf-8") == "✓"
