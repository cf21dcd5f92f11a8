"""What is written is read as the same checks, and written the same again."""

from dataclasses import replace

from hypothesis import example, given, settings
from hypothesis import strategies as st

from makegood.contract.lengths import duration
from makegood.exchange.checks.read import read_checks
from makegood.exchange.checks.write import checks_text, length
from makegood.model.checks import Check, HttpProbe, JsonAssertion
from makegood.model.problem import Severity
from tests.exchange.checks.making import checks


@settings(max_examples=80)
@given(st.lists(checks(), max_size=3, unique_by=lambda check: check.name))
@example([Check("a", "b", HttpProbe("https://x/", json=(JsonAssertion(()), JsonAssertion((0, "a.b", "c")))))])
def test_checks_that_are_written_are_read_as_the_same_checks(some: list[Check]) -> None:
    text = checks_text(some)
    read, problems = read_checks(text.encode(), "a.checks.yaml")
    assert [p for p in problems if p.severity is Severity.ERROR] == [], text
    assert read == tuple(some), text
    assert checks_text(read) == text


@given(st.integers(0, 10**13))
def test_a_length_that_is_written_is_read_as_the_same_length(microseconds: int) -> None:
    assert duration(length(microseconds)) == microseconds


def test_a_check_of_defaults_is_written_in_three_lines() -> None:
    check = Check("shop-front", "shop", HttpProbe("https://shop.example/health"))
    assert checks_text([check], ["one"]) == (
        "# one\nchecks:\n  - check: shop-front\n    service: shop\n    http: https://shop.example/health\n"
    )
    assert "every: 30 s" in checks_text([replace(check, every=30_000_000)])
