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
    if not set(region) <= {"startLine", "startColumn", "endColumn"} or not 1 <= region["startLine"] <= len(lines):
        return False
    start, end = region.get("startColumn", 1), region.get("endColumn", len(lines[region["startLine"] - 1]) + 1)
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
        assert is_region(location["physicalLocation"].get("region", {"startLine": 1}), lines)
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


def test_paths_are_uris_and_a_problem_without_a_line_has_no_region() -> None:
    found = json.loads(problems_sarif([error("unreadable", Place("/texts/ä b.sla.md"), "it is not there")], {}))
    (result,) = found["runs"][0]["results"]
    assert result["locations"][0]["physicalLocation"] == {
        "artifactLocation": {"uri": "file:///texts/%C3%A4%20b.sla.md"}
    }
    assert log("", "a b/c.sla.md")["runs"][0]["results"][0]["locations"][0]["physicalLocation"]["artifactLocation"] == {
        "uri": "a%20b/c.sla.md"
    }


def test_nothing_found_is_an_empty_run() -> None:
    assert json.loads(problems_sarif([], {}))["runs"][0]["results"] == []


def test_a_fingerprint_stays_when_lines_move_and_differs_by_clause() -> None:
    place = [Place("a", 3, 1, "one"), Place("a", 9, 1, "one"), Place("a", 9, 1, "two")]
    found = json.loads(problems_sarif([note("unstated", at, "it is unstated") for at in place], {}))
    one, moved, other = (r["partialFingerprints"] for r in found["runs"][0]["results"])
    assert one == moved != other
