"""Values compare as exact decimals, and as what JSON has."""

from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from makegood.model.checks import Compares
from makegood.probe.compare import NotJson, decimal, holds, ordered, parse_json, shown, value_at

IS, IS_NOT, CONTAINS, EXISTS = Compares.IS, Compares.IS_NOT, Compares.CONTAINS, Compares.EXISTS
AT_LEAST, AT_MOST, MORE_THAN, BELOW = Compares.AT_LEAST, Compares.AT_MOST, Compares.MORE_THAN, Compares.BELOW


@pytest.mark.parametrize(
    ("json", "compares", "written", "expected"),
    [
        ("1.0", IS, "1", True),
        ("1", IS, "1.00", True),
        ("0.1", IS, "0.1000000000000000000000000001", False),
        ("0.30000000000000004", IS, "0.3", False),
        ("9007199254740993", IS, "9007199254740992", False),
        ("9007199254740993", MORE_THAN, "9007199254740992", True),
        ("1e3", IS, "1000", True),
        ("1e999999999999", MORE_THAN, "1", True),
        ("7", AT_LEAST, "7", True),
        ("7", MORE_THAN, "7", False),
        ("7", AT_MOST, "7", True),
        ("7", BELOW, "7", False),
        ("-0.0", IS, "0", True),
        ('"12.50"', AT_LEAST, "12.5", True),
        ('"12.50"', IS, "12.5", False),
        ('"12.50"', IS, "12.50", True),
        ('"twelve"', AT_LEAST, "1", False),
        ("7", AT_LEAST, "seven", False),
        ("7", IS, "seven", False),
        ("7", IS_NOT, "seven", True),
        ("true", IS, "true", True),
        ("true", IS, "1", False),
        ("true", AT_LEAST, "1", False),
        ("null", IS, "null", True),
        ("null", IS_NOT, "null", False),
        ("null", EXISTS, "", True),
        ('"true"', IS, "true", True),
        ('"all is well"', CONTAINS, "is", True),
        ('"all is well"', CONTAINS, "sick", False),
        ('["a", 1.0]', CONTAINS, "1", True),
        ('["a", 1.0]', CONTAINS, "b", False),
        ("12", CONTAINS, "1", False),
        ('{"a": 1}', CONTAINS, "a", False),
    ],
)
def test_a_value_compares_with_a_text(json: str, compares: Compares, written: str, expected: bool) -> None:
    assert holds(parse_json(json.encode()), compares, written) is expected


@pytest.mark.parametrize(
    "body", [b"", b"{", b'{"a":}', b"NaN", b"[Infinity]", b"-Infinity", b"\xff\xfe{", b"[" * 100_000, b"1 2"]
)
def test_what_is_no_json_is_told_so(body: bytes) -> None:
    with pytest.raises(NotJson):
        parse_json(body)


def test_a_number_keeps_every_digit_and_a_long_one_costs_nothing() -> None:
    digits = "1" * 100_000
    assert parse_json(digits.encode()) == Decimal(digits)
    assert shown(parse_json(b"1.10")) == "1.10"


@pytest.mark.parametrize(
    ("path", "found", "value"),
    [
        ((), True, {"a": [{"b": None}], "0": "key"}),
        (("a", 0, "b"), True, None),
        (("0",), True, "key"),
        ((0,), False, None),
        (("a", "0"), False, None),
        (("a", 1), False, None),
        (("a", -1), False, None),
        (("a", 0, "b", "c"), False, None),
    ],
)
def test_a_path_leads_through_keys_and_indexes(path: tuple[str | int, ...], found: bool, value: Any) -> None:
    assert value_at(parse_json(b'{"a": [{"b": null}], "0": "key"}'), path) == (found, value)


@pytest.mark.parametrize("text", ["", "abc", "1 2", "0x10", "1,5", "NaN", "inf", "1_000", "٣", "--1", "1e", "."])
def test_only_a_decimal_is_a_number(text: str) -> None:
    assert decimal(text) is None


@given(st.decimals(allow_nan=False, allow_infinity=False), st.decimals(allow_nan=False, allow_infinity=False))
def test_every_order_is_the_one_of_numbers(one: Decimal, other: Decimal) -> None:
    assert ordered(one, AT_LEAST, other) is not ordered(one, BELOW, other)
    assert ordered(one, AT_MOST, other) is not ordered(one, MORE_THAN, other)
    assert ordered(one, IS, other) is not ordered(one, IS_NOT, other)
    assert ordered(one, IS, other) is (ordered(one, AT_LEAST, other) and ordered(one, AT_MOST, other))


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.text(),
        lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
        max_leaves=8,
    )
)
def test_what_is_shown_is_json_again(value: Any) -> None:
    import json

    document = parse_json(json.dumps(value).encode())
    text = shown(document)
    assert parse_json(text.encode()) == document if not isinstance(document, str) else text == document
