import csv
import io
import json
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from makegood.exchange.measurements import MeasurementRows, Otherwise, ReadMeasurements, read_measurements
from makegood.exchange.moments import written
from makegood.exchange.parquet_table import connect
from makegood.exchange.table import Unreadable, form_of
from makegood.exchange.time_column import read_time
from makegood.model.spans import MINUTE

NOW = 1_770_600_000_000_000  # 2026-02-09T01:20:00Z
HEADER = "start,end,service,metric,good,valid\n"
SOUND = "2026-02-08T07:00:00Z,2026-02-08T07:05:00Z,web,requests,119,120\n"
PLAIN = Otherwise(source="probes")


def read(folder: Path, content: str, name: str = "m.csv", otherwise: Otherwise = PLAIN, **how: Any) -> ReadMeasurements:
    path = folder / name
    path.write_text(content, encoding="utf-8")
    return read_measurements(path, form_of(name), otherwise, now=NOW, **how)


def said(rows: MeasurementRows) -> list[tuple[object, ...]]:
    """Every row in words: series, interval, and the quantities that are known."""
    return [
        (
            *rows.series[int(rows.of[i])],
            written(int(rows.start[i])),
            written(int(rows.end[i])),
            {word: Fraction(q.written(i)) for word, q in sorted(rows.quantities.items()) if q.known[i]},
        )
        for i in range(len(rows))
    ]


def test_a_row_says_what_was_counted_in_an_interval(tmp_path: Path) -> None:
    rows = read(tmp_path, HEADER + SOUND).rows
    counted = {"good": Fraction(119), "valid": Fraction(120)}
    assert said(rows) == [("web", "requests", "probes", "2026-02-08T07:00:00Z", "2026-02-08T07:05:00Z", counted)]
    assert (rows.recorded == rows.end).all()


def test_any_other_column_is_a_quantity_and_an_empty_cell_is_not_known(tmp_path: Path) -> None:
    table = "start,end,service,metric,source,value,p95,user minutes,note\n"
    first = "2026-02-08T07:00:00Z,2026-02-08T07:05:00Z,web,latency,eu,0.250,,12,slow\n"
    found = read(tmp_path, table + first)
    assert said(found.rows)[0][2:3] == ("eu",)
    assert said(found.rows)[0][5] == {"value": Fraction(1, 4), "user minutes": 12}
    assert found.left_aside == ("note",)


@pytest.mark.parametrize("how", ["column", "option"])
def test_an_interval_may_be_said_by_its_length(tmp_path: Path, how: str) -> None:
    if how == "column":
        table, otherwise = "start,every,service,metric,value\n2026-02-08T07:00:00Z,5 min,web,load,1\n", PLAIN
    else:
        table, otherwise = "start,value\n2026-02-08T07:00:00Z,1\n", Otherwise("web", "load", "probes", 5 * MINUTE)
    rows = read(tmp_path, table, otherwise=otherwise).rows
    assert said(rows) == [
        ("web", "load", "probes", "2026-02-08T07:00:00Z", "2026-02-08T07:05:00Z", {"value": Fraction(1)})
    ]


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        ("2026-02-08T07:05:00Z,2026-02-08T07:05:00Z,web,r,1,2", "end: the interval ends when it starts"),
        ("2026-02-08T07:05:00Z,2026-02-08T07:00:00Z,web,r,1,2", "end: the interval ends before it starts"),
        ("2026-02-08T07:00:00Z,2026-02-08T07:05:00Z,web,r,3,2", "good: 3 is more than valid, 2"),
        ("2026-02-08T07:00:00Z,2026-02-08T07:05:00Z,web,r,2.01,2", "good: 2.01 is more than valid, 2"),
        (
            "2026-02-08T07:00:00Z,2026-02-08T07:05:00Z,web,r,-1,2",
            "good: `-1` is below zero, and nothing is counted so often",
        ),
        (
            "2026-02-08T07:00:00Z,2026-02-08T07:05:00Z,web,r,1,NaN",
            "valid: `NaN` is no number: leave the cell empty where nothing was measured",
        ),
        (
            "2026-02-08T07:00:00Z,2026-02-08T07:05:00Z,web,r,1,inf",
            "valid: `inf` is no number: leave the cell empty where nothing was measured",
        ),
        (
            "2026-02-08T07:00:00Z,2026-02-08T07:05:00Z,web,r,1,1234567890123456789",
            "valid: `1234567890123456789` has too many digits: at most 18 are kept exactly, so round it first",
        ),
        (
            "2026-02-09T01:00:00Z,2026-02-09T02:00:00Z,web,r,1,2",
            "end: `2026-02-09T02:00:00Z` lies in the future; it is 2026-02-09T01:20:00Z",
        ),
        (
            "2026-02-08T07:00:00Z,2026-02-08T07:05:00Z,wep,r,1,2",
            "service: `wep` is no known service; did you mean `web`?",
        ),
        ("2026-02-08T07:00:00Z,2026-02-08T07:05:00Z,web,,1,2", "metric: no metric is written"),
        (
            "2026-02-08T07:00:00,2026-02-08T07:05:00Z,web,r,1,2",
            "start: `2026-02-08T07:00:00` has no offset from UTC, the same clock time is many moments: "
            "write 2026-02-08T07:00:00Z if it is UTC, or as in 2026-02-08T07:00:00-05:00",
        ),
    ],
)
def test_a_row_that_cannot_be_right_is_told_by_its_number(tmp_path: Path, row: str, reason: str) -> None:
    found = read(tmp_path, HEADER + SOUND + row + "\n", known={"web"})
    assert [(r.row, r.reason) for r in found.rejected.first] == [(3, reason)]
    assert found.rows.row.tolist() == [2]


@pytest.mark.parametrize(
    ("every", "reason"),
    [
        ("5m", "every: `5m` could be minutes or months, the unit is written out: write 5 min or 5 months"),
        ("0 min", "every: `0 min` is no time at all, an interval has a length: write as in 5 min"),
        (
            "1 day",
            "every: `1 day` is not elapsed time, days are counted as local dates, which differ in length: "
            "write 24 h if elapsed time is meant",
        ),
    ],
)
def test_a_length_that_is_none_is_told(tmp_path: Path, every: str, reason: str) -> None:
    table = f"start,every,service,metric,value\n2026-02-08T07:00:00Z,{every},web,load,1\n"
    assert [r.reason for r in read(tmp_path, table).rejected.first] == [reason]


def test_an_interval_beyond_all_calendars_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "m.csv"
    path.write_text("start,every,service,metric,value\n9990-01-01T00:00:00Z,100000 h,web,load,1\n", encoding="utf-8")
    found = read_measurements(path, form_of(path.name), PLAIN)
    assert [r.reason for r in found.rejected.first] == ["end: the interval ends after the year 9998"]


def test_an_interval_that_still_runs_is_refused(tmp_path: Path) -> None:
    table = "start,every,service,metric,value\n2026-02-09T01:16:00Z,5 min,web,load,1\n"
    assert [r.reason for r in read(tmp_path, table).rejected.first] == ["start: the interval has not ended yet"]


@pytest.mark.parametrize(
    ("header", "says"),
    [
        (
            "start,end,service,metric",
            "there is no quantity: add a column such as `value`, `p95`, or `good` and `valid`",
        ),
        ("end,service,metric,value", "there is no column `start`; there are `end`, `service`, `metric`, `value`"),
        ("start,service,metric,value", "there is no column `end` or `every`: say how long each interval is"),
        (
            "start,end,every,service,metric,value",
            "there are columns `end` and `every`, which mean the same: leave one out",
        ),
        ("start,end,metric,value", "there is no column `service`: name the service that all rows are of"),
        ("start,end,service,value", "there is no column `metric`: name the metric that all rows are of"),
        (
            "start,end,service,metric,=x",
            "a column has no name that can be used: `=x` begins like a formula of a spreadsheet, which would run when "
            "the file is opened",
        ),
    ],
)
def test_a_file_that_is_no_such_table_is_refused_as_a_whole(tmp_path: Path, header: str, says: str) -> None:
    with pytest.raises(Unreadable) as refused:
        read(tmp_path, header + "\n")
    assert str(refused.value) == says


def test_what_is_recorded_before_its_interval_ends_is_refused(tmp_path: Path) -> None:
    table = HEADER.replace("\n", ",recorded\n") + SOUND.replace("\n", ",2026-02-08T07:04:00Z\n")
    found = read(tmp_path, table, with_recorded=True)
    assert [r.reason for r in found.rejected.first] == ["recorded: nothing is known before it happens"]


def test_lines_of_json_may_know_different_quantities(tmp_path: Path) -> None:
    line = {"start": "2026-02-08T07:00:00Z", "end": "2026-02-08T07:05:00Z", "service": "web", "metric": "latency"}
    later = line | {"start": "2026-02-08T07:05:00Z", "end": "2026-02-08T07:10:00Z"}
    content = json.dumps(line | {"p95": 0.1}) + "\n" + json.dumps(later | {"p99": 1e-7, "p95": None}) + "\n"
    assert [row[5] for row in said(read(tmp_path, content, "m.jsonl").rows)] == [
        {"p95": Fraction(1, 10)},
        {"p99": Fraction(1, 10**7)},
    ]


NUMBER = st.decimals(min_value=0, max_value=10**9, places=6, allow_nan=False, allow_infinity=False) | st.none()
WORDS = ("good", "p95", "value")
ROWS = st.lists(
    st.tuples(
        st.sampled_from(["web", "mail"]),
        st.sampled_from(["a", "b c"]),
        st.integers(1, NOW // MINUTE),
        st.integers(1, 60),
        st.tuples(NUMBER, NUMBER, NUMBER),
    ),
    max_size=20,
)


def known(numbers: tuple[Decimal | None, ...]) -> dict[str, Fraction]:
    return {word: Fraction(n) for word, n in zip(WORDS, numbers, strict=True) if n is not None}


def line(columns: tuple[str, ...], row: tuple[str, ...]) -> str:
    """A line of JSON whose numbers are numbers."""
    pairs = zip(columns, row, strict=True)
    return "{" + ", ".join(f'"{c}": {(v or "null") if c in WORDS else json.dumps(v)}' for c, v in pairs) + "}\n"


@settings(max_examples=20)
@given(ROWS)
def test_the_three_forms_say_the_same(
    tmp_path_factory: pytest.TempPathFactory,
    given_rows: list[tuple[str, str, int, int, tuple[Decimal | None, ...]]],
) -> None:
    folder = tmp_path_factory.mktemp("forms")
    columns = ("service", "metric", "start", "end", *WORDS)
    table = [
        (service, metric, (end - length) * MINUTE, end * MINUTE, numbers)
        for service, metric, end, length, numbers in given_rows
        if end > length
    ]
    texts = [(s, m, written(a), written(b), *("" if n is None else f"{n:f}" for n in ns)) for s, m, a, b, ns in table]
    text = io.StringIO(newline="")
    csv.writer(text, lineterminator="\n").writerows([columns, *texts])
    lines = "".join(line(columns, row) for row in texts)
    with connect() as db:
        db.execute(
            'create or replace temporary table t (service text, metric text, start timestamptz, "end" timestamptz,'
            " good decimal(18,6), p95 decimal(30,9), value decimal(16,6))"
        )
        for row in table:
            db.execute(
                "insert into t values ($1, $2, make_timestamptz($3), make_timestamptz($4), $5, $6, $7)",
                [*row[:4], *row[4]],
            )
        db.execute(f"copy t to '{folder / 'm.parquet'}' (format parquet)")
    expected = [(s, m, "probes", written(a), written(b), known(ns)) for s, m, a, b, ns in table]
    assert said(read(folder, text.getvalue()).rows) == expected
    assert said(read(folder, lines, "m.jsonl").rows) == expected
    assert said(read_measurements(folder / "m.parquet", form_of("m.parquet"), PLAIN).rows) == expected


@pytest.mark.parametrize(
    ("written_as", "value"),
    [
        ("0.1::double", "0.1"),
        ("1e-7::double", "0.0000001"),
        ("0.1::float", "0.1"),
        ("3::bigint", "3"),
        ("12.50::decimal(9,2)", "12.5"),
    ],
)
def test_a_double_of_parquet_is_the_shortest_decimal_that_it_is_written_as(
    tmp_path: Path, written_as: str, value: str
) -> None:
    path = tmp_path / "m.parquet"
    with connect() as db:
        db.execute(
            f"copy (select 'web' as service, 'load' as metric, make_timestamptz(0) as start, '5 min' as every,"
            f" {written_as} as value) to '{path}' (format parquet)"
        )
    rows = read_measurements(path, form_of(path.name), PLAIN).rows
    assert rows.quantities["value"].written(0) == value


def test_a_double_that_is_no_number_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "m.parquet"
    with connect() as db:
        db.execute(
            "copy (select 'web' as service, 'load' as metric, make_timestamptz(0) as start, '5 min' as every,"
            f" unnest(['nan'::double, 'inf'::double]) as value) to '{path}' (format parquet)"
        )
    found = read_measurements(path, form_of(path.name), PLAIN)
    assert [r.reason for r in found.rejected.first] == [
        f"value: `{word}` is no number: leave the cell empty where nothing was measured" for word in ("nan", "inf")
    ]


def test_the_start_of_an_interval_is_the_start_of_its_row(tmp_path: Path) -> None:
    assert read(tmp_path, HEADER + SOUND).rows.start.tolist() == [read_time("2026-02-08T07:00:00Z")]
