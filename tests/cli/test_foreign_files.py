"""Files of other programs from `import` to a statement, and what is said where one cannot be taken."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.cli.conftest import Program
from tests.cli.running import AGREEMENT, ORDER, everything_in, mend

pytestmark = pytest.mark.usefixtures("here")
DATA = Path(__file__).resolve().parents[3] / "shared/data"
PAGE = {"id": "pg", "name": "Harbour", "updated_at": "2026-03-02T00:00:00Z"}
INCIDENT = {
    "id": "i1", "name": "No shop", "impact": "critical", "created_at": "2026-02-10T07:00:00Z", "resolved_at": None,
    "incident_updates": [], "components": [{"id": "c1", "name": "Shop front"}],
}  # fmt: skip
POLLS = """polled_at,unresolved_incident_ids
2026-01-31T00:00:00Z,
2026-02-10T07:10:00Z,i1
2026-02-10T08:00:00Z,i1
2026-02-10T15:00:00Z,
2026-03-02T00:00:00Z,
"""
FLIPS = [{"timestamp": "2026-02-08T09:00:00+00:00", "up": 1}, {"timestamp": "2026-02-08T07:00:00+00:00", "up": 0}]
EVALUATE = ["evaluate", AGREEMENT, "--order", ORDER, "--facts", "other", "--period", "2026-02"]


def page(here: Path, *incidents: object) -> None:
    (here / "incidents.json").write_text(json.dumps({"page": PAGE, "incidents": incidents}), encoding="utf-8")
    (here / "polls.csv").write_text(POLLS, encoding="utf-8")


def test_an_end_that_nobody_told_gives_an_amount_between_two(here: Path, program: Program) -> None:
    """At least 1 h of February, which is 10 % of 200.00 EUR, and at most 8 h, which is 25 %."""
    page(here, INCIDENT)
    told = program("import", "incidents.json", "--into", "other", "--name", "Shop front=shop", "--polls", "polls.csv")
    assert (told.code, told.err) == (0, "")
    assert told.out.splitlines()[:2] == [
        "read as statuspage: incidents and planned work of a status page, in the JSON of Statuspage v2",
        "4 states accepted, 0 duplicate",
    ]
    stated = program(*EVALUATE)
    assert stated.code == 0
    said = " ".join(stated.out.split())
    assert "breached" in said.casefold()
    assert "at least 20.00 EUR, at most 50.00 EUR" in said


def test_with_the_end_told_the_amount_is_exact(here: Path, program: Program) -> None:
    page(here, INCIDENT | {"resolved_at": "2026-02-10T12:00:00Z"})
    program("import", "incidents.json", "--into", "other", "--name", "Shop front=shop", "--polls", "polls.csv")
    said = " ".join(program(*EVALUATE).out.split())
    assert "20.00 EUR" in said
    assert "at most" not in said


def test_what_is_said_of_a_repetition_and_of_a_dry_run(here: Path, program: Program) -> None:
    page(here, INCIDENT)
    arguments = ("import", "incidents.json", "--into", "other", "--name", "Shop front=shop", "--polls", "polls.csv")
    assert program(*arguments, "--dry-run").out.splitlines()[-1] == "nothing was written: this was a dry run"
    assert not (here / "other").exists()
    assert program(*arguments).out.splitlines()[-1] == "written into other"
    before = everything_in(here)
    last = program(*arguments).out.splitlines()[-1]
    assert last.startswith("incidents.json was imported before, on 2")
    assert last.endswith(": nothing changes")
    assert everything_in(here) == before


def test_flips_are_judged_too(here: Path, program: Program) -> None:
    (here / "flips.json").write_text(json.dumps(FLIPS), encoding="utf-8")
    told = program("import", "flips.json", "--into", "other", "--name", "shop", "--fetched", "2026-03-01T00:00:00Z",
                   "--grace", "30 min")  # fmt: skip
    assert (told.code, told.err) == (0, "")
    assert "3 states accepted, 0 duplicate" in told.out


@pytest.mark.parametrize(
    ("arguments", "code", "says"),
    [
        (["flips.json"], 1, "the file does not name the check that it is about"),
        (["flips.json", "--name", "shop", "--polls", "polls.csv"], 2,
         "--polls is for statuspage, and this file is read as healthchecks"),
        (["flips.json", "--name", "shop", "--from", "statuspage"], 1, "this is no file of a status page"),
        (["flips.json", "--from", "zabbix"], 2, "--from zabbix: known are statuspage, healthchecks"),
        (["flips.json", "--name", "=shop"], 2, '--name "=shop" names nothing'),
        (["flips.json", "--name", "a=shop", "--name", "a=web"], 2, '--name calls "a" both "shop" and "web"'),
        (["flips.json", "--name", "shop", "--name", "a=web"], 2, "is for everything in the file"),
        (["flips.json", "--name", "shop", "--fetched", "2026-03-01 00:00"], 2,
         "--fetched: `2026-03-01 00:00` is on no clock"),
        (["flips.json", "--name", "shop", "--grace", "soon"], 2, "--grace: "),
        (["flips.json", "--name", "shop", "--fetched", "2026-02-08T08:00:00Z"], 1, "after it was fetched"),
        (["flips.json", "--as", "status-log", "--name", "shop"], 2, "--as is for tables of ours"),
        (["polls.csv", "--grace", "5 min"], 2,
         "--grace is for files of other programs, and this is none that is known"),
        (["notes.txt"], 1, "this file is neither a table of ours nor of a format that is known"),
        (["cut.json"], 1, "the JSON breaks off at line 1"),
        (["missing.json"], 1, "this file cannot be read: no such file or directory"),
        (["incidents.json", "--polls", "gone.csv"], 1, "this file cannot be read: no such file or directory"),
        (["incidents.json", "--polls", "notes.txt"], 1, "`notes.txt` is none of .csv, .jsonl and .parquet"),
        (["incidents.json", "--name", "Shop frond=shop"], 1, "did you mean `Shop front`?"),
        (["incidents.json", "--order", ORDER], 1, "the order does not name `Shop front`"),
        (["incidents.json", "--down-from", "tiny"], 2, "tiny"),
        (["incidents.json", "--name", "Shop front=a\tb"], 2, "`a\\x09b` holds a control character"),
        (["incidents.json", "--fetched", "2999-01-01T00:00:00Z"], 1, "--fetched lies in the future"),
    ],
)  # fmt: skip
def test_what_cannot_be_taken_is_said_and_nothing_is_written(
    here: Path, program: Program, arguments: list[str], code: int, says: str
) -> None:
    page(here, INCIDENT)
    (here / "flips.json").write_text(json.dumps(FLIPS), encoding="utf-8")
    (here / "cut.json").write_text(json.dumps({"page": PAGE, "incidents": [INCIDENT]})[:-9], encoding="utf-8")
    (here / "notes.txt").write_text("no table\n", encoding="utf-8")
    before = everything_in(here)
    told = program("import", *arguments, "--into", "other")
    assert (told.code, told.out) == (code, "")
    assert says in " ".join(told.err.split())
    assert everything_in(here) == before
    assert not (here / "other").exists()


def test_tables_of_ours_are_taken_as_before(here: Path, program: Program) -> None:
    (here / "seen.csv").write_text("check,begun,outcome\nshop,2026-02-08T07:00:00Z,up\n", encoding="utf-8")
    assert program("import", "seen.csv", "--into", "other", "--location", "fra").code == 0


@pytest.mark.skipif(not DATA.exists(), reason="the recorded data is not here")
@pytest.mark.parametrize(
    ("period", "verdict", "amount"),
    [
        ("2021-05", "breached", "20.00 EUR"),  # 1 h 20 min 13.586 s: the page itself said when it was over
        ("2021-06", "met", ""),  # between 30 min 41 s and 38 min 55 s, of 43.2 min
        ("2021-12", "insufficient data", "at most 20.00 EUR"),  # 41 min 27 s to 1 h 1 min 55 s, of 44.64 min
        ("2022-03", "breached", "at least 20.00 EUR, at most 50.00 EUR"),  # and half the month was never looked at
    ],
)
def test_recorded_incidents_are_judged_under_an_agreement(
    here: Path, program: Program, period: str, verdict: str, amount: str
) -> None:
    for text in ("version: 2026-01-01", "effective: 2026-01-01"):
        mend(here / AGREEMENT, text, text.replace("2026", "2020"))
    mend(here / ORDER, "term: 2026-01-01 to 2026-12-31", "term: 2020-01-01 to 2026-12-31")
    told = program("import", str(DATA / "oci-statuspage-incidents.json"), "--into", "other", "--polls",
                   str(DATA / "oci-statuspage-polls.csv"), "--name", "Compute - US East (Ashburn)=shop")  # fmt: skip
    assert (told.code, told.err) == (0, "")
    said = " ".join(program(*EVALUATE[:-1], period).out.split())
    assert verdict in said.casefold()
    assert amount in said
