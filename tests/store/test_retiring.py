"""Evidence goes when it was kept long enough and nobody holds it; that it went, and what it was, stays in the log."""

from __future__ import annotations

from datetime import date
from fractions import Fraction
from itertools import pairwise

import numpy as np
import pytest
from sqlalchemy import select

from makegood.exchange.parquet_table import connect
from makegood.model.problem import Refused
from makegood.model.spans import DAY, Instant
from makegood.store.checking import check
from makegood.store.folder import read_folder
from makegood.store.opened import Store, opened
from makegood.store.retiring import Hold, Old, hold, holds, months_before, old, release, retire
from makegood.store.sketches import edges
from makegood.store.sql.database import reading
from makegood.store.sql.tables import log, segment
from tests.store.batches import MIDNIGHT, rows
from tests.store.test_archive import said, sealed, take

SPRING = MIDNIGHT + 120 * DAY
"""2026-06-01: latencies of 1 February are old, outcomes are not."""
LATER = MIDNIGHT + 396 * DAY
"""2027-03-04: both are."""


@pytest.fixture
def filled(store: Store) -> Store:
    """Results of 1 February and of 1 March 2026, sealed."""
    take(store, [rows("iad", 1, [(0, "api", 0), (3, "api", 1)], 500), rows("iad", 2, [(28 * 1440, "shop", 0)], 7)])
    sealed(store, MIDNIGHT + 29 * DAY, MIDNIGHT + 29 * DAY)
    return store


def done(store: Store, now: Instant) -> list[Old]:
    return list(retire(store, old(store, now), now, "ops"))


def a_hold(name: str = "dispute", checks: tuple[str, ...] = (), first: Instant = 0, last: Instant = 2**62) -> Hold:
    return Hold(name, "a dispute", checks, (), first, last)


def test_nothing_goes_before_its_time(filled: Store) -> None:
    assert old(filled, MIDNIGHT + 30 * DAY) == []
    assert [one.kind for one in old(filled, SPRING)] == ["latencies"]
    assert [one.kind for one in old(filled, LATER)] == ["outcomes", "latencies", "latencies"]


def test_what_is_retired_is_gone_and_in_the_log_and_said(filled: Store) -> None:
    names = [one.name for one in done(filled, LATER)]
    assert len(names) == 3
    assert not any((filled.folder / name).exists() for name in names)
    with reading(filled.engine) as connection:
        kinds = connection.execute(select(log.c.kind).order_by(log.c.position)).scalars().all()
        kept = connection.execute(select(segment.c.name, segment.c.retired).where(segment.c.name.in_(names))).all()
    assert kinds.count("document/retirement") == 3
    assert all(kinds[position] == "document/retirement" for _, position in kept)
    facts, problems = read_folder(filled.folder)
    assert list(facts.results) == ["shop"]
    assert [p.code for p in problems] == ["evidence-retired"]
    assert "between 2026-02-01T00:00:00Z and 2026-02-01T00:03:00Z" in problems[0].what
    assert check(filled).problems == []
    assert done(filled, LATER) == []


def test_latencies_become_sketches_that_are_near_enough(store: Store) -> None:
    dice = np.random.default_rng(3)
    told = [int(us) for us in dice.lognormal(11, 1, 300)]
    for n, us in enumerate(told):
        take(store, [rows("iad", n + 1, [(n, "api", 0)], us)])
    sealed(store)
    done(store, SPRING)
    with reading(store.engine) as connection:
        name = connection.execute(select(segment.c.name).where(segment.c.kind == "sketches")).scalar_one()
    with connect() as db:
        found = db.execute(
            "select day, least_us, most_us, count from read_parquet($1)", [str(store.folder / name)]
        ).fetchall()
    assert {row[0] for row in found} == {date(2026, 2, 1)}
    assert sum(row[3] for row in found) == 300
    values = sorted(told)
    ranked = [(least + most) // 2 for _, least, most, count in sorted(found) for _ in range(count)]
    for true, near in zip(values, ranked, strict=True):
        assert abs(Fraction(near, true) - 1) <= Fraction(1, 100)


def test_no_bucket_is_wider_than_it_may_be() -> None:
    low = edges().tolist()
    assert low[:4] == [0, 1, 2, 3]
    assert all(most - 1 - least <= least // 50 for least, most in pairwise(low))


def test_what_is_held_stays_until_it_is_released(filled: Store) -> None:
    before = said(filled)
    hold(filled, a_hold(checks=("api",)), SPRING, "ops")
    found = old(filled, LATER)
    assert [(one.kind, one.held) for one in found] == [
        ("outcomes", "dispute"), ("latencies", "dispute"), ("latencies", ""),
    ]  # fmt: skip
    done(filled, LATER)
    assert said(filled) == before
    release(filled, "dispute", "settled", LATER, "ops")
    assert holds(filled) == []
    assert [one.kind for one in done(filled, LATER)] == ["outcomes", "latencies"]


@pytest.mark.parametrize(
    ("one", "held"),
    [
        (a_hold(), True),
        (a_hold(checks=("mail",)), False),
        (a_hold(first=MIDNIGHT + DAY), False),
        (a_hold(last=MIDNIGHT), False),
        (a_hold(first=MIDNIGHT, last=MIDNIGHT + 1), True),
    ],
)
def test_a_hold_keeps_what_it_names(filled: Store, one: Hold, held: bool) -> None:
    hold(filled, one, SPRING, "ops")
    assert bool(old(filled, LATER)[0].held) is held


def test_a_hold_has_a_name_of_its_own_and_only_one_in_force_is_released(filled: Store) -> None:
    hold(filled, a_hold(), SPRING, "ops")
    with pytest.raises(Refused) as refused:
        hold(filled, a_hold(checks=("api",)), SPRING, "ops")
    assert [p.code for p in refused.value.problems] == ["hold-exists"]
    with pytest.raises(Refused) as refused:
        release(filled, "another", "settled", SPRING, "ops")
    assert [p.code for p in refused.value.problems] == ["no-such-hold"]


def test_a_file_that_an_interrupted_retiring_left_goes_with_the_next(
    filled: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patched:
        patched.setattr("makegood.store.retiring.remove_segment", lambda *_: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            done(filled, SPRING)
    (left,) = [
        one for one in (filled.folder / "latencies").iterdir() if one.stat().st_size and not_listed(filled, one.name)
    ]
    done(filled, SPRING)
    assert not left.exists()


def not_listed(store: Store, name: str) -> bool:
    with reading(store.engine) as connection:
        asked = select(segment.c.retired).where(segment.c.name == f"latencies/{name}")
        return connection.execute(asked).scalar() is not None


@pytest.mark.parametrize(
    ("keep", "found"),
    [('outcomes = "forever"', ["latencies", "latencies"]), ('latencies = "20 months"', ["outcomes"])],
)
def test_the_settings_say_how_long(filled: Store, keep: str, found: list[str]) -> None:
    settings = filled.folder / "store.toml"
    settings.write_text(settings.read_text() + f"[keep]\n{keep}\n")
    with opened(filled.folder) as store:
        assert [one.kind for one in old(store, LATER)] == found


@pytest.mark.parametrize("keep", ['records = "1 month"', 'outcomes = "a while"', "outcomes = 13"])
def test_a_length_that_is_none_is_refused(filled: Store, keep: str) -> None:
    settings = filled.folder / "store.toml"
    settings.write_text(settings.read_text() + f"[keep]\n{keep}\n")
    with pytest.raises(Refused) as refused, opened(filled.folder):
        pass
    assert [p.code for p in refused.value.problems] == ["store-settings"]


@pytest.mark.parametrize(
    ("day", "months", "before"),
    [
        (date(2026, 3, 31), 1, date(2026, 2, 28)),
        (date(2028, 3, 30), 1, date(2028, 2, 29)),
        (date(2026, 1, 15), 13, date(2024, 12, 15)),
        (date(2026, 12, 31), 12, date(2025, 12, 31)),
    ],
)
def test_months_are_those_of_the_calendar(day: date, months: int, before: date) -> None:
    assert months_before(day, months) == before
