"""What commands say beside the answer: periods to come, two sources of one service, alternatives, logs and moments."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.cli.conftest import Program
from tests.cli.running import INPUTS, LOG

IN_MARCH = ["--as-of", "2026-03-10T00:00:00Z"]
pytestmark = pytest.mark.usefixtures("here")


def test_a_range_into_the_future_gives_what_has_begun_and_names_the_first_that_has_not(program: Program) -> None:
    told = program("evaluate", *INPUTS, "--period", "2026-01..2026-12", *IN_MARCH)
    assert told.code == 0
    assert [line.split()[0] for line in told.out.splitlines() if line.startswith("2026-")] == [
        "2026-01",
        "2026-02",
        "2026-03",
    ]
    assert told.err == "makegood: 2026-04 has not begun; it and later periods are left out\n"


@pytest.mark.parametrize("period", ["2026-04", "2026-04..2026-06"])
def test_where_nothing_has_begun_the_question_is_refused(program: Program, period: str) -> None:
    told = program("evaluate", *INPUTS, "--period", period, *IN_MARCH)
    assert (told.code, told.out) == (1, "")
    assert "2026-04 has not begun" in told.err


@pytest.mark.parametrize("form", ["json", "html"])
def test_a_document_over_a_range_into_the_future_holds_only_what_has_begun(program: Program, form: str) -> None:
    told = program("evaluate", *INPUTS, "--period", "2026-02..2026-12", "--format", form, *IN_MARCH)
    assert (told.code, "2026-03" in told.out, "has not begun" in told.out) == (0, True, False)
    assert "2026-04 has not begun" in told.err


def test_a_range_that_has_begun_says_nothing_more(program: Program) -> None:
    assert program("evaluate", *INPUTS, "--period", "2026-01..2026-03", *IN_MARCH).err == ""


MORE = "at,service,status\n2026-02-28T23:30:00+01:00,shop,up\n2026-03-09T00:00:00+01:00,shop,up\n"


def test_two_logs_of_one_service_that_follow_each_other_are_warned_of(here: Path, program: Program) -> None:
    (here / "facts/states/march.csv").write_text(MORE, encoding="utf-8")
    told = program("evaluate", *INPUTS, "--period", "2026-02", *IN_MARCH)
    words = " ".join(told.err.split())
    assert "two-sources" in words
    assert "`shop` has 2 sources, `march` and `shop`, and they tell of different times" in words
    assert "that time may be unknown" in words
    assert "put their rows into one file, or import both with the same --source" in words
    assert told.code == 0


def test_two_logs_that_tell_of_the_same_time_are_not(here: Path, program: Program) -> None:
    (here / "facts/states/copy.csv").write_bytes((here / LOG).read_bytes())
    assert program("evaluate", *INPUTS, "--period", "2026-02", *IN_MARCH).err == ""


def test_the_rows_of_two_logs_in_one_file_are_one_source(here: Path, program: Program) -> None:
    with (here / LOG).open("a", encoding="utf-8") as log:
        log.write("2026-03-09T00:00:00+01:00,shop,up\n")
    told = program("evaluate", *INPUTS, "--period", "2026-02", *IN_MARCH)
    assert (told.code, told.err) == (0, "")


def test_the_moment_of_a_statement_is_shown_in_whole_seconds(program: Program) -> None:
    told = program("evaluate", *INPUTS, "--period", "2026-02", "--as-of", "2026-03-10T00:00:07.654321Z")
    (line,) = (line for line in told.out.splitlines() if line.startswith("Known at"))
    assert "01:00:07 +01:00" in line
    assert "." not in line


def test_a_log_is_named_with_the_part_that_it_tells_of(program: Program) -> None:
    february = program("evaluate", *INPUTS, "--period", "2026-02", *IN_MARCH).out
    assert "Seen        the log shop: all of it" in february or "Seen        the log shop: " in february
    march = program("evaluate", *INPUTS, "--period", "2026-03", *IN_MARCH).out
    assert "no slots were expected" not in february + march
    (line,) = (line for line in march.splitlines() if line.startswith("Seen"))
    assert line.startswith(("Seen        the log shop: ", "Seen        nothing"))


def test_the_heading_counts_the_outages_that_are_too_brief(program: Program) -> None:
    told = program("evaluate", *INPUTS, "--period", "2026-02", *IN_MARCH)
    assert "3 outages, 1 too brief to count\n" in told.out


def test_a_table_breaks_no_word_and_no_number_from_its_unit(program: Program) -> None:
    told = program("evaluate", *INPUTS, "--period", "2026-01..2026-03", "--format", "table", *IN_MARCH)
    words = {"breached", "running", "met", "99.826 %", "1 h 10 min", "20.00 EUR", "Verdict", "Credit"}
    assert {word for word in words if word not in told.out} == set()
    assert max(map(len, told.out.splitlines())) <= 80
