"""What lint gives other programs: one line each, JSON, SARIF, to a file, always with the same exit codes."""

import json
import re
from pathlib import Path

import pytest

from tests.cli.conftest import Program
from tests.cli.running import AGREEMENT, everything_in, mend

FORMATS = ("text", "json", "sarif", "line")


@pytest.mark.parametrize("chosen", FORMATS)
def test_every_format_leaves_with_the_same_code(here: Path, program: Program, chosen: str) -> None:
    assert program("lint", "--format", chosen, AGREEMENT).code == 0
    mend(here / AGREEMENT, "over: month", "over: mnoth")
    assert program("lint", "--format", chosen, AGREEMENT).code == 1
    assert program("lint", "--format", chosen, "nowhere.sla.md").code == 1


def test_a_line_is_file_line_column_severity_what_and_code(here: Path, program: Program) -> None:
    mend(here / AGREEMENT, "over: month", "over: mnoth")
    (line,) = program("lint", "--format", "line", AGREEMENT).out.splitlines()
    found = re.fullmatch(r"(\S+):(\d+):(\d+): (error|warning|note): (.+) \[([a-z-]+)\]", line)
    assert found is not None
    assert (here / found[1]).read_text(encoding="utf-8").splitlines()[int(found[2]) - 1][int(found[3]) - 1 :] == "mnoth"
    assert found[6] == "unknown-name"


def test_a_file_that_cannot_be_read_has_a_line_without_numbers(here: Path, program: Program) -> None:
    assert here.is_dir()
    assert program("lint", "--format", "line", "nowhere.sla.md").out.startswith("nowhere.sla.md: error: ")


@pytest.mark.parametrize("chosen", FORMATS)
def test_the_output_file_has_what_would_have_been_printed(here: Path, program: Program, chosen: str) -> None:
    mend(here / AGREEMENT, "over: month", "over: mnoth")
    printed = program("lint", "--format", chosen, AGREEMENT)
    written = program("lint", "--format", chosen, AGREEMENT, "-o", "found.txt")
    assert (written.code, written.out) == (1, "written: found.txt\n")
    assert (here / "found.txt").read_text(encoding="utf-8") == printed.out


def test_nothing_found_is_said_in_every_format(here: Path, program: Program) -> None:
    (here / "clean.sla.md").write_text((here / AGREEMENT).read_text(encoding="utf-8"), encoding="utf-8")
    found = {chosen: program("lint", "--format", chosen, "clean.sla.md").out for chosen in FORMATS}
    assert found["text"] == "nothing found\n"
    assert json.loads(found["json"]) == []
    assert json.loads(found["sarif"])["runs"][0]["results"] == []
    assert found["line"] == ""


def test_several_files_are_one_log_with_a_fix_for_a_slip(here: Path, program: Program) -> None:
    (here / "b.sla.md").write_text((here / AGREEMENT).read_text(encoding="utf-8"), encoding="utf-8")
    mend(here / "b.sla.md", "over: month", "over: mnoth")
    (run,) = json.loads(program("lint", "--format", "sarif", AGREEMENT, "b.sla.md").out)["runs"]
    (result,) = run["results"]
    assert result["locations"][0]["physicalLocation"]["artifactLocation"]["uri"] == "b.sla.md"
    assert result["fixes"][0]["artifactChanges"][0]["replacements"][0]["insertedContent"]["text"] == "month"


def test_an_output_that_cannot_be_written_is_said_and_changes_nothing(here: Path, program: Program) -> None:
    before = everything_in(here)
    told = program("lint", AGREEMENT, "-o", "no/such/folder.txt")
    assert told.code == 1
    assert "there is no folder" in told.err
    assert everything_in(here) == before
