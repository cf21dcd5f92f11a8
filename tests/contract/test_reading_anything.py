"""Whatever is put in, reading answers with values and problems: it never raises, and it ends."""

from collections.abc import Callable
from fractions import Fraction

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from makegood.contract import numbers
from makegood.contract.document import prose_lines, read_document
from makegood.contract.encoding import read_bytes
from makegood.contract.nodes import Keyed, Many, Node, Text
from makegood.contract.numbers import Wrong
from makegood.contract.strict_yaml import read_yaml
from makegood.model.money import Money
from makegood.model.spans import HOUR, MINUTE, SECOND
from makegood.model.threshold import Side, Threshold

YAML_PARTS = [
    *"-?:,[]{}#&*!|>'\"%@`~ \n\t\\ab09é\u2028\ufeff\x00\x85\ud800",
    "a: ",
    "- ",
    "\n  ",
    "<<: ",
    "---\n",
    "...\n",
    "&a ",
    "*a",
    "!!map ",
    "? ",
    "1,250",
    '"\\u',
    "null",
]
MARKDOWN_PARTS = [
    "# A\n",
    "## B {#b}\n",
    "```sla\n",
    "```\n",
    "~~~sla\n",
    "~~~\n",
    "a: b\n",
    "- ",
    "> ",
    "   ",
    "\n",
    "{#",
    "---\n",
    "===\n",
    "<!--",
    "\r",
    "\t",
    "é",
    "\x00",
    "[a]: <",
    "1. ",
    "\u202e",
    "x" * 9,
]
VALUE_PARTS = [
    *"0123456789.,:-+%‰−–/ eExXhmsdTZ$€½９\u00a0\u202f\x00\n_'",
    " min",
    " h",
    " days",
    " business",
    "USD",
    "JPY",
    "at least ",
    "more than ",
    "Sunday",
    "Monday to ",
    " to ",
    "2026-02-",
    "T10:00",
    "am",
    "nan",
    "9" * 30,
]

READERS: list[Callable[[str], object]] = [
    numbers.number,
    numbers.percent,
    numbers.duration,
    numbers.allowance,
    numbers.clock_time,
    numbers.weekday,
    numbers.weekly_window,
    numbers.instant,
    lambda text: numbers.instant(text, "Europe/Berlin"),
    numbers.day,
    numbers.money,
    lambda text: numbers.threshold(text, numbers.percent),
    lambda text: numbers.threshold(text, numbers.allowance),
]


def made_of(parts: list[str]) -> st.SearchStrategy[str]:
    return st.one_of(st.text(), st.lists(st.sampled_from(parts), max_size=40).map("".join))


def all_texts(node: Node | None) -> list[Text]:
    match node:
        case Text():
            return [node]
        case Many():
            return [text for item in node.items for text in all_texts(item)]
        case Keyed():
            return [text for key, value in node.entries for text in (key, *all_texts(value))]
        case None:
            return []


@given(made_of(YAML_PARTS))
@example("&")
@example("%YAML 1.1")
@example("--- |")
def test_any_text_is_read_as_yaml_with_places_inside_it(text: str) -> None:
    node, problems = read_yaml(text, "a.sla.md", 11, 5)
    lines = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    for place in [t.place for t in all_texts(node)] + [p.where for p in problems]:
        assert 11 <= place.line <= 11 + len(lines)
        assert place.column >= 5
    assert all(p.code and p.what and p.where.source == "a.sla.md" for p in problems)
    assert node is not None or problems or not "".join(line.split("#")[0] for line in lines).strip(" -.\n\t")


@given(
    st.dictionaries(st.text("abc- ", min_size=1).map(str.strip).filter(bool), st.text("NOon0129:.,%-# é'\"\\[]{}&*!|>"))
)
def test_whatever_is_put_in_single_quotes_is_read_as_written(values: dict[str, str]) -> None:
    text = "".join(f"'{key}': '{value.replace(chr(39), chr(39) * 2)}'\n" for key, value in values.items())
    node, problems = read_yaml(text, "a.sla.md")
    assert problems == []
    assert {t.text for t in all_texts(node)} == {*values, *values.values()}


@given(made_of(MARKDOWN_PARTS))
def test_any_text_is_read_as_a_document_and_prose_is_where_it_says(text: str) -> None:
    document, problems = read_document(text, "a.sla.md")
    lines = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    assert len({clause.id for clause in document.clauses}) == len(document.clauses)
    for clause in document.clauses:
        for number, line in prose_lines(clause):
            assert not line or len(line) == len(lines[number - 1])
    assert all(p.where.line <= len(lines) + 1 for p in problems)
    assert problems == sorted(problems, key=lambda p: (p.where.line, p.where.column))


@given(
    st.one_of(
        st.binary(),
        st.lists(st.sampled_from([b"\xff\xfe", b"\xef\xbb\xbf", b"a", b"\n", b"\0", b"\xc3", b"\xa9"])).map(b"".join),
    )
)
def test_any_bytes_are_text_or_problems(raw: bytes) -> None:
    text, problems = read_bytes(raw, "a.sla.md")
    assert (text is None) == bool(problems)
    assert text is None or text.encode() == raw


@pytest.mark.parametrize("reader", READERS)
@given(text=made_of(VALUE_PARTS))
def test_any_text_is_a_value_or_says_what_is_wrong(reader: Callable[[str], object], text: str) -> None:
    value = reader(text)
    if isinstance(value, Wrong):
        assert value.what
        assert len(value.what) < 400


@given(st.integers(0, 1_000_000 * HOUR))
def test_a_duration_is_read_back_from_its_parts(length: int) -> None:
    hours, rest = divmod(length, HOUR)
    minutes, rest = divmod(rest, MINUTE)
    seconds, micros = divmod(rest, SECOND)
    assert numbers.duration(f"{hours:,} h {minutes} min {seconds}.{micros:06} s") == length


@given(st.integers(0, 10**15), st.integers(0, 12))
def test_a_share_is_read_back_from_its_decimals(digits: int, places: int) -> None:
    share = Fraction(digits, 10 ** (places + 2))
    assert numbers.percent(f"{numbers.decimal(share * 100)} %") == share


@given(st.integers(-(2**63) + 1, 2**63 - 1), st.sampled_from(["USD", "EUR", "JPY", "KWD", "CLF"]))
def test_money_is_read_back_from_what_is_shown(minor: int, currency: str) -> None:
    amount = Money(Fraction(minor), currency)
    assert numbers.money(str(amount)) == amount


@given(st.sampled_from(Side), st.integers(0, 10**6))
def test_a_threshold_is_read_back_from_what_is_shown(side: Side, thousandths: int) -> None:
    threshold = Threshold(side, Fraction(thousandths, 100_000), f"{numbers.decimal(Fraction(thousandths, 1000))} %")
    read = numbers.threshold(str(threshold), numbers.percent)
    assert read == threshold
    assert str(read) == str(threshold)


@pytest.mark.parametrize("reader", READERS)
@pytest.mark.parametrize(
    "text", ["9" * 4_000_000, "1," * 2_000_000, " " * 4_000_000, "1 h " * 1_000_000, "-" * 199, "1 " * 99, "a-" * 99]
)
def test_a_long_value_is_refused_at_once(reader: Callable[[str], object], text: str) -> None:
    assert isinstance(reader(text), Wrong)
