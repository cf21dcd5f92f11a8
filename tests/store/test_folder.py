import hashlib
import json
from pathlib import Path

import pytest

from makegood.app.importing import import_evidence
from makegood.exchange.time_column import read_time
from makegood.model.facts import Facts
from makegood.model.problem import Problem
from makegood.store.folder import read_folder

NOW = 1_790_000_000_000_000
HEADER = "check,location,begun,outcome\n"
SOUND = "web,fra,2026-02-08T07:00:00Z,up\n"
WORK = """
- maintenance: M-1
  services: [web]
  announced: 2026-02-08T07:00:00Z to 2026-02-08T09:00:00Z
  recorded: 2026-02-05T08:00:00Z
  by: anna
"""


def place(folder: Path, name: str, content: str) -> None:
    path = folder / name
    path.parent.mkdir(exist_ok=True)
    path.write_text(content, encoding="utf-8")


def sound(folder: Path) -> Facts:
    facts, problems = read_folder(folder)
    assert problems == []
    return facts


def told(problems: list[Problem]) -> list[tuple[str, str, str]]:
    return [(p.code, str(p.where), p.what) for p in problems]


def test_an_empty_folder_holds_no_facts(tmp_path: Path) -> None:
    assert sound(tmp_path) == Facts()


def test_a_folder_that_is_not_there_is_a_problem(tmp_path: Path) -> None:
    _, problems = read_folder(tmp_path / "nowhere")
    assert [p.code for p in problems] == ["no-facts-folder"]


def test_everything_in_a_folder_is_read_with_its_digest(tmp_path: Path) -> None:
    place(tmp_path, "work.facts.yaml", WORK)
    place(tmp_path, "observations/probes.csv", HEADER + SOUND)
    place(tmp_path, "states/upptime.csv", "at,service,status\n2026-02-08T07:00:00Z,web,down\n")
    facts = sound(tmp_path)
    assert [m.id for m in facts.maintenances] == ["M-1"]
    assert facts.results["web"].locations == ("fra",)
    assert [(s.service, s.source, s.outcome.tolist()) for s in facts.states["web"]] == [("web", "upptime", [1])]
    names = ["work.facts.yaml", "observations/probes.csv", "states/upptime.csv"]
    assert facts.digests == {name: hashlib.sha256((tmp_path / name).read_bytes()).hexdigest() for name in names}


def test_what_is_placed_by_hand_is_known_from_when_it_happened(tmp_path: Path) -> None:
    place(tmp_path, "observations/probes.csv", HEADER + SOUND)
    results = sound(tmp_path).results["web"]
    assert (results.recorded == results.begun).all()


def test_a_column_recorded_says_since_when_a_row_is_known(tmp_path: Path) -> None:
    rows = (
        "web,fra,2026-02-08T07:00:00Z,up,2026-02-09T07:00:00Z\nweb,fra,2026-02-08T07:01:00Z,up,2026-02-08T07:00:00Z\n"
    )
    place(tmp_path, "observations/probes.csv", HEADER.replace("\n", ",recorded\n") + rows)
    facts, problems = read_folder(tmp_path)
    assert facts.results["web"].recorded.tolist() == [read_time("2026-02-09T07:00:00Z")]
    assert told(problems) == [
        ("evidence-row", "observations/probes.csv:3:0", "row 3: recorded: nothing is known before it happens")
    ]


def test_a_file_without_a_column_check_is_of_the_check_it_is_named_after(tmp_path: Path) -> None:
    place(tmp_path, "observations/web-http.csv", "location,at,outcome\nfra,2026-02-08T07:00:00Z,up\n")
    assert list(sound(tmp_path).results) == ["web-http"]


def test_the_same_row_in_two_files_counts_once(tmp_path: Path) -> None:
    place(tmp_path, "observations/a.csv", HEADER + SOUND)
    place(tmp_path, "observations/b.csv", HEADER + SOUND + SOUND.replace("fra", "lon"))
    results = sound(tmp_path).results["web"]
    assert [results.locations[i] for i in results.location.tolist()] == ["fra", "lon"]


def test_files_that_contradict_each_other_are_named(tmp_path: Path) -> None:
    place(tmp_path, "observations/a.csv", HEADER + SOUND)
    place(tmp_path, "observations/b.csv", HEADER + SOUND.replace("up", "down"))
    _, problems = read_folder(tmp_path)
    what = "check `web` at location `fra` at 2026-02-08T07:00:00Z: up in {0}a.csv, and down in {0}b.csv"
    assert told(problems) == [("evidence-contradicts", "observations/b.csv", what.format("observations/"))]


def test_a_file_in_the_wrong_place_is_pointed_out(tmp_path: Path) -> None:
    place(tmp_path, "probes.csv", HEADER)
    place(tmp_path, "work.yaml", WORK)
    place(tmp_path, "observations/notes.txt", "")
    _, problems = read_folder(tmp_path)
    assert [(p.code, p.where.source) for p in problems] == [
        ("facts-misplaced", "probes.csv"),
        ("facts-misplaced", "work.yaml"),
        ("evidence-unreadable", "observations/notes.txt"),
    ]


@pytest.fixture
def imported(tmp_path: Path) -> Path:
    place(tmp_path, "given.csv", HEADER + SOUND)
    report = import_evidence(tmp_path / "given.csv", tmp_path / "facts", now=NOW, by="anna")
    assert report.written
    return tmp_path / "facts"


def test_what_is_imported_is_known_from_the_import(imported: Path) -> None:
    facts = sound(imported)
    assert facts.results["web"].recorded.tolist() == [NOW]
    assert facts.known_at(NOW - 1).results["web"].begun.tolist() == []


def test_a_file_whose_import_was_interrupted_does_not_count(imported: Path) -> None:
    (imported / "imports.jsonl").unlink()
    facts, problems = read_folder(imported)
    assert facts.results == {}
    assert [(p.code, p.severity) for p in problems] == [("import-unfinished", "warning")]


def test_a_part_of_a_file_does_not_count(imported: Path) -> None:
    place(imported, "observations/.0123456789abcdef.parquet.77.part", "half")
    assert len(sound(imported).results["web"].begun) == 1


def test_an_imported_file_that_was_changed_is_named_and_does_not_count(imported: Path) -> None:
    (file,) = (imported / "observations").iterdir()
    whole = file.read_bytes()
    for at in range(0, len(whole), max(1, len(whole) // 40)):
        file.write_bytes(whole[:at] + bytes([whole[at] ^ 1]) + whole[at + 1 :])
        facts, problems = read_folder(imported)
        assert facts.results == {}
        assert [p.code for p in problems] == ["evidence-unreadable"]
        assert "was changed after it was imported from given.csv" in problems[0].what


def test_an_imported_file_that_is_gone_is_named(imported: Path) -> None:
    (file,) = (imported / "observations").iterdir()
    file.unlink()
    _, problems = read_folder(imported)
    assert told(problems) == [
        ("import-missing", f"observations/{file.name}", "this file, imported from given.csv, is missing")
    ]


@pytest.mark.parametrize("line", ["{", "[]", '{"file": 1}', '{"file": "a"}', "\x00"])
def test_a_damaged_list_of_imports_is_told_by_its_line(imported: Path, line: str) -> None:
    path = imported / "imports.jsonl"
    path.write_text(path.read_text(encoding="utf-8") + line + "\n", encoding="utf-8")
    facts, problems = read_folder(imported)
    assert len(facts.results["web"].begun) == 1
    assert told(problems) == [("imports-damaged", "imports.jsonl:2:1", "this line is no import")]


def test_the_list_of_imports_says_what_came_from_where(imported: Path) -> None:
    (line,) = (imported / "imports.jsonl").read_text(encoding="utf-8").splitlines()
    made = json.loads(line)
    digest = hashlib.sha256((HEADER + SOUND).encode()).hexdigest()
    assert (made["file"], made["sha256"], made["rows"], made["by"]) == ("given.csv", digest, 1, "anna")
    assert made["recorded"] == "2026-09-21T14:13:20Z"
