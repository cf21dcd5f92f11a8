import multiprocessing
import signal
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from makegood.app.importing import ImportReport, import_evidence
from makegood.exchange.moments import written
from makegood.model.problem import Refused
from makegood.store.folder import read_folder

NOW = 1_790_000_000_000_000
HEADER = "check,location,begun,outcome\n"
TORO = Path(__file__).resolve().parents[3] / "shared/data/toro-status-log.csv"


def row(minute: int, outcome: str = "up", location: str = "fra", check: str = "web") -> str:
    return f"{check},{location},2026-02-08T{minute // 60:02d}:{minute % 60:02d}:00Z,{outcome}\n"


def bring(folder: Path, content: str, name: str = "given.csv", now: int = NOW, dry_run: bool = False) -> ImportReport:
    (folder / name).write_text(content, encoding="utf-8")
    return import_evidence(folder / name, folder / "facts", now=now, by="anna", dry_run=dry_run)


def listing(folder: Path) -> dict[str, bytes]:
    found = sorted(p for p in (folder / "facts").rglob("*") if p.is_file())
    return {str(p.relative_to(folder)): p.read_bytes() for p in found}


def counts(report: ImportReport) -> tuple[int, int, int, bool]:
    return report.accepted, report.duplicate, report.rejected, report.written


def test_an_import_adds_the_rows_of_a_file(tmp_path: Path) -> None:
    report = bring(tmp_path, HEADER + row(0) + row(1, "down") + row(1, "unknown", "lon"))
    assert counts(report) == (3, 0, 0, True)
    facts, problems = read_folder(tmp_path / "facts")
    assert problems == []
    results = facts.results["web"]
    assert results.locations == ("fra", "lon")
    assert list(zip(results.location.tolist(), results.outcome.tolist(), strict=True)) == [(0, 0), (0, 1), (1, 2)]


def test_a_dry_run_says_the_same_and_writes_nothing(tmp_path: Path) -> None:
    dry = bring(tmp_path, HEADER + row(0), dry_run=True)
    assert not (tmp_path / "facts").exists()
    real = bring(tmp_path, HEADER + row(0))
    assert (dry.accepted, dry.duplicate, dry.rejected) == (real.accepted, real.duplicate, real.rejected)
    assert (dry.written, real.written) == (False, True)


def test_one_rejected_row_and_nothing_is_written(tmp_path: Path) -> None:
    report = bring(tmp_path, HEADER + row(0) + row(1, "OK"))
    assert counts(report) == (1, 0, 1, False)
    assert [(r.row, r.reason) for r in report.first_rejected] == [
        (3, "outcome: `OK` is none of up, down and unknown; write `up` if that is meant")
    ]
    assert not (tmp_path / "facts").exists()


def test_the_same_file_twice_changes_nothing_and_says_so(tmp_path: Path) -> None:
    bring(tmp_path, HEADER + row(0))
    before = listing(tmp_path)
    report = bring(tmp_path, HEADER + row(0), now=NOW + 1)
    assert counts(report) == (0, 1, 0, False)
    assert report.before == written(NOW)
    assert listing(tmp_path) == before


def test_known_rows_in_another_file_are_duplicates_and_stay_known_since_they_were(tmp_path: Path) -> None:
    bring(tmp_path, HEADER + row(0))
    report = bring(tmp_path, HEADER + row(1) + row(0) + row(1), now=NOW + 1)
    assert counts(report) == (1, 2, 0, True)
    assert report.before == ""
    facts, _ = read_folder(tmp_path / "facts")
    assert facts.results["web"].recorded.tolist() == [NOW, NOW + 1]


def test_a_row_that_contradicts_what_is_known_is_rejected(tmp_path: Path) -> None:
    bring(tmp_path, HEADER + row(0))
    before = listing(tmp_path)
    report = bring(tmp_path, HEADER + row(1) + row(0, "down"))
    says = "`web` (fra) at 2026-02-08T00:00:00Z is down, which contradicts what the folder holds for that instant"
    assert [(r.row, r.reason) for r in report.first_rejected] == [(3, says)]
    assert counts(report) == (1, 0, 1, False)
    assert listing(tmp_path) == before


def test_rows_of_one_file_that_contradict_each_other_are_rejected(tmp_path: Path) -> None:
    report = bring(tmp_path, HEADER + row(0) + row(1) + row(0, "down"))
    says = "`web` (fra) at 2026-02-08T00:00:00Z is down, which contradicts row 2"
    assert [(r.row, r.reason) for r in report.first_rejected] == [(4, says)]
    assert not (tmp_path / "facts").exists()


def test_what_was_placed_by_hand_is_known_too(tmp_path: Path) -> None:
    (tmp_path / "facts/observations").mkdir(parents=True)
    (tmp_path / "facts/observations/hand.csv").write_text(HEADER + row(0), encoding="utf-8")
    assert counts(bring(tmp_path, HEADER + row(0) + row(1))) == (1, 1, 0, True)


def test_a_status_log_is_told_by_its_columns_and_keyed_by_its_source(tmp_path: Path) -> None:
    log = "at,service,status\n2026-02-08T07:00:00Z,web,up\n2026-02-08T07:05:00Z,web,down\n"
    assert bring(tmp_path, log, "upptime.csv").kind == "status log"
    assert counts(bring(tmp_path, log, "upptime.csv", now=NOW + 1)) == (0, 2, 0, False)
    assert counts(bring(tmp_path, log.replace("down", "up"), "kuma.csv")) == (2, 0, 0, True)
    clash = bring(tmp_path, log.replace("down", "up"), "upptime.csv")
    assert counts(clash) == (0, 1, 1, False)
    facts, problems = read_folder(tmp_path / "facts")
    assert problems == []
    assert [(s.source, s.outcome.tolist()) for s in facts.states["web"]] == [("kuma", [0, 0]), ("upptime", [0, 1])]


@pytest.mark.parametrize(
    ("content", "name", "says"),
    [
        (
            "a,b\n1,2\n",
            "given.csv",
            "its columns fit none: say with --as whether these are observations, a status log or measurements",
        ),
        (HEADER, "given.xlsx", "`given.xlsx` is none of .csv, .jsonl and .parquet: name the file by what it is"),
        (
            "check,status\n",
            "given.csv",
            "it has `check` and `status`: say with --as whether these are observations, a status log or measurements",
        ),
    ],
)
def test_a_file_that_is_no_evidence_is_refused(tmp_path: Path, content: str, name: str, says: str) -> None:
    with pytest.raises(Refused) as refused:
        bring(tmp_path, content, name)
    assert [p.what for p in refused.value.problems] == [says]


def test_a_folder_with_damaged_evidence_takes_no_more(tmp_path: Path) -> None:
    bring(tmp_path, HEADER + row(0))
    (file,) = (tmp_path / "facts/observations").iterdir()
    file.write_bytes(b"PAR1")
    with pytest.raises(Refused) as refused:
        bring(tmp_path, HEADER + row(1))
    assert [p.code for p in refused.value.problems] == ["evidence-unreadable"]


def test_a_file_or_folder_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(Refused, match="cannot be read: no such file"):
        import_evidence(tmp_path / "none.csv", tmp_path / "facts", now=NOW, by="anna")
    (tmp_path / "given.csv").write_text(HEADER, encoding="utf-8")
    with pytest.raises(Refused, match="the folder above it does not exist"):
        import_evidence(tmp_path / "given.csv", tmp_path / "a/b", now=NOW, by="anna")
    with pytest.raises(Refused, match="a file, not a folder"):
        import_evidence(tmp_path / "given.csv", tmp_path / "given.csv", now=NOW, by="anna")


def test_latencies_are_kept_apart(tmp_path: Path) -> None:
    bring(tmp_path, HEADER.replace("\n", ",latency_ms\n") + row(0).replace("\n", ",83\n"))
    assert {p.parent.name for p in (tmp_path / "facts").rglob("*.parquet")} == {"observations", "latencies"}


@settings(max_examples=15)
@given(
    st.dictionaries(
        st.tuples(st.integers(0, 5), st.sampled_from(["fra", "lon"])), st.sampled_from(["up", "down", "unknown"])
    ),
    st.randoms(use_true_random=False),
    st.integers(0, 3),
)
def test_repeating_and_reordering_rows_changes_nothing(
    tmp_path_factory: pytest.TempPathFactory,
    said: dict[tuple[int, str], str],
    random: "object",
    repeats: int,
) -> None:
    rows = [row(minute, outcome, place) for (minute, place), outcome in said.items()]
    plain, mixed = tmp_path_factory.mktemp("plain"), tmp_path_factory.mktemp("mixed")
    bring(plain, HEADER + "".join(rows))
    again = rows + rows[:repeats]
    random.shuffle(again)  # type: ignore[attr-defined]
    middle = len(again) // 2
    for part in (again[:middle], again[middle:], again):
        report = bring(mixed, HEADER + "".join(part))
        assert report.rejected == 0
    assert seen(mixed) == seen(plain)


def seen(folder: Path) -> list[tuple[str, str, int, int]]:
    if not (folder / "facts").exists():
        return []
    facts, problems = read_folder(folder / "facts")
    assert problems == []
    return [
        (check, r.locations[place], begun, outcome)
        for check, r in facts.results.items()
        for place, begun, outcome in zip(r.location.tolist(), r.begun.tolist(), r.outcome.tolist(), strict=True)
    ]


def _import_until(step: str, folder: Path) -> None:
    """Import, and die without warning just before a step."""
    import os
    import tempfile

    from makegood.app import arrivals, importing

    tempfile.tempdir = str(folder)  # nobody is left to take away what lies there

    def die(*_: object) -> None:
        os.kill(os.getpid(), signal.SIGKILL)

    owners: dict[str, tuple[object, str]] = {
        "written": (arrivals.ManyRows, "keep"),
        "named": (Path, "replace"),
        "listed": (importing, "keep"),
    }
    target = owners[step]
    setattr(*target, die)
    bring(folder, HEADER + row(0))


@pytest.mark.parametrize("step", ["written", "named", "listed"])
def test_an_import_killed_at_any_step_leaves_nothing_that_counts_and_can_be_repeated(tmp_path: Path, step: str) -> None:
    target: Callable[[str, Path], None] = _import_until
    process = multiprocessing.get_context("spawn").Process(target=target, args=(step, tmp_path))
    process.start()
    process.join()
    assert process.exitcode == -signal.SIGKILL
    facts, problems = read_folder(tmp_path / "facts")
    assert facts.results == {}
    assert {p.code for p in problems} <= {"import-unfinished"}
    assert counts(bring(tmp_path, HEADER + row(0))) == (1, 0, 0, True)
    facts, problems = read_folder(tmp_path / "facts")
    assert problems == []
    assert len(facts.results["web"].begun) == 1


@pytest.mark.skipif(not TORO.exists(), reason="the recorded data is not here")
def test_27_months_of_a_real_log_are_imported_once(tmp_path: Path) -> None:
    once, twice = (import_evidence(TORO, tmp_path / "facts", source="upptime", now=NOW, by="anna") for _ in range(2))
    assert counts(once) == (5245, 0, 0, True)
    assert counts(twice) == (0, 5245, 0, False)
    facts, problems = read_folder(tmp_path / "facts")
    assert problems == []
    assert sum(len(states.at) for of in facts.states.values() for states in of) == 5245
