"""Measurements, ranges of Prometheus and calendars, through the program."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from makegood.store.folder import read_folder
from tests.cli.conftest import Program
from tests.cli.running import AGREEMENT, INPUTS, ORDER, everything_in, mend

COUNTS = "start,end,service,metric,good,valid\n2026-02-08T07:00:00Z,2026-02-08T07:05:00Z,shop,requests,9,10\n"
FEBRUARY = ["--period", "2026-02", "--as-of", "2026-12-01T00:00:00Z"]
RANGE = {
    "status": "success",
    "data": {
        "resultType": "matrix",
        "result": [
            {
                "metric": {"__name__": "up", "job": "shop", "instance": "fra"},
                "values": [[1770534000, "1"], [1770534060, "0"]],
            }
        ],
    },
}
WORK = """BEGIN:VCALENDAR
VERSION:2.0
BEGIN:VEVENT
UID:patch@x
DTSTAMP:20260105T080000Z
DTSTART;TZID=Europe/Berlin:20260208T020000
DTEND;TZID=Europe/Berlin:20260208T060000
RRULE:FREQ=WEEKLY;COUNT=3
SUMMARY:Patch day
CATEGORIES:Shop
END:VEVENT
BEGIN:VEVENT
UID:off@x
DTSTAMP:20260105T080000Z
DTSTART;VALUE=DATE:20261224
DTEND;VALUE=DATE:20261227
SUMMARY:Christmas: "closed" # really
END:VEVENT
END:VCALENDAR
"""


def write(here: Path, name: str, content: str) -> None:
    (here / name).write_text(content, encoding="utf-8")


def test_measurements_are_told_by_their_columns_and_pinned_in_statements(here: Path, program: Program) -> None:
    before = json.loads(program("evaluate", *INPUTS, *FEBRUARY, "--format", "json").out)
    write(here, "lb.csv", COUNTS)
    told = program("import", "lb.csv", "--into", "facts")
    assert (told.code, told.out) == (0, "1 accepted, 0 duplicate, 0 rejected\nwritten into facts\n")
    document = json.loads(program("evaluate", *INPUTS, *FEBRUARY, "--format", "json").out)
    pinned = [json.dumps(found["statements"][0]["pins"]) for found in (before, document)]
    assert ["measurements of shop: requests from lb" in text for text in pinned] == [False, True]


def test_a_measurement_of_a_stranger_stops_an_evaluation(here: Path, program: Program) -> None:
    (here / "facts/measurements").mkdir()
    write(here, "facts/measurements/lb.csv", COUNTS.replace("shop", "shopp"))
    told = program("evaluate", *INPUTS, *FEBRUARY)
    assert told.code == 1
    assert "a measurement of `requests` names the service `shopp`, which the order does not cover" in told.err
    assert program("evaluate", *INPUTS, *FEBRUARY, "--other-services").code == 0


def test_a_table_may_leave_to_options_what_holds_for_all_its_rows(here: Path, program: Program) -> None:
    write(here, "load.csv", "start,p95\n2026-02-08T07:00:00Z,0.25\n")
    said = ["--service", "shop", "--metric", "latency", "--every", "5 min", "--source", "lb"]
    assert program("import", "load.csv", "--into", "facts", "--as", "measurements", *said).code == 0
    (made,) = read_folder(here / "facts")[0].measurements["shop"]
    assert (made.metric, made.source, int(made.end[0] - made.start[0])) == ("latency", "lb", 300_000_000)


def test_good_and_valid_of_prometheus_meet_in_one_interval(here: Path, program: Program) -> None:
    for quantity, value in (("good", "9"), ("valid", "10")):
        write(here, f"{quantity}.json", json.dumps(RANGE).replace('"1"', f'"{value}"').replace('"0"', f'"{value}"'))
        told = program("import", f"{quantity}.json", "--into", "new", "--as", quantity, "--service-label", "job",
                       "--metric", "requests", "--source", "lb")  # fmt: skip
        assert told.code == 0
        assert told.out.splitlines()[:2] == [
            "read as prometheus: a range of samples, as /api/v1/query_range of Prometheus answers",
            "2 measurements accepted, 0 duplicate",
        ]
    facts, problems = read_folder(here / "new")
    assert problems == []
    (made,) = facts.known_at(2**62).measurements["shop"]
    assert [made.quantities[word].values.tolist() for word in ("good", "valid")] == [[9, 9], [10, 10]]


def test_up_of_prometheus_becomes_observations_once(here: Path, program: Program) -> None:
    write(here, "up.json", json.dumps(RANGE))
    command = ["import", "up.json", "--into", "new", "--as", "up", "--service-label", "job", "--name", "shop=shop-http"]
    assert program(*command).code == 0
    results = read_folder(here / "new")[0].results["shop-http"]
    assert (results.locations, results.outcome.tolist()) == (("fra",), [0, 1])
    before = everything_in(here / "new")
    assert "0 observations accepted, 2 duplicate" in program(*command).out
    assert everything_in(here / "new") == before


def test_a_range_that_contradicts_is_refused(here: Path, program: Program) -> None:
    command = ["--into", "new", "--service-label", "job", "--source", "lb"]
    write(here, "a.json", json.dumps(RANGE))
    assert program("import", "a.json", *command).code == 0
    write(here, "b.json", json.dumps(RANGE).replace('"0"', '"3"'))
    before = everything_in(here / "new")
    told = program("import", "b.json", *command)
    assert told.code == 1
    assert "value is 3, and 0 in what the folder holds" in " ".join(told.err.split())
    assert everything_in(here / "new") == before


def test_a_calendar_becomes_maintenances_that_can_be_judged(here: Path, program: Program) -> None:
    write(here, "work.ics", WORK)
    told = program(
        "import", "work.ics", "--into", "facts", "--name", "Shop=shop", "--order", ORDER, "--kind", "standard"
    )
    assert told.code == 0
    assert "3 facts accepted, 0 duplicate" in told.out
    assert "a calendar does not show who was told, and when" in told.out
    assert program("evaluate", *INPUTS, *FEBRUARY).code == 0
    facts, problems = read_folder(here / "facts")
    assert problems == []
    assert [w.kind for w in facts.maintenances if w.id.startswith("patch@x")] == ["standard"] * 3
    again = program("import", "work.ics", "--into", "facts", "--name", "Shop=shop")
    assert again.code == 0


def test_a_moved_event_supersedes_what_was_imported(here: Path, program: Program) -> None:
    command = ["import", "work.ics", "--into", "new", "--name", "Shop=shop", "--kind", "standard"]
    write(here, "work.ics", WORK)
    assert program(*command).code == 0
    write(here, "work.ics", WORK.replace("T060000", "T050000").replace("DTSTAMP:20260105", "DTSTAMP:20260106"))
    assert "3 facts accepted, 0 duplicate" in program(*command).out
    facts, problems = read_folder(here / "new")
    assert problems == []
    assert len(facts.maintenances) == 6
    assert [w.announced.length // 3_600_000_000 for w in facts.known_at(2**62).maintenances] == [3, 3, 3]


def test_days_off_are_printed_as_a_calendar_rule_wants_them(here: Path, program: Program) -> None:
    write(here, "off.ics", WORK)
    told = program("import", "off.ics", "--as", "holidays")
    assert told.code == 0
    assert told.out.splitlines()[1:] == [
        "holidays:",
        "  dates:",
        *(f'    - 2026-12-{day} # Christmas: "closed" # really' for day in (24, 25, 26)),
    ]
    before = program("lint", AGREEMENT)
    mend(here / AGREEMENT, "zone: Europe/Berlin\n", f"zone: Europe/Berlin\n{told.out}")
    after = program("lint", AGREEMENT)
    assert (after.code, after.out.count("error")) == (before.code, before.out.count("error"))
    shown = program("evaluate", *INPUTS, *FEBRUARY)
    assert shown.code == 0


WRONG = {
    ("lb.csv", "--into", "f", "--every", "5m"): "--every: `5m` could be minutes or months",
    ("lb.csv",): "--into is missing: name the folder of facts",
    ("lb.csv", "--into", "f", "--as", "measurement"): 'Did you mean "measurements"?',
    ("lb.csv", "--as", "holidays"): "--as holidays is for a calendar, and lb.csv is none",
    ("up.json", "--as", "holidays"): "--as holidays is for a calendar, and up.json is none",
    ("up.json", "--into", "f", "--zone", "UTC"): "--zone is for icalendar, and this file is read as prometheus",
    ("up.json", "--into", "f", "--check", "x"): "--check is for tables of ours, and this file is read as prometheus",
    ("work.ics", "--into", "f", "--as", "p95"): "--as is for prometheus, and this file is read as icalendar",
    ("work.ics", "--into", "f", "--places", "6"): "--places is for prometheus, and this file is read as icalendar",
    ("lb.csv", "--into", "f", "--step", "5 min"): "--step is for files of other programs",
}


@pytest.mark.parametrize("arguments", WRONG)
def test_a_command_line_that_does_not_fit_the_file_is_told(
    here: Path, program: Program, arguments: tuple[str, ...]
) -> None:
    write(here, "lb.csv", COUNTS)
    write(here, "up.json", json.dumps(RANGE))
    write(here, "work.ics", WORK)
    told = program("import", *arguments)
    assert (told.code, told.out) == (2, "")
    assert WRONG[arguments] in told.err
    assert not (here / "f").exists()
