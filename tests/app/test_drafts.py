"""Two agreements compared rule by rule: what differs, what stands alone, and what only stands together."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

import pytest

from makegood.app.asked_periods import lately
from makegood.app.drafts import open_draft, parts_of, together
from makegood.app.judging import Docket, open_docket
from makegood.app.replaying import replay
from makegood.engine.lifetime import lifetime
from makegood.engine.replaying import Replay
from makegood.model.problem import Refused
from makegood.model.spans import SECOND, Instant
from tests.cli.running import AGREEMENT, ORDER, mend, starter

MARCH_2: Instant = 1_772_409_600 * SECOND
"""2026-03-02T00:00:00Z."""
Edit = Callable[[Path], None]


@pytest.fixture
def docket(tmp_path: Path) -> Docket:
    folder = starter(tmp_path / "here")
    return open_docket(folder / AGREEMENT, folder / ORDER, folder / "facts")


def replayed(docket: Docket, tmp_path: Path, *edits: tuple[str, str], instead: Sequence[str] = ()) -> Replay:
    """History under the starter and under an edited copy of it."""
    draft = tmp_path / "draft.sla.md"
    draft.write_text((tmp_path / "here" / AGREEMENT).read_text(encoding="utf-8"), encoding="utf-8")
    for old, new in edits:
        mend(draft, old, new)
    found, _ = replay([docket], open_draft(draft, instead, {}), "2 months", None, MARCH_2)
    return found


def named(found: Replay) -> list[list[str]]:
    return [[c.name for c in one.changes] for one in found.attributed]


def test_each_changed_rule_is_applied_alone_and_the_rest_is_what_they_make_together(
    docket: Docket, tmp_path: Path
) -> None:
    """Alone the row makes 20 EUR 40 and the target makes them none; together there is nothing that the row raises."""
    found = replayed(docket, tmp_path, ("is: at least 99.9 %", "is: at least 99.5 %"), ("gives: 10 %", "gives: 20 %"))
    worth = {one.changes[0].name: one.difference.amounts["EUR"].least for one in found.attributed}
    assert worth == {"monthly-availability": -20_00, "credit-rows": 20_00}
    assert found.remainder.amounts["EUR"].least == -20_00
    assert found.difference.amounts["EUR"].least == -20_00


def test_what_differs_is_told_by_its_path_of_keys(docket: Docket, tmp_path: Path) -> None:
    found = replayed(docket, tmp_path, ("gives: 10 %", "gives: 20 %"), ("holds: 1 h\n", "holds: 2 h\n"))
    differs = {c.name: c.differs for one in found.attributed for c in one.changes}
    assert differs == {
        "credit-rows": (("rows.1.gives", "10 %", "20 %"),),
        "status-log": (("holds", "1 h", "2 h"),),
    }


def test_prose_alone_is_no_change(docket: Docket, tmp_path: Path) -> None:
    found = replayed(docket, tmp_path, ("This is a starter.", "This is a draft."))
    assert found.attributed == ()
    assert not found.difference


def test_a_rule_that_was_renamed_stands_together_with_those_that_name_it(docket: Docket, tmp_path: Path) -> None:
    found = replayed(
        docket,
        tmp_path,
        ("scale: credit-rows", "scale: other-rows"),
        ("amount: credit-rows x service-fee", "amount: other-rows x service-fee"),
        ("gives: 10 %", "gives: 15 %"),
        ("holds: 1 h\n", "holds: 2 h\n"),
    )
    assert sorted(map(sorted, named(found))) == [["credit", "credit-rows", "other-rows"], ["status-log"]]
    assert [one.refused for one in found.attributed] == ["", ""]
    assert found.attributed[0].difference.amounts["EUR"].least == 10_00
    assert not found.remainder


def test_an_exception_laid_over_the_draft_is_a_change_of_its_own(docket: Docket, tmp_path: Path) -> None:
    found = replayed(docket, tmp_path, ("gives: 10 %", "gives: 15 %"), instead=["credit-rows.rows.2.gives=50 %"])
    kinds = {c.kind: c.differs for one in found.attributed for c in one.changes}
    assert kinds["scale"] == (("rows.1.gives", "10 %", "15 %"),)
    assert ("rows.2.gives", "25 %", "50 %") in kinds["instead"]


def test_a_draft_that_cannot_bind_the_order_is_refused_with_the_reason(docket: Docket, tmp_path: Path) -> None:
    with pytest.raises(Refused, match="has no plan"):
        replayed(
            docket, tmp_path, ("provider: Example Hosting", "provider: Example Hosting\nplans: [a, b]"), instead=[]
        )


def test_a_period_that_only_one_side_has_stands_alone(docket: Docket, tmp_path: Path) -> None:
    draft = tmp_path / "draft.sla.md"
    draft.write_text((tmp_path / "here" / AGREEMENT).read_text(encoding="utf-8"), encoding="utf-8")
    mend(draft, "is: calendar month", "is: week")
    found, _ = replay([docket], open_draft(draft, [], {}), "2 months", None, MARCH_2)
    labels = {pair.either.period.label: (pair.before is None, pair.after is None) for pair in found.pairs}
    assert labels["2026-02"] == (False, True)
    assert labels["2026-W07"] == (True, False)


def test_groups_do_not_share_a_change(docket: Docket, tmp_path: Path) -> None:
    draft = tmp_path / "draft.sla.md"
    draft.write_text((tmp_path / "here" / AGREEMENT).read_text(encoding="utf-8"), encoding="utf-8")
    mend(draft, "calendar: office", "calendar: bureau")
    for _ in range(3):
        mend(draft, "in: office", "in: bureau")
    opened = open_draft(draft, [], {})
    groups = together(parts_of(docket.agreement, opened), [docket], opened)
    names = [part.change.name for parts, _ in groups for part in parts]
    assert len(names) == len(set(names))
    assert {why for _, why in groups} == {""}


@pytest.mark.parametrize(
    ("over", "labels"),
    [
        ("2 months", ["2026-01", "2026-02"]),
        ("last 1 month", ["2026-02"]),
        ("12 months", ["2026-01", "2026-02"]),
        ("59 days", ["2026-01", "2026-02"]),
        ("58 days", ["2026-02"]),
    ],
)
def test_a_stretch_counts_back_from_the_end_of_the_last_whole_period(
    docket: Docket, over: str, labels: list[str]
) -> None:
    assert lately(docket.terms, lifetime(docket.order), over, None, MARCH_2) == labels


@pytest.mark.parametrize("over", ["", "months", "0 months", "-1 month", "12", "1.5 months", "99999 years"])
def test_what_is_no_stretch_is_refused(docket: Docket, over: str) -> None:
    with pytest.raises(Refused, match="no length of time"):
        lately(docket.terms, lifetime(docket.order), over, None, MARCH_2)
