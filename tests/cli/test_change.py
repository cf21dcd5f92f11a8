"""Versions, redlines and translations as their users see them: on the starter, given a clause of change."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from tests.cli.conftest import Program
from tests.cli.running import AGREEMENT, INPUTS, ORDER, mend

CLAUSE = "\n## 4. Change {#change}\n\nIt changes with 30 days' notice.\n\n```sla\n{}```\n"
CLOCK = "clock: amendment\nfrom: change announced\nallow: 30 days\nin: office\n"
TOLD = (
    "- change: CH-1\n  facts: {agreement: web-hosting, version: 2026-02-01}\n"
    "  events: {change announced: 2026-01-01 09:00 Europe/Berlin}\n  recorded: 2026-01-01T09:00:00Z\n  by: legal\n"
)
BERLIN = (
    "# Web-Hosting {#agreement}\n\n```sla\ntranslation of: web-hosting\nversion: 2026-01-01\nlanguage: German\n```\n"
)
FEBRUARY = ["--period", "2026-02", "--as-of", "2026-05-02T00:00:00Z"]
INPUTS_OF_VERSIONS = ["versions", *INPUTS[1:]]


@pytest.fixture
def versions(here: Path) -> Path:
    """A folder with the starter and its next version, of 1 February, announced on 1 January: just in time."""
    with (here / AGREEMENT).open("a", encoding="utf-8") as file:
        file.write(CLAUSE.replace("{}", CLOCK))
    (here / "versions").mkdir()
    shutil.copy(here / AGREEMENT, here / "versions" / "1.sla.md")
    shutil.copy(here / AGREEMENT, here / "versions" / "2.sla.md")
    mend(here / "versions" / "2.sla.md", "version: 2026-01-01", "version: 2026-02-01")
    mend(here / "versions" / "2.sla.md", "effective: 2026-01-01", "effective: 2026-02-01")
    mend(here / "versions" / "2.sla.md", "is: at least 99.9 %", "is: at least 99.5 %")
    (here / "facts" / "change.facts.yaml").write_text(TOLD, encoding="utf-8")
    return here / "versions"


@pytest.mark.usefixtures("versions")
def test_a_folder_of_versions_is_judged_where_a_file_could_stand(program: Program) -> None:
    """1 h 10 min are down in February: too much for 99.9 %, and not for 99.5 %."""
    assert program("evaluate", *INPUTS, *FEBRUARY).out.startswith("BREACHED")
    told = program("evaluate", *INPUTS_OF_VERSIONS, *FEBRUARY)
    assert (told.code, told.err) == (0, "")
    assert told.out.startswith("MET")
    assert "version 2026-02-01 is in force for this order from 2026-02-01" in " ".join(told.out.split())
    assert program("explain", *INPUTS_OF_VERSIONS, *FEBRUARY).code == 0


def test_what_is_not_announced_in_time_waits(versions: Path, program: Program) -> None:
    mend(versions.parent / "facts" / "change.facts.yaml", "2026-01-01 09:00", "2026-01-02 00:00")
    mend(versions.parent / "facts" / "change.facts.yaml", "2026-01-01T09", "2026-01-02T09")
    told = program("evaluate", *INPUTS_OF_VERSIONS, *FEBRUARY)
    assert told.out.startswith("BREACHED")
    listed = program("versions", "versions", "--order", ORDER, "--facts", "facts").out
    assert "in force from 2026-02-02" in listed
    assert "1 day late for Sun 1 Feb 2026" in " ".join(listed.split())


@pytest.mark.usefixtures("versions")
def test_versions_are_listed_as_known_at_an_instant(program: Program) -> None:
    asked = ["versions", "versions", "--order", ORDER, "--facts", "facts", "--format", "json"]
    now = json.loads(program(*asked).out)
    assert [v["first"] for v in now["versions"]] == ["2026-01-01", "2026-02-01"]
    before = json.loads(program(*asked, "--as-of", "2026-01-01T00:00:00Z").out)
    assert [v["first"] for v in before["versions"]] == ["2026-01-01", None]


def test_a_redline_is_written_in_the_format_of_its_ending(versions: Path, program: Program) -> None:
    both = [str(versions / "1.sla.md"), str(versions / "2.sla.md"), "--announced", "2026-01-02"]
    told = program("redline", *both)
    assert "[-at least 99.9 %-] {+at least 99.5 %+}  lowered by 0.4 points" in " ".join(told.out.split("\n"))
    assert "does not keep its notice" in told.out
    for name, begins in (("x.html", "<!doctype html>"), ("x.json", "{"), ("x.txt", "Web hosting")):
        assert program("redline", *both, "-o", name).out == f"written: {name}\n"
        assert (versions.parent / name).read_text(encoding="utf-8").startswith(begins)


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (("redline", "versions/1.sla.md"), 2, "NEW is missing"),
        (("redline", "versions/1.sla.md", "versions/2.sla.md", "--announced", "soon"), 1, "`soon` is not a date"),
        (("redline", "versions/1.sla.md", "versions/2.sla.md", "-o", "x.pdf"), 2, "names no format"),
        (("versions", "facts", "--order", ORDER), 1, "this folder holds no file `*.sla.md`"),
        (("versions", "nowhere", "--order", ORDER), 1, "no such file or directory"),
    ],
)
@pytest.mark.usefixtures("versions")
def test_what_cannot_be_right_is_told(program: Program, arguments: tuple[str, ...], code: int, said: str) -> None:
    told = program(*arguments)
    assert (told.code, told.out) == (code, "")
    assert said in told.err


def test_a_translation_is_linted_with_what_it_translates(here: Path, program: Program) -> None:
    mend(here / AGREEMENT, "provider: Example Hosting\n", "provider: Example Hosting\nprevailing language: English\n")
    german = f"{BERLIN}\nZeiten sind die von Berlin.\n\n## 1. Verfügbarkeit {{#availability}}\n\nZu 99,5 %.\n"
    (here / "hosting.de.sla.md").write_text(german, encoding="utf-8")
    for arguments in (("hosting.de.sla.md",), ("hosting.de.sla.md", AGREEMENT), (".",)):
        told = program("lint", *arguments)
        assert "the prevailing text says “99.9 %”, and the translation “99,5 %”" in told.out
        assert told.code == 0
        assert program("lint", "--strict", *arguments).code == 1
    assert program("evaluate", "hosting.de.sla.md", *INPUTS[1:], *FEBRUARY).err.startswith(
        "error translation-not-judged"
    )
    (here / AGREEMENT).unlink()
    assert "is neither named nor beside it" in program("lint", "hosting.de.sla.md").out


def test_a_translation_beside_the_versions_is_no_version(versions: Path, program: Program) -> None:
    (versions / "de.sla.md").write_text(BERLIN, encoding="utf-8")
    assert program("evaluate", *INPUTS_OF_VERSIONS, *FEBRUARY).out.startswith("MET")
