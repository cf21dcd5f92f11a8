"""What was measured is pinned by what it says: neither later rows nor finer numbers change an earlier statement."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from makegood.app.refusals import strangers
from makegood.exchange.time_column import read_time
from makegood.model.facts import Facts, Measurements
from makegood.store.folder import read_folder
from tests.engine import building as make

HEADER = "start,end,service,metric,good,valid,recorded\n"
FIRST = "2026-02-08T07:00:00Z,2026-02-08T07:05:00Z,web,requests,9,10,2026-02-08T08:00:00Z\n"
LATER = "2026-02-08T07:05:00Z,2026-02-08T07:10:00Z,web,requests,9.125,10,2026-02-09T08:00:00Z\n"
ADDED = "2026-02-08T07:00:00Z,2026-02-08T07:05:00Z,web,requests,,10,2026-02-09T08:00:00Z\n"
GOOD_ONLY = FIRST.replace("9,10", "9,")
NAME = "measurements of web: requests from lb"


def facts(folder: Path, *rows: str) -> Facts:
    (folder / "measurements").mkdir(exist_ok=True)
    (folder / "measurements/lb.csv").write_text(HEADER + "".join(rows), encoding="utf-8")
    found, problems = read_folder(folder)
    assert problems == []
    return found


def pinned(known: Facts, as_of: str = "2026-12-31T00:00:00Z") -> dict[str, str]:
    """The hashes of the facts in a statement as of an instant."""
    at = read_time(as_of)
    assert isinstance(at, int)
    (statement,) = make.judged(make.terms(), known.known_at(at))
    return dict(statement.pins.facts)


def test_measurements_are_pinned_by_service_metric_and_source(tmp_path: Path) -> None:
    assert list(pinned(facts(tmp_path, FIRST))) == [NAME]
    assert pinned(Facts()) == {}


@pytest.mark.parametrize(
    ("old", "new"),
    [("9,10", "8,10"), ("9,10", "9,11"), ("9,10", "9,"), ("07:00:00Z", "07:01:00Z"), ("07:05:00Z", "07:06:00Z")],
)
def test_every_number_and_edge_counts(tmp_path: Path, old: str, new: str) -> None:
    assert pinned(facts(tmp_path, FIRST)) != pinned(facts(tmp_path, FIRST.replace(old, new, 1)))


@pytest.mark.parametrize("more", [LATER, ADDED])
def test_what_is_recorded_later_changes_nothing_of_earlier_statements(tmp_path: Path, more: str) -> None:
    first = GOOD_ONLY if more == ADDED else FIRST
    before = pinned(facts(tmp_path, first))
    after = facts(tmp_path, first, more)
    assert pinned(after, "2026-02-09T07:59:59Z") == before
    assert pinned(after, "2026-02-09T08:00:00Z") != before


def test_how_a_number_is_written_does_not_matter(tmp_path: Path) -> None:
    assert pinned(facts(tmp_path, FIRST)) == pinned(facts(tmp_path, FIRST.replace("9,10", "9.00,1e1")))


def test_a_measurement_of_a_service_that_the_order_does_not_cover_is_refused(tmp_path: Path) -> None:
    known = facts(tmp_path, FIRST, LATER)
    assert strangers(make.order(), known, "facts") == []
    (made,) = known.measurements["web"]
    strange: Measurements = replace(made, service="wep")
    (problem,) = strangers(make.order(), replace(known, measurements={"wep": (strange,)}), "facts")
    assert problem.what == "a measurement of `requests` names the service `wep`, which the order does not cover"
    assert problem.hint.startswith("did you mean `web`?")
