import json
import sqlite3
from pathlib import Path
from typing import Any

import pytest

from makegood.app.bringing import BroughtReport, bring, format_of
from makegood.exchange.brought import Foreign
from makegood.exchange.facts_text import facts_text
from makegood.exchange.moments import written
from makegood.model.facts import Maintenance, Retraction
from makegood.model.problem import Refused
from makegood.model.spans import HOUR
from makegood.store.folder import read_folder
from tests.exchange.foreign import NOW, at, zulu

PAGE = {"id": "pg", "name": "Harbour", "updated_at": zulu("02-28 12:00")}


def incident(ident: str, begin: str, end: str | None, **more: Any) -> dict[str, Any]:
    told = {"created_at": zulu(begin), "started_at": zulu(begin), "resolved_at": end and zulu(end)}
    made = {"id": ident, "name": "Trouble", "impact": "major", "incident_updates": [],
            "components": [{"id": "c1", "name": "Oslo"}]}  # fmt: skip
    return made | told | more


WORK = incident("m1", "02-05 08:00", None, impact="maintenance", scheduled_for=zulu("02-08 02:00"),
                scheduled_until=zulu("02-08 04:00"))  # fmt: skip


def take(
    folder: Path, *incidents: dict[str, Any], now: int = NOW, updated: str = "02-28 12:00", dry_run: bool = False,
    known: set[str] | None = None, source: str = "",
) -> BroughtReport:  # fmt: skip
    path = folder / "incidents.json"
    path.write_text(
        json.dumps({"page": PAGE | {"updated_at": zulu(updated)}, "incidents": incidents}), encoding="utf-8"
    )
    file = Foreign(path, now, "anna", source, {"c1": "web"})
    kind = format_of(file)
    assert kind is not None
    return bring(file, folder / "facts", kind, known=known, dry_run=dry_run)


def counts(report: BroughtReport) -> dict[str, tuple[int, int]]:
    return {part.kind: (part.new, part.duplicate) for part in report.parts}


def listing(folder: Path) -> dict[str, bytes]:
    found = sorted(p for p in (folder / "facts").rglob("*") if p.is_file())
    return {str(p.relative_to(folder)): p.read_bytes() for p in found}


def timeline(folder: Path) -> list[tuple[str, int]]:
    facts, problems = read_folder(folder / "facts")
    assert problems == []
    (log,) = facts.states["web"]
    return [(written(when)[5:16], outcome) for when, outcome in zip(log.at.tolist(), log.outcome.tolist(), strict=True)]


def refused(folder: Path, *incidents: dict[str, Any], **how: Any) -> list[str]:
    before = listing(folder)
    with pytest.raises(Refused) as why:
        take(folder, *incidents, **how)
    assert listing(folder) == before
    return [p.what for p in why.value.problems]


def test_states_and_facts_of_one_file_are_written_together(tmp_path: Path) -> None:
    report = take(tmp_path, incident("i1", "02-01 07:00", "02-01 09:00"), WORK)
    assert (report.written, counts(report)) == (True, {"states": (3, 0), "facts": (2, 0)})
    facts, problems = read_folder(tmp_path / "facts")
    assert problems == []
    assert [work.id for work in facts.maintenances] == ["statuspage-m1"]
    assert [(n.of, n.via, n.recorded) for n in facts.notices] == [("statuspage-m1", "status page", NOW)]
    assert facts.states["web"][0].source == "Harbour"


def test_the_same_file_again_changes_nothing(tmp_path: Path) -> None:
    take(tmp_path, incident("i1", "02-01 07:00", "02-01 09:00"), WORK)
    before = listing(tmp_path)
    report = take(tmp_path, incident("i1", "02-01 07:00", "02-01 09:00"), WORK, now=NOW + HOUR)
    assert (report.written, report.before, counts(report)) == (
        False, written(NOW), {"states": (0, 3), "facts": (0, 2)})  # fmt: skip
    assert listing(tmp_path) == before


def test_a_dry_run_counts_and_writes_nothing(tmp_path: Path) -> None:
    report = take(tmp_path, incident("i1", "02-01 07:00", "02-01 09:00"), dry_run=True)
    assert (report.written, counts(report)) == (False, {"states": (3, 0)})
    assert not (tmp_path / "facts").exists()


def test_a_later_file_goes_on_from_the_earlier_one(tmp_path: Path) -> None:
    take(tmp_path, incident("i1", "02-01 07:00", None), updated="02-01 08:00")
    take(tmp_path, incident("i1", "02-01 07:00", "02-01 09:00"), now=NOW + HOUR)
    assert timeline(tmp_path) == [("02-01T07:00", 1), ("02-01T08:00", 1), ("02-01T09:00", 0), ("02-28T12:00", 0)]


def test_what_a_file_says_of_its_own_beginning_does_not_cut_what_is_known(tmp_path: Path) -> None:
    """The page lists its last incidents only: an old one that still lasted when the first of them began is gone."""
    take(tmp_path, incident("i1", "02-01 07:00", "02-10 00:00"))
    other = incident("i2", "02-05 00:00", "02-05 01:00", components=[{"id": "c9", "name": "Riga"}])
    late = incident("i3", "02-20 00:00", "02-20 01:00")
    assert counts(take(tmp_path, other, late, now=NOW + HOUR))["states"] == (2, 1)
    assert timeline(tmp_path)[:3] == [("02-01T07:00", 1), ("02-10T00:00", 0), ("02-20T00:00", 1)]


def test_a_page_that_tells_another_past_is_refused(tmp_path: Path) -> None:
    take(tmp_path, incident("i0", "02-01 00:00", "02-01 01:00"), updated="02-03 00:00")
    worse = incident("i1", "02-02 00:00", "02-04 00:00")
    says = "`web` (Harbour) was up at 2026-02-03T00:00:00Z by an earlier import, and this file says it was down then"
    assert refused(tmp_path, incident("i0", "02-01 00:00", "02-01 01:00"), worse) == [says]
    assert take(tmp_path, worse, source="Harbour, again").written


def test_an_instant_that_is_told_both_ways_is_refused(tmp_path: Path) -> None:
    take(tmp_path, incident("i0", "02-01 00:00", "02-01 01:00"), updated="02-03 00:00")
    (says,) = refused(tmp_path, incident("i1", "02-03 00:00", "02-04 00:00"))
    assert says == "`web` (Harbour) at 2026-02-03T00:00:00Z is down, and the folder holds otherwise"


def test_changed_work_is_a_correction_under_an_id_of_its_own(tmp_path: Path) -> None:
    take(tmp_path, WORK)
    for hour, ident in (("05:00", "statuspage-m1~2"), ("06:00", "statuspage-m1~3")):
        moved = WORK | {"scheduled_until": zulu(f"02-08 {hour}")}
        assert counts(take(tmp_path, moved, now=NOW + HOUR))["facts"] == (1, 1)
        facts, problems = read_folder(tmp_path / "facts")
        assert problems == []
        (work,) = facts.known_at(NOW + HOUR).maintenances
        assert (work.id, written(work.announced.end)) == (ident, zulu(f"02-08 {hour}"))
        assert counts(take(tmp_path, moved, now=NOW + 2 * HOUR))["facts"] == (0, 2)


def test_what_a_person_retracted_stays_so(tmp_path: Path) -> None:
    take(tmp_path, WORK)
    gone = facts_text([Retraction("r", NOW + 1, "anna", "statuspage-m1", "it was cancelled")])
    (tmp_path / "facts/mine.facts.yaml").write_text(gone, encoding="utf-8")
    assert counts(take(tmp_path, WORK | {"scheduled_until": zulu("02-08 05:00")}, now=NOW + HOUR))["facts"] == (0, 2)


def test_services_that_the_order_does_not_name_are_refused(tmp_path: Path) -> None:
    assert refused(tmp_path, WORK, known={"shop"}) == ["the order does not name `web`"]
    assert take(tmp_path, WORK, known={"web"}).written


def test_imported_facts_count_only_as_they_were_written(tmp_path: Path) -> None:
    take(tmp_path, WORK)
    (file,) = (tmp_path / "facts").glob("statuspage-*.facts.yaml")
    text = file.read_text(encoding="utf-8")
    file.write_text(text.replace("04:00:00Z", "05:00:00Z"), encoding="utf-8")
    assert [p.code for p in read_folder(tmp_path / "facts")[1]] == ["evidence-unreadable"]
    file.unlink()
    assert [p.code for p in read_folder(tmp_path / "facts")[1]] == ["import-missing"]
    file.with_name("statuspage-0123456789abcdef.facts.yaml").write_text(text, encoding="utf-8")
    facts, problems = read_folder(tmp_path / "facts")
    assert sorted(p.code for p in problems) == ["import-missing", "import-unfinished"]
    assert facts.maintenances == ()


def test_an_import_that_was_cut_short_is_completed_by_its_repetition(tmp_path: Path) -> None:
    take(tmp_path, incident("i1", "02-01 07:00", "02-01 09:00"), WORK)
    whole = listing(tmp_path)
    (tmp_path / "facts/imports.jsonl").unlink()  # as if the power had failed before the list was written
    assert {p.code for p in read_folder(tmp_path / "facts")[1]} == {"import-unfinished"}
    take(tmp_path, incident("i1", "02-01 07:00", "02-01 09:00"), WORK)
    assert listing(tmp_path) == whole


def test_heartbeats_of_a_database_are_taken_once(tmp_path: Path) -> None:
    path = tmp_path / "kuma.db"
    db = sqlite3.connect(path)
    db.executescript(
        "create table monitor (id integer primary key, name varchar, type varchar, interval int);"
        "create table heartbeat (id integer primary key, monitor_id int, status int, msg text, time datetime);"
        "insert into monitor values (1, 'Shop', 'http', 60);"
        "insert into heartbeat values (1, 1, 1, '', '2026-02-08 07:00:00.000'), (2, 1, 2, 'no', '2026-02-08 07:01:00');"
    )
    db.close()
    for expected in ((2, 0), (0, 2)):
        file = Foreign(path, NOW, "anna", "", {"Shop": "shop-http"})
        kind = format_of(file)
        assert kind is not None
        assert counts(bring(file, tmp_path / "facts", kind)) == {"observations": expected}
    facts, problems = read_folder(tmp_path / "facts")
    assert problems == []
    assert facts.results["shop-http"].outcome.tolist() == [0, 1]


def test_many_facts_are_spread_over_files_that_the_strict_reader_takes(tmp_path: Path) -> None:
    daily = {"id": "c1", "type": "correction", "attributes": {
        "category": "Deployment", "start": at("02-08 07:00") // 1_000_000, "end": None, "duration": 600,
        "rrule": "FREQ=DAILY;COUNT=1600", "timezone": "UTC", "slo_id": "web", "description": "x" * 150}}  # fmt: skip
    path = tmp_path / "corrections.json"
    path.write_text(json.dumps({"data": [daily]}), encoding="utf-8")
    file = Foreign(path, at("02-01 00:00") + 5 * 366 * 24 * HOUR, "anna")
    kind = format_of(file)
    assert kind is not None
    assert counts(bring(file, tmp_path / "facts", kind)) == {"facts": (1600, 0)}
    facts, problems = read_folder(tmp_path / "facts")
    assert problems == []
    assert len(facts.maintenances) == 1600
    assert isinstance(facts.maintenances[0], Maintenance)
    assert len(list((tmp_path / "facts").glob("datadog-*.facts.yaml"))) == 2


def test_a_name_that_the_strict_reader_takes_for_something_else_is_refused_before_it_is_written(tmp_path: Path) -> None:
    path = tmp_path / "incidents.json"
    path.write_text(json.dumps({"page": PAGE, "scheduled_maintenances": [WORK]}), encoding="utf-8")
    file = Foreign(path, NOW, "anna", "", {"c1": "unstated"})
    kind = format_of(file)
    assert kind is not None
    with pytest.raises(Refused, match="`statuspage-m1` holds words that no file of facts can hold"):
        bring(file, tmp_path / "facts", kind)
    assert not (tmp_path / "facts").exists()


@pytest.mark.parametrize("ident", ["a\nb", "=1+1", "x" * 101])
def test_an_id_that_cannot_be_a_part_of_ours_is_refused(tmp_path: Path, ident: str) -> None:
    with pytest.raises(Refused, match=r"incidents\[0\].id cannot be kept"):
        take(tmp_path, WORK | {"id": ident})
