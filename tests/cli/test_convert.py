"""`convert`, as its user runs it: both ways, what it says was lost, and what it refuses."""

import shutil
from pathlib import Path

import pytest

from tests.cli.conftest import Program
from tests.cli.running import AGREEMENT, ORDER, everything_in, mend

SHOP = Path(__file__).parents[1] / "exchange" / "openslo" / "shop.openslo.yaml"


def test_objectives_become_an_agreement_that_lints_clean_and_what_is_lost_is_said(here: Path, program: Program) -> None:
    shutil.copy(SHOP, here / "shop.yaml")
    told = program("convert", "shop.yaml", "--to", "shop.sla.md")
    assert told.code == 0
    assert told.out.startswith("written: shop.sla.md\nwithout:\n  SLO checkout-success: alertPolicies (")
    assert program("lint", "--strict", "shop.sla.md").out == "nothing found\n"


def test_an_agreement_becomes_objectives_and_comes_back(here: Path, program: Program) -> None:
    told = program("convert", AGREEMENT, "--order", ORDER, "--to", "shop.yaml")
    assert told.code == 0
    assert "is a promise (an objective binds nobody)" in told.out
    lost = [line.strip() for line in told.out.splitlines() if line.startswith("  ")]
    head = (here / "shop.yaml").read_text(encoding="utf-8")
    assert all(f"#   {line}\n" in head for line in lost)
    assert program("convert", "shop.yaml", "--to", "again.sla.md").code == 0
    assert program("lint", "--strict", "again.sla.md").code == 0


@pytest.mark.parametrize(
    "arguments",
    [
        ("shop.yaml", "--to", "shop.yaml2"),
        ("shop.yaml", "--to", "shop.sla.md", "--order", ORDER),
        (AGREEMENT, "--to", "shop.yaml"),
        (AGREEMENT, "--order", ORDER, "--to", "again.sla.md"),
        (AGREEMENT, "--order", ORDER, "--to", "shop.txt"),
    ],
)
def test_a_wrong_way_round_is_a_mistake_of_the_command_line(
    here: Path, program: Program, arguments: tuple[str, ...]
) -> None:
    shutil.copy(SHOP, here / "shop.yaml")
    before = everything_in(here)
    told = program("convert", *arguments)
    assert told.code == 2
    assert told.err.startswith("makegood: ")
    assert everything_in(here) == before


def test_a_file_with_a_mistake_is_refused_and_nothing_is_written(here: Path, program: Program) -> None:
    shutil.copy(SHOP, here / "shop.yaml")
    mend(here / "shop.yaml", "duration: 30d", "duration: 5h")
    before = everything_in(here)
    told = program("convert", "shop.yaml", "--to", "shop.sla.md")
    assert told.code == 1
    assert "this window is no whole number of days" in told.err
    assert everything_in(here) == before
    assert program("convert", "nowhere.yaml", "--to", "shop.sla.md").code == 1


def test_an_agreement_without_an_objective_is_refused_with_the_reason(here: Path, program: Program) -> None:
    mend(here / AGREEMENT, "is: at least 99.9 %", "is: at least 100 %")
    told = program("convert", AGREEMENT, "--order", ORDER, "--to", "shop.yaml")
    assert told.code == 1
    assert "below 100 %" in told.err
    assert not (here / "shop.yaml").exists()


def test_a_file_that_is_there_is_written_over_only_where_that_is_said(here: Path, program: Program) -> None:
    shutil.copy(SHOP, here / "shop.yaml")
    (here / "shop.sla.md").write_text("edited by hand")
    told = program("convert", "shop.yaml", "--to", "shop.sla.md")
    assert told.code == 1
    assert "error exists  shop.sla.md\n  is there already" in told.err
    assert "write over it with --force" in told.err
    assert (here / "shop.sla.md").read_text() == "edited by hand"
    assert program("convert", "shop.yaml", "--to", "shop.sla.md", "--force").code == 0
    assert "sla" in (here / "shop.sla.md").read_text(encoding="utf-8")
