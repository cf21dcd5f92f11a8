"""The log has what SARIF 2.1.0 requires, and its regions and fixes say what the problems say."""

import json
import re
from pathlib import Path
from typing import Any

import pytest

from makegood.contract.lint import read_and_lint
from makegood.contract.repair import repairs
from makegood.model.problem import Place, error, note
from makegood.render.sarif import problems_sarif

STARTER = Path("src/makegood/app/starter/hosting.sla.md").read_text(encoding="utf-8")
BAD = sorted(Path("tests/contract/bad").glob("*.sla.md"))


def log(text: str, source: str = "a b/hosting.sla.md") -> dict[str, Any]:
    problems = read_and_lint(text.encode(), source)
    found: dict[str, Any] = json.loads(
        problems_sarif(problems, {source: text}, {source: list(repairs(text, source, problems))})
    )
    return found


def is_region(region: dict[str, Any], lines: list[str]) -> bool:
    """SARIF: lines and columns from 1, a column only with its line, and no end before its start."""
    if set(region) != {"startLine", "startColumn", "endLine", "endColumn"}:
        return False
    if not 1 <= region["startLine"] == region["endLine"] <= len(lines):
        return False
    start, end = region["startColumn"], region["endColumn"]
    return bool(1 <= start < end <= len(lines[region["startLine"] - 1]) + 1 or start == end == 1)


def check(found: dict[str, Any], text: str) -> None:
    """What the standard asks of each part, as far as this log has it."""
    lines = text.split("\n")
    assert found["version"] == "2.1.0"
    assert found["$schema"].endswith("sarif-schema-2.1.0.json")
    (run,) = found["runs"]
    driver = run["tool"]["driver"]
    assert driver["name"] == "makegood"
    assert run["columnKind"] == "unicodeCodePoints"
    ids = [rule["id"] for rule in driver["rules"]]
    assert len(set(ids)) == len(ids)
    for rule in driver["rules"]:
        assert set(rule) <= {"id", "shortDescription", "fullDescription", "help", "defaultConfiguration"}
        assert rule["shortDescription"]["text"].endswith(".")
        assert rule["help"]["text"]
        assert rule["defaultConfiguration"]["level"] in ("none", "note", "warning", "error")
    for result in run["results"]:
        assert ids[result["ruleIndex"]] == result["ruleId"]
        assert result["level"] in ("none", "note", "warning", "error")
        assert result["message"]["text"]
        (location,) = result["locations"]
        artifact = location["physicalLocation"]["artifactLocation"]
        assert re.fullmatch(r"[A-Za-z0-9._~/%:-]+", artifact["uri"])
        assert is_region(location["physicalLocation"]["region"], lines)
        for fix in result.get("fixes", ()):
            (change,) = fix["artifactChanges"]
            assert change["artifactLocation"] == artifact
            assert fix["description"]["text"]
            (replacement,) = change["replacements"]
            assert is_region(replacement["deletedRegion"], lines)
            assert replacement["insertedContent"]["text"]


@pytest.mark.parametrize("path", BAD, ids=lambda path: path.name)
def test_the_log_of_a_bad_agreement_is_sarif(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    found = log(text)
    check(found, text)
    assert found["runs"][0]["results"]


def test_a_region_is_the_value_and_a_fix_replaces_it() -> None:
    text = STARTER.replace("over: month", "over: mnoth", 1)
    (result,) = log(text)["runs"][0]["results"]
    region = result["locations"][0]["physicalLocation"]["region"]
    line = text.split("\n")[region["startLine"] - 1]
    assert line[region["startColumn"] - 1 : region["endColumn"] - 1] == "mnoth"
    (replacement,) = result["fixes"][0]["artifactChanges"][0]["replacements"]
    assert replacement == {"deletedRegion": region, "insertedContent": {"text": "month"}}
    assert result["locations"][0]["logicalLocations"][0]["name"]


def test_what_code_scanning_requires_is_there_for_every_finding_even_of_a_file_that_is_none() -> None:
    nowhere = [error("unreadable", Place("no such file.sla.md"), "it is not there")]
    for found in (
        log(STARTER.replace("over: month", "over: mnoth", 1)),
        log(""),
        json.loads(problems_sarif(nowhere, {})),
    ):
        (run,) = found["runs"]
        assert run["results"]
        for rule in run["tool"]["driver"]["rules"]:
            assert all(rule[key]["text"] for key in ("shortDescription", "fullDescription", "help"))
            assert rule["defaultConfiguration"]["level"] in ("note", "warning", "error")
        for result in run["results"]:
            assert result["ruleId"] in {rule["id"] for rule in run["tool"]["driver"]["rules"]}
            assert result["level"] in ("note", "warning", "error")
            assert result["message"]["text"]
            assert all(result["partialFingerprints"].values())
            physical = result["locations"][0]["physicalLocation"]
            assert re.fullmatch(r"[A-Za-z0-9._~/%-]+", physical["artifactLocation"]["uri"])
            assert not physical["artifactLocation"]["uri"].startswith("/")
            assert all(physical["region"][key] >= 1 for key in ("startLine", "startColumn", "endLine", "endColumn"))


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("a b/hosting.sla.md", "a%20b/hosting.sla.md"),
        ("./überall/c#1.sla.md", "%C3%BCberall/c%231.sla.md"),
        ("50 %.sla.md", "50%20%25.sla.md"),
        ("a:b.sla.md", "a%3Ab.sla.md"),
        ("caf\udce9.sla.md", "caf%E9.sla.md"),
        ("/repo/a b/c.sla.md", "a%20b/c.sla.md"),
        ("/other/c.sla.md", "file:///other/c.sla.md"),
    ],
)
def test_a_file_below_the_root_is_named_from_there_and_percent_encoded(source: str, expected: str) -> None:
    found = json.loads(problems_sarif([error("unreadable", Place(source), "it is not there")], {}, root="/repo"))
    (result,) = found["runs"][0]["results"]
    assert result["locations"][0]["physicalLocation"]["artifactLocation"]["uri"] == expected


def test_paths_are_uris_and_a_problem_without_a_line_is_on_the_first() -> None:
    found = json.loads(problems_sarif([error("unreadable", Place("/texts/ä b.sla.md"), "it is not there")], {}))
    (result,) = found["runs"][0]["results"]
    assert result["locations"][0]["physicalLocation"] == {
        "artifactLocation": {"uri": "file:///texts/%C3%A4%20b.sla.md"},
        "region": {"startLine": 1, "startColumn": 1, "endLine": 1, "endColumn": 1},
    }


def test_nothing_found_is_an_empty_run() -> None:
    assert json.loads(problems_sarif([], {}))["runs"][0]["results"] == []


def test_a_fingerprint_stays_when_lines_move_and_differs_by_clause() -> None:
    place = [Place("a", 3, 1, "one"), Place("a", 9, 1, "one"), Place("a", 9, 1, "two")]
    found = json.loads(problems_sarif([note("unstated", at, "it is unstated") for at in place], {}))
    one, moved, other = (r["partialFingerprints"] for r in found["runs"][0]["results"])
    assert one == moved != other
