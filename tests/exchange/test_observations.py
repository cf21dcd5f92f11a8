import csv
import io
import json
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from makegood.exchange.columns import OUTCOMES
from makegood.exchange.moments import written
from makegood.exchange.observations import ReadObservations, read_observations
from makegood.exchange.parquet_table import connect
from makegood.exchange.table import Unreadable, form_of
from makegood.exchange.time_column import read_times

NOW = 1_770_600_000_000_000  # 2026-02-09T01:20:00Z
HEADER = "check,location,begun,outcome\n"
SOUND = "web,fra,2026-02-08T07:00:00Z,up\n"


def read(folder: Path, content: str | bytes, name: str = "o.csv", **how: object) -> ReadObservations:
    path = folder / name
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return read_observations(path, form_of(name), now=NOW, **how)  # type: ignore[arg-type]


def rows(found: ReadObservations) -> list[tuple[str, str, int, int]]:
    o = found.rows
    columns = zip(o.check.tolist(), o.location.tolist(), o.begun.tolist(), o.outcome.tolist(), strict=True)
    return [(o.checks[c], o.locations[at], begun, outcome) for c, at, begun, outcome in columns]


REJECTED = [
    ("web,fra,2026-02-08T07:00:00Z", "has 3 cells where the header has 4 cells"),
    ("web,fra,2026-02-08T07:00:00Z,up,", "has 5 cells where the header has 4 cells"),
    ("web,fra,2026-02-08T07:00:00Z,u\0p", "holds a NUL character: the file is damaged, or no text"),
    (
        "=1+1,fra,2026-02-08T07:00:00Z,up",
        "check: `=1+1` begins like a formula of a spreadsheet, which would run when the file is opened",
    ),
    (
        "web,@here,2026-02-08T07:00:00Z,up",
        "location: `@here` begins like a formula of a spreadsheet, which would run when the file is opened",
    ),
    (
        "+web,-fra,2026-02-08T07:00:00Z,up",
        "check: `+web` begins like a formula of a spreadsheet, which would run when the file is opened; "
        "location: `-fra` begins like a formula of a spreadsheet, which would run when the file is opened",
    ),
    (",fra,2026-02-08T07:00:00Z,up", "check: no check is written"),
    (" web,fra,2026-02-08T07:00:00Z,up", "check: ` web` begins or ends with a space"),
    ("w\x1beb,fra,2026-02-08T07:00:00Z,up", "check: `w\\x1beb` holds a control character, or one that is not UTF-8"),
    ("wbe,fra,2026-02-08T07:00:00Z,up", "check: `wbe` is no known check; did you mean `web`?"),
    (
        "web,fra,2026-02-08T07:00:00,up",
        "begun: `2026-02-08T07:00:00` has no offset from UTC, the same clock time is many moments: "
        "write 2026-02-08T07:00:00Z if it is UTC, or as in 2026-02-08T07:00:00-05:00",
    ),
    (
        "web,fra,1770534000,up",
        "begun: `1770534000` is a number, not a time, as seconds since 1970 it would be 2026-02-08T07:00:00Z: "
        "write 2026-02-08T07:00:00Z",
    ),
    (
        "web,fra,1770534000000,up",
        "begun: `1770534000000` is a number, not a time, as milliseconds since 1970 it would be "
        "2026-02-08T07:00:00Z: write 2026-02-08T07:00:00Z",
    ),
    (
        "web,fra,99999999999999999999,up",
        "begun: `99999999999999999999` is a number, not a time, it is beyond 2^63, and so beyond any clock: "
        "write as in 2026-02-28T14:00:00Z",
    ),
    (
        "web,fra,NaN,up",
        "begun: `NaN` is not a moment: write as in 2026-02-28T14:00:00Z or 2026-02-28T14:00:00+01:00",
    ),
    (
        "web,fra,2026-02-09T07:00:00Z,up",
        "begun: `2026-02-09T07:00:00Z` lies in the future; it is 2026-02-09T01:20:00Z",
    ),
    ("web,fra,2026-02-08T07:00:00Z,OK", "outcome: `OK` is none of up, down and unknown; write `up` if that is meant"),
    (
        "web,fra,2026-02-08T07:00:00Z,NaN",
        "outcome: `NaN` is none of up, down and unknown; write `unknown` if that is meant",
    ),
    ("web,fra,2026-02-08T07:00:00Z,slow", "outcome: `slow` is none of up, down and unknown"),
    ('web,fra,2026-02-08T07:00:00Z,"up"x', "goes on after a closing quote: double a quote inside a quoted cell"),
    ('web,fra,2026-02-08T07:00:00Z,"up', "opens a quote that is never closed"),
]


@pytest.mark.parametrize(("row", "reason"), REJECTED)
@pytest.mark.parametrize("quoted", [False, True])
def test_a_row_that_cannot_be_right_is_told_by_its_number(tmp_path: Path, row: str, reason: str, quoted: bool) -> None:
    first = '"web",fra,2026-02-08T07:00:00Z,up\n' if quoted else SOUND
    after = "" if '"up\n' in row + "\n" else SOUND.replace("07:00", "07:01")
    found = read(tmp_path, HEADER + first + row + "\n" + after, known={"web"})
    assert [(r.row, r.reason) for r in found.rejected.first] == [(3, reason)]
    assert len(found.rows) == 1 + bool(after)
    assert found.rows.row.tolist() == [2, 4][: len(found.rows)]


@pytest.mark.parametrize(
    ("content", "says"),
    [
        ("", "the first row is empty: it must name the columns"),
        ("\n" + SOUND, "the first row is empty: it must name the columns"),
        (HEADER.replace(",", ";"), "the columns are separated by semicolons: save the file with commas"),
        ("check,check,begun,outcome\n", "the header names `check` twice: rename one of the columns"),
        ("check,location,begun,at,outcome\n", "there are columns `begun` and `at`, which mean the same: leave one out"),
        ("check,location,outcome\n", "there is no column `begun` or `at`; there are `check`, `location`, `outcome`"),
        ("check,begun,outcome\n", "there is no column `location`: name the location that all rows are of"),
        (HEADER.encode("utf-16"), "the file is UTF-16: save it as CSV in UTF-8"),
    ],
)
def test_a_file_that_is_no_such_table_is_refused_as_a_whole(tmp_path: Path, content: str | bytes, says: str) -> None:
    with pytest.raises(Unreadable) as refused:
        read(tmp_path, content)
    assert str(refused.value) == says


def test_check_and_location_may_be_given_for_all_rows(tmp_path: Path) -> None:
    found = read(tmp_path, "at,outcome\n2026-02-08T07:00:00Z,down\n", check="web", location="fra")
    assert rows(found) == [("web", "fra", 1_770_534_000_000_000, 1)]


def test_columns_that_are_not_read_are_named(tmp_path: Path) -> None:
    found = read(tmp_path, "check,location,begun,outcome,status_code\nweb,fra,2026-02-08T07:00:00Z,up,200\n")
    assert found.left_aside == ("status_code",)


@pytest.mark.parametrize(
    ("latency", "expected"),
    [
        ("", -1),
        ("83", 83_000),
        ("0.0015", 1),
        ("9223372036854775.807", 2**63 - 1),
        ("9223372036854775.808", "latency_ms: `9223372036854775.808` is beyond 2^63"),
        ("9" * 5000, f"latency_ms: `{'9' * 60}…` is beyond 2^63"),
        ("9223372036854776", "latency_ms: `9223372036854776` is beyond 2^63"),
        ("-1", "latency_ms: `-1` is no number from 0 up"),
        ("1e3", "latency_ms: `1e3` is no number from 0 up"),
        ("NaN", "latency_ms: `NaN` is no number: leave the cell empty where nothing was measured"),
        ("٣", "latency_ms: `٣` is no number from 0 up"),
    ],
)
def test_a_latency_is_a_number_of_milliseconds(tmp_path: Path, latency: str, expected: int | str) -> None:
    found = read(tmp_path, f"check,location,begun,outcome,latency_ms\nweb,fra,2026-02-08T07:00:00Z,up,{latency}\n")
    told = [r.reason for r in found.rejected.first]
    assert (found.rows.latency.tolist() or told)[0] == expected


def test_latin_1_is_told_row_by_row(tmp_path: Path) -> None:
    found = read(tmp_path, HEADER.encode() + "wéb,fra,2026-02-08T07:00:00Z,up\n".encode("latin-1") + SOUND.encode())
    assert [r.row for r in found.rejected.first] == [2]
    assert "not UTF-8" in found.rejected.first[0].reason


def test_line_ends_and_a_mark_do_not_matter(tmp_path: Path) -> None:
    plain = rows(read(tmp_path, HEADER + SOUND + SOUND))
    for content in ("\ufeff" + HEADER + SOUND + SOUND, (HEADER + SOUND + SOUND).rstrip("\n")):
        assert rows(read(tmp_path, content)) == plain
    for end in ("\r\n", "\r"):
        assert rows(read(tmp_path, (HEADER + SOUND + SOUND).replace("\n", end))) == plain


def test_blank_rows_count_but_say_nothing(tmp_path: Path) -> None:
    found = read(tmp_path, HEADER + SOUND + "\n\n" + SOUND)
    assert found.rows.row.tolist() == [2, 5]
    assert found.rejected.count == 0


LINE = '{"check":"web","location":"fra","begun":"2026-02-08T07:00:00Z","outcome":"up"}'


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("[1]", "is not a JSON object: each line is one `{…}`"),
        ("{", "is not JSON: expecting property name enclosed in double quotes, column 2"),
        (LINE.replace('"up"', '{"a":1}'), "holds more than a plain value under `outcome`"),
        (LINE.replace('"up"', '"up","check":"db"'), "has the key `check` twice"),
        (
            LINE.replace('"up"', "NaN"),
            "outcome: `NaN` is none of up, down and unknown; write `unknown` if that is meant",
        ),
        (LINE.replace('"up"', "true"), "outcome: `true` is none of up, down and unknown; write `up` if that is meant"),
        (
            LINE.replace('"2026-02-08T07:00:00Z"', "1770534000"),
            "begun: `1770534000` is a number, not a time, as seconds since 1970 it would be 2026-02-08T07:00:00Z: "
            "write 2026-02-08T07:00:00Z",
        ),
        (LINE.replace('"web"', "null"), "check: no check is written"),
        ("[" * 100_000, "is nested too deeply"),
    ],
)
def test_a_line_of_json_that_cannot_be_right_is_told_by_its_number(tmp_path: Path, line: str, reason: str) -> None:
    found = read(tmp_path, f"{LINE}\n{line}\n{LINE}\n", "o.jsonl")
    assert [(r.row, r.reason) for r in found.rejected.first] == [(2, reason)]
    assert len(found.rows) == 2


NAMES = st.text(st.characters(categories=("L", "N"), include_characters=' ,"'), min_size=1, max_size=8).filter(
    lambda name: name == name.strip()
)
ROWS = st.lists(
    st.tuples(NAMES, NAMES, st.integers(0, NOW // 1_000_000), st.sampled_from(sorted(OUTCOMES))), max_size=30
)


@settings(max_examples=20)
@given(ROWS)
def test_the_three_forms_say_the_same(
    tmp_path_factory: pytest.TempPathFactory, given_rows: list[tuple[str, str, int, str]]
) -> None:
    folder = tmp_path_factory.mktemp("forms")
    columns = ("check", "location", "begun", "outcome")
    table = [(check, place, written(at * 1_000_000), outcome) for check, place, at, outcome in given_rows]
    text = io.StringIO(newline="")
    csv.writer(text, lineterminator="\n").writerows([columns, *table])
    lines = "".join(json.dumps(dict(zip(columns, row, strict=True))) + "\n" for row in table)
    with connect() as db:
        db.execute('create or replace temporary table t ("check" text, location text, begun timestamptz, outcome text)')
        for check, place, at, outcome in given_rows:
            db.execute("insert into t values ($1, $2, make_timestamptz($3), $4)", [check, place, at * 10**6, outcome])
        db.execute(f"copy t to '{folder / 'o.parquet'}' (format parquet)")
    expected = [(c, p, int(read_times([at])[0]), OUTCOMES[o]) for c, p, at, o in table]
    assert rows(read(folder, text.getvalue())) == expected
    assert rows(read(folder, lines, "o.jsonl")) == expected
    assert rows(read_observations(folder / "o.parquet", form_of("o.parquet"))) == expected


def test_local_times_and_numbers_in_parquet_are_refused_like_others(tmp_path: Path) -> None:
    path = tmp_path / "o.parquet"
    with connect() as db:
        for begun, told in (("timestamp '2026-02-08 07:00:00'", "no offset"), ("1770534000", "is a number")):
            db.execute(
                f"copy (select 'web' as \"check\", 'fra' as location, {begun} as begun, 'up' as outcome)"
                f" to '{path}' (format parquet)"
            )
            found = read_observations(path, form_of(path.name))
            assert [told in r.reason for r in found.rejected.first] == [True]


def test_a_file_that_is_no_parquet_is_refused(tmp_path: Path) -> None:
    with pytest.raises(Unreadable, match="cannot be read as Parquet"):
        read(tmp_path, "PAR1 not really", "o.parquet")


def test_a_large_file_is_read_stretch_by_stretch_with_its_row_numbers(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    lines = [f"web,fra,2026-02-08T{i // 60:02d}:{i % 60:02d}:00Z,up\n" for i in range(1000)]
    lines[700] = "web,fra,2026-02-08T07:00:00Z\n"
    lines[900] = lines[900].replace("web", '"web"')
    content = HEADER + "".join(lines)
    whole = read(tmp_path, content)
    for stretch in (1, 100, 1000):
        monkeypatch.setattr("makegood.exchange.csv_table.STRETCH", stretch)
        found = read(tmp_path, content)
        assert rows(found) == rows(whole)
        assert found.rows.row.tolist() == whole.rows.row.tolist()
        assert [r.row for r in found.rejected.first] == [702]
