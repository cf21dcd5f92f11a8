from collections.abc import Sequence
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from makegood.exchange.decimal_column import read_decimals
from makegood.exchange.measurements import MeasurementRows, joined
from makegood.model.facts import Facts, Measurements
from makegood.model.problem import Problem
from makegood.store.folder import read_folder
from makegood.store.measurement_files import read_measured, write_measurements
from makegood.store.measuring import MeasuredFiles, merge_measurements

HEADER = "start,end,service,metric,good,valid\n"
Row = tuple[str, int, int, int, str, str]
"""Service, start, end, recorded, good and valid."""


def rows_of(given_rows: Sequence[Row]) -> MeasurementRows:
    parts = [
        MeasurementRows(
            ((service, "requests", "lb"),),
            np.array([i]),
            np.zeros(1, dtype=np.int64),
            np.array([start]),
            np.array([end]),
            np.array([recorded]),
            {"good": read_decimals([good]), "valid": read_decimals([valid])},
        )
        for i, (service, start, end, recorded, good, valid) in enumerate(given_rows)
    ]
    return joined(parts)


def merged(*files: Sequence[Row]) -> tuple[dict[str, tuple[Measurements, ...]], list[Problem]]:
    return merge_measurements(
        [MeasuredFiles((f"{i}.csv",), np.zeros(len(f), dtype=np.int64), rows_of(f)) for i, f in enumerate(files)]
    )


def said(made: Measurements) -> list[tuple[object, ...]]:
    words = ("good", "valid")
    return [
        (
            int(made.start[i]),
            int(made.end[i]),
            *(made.quantities[word].at(i) if word in made.quantities else None for word in words),
            int(made.recorded[i]),
        )
        for i in range(len(made.start))
    ]


def known(made: dict[str, tuple[Measurements, ...]], as_of: int) -> dict[str, list[tuple[object, ...]]]:
    facts = Facts(measurements=made).known_at(as_of)
    return {service: said(one) for service, (one,) in facts.measurements.items() if len(one.start)}


def test_good_of_one_file_and_valid_of_another_are_one_interval() -> None:
    made, problems = merged([("web", 0, 10, 20, "9", "")], [("web", 0, 10, 30, "", "10")])
    assert problems == []
    assert known(made, 30) == {"web": [(0, 10, Fraction(9), Fraction(10), 30)]}
    assert known(made, 29) == {"web": [(0, 10, Fraction(9), None, 20)]}
    assert known(made, 19) == {}


def test_what_is_said_twice_is_known_from_when_it_was_said_first() -> None:
    made, problems = merged([("web", 0, 10, 30, "9", "10")], [("web", 0, 10, 20, "9.0", "1e1")])
    assert problems == []
    assert known(made, 99) == {"web": [(0, 10, Fraction(9), Fraction(10), 20)]}


@pytest.mark.parametrize(
    ("later", "says"),
    [
        (("web", 0, 10, 20, "8", ""), "1970-01-01T00:00:00Z to 1970-01-01T00:00:00.000010Z: good is 8, and 9 in 0.csv"),
        (
            ("web", 5, 15, 20, "", ""),
            "1970-01-01T00:00:00.000005Z to 1970-01-01T00:00:00.000015Z, overlaps "
            "1970-01-01T00:00:00Z to 1970-01-01T00:00:00.000010Z in 0.csv",
        ),
        (
            ("web", 0, 11, 20, "", ""),
            "1970-01-01T00:00:00Z to 1970-01-01T00:00:00.000011Z, overlaps "
            "1970-01-01T00:00:00Z to 1970-01-01T00:00:00.000010Z in 0.csv",
        ),
        (
            ("web", 0, 10, 20, "", "8.5"),
            "1970-01-01T00:00:00Z to 1970-01-01T00:00:00.000010Z: with 0.csv, 9 are good of 8.5 that are valid",
        ),
        (
            ("web", 10, 20, 20, "0.000000000000000001", ""),
            "1970-01-01T00:00:00.000010Z to 1970-01-01T00:00:00.000020Z: good is 0.000000000000000001, and 9 in 0.csv; "
            "together they need more than 18 digits",
        ),
    ],
)
def test_a_row_that_contradicts_an_earlier_one_is_named_and_left_out(later: Row, says: str) -> None:
    first = ("web", 0, 10, 20, "9", "")
    made, problems = merged([first], [later])
    told = [(p.code, p.where.source, p.what) for p in problems]
    assert told == [("evidence-contradicts", "1.csv", f"`requests` of `web` from `lb`, {says}")]
    assert known(made, 99) == {"web": [(0, 10, Fraction(9), None, 20)]}


def test_a_long_interval_clashes_with_all_that_begin_in_it() -> None:
    short: list[Row] = [("web", at, at + 10, 100, "1", "1") for at in (10, 20, 30)]
    _, problems = merged(short, [("web", 5, 25, 101, "1", "1")])
    assert [p.where.source for p in problems] == ["1.csv"]
    _, problems = merged([("web", 5, 25, 101, "1", "1")], [(*r[:3], 102, *r[4:]) for r in short])
    assert [(p.where.source, p.what.count("overlaps")) for p in problems] == [("1.csv", 1)] * 2


ROWS = st.lists(
    st.tuples(
        st.sampled_from(["web", "mail"]),
        st.integers(0, 4).map(lambda n: n * 10),
        st.sampled_from([10, 10, 10, 20]),
        st.integers(100, 103),
        st.sampled_from(["", "", "1", "2", "2.0", "0.5"]),
        st.sampled_from(["", "", "1", "3", "3.00"]),
    )
    .map(lambda r: (r[0], r[1], r[1] + r[2], *r[3:]))
    .filter(lambda r: Fraction(r[4] or "0") <= Fraction(r[5] or "9")),  # one row alone is refused when it is read
    max_size=8,
)


def plainly(given_rows: Sequence[Row], as_of: int) -> dict[str, list[tuple[object, ...]]] | None:
    """The same by looking at every row in the order recorded; None where two contradict each other."""
    found: dict[tuple[str, int, int], dict[str, Fraction]] = {}
    since: dict[tuple[str, int, int], int] = {}
    for service, start, end, recorded, good, valid in sorted(given_rows, key=lambda row: row[3]):
        for other, begin, finish in found:
            if other == service and (begin, finish) != (start, end) and begin < end and start < finish:
                return None
        one = found.setdefault((service, start, end), {})
        news = {word: Fraction(text) for word, text in (("good", good), ("valid", valid)) if text}
        if any(one.get(word, value) != value for word, value in news.items()):
            return None
        if recorded <= as_of and (news.keys() - one.keys() or (service, start, end) not in since):
            since[(service, start, end)] = recorded
        one |= news if recorded <= as_of else {}
        if one.get("good", Fraction(0)) > one.get("valid", Fraction(9)):
            return None
    made: dict[str, list[tuple[object, ...]]] = {}
    for (service, start, end), one in sorted(found.items()):
        if (service, start, end) in since:
            recorded = since[(service, start, end)]
            made.setdefault(service, []).append((start, end, one.get("good"), one.get("valid"), recorded))
    return made


@given(ROWS, st.integers(0, 8), st.integers(100, 103))
def test_files_are_merged_as_one_would_by_hand(given_rows: list[Row], cut: int, as_of: int) -> None:
    expected = plainly(given_rows, 103)
    made, problems = merged(given_rows[:cut], given_rows[cut:])
    assert (problems == []) == (expected is not None)
    if expected is not None:
        assert known(made, 103) == expected
        assert known(made, as_of) == plainly(given_rows, as_of)


@given(ROWS)
def test_what_is_written_is_read_again(tmp_path_factory: pytest.TempPathFactory, given_rows: list[Row]) -> None:
    folder = tmp_path_factory.mktemp("written")
    rows = rows_of(given_rows)
    write_measurements(folder / "m.parquet", rows)
    (again,) = read_measured(folder, ["m.parquet"])
    assert sorted(lines(again.rows)) == sorted(lines(rows))


def lines(rows: MeasurementRows) -> list[tuple[object, ...]]:
    return [
        (
            rows.series[int(rows.of[i])],
            *(int(column[i]) for column in (rows.start, rows.end, rows.recorded)),
            *(q.written(i) for _, q in sorted(rows.quantities.items()) if q.written(i)),
        )
        for i in range(len(rows))
    ]


def place(folder: Path, name: str, content: str) -> None:
    path = folder / name
    path.parent.mkdir(exist_ok=True)
    path.write_text(content, encoding="utf-8")


def test_files_placed_by_hand_are_known_from_the_end_of_their_intervals(tmp_path: Path) -> None:
    row = "2026-02-08T07:00:00Z,2026-02-08T07:05:00Z,web,requests,9,10\n"
    place(tmp_path, "measurements/lb.csv", HEADER + row)
    facts, problems = read_folder(tmp_path)
    assert problems == []
    assert list(facts.digests) == ["measurements/lb.csv"]
    (made,) = facts.measurements["web"]
    assert (made.metric, made.source, made.recorded.tolist()) == ("requests", "lb", made.end.tolist())
    assert made.quantities["good"].at(0) == 9


def test_a_row_that_cannot_be_right_is_told_by_file_and_row(tmp_path: Path) -> None:
    row = "2026-02-08T07:00:00Z,2026-02-08T07:05:00Z,web,requests,11,10\n"
    place(tmp_path, "measurements/lb.csv", HEADER + row)
    _, problems = read_folder(tmp_path)
    assert [(p.code, str(p.where), p.what) for p in problems] == [
        ("evidence-row", "measurements/lb.csv:2:0", "row 2: good: 11 is more than valid, 10")
    ]
