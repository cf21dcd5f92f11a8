"""Numbers, shares, money and thresholds: exactly what is written, or a sentence that says what to write."""

from fractions import Fraction

import pytest

from makegood.contract.numbers import Wrong, money, number, percent, threshold
from makegood.model.money import Money
from makegood.model.threshold import Side, Threshold


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("99.9", Fraction(999, 10)),
        ("1,250.00", Fraction(1250)),
        ("1250", Fraction(1250)),
        ("0", Fraction(0)),
        ("-3", Fraction(-3)),
        ("−3.5", Fraction(-7, 2)),
        (" 7 ", Fraction(7)),
        ("1,250,000", Fraction(1_250_000)),
        ("9223372036854775807", Fraction(2**63 - 1)),
        ("0.000000000000000001", Fraction(1, 10**18)),
    ],
)
def test_a_number_is_read_exactly(text: str, value: Fraction) -> None:
    assert number(text) == value


@pytest.mark.parametrize(
    ("text", "what", "why", "hint"),
    [
        ("", "nothing is written here", "", "write the value, or leave the key out"),
        ("99,9", "`99,9` is not a number", "a comma groups thousands", "write 99.9"),
        ("1.250,00", "`1.250,00` is not a number", "a comma groups thousands", "write 1,250.00"),
        ("1,25", "`1,25` is not a number", "a comma groups thousands", "write 1.25"),
        ("1,2500,000", "`1,2500,000` is not a number", "a comma groups thousands", "write 12,500,000"),
        ("01,250", "`01,250` is not a number", "a comma groups thousands", "write 1,250"),
        ("1 250", "`1 250` is not a number", "", "write 1,250"),
        ("1'250", "`1'250` is not a number", "", "write 1,250"),
        ("1_000", "`1_000` is not a number", "", "write 1,000"),
        (".5", "`.5` is not a number", "", "write 0.5"),
        ("5.", "`5.` is not a number", "", "write 5"),
        ("007", "`007` is not a number", "", "write 7"),
        ("+5", "`+5` is not a number", "", "write 5"),
        ("1e5", "`1e5` is not a number", "powers of ten are easily misread", "write the number out in full"),
        ("0x1F", "`0x1F` is not a number", "it is written to base 16", "write 31"),
        ("NaN", "`NaN` is not a number", "nothing can be reckoned with it", "write digits, as in 99.9 or 1,250"),
        ("-inf", "`-inf` is not a number", "nothing can be reckoned with it", "write digits, as in 99.9 or 1,250"),
        ("1/3", "`1/3` is not a number", "fractions are written as decimals", "write digits, as in 99.9 or 1,250"),
        (
            "½",
            "“½” (VULGAR FRACTION ONE HALF) cannot stand in a value",
            "it looks like another character, or like none",
            "write it with ordinary letters and digits",
        ),
        (
            "９９",
            "“９” (FULLWIDTH DIGIT NINE) cannot stand in a value",
            "it looks like another character, or like none",
            "write 99",
        ),
        (
            "٣",
            "“٣” (ARABIC-INDIC DIGIT THREE) cannot stand in a value",
            "it looks like another character, or like none",
            "write it with ordinary letters and digits",
        ),
        (
            "1\u200b2",
            "ZERO WIDTH SPACE cannot stand in a value",
            "it looks like another character, or like none",
            "write it with ordinary letters and digits",
        ),
        (
            "9223372036854775808",
            "`9223372036854775808` is too large",
            "numbers are read up to 2^63 - 1",
            "write a smaller number",
        ),
        (
            "0.1234567890123456789",
            "`0.1234567890123456789` has 19 digits after the point",
            "at most 18 are read",
            "write fewer digits",
        ),
        ("ten", "`ten` is not a number", "", "write digits, as in 99.9 or 1,250"),
        ("1-2", "`1-2` is not a number", "", "write digits, as in 99.9 or 1,250"),
        ("--5", "`--5` is not a number", "", "write digits, as in 99.9 or 1,250"),
    ],
)
def test_another_way_of_writing_a_number_is_refused_with_the_right_one(
    text: str, what: str, why: str, hint: str
) -> None:
    assert number(text) == Wrong(what, why, hint)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("99.9 %", Fraction(999, 1000)),
        ("99.9%", Fraction(999, 1000)),
        ("99.9\u00a0%", Fraction(999, 1000)),
        ("99.9\u202f%", Fraction(999, 1000)),
        ("200 %", Fraction(2)),
        ("0 %", Fraction(0)),
    ],
)
def test_a_share_is_read_from_its_percentage(text: str, value: Fraction) -> None:
    assert percent(text) == value


@pytest.mark.parametrize(
    ("text", "what", "why", "hint"),
    [
        ("99.9", "`99.9` does not say of what it is a number", "a share is written as a percentage", "write 99.9 %"),
        (
            "0.999",
            "`0.999` does not say of what it is a number",
            "a share is written as a percentage",
            "write 0.999 %, or 99.9 % if the whole is 1",
        ),
        ("99,9 %", "`99,9` is not a number", "a comma groups thousands", "write 99.9 %"),
        ("99.9 percent", "`99.9 percent` is not how a share is written", "", "write 99.9 %"),
        ("99.9 per cent", "`99.9 per cent` is not how a share is written", "", "write 99.9 %"),
        ("1 ‰", "`1 per mille` is not how a share is written", "", "write 0.1 %"),
        (
            "99.9％",
            "“％” (FULLWIDTH PERCENT SIGN) cannot stand in a value",
            "it looks like another character, or like none",
            "write 99.9%",
        ),
        ("-5 %", "`-5 %` is below zero", "a share cannot be less than nothing", "write 5 %"),
        ("five %", "`five` is not a number", "", "write digits, as in 99.9 or 1,250"),
        ("%", "no number stands before `%`", "", "write as in 5 %"),
        ("150", "`150` does not say of what it is a number", "a share is written as a percentage", "write 150 %"),
    ],
)
def test_a_share_without_its_sign_or_below_zero_is_refused(text: str, what: str, why: str, hint: str) -> None:
    assert percent(text) == Wrong(what, why, hint)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("1,250.00 USD", Money(Fraction(125_000), "USD")),
        ("USD 1250", Money(Fraction(125_000), "USD")),
        ("EUR 1,250.5", Money(Fraction(125_050), "EUR")),
        ("1250 JPY", Money(Fraction(1250), "JPY")),
        ("1,250.00 JPY", Money(Fraction(1250), "JPY")),
        ("0.125 KWD", Money(Fraction(125), "KWD")),
        ("−50 USD", Money(Fraction(-5000), "USD")),
        ("5USD", Money(Fraction(500), "USD")),
    ],
)
def test_money_is_an_amount_and_a_currency(text: str, value: Money) -> None:
    assert money(text) == value


@pytest.mark.parametrize(
    ("text", "what", "why", "hint"),
    [
        (
            "1250",
            "`1250` names no currency",
            "an amount means nothing without one",
            "write 1250 USD, or the currency it is in",
        ),
        (
            "$1,250",
            "“$” is the sign of several currencies",
            "a currency is written as three letters",
            "write 1,250 USD, if that is the currency meant",
        ),
        (
            "€ 5",
            "“€” is the sign of several currencies",
            "a currency is written as three letters",
            "write 5 EUR, if that is the currency meant",
        ),
        ("1,250.00 usd", "`usd` is not a currency", "currencies are named by ISO 4217, in capitals", "write USD"),
        (
            "5 US dollars",
            "`dollars` is not a currency",
            "currencies are named by ISO 4217, in capitals",
            "write its three letters, as in USD, EUR or JPY",
        ),
        ("5 USX", "`USX` is not a currency", "currencies are named by ISO 4217, in capitals", "write USD"),
        (
            "5 QQQ",
            "`QQQ` is not a currency",
            "currencies are named by ISO 4217, in capitals",
            "write its three letters, as in USD, EUR or JPY",
        ),
        (
            "5.001 USD",
            "`5.001 USD` is finer than its currency",
            "USD has 2 digits after the point",
            "write 5 USD, or the amount meant",
        ),
        (
            "1.2345 KWD",
            "`1.2345 KWD` is finer than its currency",
            "KWD has 3 digits after the point",
            "write 1.234 KWD, or the amount meant",
        ),
        ("99,90 EUR", "`99,90` is not a number", "a comma groups thousands", "write 99.90 EUR"),
        (
            "92233720368547758.08 USD",
            "`92233720368547758.08 USD` is too large",
            "numbers are read up to 2^63 - 1",
            "write a smaller number",
        ),
        ("USD", "`USD` has no amount", "", "write as in 1,250.00 USD"),
        ("5 USD 3 EUR", "`5 USD 3` is not a number", "", "write digits, as in 99.9 or 1,250"),
    ],
)
def test_money_without_a_currency_or_finer_than_it_is_refused(text: str, what: str, why: str, hint: str) -> None:
    assert money(text) == Wrong(what, why, hint)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("at least 99.9 %", Threshold(Side.AT_LEAST, Fraction(999, 1000))),
        ("more than 15 %", Threshold(Side.MORE_THAN, Fraction(15, 100))),
        ("below 95 %", Threshold(Side.BELOW, Fraction(95, 100))),
        ("at most 4 %", Threshold(Side.AT_MOST, Fraction(4, 100))),
        ("exactly 98 %", Threshold(Side.EXACTLY, Fraction(98, 100))),
    ],
)
def test_a_threshold_has_a_side_and_a_value(text: str, value: Threshold[Fraction]) -> None:
    read = threshold(text, percent)
    assert read == value
    assert str(read) == text


@pytest.mark.parametrize(
    ("text", "what", "why", "hint"),
    [
        (
            "99.9 %",
            "`99.9 %` does not say which side of it is meant",
            "a value at the edge is met or missed by its side",
            "say which side: at least / more than / below / at most; for example at least 99.9 %",
        ),
        (">= 99 %", "`>=` is not one of the words for a side", "one word for one meaning", "write at least 99 %"),
        ("≥ 99 %", "`>=` is not one of the words for a side", "one word for one meaning", "write at least 99 %"),
        (
            "less than 5 %",
            "`less than` is not one of the words for a side",
            "one word for one meaning",
            "write below 5 %",
        ),
        (
            "no longer than 4 %",
            "`no longer than` is not one of the words for a side",
            "one word for one meaning",
            "write at most 4 %",
        ),
        (
            "At least 5 %",
            "`At least` is not one of the words for a side",
            "the words for a side are in lower case",
            "write at least 5 %",
        ),
        ("up to 5 %", "`up to` is not one of the words for a side", "one word for one meaning", "write at most 5 %"),
        ("from 5 %", "`from` is not one of the words for a side", "one word for one meaning", "write at least 5 %"),
        (
            "overall 5 %",
            "`overall 5 %` does not begin with a side",
            "a value at the edge is met or missed by its side",
            "say which side: at least / more than / below / at most",
        ),
        (
            "xx",
            "`xx` does not begin with a side",
            "a value at the edge is met or missed by its side",
            "say which side: at least / more than / below / at most",
        ),
        ("at least", "`at least` has no value after it", "", "write the value, as in at least 99.9 %"),
        (
            "at least 99.9",
            "`99.9` does not say of what it is a number",
            "a share is written as a percentage",
            "write 99.9 %",
        ),
        (">", "`>` is not one of the words for a side", "one word for one meaning", "write more than"),
    ],
)
def test_a_threshold_without_one_of_the_five_sides_is_refused(text: str, what: str, why: str, hint: str) -> None:
    assert threshold(text, percent) == Wrong(what, why, hint)
