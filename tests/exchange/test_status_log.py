from pathlib import Path

import pytest

from makegood.exchange.status_log import ReadStatusLog, read_status_log
from makegood.exchange.table import Form, Unreadable
from makegood.exchange.time_column import read_time

NOW = 1_790_000_000_000_000
TORO = Path(__file__).resolve().parents[3] / "shared/data/toro-status-log.csv"


def read(folder: Path, content: str, **how: object) -> ReadStatusLog:
    path = folder / "log.csv"
    path.write_text(content, encoding="utf-8")
    return read_status_log(path, Form.CSV, now=NOW, **how)  # type: ignore[arg-type]


def test_rows_that_repeat_a_status_are_kept(tmp_path: Path) -> None:
    log = read(tmp_path, "at,service,status\n2026-01-01T00:00:00Z,web,up\n2026-01-01T00:05:00Z,web,up\n").rows
    assert log.services == ("web",)
    assert log.outcome.tolist() == [0, 0]
    assert (log.at == log.earliest).all()
    assert (log.at == log.recorded).all()


def test_a_status_may_have_held_since_an_earlier_instant(tmp_path: Path) -> None:
    log = read(tmp_path, "at,earliest,service,outcome\n2026-01-01T00:05:00Z,2026-01-01T00:00:00Z,web,down\n").rows
    assert log.earliest.tolist() == [read_time("2026-01-01T00:00:00Z")]
    assert log.at.tolist() == [read_time("2026-01-01T00:05:00Z")]


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        (
            "2026-01-01T00:05:00Z,2026-01-01T00:06:00Z,web,down",
            "earliest: is later than `at`, by which the status held",
        ),
        (
            "2026-01-01T00:05:00Z,2026-01-01T00:05:00Z,wep,down",
            "service: `wep` is no known service; did you mean `web`?",
        ),
        (
            "2026-01-01T00:05:00Z,2026-01-01T00:05:00Z,web,degraded",
            "status: `degraded` is none of up, down and unknown",
        ),
    ],
)
def test_a_row_that_cannot_be_right_is_told_by_its_number(tmp_path: Path, row: str, reason: str) -> None:
    found = read(tmp_path, f"at,earliest,service,status\n{row}\n", known={"web"})
    assert [(r.row, r.reason) for r in found.rejected.first] == [(2, reason)]


def test_a_log_without_services_is_refused(tmp_path: Path) -> None:
    with pytest.raises(Unreadable, match="there is no column `service`; there are `at`, `status`"):
        read(tmp_path, "at,status\n")


@pytest.mark.skipif(not TORO.exists(), reason="the recorded data is not here")
def test_27_months_of_a_real_log_are_read_whole() -> None:
    found = read_status_log(TORO, Form.CSV, now=NOW)
    assert found.rejected.count == 0
    assert len(found.rows) == 5245
    assert len(found.rows.services) == 15
    assert found.left_aside == ("http_status", "response_ms")
    assert int(found.rows.outcome.sum()) == 191
