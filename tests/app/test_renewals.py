"""Orders that renew, asked as a person asks: by ranges, by stretches, as of an instant, and with versions that wait."""

from __future__ import annotations

from pathlib import Path

import pytest

from makegood.app.asked_periods import asked_periods
from makegood.app.judging import Docket, judge_in, judge_range, labels, open_docket, world_at
from makegood.model.problem import Refused
from makegood.model.spans import Instant
from tests.app.test_versions import NOTICE, changes, decided, instant, stretches, told
from tests.engine.whole import agreement, order

NOT_RENEWED = """- change: NR-1
  order: {of}
  events: {{non-renewal received: 2026-12-01 09:00 UTC}}
  recorded: 2027-03-10 00:00 UTC
  by: legal
"""
YEARLY = order(more="renews: {for: 12 months, notice: 30 days}")
LATE, EARLY = instant("2027-06-01 00:00 UTC"), instant("2027-03-01 00:00 UTC")


def opened(folder: Path, of: str = YEARLY, facts: str = "") -> Docket:
    (folder / "facts").mkdir(exist_ok=True)
    (folder / "agreement.sla.md").write_text(agreement(), encoding="utf-8")
    (folder / "order.yaml").write_text(of, encoding="utf-8")
    (folder / "facts" / "all.facts.yaml").write_text(facts, encoding="utf-8")
    return open_docket(folder / "agreement.sla.md", folder / "order.yaml", folder / "facts")


def periods(docket: Docket, as_of: Instant, first: str, last: str) -> tuple[list[str], str]:
    """The periods of a range that are judged, and what is said of the first one that is not."""
    answers, problem = judge_range(world_at(docket, as_of), docket, labels(docket, first, last), explain=False)
    return [s.period.label for a in answers for s in a.statements], problem.what if problem else ""


def ending(folder: Path) -> Docket:
    docket = opened(folder)
    return opened(folder, facts=NOT_RENEWED.format(of=docket.order.id))


def test_a_range_goes_on_through_renewals_until_now(tmp_path: Path) -> None:
    found, said = periods(opened(tmp_path), LATE, "2026-11", "2027-12")
    assert found == ["2026-11", "2026-12", "2027-01", "2027-02", "2027-03", "2027-04", "2027-05"]
    assert said == "2027-06 has not begun"


def test_a_range_ends_with_an_order_that_is_not_renewed_once_that_is_known(tmp_path: Path) -> None:
    assert periods(ending(tmp_path), LATE, "2026-11", "2027-12") == (
        ["2026-11", "2026-12"], "the order does not cover 2027-01",
    )  # fmt: skip
    assert periods(ending(tmp_path), EARLY, "2026-12", "2027-02")[0] == ["2026-12", "2027-01", "2027-02"]


def test_a_period_after_the_end_is_refused_with_the_notice_that_ended_it(tmp_path: Path) -> None:
    docket = ending(tmp_path)
    with pytest.raises(Refused) as refused:
        judge_in(world_at(docket, LATE), docket, "2027-02", explain=False)
    (problem,) = refused.value.problems
    assert problem.code == "outside-term"
    assert problem.why.endswith("2026-01-01 to 2026-12-31; it is not renewed (NR-1)")
    assert judge_in(world_at(docket, EARLY), docket, "2027-02", explain=False).statements


def test_the_last_months_are_those_that_the_order_covers_by_what_is_known(tmp_path: Path) -> None:
    docket = ending(tmp_path)
    assert asked_periods(docket, None, "3 months", None, EARLY) == ["2026-12", "2027-01", "2027-02"]
    assert asked_periods(docket, None, "8 months", None, LATE) == ["2026-10", "2026-11", "2026-12"]


def test_a_notice_about_an_order_that_does_not_renew_is_told(tmp_path: Path) -> None:
    of = order()
    docket = opened(tmp_path, of, NOT_RENEWED.format(of=opened(tmp_path, of).order.id))
    assert [p.code for p in docket.warnings] == ["nothing-renews"]
    assert ending(tmp_path).warnings == ()


def test_a_version_that_misses_one_renewal_waits_for_the_next(tmp_path: Path) -> None:
    rules = (changes("take effect: at renewal"), NOTICE.format("30 days"))
    of = order(more="renews: {for: 6 months}")
    in_time = decided(tmp_path, *rules, of=of, facts=told("2026-12-01 09:00 UTC"))
    assert stretches(in_time) == ["2026-01-01 to 2026-12-31", "2027-01-01"]
    missed = decided(tmp_path, *rules, of=of, facts=told("2026-12-02 09:00 UTC"))
    assert stretches(missed) == ["2026-01-01 to 2027-06-30", "2027-07-01"]


def test_an_order_that_keeps_its_version_until_renewal_keeps_it_until_the_first_one(tmp_path: Path) -> None:
    of = order(more="renews: {for: 6 months}\nversion: at order start until renewal")
    found = decided(tmp_path, of=of, versions=("2026-04-01", "2027-02-01"), as_of="2028-01-01 00:00 UTC")
    assert stretches(found) == ["2026-01-01 to 2026-12-31", "2027-01-01 to 2027-01-31", "2027-02-01"]


def test_a_version_never_comes_where_the_order_is_not_renewed(tmp_path: Path) -> None:
    of = order(more="renews: {for: 6 months}")
    notice = NOT_RENEWED.format(of=opened(tmp_path, of).order.id)
    found = decided(tmp_path, changes("take effect: at renewal"), of=of, facts=notice, as_of="2027-04-01 00:00 UTC")
    assert stretches(found) == ["2026-01-01", "not in force"]
    assert found.decided[1].reasons[-1].says.endswith("the order is not renewed after 2026-12-31 (NR-1)")
