import json
from collections.abc import Mapping, Sequence
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest

from makegood.exchange.brought import Brought, Foreign
from makegood.exchange.measurements import MeasurementRows
from makegood.exchange.moments import written
from makegood.exchange.prometheus import read, tells
from makegood.exchange.table import Unreadable

NOW = 1_770_600_000_000_000  # 2026-02-09T01:20:00Z
AT = 1_770_534_000  # 2026-02-08T07:00:00Z
Sample = tuple[float | str, str]


def answer(*series: tuple[Mapping[str, str], Sequence[Any]], **more: Any) -> str:
    result = [{"metric": labels, "values": values} for labels, values in series]
    return json.dumps({"status": "success", "data": {"resultType": "matrix", "result": result}} | more)


def foreign(folder: Path, content: str, names: Mapping[str, str] | None = None, **options: str) -> Foreign:
    path = folder / "requests.json"
    path.write_text(content, encoding="utf-8")
    given = {name.replace("_", "-"): value for name, value in options.items()}
    return Foreign(path, NOW, "anna", names=names or {}, options=given)


def brought(folder: Path, content: str, names: Mapping[str, str] | None = None, /, **options: str) -> Brought:
    return read(foreign(folder, content, names, **options))


def said(rows: MeasurementRows | None) -> list[tuple[object, ...]]:
    assert rows is not None
    return [
        (
            *rows.series[int(rows.of[i])],
            written(int(rows.start[i])),
            written(int(rows.end[i])),
            {word: Fraction(q.written(i)) for word, q in rows.quantities.items()},
        )
        for i in range(len(rows))
    ]


def test_a_sample_tells_of_the_step_before_it(tmp_path: Path) -> None:
    content = answer(({"__name__": "latency", "job": "web"}, [[AT + 60, "0.25"], [AT + 120, "1e-3"]]))
    found = brought(tmp_path, content, service_label="job", **{"as": "p95"})
    assert found.problems == ()
    assert found.notes == ("the step is 60 s, as the samples tell",)
    assert said(found.measurements) == [
        ("web", "latency", "requests", "2026-02-08T07:00:00Z", "2026-02-08T07:01:00Z", {"p95": Fraction(1, 4)}),
        ("web", "latency", "requests", "2026-02-08T07:01:00Z", "2026-02-08T07:02:00Z", {"p95": Fraction(1, 1000)}),
    ]


def test_a_sample_that_is_missing_or_nan_leaves_its_interval_unknown(tmp_path: Path) -> None:
    values = [[AT, "1"], [AT + 60, "1"], [AT + 180, "NaN"], [AT + 240, "2"], [AT + 300, "2"]]
    found = brought(tmp_path, answer(({"__name__": "load"}, values)), {"": "web"})
    assert found.notes == (
        "the step is 60 s, as the samples tell",
        "1 sample is NaN: unknown",
    )
    starts = [row[3] for row in said(found.measurements)]
    assert starts == ["2026-02-08T06:59:00Z", "2026-02-08T07:00:00Z", "2026-02-08T07:03:00Z", "2026-02-08T07:04:00Z"]


def test_milliseconds_are_exact(tmp_path: Path) -> None:
    content = (
        '{"data":{"resultType":"matrix","result":[{"metric":{},"values":[[1770534000.781,"1"],[1770534030.781,"2"]]}]}}'
    )
    found = brought(tmp_path, content, {"": "web"}, metric="load")
    assert [row[4] for row in said(found.measurements)] == [
        "2026-02-08T07:00:00.781000Z",
        "2026-02-08T07:00:30.781000Z",
    ]


def test_labels_are_made_into_our_services_and_sources(tmp_path: Path) -> None:
    values = [[AT, "1"], [AT + 60, "1"]]
    series = [({"job": job, "zone": zone}, values) for job in ("shop-fe", "mail", "lab") for zone in ("eu", "us")]
    names = {"shop-fe": "shop", "mail": "mail"}
    found = brought(tmp_path, answer(*series), names, service_label="job", source_label="zone", metric="load")
    assert found.problems == ()
    assert found.measurements is not None
    assert found.measurements.series == tuple((s, "load", z) for s in ("mail", "shop") for z in ("eu", "us"))
    assert found.notes[-1] == "left out: 1 service that --name does not name, `lab`"


def test_up_becomes_observations_from_each_instance(tmp_path: Path) -> None:
    series = [
        ({"__name__": "up", "job": "web", "instance": "fra"}, [[AT + 60, "1"], [AT + 120, "0"]]),
        ({"__name__": "up", "job": "web", "instance": "iad"}, [[AT + 60, "NaN"], [AT + 120, "1"]]),
    ]
    found = brought(tmp_path, answer(*series), {"web": "web-http"}, service_label="job", **{"as": "up"})
    assert found.problems == ()
    assert found.measurements is None
    o = found.observations
    assert o is not None
    assert (o.checks, o.locations) == (("web-http",), ("fra", "iad"))
    assert list(zip(o.location.tolist(), o.begun.tolist(), o.outcome.tolist(), strict=True)) == [
        (0, AT * 10**6, 0), (0, (AT + 60) * 10**6, 1), (1, AT * 10**6, 2), (1, (AT + 60) * 10**6, 0),
    ]  # fmt: skip


def test_numbers_with_too_many_digits_are_rounded_only_when_asked(tmp_path: Path) -> None:
    values = [[AT, "0.12345678901234567890"], [AT + 60, "0.0000005"], [AT + 120, "-0.0000005"], [AT + 180, "NaN"]]
    content = answer(({"__name__": "load"}, values))
    refused = brought(tmp_path, content, {"": "web"})
    assert [p.what for p in refused.problems] == [
        "data.result[0] has the value `0.12345678901234567890`, which needs more than 18 digits"
    ]
    assert refused.problems[0].hint == "say with --places to how many decimals it is rounded, such as --places 6"
    assert refused.measurements is None
    found = brought(tmp_path, content, {"": "web"}, places="6")
    assert [row[5]["value"] * 10**6 for row in said(found.measurements)] == [123457, 1, -1]  # type: ignore[index]


ONE = ({"__name__": "up", "job": "web"}, [[AT, "1"], [AT + 60, "0"]])


@pytest.mark.parametrize(
    ("series", "options", "says"),
    [
        ([ONE], {}, "--service-label: which label names the service is not said"),
        ([ONE], {"service_label": "pod"}, "data.result[0] has no label `pod`"),
        ([ONE], {"service_label": "job", "as": "start"}, "--as: `start` is no quantity"),
        ([ONE], {"service_label": "job", "places": "x"}, "--places: `x` is no number of decimals"),
        ([ONE], {"service_label": "job", "step": "5m"}, "--step: `5m` could be minutes or months"),
        ([ONE], {"service_label": "job", "step": "7 s"}, "--step: the samples do not lie 7 s apart"),
        ([ONE, ONE], {"service_label": "job"}, "data.result[1] would be one with data.result[0]"),
        ([ONE], {"service_label": "job", "as": "up"}, "data.result[0] names no location: no location is written"),
        ([({"job": "web"}, ONE[1])], {"service_label": "job"}, "data.result[0] names no metric: no metric is written"),
        ([(ONE[0], [[AT, "1"]])], {"service_label": "job"}, "--step: one sample does not tell it"),
        ([], {"service_label": "job"}, "the answer holds no samples"),
        ([(ONE[0], [])], {"service_label": "job"}, "the answer holds no samples"),
        (
            [(ONE[0], [[AT, "1"], [AT + 0.013, "1"], [AT + 15.02, "1"]])],
            {"service_label": "job"},
            "the samples lie at no common step",
        ),
        (
            [(ONE[0], [[AT, "1"], [AT + 60, "+Inf"]])],
            {"service_label": "job"},
            "data.result[0] has the value `+Inf`, which is beyond every number",
        ),
        (
            [(ONE[0], [[AT, "1"], [AT + 60, "x"]])],
            {"service_label": "job"},
            "data.result[0] has the value `x`, which is no number",
        ),
        (
            [(ONE[0], [[AT, "1"], [AT + 60, 1]])],
            {"service_label": "job"},
            "data.result[0] has a sample that is none: values[1]",
        ),
        (
            [(ONE[0], [[AT, "1"], [AT, "1"]])],
            {"service_label": "job"},
            "data.result[0] has samples that are not in order of time",
        ),
        (
            [(ONE[0], [[AT, "-1"], [AT + 60, "1"]])],
            {"service_label": "job", "as": "good"},
            "data.result[0] counts below zero",
        ),
        (
            [(ONE[0] | {"instance": "fra"}, [[AT, "1"], [AT + 60, "0.5"]])],
            {"service_label": "job", "as": "up"},
            "data.result[0] has the value `0.5`",
        ),
        (
            [(ONE[0], [[AT, "1"], [NOW // 10**6 + 240, "1"]])],
            {"service_label": "job"},
            "data.result[0] has a sample at 2026-02-09T01:24:00Z, which lies in the future; it is 2026-02-09T01:20:00Z",
        ),
    ],
)
def test_what_cannot_be_taken_says_why(tmp_path: Path, series: list[Any], options: dict[str, str], says: str) -> None:
    found = brought(tmp_path, answer(*series), **options)
    assert [p.what for p in found.problems] == [says]
    assert (found.measurements, found.observations) == (None, None)


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (
            '{"data":{"resultType":"vector","result":[]}}',
            "the result is a vector, and not a matrix: it tells of one instant: ask /api/v1/query_range for it, with "
            "start, end and step",
        ),
        ('{"data":{}}', "there is no `resultType`, and not a matrix: only a range of samples is read"),
        (
            '{"status":"error","errorType":"bad_data","error":"parse error"}',
            "the server answered with an error: parse error",
        ),
        ("[]", "this is no answer of Prometheus: it should be an object with `status` and `data`"),
        ('{"data"', "the JSON breaks off at line 1, column 8: fetch the file again"),
    ],
)
def test_a_file_that_is_no_range_is_refused_as_a_whole(tmp_path: Path, content: str, says: str) -> None:
    with pytest.raises(Unreadable) as refused:
        brought(tmp_path, content)
    assert str(refused.value) == says


def test_native_histograms_are_refused(tmp_path: Path) -> None:
    series = {"metric": {"job": "web"}, "histograms": [[AT, {"count": "1"}]]}
    content = json.dumps({"data": {"resultType": "matrix", "result": [series]}})
    found = brought(tmp_path, content, service_label="job")
    assert [p.what for p in found.problems] == ["data.result[0] holds native histograms, which are no numbers"]


def test_what_the_server_warned_of_is_passed_on(tmp_path: Path) -> None:
    found = brought(tmp_path, answer(ONE, warnings=["a store did not answer"]), service_label="job")
    assert found.notes[0] == "the server warned: a store did not answer"


def test_it_is_told_by_its_content(tmp_path: Path) -> None:
    assert tells(foreign(tmp_path, answer(ONE)))
    assert not tells(foreign(tmp_path, '{"page": {}, "incidents": []}'))
    assert not tells(foreign(tmp_path, "start,end\n"))
