import json
from pathlib import Path
from typing import Any

import pytest

from makegood.app.importing import ImportReport, import_evidence
from makegood.exchange.parquet_table import connect
from makegood.model.problem import Refused
from makegood.model.spans import MINUTE
from makegood.store.folder import read_folder

NOW = 1_790_000_000_000_000
HEADER = "start,end,service,metric,good,valid\n"


def row(minute: int, good: str = "9", valid: str = "10", service: str = "web") -> str:
    return f"2026-02-08T07:{minute:02d}:00Z,2026-02-08T07:{minute + 5:02d}:00Z,{service},requests,{good},{valid}\n"


def bring(folder: Path, content: str, name: str = "lb.csv", now: int = NOW, **how: Any) -> ImportReport:
    (folder / name).write_text(content, encoding="utf-8")
    return import_evidence(folder / name, folder / "facts", now=now, by="anna", **how)


def counts(report: ImportReport) -> tuple[int, int, int, bool]:
    return report.accepted, report.duplicate, report.rejected, report.written


def held(folder: Path, as_of: int = NOW + 9) -> list[tuple[object, ...]]:
    facts, problems = read_folder(folder / "facts")
    assert problems == []
    return [
        (made.source, int(made.start[i]) // MINUTE % 60, *(q.at(i) for _, q in sorted(made.quantities.items())))
        for of in facts.known_at(as_of).measurements.values()
        for made in of
        for i in range(len(made.start))
    ]


def test_measurements_are_told_by_their_columns_and_imported_once(tmp_path: Path) -> None:
    report = bring(tmp_path, HEADER + row(0) + row(5, "3"))
    assert (report.kind, *counts(report)) == ("measurements", 2, 0, 0, True)
    assert held(tmp_path) == [("lb", 0, 9, 10), ("lb", 5, 3, 10)]
    assert held(tmp_path, NOW - 1) == []
    again = bring(tmp_path, HEADER + row(0) + row(5, "3"), now=NOW + 1)
    assert counts(again) == (0, 2, 0, False)
    assert again.before == "2026-09-21T14:13:20Z"


def test_good_and_valid_may_come_from_two_files(tmp_path: Path) -> None:
    bring(tmp_path, HEADER + row(0, "9", ""), "good.csv", source="lb")
    report = bring(tmp_path, HEADER + row(0, "", "10") + row(0, "9", ""), "valid.csv", NOW + 1, source="lb")
    assert counts(report) == (1, 1, 0, True)
    assert held(tmp_path) == [("lb", 0, 9, 10)]
    assert held(tmp_path, NOW) == [("lb", 0, 9, None)]


@pytest.mark.parametrize(
    ("later", "says"),
    [
        (row(0, "8", ""), "good is 8, and 9 in what the folder holds"),
        (
            row(3, "1", "1"),
            "overlaps 2026-02-08T07:00:00Z to 2026-02-08T07:05:00Z in what the folder holds",
        ),
        (row(20, "1", "2") + row(20, "1", "3"), "valid is 3, and 2 in row 2"),
        (row(20, "", "2") + row(20, "4", ""), "with row 2, 4 are good of 2 that are valid"),
    ],
)
def test_a_row_that_contradicts_is_rejected_and_nothing_is_written(tmp_path: Path, later: str, says: str) -> None:
    bring(tmp_path, HEADER + row(0))
    before = held(tmp_path)
    report = bring(tmp_path, HEADER + later, now=NOW + 1)
    assert report.rejected == 1
    assert says in report.first_rejected[0].reason
    assert held(tmp_path) == before


def test_another_source_may_say_otherwise(tmp_path: Path) -> None:
    bring(tmp_path, HEADER + row(0))
    bring(tmp_path, HEADER + row(0, "8"), source="cdn")
    assert held(tmp_path) == [("cdn", 0, 8, 10), ("lb", 0, 9, 10)]


def test_service_metric_and_length_may_be_given_for_all_rows_and_are_kept(tmp_path: Path) -> None:
    table = "start,value\n2026-02-08T07:00:00Z,0.5\n"
    bring(tmp_path, table, kind="measurements", service="web", metric="load", every=5 * MINUTE)
    (line,) = (tmp_path / "facts/imports.jsonl").read_text(encoding="utf-8").splitlines()
    made = json.loads(line)
    assert (made["kind"], made["source"], made["service"], made["metric"], made["every_us"]) == (
        "measurements", "lb", "web", "load", 5 * MINUTE,
    )  # fmt: skip


def test_an_imported_file_is_readable_elsewhere(tmp_path: Path) -> None:
    report = bring(tmp_path, HEADER.replace("good,valid", "p95,valid") + row(0, "0.250"))
    with connect() as db:
        found = db.read_parquet(str(tmp_path / "facts" / report.file)).project('p95, "places of p95", valid').fetchall()
    assert found == [(25, 2, 10)]


def test_a_changed_or_missing_file_of_measurements_is_named(tmp_path: Path) -> None:
    report = bring(tmp_path, HEADER + row(0))
    path = tmp_path / "facts" / report.file
    whole = path.read_bytes()
    path.write_bytes(whole[:-1] + bytes([whole[-1] ^ 1]))
    facts, problems = read_folder(tmp_path / "facts")
    assert (facts.measurements, [p.code for p in problems]) == ({}, ["evidence-unreadable"])
    with pytest.raises(Refused):
        bring(tmp_path, HEADER + row(5))
    path.unlink()
    assert [p.code for p in read_folder(tmp_path / "facts")[1]] == ["import-missing"]
