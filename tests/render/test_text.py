"""Statements in a terminal: the verdict first, nothing lost, and nothing acted on."""

from __future__ import annotations

import re
from dataclasses import replace
from io import StringIO

import pytest

from makegood.render.screen import Screen, screen_of
from makegood.render.tables import side_by_side, statements_table, summary
from makegood.render.text import statement_text
from tests.render.golden import FOLDER, pages
from tests.render.samples import AVAILABILITY, breach, everything, hostile, insufficient, met, statement

ALL = everything()


@pytest.mark.parametrize("name", sorted(pages()))
def test_a_page_reads_as_its_kept_file(name: str) -> None:
    assert pages()[name] == (FOLDER / name).read_text(encoding="utf-8"), "python -m tests.render.golden writes it anew"


def test_no_kept_file_is_without_its_page() -> None:
    assert {path.name for path in FOLDER.iterdir()} == set(pages())


@pytest.mark.parametrize("name", ALL)
def test_the_first_word_is_the_verdict(name: str) -> None:
    assert statement_text(ALL[name]).startswith(ALL[name].verdict.value.upper())


@pytest.mark.parametrize("width", [60, 72, 80, 100])
@pytest.mark.parametrize("name", ALL)
def test_no_line_is_longer_than_the_terminal_is_wide(name: str, width: int) -> None:
    for text in (
        statement_text(ALL[name], width),
        statements_table([ALL[name]], width),
        side_by_side([ALL[name]], width),
    ):
        assert max(map(len, text.splitlines())) <= width


def test_both_operands_and_the_downtime_stand_under_the_verdict() -> None:
    assert "40,273 of 40,320 min available, 47 min down" in statement_text(breach()).splitlines()[1]


def test_two_runs_are_both_said() -> None:
    lines = statement_text(insufficient(), 120).splitlines()
    assert lines[1].endswith("12 min down, if what was not seen was up")
    assert lines[2].endswith("52 min down, if what was not seen was down")


def test_without_colour_there_is_no_escape_sequence_and_with_it_no_other_word() -> None:
    plain, colored = statement_text(breach()), statement_text(breach(), color=True)
    assert "\x1b" not in plain
    assert "\x1b[1;31mBREACHED" in colored
    bare = re.sub(r"\x1b\[[0-9;]*m", "", colored)
    assert [line.rstrip() for line in bare.splitlines()] == plain.splitlines()


@pytest.mark.parametrize("encoding", ["ascii", "latin-1", "cp437", "utf-8"])
def test_a_text_can_be_written_in_the_encoding_of_its_terminal(encoding: str) -> None:
    text = statement_text(breach(), encoding=encoding)
    assert text.encode(encoding)
    assert "?" not in text


@pytest.mark.parametrize("color", [False, True])
def test_hostile_text_is_shown_and_does_nothing(color: bool) -> None:
    for text in (
        statement_text(hostile(), color=color),
        statements_table([hostile()], color=color),
        side_by_side([hostile()], color=color),
    ):
        assert "</script>\x1b" not in text
        assert "\u202e" not in text
        assert "\x00" not in text
        assert "\\x1b[31m" in text
        assert "[bold]" in text


def test_a_reading_that_changes_nothing_is_only_counted() -> None:
    text = statement_text(breach())
    assert "if “to one contact”: met, credit none (1,250.00 USD less)" in text
    assert "1 reading changes nothing here: outage.begins" in text
    assert "if “confirmation”" not in text


def test_a_table_adds_the_credit_and_counts_the_verdicts() -> None:
    assert summary([breach(), met(), breach()]) == "3 statements: 1 met, 2 breached. Credit 2,500.00 USD."
    assert summary([met()]) == "1 statement: 1 met."
    assert summary([insufficient()]).endswith("Credit at least 0.00 USD, at most 1,250.00 USD.")
    assert summary([]) == "no statements."


def test_nothing_side_by_side_is_nothing() -> None:
    assert side_by_side([]) == ""


def test_a_statement_without_anything_is_still_a_statement() -> None:
    bare = statement(
        outages=(), excuses=(), expected=(), deadlines=(), readings=(), smallest=(), notes=(), target_edge=None,
        clause=replace(AVAILABILITY, title=""),
    )  # fmt: skip
    assert "no outages" not in statement_text(bare).lower()
    assert "Credit  1,250.00 USD\n" in statement_text(bare)


class Terminal(StringIO):
    """A stream that says it is a terminal."""

    encoding = "utf-8"

    def isatty(self) -> bool:
        return True


@pytest.mark.parametrize(
    ("stream", "environ", "color"),
    [
        (Terminal(), {}, True),
        (Terminal(), {"NO_COLOR": "1"}, False),
        (Terminal(), {"NO_COLOR": ""}, True),
        (Terminal(), {"TERM": "dumb"}, False),
        (StringIO(), {}, False),
    ],
)
def test_colour_is_for_terminals_whose_owner_wants_it(stream: StringIO, environ: dict[str, str], color: bool) -> None:
    assert screen_of(stream, environ).color is color


def test_a_file_is_eighty_columns_wide() -> None:
    assert screen_of(StringIO(), {}) == Screen(80, False, "ascii")
